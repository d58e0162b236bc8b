//! Whether the server lives, is ready, and what it counts.

use super::answer::Failure;
use crate::{application::Application, server::Server};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use std::sync::Arc;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The store answers, and the server does not stop.
pub(super) async fn ready<A: Application>(State(server): State<Arc<Server<A>>>) -> Result<&'static str, Failure> {
    if *server.stopping.borrow() {
        return Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "The server is shutting down."));
    }
    server.store.check().await?;
    Ok("ok\n")
}

/// The counts.
pub(super) async fn metrics<A: Application>(State(server): State<Arc<Server<A>>>) -> impl IntoResponse {
    let head = *server.store.head().borrow();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], server.metrics.render(head))
}
