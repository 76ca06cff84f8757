//! Hostile and broken clients, and a well-behaved client at the same time.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rnn_tools::random::Rng;

use crate::server::{Answer, Server, TIMEOUT, post, post_to, read_chunk, wait_until};

fn assert_alive(server: &mut Server) {
    assert_eq!(server.get("/health").status, 200);
    assert!(server.has_ended().is_none());
}

#[test]
fn requests_that_crash_tiny_http_are_refused() {
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
    assert_alive(&mut server);
}

#[test]
fn endless_heads_and_bodies_are_refused() {
    let mut server = Server::start();
    let head = server.send(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(20_000)));
    assert_eq!(head.status, 431);
    let mut stream = server.connect();
    stream.write_all(b"POST /generate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    // The server may close the connection before everything is sent.
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let sent = (0..40).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(sent < 40 || Answer::read(&mut BufReader::new(stream)).status == 413);
    assert_alive(&mut server);
}

#[test]
fn idle_connections_do_not_block_a_request() {
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
    assert_alive(&mut server);
}

/// tiny_http stops accepting for good when it runs out of file descriptors, so the number of connections is limited,
/// and the one that has been idle longest is closed.
#[test]
fn the_oldest_idle_connection_is_closed_at_the_limit() {
    let mut server = Server::with_files(80);
    let mut first = server.connect();
    let _more: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for _ in 0..50 {
        assert_alive(&mut server);
    }
    assert_eq!(first.read(&mut [0]).unwrap(), 0, "the first connection is closed");
}

/// Sends `head`, then one byte at a time, slowly, and returns the response.
fn trickle(head: &str) -> Answer {
    let server = Server::start();
    let mut stream = server.connect();
    let start = Instant::now();
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut first = [0];
    while stream.read(&mut first).is_err() {
        assert!(start.elapsed() < TIMEOUT);
        let _ = stream.write_all(b" "); // fails once the server has closed the connection
    }
    Answer::read(&mut BufReader::new(first.chain(stream)))
}

/// The deadlines apply to the whole head and the whole body: sending single bytes does not extend them.
#[test]
fn slow_requests_get_408() {
    assert_eq!(trickle("GET / HTTP/1.1\r\nHost: x\r\nX: ").status, 408);
    assert_eq!(trickle("POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{").status, 408);
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

#[test]
fn disconnected_clients_leak_no_threads_or_files() {
    let mut server = Server::start();
    assert_alive(&mut server);
    let request = post(r#"{"seed_text": "the", "num_words": 200, "num_samples": 4, "stream": true}"#);
    let before = server.resources();
    for round in 0..300 {
        let mut stream = server.connect();
        match round % 3 {
            0 => stream.write_all(request.as_bytes()).unwrap(),
            1 => stream.write_all(&request.as_bytes()[..round % request.len()]).unwrap(),
            // The response arrives and is not read, so that closing resets the connection.
            _ => {
                stream.write_all(b"GET /docs HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                let _ = stream.peek(&mut [0]);
            }
        }
    }
    assert_alive(&mut server);
    // Some idle threads remain for a while.
    wait_until("threads and files are as before", || {
        let now = server.resources();
        now.0 <= before.0 + 8 && now.1 <= before.1 + 4
    });
}

#[test]
fn two_thousand_idle_connections_do_not_block_a_request() {
    let mut server = Server::start();
    let mut idle = Vec::new();
    for _ in 0..2000 {
        match TcpStream::connect(server.address) {
            Ok(stream) => idle.push(stream),
            Err(_) => break, // this process has a limit too
        }
    }
    assert!(idle.len() > 500, "{}", idle.len());
    // Frees a file descriptor of this process for the next client.
    idle.pop();
    assert_alive(&mut server);
    assert_eq!(server.generate(r#"{"seed_text": "the", "num_words": 3}"#).status, 200);
}

#[test]
fn a_flood_of_pipelined_requests_is_answered_one_by_one() {
    let mut server = Server::start();
    let mut stream = server.connect();
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let flood = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20_000);
    // The server stops reading from a client that does not read its responses.
    let _ = stream.write_all(flood.as_bytes());
    assert_alive(&mut server);
    assert!(server.get("/stats").json()["server"]["memory_bytes"].as_u64().unwrap() < 100 << 20);
}

#[test]
fn large_bodies_are_refused_before_they_are_received() {
    let mut server = Server::start();
    for head in ["Content-Length: 104857600", "Content-Length: 262145"] {
        let answer =
            server.send(format!("POST /generate HTTP/1.1\r\nHost: x\r\n{head}\r\nExpect: 100-continue\r\n\r\n"));
        assert_eq!(answer.status, 413, "{head}");
    }
    let mut stream = server.connect();
    stream.write_all(b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n").unwrap();
    let part = vec![b'x'; 1 << 20];
    // The server keeps reading for a moment, so that the response arrives, and discards what it reads.
    let sent = (0..100).take_while(|_| stream.write_all(&part).is_ok()).count();
    assert!(sent < 100 || Answer::read(&mut BufReader::new(stream)).status == 413);
    assert!(server.get("/stats").json()["server"]["memory_bytes"].as_u64().unwrap() < 100 << 20);
    assert_alive(&mut server);
}

/// A client that stops reading is disconnected, and its request is cancelled.
#[test]
fn a_stalled_reader_is_disconnected() {
    let mut server = Server::start();
    let request = post(r#"{"seed_text": "the", "num_words": 1000, "num_samples": 16, "stream": true}"#);
    let mut stalled = BufReader::with_capacity(512, server.connect());
    // More text than the buffers in between can hold.
    let many = request.repeat(40);
    stalled.get_mut().write_all(many.as_bytes()).unwrap();
    assert_eq!(Answer::read_head(&mut stalled).status, 200);
    read_chunk(&mut stalled).unwrap();
    let connections = |server: &Server| server.get("/stats").json()["server"]["open_connections"].as_u64().unwrap();
    assert_eq!(connections(&server), 2);
    wait_until("the stalled connection is closed", || connections(&server) == 1);
    assert_alive(&mut server);
}

#[test]
fn requests_cannot_inject_headers() {
    let mut server = Server::start();
    for (head, status) in [
        ("GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\nSet-Cookie: evil=1", 200),
        ("GET /health%0d%0aSet-Cookie:%20evil=1 HTTP/1.1\r\nHost: x", 404),
        ("GET /health?%0d%0aSet-Cookie:%20evil=1 HTTP/1.1\r\nHost: x", 200),
        ("GET /health HTTP/1.1\r\nHost: x\r\nOrigin: http://a\rSet-Cookie: evil=1", 400),
        ("GET /model/info?model=%ff%00 HTTP/1.1\r\nHost: x", 200),
    ] {
        let answer = server.send(format!("{head}\r\n\r\n"));
        assert_eq!((answer.status, answer.header("set-cookie")), (status, ""), "{head:?}");
    }
    let mut bytes = post_to("/v1/completions", "xxxx").into_bytes();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(b"\"\xc3\x28\"");
    assert_eq!(server.send(bytes).status, 400);
    assert_alive(&mut server);
}

/// Sends requests with bytes changed, removed, duplicated and swapped.
/// `ATTACK_SECONDS=600 cargo test --test serve mutation` runs for ten minutes and prints how long a well-behaved client
/// had to wait at most.
#[test]
fn mutations_of_requests_are_survived() {
    let mut server = Server::start();
    let seconds = std::env::var("ATTACK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let chunked = "POST /generate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                   10\r\n{\"seed_text\":\"t\"\r\n1\r\n}\r\n0\r\n\r\n";
    let models = [
        post(r#"{"seed_text": "the", "num_words": 3, "stop": ["cat"], "stream": true}"#),
        post_to("/v1/completions", r#"{"prompt": ["the", "on"], "max_tokens": 3, "logprobs": 2, "echo": true}"#),
        post_to("/score", r#"{"text": "the cat sat on the mat"}"#),
        "GET /visualizations/architecture?theme=dark HTTP/1.1\r\nHost: x\r\nAccept: image/svg+xml;q=0.5\r\n\r\n".into(),
        "OPTIONS /generate HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nAccess-Control-Request-Method: POST\r\n\r\n"
            .into(),
        chunked.to_string(),
    ];
    let before = server.resources();
    let mut rng = Rng::new(20);
    let mut below = |n: usize| (rng.uniform() * n as f64) as usize;
    let (mut count, mut worst) = (0, Duration::ZERO);
    while end.map_or(count < 600, |end| Instant::now() < end) {
        let mut bytes = models[below(models.len())].clone().into_bytes();
        for _ in 0..1 + below(4) {
            let at = below(bytes.len());
            match below(6) {
                0 => bytes[at] = below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, bytes[at]),
                3 => bytes.truncate(at.max(1)),
                4 => bytes.swap(at, 0),
                _ => {
                    let part = bytes[at..(at + below(30)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, part);
                }
            }
            if bytes.is_empty() {
                bytes.push(b'\n');
            }
        }
        let mut stream = server.connect();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(Shutdown::Write);
        if below(4) > 0 {
            let mut answer = Vec::new();
            let _ = stream.take(1 << 20).read_to_end(&mut answer);
            let status = answer.get(9..12).unwrap_or_default();
            let good = answer.is_empty() || (answer.starts_with(b"HTTP/1.") && status != b"500");
            assert!(good, "{:?}", String::from_utf8_lossy(&bytes));
        }
        count += 1;
        if count % 100 == 0 {
            let start = Instant::now();
            assert_alive(&mut server);
            worst = worst.max(start.elapsed());
        }
    }
    wait_until("threads and files are as before", || {
        let now = server.resources();
        now.0 <= before.0 + 16 && now.1 <= before.1 + 8
    });
    if end.is_some() {
        eprintln!(
            "{count} requests; a well-behaved client waited at most {worst:.1?}; {:?} then {:?}",
            before,
            server.resources()
        );
    }
}
