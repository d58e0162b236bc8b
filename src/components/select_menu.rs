//! A button that shows a choice and opens the menu to change it.

use super::menu::{Anchor, Choice, Menu};
use leptos::{html::Button, prelude::*};

/// A button with its menu.
#[component]
pub fn SelectMenu(
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
    /// The button's stable hook.
    testid: &'static str,
    /// The button's class.
    #[prop(default = "select")]
    class: &'static str,
    /// A hook for tests and styles: the values chosen, joined by spaces.
    #[prop(optional, into)]
    value: Signal<Option<String>>,
    /// What the button shows.
    children: Children,
) -> impl IntoView {
    let button = NodeRef::<Button>::new();
    let anchor: Anchor = RwSignal::new_local(None);
    // The browser closes an open menu on the way down of the very press that opens it.
    let was_open = StoredValue::new(false);
    let toggle = move |_| {
        if !was_open.get_value() {
            anchor.set(button.get_untracked().map(Into::into));
        }
        was_open.set_value(false);
    };
    view! {
        <button
            node_ref=button
            type="button"
            class=class
            data-testid=testid
            data-value=move || value.get()
            aria-haspopup="listbox"
            aria-expanded=move || if anchor.with(Option::is_some) { "true" } else { "false" }
            on:pointerdown=move |_| was_open.set_value(anchor.with_untracked(Option::is_some))
            on:click=toggle
        >
            {children()}
        </button>
        <Menu anchor label choices selected multiple on_choose/>
    }
}
