//! Where a list stands, kept: over a change of pages and a reload, and when rows come or go above.

use super::scroll::Scroll;
use leptos::{ev, prelude::*};

/// Takes up the position kept under the key once there are rows, and keeps it on leaving.
pub(super) fn keep_position(scroll: Scroll, restore_key: Signal<String>) {
    let save = move |key: &str| {
        let top_px = scroll.geometry.try_get_untracked().zip(scroll.offset_px.try_get_untracked());
        if let Some((geometry, offset_px)) = top_px
            && let Some(storage) = session_storage()
        {
            // A full session storage costs the position, nothing else.
            let _ = storage.set_item(&storage_key(key), &geometry.content_top_px(offset_px).to_string());
        }
    };
    let restored = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        let key = restore_key.get();
        let ready = scroll.geometry.with(|geometry| geometry.total > 0 && geometry.viewport_px > 0.0);
        let before = restored.get_value();
        if before.as_ref() != Some(&key) && ready {
            if let Some(before) = before {
                save(&before);
            }
            let kept = session_storage().and_then(|storage| storage.get_item(&storage_key(&key)).ok().flatten());
            let top_px = kept.and_then(|kept| kept.parse().ok()).unwrap_or(0.0);
            restored.set_value(Some(key));
            scroll.set(scroll.geometry.get_untracked().scroll_px(top_px));
        }
    });
    let save_current = move || {
        if let Some(Some(key)) = restored.try_get_value() {
            save(&key);
        }
    };
    let on_leave = window_event_listener(ev::pagehide, move |_| save_current());
    on_cleanup(move || {
        save_current();
        on_leave.remove();
    });
}

/// Forgets the positions kept under keys that begin so: whoever comes back from elsewhere goes on where they
/// were, whoever comes anew begins at the top.
pub fn forget_positions(prefix: &str) {
    let Some(storage) = session_storage() else { return };
    let prefix = storage_key(prefix);
    let keys = (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
    let keys: Vec<String> = keys.filter(|key| key.starts_with(&prefix)).collect();
    for key in keys {
        // It begins where it was, at worst.
        let _ = storage.remove_item(&key);
    }
}

/// Holds what is being read in place when rows come or go above it.
pub(super) fn keep_anchor<K: Clone + PartialEq + Send + Sync + 'static>(
    scroll: Scroll,
    visible: Memo<Vec<K>>,
    index_of: Callback<K, Option<usize>>,
) {
    let anchor = StoredValue::new(None::<(K, usize, f64)>);
    Effect::new(move |_| {
        visible.track();
        let geometry = scroll.geometry.get();
        let offset_px = scroll.offset_px.get();
        let held = anchor.get_value().filter(|(_, _, at_px)| *at_px == offset_px && offset_px > 0.0);
        if let Some((key, before, _)) = held
            && let Some(now) = untrack(|| index_of.run(key))
            && now != before
        {
            let moved_px = (now as f64 - before as f64) * geometry.row_px;
            scroll.set(geometry.scroll_px(geometry.content_top_px(offset_px) + moved_px));
        }
        let offset_px = scroll.offset_px.get_untracked();
        let first = geometry.first_visible(offset_px);
        let start = scroll.rows.with_untracked(|rows| rows.start);
        let key = visible.with_untracked(|keys| keys.get(first.saturating_sub(start)).cloned());
        anchor.set_value(key.map(|key| (key, first, offset_px)));
    });
}

fn session_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

fn storage_key(key: &str) -> String {
    format!("scroll:{key}")
}
