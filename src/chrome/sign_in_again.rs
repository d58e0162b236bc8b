//! The session and the page part: it has ended, or in another tab someone else has signed in.

use crate::{
    components::sign_in::SignInDialog,
    queries::{Sync, sync},
    routes,
    session::{self, Session, SessionFault},
};
use holdfast_sync::client::ConnectionStatus;
use leptos::{ev, leptos_dom::helpers::document, prelude::*, task::spawn_local};

/// Signs in again over the page. The same user goes on in place; for another the page starts
/// over, and what this one has on the device stays until they are back.
#[component]
pub(super) fn SignInAgain(
    /// Whose page this is.
    session: Session,
    /// Whether it is asked.
    open: RwSignal<bool>,
) -> impl IntoView {
    let sync = sync();
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let user = session.user.name.clone();
    let session = StoredValue::new(session);
    follow(sync, session);
    let submit = move |name: String| {
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            match session::sign_in(&name).await {
                Ok(now) => {
                    open.set(false);
                    go_on_as(&now, sync, session);
                }
                Err(SessionFault::Refused(message)) => error.set(Some(message)),
                Err(_) => error.set(Some(session::UNREACHABLE.to_owned())),
            }
            busy.set(false);
        });
    };
    view! { <SignInDialog open user busy error on_submit=submit /> }
}

fn go_on_as(now: &Session, sync: Sync, session: StoredValue<Session>) {
    now.keep();
    match session.with_value(|session| session == now) {
        true => sync.signed_in(),
        false => routes::start_over(),
    }
}

/// What another tab does about the session holds here too: someone else signing in at once, the same
/// user when this tab is looked at.
fn follow(sync: Sync, session: StoredValue<Session>) {
    let stored = window_event_listener(ev::storage, move |event| {
        let is_another = || Session::kept().is_some_and(|kept| session.with_value(|session| *session != kept));
        if Session::is_kept_under(event.key().as_deref()) && is_another() {
            routes::start_over();
        }
    });
    let seen = window_event_listener(ev::visibilitychange, move |_| {
        let has_ended = sync.status().connection.get_untracked() == ConnectionStatus::NeedsSignIn;
        if has_ended && !document().hidden() {
            spawn_local(async move {
                if let Ok(now) = session::ask().await {
                    go_on_as(&now, sync, session);
                }
            });
        }
    });
    on_cleanup(move || {
        stored.remove();
        seen.remove();
    });
}
