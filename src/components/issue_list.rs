//! The frame of a list: what it is called, how much of it there is, and what stands in
//! its place while there is nothing to list.

use super::icons::{Glyph, Icon};
use leptos::prelude::*;

/// What a list can show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ListState {
    /// Nothing is known yet.
    Loading,
    /// Rows.
    Ready,
    /// There is nothing at all.
    Empty,
    /// There is something, but the filter leaves it all out.
    NoMatch,
    /// It could not be read; what a person can make of it.
    Failed(String),
}

/// A page's head: a title, what belongs to it, and what can be done.
#[component]
pub fn PageHead(
    /// The page's title.
    #[prop(into)]
    title: Signal<String>,
    /// A quiet word beside it, such as a count.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    /// What stands beside the title.
    #[prop(optional)]
    beside: Option<Children>,
    /// Buttons at the end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-head">
            <h1 class="page-title">{move || title.get()}</h1>
            {beside.map(|beside| beside())}
            <span class="page-note" aria-live="off">{move || note.get()}</span>
            <div class="page-actions">{children.map(|children| children())}</div>
        </header>
    }
}

/// `12 of 340 issues`, for a page's head.
pub fn count_words(shown: usize, total: usize) -> String {
    let noun = if total == 1 { "issue" } else { "issues" };
    let (shown_words, total_words) = (grouped(shown), grouped(total));
    if shown == total { format!("{total_words} {noun}") } else { format!("{shown_words} of {total_words} {noun}") }
}

/// A number that a glance takes in: `12,345`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut words = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// The room of a list: the list itself, or what stands in its place.
#[component]
pub fn IssueListFrame(
    /// What it can show.
    #[prop(into)]
    state: Signal<ListState>,
    /// What is missing, when not all of it is held on this device.
    #[prop(optional, into)]
    partial: Signal<Option<String>>,
    /// Read again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Drop the filter.
    #[prop(into)]
    on_clear: Callback<()>,
    /// Make the first issue.
    #[prop(into)]
    on_new: Callback<()>,
    /// Look for what the filter seeks in everything.
    #[prop(into)]
    on_search: Callback<()>,
    /// The names of the columns that are not shown, a space between.
    #[prop(optional, into)]
    hidden: Signal<String>,
    /// Whether it seeks a text.
    #[prop(into)]
    has_text: Signal<bool>,
    /// The list.
    children: ChildrenFn,
) -> impl IntoView {
    let state = Memo::new(move |_| state.get());
    let children = StoredValue::new(children);
    view! {
        <section class="list-frame" data-hide=move || hidden.get() aria-busy=move || (state.get() == ListState::Loading).then_some("true")>
            {move || match state.get() {
                ListState::Ready => children.with_value(|children| children()).into_any(),
                ListState::Loading => view! { <ListSkeleton/> }.into_any(),
                ListState::Empty => view! {
                    <EmptyState title="No issues yet" text="Write down the first thing that needs doing.">
                        <button type="button" class="button primary" on:click=move |_| on_new.run(())>
                            "New issue"
                        </button>
                    </EmptyState>
                }
                .into_any(),
                ListState::NoMatch => view! {
                    <EmptyState title="Nothing matches" text="No issue passes every filter that is set.">
                        <Show when=move || has_text.get()>
                            <button
                                type="button"
                                class="button primary"
                                data-testid="search-instead"
                                on:click=move |_| on_search.run(())
                            >
                                "Search everything"
                            </button>
                        </Show>
                        <button type="button" class="button" on:click=move |_| on_clear.run(())>"Clear filters"</button>
                    </EmptyState>
                }
                .into_any(),
                ListState::Failed(reason) => view! {
                    <EmptyState title="This list could not be read" text=reason alert=true>
                        <button type="button" class="button" on:click=move |_| on_retry.run(())>"Try again"</button>
                    </EmptyState>
                }
                .into_any(),
            }}
            {move || partial.get().map(|words| view! { <p class="list-partial" role="note">{words}</p> })}
        </section>
    }
}

/// Says that rows wait to come, go or move, so that none does under the hand of whoever is at work; shows them.
#[component]
pub fn UpdatesPill(
    /// How many wait.
    #[prop(into)]
    waiting: Signal<usize>,
    /// Show them.
    #[prop(into)]
    on_show: Callback<()>,
) -> impl IntoView {
    let words = move || match waiting.get() {
        0 => None,
        1 => Some("1 update".to_owned()),
        count => Some(format!("{} updates", grouped(count))),
    };
    let is_there = Memo::new(move |_| waiting.get() > 0);
    view! {
        <div class="updates" role="status">
            <Show when=move || is_there.get()>
                <button
                    type="button"
                    class="updates-pill"
                    data-testid="updates-pill"
                    title="Show what others changed"
                    on:click=move |_| on_show.run(())
                >
                    {words}
                </button>
            </Show>
        </div>
    }
}

/// The row that is being typed, to go to it.
#[component]
pub fn GoingTo(
    /// Its name.
    #[prop(into)]
    name: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="going-to" role="status" data-testid="going-to">{move || name.get().map(|name| view! { <span>{name}</span> })}</div>
    }
}

/// What to do next, where there is nothing to see.
#[component]
pub fn EmptyState(
    /// What is the case.
    #[prop(into)]
    title: String,
    /// What it means.
    #[prop(into)]
    text: String,
    /// Something went wrong.
    #[prop(optional)]
    alert: bool,
    /// What can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" role=alert.then_some("alert")>
            {alert.then(|| view! { <Icon glyph=Glyph::Alert/> })}
            <h2 class="empty-title">{title}</h2>
            <p class="empty-text">{text}</p>
            <div class="empty-actions">{children.map(|children| children())}</div>
        </div>
    }
}

/// The room that rows will take, before they are there.
#[component]
pub fn ListSkeleton() -> impl IntoView {
    let row = || {
        view! {
            <div class="row skeleton">
                <span class="skeleton-dot"></span>
                <span class="skeleton-bar"></span>
                <span class="skeleton-dot"></span>
                <span class="skeleton-bar"></span>
            </div>
        }
    };
    view! {
        <div class="list-skeleton">
            <p class="visually-hidden" role="status">"Loading"</p>
            <div aria-hidden="true">{(0..12).map(|_| row()).collect_view()}</div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn counts_in_words() {
        assert_eq!(count_words(0, 0), "0 issues");
        assert_eq!(count_words(1, 1), "1 issue");
        assert_eq!(count_words(12, 1_234_567), "12 of 1,234,567 issues");
        assert_eq!(count_words(999, 1000), "999 of 1,000 issues");
    }
}
