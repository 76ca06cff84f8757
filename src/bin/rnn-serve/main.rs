//! rnn-serve: text from models over HTTP.
//!
//! A request passes the [`frontend`] (bytes from strangers, limits, deadlines), then tiny_http in the [`backend`] (HTTP as
//! such), then [`routes`] and the handlers (our own types, no sockets). Texts are written in a [`scheduler`], where one
//! thread owns the model.

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
mod openapi;
mod page;
mod pictures;
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

/// How long running requests may go on after the signal to stop. Platforms wait 30 seconds.
const LAST_REQUESTS: Duration = Duration::from_secs(25);
/// How often the model files are looked at.
const WATCH: Duration = Duration::from_secs(1);

/// What the handlers answer from.
pub struct App {
    pub models: Arc<Models>,
    pub metrics: Arc<Metrics>,
    pub clients: Arc<ClientRegistry>,
    pub keys: Keys,
    pub origins: Origins,
    pub is_draining: AtomicBool,
}

impl App {
    /// The model of that name, or the refusal that is the answer.
    pub fn find(&self, name: Option<&str>) -> std::result::Result<Arc<Model>, Response> {
        self.models.find(name).ok_or_else(|| Response::refusal(404, "Model not found"))
    }

    /// The model that the query of a request names.
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
    // From here on a signal means an orderly end; before, the system's default was right.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|e| Error::io("wait for", "signals", e))?;

    // The folder keeps other users of this machine away from tiny_http's socket, and goes when `run` ends.
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
    models::watch(Arc::clone(&models), WATCH).map_err(thread)?;
    let frontend = Arc::new(Frontend::new(limits, socket, Arc::clone(&clients), any_origin));
    let entrance = Arc::clone(&frontend);
    thread::Builder::new().name("listener".into()).spawn(move || entrance.run(&listener)).map_err(thread)?;

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
    let impatient = second_signal(signals);
    log::info!("stopping");
    app.is_draining.store(true, Ordering::Relaxed);
    frontend.close(address);
    if !clients.wait_until_empty(Instant::now() + LAST_REQUESTS, &impatient) {
        clients.cancel_all();
        clients.wait_until_empty(Instant::now() + LAST_REQUESTS / 50, &impatient);
    }
    Ok(())
}

/// Takes the first of the host's addresses that can be had.
fn listen(host: &str, port: u16) -> Result<TcpListener> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let place = if bare.contains(':') { format!("[{bare}]:{port}") } else { format!("{bare}:{port}") };
    let addresses: Vec<_> = (bare, port).to_socket_addrs().map_err(|e| Error::io("listen on", &place, e))?.collect();
    TcpListener::bind(addresses.as_slice())
        .map_err(|e| Error::io("listen on", place, e).hint("--port 0 takes a free port"))
}

/// Becomes true when somebody asks a second time.
fn second_signal(mut signals: Signals) -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    // Without the thread the deadline still holds.
    let _ = thread::Builder::new().spawn(move || {
        if signals.forever().any(|signal| signal != SIGHUP) {
            flag.store(true, Ordering::Relaxed);
        }
    });
    asked
}
