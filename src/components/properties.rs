//! An issue's fields that are chosen rather than written.

use super::{
    age::{Age, AgeStyle},
    avatar::Avatar,
    icons::{PriorityIcon, StatusIcon},
    label_chip::LabelChip,
    menu::{Choice, Mark},
    select_menu::SelectMenu,
};
use holdfast_tracker::{Priority, Status};
use leptos::prelude::*;

/// The side panel of an issue.
#[component]
pub fn PropertyPanel(
    /// Its status.
    #[prop(into)]
    status: Signal<Status>,
    /// Its priority.
    #[prop(into)]
    priority: Signal<Priority>,
    /// Its assignee's id.
    #[prop(into)]
    assignee: Signal<Option<String>>,
    /// Its labels' ids.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The people; nobody is added here.
    #[prop(into)]
    people: Signal<Vec<Choice>>,
    /// The labels to choose from.
    #[prop(into)]
    label_choices: Signal<Vec<Choice>>,
    /// Who made it.
    #[prop(into)]
    creator: Signal<Option<String>>,
    /// When it was made, Unix milliseconds.
    #[prop(into)]
    created_at: Signal<i64>,
    /// When it last changed, Unix milliseconds.
    #[prop(into)]
    updated_at: Signal<i64>,
    /// Now, Unix milliseconds.
    #[prop(into)]
    now: Signal<i64>,
    /// Another status.
    #[prop(into)]
    on_status: Callback<Status>,
    /// Another priority.
    #[prop(into)]
    on_priority: Callback<Priority>,
    /// Another assignee, by id.
    #[prop(into)]
    on_assignee: Callback<Option<String>>,
    /// A label, by id, and whether the issue is to have it.
    #[prop(into)]
    on_label: Callback<(String, bool)>,
) -> impl IntoView {
    view! {
        <div class="properties">
            <StatusSelect status on_status/>
            <PrioritySelect priority on_priority/>
            <AssigneeSelect assignee people on_assignee/>
            <LabelSelect labels label_choices on_label/>
            <Property name="Created">
                <span class="property-text">
                    {move || creator.get().map(|creator| format!("{creator}, "))}
                    <Age at=created_at now style=AgeStyle::Long/>
                </span>
            </Property>
            <Property name="Updated">
                <span class="property-text"><Age at=updated_at now style=AgeStyle::Long/></span>
            </Property>
        </div>
    }
}

/// A field: its name beside its value.
#[component]
pub fn Property(
    /// What it is called.
    name: &'static str,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="property" role="group" aria-label=name>
            <span class="property-name" aria-hidden="true">{name}</span>
            <div class="property-value">{children()}</div>
        </div>
    }
}

/// The status, to be seen and changed.
#[component]
pub fn StatusSelect(
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
    /// Another one.
    #[prop(into)]
    on_status: Callback<Status>,
    /// The button's stable hook.
    #[prop(default = "issue-status")]
    testid: &'static str,
) -> impl IntoView {
    view! {
        <Property name="Status">
            <SelectMenu
                label="Status".to_owned()
                choices=Choice::statuses()
                selected=Signal::derive(move || vec![status.get().name().to_owned()])
                on_choose=move |name: String| {
                    if let Some(status) = Status::from_name(&name) {
                        on_status.run(status);
                    }
                }
                testid
                value=Signal::derive(move || Some(status.get().name().to_owned()))
            >
                <StatusIcon status/>
                <span class="select-value">{move || status.get().label()}</span>
            </SelectMenu>
        </Property>
    }
}

/// The priority, to be seen and changed.
#[component]
pub fn PrioritySelect(
    /// The priority.
    #[prop(into)]
    priority: Signal<Priority>,
    /// Another one.
    #[prop(into)]
    on_priority: Callback<Priority>,
    /// The button's stable hook.
    #[prop(default = "issue-priority")]
    testid: &'static str,
) -> impl IntoView {
    view! {
        <Property name="Priority">
            <SelectMenu
                label="Priority".to_owned()
                choices=Choice::priorities()
                selected=Signal::derive(move || vec![priority.get().name().to_owned()])
                on_choose=move |name: String| {
                    if let Some(priority) = Priority::from_name(&name) {
                        on_priority.run(priority);
                    }
                }
                testid
                value=Signal::derive(move || Some(priority.get().name().to_owned()))
            >
                <PriorityIcon priority/>
                <span class="select-value">{move || priority.get().label()}</span>
            </SelectMenu>
        </Property>
    }
}

/// The assignee, to be seen and changed.
#[component]
pub fn AssigneeSelect(
    /// The assignee's id.
    #[prop(into)]
    assignee: Signal<Option<String>>,
    /// The people; nobody is added here.
    #[prop(into)]
    people: Signal<Vec<Choice>>,
    /// Another assignee, by id.
    #[prop(into)]
    on_assignee: Callback<Option<String>>,
    /// The button's stable hook.
    #[prop(default = "issue-assignee")]
    testid: &'static str,
) -> impl IntoView {
    let nobody = || Choice::nobody().value;
    let name = Memo::new(move |_| {
        let assignee = assignee.get()?;
        people.with(|people| people.iter().find(|person| person.value == assignee).map(|person| person.label.clone()))
    });
    let choices = Signal::derive(move || std::iter::once(Choice::nobody()).chain(people.get()).collect::<Vec<_>>());
    view! {
        <Property name="Assignee">
            <SelectMenu
                label="Assignee".to_owned()
                choices
                selected=Signal::derive(move || vec![assignee.get().unwrap_or_else(nobody)])
                on_choose=move |value: String| on_assignee.run(Some(value).filter(|value| *value != nobody()))
                testid
                value=Signal::derive(move || Some(assignee.get().unwrap_or_else(nobody)))
            >
                <Avatar name/>
                <span class="select-value">{move || name.get().unwrap_or_else(|| Choice::nobody().label)}</span>
            </SelectMenu>
        </Property>
    }
}

/// The labels, to be seen and changed.
#[component]
pub fn LabelSelect(
    /// The labels' ids.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The labels to choose from.
    #[prop(into)]
    label_choices: Signal<Vec<Choice>>,
    /// A label, by id, and whether it is to be there.
    #[prop(into)]
    on_label: Callback<(String, bool)>,
    /// The button's stable hook.
    #[prop(default = "issue-labels")]
    testid: &'static str,
) -> impl IntoView {
    let chosen = move || {
        labels.with(|labels| {
            label_choices
                .get()
                .into_iter()
                .filter(|choice| labels.contains(&choice.value))
                .map(|choice| {
                    let color = if let Mark::Color(color) = choice.mark { color } else { String::new() };
                    view! { <LabelChip name=choice.label color/> }
                })
                .collect_view()
        })
    };
    view! {
        <Property name="Labels">
            <SelectMenu
                label="Labels".to_owned()
                choices=label_choices
                selected=labels
                multiple=true
                on_choose=move |label: String| {
                    let is_chosen = labels.with_untracked(|labels| labels.contains(&label));
                    on_label.run((label, !is_chosen));
                }
                testid
                class="select select-labels"
            >
                {move || labels.with(Vec::is_empty).then(|| view! { <span class="select-none">"Add labels"</span> })}
                {chosen}
            </SelectMenu>
        </Property>
    }
}
