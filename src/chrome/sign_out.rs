//! Signing out: asks where edits are unsent, then wipes this device.

use crate::{
    components::dialog::ConfirmDialog,
    queries::sync,
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
        0 => "What Holdfast keeps on this device is removed.".to_owned(),
        1 => "One edit has not reached the server and will be lost. Cancel to send it first.".to_owned(),
        edits => format!("{edits} edits have not reached the server and will be lost. Cancel to send them first."),
    });
    let leave = move |()| {
        let wiped = sync.sign_out_wipe();
        Session::forget();
        spawn_local(async move {
            // What could not be wiped is opened by nobody else: its database is this user's.
            let _ = wiped.await;
            session::sign_out().await;
            routes::start_over();
        });
    };
    view! { <ConfirmDialog open title="Sign out?" text confirm="Sign out" on_confirm=leave /> }
}
