//! Tests of the rnn-serve binary over raw connections.

mod browser;
mod clients;
mod hostile;
mod models;
mod openai;
mod pages;
mod scheduler;
mod server;
#[path = "../tools/mod.rs"]
mod tools;

use std::io::{BufReader, Write};
use std::process::Command;

use serde_json::{Value, json};
use server::{Answer, Server, post, read_chunk};

#[test]
fn health_and_model_info_describe_the_model() {
    let server = Server::start();
    let health = server.get("/health").json();
    assert_eq!((&health["status"], &health["model_loaded"]), (&json!("healthy"), &json!(true)));
    let info = server.get("/model/info").json();
    assert_eq!((&info["vocab_size"], &info["hidden_size"]), (&json!(12), &json!(16)));
    assert_eq!(info["num_parameters"], health["num_parameters"]);
    assert_eq!(info["limits"]["num_words"]["le"], 1000);
}

#[test]
fn a_seed_reproduces_a_text() {
    let server = Server::start();
    let body = r#"{"seed_text": "The cat, zebra", "num_words": 30, "temperature": 1.2, "random_seed": 7}"#;
    let answer = server.generate(body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let first = answer.json();
    assert_eq!(first, server.generate(body).json());
    let text = first["generated_text"].as_str().unwrap();
    assert!(text.starts_with("The cat, zebra") && text.split_whitespace().count() > 30 - 1, "{text}");
    assert_eq!(first["seed_text"], "The cat, zebra");
    assert_eq!(first["num_words_generated"], 30);
    assert_eq!(first["temperature"], 1.2);
    assert_eq!(first["random_seed"], 7);
    assert_eq!(first["unknown_words"], json!(["zebra"]));

    // Without a seed the server chooses one and returns it.
    let chosen = server.generate(r#"{"seed_text": "the cat"}"#).json();
    let again = json!({"seed_text": "the cat", "random_seed": chosen["random_seed"]});
    assert_eq!(chosen, server.generate(&again.to_string()).json());
    assert_eq!((&chosen["num_words_generated"], &chosen["temperature"]), (&json!(50), &json!(1.0)));
}

#[test]
fn the_pieces_of_a_stream_add_up_to_the_text() {
    let server = Server::with_network(128);
    let body = r#"{"seed_text": "the cat ", "num_words": 300, "random_seed": 3, "top_k": 9, "top_p": 0.99"#;
    let mut stream = BufReader::new(server.connect());
    stream.get_mut().write_all(post(&format!("{body}, \"stream\": true}}")).as_bytes()).unwrap();
    let head = Answer::read_head(&mut stream);
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream; charset=utf-8"));
    let mut events = Vec::new();
    while let Some(chunk) = read_chunk(&mut stream) {
        let event = String::from_utf8(chunk).unwrap();
        events.push(event.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap().to_string());
    }
    assert_eq!(events.pop().unwrap(), "[DONE]");
    let summary: Value = serde_json::from_str(&events.pop().unwrap()).unwrap();
    let pieces = events.iter().map(|e| serde_json::from_str::<Value>(e).unwrap()["text"].as_str().unwrap().to_string());
    assert_eq!(format!("the cat {}", pieces.collect::<String>()), summary["generated_text"].as_str().unwrap());
    assert!(events.len() >= 300);
    assert_eq!(summary, server.generate(&format!("{body}}}")).json());

    // The connection remains usable.
    stream.get_mut().write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(Answer::read(&mut stream).status, 200);
}

#[test]
fn the_first_piece_arrives_while_the_text_is_still_being_generated() {
    let server = Server::with_network(512);
    let mut stream = BufReader::new(server.connect());
    let body = r#"{"seed_text": "the", "num_words": 1000, "num_samples": 16, "stream": true}"#;
    stream.get_mut().write_all(post(body).as_bytes()).unwrap();
    assert_eq!(Answer::read_head(&mut stream).status, 200);
    assert!(read_chunk(&mut stream).unwrap().starts_with(b"data: {\"text\":"));
    assert_eq!(server.get("/stats").json()["server"]["requests_running"], 1);
}

#[test]
fn http_1_0_receives_a_stream_as_one_body() {
    let server = Server::start();
    let body = r#"{"seed_text": "the", "num_words": 2, "stream": true}"#;
    let answer = server.send(format!("POST /generate HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    assert!(answer.headers.contains_key("content-length") && answer.text().ends_with("data: [DONE]\n\n"));
}

#[test]
fn errors_have_the_format_of_fastapi() {
    let server = Server::start();
    for (body, expected) in [
        ("", json!([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}])),
        ("{}", json!([{"type": "missing", "loc": ["body", "seed_text"], "msg": "Field required", "input": {}}])),
        (
            r#"{"seed_text": }"#,
            json!([{"type": "json_invalid", "loc": ["body", 14], "msg": "JSON decode error", "input": {},
                    "ctx": {"error": "expected value"}}]),
        ),
        (
            r#"{"seed_text": "the", "num_words": 0, "temperature": "hot"}"#,
            json!([
                {"type": "greater_than_equal", "loc": ["body", "num_words"],
                 "msg": "Input should be greater than or equal to 1", "input": 0, "ctx": {"ge": 1}},
                {"type": "float_parsing", "loc": ["body", "temperature"],
                 "msg": "Input should be a valid number, unable to parse string as a number", "input": "hot"},
            ]),
        ),
    ] {
        let answer = server.generate(body);
        assert_eq!((answer.status, &answer.json()["detail"]), (422, &expected), "{body}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let mut invalid = post("xxx").into_bytes();
    invalid.truncate(invalid.len() - 3);
    invalid.extend(b"\"\xff\"");
    let answer = server.send(invalid);
    assert_eq!((answer.status, answer.text()), (400, r#"{"detail":"There was an error parsing the body"}"#));
    assert_eq!(server.generate(r#"{"seed_text": "", "num_words": "2", "temperature": true}"#).status, 200);
}

#[test]
fn methods_paths_and_content_types_are_handled() {
    let server = Server::start();
    let ask = |line: &str, rest: &str| server.send(format!("{line} HTTP/1.1\r\nHost: x\r\n{rest}\r\n"));

    let unknown = server.get("/nothing");
    assert_eq!((unknown.status, unknown.text()), (404, r#"{"detail":"Not Found"}"#));
    let wrong = ask("DELETE /health", "");
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD, OPTIONS"));
    assert_eq!(wrong.text(), r#"{"detail":"Method Not Allowed"}"#);
    assert_eq!(ask("GET /generate", "").header("allow"), "POST, OPTIONS");
    let slash = ask("GET /health/", "");
    assert_eq!((slash.status, slash.header("location")), (307, "/health"));
    assert_eq!(ask("GET http://x/%68ealth?a=b", "").status, 200);

    let mut head = server.connect();
    head.write_all(b"HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let text = std::io::read_to_string(head).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n") && text.ends_with("\r\n\r\n"), "{text}");

    let body = "Content-Length: 2\r\n";
    assert_eq!(ask("POST /generate", &format!("{body}Content-Type: text/plain\r\n\r\n{{}}")).status, 415);
    assert_eq!(ask("POST /generate", &format!("{body}Expect: 100-continue\r\n\r\n{{}}")).status, 422);
    let mut patient = BufReader::new(server.connect());
    patient
        .get_mut()
        .write_all(b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    assert_eq!(Answer::read_head(&mut patient).status, 100);
    patient.get_mut().write_all(b"{}").unwrap();
    assert_eq!(Answer::read(&mut patient).status, 422);

    let preflight = ask("OPTIONS /generate", "Origin: http://y\r\nAccess-Control-Request-Method: POST\r\n");
    assert_eq!((preflight.status, preflight.text()), (200, "OK"));
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert!(preflight.header("access-control-allow-headers").contains("Content-Type"));
    assert_eq!(ask("OPTIONS /generate", "Access-Control-Request-Method: PUT\r\n").status, 400);
}

#[test]
fn the_page_loads_nothing_from_other_sites() {
    let server = Server::start();
    let page = server.send("GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html,*/*;q=0.8\r\n\r\n");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
    let (html, mut linked) = (page.text(), 0);
    for part in html.split(['"', '\'']).filter(|part| part.starts_with('/')) {
        assert_eq!(server.get(part).status, 200, "{part}");
        linked += 1;
    }
    assert!(linked >= 3);
    for forbidden in ["http:", "https:", "<style", " style=", " onclick=", "<script>"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn a_signal_lets_running_requests_finish() {
    let mut server = Server::with_network(128);
    let idle = server.connect();
    let mut running = BufReader::new(server.connect());
    let body = r#"{"seed_text": "the", "num_words": 400, "stream": true}"#;
    running.get_mut().write_all(post(body).as_bytes()).unwrap();
    assert_eq!(Answer::read_head(&mut running).status, 200);
    server.signal("-TERM");
    let mut last = Vec::new();
    while let Some(chunk) = read_chunk(&mut running) {
        last = chunk;
    }
    assert_eq!(last, b"data: [DONE]\n\n");
    assert_eq!(server.wait_for_end().code(), Some(0));
    assert_eq!(std::io::read_to_string(idle).unwrap(), "");
    let left: Vec<_> = std::fs::read_dir(server.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["model.safetensors"], "the temporary folder is gone");
}

#[test]
fn failures_print_one_line_and_exit_with_1() {
    let server = Server::start();
    let port = server.address.port().to_string();
    let model = server.folder.path().to_str().unwrap();
    for (model, port, reason) in [(model, port.as_str(), "in use"), ("/nowhere", "0", "no model")] {
        let output = Command::new(env!("CARGO_BIN_EXE_rnn-serve")).args(["-m", model, "-p", port]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let first = stderr.lines().next().unwrap();
        assert!(first.starts_with("rnn-serve: ") && first.contains(reason), "{stderr}");
        assert!(stderr.lines().skip(1).all(|line| line.starts_with("hint: ")), "{stderr}");
        assert!(output.stdout.is_empty());
    }
}
