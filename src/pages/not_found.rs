//! Nothing is here.

use crate::{components::issue_list::EmptyState, routes};
use leptos::prelude::*;
use leptos_router::components::A;

/// The page for addresses that lead nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <EmptyState title="There is nothing here" text="The page, project or issue does not exist, or not any more.">
            <A href=routes::HOME attr:class="button">
                "All projects"
            </A>
        </EmptyState>
    }
}
