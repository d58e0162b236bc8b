//! What the API answers when something is wrong: `{"error": {"code", "message"}}`.

use crate::store::StoreError;
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign_in", "Nobody is signed in.")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        // What the database says is for the log: it may name a file or a row.
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.sentence())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}
