//! Nothing is here.

use super::use_title;
use crate::{components::issue_list::EmptyState, routes};
use leptos::prelude::*;
use leptos_router::components::A;

/// The page for addresses that lead nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    use_title(|| "Nothing here".to_owned());
    view! {
        <EmptyState title="There is nothing here" text="The page, project or issue does not exist, or not any more.">
            <A href=routes::HOME attr:class="button">
                "All projects"
            </A>
        </EmptyState>
    }
}
