//! Standard output: text as it is generated, a table, or one JSON object per text.

use std::io::{IsTerminal, Write};

use rnn_tools::cli::generate::{Args, Color};
use rnn_tools::error::{Error, Result};
use rnn_tools::generate::Piece;
use rnn_tools::io;

/// Printed between two texts.
const SEPARATOR: &str = "\n* * *\n\n";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Table,
    Json,
}

/// Standard output, flushed after each piece. Of several texts only the first unfinished one is printed as it grows;
/// the others are buffered.
pub struct Output {
    stdout: std::io::StdoutLock<'static>,
    is_terminal: bool,
    pub has_color: bool,
    format: Format,
    seed_text: String,
    /// The number of the first text, from 1.
    first: u64,
    texts: Vec<Text>,
    /// The index of the text that is being printed.
    current: usize,
}

#[derive(Default)]
struct Text {
    buffered: Vec<Piece>,
    has_begun: bool,
    /// Set when the text is finished; the JSON object if the format is JSON.
    finished: Option<String>,
}

impl Output {
    pub fn new(args: &Args, seed_text: &str) -> Self {
        let stdout = std::io::stdout().lock();
        let is_terminal = stdout.is_terminal();
        let format = match (args.json, args.probs) {
            (true, _) => Format::Json,
            (_, true) => Format::Table,
            _ => Format::Text,
        };
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let has_color = match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !set("NO_COLOR") && !is_dumb,
        };
        Self {
            stdout,
            is_terminal,
            has_color: has_color && format == Format::Text,
            format,
            seed_text: seed_text.into(),
            first: args.first_sample,
            texts: (0..args.samples).map(|_| Text::default()).collect(),
            current: 0,
        }
    }

    /// Prints the seed text.
    pub fn start(&mut self) -> Result<()> {
        self.print_current()
    }

    /// Adds a piece to the text with this index, from 0.
    pub fn piece(&mut self, text: usize, piece: Piece) -> Result<()> {
        self.texts[text].buffered.push(piece);
        if text == self.current { self.print_current() } else { Ok(()) }
    }

    /// Finishes a text; `json` is called if the format is JSON.
    pub fn finish(&mut self, text: usize, json: impl FnOnce() -> String) -> Result<()> {
        self.texts[text].finished = Some(if self.format == Format::Json { json() } else { String::new() });
        while self.current < self.texts.len() && self.texts[self.current].finished.is_some() {
            self.print_current()?;
            match self.format {
                Format::Text => self.raw("\n")?,
                Format::Table => {}
                Format::Json => {
                    let json = self.texts[self.current].finished.take().unwrap_or_default();
                    self.raw(&(json + "\n"))?;
                }
            }
            self.current += 1;
        }
        if self.current < self.texts.len() { self.print_current() } else { Ok(()) }
    }

    /// Prints the buffered pieces of the current text.
    fn print_current(&mut self) -> Result<()> {
        let text = &mut self.texts[self.current];
        let pieces = std::mem::take(&mut text.buffered);
        let begins = !std::mem::replace(&mut text.has_begun, true);
        match self.format {
            Format::Json => Ok(()),
            Format::Table => {
                let mut rows = String::new();
                if begins && self.current == 0 {
                    rows.push_str("sample\tpiece\tprobability\tchosen\trank\n");
                }
                let number = self.first + self.current as u64;
                pieces.iter().for_each(|piece| rows.push_str(&row(number, piece)));
                self.raw(&rows)
            }
            Format::Text => {
                if begins {
                    let separator = if self.current > 0 { SEPARATOR } else { "" };
                    let start = format!("{separator}{}", self.seed_text);
                    self.text(&start)?;
                }
                for piece in pieces {
                    let color = piece.stats.as_ref().filter(|_| self.has_color).and_then(|m| color(m.probability));
                    match color {
                        Some(color) => {
                            let text = self.escaped(&piece.text);
                            self.raw(&format!("\x1b[{color}m{text}\x1b[0m"))?;
                        }
                        None => self.text(&piece.text)?,
                    }
                }
                Ok(())
            }
        }
    }

    fn escaped(&self, text: &str) -> String {
        if self.is_terminal { io::for_terminal(text) } else { text.to_string() }
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let escaped = self.escaped(text);
        self.raw(&escaped)
    }

    fn raw(&mut self, text: &str) -> Result<()> {
        self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()).map_err(Error::stdout)
    }
}

/// Returns the ANSI colour code of a probability; None from 0.5.
fn color(probability: f32) -> Option<u8> {
    match probability {
        p if p >= 0.5 => None,
        p if p >= 0.1 => Some(32),
        p if p >= 0.01 => Some(33),
        p if p >= 0.001 => Some(31),
        _ => Some(35),
    }
}

fn row(sample: u64, piece: &Piece) -> String {
    let text = piece.text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
    let (probability, rank) = piece.stats.as_ref().map_or((f32::NAN, 0), |m| (m.probability, m.rank));
    format!("{sample}\t{text}\t{probability:.6}\t{:.6}\t{rank}\n", piece.probability)
}
