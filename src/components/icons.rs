//! Shapes: line icons in the text's own colour, and the two that stand for values.
//!
//! [`StatusIcon`] and [`PriorityIcon`] are one element each, drawn by the style sheet
//! from its attribute, so that a changed value writes one DOM node.

use holdfast_tracker::{Priority, Status};
use leptos::prelude::*;

/// A line icon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Glyph {
    /// Something new.
    Plus,
    /// Search.
    Search,
    /// Chosen.
    Check,
    /// Close, clear, remove.
    Close,
    /// Opens downwards.
    Chevron,
    /// The way to the projects on a phone.
    Bars,
    /// Delete.
    Trash,
    /// Edit.
    Pencil,
    /// Edits that have not been sent.
    Outbox,
    /// Leave.
    SignOut,
    /// What else can be done.
    More,
    /// What of each row is shown.
    Columns,
    /// The order of a list.
    Sort,
    /// Something went wrong.
    Alert,
    /// A project.
    Folder,
    /// The way back.
    Back,
    /// What goes on beneath.
    Pulse,
}

impl Glyph {
    /// An outline in a box of 16 by 16.
    fn path(self) -> &'static str {
        match self {
            Self::Plus => "M8 3.5v9M3.5 8h9",
            Self::Search => "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5l3 3",
            Self::Check => "M3.5 8.5l3 3 6-7",
            Self::Close => "M4.5 4.5l7 7M11.5 4.5l-7 7",
            Self::Chevron => "M5 6.5l3 3 3-3",
            Self::Bars => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            Self::Trash => "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
            Self::Pencil => "M3 13l.7-3L11 2.7l2.3 2.3L6 12.3 3 13Z",
            Self::Outbox => "M2.5 9.5v4h11v-4M8 10.5v-8M4.8 5.7L8 2.5l3.2 3.2",
            Self::SignOut => "M6.5 2.5h-4v11h4M6.5 8h7M10.5 5l3 3-3 3",
            Self::More => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::Columns => "M2.5 3.5h11v9h-11ZM6.2 3.5v9M9.8 3.5v9",
            Self::Sort => "M5 3v10M2.5 10.5L5 13l2.5-2.5M11 13V3M8.5 5.5L11 3l2.5 2.5",
            Self::Alert => "M8 2.5l6 11H2l6-11ZM8 6.5v3.2M8 11.6v.1",
            Self::Folder => "M2.5 12.5v-9h4l1.5 2h5.5v7h-11Z",
            Self::Back => "M9.5 3.5L5 8l4.5 4.5",
            Self::Pulse => "M1.5 8.5h3l2-5.5 3.2 10 2-4.5h2.8",
        }
    }
}

/// A line icon; what it means is said by the text or the name of what holds it.
#[component]
pub fn Icon(
    /// Which.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
}

/// Where the work stands, as a shape with a name.
#[component]
pub fn StatusIcon(
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
    /// A stable hook.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    view! {
        <span
            class="status-icon"
            role="img"
            data-testid=testid
            data-status=move || status.get().name()
            aria-label=move || status.get().label()
        ></span>
    }
}

/// How urgent it is, as a shape with a name.
#[component]
pub fn PriorityIcon(
    /// The priority.
    #[prop(into)]
    priority: Signal<Priority>,
    /// A stable hook.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    view! {
        <span
            class="priority-icon"
            role="img"
            data-testid=testid
            data-priority=move || priority.get().name()
            aria-label=move || priority.get().label()
        ></span>
    }
}
