//! A route: a path, its method and its handler.

use crate::App;
use crate::http::{Request, Response};

pub type Handler = fn(&App, &Request) -> Response;

pub struct Route {
    pub path: &'static str,
    /// The only method of this path besides HEAD and OPTIONS.
    pub method: &'static str,
    /// Whether a key is required if the server has keys. The pages are public, and monitors have no key.
    pub needs_key: bool,
    pub handler: Handler,
}

pub const fn public(path: &'static str, handler: Handler) -> Route {
    Route { path, method: "GET", needs_key: false, handler }
}

pub const fn get(path: &'static str, handler: Handler) -> Route {
    Route { path, method: "GET", needs_key: true, handler }
}

pub const fn post(path: &'static str, handler: Handler) -> Route {
    Route { path, method: "POST", needs_key: true, handler }
}
