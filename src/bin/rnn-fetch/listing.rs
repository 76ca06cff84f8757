//! Lists the catalogue as a table or JSON, and asks which book to fetch.

use std::io::{BufRead, Write};

use rnn_tools::corpus::catalogue::BOOKS;
use rnn_tools::error::{Error, Result};

use crate::location::Location;

/// Returns a table with one line per book: name, title, author, year, language, size.
pub fn table() -> String {
    let head = ["NAME", "TITLE", "AUTHOR", "YEAR", "LANG", "SIZE"].map(String::from);
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(BOOKS.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut table = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let blank = " ".repeat(widths[column] - columns(cell));
            let right = matches!(column, 3 | 5);
            line += &if right { format!("{blank}{cell}  ") } else { format!("{cell}{blank}  ") };
        }
        table += line.trim_end();
        table.push('\n');
    }
    table
}

fn row(book: &rnn_tools::corpus::catalogue::Book) -> [String; 6] {
    let year = if book.year < 0 { format!("{} BC", -book.year) } else { book.year.to_string() };
    let size = format!("{} kB", book.size.div_ceil(1000));
    [book.name.into(), book.title.into(), book.author.into(), year, book.language.into(), size]
}

/// Returns the width of a text in terminal columns; Chinese and Japanese characters take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

pub fn json() -> Result<String> {
    let text = serde_json::to_string_pretty(BOOKS);
    text.map(|text| text + "\n").map_err(|e| Error::failure(format!("cannot write the catalogue as JSON: {e}")))
}

/// Asks which book to fetch. Accepts a number of the displayed list or anything that the command line accepts.
pub fn ask_for_book(input: &mut dyn BufRead, output: &mut dyn Write) -> Result<String> {
    let failed = |e| Error::io("ask on", "the terminal", e);
    for (i, book) in BOOKS.iter().enumerate() {
        writeln!(output, "{:3}  {}, {}", i + 1, book.title, book.author).map_err(failed)?;
    }
    loop {
        write!(output, "Which book? ").and_then(|()| output.flush()).map_err(failed)?;
        let mut answer = String::new();
        if input.read_line(&mut answer).map_err(failed)? == 0 {
            return Err(Error::usage("no book selected"));
        }
        let answer = answer.trim();
        let listed = answer.parse::<usize>().ok().and_then(|n| BOOKS.get(n.checked_sub(1)?));
        if let Some(book) = listed {
            return Ok(book.name.into());
        }
        match Location::parse(answer) {
            Ok(_) => return Ok(answer.into()),
            Err(error) => writeln!(output, "{error}").map_err(failed)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_a_list_number_a_name_or_a_gutenberg_number() {
        let ask = |answers: &str| ask_for_book(&mut answers.as_bytes(), &mut Vec::new());
        assert_eq!(ask("1\n").unwrap(), BOOKS[0].name);
        assert_eq!(ask("gatsby\n").unwrap(), "gatsby");
        assert_eq!(ask("2701\n").unwrap(), "2701");
        assert_eq!(ask("\nnonsense\n0\n alice \n").unwrap(), "alice");
        assert!(ask("nonsense\n").is_err());
    }

    #[test]
    fn table_columns_are_aligned() {
        let table = table();
        assert_eq!(table.lines().count(), BOOKS.len() + 1);
        let at = |line: &str, what: &str| columns(&line[..line.find(what).unwrap()]);
        let lines: Vec<&str> = table.lines().collect();
        let japanese = lines.iter().find(|line| line.starts_with("rashomon")).unwrap();
        assert_eq!(at(lines[0], "AUTHOR"), at(japanese, "芥川"));
    }
}
