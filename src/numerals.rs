//! Numbers as people and files write them.

/// The digits of a decimal number with its thousands apart: `1234567.5` as `1,234,567.5`.
pub fn grouped(digits: &str) -> String {
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

/// `1234567` as `1,234,567`.
pub fn count(number: usize) -> String {
    grouped(&number.to_string())
}

/// Two hexadecimal digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(grouped("1234.5678"), "1,234.5678");
    }

    #[test]
    fn bytes_have_two_digits() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
