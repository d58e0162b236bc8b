//! `/api/session`: who am I, sign in, sign out.

use super::{Peer, answer::Failure, cookie, page_of};
use crate::{
    accounts::{Account, SignInError},
    application::Application,
    server::Server,
    store::StoreError,
};
use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;
use std::{net::IpAddr, sync::Arc};

/// What signing in takes.
#[derive(Deserialize)]
pub(super) struct SignIn {
    name: String,
}

/// Whose request it is.
pub(crate) async fn account_of<A: Application>(
    server: &Server<A>,
    headers: &HeaderMap,
) -> Result<Option<Account>, StoreError> {
    match cookie::token(headers) {
        Some(token) => server.accounts.account(&token).await,
        None => Ok(None),
    }
}

/// Who is signed in.
pub(super) async fn show<A: Application>(
    State(server): State<Arc<Server<A>>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    match account_of(&server, &headers).await? {
        Some(account) => answer(&server, &account).await,
        None => Err(Failure::signed_out()),
    }
}

/// Signs in by name, where the browser runs on the server's own machine.
pub(super) async fn sign_in<A: Application>(
    State(server): State<Arc<Server<A>>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Failure> {
    if !is_local(peer.address.ip(), &headers) {
        let message = "Signing in by name works on the server's own machine only.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "not_local", message));
    }
    let Json(SignIn { name }) = body.map_err(|error| Failure::new(error.status(), "malformed", error.body_text()))?;
    let (token, account) = server.accounts.sign_in(&name).await.map_err(|error| match error {
        SignInError::Name(message) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "name", message),
        SignInError::Store(error) => error.into(),
    })?;
    // A session is one browser's: the one it had ends.
    if let Some(old) = cookie::token(&headers) {
        server.accounts.sign_out(&old).await?;
    }
    tracing::info!(user = %account.user.id, "signed in");
    let mut response = answer(&server, &account).await?;
    let cookie = cookie::give(&token, is_encrypted(&headers));
    response.headers_mut().insert(header::SET_COOKIE, cookie.parse().expect("a cookie of ours is plain ASCII"));
    Ok(response)
}

/// Signs out.
pub(super) async fn sign_out<A: Application>(
    State(server): State<Arc<Server<A>>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Some(token) = cookie::token(&headers) {
        server.accounts.sign_out(&token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::take(is_encrypted(&headers)))]).into_response())
}

async fn answer<A: Application>(server: &Server<A>, account: &Account) -> Result<Response, Failure> {
    let workspace = server.accounts.workspace().await?;
    let body = json!({ "user": account.user, "workspace": workspace });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Whether the browser runs on this machine: a proxy here may speak for one elsewhere.
fn is_local(peer: IpAddr, headers: &HeaderMap) -> bool {
    let named = headers.get_all("x-forwarded-for").iter().flat_map(|value| value.to_str().unwrap_or("?").split(','));
    peer.is_loopback()
        && !headers.contains_key("forwarded")
        && named.into_iter().all(|name| name.trim().parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

/// Whether the browser's way here is encrypted, at least up to a proxy.
fn is_encrypted(headers: &HeaderMap) -> bool {
    page_of(headers).is_some_and(|origin| origin.starts_with("https://"))
}
