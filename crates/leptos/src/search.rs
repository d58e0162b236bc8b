//! Searching what is on the server, of which the device may hold a part.

use crate::session::{SessionFault, read};
use gloo_net::http::Request;
use holdfast_sync::{Schema, protocol::Found};

/// The rows that the server finds a text in, the best first.
///
/// # Errors
/// Why there was no answer.
pub async fn search<S: Schema>(sought: &str) -> Result<Found<S>, SessionFault> {
    read(Request::get("/api/search").query([("q", sought)]).send().await).await
}
