//! Who uses the app. The server's session lives in a cookie that scripts cannot read; what is
//! kept here is only who was here last, so that the app opens without a network.

use gloo_net::http::{Request, Response};
use holdfast_tracker::{UserId, WorkspaceId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Where the last session is kept in localStorage.
const KEPT: &str = "holdfast.session";

/// Where the name of the database is kept in localStorage, for [`rescue`](crate::rescue).
const DATABASE: &str = "holdfast.database";

/// Set in localStorage while somebody has signed out and the server does not know.
const LEAVING: &str = "holdfast.leaving";

/// What is said where the server does not answer.
pub const UNREACHABLE: &str = "The server cannot be reached. Try again in a moment.";

/// A user in a workspace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub user: Named<UserId>,
    /// Where.
    pub workspace: Named<WorkspaceId>,
}

/// An id with what people call it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named<I> {
    /// The id.
    pub id: I,
    /// What people call it.
    pub name: String,
}

/// Why the server gave no session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionFault {
    /// Nobody is signed in.
    SignedOut,
    /// The server was not reached, or answered something else: nothing is known.
    Unreachable,
    /// It said no, with a sentence.
    Refused(String),
}

impl Session {
    /// The name of this user's database in this workspace.
    pub fn database(&self) -> String {
        format!("holdfast:{}:{}", self.workspace.id, self.user.id)
    }

    /// Who was here last on this device.
    pub fn kept() -> Option<Self> {
        serde_json::from_str(&storage()?.get_item(KEPT).ok()??).ok()
    }

    /// Keeps it for the next start. Where the browser keeps nothing, the next start asks the server.
    pub fn keep(&self) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(self)) {
            let _ = storage.set_item(KEPT, &text);
            let _ = storage.set_item(DATABASE, &self.database());
        }
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
pub async fn ask() -> Result<Session, SessionFault> {
    read(Request::get("/api/session").send().await).await
}

/// Signs in by name.
///
/// # Errors
/// A [`SessionFault`].
pub async fn sign_in(name: &str) -> Result<Session, SessionFault> {
    let body = serde_json::json!({ "name": name });
    let request = Request::post("/api/session").json(&body).map_err(|_| SessionFault::Unreachable)?;
    read(request.send().await).await
}

/// Ends the server's session. Where the server is not reached this is remembered, and
/// [made good](finish_sign_out) at the next start.
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
