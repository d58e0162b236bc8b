//! Who is signed in, and what they then see.
//!
//! The app opens with whoever was here last, without asking the server first; that
//! their session still stands, the socket finds out.

use crate::{
    chrome::Frame,
    components::sign_in::SignInCard,
    routes,
    session::{self, Session, SessionFault},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::Router;

/// What is known of the session.
#[derive(Clone, PartialEq, Debug)]
enum Who {
    /// The server is being asked.
    Asking,
    /// Somebody is signed in.
    Known(Session),
    /// Nobody is.
    Nobody,
    /// The server was not reached, and nobody was here before.
    Unreachable,
}

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let kept = Session::kept();
    let who = RwSignal::new(kept.clone().map_or(Who::Asking, Who::Known));
    spawn_local(async move {
        let left = session::finish_sign_out().await;
        let asked = match left {
            Ok(()) => session::ask().await,
            Err(fault) => Err(fault),
        };
        match asked {
            Ok(session) => {
                session.keep();
                match kept {
                    None => who.set(Who::Known(session)),
                    Some(kept) if kept == session => {}
                    // Someone else signed in since, in another tab.
                    Some(_) => routes::start_over(),
                }
            }
            // Whoever was here keeps what is on the device; the banner asks to sign in.
            Err(SessionFault::SignedOut) if kept.is_none() => who.set(Who::Nobody),
            Err(_) if kept.is_none() => who.set(Who::Unreachable),
            Err(_) => {}
        }
    });
    view! {
        {move || match who.get() {
            Who::Asking => view! { <p class="visually-hidden" role="status">"Loading"</p> }.into_any(),
            Who::Known(session) => {
                view! {
                    <Router>
                        <Frame session />
                    </Router>
                }
                    .into_any()
            }
            Who::Nobody => view! { <SignIn on_signed_in=move |session| who.set(Who::Known(session)) /> }.into_any(),
            Who::Unreachable => view! { <Unreachable /> }.into_any(),
        }}
    }
}

/// Signing in by name.
#[component]
pub fn SignIn(
    /// Who did.
    #[prop(into)]
    on_signed_in: Callback<Session>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let submit = move |name: String| {
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            match session::sign_in(&name).await {
                Ok(session) => {
                    session.keep();
                    on_signed_in.run(session);
                }
                Err(SessionFault::Refused(message)) => error.set(Some(message)),
                Err(_) => error.set(Some(session::UNREACHABLE.to_owned())),
            }
            busy.set(false);
        });
    };
    view! { <SignInCard busy error on_submit=submit /> }
}

#[component]
fn Unreachable() -> impl IntoView {
    use crate::components::issue_list::EmptyState;
    view! {
        <EmptyState
            title="The server cannot be reached"
            text="This device has not been used with Holdfast before, so there is nothing to show yet."
            alert=true
        >
            <button type="button" class="button primary" on:click=|_| routes::reload()>
                "Try again"
            </button>
        </EmptyState>
    }
}
