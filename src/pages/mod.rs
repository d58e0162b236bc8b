//! One page a route: what it reads, what it shows, which edits it makes.

mod issue;
mod issues;
mod not_found;
mod projects;
mod selection;
mod views;

use leptos::{leptos_dom::helpers::document, prelude::*};

/// Names the page in the browser's tab, history and bookmarks.
fn use_title(title: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&format!("{} · Holdfast", title())));
}

pub use issue::IssueDetail;
pub use issues::{Issues, LastLooked, positions_of};
pub use not_found::NotFound;
pub use projects::Projects;
