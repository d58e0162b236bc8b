//! Everything on the one port: the listener, the guards before every request, the API, the
//! app's files. `/sync` goes on in [`ws`].
//!
//! Every request passes, in this order: `headers` (security headers on whatever is
//! answered), `origin` (whose page asks), then its handler.

mod answer;
mod app;
mod cookie;
mod headers;
mod health;
mod listen;
mod origin;
mod search;
mod session;
mod socket;

pub use headers::CONTENT_SECURITY_POLICY;
pub(crate) use listen::listen;
pub use origin::Origins;
pub(crate) use origin::page_of;
pub(crate) use session::account_of;
pub(crate) use socket::Activity;

use crate::{application::Application, server::Server, ws};
use answer::Failure;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware,
    routing::{any, get},
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tower_http::timeout::TimeoutLayer;

/// How many bytes the body of a request to `/api` may have.
const BODY_BYTES_MAX: usize = 64 << 10;

/// How long a request to `/api` may take, its body's arrival included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// What is known of the socket that a request came on.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// The other end's address.
    pub address: SocketAddr,
    /// When bytes last went over it.
    pub activity: Arc<Activity>,
    /// Kept by whatever goes on over the socket: the server's end waits for it.
    pub alive: Alive,
}

/// Says by being there that a connection is still in use.
pub(crate) type Alive = mpsc::Sender<Infallible>;

/// All routes.
pub(crate) fn router<A: Application>(server: Arc<Server<A>>) -> Router {
    let api = Router::new()
        .route("/session", get(session::show).post(session::sign_in).delete(session::sign_out))
        .route("/search", get(search::search))
        .fallback(no_endpoint)
        .method_not_allowed_fallback(|| async {
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method", "This endpoint does not take this method.")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT));
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/sync", get(ws::upgrade))
        .nest("/api", api)
        .route("/api/", any(no_endpoint))
        .fallback_service(app::files(server.settings.app.as_deref()))
        .layer(middleware::from_fn_with_state(server.clone(), origin::guard))
        .layer(middleware::from_fn(headers::secure))
        .with_state(server)
}

async fn no_endpoint() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "not_found", "There is no such endpoint.")
}
