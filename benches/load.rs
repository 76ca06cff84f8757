//! A load test: several clients, each with its own connection, send one request after another.
//!
//! load model FILE                                writes a random network: 8,532 words, embedding 100, 2 x 150
//! load run HOST:PORT CLIENTS SECONDS [FIELDS]    prints requests/s and latencies; FIELDS are additional JSON fields

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, thread};

use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::Tokenizer;

const WORDS: usize = 20;

fn main() {
    // Cargo adds --bench.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["model", file] => write_model(Path::new(file)),
        ["run", address, clients, seconds, ref fields @ ..] => {
            run(address, clients.parse().unwrap(), seconds.parse().unwrap(), fields.first().copied());
        }
        _ => eprintln!("usage: load model FILE | load run HOST:PORT CLIENTS SECONDS [FIELDS]"),
    }
}

fn write_model(path: &Path) {
    let config = Config { vocab_size: 8532, embedding_size: 100, hidden_size: 150, num_layers: 2, ..Config::default() };
    let tokenizer = Tokenizer::numbered(config.vocab_size());
    let mut model = ModelFile::random(config, tokenizer, 1);
    // A few words are frequent and many are rare, as in any text (Zipf 1949).
    for (rank, bias) in model.tensors.get_mut("output.bias").unwrap().data.iter_mut().enumerate() {
        *bias = -((rank + 1) as f32).ln();
    }
    model.write(path).unwrap();
}

fn run(address: &str, clients: usize, seconds: f64, fields: Option<&str>) {
    let fields = fields.map(|fields| format!(", {fields}")).unwrap_or_default();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let client = |client: usize| {
        let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
        stream.get_ref().set_nodelay(true).unwrap();
        let mut latencies = Vec::new();
        while Instant::now() < end {
            let seed = client * 1_000_000 + latencies.len();
            let body = format!(
                "{{\"seed_text\": \"w{} w{} w7\", \"num_words\": {WORDS}, \"temperature\": 1.0, \"random_seed\": {seed}{fields}}}",
                1 + seed % 5000,
                1 + seed % 311,
            );
            let begun = Instant::now();
            let head = "POST /generate HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n";
            write!(stream.get_mut(), "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            let response = read_response(&mut stream);
            latencies.push(begun.elapsed());
            assert!(response.contains("\"num_words_generated\""), "{response}");
        }
        latencies
    };
    let begun = Instant::now();
    let mut latencies: Vec<Duration> = thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|number| scope.spawn(move || client(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let took = begun.elapsed().as_secs_f64();
    latencies.sort();
    let at = |fraction: f64| latencies[((latencies.len() - 1) as f64 * fraction) as usize].as_secs_f64() * 1e3;
    println!(
        "{clients} clients: {:.0} requests/s; latency {:.1} ms median, {:.1} ms p99, {:.1} ms max",
        latencies.len() as f64 / took,
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

/// Reads a response and returns its body; panics unless the status is 200.
fn read_response(stream: &mut impl BufRead) -> String {
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line).unwrap();
    assert!(line.contains(" 200 "), "{line}");
    loop {
        line.clear();
        stream.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}
