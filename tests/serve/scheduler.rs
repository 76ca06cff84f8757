//! Concurrent requests: they do not change each other's texts, and rejected clients are told when to try again.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use crate::server::{Answer, Server, post, read_chunk, wait_until};

#[test]
fn a_text_does_not_depend_on_concurrent_requests() {
    let server = Server::start();
    let request = |seed: usize| {
        let seed_text = ["the cat", "", "The mat and the cat sat, zebra"][seed % 3];
        let settings =
            [json!({"top_p": 0.9}), json!({"temperature": 0}), json!({"repetition_penalty": 1.3, "min_p": 0.01})];
        let mut request =
            json!({"seed_text": seed_text, "num_words": 5 + seed, "random_seed": seed, "num_samples": 1 + seed % 4});
        request.as_object_mut().unwrap().extend(settings[seed % 3].as_object().unwrap().clone());
        request.to_string()
    };
    let alone: Vec<Value> = (0..60).map(|seed| server.generate(&request(seed)).json()).collect();
    thread::scope(|scope| {
        for (seed, alone) in alone.iter().enumerate() {
            let server = &server;
            scope.spawn(move || assert_eq!(&server.generate(&request(seed)).json(), alone));
        }
    });
    // The samples of a request differ, and the first one is the text of the response.
    let samples = alone[3]["samples"].as_array().unwrap();
    assert_ne!(samples[0], samples[1]);
    assert_eq!(samples[0]["generated_text"], alone[3]["generated_text"]);
}

/// The server and rnn-gen generate the same text from the same settings.
#[test]
fn rnn_gen_writes_the_same_text() {
    let server = Server::start();
    let text = server.generate(r#"{"seed_text": "the cat", "num_words": 30, "random_seed": 5, "top_p": 0.8}"#).json();
    let output = Command::new(env!("CARGO_BIN_EXE_rnn-gen"))
        .arg("-m")
        .arg(server.folder.path())
        .args(["--seed", "the cat", "-n", "30", "-r", "5", "--top-p", "0.8"])
        .output()
        .unwrap();
    assert_eq!(format!("{}\n", text["generated_text"].as_str().unwrap()), String::from_utf8(output.stdout).unwrap());
}

#[test]
fn a_cached_prefix_is_not_processed_again() {
    let server = Server::start();
    let cached = || server.get("/stats").json()["server"]["cached_tokens"].as_u64().unwrap();
    let request = r#"{"seed_text": "the cat sat on the mat", "num_words": 3, "random_seed": 1}"#;
    let first = server.generate(request).json();
    assert_eq!(cached(), 0);
    assert_eq!(server.generate(request).json(), first);
    assert_eq!(cached(), 6);
    // A text that continues the first one.
    let next = json!({"seed_text": first["generated_text"], "num_words": 1});
    assert_eq!(server.generate(&next.to_string()).status, 200);
    assert!(cached() > 12, "{}", cached());
}

#[test]
fn a_stop_text_ends_the_text_before_it() {
    let server = Server::start();
    let request =
        |stop: Value| json!({"seed_text": "the", "num_words": 60, "random_seed": 2, "stop": stop}).to_string();
    let whole = server.generate(&request(json!([]))).json()["generated_text"].as_str().unwrap().to_string();
    let word = whole.split_whitespace().nth(20).unwrap();
    let before = &whole[..3 + whole[3..].find(word).unwrap()];
    for stop in [json!(word), json!(["nowhere", word])] {
        let answer = server.generate(&request(stop)).json();
        assert_eq!((&answer["generated_text"], &answer["finish_reason"]), (&json!(before), &json!("stop")));
    }
}

/// A request that cannot finish in time.
const ENDLESS: &str = r#"{"seed_text": "the", "num_words": 1000, "num_samples": 16}"#;

fn send_endless_requests(server: &Server, count: usize) -> Vec<TcpStream> {
    let send = |_| {
        let mut stream = server.connect();
        stream.write_all(post(ENDLESS).as_bytes()).unwrap();
        stream
    };
    (0..count).map(send).collect()
}

fn load(server: &Server) -> (u64, u64) {
    let stats = server.get("/stats").json();
    let of = |name: &str| stats["server"][name].as_u64().unwrap();
    (of("requests_running"), of("requests_waiting"))
}

#[test]
fn a_full_queue_rejects_requests_until_clients_disconnect() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
    command.args(["--batch", "16", "--queue", "2", "--timeout", "3600"]);
    let server = Server::run(512, command);
    let clients = send_endless_requests(&server, 3);
    wait_until("one runs and two wait", || load(&server) == (1, 2));
    let refused = server.generate(ENDLESS);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    let refused = server.post("/v1/completions", "{}");
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    assert_eq!(server.get("/health").status, 200, "health does not wait in the queue");
    assert!(server.get("/metrics").text().contains("rnn_requests_rejected_total{reason=\"queue_full\"} 2"));
    // Disconnected clients make room in the queue.
    drop(clients);
    wait_until("no request remains", || load(&server) == (0, 0));
    assert_eq!(server.generate(r#"{"seed_text": "the", "num_words": 1}"#).status, 200);
}

#[test]
fn requests_past_the_deadline_are_aborted() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
    command.args(["--timeout", "1", "--batch", "16"]);
    let server = Server::run(768, command);
    let request = json!({"seed_text": "the", "num_words": 1000, "num_samples": 16, "stream": true}).to_string();
    let mut stream = BufReader::new(server.connect());
    stream.get_mut().write_all(post(&request).as_bytes()).unwrap();
    let waiting = send_endless_requests(&server, 1);
    assert_eq!(Answer::read_head(&mut stream).status, 200);
    let mut last = Vec::new();
    while let Some(chunk) = read_chunk(&mut stream) {
        last = chunk;
    }
    assert_eq!(
        String::from_utf8(last).unwrap(),
        "event: error\ndata: {\"detail\":\"The text was not finished in time\"}\n\n"
    );
    let late = Answer::read(&mut BufReader::new(&waiting[0]));
    assert_eq!((late.status, late.header("retry-after")), (503, "5"));
}
