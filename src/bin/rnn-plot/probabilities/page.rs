//! Renders the text as a self-contained HTML page that shows the probability of the token under the pointer.

use std::fmt::Write;

use plotters::style::RGBColor;

use super::{CLASSES, Probabilities, Token, class, color};
use crate::theme::Theme;
use crate::wording::escaped;
use rnn_tools::format;

fn css(RGBColor(r, g, b): RGBColor) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

pub fn page(picture: &Probabilities, theme: &Theme) -> String {
    let mut style = format!(
        "body {{ margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: {}; color: {}; \
         font: 1.1rem/1.7 sans-serif; }}\n\
         h1 {{ font-size: 1.5rem; }}\n.quiet {{ color: {}; }}\n\
         .text {{ white-space: pre-wrap; overflow-wrap: anywhere; }}\n\
         .key span {{ padding: 0.2rem 0.6rem; margin-right: 0.5rem; border: 1px solid {}; border-radius: 0.3rem; \
         white-space: nowrap; }}\n",
        css(theme.page),
        css(theme.ink),
        css(theme.quiet),
        css(theme.axis)
    );
    let mut key = String::new();
    for (i, (_, words, _)) in CLASSES.iter().enumerate() {
        let background = color(theme, i);
        writeln!(style, ".p{i} {{ background: {}; color: {}; }}", css(background), css(theme.ink_on(background)))
            .expect("writing to a string cannot fail");
        write!(key, "<span class=\"p{i}\">{words}</span>").expect("writing to a string cannot fail");
    }
    let texts: String = picture
        .texts
        .iter()
        .map(|tokens| format!("<p class=\"text\">{}</p>\n", tokens.iter().map(span).collect::<String>()))
        .collect();
    let subject = escaped(&picture.subject());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Probabilities: {subject}</title>\n\
         <style>\n{style}</style>\n</head>\n<body>\n<h1>Probabilities</h1>\n<p class=\"quiet\">{subject}</p>\n\
         <p class=\"key\">{key}</p>\n{texts}</body>\n</html>\n"
    )
}

fn span(token: &Token) -> String {
    // HTML does not allow control characters
    let text: String =
        token.text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect();
    let text = escaped(&text);
    match token.probability {
        Some(p) => format!("<span class=\"p{}\" title=\"{}\">{text}</span>", class(p), percentage(p)),
        None => format!("<span class=\"quiet\">{text}</span>"),
    }
}

fn percentage(probability: f64) -> String {
    let percent = 100.0 * probability;
    format!(
        "{}%",
        if percent >= 0.01 {
            format::decimal(percent, if percent < 1.0 { 2 } else { 1 })
        } else {
            format::significant(percent)
        }
    )
}
