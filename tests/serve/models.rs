//! Tests of several models, reloading, and model information.

use std::io::{BufReader, Write};
use std::process::Command;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::server::{Answer, Server, post, read_chunk, wait_until, write_model};

#[test]
fn requests_select_a_model_by_name() {
    let folder = tempfile::tempdir().unwrap();
    write_model(&folder.path().join("small.safetensors"), 8);
    let small = folder.path().join("small.safetensors");
    let server = Server::with(&["-m", small.to_str().unwrap()]);
    // The first one is the default.
    assert_eq!(server.get("/model/info").json()["hidden_size"], 8);
    assert_eq!(server.get("/model/info?model=book").json()["hidden_size"], 16);
    for (name, model) in [("", "small"), (", \"model\": \"book\"", "book"), (", \"model\": null", "small")] {
        let answer = server.generate(&format!(r#"{{"seed_text": "the", "num_words": 2{name}}}"#)).json();
        assert_eq!(answer["model"], model);
    }
    let unknown = server.generate(r#"{"seed_text": "the", "model": "missing"}"#);
    assert_eq!((unknown.status, unknown.text()), (404, r#"{"detail":"Model not found"}"#));
    assert_eq!(server.get("/stats?model=missing").status, 404);
    let ids: Vec<Value> =
        server.get("/v1/models").json()["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    assert_eq!(ids, ["small", "book"]);
}

#[test]
fn a_replaced_model_is_loaded_and_a_broken_one_rejected() {
    let server = Server::start();
    let file = server.folder.path().join("model.safetensors");
    let hidden_size = || server.get("/model/info").json()["hidden_size"].as_u64().unwrap();
    let failures =
        || server.get("/metrics").text().contains("rnn_model_reloads_total{model=\"book\",result=\"failure\"}");

    // A text in progress when the model is replaced is finished by the old model.
    let mut running = BufReader::new(server.connect());
    let body = r#"{"seed_text": "the", "num_words": 1000, "num_samples": 16, "stream": true}"#;
    running.get_mut().write_all(post(body).as_bytes()).unwrap();
    assert_eq!(Answer::read_head(&mut running).status, 200);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut last = Vec::new();
            while let Some(chunk) = read_chunk(&mut running) {
                last = chunk;
            }
            assert_eq!(last, b"data: [DONE]\n\n");
        });
        let new = server.folder.path().join("new");
        write_model(&new, 24);
        fs::rename(&new, &file).unwrap();
        wait_until("the new model is loaded", || hidden_size() == 24);
    });

    let good = fs::read(&file).unwrap();
    fs::write(&file, &good[..good.len() / 2]).unwrap();
    wait_until("the broken model is noticed", failures);
    assert_eq!(server.generate(r#"{"seed_text": "the", "num_words": 2}"#).status, 200);
    assert_eq!(hidden_size(), 24);
    fs::remove_file(&file).unwrap();
    assert_eq!(server.generate(r#"{"seed_text": "the", "num_words": 2}"#).status, 200);
    write_model(&file, 32);
    wait_until("the intact model is loaded", || hidden_size() == 32);
}

#[test]
fn sighup_reloads_the_models() {
    let server = Server::start();
    server.signal("-HUP");
    wait_until("the model is reloaded", || {
        server.get("/metrics").text().contains("rnn_model_reloads_total{model=\"book\",result=\"success\"} 1")
    });
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn the_parameters_of_the_layers_add_up() {
    let server = Server::start();
    let summary = server.get("/model/summary").json();
    let layers = summary["layers"].as_array().unwrap();
    let sum: u64 = layers.iter().map(|layer| layer["num_parameters"].as_u64().unwrap()).sum();
    assert_eq!(json!(sum), server.get("/health").json()["num_parameters"]);
    assert_eq!(json!(sum), summary["total_params"]);
    assert_eq!(layers.len(), 4);
    assert_eq!(layers[1]["output_shape"], json!([null, null, 16]));
    let table = server.send("GET /model/summary HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\n\r\n");
    assert_eq!(table.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(table.text(), summary["table"]);
}

#[test]
fn a_text_is_scored_token_by_token() {
    let server = Server::start();
    let score = server.post("/score", r#"{"text": "the cat sat zebra"}"#).json();
    let tokens = score["tokens"].as_array().unwrap();
    assert_eq!((tokens.len(), &score["num_unknown"]), (4, &json!(1)));
    let sum: f64 = tokens.iter().map(|token| token["logprob"].as_f64().unwrap()).sum();
    assert!((score["log_likelihood"].as_f64().unwrap() - sum).abs() < 1e-9);
    assert!((score["perplexity"].as_f64().unwrap() - (-sum / 4.0).exp()).abs() < 1e-6);
    // The vocabulary has twelve tokens.
    assert!(
        tokens.iter().all(|token| token["logprob"].as_f64().unwrap() < 0.0 && token["rank"].as_u64().unwrap() <= 12)
    );
    // Later tokens do not affect the scores of earlier ones.
    let less = server.post("/score", r#"{"text": "the cat"}"#).json();
    assert_eq!(less["tokens"].as_array().unwrap()[..], tokens[..2]);

    let cut = server.post("/tokenize", r#"{"text": "the cat sat zebra"}"#).json();
    let ids = |of: &Value| of["tokens"].as_array().unwrap().iter().map(|t| t["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&cut), ids(&score));
    assert_eq!(cut["tokens"][1], json!({"id": 2, "text": "cat"}));
    assert_eq!(server.post("/score", r#"{"text": ""}"#).json()["perplexity"], Value::Null);
    assert_eq!(server.post("/tokenize", "{}").status, 422);
}

#[test]
fn pictures_are_drawn_in_the_requested_format() {
    let server = Server::start();
    let ask =
        |path: &str, accept: &str| server.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n"));
    let path = "/visualizations/architecture";
    let png = server.get(path);
    assert_eq!(
        (png.status, png.header("content-type")),
        (200, "image/png"),
        "{:?}",
        String::from_utf8_lossy(&png.body)
    );
    assert!(png.body.starts_with(b"\x89PNG"));
    assert_eq!(server.get(path).body, png.body);
    assert_ne!(server.get(&format!("{path}?theme=dark")).body, png.body);
    let svg = ask(path, "image/svg+xml");
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert!(svg.text().starts_with("<svg"));
    assert_eq!(ask(path, "text/html").status, 406);
    assert_eq!(server.get(&format!("{path}?theme=loud")).json()["detail"][0]["loc"], json!(["query", "theme"]));
    let none = server.get("/visualizations/training");
    assert_eq!((none.status, none.json()["detail"].as_str().is_some()), (404, true));
    let row =
        "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second\n1,5,0.1,5,0.1,0.01,1,9\n";
    fs::write(server.folder.path().join("history.csv"), row).unwrap();
    assert_eq!(server.get("/visualizations/training").status, 200);
}

#[test]
fn a_key_is_required_if_the_server_has_keys() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    fs::write(&keys, "first-key\n\nsecond-key\n").unwrap();
    let server = Server::with(&["--api-key-file", keys.to_str().unwrap()]);
    let status = |path: &str, authorization: &str| {
        server.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n{authorization}\r\n")).status
    };
    for open in ["/health", "/", "/docs", "/openapi.json", "/page/icon.svg"] {
        assert_eq!(status(open, ""), 200, "{open}");
    }
    for closed in ["/model/info", "/stats", "/metrics", "/v1/models"] {
        let refused = server.get(closed);
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"), "{closed}");
        assert_eq!(status(closed, "Authorization: Bearer wrong\r\n"), 401);
        assert_eq!(status(closed, "Authorization: Basic first-key\r\n"), 401);
        assert_eq!(status(closed, "Authorization: Bearer first-key\r\n"), 200);
        assert_eq!(status(closed, "Authorization: bearer second-key\r\n"), 200);
    }
    assert_eq!(server.generate("{}").status, 401);
    assert_eq!(server.get("/v1/models").json()["error"]["code"], "invalid_api_key");
    let asked =
        "OPTIONS /generate HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nAccess-Control-Request-Method: POST\r\n\r\n";
    assert_eq!(server.send(asked).status, 200, "browsers send preflight requests without the key");
    assert!(server.get("/openapi.json").json()["security"].is_array());

    let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
    command.env("RNN_API_KEY", "from-the-environment");
    let server = Server::run(8, command);
    assert_eq!(server.get("/stats").status, 401);
    fs::write(&keys, "\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rnn-serve")).args(["-m", "x", "--api-key-file"]).arg(&keys).output();
    assert_eq!(output.unwrap().status.code(), Some(1));
}

#[test]
fn only_the_named_origins_may_read_responses() {
    let server = Server::with(&["--cors-origin", "https://a.example"]);
    let ask = |origin: &str| server.send(format!("GET /health HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\n\r\n"));
    let allowed = ask("https://a.example");
    assert_eq!(
        (allowed.header("access-control-allow-origin"), allowed.header("vary")),
        ("https://a.example", "Origin")
    );
    assert_eq!(ask("https://b.example").header("access-control-allow-origin"), "");
    let preflight = |origin: &str| {
        server.send(format!(
            "OPTIONS /generate HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\n\r\n"
        ))
    };
    assert_eq!(preflight("https://a.example").status, 200);
    assert_eq!(preflight("https://b.example").status, 400);
}

#[test]
fn every_request_has_an_id() {
    let server = Server::start();
    let ask = |id: &str| server.send(format!("GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\n\r\n"));
    assert_eq!(ask("abc-1.2_3:4").header("x-request-id"), "abc-1.2_3:4");
    for odd in ["", "a b", "caf\u{e9}", &"x".repeat(200)] {
        let given = ask(odd).header("x-request-id").to_string();
        assert!(given.len() == 16 && given != odd, "{given:?}");
    }
}

#[test]
fn host_and_port_come_from_the_environment_too() {
    let folder = tempfile::tempdir().unwrap();
    write_model(&folder.path().join("model.safetensors"), 8);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
    command.env("HOST", "localhost").env("PORT", "nonsense");
    // The option overrides the variable.
    assert_eq!(Server::run(8, command).get("/health").status, 200);
    let output = Command::new(env!("CARGO_BIN_EXE_rnn-serve"))
        .arg("-m")
        .arg(folder.path())
        .env("PORT", "nonsense")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("nonsense"));
}
