//! Runs the real binary on a free port with a small random model, and provides a client that sends raw bytes.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::{PreTokenizer, Tokenizer, UNKNOWN};
use serde_json::Value;
use tempfile::TempDir;

/// No response takes this long.
pub const TIMEOUT: Duration = Duration::from_secs(30);

pub struct Server {
    pub address: SocketAddr,
    child: Child,
    /// Also the server's TMPDIR.
    pub folder: TempDir,
}

/// Writes an untrained model with `hidden_size` units per layer.
pub fn write_model(path: &Path, hidden_size: usize) {
    let pieces = [UNKNOWN, "the", "cat", "sat", "on", "mat", "and", "looked", "café", ". ", ", ", "\n"];
    let tokenizer = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
    let config =
        Config { vocab_size: pieces.len(), embedding_size: 8, hidden_size, num_layers: 2, ..Config::default() };
    ModelFile::random(config, tokenizer, 1).write(path).unwrap();
}

impl Server {
    pub fn start() -> Self {
        Self::with_network(16)
    }

    pub fn with_network(hidden_size: usize) -> Self {
        Self::run(hidden_size, Command::new(env!("CARGO_BIN_EXE_rnn-serve")))
    }

    /// Starts the server with more arguments.
    pub fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-serve"));
        command.args(arguments);
        Self::run(16, command)
    }

    /// Starts the server with a limit on open files.
    pub fn with_files(files: usize) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_rnn-serve")]);
        Self::run(16, shell)
    }

    /// Starts the server with the model in a folder that is also its TMPDIR.
    pub fn run(hidden_size: usize, mut command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_model(&folder.path().join("model.safetensors"), hidden_size);
        let mut child = command
            .arg("-m")
            .arg(format!("book={}", folder.path().display()))
            .args(["--port", "0", "--quiet"])
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("http://").expect("an address").parse().unwrap();
        Self { address, child, folder }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    /// Sends bytes on a new connection and reads one response.
    pub fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_ref()).unwrap();
        Answer::read(&mut BufReader::new(stream))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
    }

    pub fn generate(&self, json: &str) -> Answer {
        self.post("/generate", json)
    }

    pub fn post(&self, path: &str, json: &str) -> Answer {
        self.send(post_to(path, json))
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Returns the number of threads and of open files of the process (Linux).
    #[cfg(target_os = "linux")]
    pub fn resources(&self) -> (usize, usize) {
        let count = |what: &str| std::fs::read_dir(format!("/proc/{}/{what}", self.child.id())).unwrap().count();
        (count("task"), count("fd"))
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub fn wait_for_end(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the server has ended", || {
            status = self.has_ended();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn post(json: &str) -> String {
    post_to("/generate", json)
}

pub fn post_to(path: &str, json: &str) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
    format!("{head}Content-Length: {}\r\n\r\n{json}", json.len())
}

pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < TIMEOUT, "timed out waiting until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads only the status line and headers.
    pub fn read_head(stream: &mut impl BufRead) -> Self {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no status line: {line:?}")).parse().unwrap();
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            match line.trim_end().split_once(':') {
                Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_string()),
                None => return Self { status, headers, body: Vec::new() },
            };
        }
    }

    pub fn read(stream: &mut impl BufRead) -> Self {
        let mut answer = Self::read_head(stream);
        if let Some(length) = answer.headers.get("content-length") {
            answer.body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut answer.body).unwrap();
        } else {
            while let Some(chunk) = read_chunk(stream) {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|e| panic!("{e}: {:?}", self.text()))
    }
}

/// Returns the next chunk of a body, or None at its end.
pub fn read_chunk(stream: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut size = String::new();
    stream.read_line(&mut size).unwrap();
    let size = usize::from_str_radix(size.trim_end(), 16).unwrap_or_else(|e| panic!("{e}: {size:?}"));
    let mut chunk = vec![0; size + 2];
    stream.read_exact(&mut chunk).unwrap();
    assert_eq!(chunk.split_off(size), b"\r\n");
    (size > 0).then_some(chunk)
}
