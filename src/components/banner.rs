//! How the connection stands: a thin line over the top edge, with its message hanging
//! from it, that is not to be seen while all is well.
//!
//! It lies over the page in the free middle of its head, so nothing moves when it
//! comes or goes; its element is always there, for tests and for screen readers.

use super::icons::{Glyph, Icon};
use leptos::prelude::*;

/// What the banner says.
#[derive(Clone, Debug)]
pub struct BannerState {
    /// `connecting`, `catching-up`, `live`, `reconnecting`, `offline`, `needs-sign-in`,
    /// `update-needed` or `closed`.
    pub status: &'static str,
    /// One sentence.
    pub message: String,
    /// Edits that the server has not confirmed.
    pub unsent: usize,
    /// Done and total, while something long is going on.
    pub progress: Option<(u64, u64)>,
    /// The last moment known good, in words.
    pub last_good: Option<String>,
    /// What the user can do about it.
    pub action: Option<(String, Callback<()>)>,
    /// What is wrong with this device's storage.
    pub storage_fault: Option<String>,
}

/// The connection-status banner.
#[component]
pub fn Banner(
    /// What it says.
    #[prop(into)]
    state: Signal<BannerState>,
) -> impl IntoView {
    let status = Memo::new(move |_| state.with(|state| state.status));
    let unsent = Memo::new(move |_| state.with(|state| state.unsent));
    let message = Memo::new(move |_| state.with(|state| state.message.clone()));
    let last_good = Memo::new(move |_| state.with(|state| state.last_good.clone()));
    let action = Memo::new(move |_| state.with(|state| state.action.as_ref().map(|(name, _)| name.clone())));
    let progress = Memo::new(move |_| state.with(|state| state.progress));
    let fault = Memo::new(move |_| state.with(|state| state.storage_fault.clone()));
    let act = move |_| {
        if let Some((_, action)) = state.with_untracked(|state| state.action.clone()) {
            action.run(());
        }
    };
    view! {
        <div
            class="banner"
            data-testid="connection-banner"
            data-status=move || status.get()
            data-unsent=move || unsent.get().to_string()
            role="status"
            aria-live="polite"
        >
            <div class="banner-line">{move || progress.get().map(|(done, total)| view! { <Progress done total/> })}</div>
            <div class="banner-tab" title=move || message.get()>
                <span class="banner-dot" aria-hidden="true"></span>
                <span class="banner-message">{move || message.get()}</span>
                <span class="banner-unsent">{move || unsent_words(unsent.get())}</span>
                <span class="banner-last">{move || last_good.get()}</span>
                {move || action.get().map(|name| view! {
                    <button type="button" class="banner-action" data-testid="banner-action" on:click=act>{name}</button>
                })}
            </div>
            {move || fault.get().map(|words| view! {
                <div class="banner-fault" data-testid="storage-fault">
                    <Icon glyph=Glyph::Alert/>
                    <span>{words}</span>
                </div>
            })}
        </div>
    }
}

#[component]
fn Progress(done: u64, total: u64) -> impl IntoView {
    view! {
        <progress class="banner-progress" max=total.max(1).to_string() value=done.to_string() aria-hidden="true"></progress>
    }
}

fn unsent_words(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 edit unsent".to_owned()),
        _ => Some(format!("{count} edits unsent")),
    }
}
