//! Characters without a form of their own: soft hyphens, zero-width spaces, word joiners and byte order marks.
//! Zero-width joiners and non-joiners stay: Persian, Indian scripts and emoji need them.

/// Removes the invisible characters.
pub fn clean(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split(['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}']);
    out.push_str(parts.next().unwrap_or_default());
    let count = parts.map(|part| out.push_str(part)).count();
    (out, count)
}

#[cfg(test)]
mod tests {
    #[test]
    fn invisible_characters_go_except_joiners() {
        let text = "fer\u{ad}ry\u{200b} \u{feff}bell\u{2060} می\u{200c}خواهم 👩\u{200d}👧";
        assert_eq!(super::clean(text), ("ferry bell می\u{200c}خواهم 👩\u{200d}👧".into(), 4));
    }
}
