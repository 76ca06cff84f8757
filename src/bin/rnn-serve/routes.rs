//! All routes, and the logic common to all of them: methods, keys, CORS, HEAD.

use crate::App;
use crate::http::{Request, Response};
use crate::route::{Route, get, post, public};
use crate::{about, completions, generate, metrics, openapi, page, pictures, score};

pub const ROUTES: [Route; 24] = [
    public("/", page::index),
    public("/health", about::health),
    get("/model/info", about::model_info),
    get("/model/summary", about::model_summary),
    get("/stats", about::stats),
    post("/generate", generate::generate),
    post("/score", score::score),
    post("/tokenize", score::tokenize),
    get("/visualizations/architecture", pictures::architecture),
    get("/visualizations/training", pictures::training),
    post("/v1/completions", completions::completions),
    get("/v1/models", about::v1_models),
    get("/metrics", metrics::metrics),
    public("/docs", |_, _| page::docs()),
    public("/openapi.json", openapi),
    // Assets of these pages, and other paths that browsers and users try.
    public("/redoc", |_, _| Response::text(307, "").with("Location", "/docs")),
    public("/favicon.ico", |_, _| page::icon()),
    public("/page/base.css", |_, _| page::style(include_str!("page/base.css"))),
    public("/page/write.css", |_, _| page::style(include_str!("page/write.css"))),
    public("/page/write.js", |_, _| page::script(include_str!("page/write.js"))),
    public("/page/docs.css", |_, _| page::style(include_str!("page/docs.css"))),
    public("/page/docs.js", |_, _| page::script(include_str!("page/docs.js"))),
    public("/page/stream.js", |_, _| page::script(include_str!("page/stream.js"))),
    public("/page/icon.svg", |_, _| page::icon()),
];

fn openapi(app: &App, _: &Request) -> Response {
    Response::json(200, &openapi::document(&ROUTES, app.keys.are_required())).with("Cache-Control", "no-cache")
}

/// Returns the response to a request, and the path of its route for the metrics.
pub fn answer(app: &App, request: &Request) -> (Response, &'static str) {
    let route = ROUTES.iter().find(|route| route.path == request.path);
    let mut response = match route {
        Some(route) => by_method(app, route, request),
        // Paths with a trailing slash are redirected, as in FastAPI.
        None => match request.path.strip_suffix('/').and_then(|path| ROUTES.iter().find(|route| route.path == path)) {
            Some(route) => Response::text(307, "").with("Location", route.path),
            None => Response::refusal(404, "Not Found"),
        },
    };
    if let Some(origin) = app.origins.allow(request.header("origin")) {
        let one_of_some = origin != "*";
        response = response
            .with("Access-Control-Allow-Origin", origin)
            .with("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
        if one_of_some {
            response = response.with("Vary", "Origin");
        }
    }
    (response, route.map_or("unknown", |route| route.path))
}

fn by_method(app: &App, route: &Route, request: &Request) -> Response {
    match request.method.as_str() {
        // tiny_http omits the body of a response to HEAD.
        asked if asked == route.method || (asked == "HEAD" && route.method == "GET") => {
            if route.needs_key && !app.keys.admit(request) {
                return unauthorized(request);
            }
            (route.handler)(app, request)
        }
        "OPTIONS" if request.header("access-control-request-method").is_some() => preflight(app, route, request),
        _ => {
            let allow = if route.method == "GET" { "GET, HEAD, OPTIONS" } else { "POST, OPTIONS" };
            Response::refusal(405, "Method Not Allowed").with("Allow", allow)
        }
    }
}

fn unauthorized(request: &Request) -> Response {
    const DETAIL: &str = "A key is required: Authorization: Bearer KEY";
    let response = if request.path.starts_with("/v1/") {
        completions::error(401, "invalid_request_error", DETAIL, None, Some("invalid_api_key"))
    } else {
        Response::refusal(401, DETAIL)
    };
    response.with("WWW-Authenticate", "Bearer")
}

/// Responds to a CORS preflight, which asks whether a page of another site may send a request.
fn preflight(app: &App, route: &Route, request: &Request) -> Response {
    let asked = request.header("access-control-request-method").unwrap_or_default();
    let allowed = asked == route.method || (asked == "HEAD" && route.method == "GET");
    let response = if app.origins.allow(request.header("origin")).is_none() {
        Response::text(400, "Disallowed CORS origin")
    } else if allowed {
        Response::text(200, "OK")
    } else {
        Response::text(400, "Disallowed CORS method")
    };
    response
        .with("Access-Control-Allow-Methods", if route.method == "GET" { "GET, HEAD" } else { "POST" })
        .with(
            "Access-Control-Allow-Headers",
            "Accept, Accept-Language, Authorization, Content-Language, Content-Type, X-Request-Id",
        )
        .with("Access-Control-Max-Age", "600")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_covers_exactly_the_public_routes() {
        let description = openapi::document(&ROUTES, false);
        let described: BTreeSet<(String, String)> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(|m| (path.clone(), m.to_uppercase())))
            .collect();
        let hidden = |path: &str| path.starts_with("/page/") || ["/redoc", "/favicon.ico"].contains(&path);
        let routes = ROUTES.iter().filter(|route| !hidden(route.path));
        assert_eq!(described, routes.map(|route| (route.path.to_string(), route.method.to_string())).collect());
    }
}
