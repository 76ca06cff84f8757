//! A real browser without a window, controlled with Chromium's DevTools protocol over pipes.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::wait_until;
use crate::tools;

pub struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    last: u64,
    session: Option<String>,
    /// Errors of the page: exceptions and violations of its content security policy.
    pub errors: Vec<String>,
    _folder: TempDir,
}

/// Returns the program in `$CHROMIUM`, or one with a usual name.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| tools::program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]))
}

impl Browser {
    /// Starts Chromium, or skips the test if it is not installed.
    pub fn start() -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        let pipe = |name: &str| {
            let path = folder.path().join(name);
            assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        let flags = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars \
                     --remote-debugging-pipe";
        let child = Command::new("sh")
            .args(["-c", &format!("exec \"$0\" {flags} --user-data-dir=\"$1\" 3<\"$2\" 4>\"$3\"")])
            .args([&program, folder.path(), &to, &from].map(|path: &Path| path))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // In the order in which the shell opens them.
        let to = File::options().write(true).open(to).unwrap();
        let from = BufReader::new(File::open(from).unwrap());
        let mut browser = Self { child, to, from, last: 0, session: None, errors: Vec::new(), _folder: folder };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_string);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        write!(self.to, "{message}\0").unwrap();
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).unwrap();
            assert_eq!(bytes.pop(), Some(0), "the browser has ended");
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            match answer["method"].as_str() {
                Some("Runtime.exceptionThrown") => self.errors.push(answer["params"].to_string()),
                Some("Log.entryAdded") if answer["params"]["entry"]["source"] == "security" => {
                    self.errors.push(answer["params"]["entry"]["text"].to_string());
                }
                _ => {}
            }
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Opens an address in a window of the given size, in light or dark mode.
    pub fn open(&mut self, address: &str, (width, height): (u32, u32), scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", media);
        self.call("Page.navigate", json!({ "url": address }));
        self.wait_for("document.readyState == 'complete'");
    }

    pub fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let result = self.call("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    pub fn wait_for(&mut self, condition: &str) {
        wait_until(condition, || self.evaluate(&format!("Boolean({condition})")) == true);
    }

    /// Returns the text of the first element that matches a selector.
    pub fn text(&mut self, selector: &str) -> String {
        let text = self.evaluate(&format!("document.querySelector({selector:?}).innerText"));
        text.as_str().unwrap_or_default().to_string()
    }

    fn place(&mut self, selector: &str) -> (f64, f64) {
        let place = self.evaluate(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'nearest'}});
               const r = e.getClientRects()[0]; return [r.left + r.width / 2, r.top + r.height / 2]; }})()"
        ));
        (place[0].as_f64().unwrap(), place[1].as_f64().unwrap())
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64)) {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let params = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": 1});
        self.call("Input.dispatchMouseEvent", params);
    }

    pub fn point(&mut self, selector: &str) {
        let place = self.place(selector);
        self.mouse("mouseMoved", place);
    }

    pub fn click(&mut self, selector: &str) {
        let place = self.place(selector);
        ["mouseMoved", "mousePressed", "mouseReleased"].into_iter().for_each(|kind| self.mouse(kind, place));
    }

    /// Types into a field.
    pub fn fill(&mut self, selector: &str, text: &str) {
        self.evaluate(&format!(
            "document.querySelector({selector:?}).focus(); document.querySelector({selector:?}).select()"
        ));
        self.call("Input.insertText", json!({ "text": text }));
        self.evaluate(&format!(
            "document.querySelector({selector:?}).dispatchEvent(new Event('change', {{bubbles: true}}))"
        ));
    }

    /// Moves a slider.
    pub fn slide(&mut self, selector: &str, value: f64) {
        self.evaluate(&format!(
            "document.querySelector({selector:?}).value = {value};
             document.querySelector({selector:?}).dispatchEvent(new Event('input', {{bubbles: true}}))"
        ));
    }

    /// Presses a key that types no character; `control` holds the control key.
    pub fn press(&mut self, key: &str, code: u32, control: bool) {
        let modifiers = if control { 2 } else { 0 };
        for kind in ["rawKeyDown", "keyUp"] {
            let params = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers,
            });
            self.call("Input.dispatchKeyEvent", params);
        }
    }

    /// Saves a picture of the whole page in the folder `$SCREENSHOTS`, if it is set.
    pub fn screenshot(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("SCREENSHOTS") else { return };
        let params = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.call("Page.captureScreenshot", params);
        let bytes = base64(picture["data"].as_str().unwrap());
        fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for value in text.bytes().filter_map(|letter| LETTERS.iter().position(|&l| l == letter)) {
        (bits, count) = (bits << 6 | value as u32, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
