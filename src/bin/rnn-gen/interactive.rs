//! Interactive generation: the model suggests words, the user chooses. Line by line, so that it works in a pipe.

use std::io::{BufRead, IsTerminal, Write};

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{Ensemble, Generation, Piece, Scratch, token_stats};
use rnn_tools::io;
use rnn_tools::sampling::top_k;
use rnn_tools::text::Typed;

/// The default number of suggestions.
const BEST: usize = 6;

/// The number of characters of the text that are shown.
const SHOWN: usize = 400;

const HELP: [&str; 7] = [
    "3      take the third word",
    "Enter  let the model generate a word",
    "+20    let the model generate 20 words",
    "text   type text; start it with a space if it looks like a command",
    "-      undo the last step; -5 the last five",
    ":q     print the text and quit; so does the end of the input",
    "?      show this help",
];

enum Command {
    Take(usize),
    Write(usize),
    Undo(usize),
    Type(String),
    Help,
    Quit,
}

impl Command {
    fn parse(line: &str, best: usize) -> Self {
        let number = |text: &str| if text.is_empty() { Some(1) } else { text.parse::<usize>().ok().filter(|n| *n > 0) };
        match line {
            "" => return Self::Write(1),
            ":q" => return Self::Quit,
            "?" => return Self::Help,
            _ => {}
        }
        if let Some(count) = line.strip_prefix('+').and_then(number) {
            return Self::Write(count);
        }
        if let Some(count) = line.strip_prefix('-').and_then(number) {
            return Self::Undo(count);
        }
        match line.parse() {
            Ok(at) if (1..=best).contains(&at) => Self::Take(at - 1),
            _ => Self::Type(line.into()),
        }
    }
}

/// Runs the dialogue and returns the pieces of the text. Suggestions are shown on standard error.
pub fn run<'a>(
    ensemble: &mut Ensemble<'a>,
    mut generation: Generation<'a>,
    seed_text: &str,
    best: Option<usize>,
) -> Result<(Vec<Piece>, Generation<'a>)> {
    let best = best.unwrap_or(BEST).max(1);
    let mut lines = std::io::stdin().lock().lines();
    let mut screen = Screen { is_terminal: std::io::stderr().is_terminal() };
    let (mut scratch, mut pieces, mut steps) = (Scratch::default(), Vec::<Piece>::new(), Vec::new());
    screen.print("type a number to take a word, Enter to let the model choose, ? for help");
    loop {
        let mut raw = ensemble.predict(&mut [&mut generation]).to_vec();
        let logits = raw.clone();
        generation.sequence.process_logits(&mut raw);
        let choices: Vec<(u32, f32)> =
            top_k(&raw, best).into_iter().map(|token| (token, token_stats(&logits, token, 0).probability)).collect();
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        screen.show(&format!("{seed_text}{text}"), &choices, &generation);
        let Some(line) = lines.next() else { break };
        let line = line.map_err(|e| Error::io("read", io::STREAM, e))?;
        let (before, length) = (generation.clone(), pieces.len());
        match Command::parse(&line, best) {
            Command::Quit => break,
            Command::Help => HELP.iter().for_each(|line| screen.print(&format!("  {line}"))),
            Command::Undo(count) => {
                let count = count.min(steps.len());
                if count == 0 {
                    screen.print("nothing to undo");
                } else if let Some((earlier, length)) = steps.drain(steps.len() - count..).next() {
                    generation = earlier;
                    pieces.truncate(length);
                }
                continue;
            }
            Command::Take(at) => match choices.get(at) {
                Some(&(token, probability)) => accept(&mut generation, &logits, token, probability),
                None => screen.print("no such suggestion"),
            },
            Command::Write(count) => {
                let aim = generation.sequence.words() + count;
                while generation.sequence.words() < aim && !generation.sequence.is_finished() {
                    let logits = ensemble.predict(&mut [&mut generation]);
                    generation.sequence.sample(logits, &mut scratch);
                }
            }
            Command::Type(text) => {
                let typed = generation.sequence.tokenizer().typed(&text);
                let unknown: Vec<String> = typed
                    .iter()
                    .filter_map(|piece| match piece {
                        Typed::Unknown(word) => Some(format!("{word:?}")),
                        Typed::Known(_) => None,
                    })
                    .collect();
                if unknown.is_empty() {
                    for piece in typed {
                        let Typed::Known(token) = piece else { continue };
                        let logits = ensemble.predict(&mut [&mut generation]).to_vec();
                        accept(&mut generation, &logits, token, 1.0);
                    }
                } else {
                    screen.print(&format!("not in the vocabulary: {}", unknown.join(", ")));
                }
            }
        }
        pieces.extend(std::iter::from_fn(|| generation.sequence.next_piece()));
        if pieces.len() > length {
            steps.push((before, length));
        }
        if generation.sequence.is_finished() {
            break;
        }
    }
    if screen.is_terminal {
        screen.print("");
    }
    // Pieces that were held back in case a stop string follows.
    pieces.extend(generation.sequence.flush());
    Ok((pieces, generation))
}

/// Adds a token chosen by the user.
fn accept(generation: &mut Generation, logits: &[f32], token: u32, probability: f32) {
    if !generation.sequence.is_finished() {
        generation.sequence.accept(token, probability, Some(token_stats(logits, token, 0)));
    }
}

struct Screen {
    is_terminal: bool,
}

impl Screen {
    /// Ignores errors: there is nowhere to report that standard error is closed.
    fn write(&mut self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    fn print(&mut self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    fn show(&mut self, text: &str, choices: &[(u32, f32)], generation: &Generation) {
        let begin = text.char_indices().rev().nth(SHOWN).map_or(0, |(at, _)| at);
        let shown = format!("{}{}", if begin > 0 { "…" } else { "" }, &text[begin..]);
        let (bold, dim, plain) = if self.is_terminal { ("\x1b[1m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
        let words: Vec<String> = (1..)
            .zip(choices)
            .map(|(number, &(token, probability))| {
                let piece = generation.sequence.tokenizer().piece(token).replace('\n', "⏎");
                let piece = if piece.trim().is_empty() { format!("{piece:?}") } else { piece.trim().to_string() };
                format!("{dim}{number}{plain} {} {dim}{:.0} %{plain}", io::for_terminal(&piece), 100.0 * probability)
            })
            .collect();
        let prompt = if self.is_terminal { "> " } else { "" };
        self.write(&format!("\n{bold}{}{plain}\n  {}\n{prompt}", io::for_terminal(&shown), words.join("   ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_or_text() {
        let parse = |line| match Command::parse(line, 6) {
            Command::Take(at) => format!("take {at}"),
            Command::Write(count) => format!("write {count}"),
            Command::Undo(count) => format!("undo {count}"),
            Command::Type(text) => format!("type {text}"),
            Command::Help => "help".into(),
            Command::Quit => "quit".into(),
        };
        for (line, expected) in [
            ("", "write 1"),
            ("3", "take 2"),
            ("7", "type 7"),
            ("+20", "write 20"),
            ("+5", "write 5"),
            ("-", "undo 1"),
            ("-5", "undo 5"),
            (":q", "quit"),
            ("?", "help"),
            (" 3", "type  3"),
            ("the cat", "type the cat"),
            ("—", "type —"),
            ("+x", "type +x"),
        ] {
            assert_eq!(parse(line), expected);
        }
    }
}
