//! Who uses the app. The server's session lives in a cookie that scripts cannot read; what is
//! kept here is only who was here last, so that the app opens without a network.
//!
//! An app opens with [`Session::kept`] if there is one and asks for a name if not; with a
//! session, [`Session::sync_options`] is what [`provide_sync`](crate::status::provide_sync) takes.

use crate::{
    bridge::{WebSocketConnector, World},
    status::SyncOptions,
};
use gloo_net::http::{Request, Response};
use holdfast_sync::Schema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt::Display;
use uuid::Uuid;

/// Where the server takes sockets. It is told whose page asks: the session may be another's by then.
const SOCKET: &str = "/sync";

/// Where the last session is kept in localStorage.
const KEPT: &str = "holdfast.session";

/// Where the name of the database is kept in localStorage, for what must find it without the app.
const DATABASE: &str = "holdfast.database";

/// What is said where the server does not answer.
pub const UNREACHABLE: &str = "The server cannot be reached. Try again in a moment.";

/// A user in a workspace, named by what the app names them by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session<U = Uuid, W = Uuid> {
    /// Who.
    pub user: Named<U>,
    /// Where.
    pub workspace: Named<W>,
}

/// An id with what people call it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named<I> {
    /// The id.
    pub id: I,
    /// What people call it.
    pub name: String,
}

/// Why the server gave no session; each says it in a sentence for a person.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SessionFault {
    /// Nobody is signed in.
    #[error("Nobody is signed in.")]
    SignedOut,
    /// The server was not reached, or answered something else: nothing is known.
    #[error("{UNREACHABLE}")]
    Unreachable,
    /// It said no, with a sentence.
    #[error("{0}")]
    Refused(String),
}

impl<U: Display, W: Display> Session<U, W> {
    /// Sync as this user, with the server that the page came from and the browser's store.
    pub fn sync_options<S: Schema>(&self, actor: S::Actor) -> SyncOptions<S> {
        let socket = WebSocketConnector::same_origin(&format!("{SOCKET}?user={}", self.user.id));
        SyncOptions::new(actor, self.database(), World::browser(socket))
    }

    /// The name of this user's database in this workspace.
    pub fn database(&self) -> String {
        format!("holdfast:{}:{}", self.workspace.id, self.user.id)
    }

    /// Keeps it for the next start. Where the browser keeps nothing, the next start asks the server.
    pub fn keep(&self)
    where
        Self: Serialize,
    {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(self)) {
            let _ = storage.set_item(KEPT, &text);
            let _ = storage.set_item(DATABASE, &self.database());
        }
    }
}

impl<U: DeserializeOwned, W: DeserializeOwned> Session<U, W> {
    /// Who was here last on this device.
    pub fn kept() -> Option<Self> {
        serde_json::from_str(&storage()?.get_item(KEPT).ok()??).ok()
    }
}

impl<U, W> Session<U, W> {
    /// Whether this key of localStorage, or all of them for none, is about who was here.
    pub fn is_kept_under(key: Option<&str>) -> bool {
        key.is_none_or(|key| key == KEPT)
    }

    /// Forgets who was here.
    pub fn forget() {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(KEPT);
            let _ = storage.remove_item(DATABASE);
        }
    }
}

/// Asks the server who is signed in.
///
/// # Errors
/// A [`SessionFault`].
pub async fn ask<U: DeserializeOwned, W: DeserializeOwned>() -> Result<Session<U, W>, SessionFault> {
    read(Request::get("/api/session").send().await).await
}

/// Signs in by name.
///
/// # Errors
/// A [`SessionFault`].
pub async fn sign_in<U: DeserializeOwned, W: DeserializeOwned>(name: &str) -> Result<Session<U, W>, SessionFault> {
    let body = serde_json::json!({ "name": name });
    let request = Request::post("/api/session").json(&body).map_err(|_| SessionFault::Unreachable)?;
    read(request.send().await).await
}

/// Ends the server's session; without a network it ends when it expires.
pub async fn sign_out() {
    let _ = Request::delete("/api/session").send().await;
}

async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, SessionFault> {
    #[derive(Deserialize)]
    struct Failed {
        error: Problem,
    }
    #[derive(Deserialize)]
    struct Problem {
        message: String,
    }
    let answer = answer.map_err(|_| SessionFault::Unreachable)?;
    match answer.status() {
        200..300 => answer.json().await.map_err(|_| SessionFault::Unreachable),
        401 => Err(SessionFault::SignedOut),
        400..500 => {
            let problem = answer.json::<Failed>().await;
            Err(problem.map_or(SessionFault::Unreachable, |problem| SessionFault::Refused(problem.error.message)))
        }
        _ => Err(SessionFault::Unreachable),
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
