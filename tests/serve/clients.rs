//! The real programs of others: OpenAI's client, Prometheus's parser, a validator of OpenAPI, and schemathesis, which
//! tries every call by its description. They need python3 with pip, and the network once: the packages go into a folder
//! below `target`. Without them the tests say that they were skipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::server::Server;

const PACKAGES: [&str; 4] =
    ["openai==3.54.0", "prometheus-client==0.26.0", "openapi-spec-validator", "schemathesis==4.32.5"];

/// The folder with the packages, fetched if they are not there yet; or why there is none.
fn packages() -> &'static Result<PathBuf, String> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
        let complete = folder.join("complete");
        if fs::read_to_string(&complete).is_ok_and(|packages| packages == PACKAGES.join(" ")) {
            return Ok(folder);
        }
        let output = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--upgrade", "--disable-pip-version-check", "--target"])
            .arg(&folder)
            .args(PACKAGES)
            .output()
            .map_err(|e| format!("python3: {e}"))?;
        if !output.status.success() {
            return Err(format!("pip: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        fs::write(complete, PACKAGES.join(" ")).map_err(|e| e.to_string())?;
        Ok(folder)
    })
}

/// python3 with the packages; None, and a word about it, where they are not to be had.
fn python() -> Option<Command> {
    match packages() {
        Ok(folder) => {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", folder);
            Some(command)
        }
        Err(reason) => {
            // The macros' output is kept from the user where the test passes.
            let written = writeln!(std::io::stderr(), "skipped: the clients in Python are not to be had ({reason})");
            written.map(|()| None).unwrap()
        }
    }
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn programs_of_others_are_content() {
    let Some(mut python) = python() else { return };
    let server = Server::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/clients.py");
    succeeds(python.arg(script).arg(format!("http://{}", server.address)));
}

/// Every call, with good data and bad, and all that schemathesis checks.
#[test]
fn the_server_keeps_to_its_description() {
    let Some(mut python) = python() else { return };
    let server = Server::start();
    // So that there is something to draw.
    let row =
        "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second\n1,5,0.1,5,0.1,0.01,1,9\n";
    fs::write(server.folder.path().join("history.csv"), row).unwrap();
    let address = format!("http://{}/openapi.json", server.address);
    let options = ["--checks", "all", "--max-examples", "30", "--seed", "1", "--generation-database", "none"];
    let run = "from schemathesis.cli import schemathesis; schemathesis()";
    succeeds(python.args(["-c", run, "run", &address]).args(options).current_dir(server.folder.path()));
}
