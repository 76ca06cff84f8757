//! Many texts at once: what is written beside a text does not change it, and those who wait are told how long.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use crate::server::{Answer, Server, post, read_chunk, wait_until};

#[test]
fn a_text_is_the_same_alone_and_among_many() {
    let server = Server::start();
    let order = |seed: usize| {
        let begin = ["the cat", "", "The mat and the cat sat, zebra"][seed % 3];
        let more =
            [json!({"top_p": 0.9}), json!({"temperature": 0}), json!({"repetition_penalty": 1.3, "min_p": 0.01})];
        let mut order =
            json!({"seed_text": begin, "num_words": 5 + seed, "random_seed": seed, "num_samples": 1 + seed % 4});
        order.as_object_mut().unwrap().extend(more[seed % 3].as_object().unwrap().clone());
        order.to_string()
    };
    let alone: Vec<Value> = (0..60).map(|seed| server.generate(&order(seed)).json()).collect();
    thread::scope(|scope| {
        for (seed, alone) in alone.iter().enumerate() {
            let server = &server;
            scope.spawn(move || assert_eq!(&server.generate(&order(seed)).json(), alone));
        }
    });
    // The samples of one order are different texts, and the first is the one that comes alone.
    let samples = alone[3]["samples"].as_array().unwrap();
    assert_ne!(samples[0], samples[1]);
    assert_eq!(samples[0]["generated_text"], alone[3]["generated_text"]);
}

/// What the server and rnn-gen make of the same order.
#[test]
fn the_command_writes_the_same() {
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
fn a_known_beginning_is_not_read_again() {
    let server = Server::start();
    let cached = || server.get("/stats").json()["server"]["cached_tokens"].as_u64().unwrap();
    let order = r#"{"seed_text": "the cat sat on the mat", "num_words": 3, "random_seed": 1}"#;
    let first = server.generate(order).json();
    assert_eq!(cached(), 0);
    assert_eq!(server.generate(order).json(), first);
    assert_eq!(cached(), 6);
    // A text that goes on where the first one ended.
    let on = json!({"seed_text": first["generated_text"], "num_words": 1});
    assert_eq!(server.generate(&on.to_string()).status, 200);
    assert!(cached() > 12, "{}", cached());
}

#[test]
fn a_stop_text_ends_the_text_before_it() {
    let server = Server::start();
    let order = |stop: Value| json!({"seed_text": "the", "num_words": 60, "random_seed": 2, "stop": stop}).to_string();
    let whole = server.generate(&order(json!([]))).json()["generated_text"].as_str().unwrap().to_string();
    let word = whole.split_whitespace().nth(20).unwrap();
    let before = &whole[..3 + whole[3..].find(word).unwrap()];
    for stop in [json!(word), json!(["nowhere", word])] {
        let answer = server.generate(&order(stop)).json();
        assert_eq!((&answer["generated_text"], &answer["finish_reason"]), (&json!(before), &json!("stop")));
    }
}

/// Orders that cannot end in time by themselves.
const ENDLESS: &str = r#"{"seed_text": "the", "num_words": 1000, "num_samples": 16}"#;

fn orders(server: &Server, count: usize) -> Vec<TcpStream> {
    let order = |_| {
        let mut stream = server.connect();
        stream.write_all(post(ENDLESS).as_bytes()).unwrap();
        stream
    };
    (0..count).map(order).collect()
}

fn load(server: &Server) -> (u64, u64) {
    let stats = server.get("/stats").json();
    let of = |name: &str| stats["server"][name].as_u64().unwrap();
    (of("requests_running"), of("requests_waiting"))
}

#[test]
fn a_full_line_is_told_and_leaving_makes_room() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
    command.args(["--batch", "16", "--queue", "2", "--timeout", "3600"]);
    let server = Server::run(512, command);
    let clients = orders(&server, 3);
    wait_until("one runs and two wait", || load(&server) == (1, 2));
    let refused = server.generate(ENDLESS);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    let refused = server.post("/v1/completions", "{}");
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    assert_eq!(server.get("/health").status, 200, "health does not wait in the line");
    assert!(server.get("/metrics").text().contains("rnn_requests_rejected_total{reason=\"queue_full\"} 2"));
    // Whoever goes away makes room.
    drop(clients);
    wait_until("nobody is there", || load(&server) == (0, 0));
    assert_eq!(server.generate(r#"{"seed_text": "the", "num_words": 1}"#).status, 200);
}

#[test]
fn what_is_not_finished_in_time_is_given_up() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
    command.args(["--timeout", "1", "--batch", "16"]);
    let server = Server::run(768, command);
    let order = json!({"seed_text": "the", "num_words": 1000, "num_samples": 16, "stream": true}).to_string();
    let mut stream = BufReader::new(server.connect());
    stream.get_mut().write_all(post(&order).as_bytes()).unwrap();
    let waiting = orders(&server, 1);
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
