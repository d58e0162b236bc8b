//! `GET /api/search?q=…`: the rows that a text is found in.

use super::{account_of, answer::Failure};
use crate::{application::Application, server::Server};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::sync::Arc;

/// How many rows an answer holds at most.
const ROWS_MAX: usize = 50;

/// What is sought.
#[derive(Deserialize)]
pub(super) struct Search {
    /// As a person typed it.
    #[serde(default)]
    q: String,
}

/// The rows that a text is found in, the best first, of those that whoever asks may read.
pub(super) async fn search<A: Application>(
    State(server): State<Arc<Server<A>>>,
    headers: HeaderMap,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, Failure> {
    let account = account_of(&server, &headers).await?.ok_or_else(Failure::signed_out)?;
    let Query(Search { q }) = search.map_err(|error| Failure::new(error.status(), "malformed", error.body_text()))?;
    let found = server.store.search(A::user(account.user.id), A::sought(&q), ROWS_MAX).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(found)).into_response())
}
