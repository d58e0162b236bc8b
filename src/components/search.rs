//! The box that searches everything: a field, and what was found, the best first.

use super::{
    icons::{Glyph, Icon, StatusIcon},
    kbd::Kbd,
    measure::scroll_into_list,
};
use holdfast_tracker::{Status, search::Piece};
use leptos::{
    ev,
    html::{Input, Li},
    prelude::*,
};

/// An issue that was found, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchHit {
    /// Its id.
    pub id: String,
    /// Where its page is.
    pub href: String,
    /// `WEB-12`.
    pub number: String,
    /// Where its work stands.
    pub status: Status,
    /// Its title, with what was sought.
    pub title: Vec<Piece>,
    /// Where else it was found: `Description`, `Comment by Ada`.
    pub place: Option<String>,
    /// The words there.
    pub excerpt: Vec<Piece>,
    /// Whether it came from the server alone.
    pub is_remote: bool,
}

/// The button that opens the box.
#[component]
pub fn SearchButton(
    /// It was pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="search-button"
            data-testid="open-search"
            aria-label="Search everything"
            aria-haspopup="dialog"
            aria-keyshortcuts="/ Control+K"
            on:click=move |_| on_press.run(())
        >
            <Icon glyph=Glyph::Search/>
            <span class="search-button-text">"Search"</span>
            <Kbd keys="/"/>
        </button>
    }
}

/// What the dialog holds.
#[component]
pub fn SearchBox(
    /// What is sought.
    text: RwSignal<String>,
    /// What was found.
    #[prop(into)]
    hits: Signal<Vec<SearchHit>>,
    /// Whether more may come.
    #[prop(into)]
    is_busy: Signal<bool>,
    /// What was searched, in a sentence.
    #[prop(into)]
    note: Signal<String>,
    /// Show an issue's page, by its address.
    #[prop(into)]
    on_open: Callback<String>,
    /// The box is to be closed.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let at = RwSignal::new(0_usize);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // What was sought last is there to be gone on with, or typed over.
            field.select();
        }
    });
    let count = Memo::new(move |_| hits.with(Vec::len));
    let has_hits = Memo::new(move |_| count.get() > 0);
    let open_at = move |index: usize| {
        if let Some(href) = hits.with_untracked(|hits| hits.get(index).map(|hit| hit.href.clone())) {
            on_open.run(href);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let last = count.get_untracked().saturating_sub(1);
        let now = at.get_untracked().min(last);
        match event.key().as_str() {
            "ArrowDown" => at.set(if now == last { 0 } else { now + 1 }),
            "ArrowUp" => at.set(if now == 0 { last } else { now - 1 }),
            // The same key ends a word that is being composed.
            "Enter" if !event.is_composing() => open_at(now),
            _ => return,
        }
        event.prevent_default();
    };
    let row = move |(index, hit): (usize, SearchHit)| view! { <HitRow index hit at on_close/> };
    let is_sought = Memo::new(move |_| text.with(|text| !text.trim().is_empty()));
    view! {
        <div class="search-box" on:keydown=on_key>
            <div class="search-head">
                <Icon glyph=Glyph::Search/>
                <input
                    node_ref=field
                    class="search-field"
                    type="text"
                    inputmode="search"
                    enterkeyhint="search"
                    role="combobox"
                    data-testid="search-everywhere"
                    placeholder="Search titles, descriptions and comments"
                    aria-label="Search everything"
                    aria-expanded=move || if has_hits.get() { "true" } else { "false" }
                    aria-controls="search-hits"
                    aria-autocomplete="list"
                    aria-activedescendant=move || has_hits.get().then_some("search-active")
                    autocomplete="off"
                    spellcheck="false"
                    autofocus=true
                    prop:value=move || text.get()
                    on:input:target=move |event| {
                        text.set(event.target().value());
                        at.set(0);
                    }
                />
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Close the search"
                    on:click=move |_| on_close.run(())
                >
                    <Icon glyph=Glyph::Close/>
                </button>
            </div>
            <ul
                id="search-hits"
                class="search-hits"
                role="listbox"
                aria-label="Found"
                aria-busy=move || is_busy.get().then_some("true")
            >
                {move || hits.get().into_iter().enumerate().map(row).collect_view()}
            </ul>
            <Show when=move || is_sought.get() && !has_hits.get() && !is_busy.get()>
                <p class="search-empty">"Nothing found"</p>
            </Show>
            <p class="search-note" role="status" data-testid="search-note">{move || note.get()}</p>
        </div>
    }
}

#[component]
fn HitRow(index: usize, hit: SearchHit, at: RwSignal<usize>, on_close: Callback<()>) -> impl IntoView {
    let element = NodeRef::<Li>::new();
    let is_at = Memo::new(move |_| at.get() == index);
    let status = hit.status;
    Effect::new(move |_| {
        if let Some(element) = element.get().filter(|_| is_at.get()) {
            scroll_into_list(&element);
        }
    });
    let place = hit.place.map(|place| {
        view! {
            <span class="search-place">
                <span class="search-where">{place}": "</span>
                {show_pieces(hit.excerpt)}
            </span>
        }
    });
    let remote = hit.is_remote.then(|| {
        view! { <span class="search-remote" title="Found on the server; not kept on this device">"server"</span> }
    });
    view! {
        <li
            node_ref=element
            class="search-hit"
            role="option"
            id=move || is_at.get().then_some("search-active")
            data-testid="search-hit"
            data-id=hit.id
            data-source=if hit.is_remote { "server" } else { "device" }
            aria-selected=move || if is_at.get() { "true" } else { "false" }
            on:pointermove=move |_| at.set(index)
        >
            <a class="search-link" href=hit.href tabindex="-1" on:click=move |_| on_close.run(())>
                <StatusIcon status=Signal::stored(status)/>
                <span class="search-number">{hit.number}</span>
                <span class="search-title">{show_pieces(hit.title)}</span>
                {remote}
                {place}
            </a>
        </li>
    }
}

fn show_pieces(pieces: Vec<Piece>) -> impl IntoView {
    let show = |piece: Piece| match piece.is_match {
        true => view! { <mark>{piece.text}</mark> }.into_any(),
        false => piece.text.into_any(),
    };
    pieces.into_iter().map(show).collect_view()
}
