//! Error responses of the front end itself, to requests that are not forwarded. They end the connection.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use serde_json::json;

pub struct Refusal {
    pub status: u16,
    pub detail: &'static str,
}

impl Refusal {
    pub fn new(status: u16, detail: &'static str) -> Self {
        Self { status, detail }
    }

    /// Sends as much of the response as possible without blocking.
    pub fn send_at_once(&self, mut socket: &TcpStream, any_origin: bool) {
        if socket.set_nonblocking(true).is_ok() {
            let _ = socket.write(&self.bytes(any_origin));
            let _ = socket.shutdown(Shutdown::Write);
        }
    }

    pub fn bytes(&self, any_origin: bool) -> Vec<u8> {
        let body = json!({ "detail": self.detail }).to_string();
        let retry = if self.status == 503 { "Retry-After: 1\r\n" } else { "" };
        let origin = if any_origin { "Access-Control-Allow-Origin: *\r\n" } else { "" };
        format!(
            "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{retry}{origin}\
             Connection: close\r\n\r\n{body}",
            self.status,
            reason(self.status),
            body.len()
        )
        .into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        408 => "Request Timeout",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Service Unavailable",
    }
}
