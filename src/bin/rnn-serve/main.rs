//! rnn-serve: generates text from models over HTTP.
//!
//! A request passes through the front end in [`connection`] (untrusted bytes, limits, deadlines), tiny_http in the
//! [`backend`] (HTTP parsing), and [`routes`] to a handler (our own types, no sockets). Each model has a [`scheduler`],
//! whose threads generate the text.

mod about;
mod access;
mod backend;
mod body;
mod clients;
mod completions;
mod connection;
mod generate;
mod http;
mod lock;
mod metrics;
mod models;
#[cfg(test)]
#[path = "../../../fuzz/mutate.rs"]
mod mutate;
mod openapi;
mod page;
mod pictures;
mod route;
mod routes;
mod scheduler;
mod score;

use std::fs::Permissions;
use std::io::Write;
use std::net::{TcpListener, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rnn_tools::cli::serve::Args;
use rnn_tools::engine::Precision;
use rnn_tools::error::{Error, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use access::{Keys, Origins};
use clients::ClientRegistry;
use connection::{Frontend, HttpLimits};
use http::{Request, Response};
use metrics::Metrics;
use models::{Model, Models};
use scheduler::SchedulerConfig;

/// How long running requests may continue after the signal to stop. Hosting platforms typically wait 30 seconds.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(25);
/// How often the model files are checked for changes.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The state shared by all handlers.
pub struct App {
    pub models: Arc<Models>,
    pub metrics: Arc<Metrics>,
    pub clients: Arc<ClientRegistry>,
    pub keys: Keys,
    pub origins: Origins,
    pub is_draining: AtomicBool,
}

impl App {
    /// Returns the model with this name, or the error response.
    pub fn find(&self, name: Option<&str>) -> std::result::Result<Arc<Model>, Response> {
        self.models.find(name).ok_or_else(|| Response::refusal(404, "Model not found"))
    }

    /// Returns the model that the query of a request names, or the error response.
    pub fn model(&self, request: &Request) -> std::result::Result<Arc<Model>, Response> {
        self.find(request.parameter("model").as_deref())
    }
}

fn main() -> ExitCode {
    rnn_tools::cli::main(run)
}

fn run(args: Args) -> Result<()> {
    let (keys, origins) = (Keys::read(args.api_key_file.as_deref())?, Origins::new(&args.cors_origins)?);
    let metrics = Arc::new(Metrics::new());
    let config = SchedulerConfig {
        max_sequences: args.batch.into(),
        max_waiting: args.queue.into(),
        timeout: Duration::from_secs(args.timeout.into()),
    };
    let precision = if args.int8 { Precision::Int8 } else { Precision::Stored };
    let models = Arc::new(Models::read(&args.models, precision, config, Arc::clone(&metrics))?);
    let listener = listen(&args.host, args.port)?;
    let address = listener.local_addr().map_err(|e| Error::io("listen on", &args.host, e))?;
    // From here on, signals cause an orderly shutdown; until now the default action was right.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|e| Error::io("wait for", "signals", e))?;

    // Keeps other users of this machine away from tiny_http's socket, and is removed when `run` returns.
    let folder = tempfile::Builder::new()
        .prefix("rnn-serve-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|e| Error::io("create a folder in", std::env::temp_dir(), e))?;
    let limits = HttpLimits::for_this_process();
    let clients = Arc::new(ClientRegistry::new(limits.requests));
    let any_origin = matches!(origins, Origins::All);
    let app = Arc::new(App {
        models: Arc::clone(&models),
        metrics,
        clients: Arc::clone(&clients),
        keys,
        origins,
        is_draining: AtomicBool::new(false),
    });
    let socket = folder.path().join("tiny_http");
    let thread = |e| Error::failure(format!("cannot start a thread: {e}"));
    backend::start(&socket, Arc::clone(&clients), Arc::clone(&app))?;
    models::watch(Arc::clone(&models), WATCH_INTERVAL).map_err(thread)?;
    let frontend = Arc::new(Frontend::new(limits, socket, Arc::clone(&clients), any_origin));
    let acceptor = Arc::clone(&frontend);
    thread::Builder::new().name("listener".into()).spawn(move || acceptor.run(&listener)).map_err(thread)?;

    for model in models.all() {
        log::info!("model {}: {} tokens, {}", model.name, model.language_model.tokenizer.len(), &model.sha256[..12]);
    }
    log::info!("http://{address}");
    if args.port == 0 {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "http://{address}").and_then(|()| stdout.flush()).map_err(Error::stdout)?;
    }

    for signal in signals.forever() {
        match signal {
            SIGHUP => models.refresh(true),
            _ => break,
        }
    }
    let stop_now = second_signal(signals);
    log::info!("stopping");
    app.is_draining.store(true, Ordering::Relaxed);
    frontend.close(address);
    if !clients.wait_until_empty(Instant::now() + SHUTDOWN_GRACE, &stop_now) {
        clients.cancel_all();
        clients.wait_until_empty(Instant::now() + SHUTDOWN_GRACE / 50, &stop_now);
    }
    Ok(())
}

/// Listens on the first available address of the host.
fn listen(host: &str, port: u16) -> Result<TcpListener> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let place = if bare.contains(':') { format!("[{bare}]:{port}") } else { format!("{bare}:{port}") };
    let addresses: Vec<_> = (bare, port).to_socket_addrs().map_err(|e| Error::io("listen on", &place, e))?.collect();
    TcpListener::bind(addresses.as_slice())
        .map_err(|e| Error::io("listen on", place, e).hint("--port 0 chooses a free port"))
}

/// Returns a flag that becomes true at a second signal to stop.
fn second_signal(mut signals: Signals) -> Arc<AtomicBool> {
    let received = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&received);
    // If the thread cannot start, the deadline still applies.
    let _ = thread::Builder::new().spawn(move || {
        if signals.forever().any(|signal| signal != SIGHUP) {
            flag.store(true, Ordering::Relaxed);
        }
    });
    received
}
