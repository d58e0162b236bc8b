//! What is being written and not saved yet. It is kept on the device at each keystroke, so that neither
//! a change of pages nor a reload loses it, until it is saved or dropped, or its author signs out.

use crate::session::Session;
use leptos::prelude::*;

/// Stands before the names of drafts in localStorage.
const PREFIX: &str = "holdfast.draft.";

/// A text being written, under a name that says what it is for: `comment.<issue>`. Empty, it is none.
pub fn use_draft(name: &str) -> RwSignal<String> {
    let key = key(name);
    let draft = RwSignal::new(storage().and_then(|storage| storage.get_item(&key).ok().flatten()).unwrap_or_default());
    Effect::new(move |before: Option<()>| {
        let text = draft.get();
        // What was just read need not be written.
        if before.is_some()
            && let Some(storage) = storage()
        {
            // A full storage costs the draft at the next reload, nothing before.
            let _ = if text.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, &text) };
        }
    });
    draft
}

/// What is kept under that name.
pub fn kept(name: &str) -> Option<String> {
    storage()?.get_item(&key(name)).ok().flatten()
}

/// Drops what is kept under that name.
pub fn drop_kept(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(name));
    }
}

/// Drops everything that this user has begun to write.
pub fn forget(session: &Session) {
    let Some(storage) = storage() else { return };
    let prefix = format!("{PREFIX}{}.", session.user.id);
    let keys = (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
    let keys: Vec<String> = keys.filter(|key| key.starts_with(&prefix)).collect();
    for key in keys {
        let _ = storage.remove_item(&key);
    }
}

fn key(name: &str) -> String {
    format!("{PREFIX}{}.{name}", expect_context::<Session>().user.id)
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
