//! What stands beside the connection: frames, queries, outbox, store.

use super::{
    Readings,
    words::{byte_words, clock_time, coverage_words, direction_name, frame_text, none, state_word},
};
use holdfast_leptos::inspect::{FrameRecord, OutboxReading};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub(super) fn Frames(readings: Signal<Readings>) -> impl IntoView {
    let frames = Memo::new(move |_| readings.with(|readings| readings.frames.clone()));
    // Kept here also when the list has gone on.
    let chosen = RwSignal::new(None::<Arc<FrameRecord>>);
    let is_chosen = move |number: u64| chosen.with(|chosen| chosen.as_ref().is_some_and(|it| it.number == number));
    view! {
        <div class="inspector-frames" data-chosen=move || chosen.with(Option::is_some).then_some("")>
            <ul class="inspector-list">
                <For each=move || frames.get() key=|frame| frame.number let(frame)>
                    {
                        let (number, shown) = (frame.number, frame.clone());
                        view! {
                            <li>
                                <button
                                    type="button"
                                    class="inspector-frame"
                                    data-testid="inspector-frame"
                                    data-kind=frame.kind.clone()
                                    data-direction=direction_name(frame.direction)
                                    data-fate=frame.fate.name()
                                    aria-pressed=move || if is_chosen(number) { "true" } else { "false" }
                                    on:click=move |_| chosen.set((!is_chosen(number)).then(|| shown.clone()))
                                >
                                    <span class="inspector-time">{clock_time(frame.at_ms)}</span>
                                    <span class="inspector-direction" aria-label=direction_name(frame.direction)></span>
                                    <span class="inspector-kind">{frame.kind.clone()}</span>
                                    <span class="inspector-fate">{frame.fate.name()}</span>
                                    <span class="inspector-bytes">{byte_words(frame.size_bytes as u64)}</span>
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
            <pre class="inspector-text" data-testid="inspector-text" tabindex="0">
                {move || chosen.with(|chosen| chosen.as_ref().map_or_else(
                    || "Choose a frame to read it.".to_owned(),
                    |frame| frame_text(frame),
                ))}
            </pre>
        </div>
    }
}

#[component]
pub(super) fn Queries(readings: Signal<Readings>) -> impl IntoView {
    let queries = Memo::new(move |_| readings.with(|readings| readings.snapshot.queries.clone()));
    let scopes = Memo::new(move |_| readings.with(|readings| readings.snapshot.scopes.clone()));
    view! {
        <div class="inspector-tables">
            <table class="inspector-table">
                <thead>
                    <tr>
                        <th scope="col">"Query"</th>
                        <th scope="col">"Scope"</th>
                        <th scope="col" class="number">"Readers"</th>
                        <th scope="col" class="number">"Rows"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || queries.get() key=|query| (query.name.clone(), query.readers, query.rows) let(query)>
                        <tr data-testid="inspector-query" data-unread=(query.readers == 0).then_some("")>
                            <td class="wide" title=query.name.id.clone()>
                                {if query.name.id.is_empty() { none() } else { query.name.id.clone() }}
                            </td>
                            <td class="wide" title=query.name.scope.clone()>{query.name.scope.clone()}</td>
                            <td class="number">{if query.readers == 0 { "kept".to_owned() } else { query.readers.to_string() }}</td>
                            <td class="number">{query.rows.map_or_else(|| "one".to_owned(), |rows| rows.to_string())}</td>
                        </tr>
                    </For>
                </tbody>
            </table>
            <table class="inspector-table">
                <thead>
                    <tr>
                        <th scope="col">"Scope on the device"</th>
                        <th scope="col" class="number">"Held"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || scopes.get() key=|scope| (scope.scope.clone(), coverage_words(scope.coverage)) let(scope)>
                        <tr>
                            <td class="wide" title=scope.scope.clone()>{scope.scope.clone()}</td>
                            <td class="number">{coverage_words(scope.coverage)}</td>
                        </tr>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
pub(super) fn Outbox(readings: Signal<Readings>) -> impl IntoView {
    let entries = Memo::new(move |_| {
        readings.with(|readings| readings.snapshot.outbox.iter().cloned().enumerate().collect::<Vec<_>>())
    });
    let summary = Memo::new(move |_| {
        readings.with(|Readings { snapshot, .. }| {
            let shown = snapshot.outbox.len();
            let more = if shown < snapshot.unsent { format!(", the first {shown} shown") } else { String::new() };
            format!("{} not settled{more}; {} refused", snapshot.unsent, snapshot.refused)
        })
    });
    view! {
        <p class="inspector-note">{move || summary.get()}</p>
        <table class="inspector-table" data-testid="inspector-outbox">
            <thead>
                <tr>
                    <th scope="col" class="number">"Place"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="number">"Rows"</th>
                    <th scope="col">"Edit"</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || entries.get() key=entry_key let((_, entry))>
                    <tr>
                        <td class="number">{entry.seq.map_or_else(none, |seq| seq.to_string())}</td>
                        <td>{state_word(entry.state)}</td>
                        <td class="number">{entry.rows}</td>
                        <td class="wide code" title=entry.edit.clone()>
                            {entry.edit.clone()}
                            {entry.blocked.clone().map(|reason| view! { <span class="inspector-blocked">{reason}</span> })}
                        </td>
                    </tr>
                </For>
            </tbody>
        </table>
    }
}

/// What makes an entry another line: its place, and all that is shown of it.
fn entry_key((place, entry): &(usize, OutboxReading)) -> impl Eq + std::hash::Hash + use<> {
    let OutboxReading { seq, state, edit, rows, blocked } = entry.clone();
    (*place, seq, state_word(state), edit, rows, blocked)
}

#[component]
pub(super) fn Store(readings: Signal<Readings>) -> impl IntoView {
    let fact = move |pick: fn(&Readings) -> String| Signal::derive(move || readings.with(pick));
    view! {
        <dl class="inspector-facts inspector-store">
            <Fact name="Store" value=fact(|it| it.store.clone())/>
            <Fact name="Rows held" value=fact(|it| it.snapshot.rows_held.to_string())/>
            <Fact name="Row signals" value=fact(|it| it.snapshot.rows_read.to_string())/>
            <Fact name="Outbox" value=fact(|it| it.snapshot.unsent.to_string())/>
            <Fact name="Tray" value=fact(|it| it.snapshot.refused.to_string())/>
            <Fact name="On the device" value=fact(|it| it.usage.map_or_else(none, |usage| byte_words(usage.usage_bytes)))/>
            <Fact name="Of at most" value=fact(|it| it.usage.map_or_else(none, |usage| byte_words(usage.quota_bytes)))/>
            <Fact name="Client" value=fact(|it| it.snapshot.client.map_or_else(none, |client| client.to_string()))/>
            <Fact name="Epoch" value=fact(|it| it.snapshot.cursor.map_or_else(none, |cursor| cursor.epoch.0.to_string()))/>
            <Fact name="Mark" value=fact(|it| it.snapshot.cursor.map_or_else(none, |cursor| cursor.mark.to_string()))/>
        </dl>
    }
}

/// A name and what it stands at.
#[component]
pub(super) fn Fact(name: &'static str, value: Signal<String>) -> impl IntoView {
    let value = Memo::new(move |_| value.get());
    view! {
        <dt>{name}</dt>
        <dd>{move || value.get()}</dd>
    }
}
