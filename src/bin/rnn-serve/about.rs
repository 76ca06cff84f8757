//! Facts about the server and its models.

use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use rnn_tools::format::count;
use rnn_tools::model::Block;
use serde_json::{Value, json};

use crate::App;
use crate::generate::request::SCHEMA;
use crate::http::{Request, Response};
use crate::metrics::resident_memory;
use crate::models::Model;

/// Returns the start page for clients other than browsers.
pub fn root(app: &App) -> Response {
    let names: Vec<String> = app.models.all().iter().map(|model| model.name.clone()).collect();
    Response::json(
        200,
        &json!({
            "name": "rnn-serve",
            "version": env!("CARGO_PKG_VERSION"),
            "models": names,
            "endpoints": {
                "generate": "POST /generate",
                "completions": "POST /v1/completions",
                "model": "GET /model/info",
                "health": "GET /health",
                "docs": "GET /docs",
                "openapi": "GET /openapi.json",
            },
        }),
    )
}

/// Responds without waiting for the scheduler, so that a busy server does not appear to be down.
pub fn health(app: &App, _: &Request) -> Response {
    let mut answer = json!({"status": "healthy", "model_loaded": true, "version": env!("CARGO_PKG_VERSION")});
    if let Some(model) = app.models.find(None) {
        add(&mut answer, facts(&model));
    }
    let draining = app.is_draining.load(Ordering::Relaxed);
    if draining {
        answer["status"] = "draining".into();
    }
    Response::json(if draining { 503 } else { 200 }, &answer).with("Cache-Control", "no-store")
}

pub fn model_info(app: &App, request: &Request) -> Response {
    let model = match app.model(request) {
        Ok(model) => model,
        Err(refusal) => return refusal,
    };
    let mut answer = json!({"model": model.name});
    add(&mut answer, facts(&model));
    let language_model = &model.language_model;
    add(
        &mut answer,
        json!({
            "tokenizer": language_model.tokenizer.pre_tokenizer().level(),
            "language": language_model.tokenizer.pre_tokenizer().language(),
            "has_ngram": language_model.ngram.is_some(),
            "sha256": model.sha256,
            "loaded": unix(model.loaded),
            "training": language_model.training,
            "limits": SCHEMA.limits(),
        }),
    );
    Response::json(200, &answer)
}

/// Returns the layers as a table like Keras's, in JSON or text.
pub fn model_summary(app: &App, request: &Request) -> Response {
    let model = match app.model(request) {
        Ok(model) => model,
        Err(refusal) => return refusal,
    };
    let config = model.language_model.network.config();
    let (blocks, total) = (config.blocks(), config.num_parameters());
    match request.preferred(&["application/json", "text/plain"]) {
        Some("text/plain") => {
            Response::new(200, "text/plain; charset=utf-8", table(&model.name, &blocks, total).into_bytes())
        }
        _ => {
            let rows = blocks.iter().filter_map(|block| {
                Some(json!({
                    "name": block.name()?,
                    "type": block.keras(),
                    "output_shape": [null, null, block.output_size()],
                    "num_parameters": block.num_parameters(),
                }))
            });
            let answer = json!({
                "model": model.name,
                "layers": rows.collect::<Vec<_>>(),
                "total_params": total,
                "trainable_params": total,
                "non_trainable_params": 0,
                "table": table(&model.name, &blocks, total),
            });
            Response::json(200, &answer)
        }
    }
    .with("Vary", "Accept")
}

/// Returns the results of training and the server's counters.
pub fn stats(app: &App, request: &Request) -> Response {
    let model = match app.model(request) {
        Ok(model) => model,
        Err(refusal) => return refusal,
    };
    let training = &model.language_model.training;
    let best_loss = training.mixed_val_loss.unwrap_or(training.val_loss);
    let (requests, failed) = app.metrics.requests();
    let counted = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let load = model.scheduler.load();
    Response::json(
        200,
        &json!({
            "model": model.name,
            "training": {
                "epochs": training.epochs,
                "best_epoch": training.best_epoch,
                "loss": finite(training.loss),
                "accuracy": finite(training.accuracy),
                "val_loss": finite(training.val_loss),
                "val_accuracy": finite(training.val_accuracy),
                "mixed_val_loss": training.mixed_val_loss,
                "perplexity": finite(best_loss.exp()),
            },
            "server": {
                "version": env!("CARGO_PKG_VERSION"),
                "uptime_seconds": app.metrics.started.elapsed().as_secs_f64(),
                "requests": requests,
                "requests_failed": failed,
                "requests_running": load.running,
                "requests_waiting": load.waiting,
                "generated_tokens": counted(&app.metrics.generated_tokens),
                "prompt_tokens": counted(&app.metrics.prompt_tokens),
                "cached_tokens": counted(&app.metrics.cached_tokens),
                "open_connections": app.clients.connections.load(Ordering::Relaxed),
                "memory_bytes": resident_memory(),
            },
        }),
    )
}

/// Returns the models in OpenAI's format.
pub fn v1_models(app: &App, _: &Request) -> Response {
    let models: Vec<Value> = app
        .models
        .all()
        .iter()
        .map(|model| {
            json!({"id": model.name, "object": "model", "created": unix(model.loaded), "owned_by": "rnn-serve"})
        })
        .collect();
    Response::json(200, &json!({"object": "list", "data": models}))
}

fn facts(model: &Model) -> Value {
    let config = model.language_model.network.config();
    let mut facts = json!(config);
    if let Value::Object(fields) = &mut facts {
        const SHOWN: [&str; 6] = ["cell", "vocab_size", "embedding_size", "hidden_size", "num_layers", "tie_weights"];
        fields.retain(|name, _| SHOWN.contains(&name.as_str()));
        fields.insert("num_parameters".into(), config.num_parameters().into());
    }
    facts
}

fn add(to: &mut Value, more: Value) {
    if let (Value::Object(to), Value::Object(more)) = (to, more) {
        to.extend(more);
    }
}

/// Returns null for NaN and infinities, which JSON does not have.
fn finite(number: f64) -> Value {
    if number.is_finite() { number.into() } else { Value::Null }
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn table(name: &str, blocks: &[Block], total: usize) -> String {
    let mut text = format!("Model: \"{name}\"\n");
    let rule = |c: &str| format!("{}\n", c.repeat(68));
    let row = |a: &str, b: &str, c: &str| format!("{a:<28}{b:<26}{c:>14}\n");
    text += &rule("_");
    text += &row(" Layer (type)", "Output Shape", "Param # ");
    text += &rule("=");
    for (block, layer) in blocks.iter().filter_map(|block| Some((block, block.name()?))) {
        let shape = format!("(None, None, {})", block.output_size());
        let parameters = format!("{} ", count(block.num_parameters()));
        text += &row(&format!(" {layer} ({})", block.keras()), &shape, &parameters);
    }
    text += &rule("=");
    let _ = writeln!(text, "Total params: {0}\nTrainable params: {0}\nNon-trainable params: 0", count(total));
    text
}
