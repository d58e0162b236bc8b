//! The session's cookie.

use crate::accounts::{SESSION_MS, Token};
use axum::http::{HeaderMap, header};

const NAME: &str = "holdfast_session";

/// The token that a request carries, if any.
pub(super) fn token(headers: &HeaderMap) -> Option<Token> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME).then(|| Token::parse(value)).flatten())
}

/// The header that gives a browser its token.
pub(super) fn give(token: &Token, secure: bool) -> String {
    format!("{NAME}={}; Max-Age={}{}", token.reveal(), SESSION_MS / 1000, attributes(secure))
}

/// The header that takes it away.
pub(super) fn take(secure: bool) -> String {
    format!("{NAME}=; Max-Age=0{}", attributes(secure))
}

fn attributes(secure: bool) -> &'static str {
    if secure { "; Path=/; HttpOnly; SameSite=Lax; Secure" } else { "; Path=/; HttpOnly; SameSite=Lax" }
}
