//! rnn-serve: text from a model over HTTP.
//!
//! A request passes the [`gate`] (bytes from strangers, limits, deadlines), then tiny_http in the
//! [`backend`] (HTTP as such), then [`routes`] and the handlers (our own types, no sockets).

mod about;
mod backend;
mod gate;
mod generate;
mod http;
mod page;
mod routes;
mod turns;
mod visitors;

use std::fs::Permissions;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rnn_tools::cli::serve::Args;
use rnn_tools::error::{Error, Result};
use rnn_tools::generate::Author;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use gate::{Gate, Limits};
use turns::Turns;
use visitors::Visitors;

/// How long running requests may go on after the signal to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// What the handlers answer from.
pub struct App {
    pub author: Author,
    pub turns: Turns,
}

fn main() -> ExitCode {
    rnn_tools::cli::main(run)
}

fn run(args: Args) -> Result<()> {
    let author = Author::read(&args.model)?;
    let listener = TcpListener::bind((args.host, args.port)).map_err(|e| {
        Error::io("listen on", format!("{}:{}", args.host, args.port), e).hint("--port 0 takes a free port")
    })?;
    let address = listener.local_addr().map_err(|e| Error::io("listen on", args.host.to_string(), e))?;
    // From here on a signal means an orderly end; before, the system's default was right.
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|e| Error::io("wait for", "signals", e))?;

    // The folder keeps other users of this machine away from tiny_http's socket, and goes when `run` ends.
    let folder = tempfile::Builder::new()
        .prefix("rnn-serve-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|e| Error::io("create a folder in", std::env::temp_dir(), e))?;
    let limits = Limits::for_this_process();
    let visitors = Arc::new(Visitors::new(limits.requests));
    let app = App { author, turns: Turns::for_this_machine() };
    let size = app.author.tokenizer.len();
    let socket = folder.path().join("tiny_http");
    backend::start(&socket, Arc::clone(&visitors), app)?;
    let gate = Arc::new(Gate::new(limits, socket, Arc::clone(&visitors)));
    let entrance = Arc::clone(&gate);
    thread::Builder::new()
        .name("gate".into())
        .spawn(move || entrance.run(&listener))
        .map_err(|e| Error::failure(format!("cannot start a thread: {e}")))?;

    log::info!("{}: {size} tokens; http://{address}", args.model.display());
    if args.port == 0 {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "http://{address}").and_then(|()| stdout.flush()).map_err(Error::stdout)?;
    }

    signals.forever().next();
    let impatient = second_signal(signals);
    log::info!("stopping");
    gate.close(address);
    if !visitors.wait_until_none(Instant::now() + LAST_REQUESTS, &impatient) {
        visitors.send_away();
        visitors.wait_until_none(Instant::now() + LAST_REQUESTS / 10, &impatient);
    }
    Ok(())
}

/// Becomes true when somebody asks a second time.
fn second_signal(mut signals: Signals) -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    // Without the thread the deadline still holds.
    let _ = thread::Builder::new().spawn(move || {
        signals.forever().next();
        flag.store(true, Ordering::Relaxed);
    });
    asked
}
