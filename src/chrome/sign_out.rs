//! Signing out: asks where edits are unsent, then wipes this device.

use crate::{
    components::{dialog::ConfirmDialog, sign_in::SignedOut},
    drafts,
    queries::{forget_uses, sync},
    routes,
    session::{self, Session},
};
use leptos::{prelude::*, task::spawn_local};

/// The question before signing out.
#[component]
pub(super) fn SignOut(
    /// Whether it is asked.
    open: RwSignal<bool>,
) -> impl IntoView {
    let sync = sync();
    let status = sync.status();
    let text = Signal::derive(move || match status.unsent.get() + status.refused.get() {
        0 => "What Holdfast keeps for you on this device is removed.".to_owned(),
        1 => "One edit has not reached the server and will be lost. Cancel to send it first.".to_owned(),
        edits => format!("{edits} edits have not reached the server and will be lost. Cancel to send them first."),
    });
    let is_out = RwSignal::new(false);
    let session = expect_context::<Session>();
    let leave = move |()| {
        let wiped = sync.sign_out_wipe();
        drafts::forget(&session);
        forget_uses(&session);
        Session::forget();
        spawn_local(async move {
            // What could not be wiped is opened by nobody else: its database is this user's.
            let _ = wiped.await;
            match session::sign_out().await {
                Ok(()) => routes::start_over(),
                // There may be nothing to load the page from.
                Err(_) => is_out.set(true),
            }
        });
    };
    view! {
        <ConfirmDialog open title="Sign out?" text confirm="Sign out" on_confirm=leave />
        <Show when=move || is_out.get()>
            <SignedOut on_sign_in=|()| routes::start_over() />
        </Show>
    }
}
