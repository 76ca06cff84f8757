//! Formatting of numbers.

/// Groups the digits of a decimal number by thousands: `1234567.5` becomes `1,234,567.5`.
pub fn group_thousands(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// Formats an integer with grouped thousands: `1,234,567`.
pub fn count(number: usize) -> String {
    group_thousands(&number.to_string())
}

/// Formats a number with a fixed number of decimals and grouped thousands.
pub fn decimal(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().any(|c| ('1'..='9').contains(&c)) => format!("−{}", group_thousands(rest)),
        Some(rest) => group_thousands(rest), // no negative zero
        None => group_thousands(&text),
    }
}

/// Formats a number with about four significant digits.
pub fn significant(number: f64) -> String {
    match number.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e9).contains(&size) => scientific(number),
        size => {
            let text = decimal(number, (3 - size.log10().floor() as i32).clamp(0, 7) as usize);
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
        }
    }
}

/// Formats a number in scientific notation: 1.5 × 10⁻⁷.
pub fn scientific(number: f64) -> String {
    let text = format!("{number:.1e}");
    let (mantissa, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let raised = |c: char| match c {
        '-' => '⁻',
        c => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][c.to_digit(10).unwrap_or(0) as usize],
    };
    let exponent: String = exponent.chars().map(raised).collect();
    format!("{} × 10{exponent}", mantissa.trim_end_matches(".0").replace('-', "−"))
}

/// Formats a loss in nats with a useful number of decimals.
pub fn loss(loss: f64) -> String {
    let decimals = match loss.abs() {
        size if size < 0.1 => 4,
        size if size < 100.0 => 3,
        _ => 0,
    };
    decimal(loss, decimals)
}

/// Formats the perplexity of a loss with about three significant digits.
pub fn perplexity(loss: f64) -> String {
    match loss.exp() {
        p if p >= 1e7 => "over 10 million".into(),
        p if p >= 100.0 => decimal(p, 0),
        p if p >= 10.0 => decimal(p, 1),
        p => decimal(p, 2),
    }
}

/// Formats a fraction as a percentage.
pub fn percent(fraction: f64) -> String {
    let percent = 100.0 * fraction;
    format!("{}%", decimal(percent, if percent.abs() < 1.0 { 2 } else { 1 }))
}

/// Formats a number with the singular or plural of a noun.
pub fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Formats a size in bytes, kB, MB, GB or TB, with one to three digits before the decimal point.
pub fn bytes(number: usize) -> String {
    let mut size = number as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size < 999.5 {
            return format!("{} {unit}", decimal(size, if unit == "bytes" || size >= 99.95 { 0 } else { 1 }));
        }
        size /= 1000.0;
    }
    format!("{} TB", decimal(size, 1))
}

/// Formats bytes with two hexadecimal digits each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(group_thousands("1234.5678"), "1,234.5678");
    }

    #[test]
    fn numbers_have_useful_decimals() {
        assert_eq!(decimal(-1234.5, 1), "−1,234.5");
        assert_eq!(decimal(-0.0001, 2), "0.00");
        assert_eq!(
            [1234.5, 0.25, 12.0, 2e-7, -3e12].map(significant),
            ["1,234", "0.25", "12", "2 × 10⁻⁷", "−3 × 10¹²"]
        );
        assert_eq!([4.81249, 0.01234, 1234.5].map(loss), ["4.812", "0.0123", "1,234"]);
        assert_eq!([0.0, 3.0, 5.0, 9.0, 900.0].map(perplexity), ["1.00", "20.1", "148", "8,103", "over 10 million"]);
        assert_eq!([percent(0.2345), percent(0.001234), percent(1.0)], ["23.4%", "0.12%", "100.0%"]);
        assert_eq!(
            [bytes(999), bytes(1500), bytes(999_600), bytes(123_456_789)],
            ["999 bytes", "1.5 kB", "1.0 MB", "123 MB"]
        );
    }

    #[test]
    fn hex_has_two_digits_per_byte() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
