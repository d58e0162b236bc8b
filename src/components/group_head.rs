//! The head of a group of rows.

use super::{
    icons::{Glyph, Icon},
    issue_list::grouped,
    menu::{Choice, ChoiceMark},
};
use leptos::prelude::*;

/// What a group is, how many rows it has, and the button that folds them away.
#[component]
pub fn GroupHead(
    /// What it is a group of.
    #[prop(into)]
    choice: Signal<Choice>,
    /// How many rows it has.
    #[prop(into)]
    count: Signal<usize>,
    /// Whether they are folded away.
    #[prop(into)]
    is_folded: Signal<bool>,
    /// Fold them away, or out again.
    #[prop(into)]
    on_fold: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="group-head" role="gridcell" data-testid="group-head" data-value=move || choice.with(|choice| choice.value.clone())>
            <button
                type="button"
                class="group-fold"
                tabindex="-1"
                aria-expanded=move || if is_folded.get() { "false" } else { "true" }
                on:click=move |_| on_fold.run(())
            >
                <span class="group-arrow"><Icon glyph=Glyph::Chevron/></span>
                {move || view! { <ChoiceMark choice=choice.get()/> }}
                <span class="group-name">{move || choice.with(|choice| choice.label.clone())}</span>
                <span class="group-count">{move || grouped(count.get())}</span>
            </button>
        </div>
    }
}
