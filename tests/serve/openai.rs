//! Tests of completions in OpenAI's format.

use std::io::{BufReader, Write};

use serde_json::{Value, json};

use crate::server::{Answer, Server, post_to, read_chunk};

const PATH: &str = "/v1/completions";

fn stream(server: &Server, body: &str) -> Vec<Value> {
    let mut stream = BufReader::new(server.connect());
    stream.get_mut().write_all(post_to(PATH, body).as_bytes()).unwrap();
    assert_eq!(Answer::read_head(&mut stream).header("content-type"), "text/event-stream; charset=utf-8");
    let mut events = Vec::new();
    while let Some(chunk) = read_chunk(&mut stream) {
        events.push(String::from_utf8(chunk).unwrap());
    }
    assert_eq!(events.pop().unwrap(), "data: [DONE]\n\n");
    events.iter().map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap()).collect()
}

#[test]
fn a_streamed_completion_equals_the_complete_one() {
    let server = Server::start();
    let body = r#"{"prompt": ["the cat", "on"], "n": 2, "max_tokens": 12, "seed": 4, "logprobs": 2, "echo": true"#;
    let whole = server.post(PATH, &format!("{body}}}")).json();
    assert_eq!((&whole["object"], &whole["model"]), (&json!("text_completion"), &json!("book")));
    assert_eq!(whole["usage"], json!({"prompt_tokens": 3, "completion_tokens": 48, "total_tokens": 51}));
    let pieces =
        stream(&server, &format!("{body}, \"stream\": true, \"stream_options\": {{\"include_usage\": true}}}}"));
    assert_eq!(pieces.last().unwrap()["usage"], whole["usage"]);
    for (index, choice) in whole["choices"].as_array().unwrap().iter().enumerate() {
        assert_eq!((&choice["index"], &choice["finish_reason"]), (&json!(index), &json!("length")));
        let parts =
            pieces.iter().flat_map(|piece| piece["choices"].as_array().unwrap()).filter(|c| c["index"] == index);
        let (mut text, mut tokens) = (String::new(), Vec::new());
        for part in parts {
            text.push_str(part["text"].as_str().unwrap());
            tokens.extend(part["logprobs"]["tokens"].as_array().unwrap().iter().cloned());
        }
        assert_eq!((json!(text), json!(tokens)), (choice["text"].clone(), choice["logprobs"]["tokens"].clone()));
        assert!(text.starts_with(["the cat", "on"][index / 2]));
        let (logprobs, top) = (&choice["logprobs"]["token_logprobs"], &choice["logprobs"]["top_logprobs"]);
        for (own, top) in logprobs.as_array().unwrap().iter().zip(top.as_array().unwrap()) {
            let top: Vec<f64> = top.as_object().unwrap().values().map(|v| v.as_f64().unwrap()).collect();
            assert!(top.len() == 2 && top[0] >= top[1] && own.as_f64().unwrap() <= top[0]);
        }
        let offsets = choice["logprobs"]["text_offset"].as_array().unwrap();
        assert!(offsets.windows(2).all(|pair| pair[0].as_u64() < pair[1].as_u64()));
    }
}

#[test]
fn a_prompt_may_be_tokens_and_a_completion_empty() {
    let server = Server::start();
    let ask = |json: Value| server.post(PATH, &json.to_string()).json();
    let by_text = ask(json!({"prompt": "the cat", "max_tokens": 5, "seed": 1}));
    let by_tokens = ask(json!({"prompt": [1, 2], "max_tokens": 5, "seed": 1}));
    let (text, tokens) = (&by_text["choices"][0]["text"], &by_tokens["choices"][0]["text"]);
    assert_eq!(text.as_str().unwrap().trim(), tokens.as_str().unwrap().trim());
    let echo = ask(json!({"prompt": [1, 2], "max_tokens": 0, "echo": true}));
    assert_eq!(
        (&echo["choices"][0]["text"], &echo["choices"][0]["finish_reason"]),
        (&json!("the cat"), &json!("length"))
    );
    let banned = json!({"prompt": "the", "max_tokens": 30, "logit_bias": {"1": -100, "2": -100, "99": 3}});
    let text = ask(banned)["choices"][0]["text"].as_str().unwrap().to_string();
    assert!(!text.split(|c: char| !c.is_alphabetic()).any(|word| ["the", "cat"].contains(&word)), "{text}");
}

#[test]
fn errors_have_the_format_of_openai() {
    let server = Server::start();
    for (body, status, param) in [
        (r#"{"max_tokens": "many"}"#, 400, json!("max_tokens")),
        (r#"{"prompt": 5}"#, 400, json!("prompt")),
        (r#"{"prompt": [-1]}"#, 400, json!("prompt")),
        (r#"{"prompt": []}"#, 400, json!("prompt")),
        (r#"{"model": "gpt-x"}"#, 404, json!("model")),
        ("{", 400, Value::Null),
    ] {
        let answer = server.post(PATH, body);
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["param"]), (status, &param), "{body}");
        assert!(error["message"].is_string() && error["type"] == "invalid_request_error");
    }
}
