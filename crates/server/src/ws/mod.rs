//! `/sync`: the WebSocket, one task a connection.

mod connection;

use crate::{
    application::Application,
    http::{Peer, account_of},
    server::Server,
};
use axum::{
    Extension,
    extract::{Query, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use connection::Connection;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// How many bytes may wait to be written beyond one frame, before the socket must take some.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

/// What a page may say of itself as it asks.
#[derive(Deserialize)]
pub(crate) struct Asking {
    /// Whose page it is: where the session is another's by now, it is none of theirs.
    user: Option<Uuid>,
}

/// Upgrades to a WebSocket. Whose page asks was checked before; who asks is told over the
/// socket, as a page does not get to see the status of a refused upgrade.
pub(crate) async fn upgrade<A: Application>(
    State(server): State<Arc<Server<A>>>,
    Extension(peer): Extension<Peer>,
    Query(asking): Query<Asking>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if *server.stopping.borrow() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let account = match account_of(&server, &headers).await {
        Ok(account) => account.filter(|account| asking.user.is_none_or(|user| user == account.user.id)),
        Err(error) => {
            tracing::error!(%error, "a session could not be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let frame_bytes_max = server.settings.limits.frame_bytes_max;
    upgrade
        // The session says what is wrong with a frame that is too large; only one that is much
        // too large is not even read.
        .max_message_size(frame_bytes_max * 2)
        .max_frame_size(frame_bytes_max * 2)
        .write_buffer_size(0)
        .max_write_buffer_size(frame_bytes_max * 2 + WRITE_BUFFER_BYTES)
        .on_upgrade(move |socket| async move {
            Connection::new(&server, socket, peer.activity, account).run().await;
            drop(peer.alive);
        })
}
