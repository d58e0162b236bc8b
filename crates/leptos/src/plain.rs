//! Two components that every app needs and that need no look of their own: plain elements, for
//! an app's style sheet to dress. An app that wants more takes [`session`](crate::session) and
//! [`status`](crate::status) as they are.

use crate::{
    session::{SessionId, SessionState},
    status::{StoreState, SyncContext, connection_name},
};
use holdfast_sync::{
    Schema,
    client::{ConnectionStatus, Notice, StoreFault},
};
use leptos::{ev::SubmitEvent, prelude::*};

/// Asks for a name to sign in by: a `form.sign-in`.
#[component]
pub fn SignIn<U, W>(
    /// Who uses the app.
    who: SessionState<U, W>,
    /// What the form is headed by.
    #[prop(into)]
    title: String,
) -> impl IntoView
where
    U: SessionId,
    W: SessionId,
{
    let name = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        who.sign_in(name.get_untracked());
    };
    view! {
        <form class="sign-in" on:submit=submit>
            <h1>{title}</h1>
            <input
                data-testid="sign-in-name"
                aria-label="Your name"
                placeholder="Your name"
                autocomplete="username"
                autofocus
                bind:value=name
            />
            <button data-testid="sign-in-submit">"Sign in"</button>
            <p role="alert">{move || who.fault.get().map(|fault| fault.to_string())}</p>
        </form>
    }
}

/// How the connection stands and how many edits the server has not confirmed, in a sentence, with
/// what the user can do about it, what the server refused and whether the device keeps what is not sent: a
/// `p.connection` with `data-status` and `data-unsent`. It is read out when it is different; an app may hide it while it is `live`.
#[component]
pub fn Connection<S: Schema, U, W>(
    /// Who uses the app.
    who: SessionState<U, W>,
    /// The sync that it is about.
    sync: SyncContext<S>,
) -> impl IntoView
where
    U: SessionId,
    W: SessionId,
{
    let status = sync.status();
    let name = Memo::new(move |_| status.connection.with(connection_name));
    let said = move || {
        let stands = match status.connection.get() {
            ConnectionStatus::Connecting => "Connecting…".to_owned(),
            ConnectionStatus::CatchingUp { .. } => "Catching up…".to_owned(),
            ConnectionStatus::Live => "Live.".to_owned(),
            ConnectionStatus::Reconnecting { .. } => "Connection lost; trying again.".to_owned(),
            ConnectionStatus::Offline => "You are offline.".to_owned(),
            ConnectionStatus::NeedsSignIn => "Your session has ended.".to_owned(),
            ConnectionStatus::UpdateNeeded => "This page is too old for the server; reload it.".to_owned(),
            ConnectionStatus::Closed { reason } => reason,
        };
        match status.unsent.get() {
            0 => stands,
            1 => format!("{stands} 1 edit is not sent yet."),
            unsent => format!("{stands} {unsent} edits are not sent yet."),
        }
    };
    let kept = move || match status.store.get() {
        StoreState::Opening | StoreState::Durable => None,
        StoreState::MemoryOnly { .. } => Some(" This device keeps nothing: what is not sent goes with this page."),
        StoreState::Fault(StoreFault::Full) => Some(" This device is full: edits are neither kept nor sent."),
        StoreState::Fault(_) => Some(" This device's storage fails; trying again."),
        StoreState::Wiped => Some(" You have signed out."),
    };
    let discard = move |_| {
        for entry in untrack(|| sync.tray()) {
            sync.discard(entry.id);
        }
    };
    let refusal = move || {
        let notices = status.notices.get().into_iter();
        notices.rev().find_map(|entry| match entry.notice {
            Notice::Refused { message } => Some((entry.id, message)),
            _ => None,
        })
    };
    view! {
        <p class="connection" data-testid="connection-banner" data-status=name data-unsent=status.unsent role="status">
            {said}
            {kept}
            {move || refusal().map(|(id, message)| view! {
                <span role="alert">{format!(" An edit was refused: {message} ")}</span>
                <button on:click=move |_| sync.dismiss(id)>"Dismiss"</button>
            })}
            <button hidden=move || status.refused.get() == 0 on:click=discard>"Discard what was refused"</button>
            <button hidden=move || !matches!(name.get(), "reconnecting" | "offline") on:click=move |_| sync.retry_now()>
                "Try now"
            </button>
            <button hidden=move || name.get() != "needs-sign-in" on:click=move |_| who.leave()>
                "Sign in"
            </button>
        </p>
    }
}
