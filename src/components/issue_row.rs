//! One issue on one line.
//!
//! Every field is a signal of its own that ends in one text node or one element's
//! attributes, so that a change to one field of one row writes one DOM node.

use super::{
    age::Age,
    avatar::Avatar,
    icons::{PriorityIcon, StatusIcon},
    label_chip::LabelChip,
    sync_mark::SyncMark,
};
use holdfast_tracker::{Priority, Status};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// How many labels a row names before it counts the rest.
const LABELS_MAX: usize = 3;

/// What in a row can be set without opening the issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pick {
    /// Its status.
    Status,
    /// Its priority.
    Priority,
    /// Its assignee.
    Assignee,
}

/// An issue's row.
#[component]
pub fn IssueRow(
    /// The issue's id.
    #[prop(into)]
    id: Signal<String>,
    /// Where the issue's page is.
    #[prop(into)]
    href: Signal<String>,
    /// The project's code.
    #[prop(into)]
    code: Signal<String>,
    /// The issue's number; none until the server has given it.
    #[prop(into)]
    number: Signal<Option<u64>>,
    /// Its title.
    #[prop(into)]
    title: Signal<String>,
    /// Its status.
    #[prop(into)]
    status: Signal<Status>,
    /// Its priority.
    #[prop(into)]
    priority: Signal<Priority>,
    /// Its assignee's name.
    #[prop(into)]
    assignee: Signal<Option<String>>,
    /// Its labels: name and colour (`rrggbb`).
    #[prop(into)]
    labels: Signal<Vec<(String, String)>>,
    /// When it last changed, Unix milliseconds.
    #[prop(into)]
    updated_at: Signal<i64>,
    /// Now, Unix milliseconds.
    #[prop(into)]
    now: Signal<i64>,
    /// `synced`, `saving`, `queued`, `sending`, `refused` or `conflict`.
    #[prop(into)]
    sync: Signal<&'static str>,
    /// It is no longer there, and its place waits to be taken away.
    #[prop(optional, into)]
    is_gone: Signal<bool>,
    /// Chosen among others.
    #[prop(optional, into)]
    selected: Signal<bool>,
    /// A click on a field that can be set here, with what to open a [`Menu`](super::menu::Menu) at.
    #[prop(optional, into)]
    on_pick: Option<Callback<(Pick, web_sys::Element)>>,
) -> impl IntoView {
    let number = Memo::new(move |_| issue_number(&code.get(), number.get()));
    view! {
        <div
            class="row"
            role="gridcell"
            data-testid="issue-row"
            data-id=move || id.get()
            data-sync=move || sync.get()
            data-gone=move || is_gone.get().then_some("")
            data-selected=move || selected.get().then_some("")
        >
            <PickButton pick=Pick::Priority name="Change priority" on_pick>
                <PriorityIcon priority/>
            </PickButton>
            <span class="row-number">{move || number.get()}</span>
            <PickButton pick=Pick::Status name="Change status" on_pick>
                <StatusIcon status testid="issue-status"/>
            </PickButton>
            <a class="row-title" data-testid="issue-title" tabindex="-1" href=move || href.get()>
                {move || if is_gone.get() { "No longer here".to_owned() } else { title.get() }}
            </a>
            <span class="row-labels">{move || labels.with(|labels| show_labels(labels))}</span>
            <PickButton pick=Pick::Assignee name="Change assignee" on_pick>
                <Avatar name=assignee/>
            </PickButton>
            <Age at=updated_at now/>
            <SyncMark state=sync/>
        </div>
    }
}

/// `WEB-12`, or a mark that stands in for a number to come.
pub fn issue_number(code: &str, number: Option<u64>) -> String {
    match number {
        Some(number) => format!("{code}-{number}"),
        None => "–".to_owned(),
    }
}

#[component]
fn PickButton(
    pick: Pick,
    name: &'static str,
    on_pick: Option<Callback<(Pick, web_sys::Element)>>,
    children: Children,
) -> impl IntoView {
    let field = match pick {
        Pick::Status => "status",
        Pick::Priority => "priority",
        Pick::Assignee => "assignee",
    };
    let Some(on_pick) = on_pick else {
        return view! { <span class="row-pick" data-pick=field>{children()}</span> }.into_any();
    };
    let click = move |event: ev::MouseEvent| {
        if let Some(button) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            on_pick.run((pick, button));
        }
    };
    view! {
        <button class="row-pick" data-pick=field type="button" tabindex="-1" title=name aria-haspopup="listbox" on:click=click>
            {children()}
        </button>
    }
    .into_any()
}

fn show_labels(labels: &[(String, String)]) -> impl IntoView + use<> {
    let shown: Vec<_> = labels
        .iter()
        .take(LABELS_MAX)
        .map(|(name, color)| view! { <LabelChip name=name.clone() color=color.clone()/> })
        .collect();
    let rest = labels.get(LABELS_MAX..).filter(|rest| !rest.is_empty()).map(|rest| {
        let names: Vec<_> = rest.iter().map(|(name, _)| name.as_str()).collect();
        view! { <span class="label-rest" title=names.join(", ")>{format!("+{}", rest.len())}</span> }
    });
    (shown, rest)
}
