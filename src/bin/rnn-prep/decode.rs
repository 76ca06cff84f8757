//! Converts token files back to text.

use std::io::IsTerminal;
use std::path::Path;

use rnn_tools::cli::prep::DecodedPart;
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::io;
use rnn_tools::text::Decoder;

/// Writes the text of one part, or of all parts in order. Parts from separate files start on lines of their own.
pub fn decode(path: &Path, part: DecodedPart, output: &Path) -> Result<()> {
    let file = TokenFile::read(path)?;
    let split = &file.prep.split;
    let continues = [true, split.valid > 0.0, split.test > 0.0];
    let names = [DecodedPart::Train, DecodedPart::Valid, DecodedPart::Test];
    let parts: Vec<(&[u32], bool)> = (names.iter().zip(file.parts()).zip(continues))
        .filter(|((name, (_, ids)), _)| [**name, DecodedPart::All].contains(&part) && !ids.is_empty())
        .map(|((_, (_, ids)), continues)| (ids, continues))
        .collect();
    if parts.is_empty() {
        return Err(Error::file(path, "the part is empty").hint("--split all prints the whole text"));
    }
    let escape = io::is_stream(output) && std::io::stdout().is_terminal();
    io::write(output, |out| {
        let mut decoder = Decoder::new(&file.tokenizer, None);
        let mut ends_line = true;
        let mut write = |text: &str, ends_line: &mut bool| {
            if !text.is_empty() {
                *ends_line = text.ends_with('\n');
            }
            if escape { out.write_all(io::for_terminal(text).as_bytes()) } else { out.write_all(text.as_bytes()) }
        };
        for (ids, continues) in parts {
            if !continues {
                write(decoder.rest(), &mut ends_line)?;
                decoder = Decoder::new(&file.tokenizer, None);
                if !ends_line {
                    write("\n", &mut ends_line)?;
                }
            }
            for &id in ids {
                write(&decoder.push(id), &mut ends_line)?;
            }
        }
        write(decoder.rest(), &mut ends_line)
    })
}
