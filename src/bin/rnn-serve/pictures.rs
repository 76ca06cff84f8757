//! Pictures of a model, drawn by rnn-plot, which lies beside this program: once, then they are kept.

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
    /// The model file, and the history that rnn-train leaves beside it.
    model: PathBuf,
    history: PathBuf,
    drawn: Mutex<HashMap<Asked, Drawn>>,
}

/// When the source was written, and the picture.
type Drawn = (Option<SystemTime>, Vec<u8>);

/// Subject of the picture, its kind and its theme, as rnn-plot calls them.
type Asked = (&'static str, &'static str, &'static str);

enum Failure {
    /// There is nothing to draw.
    NoSource,
    /// There is nobody to draw it.
    NoPlotter,
    Drawing(String),
}

impl Pictures {
    pub fn new(path: &Path) -> Self {
        let model = model::locate(path);
        Self { history: model.with_file_name(history::FILE_NAME), model, drawn: Mutex::default() }
    }

    fn draw(&self, asked: Asked) -> Result<Vec<u8>, Failure> {
        let (subject, format, theme) = asked;
        let source = if subject == "history" { &self.history } else { &self.model };
        let written = fs::metadata(source).map_err(|_| Failure::NoSource)?.modified().ok();
        // Held while it is drawn, so that nobody starts the same work twice.
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, bytes)) = drawn.get(&asked)
            && *of == written
        {
            return Ok(bytes.clone());
        }
        // The picture names its source as it is given: strangers need not know the folders of this machine.
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
        drawn.insert(asked, (written, output.stdout.clone()));
        Ok(output.stdout)
    }
}

/// rnn-plot from the folder of this program; where it is not there, from the PATH.
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
        return Response::refusal(406, "The picture is to be had as image/png and image/svg+xml");
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
        Err(Failure::NoPlotter) => Response::refusal(503, "The picture needs rnn-plot: install it beside rnn-serve"),
        Err(Failure::Drawing(reason)) => {
            log::error!("rnn-plot: {reason}");
            Response::refusal(503, "The picture cannot be drawn; the server's log says why")
        }
    }
}

/// As FastAPI says it.
fn unknown_theme(theme: &str) -> Response {
    const EXPECTED: &str = "'light' or 'dark'";
    let fault = json!({
        "type": "enum",
        "loc": ["query", "theme"],
        "msg": format!("Input should be {EXPECTED}"),
        "input": theme,
        "ctx": {"expected": EXPECTED},
    });
    Response::json(422, &json!({"detail": [fault]}))
}
