//! Pictures of a model, drawn by rnn-plot and cached.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use std::{env, fs, io};

use rnn_tools::{history, model};
use serde_json::json;

use crate::App;
use crate::http::{Request, Response};

const PNG: &str = "image/png";
const SVG: &str = "image/svg+xml";

pub struct Pictures {
    model: PathBuf,
    /// The training history that rnn-train writes beside the model file.
    history: PathBuf,
    cache: Mutex<HashMap<Key, Drawn>>,
}

/// The modification time of the source, and the picture.
type Drawn = (Option<SystemTime>, Vec<u8>);

/// The subject, format and theme of a picture, under rnn-plot's names.
type Key = (&'static str, &'static str, &'static str);

enum Failure {
    /// The file to draw does not exist.
    NoSource,
    /// rnn-plot is not installed.
    NoPlotter,
    Drawing(String),
}

impl Pictures {
    pub fn new(path: &Path) -> Self {
        let model = model::locate(path);
        Self { history: model.with_file_name(history::FILE_NAME), model, cache: Mutex::default() }
    }

    fn draw(&self, key: Key) -> Result<Vec<u8>, Failure> {
        let (subject, format, theme) = key;
        let source = if subject == "history" { &self.history } else { &self.model };
        let written = fs::metadata(source).map_err(|_| Failure::NoSource)?.modified().ok();
        // Locked while drawing, so that no picture is drawn twice.
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, bytes)) = cache.get(&key)
            && *of == written
        {
            return Ok(bytes.clone());
        }
        // The picture shows the given path, so a relative one is used, which hides the folders of this machine.
        let source = fs::canonicalize(source).map_err(|_| Failure::NoSource)?;
        let from = source.ancestors().nth(2).or(source.parent()).unwrap_or(&source);
        let output = Command::new(plotter())
            .current_dir(from)
            .arg(subject)
            .arg(source.strip_prefix(from).unwrap_or(&source))
            .args(["--quiet", "-o", "-", "--format", format, "--theme", theme])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| match e.kind() {
                io::ErrorKind::NotFound => Failure::NoPlotter,
                _ => Failure::Drawing(e.to_string()),
            })?;
        if !output.status.success() {
            return Err(Failure::Drawing(String::from_utf8_lossy(&output.stderr).trim().to_string()));
        }
        cache.insert(key, (written, output.stdout.clone()));
        Ok(output.stdout)
    }
}

/// Returns the path of rnn-plot in the folder of this program, or else its name, for a search in PATH.
fn plotter() -> OsString {
    let beside = env::current_exe().ok().map(|own| own.with_file_name("rnn-plot"));
    beside.filter(|path| path.exists()).map_or_else(|| "rnn-plot".into(), PathBuf::into_os_string)
}

pub fn architecture(app: &App, request: &Request) -> Response {
    answer(app, request, "architecture")
}

pub fn training(app: &App, request: &Request) -> Response {
    answer(app, request, "history")
}

fn answer(app: &App, request: &Request, subject: &'static str) -> Response {
    let model = match app.model(request) {
        Ok(model) => model,
        Err(refusal) => return refusal,
    };
    let Some(kind) = request.preferred(&[PNG, SVG]) else {
        return Response::refusal(406, "Pictures are image/png or image/svg+xml");
    };
    let format = if kind == SVG { "svg" } else { "png" };
    let theme = match request.parameter("theme").as_deref() {
        None | Some("light") => "light",
        Some("dark") => "dark",
        Some(other) => return unknown_theme(other),
    };
    match model.pictures.draw((subject, format, theme)) {
        Ok(bytes) => Response::new(200, kind, bytes).with("Vary", "Accept").with("Cache-Control", "no-cache"),
        Err(Failure::NoSource) => Response::refusal(404, "There is no training history beside the model file"),
        Err(Failure::NoPlotter) => Response::refusal(503, "Pictures require rnn-plot: install it beside rnn-serve"),
        Err(Failure::Drawing(reason)) => {
            log::error!("rnn-plot: {reason}");
            Response::refusal(503, "The picture could not be drawn; see the server's log")
        }
    }
}

/// FastAPI's error for a value outside an enumeration.
fn unknown_theme(theme: &str) -> Response {
    const EXPECTED: &str = "'light' or 'dark'";
    let error = json!({
        "type": "enum",
        "loc": ["query", "theme"],
        "msg": format!("Input should be {EXPECTED}"),
        "input": theme,
        "ctx": {"expected": EXPECTED},
    });
    Response::json(422, &json!({"detail": [error]}))
}
