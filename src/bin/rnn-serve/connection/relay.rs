//! Relays a response while it is generated, and checks that the client is still connected.

use std::io::{ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::stream::Connection;
use crate::clients::{Client, POLL_INTERVAL};

/// Relays a response; with `closes`, a header announces that the connection ends after it. A client that disconnects,
/// or does not receive a piece within `write_time`, is marked as gone, and the rest of the response is read and
/// dropped: it ends soon, since the handlers check the mark, and until then the request counts as in progress. Returns
/// whether the client received the whole response.
pub fn relay(
    mut upstream: UnixStream,
    connection: &mut Connection,
    client: &Client,
    closes: bool,
    write_time: Duration,
) -> bool {
    if upstream.set_read_timeout(Some(POLL_INTERVAL)).is_err() {
        client.set_gone();
        return false;
    }
    // The start of the response until it contains the status line, after which the header is inserted.
    let mut start = closes.then(Vec::new);
    let mut bytes = [0; 8192];
    loop {
        let piece = match upstream.read(&mut bytes) {
            Ok(0) => return client.is_answered() && !client.is_gone(),
            Ok(count) => &bytes[..count],
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                if !client.is_gone() && connection.is_gone() {
                    client.set_gone();
                }
                continue;
            }
            Err(_) => return false,
        };
        if client.is_gone() {
            continue;
        }
        let deadline = Instant::now() + write_time;
        let written = match start.take() {
            None => connection.write(piece, deadline),
            Some(mut head) => {
                head.extend_from_slice(piece);
                match head.windows(2).position(|pair| pair == b"\r\n") {
                    None => {
                        start = Some(head);
                        continue;
                    }
                    Some(end) => {
                        head.splice(end..end, *b"\r\nConnection: close");
                        connection.write(&head, deadline)
                    }
                }
            }
        };
        if written.is_err() {
            client.set_gone();
        }
    }
}
