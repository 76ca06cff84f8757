//! A body as JSON, and where it is none, the fault in the words and at the place that Python's json
//! module gives, since that is what clients of a FastAPI server know.

use serde_json::{Value, json};

/// Deeper nesting is refused, here and by serde_json.
const DEEPEST: usize = 127;

pub enum Unreadable {
    /// Not UTF-8.
    NotText,
    /// A fault in FastAPI's form.
    NotJson(Value),
}

/// An empty body is None.
pub fn read(body: &[u8]) -> Result<Option<Value>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotText)?;
    if text.is_empty() {
        return Ok(None);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map(Some).map_err(|error| {
        let (message, at) = find_fault(text).unwrap_or_else(|| {
            // Python reads more than JSON: NaN, lone surrogates, numbers of any size. FastAPI then fails to
            // write its answer.
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            let byte = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            (words.to_string(), characters(text, (byte + error.column()).saturating_sub(1)))
        });
        Unreadable::NotJson(json!({
            "type": "json_invalid",
            "loc": ["body", at],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": message},
        }))
    })
}

/// The characters before a byte.
fn characters(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|&(at, _)| at < byte).count()
}

/// The fault that Python finds, and the character at which it finds it.
fn find_fault(text: &str) -> Option<(String, usize)> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    let result = scan.blanks().value(0).and_then(|()| {
        scan.blanks();
        if scan.at == text.len() { Ok(()) } else { Err(("Extra data", scan.at)) }
    });
    result.err().map(|(message, byte)| (message.to_string(), characters(text, byte)))
}

type Fault = (&'static str, usize);

/// Follows json.scanner and json.decoder step by step, since the place that is blamed depends on the way.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) -> &mut Self {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(("Nested too deeply", self.at));
        }
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            _ => {
                let words = [&b"null"[..], b"true", b"false", b"NaN", b"Infinity", b"-Infinity"];
                match words.iter().find(|word| self.bytes[self.at..].starts_with(word)) {
                    Some(word) => self.at += word.len(),
                    None => self.number()?,
                }
                Ok(())
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        if self.blanks().eat(b'}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(("Expecting property name enclosed in double quotes", self.at));
            }
            self.string()?;
            if !self.blanks().eat(b':') {
                return Err(("Expecting ':' delimiter", self.at));
            }
            self.blanks().value(depth + 1)?;
            if self.blanks().eat(b'}') {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(("Expecting ',' delimiter", self.at));
            }
            self.blanks();
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        if self.blanks().eat(b']') {
            return Ok(());
        }
        loop {
            self.blanks().value(depth + 1)?;
            if self.blanks().eat(b']') {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(("Expecting ',' delimiter", self.at));
            }
        }
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let unterminated = ("Unterminated string starting at", start);
        self.at += 1;
        loop {
            match self.peek().ok_or(unterminated)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape(unterminated)?,
                0..=0x1f => return Err(("Invalid control character at", self.at)),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self, unterminated: Fault) -> Result<(), Fault> {
        let start = self.at;
        self.at += 2;
        match self.bytes.get(start + 1) {
            None => Err(unterminated),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(("Invalid \\uXXXX escape", start + 1));
                }
                self.at += 4;
                Ok(())
            }
            Some(_) => Err(("Invalid \\escape", start)),
        }
    }

    /// `-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?`, as much of it as there is.
    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(("Expecting value", start));
        }
        let integer = self.at;
        if self.eat(b'.') && self.digits() == 0 {
            self.at = integer;
        }
        let mantissa = self.at;
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'-') || self.eat(b'+');
            if self.digits() == 0 {
                self.at = mantissa;
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(body: &str) -> Option<(String, u64)> {
        match read(body.as_bytes()) {
            Ok(_) => None,
            Err(Unreadable::NotText) => panic!("it is text"),
            Err(Unreadable::NotJson(fault)) => {
                Some((fault["ctx"]["error"].as_str().unwrap().into(), fault["loc"][1].as_u64().unwrap()))
            }
        }
    }

    #[test]
    fn what_python_reads_and_json_does_not_allow_is_refused_too() {
        for body in ["NaN", r#"{"a":-Infinity}"#, r#""\ud800""#, "[1e999]", &"[".repeat(200)] {
            assert!(fault(body).is_some(), "{body}");
        }
        let (words, at) = fault("{\"é\":\n [1e999]}").unwrap();
        assert!(words.contains("out of range") && (7..=12).contains(&at), "{words} {at}");
    }

    #[test]
    fn the_empty_body_is_nothing_and_a_byte_order_mark_is_not_in_the_way() {
        assert!(matches!(read(b""), Ok(None)));
        assert!(matches!(read("\u{feff}{}".as_bytes()), Ok(Some(_))));
        assert!(matches!(read(b"\"\xff\""), Err(Unreadable::NotText)));
    }
}
