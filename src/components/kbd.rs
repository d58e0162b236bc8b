//! A hint at a key.

use leptos::prelude::*;

/// Keys to press, shown to those who have some.
#[component]
pub fn Kbd(
    /// What is on the keys, as in `Ctrl ↵`.
    keys: &'static str,
) -> impl IntoView {
    view! { <kbd class="kbd" aria-hidden="true">{keys}</kbd> }
}
