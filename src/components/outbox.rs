//! The outbox: what is on its way, what was refused, and what can be done about it.

use super::{
    age::{Age, AgeStyle},
    dialog::Dialog,
    icons::{Glyph, Icon},
    sync_mark::{SyncMark, sync_words},
};
use leptos::prelude::*;

/// An edit that is not settled, or was refused.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OutboxEntry {
    /// Its mutation's id.
    pub id: String,
    /// What it does, in words: `Set the status of WEB-12 to Done`.
    pub what: String,
    /// `saving`, `queued`, `sending`, `refused` or `conflict`.
    pub state: &'static str,
    /// When it was made, Unix milliseconds.
    pub at: i64,
    /// The text it brings, whole, where it brings one.
    pub text: Option<String>,
    /// Why the server refused it.
    pub reason: Option<String>,
    /// Where what it changes is shown.
    pub href: Option<String>,
}

/// The outbox, over the page it was opened from.
#[component]
pub fn OutboxPanel(
    /// Whether it is open; closing sets it.
    open: RwSignal<bool>,
    /// The edits in their order, the refused ones among them.
    #[prop(into)]
    entries: Signal<Vec<OutboxEntry>>,
    /// Now, Unix milliseconds.
    #[prop(into)]
    now: Signal<i64>,
    /// Send a refused one again, by its id.
    #[prop(into)]
    on_retry: Callback<String>,
    /// Drop one for good, by its id.
    #[prop(into)]
    on_discard: Callback<String>,
) -> impl IntoView {
    let refused = Memo::new(move |_| part(&entries.get(), true));
    let waiting = Memo::new(move |_| part(&entries.get(), false));
    view! {
        <Dialog open label="Outbox" testid="outbox">
            <header class="dialog-head">
                <h2 class="dialog-title" tabindex="-1" autofocus=true>"Outbox"</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Close"
                    data-testid="outbox-close"
                    on:click=move |_| open.set(false)
                >
                    <Icon glyph=Glyph::Close/>
                </button>
            </header>
            <div class="outbox">
                <Show when=move || refused.with(Vec::is_empty) && waiting.with(Vec::is_empty)>
                    <p class="outbox-empty">"Everything you did has been sent."</p>
                </Show>
                <EntryList name="Refused" entries=refused now on_retry on_discard/>
                <EntryList name="On the way" entries=waiting now on_retry on_discard/>
            </div>
        </Dialog>
    }
}

fn part(entries: &[OutboxEntry], is_refused: bool) -> Vec<OutboxEntry> {
    entries.iter().filter(|entry| (entry.state == "refused") == is_refused).cloned().collect()
}

#[component]
fn EntryList(
    name: &'static str,
    entries: Memo<Vec<OutboxEntry>>,
    now: Signal<i64>,
    on_retry: Callback<String>,
    on_discard: Callback<String>,
) -> impl IntoView {
    view! {
        <Show when=move || entries.with(|entries| !entries.is_empty())>
            <h3 class="section-title">{name}</h3>
            <ul class="outbox-list">
                <For each=move || entries.get() key=OutboxEntry::clone let(entry)>
                    <EntryItem entry now on_retry on_discard/>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn EntryItem(
    entry: OutboxEntry,
    now: Signal<i64>,
    on_retry: Callback<String>,
    on_discard: Callback<String>,
) -> impl IntoView {
    let OutboxEntry { id, what, state, at, text, reason, href } = entry;
    let what = match href {
        Some(href) => view! { <a class="outbox-what" href=href>{what}</a> }.into_any(),
        None => view! { <span class="outbox-what">{what}</span> }.into_any(),
    };
    let retry_id = id.clone();
    let discard_id = id.clone();
    view! {
        <li class="outbox-entry" data-testid="outbox-entry" data-id=id data-state=state>
            <SyncMark state/>
            <div class="outbox-words">
                {what}
                <p class="outbox-state">
                    {sync_words(state)} ", " <Age at now style=AgeStyle::Long/>
                </p>
                {reason.map(|reason| view! { <p class="outbox-reason">{reason}</p> })}
                {text.map(|text| view! {
                    <details class="outbox-details">
                        <summary>"The whole text"</summary>
                        <pre class="outbox-text" data-testid="outbox-text">{text}</pre>
                    </details>
                })}
            </div>
            {(state == "refused").then(|| view! {
                <div class="outbox-actions">
                    <button
                        type="button"
                        class="button"
                        data-testid="outbox-retry"
                        on:click=move |_| on_retry.run(retry_id.clone())
                    >
                        "Try again"
                    </button>
                    <button
                        type="button"
                        class="button danger-quiet"
                        data-testid="outbox-discard"
                        on:click=move |_| on_discard.run(discard_id.clone())
                    >
                        "Discard"
                    </button>
                </div>
            })}
        </li>
    }
}
