//! Reads the whole body of a request before it is forwarded.

use std::time::Instant;

use super::head::Length;
use super::refusal::Refusal;
use super::stream::Connection;
use super::{CloseReason, HttpLimits};

/// The maximum length of a chunk size line with its extensions, or of a trailer line.
const MAX_LINE: usize = 1024;
const MAX_TRAILERS: usize = 16;

pub fn read(connection: &mut Connection, length: Length, limits: &HttpLimits) -> Result<Vec<u8>, CloseReason> {
    let deadline = Instant::now() + limits.body_time;
    match length {
        Length::Known(length) => take(connection, length as usize, deadline), // checked against the limit before
        Length::Chunked => read_chunks(connection, limits, deadline),
    }
}

/// Returns the next `count` bytes. Memory is allocated as bytes arrive, not as they are announced.
fn take(connection: &mut Connection, count: usize, deadline: Instant) -> Result<Vec<u8>, CloseReason> {
    while connection.buffer.len() < count {
        connection.fill(deadline)?;
    }
    Ok(connection.buffer.drain(..count).collect())
}

fn read_chunks(connection: &mut Connection, limits: &HttpLimits, deadline: Instant) -> Result<Vec<u8>, CloseReason> {
    let mut body = Vec::new();
    loop {
        let size = chunk_size(&line(connection, deadline)?)?;
        if size == 0 {
            break;
        }
        if body.len() + size > limits.body_bytes {
            return Err(Refusal::new(413, "Request body too large").into());
        }
        body.extend(take(connection, size, deadline)?);
        if take(connection, 2, deadline)? != b"\r\n" {
            return Err(malformed().into());
        }
    }
    for _ in 0..MAX_TRAILERS {
        if line(connection, deadline)?.is_empty() {
            return Ok(body);
        }
    }
    Err(malformed().into())
}

/// Returns the next line without its line break.
fn line(connection: &mut Connection, deadline: Instant) -> Result<Vec<u8>, CloseReason> {
    let mut searched = 0;
    loop {
        if let Some(end) = connection.find(b"\r\n", &mut searched) {
            let mut line: Vec<u8> = connection.buffer.drain(..end).collect();
            line.truncate(end - 2);
            return Ok(line);
        }
        if connection.buffer.len() > MAX_LINE {
            return Err(malformed().into());
        }
        connection.fill(deadline)?;
    }
}

/// Parses hexadecimal digits and ignores the extensions that may follow.
fn chunk_size(line: &[u8]) -> Result<usize, Refusal> {
    let digits = line.split(|&b| b == b';').next().unwrap_or_default().trim_ascii_end();
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(malformed());
    }
    std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text, 16).ok()).ok_or_else(malformed)
}

fn malformed() -> Refusal {
    Refusal::new(400, "Malformed chunked body")
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;

    /// Reads `bytes` as a chunked body. Returns the body or the status of the error, and the remaining bytes.
    fn dechunk(bytes: &[u8]) -> (Result<Vec<u8>, u16>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut connection = Connection::new(listener.accept().unwrap().0);
        sender.write_all(bytes).unwrap();
        sender.shutdown(Shutdown::Write).unwrap();
        let limits = HttpLimits { body_bytes: 10, body_time: Duration::from_secs(5), ..HttpLimits::for_this_process() };
        let body = read(&mut connection, Length::Chunked, &limits).map_err(|end| match end {
            CloseReason::Refused(refusal) => refusal.status,
            CloseReason::Silent => 0,
        });
        (body, connection.buffer)
    }

    #[test]
    fn chunks_form_a_body_and_later_bytes_remain() {
        let (body, rest) = dechunk(b"3;x=y\r\nabc\r\n02 \r\n\r\n\r\n0\r\nTrailer: x\r\n\r\nGET /");
        assert_eq!((body, rest.as_slice()), (Ok(b"abc\r\n".to_vec()), b"GET /".as_slice()));
    }

    #[test]
    fn malformed_and_oversized_chunks_are_refused() {
        for (bytes, status) in [
            (b"x\r\n".as_slice(), 400),
            (b"\r\n", 400),
            (b"-1\r\n", 400),
            (b"0x3\r\nabc\r\n0\r\n\r\n", 400),
            (b"3\r\nabcd\r\n", 400),
            (b"fffffffff\r\n", 400),
            (b"ffffffff\r\n", 413),
            (b"6\r\nabcdef\r\n5\r\nabcde\r\n", 413),
            (b"3\r\nab", 0),
        ] {
            assert_eq!(dechunk(bytes).0, Err(status), "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
