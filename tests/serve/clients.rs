//! Tests with third-party programs: OpenAI's client, Prometheus's parser, an OpenAPI validator, and schemathesis, which
//! tests every endpoint against the description. They require python3 with pip and, the first time, network access to
//! install the packages below `target`. Otherwise the tests are skipped.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::server::Server;

const PACKAGES: [&str; 4] =
    ["openai==3.54.0", "prometheus-client==0.26.0", "openapi-spec-validator", "schemathesis==4.32.5"];

fn python() -> Option<Command> {
    crate::tools::python("clients", &PACKAGES)
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&printed));
}

#[test]
fn official_clients_and_validators_accept_the_server() {
    let Some(mut python) = python() else { return };
    let server = Server::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/clients.py");
    succeeds(python.arg(script).arg(format!("http://{}", server.address)));
}

/// Sends valid and invalid requests for every endpoint, with all checks of schemathesis.
#[test]
fn the_server_conforms_to_its_description() {
    let Some(mut python) = python() else { return };
    let server = Server::start();
    // A training history to draw.
    let row =
        "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second\n1,5,0.1,5,0.1,0.01,1,9\n";
    fs::write(server.folder.path().join("history.csv"), row).unwrap();
    let address = format!("http://{}/openapi.json", server.address);
    let options = ["--checks", "all", "--max-examples", "30", "--seed", "1", "--generation-database", "none"];
    let run = "from schemathesis.cli import schemathesis; schemathesis()";
    succeeds(python.args(["-c", run, "run", &address]).args(options).current_dir(server.folder.path()));
}
