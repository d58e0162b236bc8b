//! How far a row's own edits have come.

use leptos::prelude::*;

/// What a sync state is called, for people.
pub fn sync_words(state: &str) -> &'static str {
    match state {
        "saving" => "Saving on this device",
        "queued" => "Saved on this device, waits to be sent",
        "sending" => "Being sent",
        "refused" => "Refused by the server",
        "conflict" => "In conflict with a colleague's change",
        _ => "Synced",
    }
}

/// A mark that is there only while something has not been settled; its room always is.
#[component]
pub fn SyncMark(
    /// `synced`, `saving`, `queued`, `sending`, `refused` or `conflict`.
    #[prop(into)]
    state: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <span class="sync-mark" role="img" data-state=move || state.get() aria-label=move || sync_words(state.get())></span>
    }
}
