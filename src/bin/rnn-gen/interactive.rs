//! Writing together: the model proposes, a person chooses. Line by line, so that it works through a pipe too.

use std::io::{BufRead, IsTerminal, Write};

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{Ensemble, Generation, Piece, Scratch, token_stats};
use rnn_tools::io;
use rnn_tools::sampling::top_k;
use rnn_tools::text::Typed;

/// Words to choose from, where nobody said how many.
const BEST: usize = 6;

/// Characters of the text that are shown before the choice.
const SHOWN: usize = 400;

const HELP: [&str; 7] = [
    "3      take the third word",
    "Enter  let the model choose a word",
    "+20    let it write 20 words",
    "text   write it yourself; begin it with a blank if it looks like a command",
    "-      take the last step back; -5 the last five",
    ":q     end, and print the text; so does the end of the input",
    "?      show this",
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

/// Lets a person write; gives the pieces in the end. Choices are shown on standard error.
pub fn run<'a>(
    ensemble: &mut Ensemble<'a>,
    mut generation: Generation<'a>,
    seed_text: &str,
    best: Option<usize>,
) -> Result<(Vec<Piece>, Generation<'a>)> {
    let best = best.unwrap_or(BEST).max(1);
    let mut lines = std::io::stdin().lock().lines();
    let mut screen = Screen { is_terminal: std::io::stderr().is_terminal() };
    let (mut scratch, mut pieces, mut past) = (Scratch::default(), Vec::<Piece>::new(), Vec::new());
    screen.say("a number takes a word, Enter lets the model choose, ? is for help");
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
            Command::Help => HELP.iter().for_each(|line| screen.say(&format!("  {line}"))),
            Command::Undo(count) => {
                let count = count.min(past.len());
                if count == 0 {
                    screen.say("there is nothing to take back");
                } else if let Some((earlier, length)) = past.drain(past.len() - count..).next() {
                    generation = earlier;
                    pieces.truncate(length);
                }
                continue;
            }
            Command::Take(at) => match choices.get(at) {
                Some(&(token, probability)) => accept(&mut generation, &logits, token, probability),
                None => screen.say("there is no such word"),
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
                    screen.say(&format!("the model does not know {}", unknown.join(", ")));
                }
            }
        }
        pieces.extend(std::iter::from_fn(|| generation.sequence.next_piece()));
        if pieces.len() > length {
            past.push((before, length));
        }
        if generation.sequence.is_finished() {
            break;
        }
    }
    if screen.is_terminal {
        screen.say("");
    }
    // What is held back for what might have followed.
    pieces.extend(generation.sequence.flush());
    Ok((pieces, generation))
}

/// A token that a person has chosen.
fn accept(generation: &mut Generation, logits: &[f32], token: u32, probability: f32) {
    if !generation.sequence.is_finished() {
        generation.sequence.accept(token, probability, Some(token_stats(logits, token, 0)));
    }
}

struct Screen {
    is_terminal: bool,
}

impl Screen {
    /// Nobody is left to be told where standard error is gone.
    fn write(&mut self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    fn say(&mut self, text: &str) {
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
