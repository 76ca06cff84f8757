//! Which handler answers what, and what HTTP has to say about every path: methods, CORS, HEAD.

use crate::App;
use crate::http::{Request, Response};
use crate::{about, generate, page};

type Handler = for<'a> fn(&'a App, &Request) -> Response<'a>;

/// Path, method, handler. One method a path.
const ROUTES: [(&str, &str, Handler); 7] = [
    ("/", "GET", page::index),
    ("/page/style.css", "GET", page::style),
    ("/page/script.js", "GET", page::script),
    ("/page/icon.svg", "GET", page::icon),
    ("/health", "GET", about::health),
    ("/model/info", "GET", about::model_info),
    ("/generate", "POST", generate::generate),
];

/// The answer to a request. Anybody's page may read it: there is nothing here that a cookie protects.
pub fn answer<'a>(app: &'a App, request: &Request) -> Response<'a> {
    find(app, request).with("Access-Control-Allow-Origin", "*")
}

fn find<'a>(app: &'a App, request: &Request) -> Response<'a> {
    let route = |path: &str| ROUTES.iter().find(|(known, ..)| *known == path);
    let Some((_, method, handler)) = route(&request.path) else {
        // As FastAPI, whose users add slashes.
        return match request.path.strip_suffix('/').and_then(route) {
            Some((path, ..)) => Response::text(307, "").with("Location", *path),
            None => Response::refusal(404, "Not Found"),
        };
    };
    match request.method.as_str() {
        asked if asked == *method => handler(app, request),
        "HEAD" if *method == "GET" => handler(app, request), // tiny_http leaves the body out
        "OPTIONS" if request.header("access-control-request-method").is_some() => preflight(method, request),
        _ => {
            let allow = if *method == "GET" { "GET, HEAD, OPTIONS" } else { "POST, OPTIONS" };
            Response::refusal(405, "Method Not Allowed").with("Allow", allow)
        }
    }
}

/// A browser asks whether another site's page may send what it wants to send.
fn preflight<'a>(method: &'static str, request: &Request) -> Response<'a> {
    let asked = request.header("access-control-request-method").unwrap_or_default();
    let allowed = asked == method || (asked == "HEAD" && method == "GET");
    let response = if allowed { Response::text(200, "OK") } else { Response::text(400, "Disallowed CORS method") };
    response
        .with("Access-Control-Allow-Methods", if method == "GET" { "GET, HEAD" } else { "POST" })
        .with("Access-Control-Allow-Headers", "Accept, Accept-Language, Authorization, Content-Language, Content-Type")
        .with("Access-Control-Max-Age", "600")
}
