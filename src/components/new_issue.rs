//! Making an issue.

use super::{
    dialog::Dialog,
    icons::{Glyph, Icon},
    kbd::Kbd,
    menu::Choice,
    properties::{AssigneeSelect, LabelSelect, PrioritySelect, StatusSelect},
    text::Field,
};
use holdfast_tracker::{Priority, Status};
use leptos::{ev, prelude::*};

/// What a new issue is to be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewIssue {
    /// Trimmed, never empty.
    pub title: String,
    /// Markdown; may be empty.
    pub description: String,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Its assignee's id.
    pub assignee: Option<String>,
    /// Its labels' ids.
    pub labels: Vec<String>,
}

/// The button that opens the dialog.
#[component]
pub fn NewIssueButton(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button primary"
            data-testid="new-issue"
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            <Icon glyph=Glyph::Plus/>
            <span class="button-text">"New issue"</span>
        </button>
    }
}

/// The dialog; what was typed is kept until it is made, even over closing.
#[component]
pub fn NewIssueDialog(
    /// Whether it is open; closing sets it.
    open: RwSignal<bool>,
    /// The people; nobody is added here.
    #[prop(into)]
    people: Signal<Vec<Choice>>,
    /// The labels to choose from.
    #[prop(into)]
    label_choices: Signal<Vec<Choice>>,
    /// The issue to make; false where it was not taken, and then the dialog stays as it is.
    #[prop(into)]
    on_submit: Callback<NewIssue, bool>,
) -> impl IntoView {
    let title = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let fields = RwSignal::new(NewIssue::default());
    let set = move |edit: &dyn Fn(&mut NewIssue)| fields.update(|fields| edit(fields));
    let is_blank = Memo::new(move |_| title.with(|title| title.trim().is_empty()));
    let submit = move || {
        if is_blank.get_untracked() {
            return;
        }
        let words = title.get_untracked().split_whitespace().collect::<Vec<_>>().join(" ");
        let new = NewIssue { title: words, description: description.get_untracked(), ..fields.get_untracked() };
        if !on_submit.run(new) {
            return;
        }
        open.set(false);
        title.set(String::new());
        description.set(String::new());
        fields.set(NewIssue::default());
    };
    let on_assignee = move |assignee: Option<String>| set(&|fields| fields.assignee.clone_from(&assignee));
    let on_title_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.is_composing() {
            event.prevent_default();
            submit();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            submit();
        }
    };
    view! {
        <Dialog open label="New issue" testid="new-issue-dialog">
            <form
                class="new-issue"
                on:keydown=on_key
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                <div class="dialog-body">
                    <h2 class="dialog-title">"New issue"</h2>
                    <Field
                        draft=title
                        class="new-issue-title"
                        testid="new-issue-title"
                        label="Title"
                        placeholder="Title"
                        rows=1
                        on:keydown=on_title_key
                    />
                    <Field
                        draft=description
                        class="new-issue-text"
                        testid="new-issue-description"
                        label="Description"
                        placeholder="Description, in Markdown"
                        calm=true
                    />
                    <div class="new-issue-fields">
                        <StatusSelect
                            testid="new-issue-status"
                            status=Signal::derive(move || fields.with(|fields| fields.status))
                            on_status=move |status| set(&|fields| fields.status = status)
                        />
                        <PrioritySelect
                            testid="new-issue-priority"
                            priority=Signal::derive(move || fields.with(|fields| fields.priority))
                            on_priority=move |priority| set(&|fields| fields.priority = priority)
                        />
                        <AssigneeSelect
                            testid="new-issue-assignee"
                            assignee=Signal::derive(move || fields.with(|fields| fields.assignee.clone()))
                            people
                            on_assignee
                        />
                        <LabelSelect
                            testid="new-issue-labels"
                            labels=Signal::derive(move || fields.with(|fields| fields.labels.clone()))
                            label_choices
                            on_label=move |(label, is_chosen): (String, bool)| set(&|fields| {
                                fields.labels.retain(|other| *other != label);
                                if is_chosen {
                                    fields.labels.push(label.clone());
                                }
                            })
                        />
                    </div>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="new-issue-submit"
                        disabled=move || is_blank.get()
                    >
                        "Create issue"
                        <Kbd keys="↵"/>
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
