//! Clients that mean no good, and an honest one beside them.

use std::io::{BufReader, Read, Write};
use std::time::{Duration, Instant};

use crate::server::{Answer, Server, post};

fn is_alive(server: &mut Server) {
    assert_eq!(server.get("/health").status, 200);
    assert!(server.has_ended().is_none());
}

#[test]
fn requests_that_end_tiny_http_are_refused() {
    let mut server = Server::start();
    for (head, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000", 413),
        ("POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807", 400),
        ("PRI * HTTP/2.0", 505),
        ("GET / HTTP/2.0\r\nHost: x", 505),
        ("POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4", 400),
        ("POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", 400),
        ("POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: +3", 400),
        ("GET /\u{e9} HTTP/1.1\r\nHost: x", 400),
        ("GET / HTTP/1.1", 400),
    ] {
        let answer = server.send(format!("{head}\r\n\r\n"));
        assert_eq!((answer.status, answer.header("connection")), (status, "close"), "{head:?}");
        assert!(answer.json()["detail"].is_string());
    }
    is_alive(&mut server);
}

#[test]
fn endless_heads_and_bodies_end() {
    let mut server = Server::start();
    let head = server.send(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(20_000)));
    assert_eq!(head.status, 431);
    let mut stream = server.connect();
    stream.write_all(b"POST /generate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    // The server may close before all of it is sent.
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let sent = (0..40).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(sent < 40 || Answer::read(&mut BufReader::new(stream)).status == 413);
    is_alive(&mut server);
}

#[test]
fn two_hundred_idle_connections_and_an_honest_one() {
    let mut server = Server::start();
    let _idle: Vec<_> = (0..200).map(|_| server.connect()).collect();
    let _begun: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET / HT").unwrap();
            stream
        })
        .collect();
    assert_eq!(server.generate(r#"{"seed_text": "the", "num_words": 3}"#).status, 200);
    is_alive(&mut server);
}

/// Out of files tiny_http would be deaf for ever; so there is a bound before that, and who has been
/// silent longest makes room.
#[test]
fn the_oldest_idle_connection_makes_room() {
    let mut server = Server::with_files(80);
    let mut first = server.connect();
    let _more: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for _ in 0..50 {
        is_alive(&mut server);
    }
    assert_eq!(first.read(&mut [0]).unwrap(), 0, "the first connection is closed");
}

/// The deadline holds for the whole head: a byte now and then does not move it.
#[test]
fn a_slow_head_gets_408() {
    let server = Server::start();
    let mut stream = server.connect();
    let start = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut first = [0];
    while stream.read(&mut first).is_err() {
        assert!(start.elapsed() < Duration::from_secs(20));
        let _ = stream.write_all(b"X"); // refused once the server has closed
    }
    let mut answer = BufReader::new(first.chain(stream));
    assert_eq!(Answer::read(&mut answer).status, 408);
    assert!(start.elapsed() >= Duration::from_secs(4));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut stream = BufReader::new(server.connect());
    let many =
        [post(r#"{"seed_text": "the", "num_words": 2}"#), post("{}"), "GET /x HTTP/1.1\r\nHost: x\r\n\r\n".into()];
    stream.get_mut().write_all(many.concat().as_bytes()).unwrap();
    let statuses: Vec<u16> = (0..3).map(|_| Answer::read(&mut stream).status).collect();
    assert_eq!(statuses, [200, 422, 404]);
}
