//! A menu of choices that floats over the page, at whatever opened it.
//!
//! It is the browser's own popover: Escape and a click outside close it and give the
//! focus back. From [`FILTER_FROM`] choices on it has a field that narrows them.
//! On a phone the style sheet makes it a sheet at the lower edge.

use super::{
    avatar::Avatar,
    icons::{Glyph, Icon, PriorityIcon, StatusIcon},
    label_chip::LabelDot,
    measure::{is_touch, scroll_into_list, viewport},
};
use holdfast_tracker::{Priority, Status};
use leptos::{
    ev,
    html::{Div, Input, Ul},
    prelude::*,
};

/// From how many choices on there is a field to narrow them.
pub const FILTER_FROM: usize = 9;

/// Something to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// What the choice is to the program; its hook is `option-<value>`.
    pub value: String,
    /// What it is to people.
    pub label: String,
    /// What stands before its label.
    pub mark: Mark,
}

/// What stands before a choice's label.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// A status' shape.
    Status(Status),
    /// A priority's shape.
    Priority(Priority),
    /// A label's colour, `rrggbb`.
    Color(String),
    /// The person of that label.
    Person,
    /// Nobody.
    Nobody,
}

impl Choice {
    /// A choice without a mark.
    pub fn plain(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), mark: Mark::None }
    }

    /// A person, by their id.
    pub fn person(value: impl Into<String>, name: impl Into<String>) -> Self {
        Self { mark: Mark::Person, ..Self::plain(value, name) }
    }

    /// Nobody; its value is `none`.
    pub fn nobody() -> Self {
        Self { mark: Mark::Nobody, ..Self::plain("none", "Unassigned") }
    }

    /// A label, by its id.
    pub fn label(value: impl Into<String>, name: impl Into<String>, color: impl Into<String>) -> Self {
        Self { mark: Mark::Color(color.into()), ..Self::plain(value, name) }
    }

    /// Every status, by its name.
    pub fn statuses() -> Vec<Self> {
        let choice = |status: Status| Self { mark: Mark::Status(status), ..Self::plain(status.name(), status.label()) };
        Status::ALL.into_iter().map(choice).collect()
    }

    /// Every priority, by its name.
    pub fn priorities() -> Vec<Self> {
        let choice = |priority: Priority| Self {
            mark: Mark::Priority(priority),
            ..Self::plain(priority.name(), priority.label())
        };
        Priority::ALL.into_iter().map(choice).collect()
    }
}

/// A choice's mark.
#[component]
pub fn ChoiceMark(
    /// The choice.
    choice: Choice,
) -> impl IntoView {
    match choice.mark {
        Mark::None => None,
        Mark::Status(status) => Some(view! { <StatusIcon status/> }.into_any()),
        Mark::Priority(priority) => Some(view! { <PriorityIcon priority/> }.into_any()),
        Mark::Color(color) => Some(view! { <LabelDot color/> }.into_any()),
        Mark::Person => Some(view! { <Avatar name=Some(choice.label)/> }.into_any()),
        Mark::Nobody => Some(view! { <Avatar name=None/> }.into_any()),
    }
}

/// What a menu is opened at; none while it is closed.
pub type Anchor = RwSignal<Option<web_sys::Element>, LocalStorage>;

/// A floating menu, open while `anchor` holds what it stands at.
#[component]
pub fn Menu(
    /// What it stands at.
    anchor: Anchor,
    /// What is chosen here.
    #[prop(into)]
    label: Signal<String>,
    /// What there is to choose from.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The values chosen now.
    #[prop(into)]
    selected: Signal<Vec<String>>,
    /// Several can be chosen; then the menu stays open.
    #[prop(optional)]
    multiple: bool,
    /// A value was clicked: to be chosen, or to be dropped if it is chosen and several can be.
    #[prop(into)]
    on_choose: Callback<String>,
) -> impl IntoView {
    let popover = NodeRef::<Div>::new();
    let is_open = Memo::new(move |_| anchor.with(Option::is_some));
    let close = move || {
        if let Some(popover) = popover.get_untracked() {
            // Fails only when it is closed already.
            let _ = popover.hide_popover();
        }
        anchor.set(None);
    };
    let on_toggle = move |_| {
        let is_shown = popover.get_untracked().is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false));
        if !is_shown && anchor.with_untracked(Option::is_some) {
            anchor.set(None);
        }
    };
    let choose = Callback::new(move |value: String| {
        if !multiple {
            close();
        }
        on_choose.run(value);
    });
    Effect::new(move |_| {
        if let Some((popover, anchor)) = popover.get().zip(anchor.get()) {
            // Fails only when it is open already.
            let _ = popover.show_popover();
            place(&popover, &anchor);
        }
    });
    view! {
        <div node_ref=popover class="menu" popover="auto" on:toggle=on_toggle>
            <Show when=move || is_open.get()>
                <MenuBody label choices selected multiple choose/>
            </Show>
        </div>
    }
}

/// Beside its anchor, above it where there is no room below, and never off the screen.
fn place(menu: &web_sys::HtmlElement, anchor: &web_sys::Element) {
    const GAP_PX: f64 = 4.0;
    const EDGE_PX: f64 = 8.0;
    let (width_px, height_px) = viewport();
    let (anchor, size) = (anchor.get_bounding_client_rect(), menu.get_bounding_client_rect());
    let left_px = anchor.left().min(width_px - size.width() - EDGE_PX).max(EDGE_PX);
    let below_px = anchor.bottom() + GAP_PX;
    let fits_below = below_px + size.height() + EDGE_PX <= height_px;
    let top_px = if fits_below { below_px } else { (anchor.top() - GAP_PX - size.height()).max(EDGE_PX) };
    let style = menu.style();
    for (property, length_px) in [("--menu-left", left_px), ("--menu-top", top_px)] {
        // A property name of ours is always valid.
        let _ = style.set_property(property, &format!("{length_px}px"));
    }
}

#[component]
fn MenuBody(
    label: Signal<String>,
    choices: Signal<Vec<Choice>>,
    selected: Signal<Vec<String>>,
    multiple: bool,
    choose: Callback<String>,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let list = NodeRef::<Ul>::new();
    let query = RwSignal::new(String::new());
    let shown = Memo::new(move |_| query.with(|query| choices.with(|choices| matching(choices, query))));
    let has_field = choices.with_untracked(Vec::len) >= FILTER_FROM;
    let first = selected.with_untracked(|selected| {
        choices.with_untracked(|choices| choices.iter().position(|choice| selected.contains(&choice.value)))
    });
    let at = RwSignal::new(first.unwrap_or(0));
    // On a screen that is touched a focused field would bring up the keyboard.
    Effect::new(move |_| {
        let Some(list) = list.get() else { return };
        match field.get().filter(|_| !is_touch(&list)) {
            Some(field) => drop(field.focus()),
            None => drop(list.focus()),
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let last = shown.with_untracked(Vec::len).saturating_sub(1);
        let now = at.get_untracked().min(last);
        match event.key().as_str() {
            "ArrowDown" => at.set(if now == last { 0 } else { now + 1 }),
            "ArrowUp" => at.set(if now == 0 { last } else { now - 1 }),
            "Home" if !has_field => at.set(0),
            "End" if !has_field => at.set(last),
            "Enter" => take(now, shown, choose),
            " " if !has_field => take(now, shown, choose),
            letter if !has_field => match next_starting_with(&shown.get_untracked(), letter, now) {
                Some(found) => at.set(found),
                None => return,
            },
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="menu-body" on:keydown=on_key>
            {has_field.then(|| view! {
                <input
                    node_ref=field
                    class="menu-field"
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    aria-expanded="true"
                    aria-controls="menu-list"
                    aria-activedescendant="menu-active"
                    aria-label=move || format!("Find: {}", label.get())
                    placeholder=move || label.get()
                    on:input:target=move |event| {
                        query.set(event.target().value());
                        at.set(0);
                    }
                />
            })}
            <ul
                node_ref=list
                id="menu-list"
                class="menu-list"
                role="listbox"
                tabindex="-1"
                aria-label=move || label.get()
                aria-multiselectable=multiple.then_some("true")
                aria-activedescendant="menu-active"
            >
                <ForEnumerate
                    each=move || shown.get()
                    key=|choice| choice.value.clone()
                    children=move |index, choice| view! { <MenuOption index choice at selected choose/> }
                />
            </ul>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="menu-empty">"Nothing matches"</p>
            </Show>
        </div>
    }
}

#[component]
fn MenuOption(
    index: ReadSignal<usize>,
    choice: Choice,
    at: RwSignal<usize>,
    selected: Signal<Vec<String>>,
    choose: Callback<String>,
) -> impl IntoView {
    let element = NodeRef::<leptos::html::Li>::new();
    let is_at = Memo::new(move |_| at.get() == index.get());
    let value = StoredValue::new(choice.value.clone());
    let is_selected = Memo::new(move |_| selected.with(|selected| value.with_value(|value| selected.contains(value))));
    Effect::new(move |_| {
        if let Some(element) = element.get().filter(|_| is_at.get()) {
            scroll_into_list(&element);
        }
    });
    view! {
        <li
            node_ref=element
            class="menu-option"
            role="option"
            id=move || is_at.get().then_some("menu-active")
            data-testid=format!("option-{}", choice.value)
            aria-selected=move || if is_selected.get() { "true" } else { "false" }
            on:pointermove=move |_| at.set(index.get_untracked())
            on:click=move |_| choose.run(value.get_value())
        >
            <span class="menu-mark"><ChoiceMark choice=choice.clone()/></span>
            <span class="menu-label">{choice.label}</span>
            <span class="menu-check"><Icon glyph=Glyph::Check/></span>
        </li>
    }
}

fn take(at: usize, shown: Memo<Vec<Choice>>, choose: Callback<String>) {
    if let Some(value) = shown.with_untracked(|shown| shown.get(at).map(|choice| choice.value.clone())) {
        choose.run(value);
    }
}

fn matching(choices: &[Choice], query: &str) -> Vec<Choice> {
    let query = query.trim().to_lowercase();
    choices.iter().filter(|choice| choice.label.to_lowercase().contains(&query)).cloned().collect()
}

/// The next choice whose label starts with what was typed.
fn next_starting_with(choices: &[Choice], typed: &str, at: usize) -> Option<usize> {
    let typed = typed.to_lowercase();
    if typed.chars().count() != 1 {
        return None;
    }
    (1..=choices.len())
        .map(|step| (at + step) % choices.len())
        .find(|index| choices[*index].label.to_lowercase().starts_with(&typed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn a_letter_goes_round_the_choices_that_start_with_it() {
        let statuses = Choice::statuses();
        assert_eq!(next_starting_with(&statuses, "i", 0), Some(2));
        assert_eq!(next_starting_with(&statuses, "I", 2), Some(3));
        assert_eq!(next_starting_with(&statuses, "i", 3), Some(2));
        assert_eq!(next_starting_with(&statuses, "x", 0), None);
        assert_eq!(next_starting_with(&statuses, "Tab", 0), None);
        assert_eq!(next_starting_with(&[], "a", 0), None);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn narrowing_ignores_case_and_space_around() {
        assert_eq!(matching(&Choice::statuses(), " REV ").len(), 1);
        assert_eq!(matching(&Choice::statuses(), "").len(), 6);
    }
}
