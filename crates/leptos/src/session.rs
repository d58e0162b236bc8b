//! Who uses the app. The server's session lives in a cookie that scripts cannot read; what is
//! kept here is only who was here last, so that the app, once its files are loaded, opens without asking
//! the server.
//!
//! An app opens with [`Session::kept`] if there is one and asks for a name if not; with a
//! session, [`Session::sync_options`] is what [`provide_sync`](crate::status::provide_sync) takes.

use crate::{
    bridge::{WebSocketConnector, World},
    status::SyncOptions,
};
use gloo_net::http::{Request, Response};
use holdfast_sync::Schema;
use leptos::{
    prelude::{RwSignal, Set},
    task::spawn_local,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt::Display;
use uuid::Uuid;

/// Where the server takes sockets. It is told whose page asks: the session may be another's by then.
const SOCKET: &str = "/sync";

/// Where the last session is kept in localStorage.
const KEPT: &str = "holdfast.session";

/// Where the name of the database is kept in localStorage, for what must find it without the app.
const DATABASE: &str = "holdfast.database";

/// Set in localStorage while somebody has signed out and the server does not know.
const LEAVING: &str = "holdfast.leaving";

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

/// Why the server gave no session, or no other answer for want of one; each says it in a sentence for a person.
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

/// What users and workspaces may be named by.
pub trait SessionId: Display + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Display + Serialize + DeserializeOwned + Send + Sync + 'static> SessionId for T {}

impl<U: SessionId, W: SessionId> Session<U, W> {
    /// Sync as this user, with the server that the page came from and the browser's store.
    pub fn sync_options<S: Schema>(&self, actor: S::Actor) -> SyncOptions<S> {
        SyncOptions::new(actor, self.database(), World::browser(self.connector()))
    }

    /// Connects this user's page to the server that it came from.
    pub fn connector(&self) -> WebSocketConnector {
        WebSocketConnector::same_origin(&format!("{SOCKET}?user={}", self.user.id))
    }

    /// The name of this user's database in this workspace.
    pub fn database(&self) -> String {
        format!("holdfast:{}:{}", self.workspace.id, self.user.id)
    }

    /// Keeps it for the next start. Where the browser keeps nothing, the next start asks the server.
    pub fn keep(&self) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(self)) {
            let _ = storage.set_item(KEPT, &text);
            let _ = storage.set_item(DATABASE, &self.database());
        }
    }

    /// Who was here last on this device.
    pub fn kept() -> Option<Self> {
        serde_json::from_str(&storage()?.get_item(KEPT).ok()??).ok()
    }

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
pub async fn ask<U: SessionId, W: SessionId>() -> Result<Session<U, W>, SessionFault> {
    read(Request::get("/api/session").send().await).await
}

/// Signs in by name.
///
/// # Errors
/// A [`SessionFault`].
pub async fn sign_in<U: SessionId, W: SessionId>(name: &str) -> Result<Session<U, W>, SessionFault> {
    let body = serde_json::json!({ "name": name });
    let request = Request::post("/api/session").json(&body).map_err(|_| SessionFault::Unreachable)?;
    read(request.send().await).await
}

/// Ends the server's session. Where the server is not reached this is remembered, and made good when
/// the app calls [`finish_sign_out`] at its next start.
///
/// # Errors
/// Where the session may still stand.
pub async fn sign_out() -> Result<(), SessionFault> {
    if let Some(storage) = storage() {
        let _ = storage.set_item(LEAVING, "1");
    }
    let answer = Request::delete("/api/session").send().await;
    match answer.map(|answer| answer.status()) {
        Ok(200..300 | 401) => {
            if let Some(storage) = storage() {
                let _ = storage.remove_item(LEAVING);
            }
            Ok(())
        }
        _ => Err(SessionFault::Unreachable),
    }
}

/// Ends the session of whoever signed out while the server could not be reached.
///
/// # Errors
/// Where it still cannot be.
pub async fn finish_sign_out() -> Result<(), SessionFault> {
    let is_leaving = storage().and_then(|storage| storage.get_item(LEAVING).ok().flatten()).is_some();
    if is_leaving { sign_out().await } else { Ok(()) }
}

pub(crate) async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, SessionFault> {
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

/// Who uses the app, as a component sees it; from [`use_session`].
pub struct SessionState<U: 'static = Uuid, W: 'static = Uuid> {
    /// Whoever is signed in, or was here last.
    pub session: RwSignal<Option<Session<U, W>>>,
    /// Why nobody could be signed in.
    pub fault: RwSignal<Option<SessionFault>>,
}

impl<U, W> Clone for SessionState<U, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U, W> Copy for SessionState<U, W> {}

/// Who uses the app: whoever was here last, at once and without asking the server. That their session
/// has ended the socket finds out ([`ConnectionStatus::NeedsSignIn`](holdfast_sync::client::ConnectionStatus)).
pub fn use_session<U, W>() -> SessionState<U, W>
where
    U: SessionId,
    W: SessionId,
{
    SessionState { session: RwSignal::new(Session::kept()), fault: RwSignal::new(None) }
}

impl<U: SessionId, W: SessionId> SessionState<U, W> {
    /// Signs in by name: then there is a `session`, else a `fault`.
    pub fn sign_in(self, name: String) {
        spawn_local(async move {
            match sign_in(&name).await {
                Ok(session) => {
                    session.keep();
                    self.fault.set(None);
                    self.session.set(Some(session));
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }

    /// Forgets who was here, so that the app asks. What is on the device stays until they are back.
    pub fn leave(self) {
        Session::<U, W>::forget();
        self.session.set(None);
    }
}
