//! What a list shows, and in which order: one row that never changes its height.

use super::{
    icons::{Glyph, Icon},
    menu::{Choice, ChoiceMark},
    select_menu::SelectMenu,
};
use leptos::prelude::*;

/// What is chosen in the bar; the values are those of the [`Choice`]s.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Statuses by name; none chosen means any.
    pub status: Vec<String>,
    /// Priorities by name; none chosen means any.
    pub priority: Vec<String>,
    /// People by id, and `none`; none chosen means any.
    pub assignee: Vec<String>,
    /// Labels by id; none chosen means any.
    pub label: Vec<String>,
    /// Words that the title contains.
    pub text: String,
    /// The order, by its choice's value.
    pub sort: String,
    /// By what it is grouped, by its choice's value; empty for not at all.
    pub group: String,
    /// What of each issue is not shown, by its choice's value.
    pub hidden: Vec<String>,
}

impl Selection {
    /// Whether it leaves anything out.
    pub fn is_narrowing(&self) -> bool {
        Facet::ALL.iter().any(|facet| !facet.of(self).is_empty()) || !self.text.trim().is_empty()
    }

    /// The same order, groups and columns, with nothing left out.
    pub fn cleared(&self) -> Self {
        let Self { sort, group, hidden, .. } = self.clone();
        Self { sort, group, hidden, ..Self::default() }
    }
}

/// A field that can be filtered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Facet {
    Status,
    Priority,
    Assignee,
    Label,
}

impl Facet {
    const ALL: [Self; 4] = [Self::Status, Self::Priority, Self::Assignee, Self::Label];

    fn name(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Priority => "Priority",
            Self::Assignee => "Assignee",
            Self::Label => "Label",
        }
    }

    fn testid(self) -> &'static str {
        match self {
            Self::Status => "filter-status",
            Self::Priority => "filter-priority",
            Self::Assignee => "filter-assignee",
            Self::Label => "filter-label",
        }
    }

    fn of(self, selection: &Selection) -> &Vec<String> {
        match self {
            Self::Status => &selection.status,
            Self::Priority => &selection.priority,
            Self::Assignee => &selection.assignee,
            Self::Label => &selection.label,
        }
    }

    fn of_mut(self, selection: &mut Selection) -> &mut Vec<String> {
        match self {
            Self::Status => &mut selection.status,
            Self::Priority => &mut selection.priority,
            Self::Assignee => &mut selection.assignee,
            Self::Label => &mut selection.label,
        }
    }
}

/// The filter bar.
#[component]
pub fn FilterBar(
    /// What is chosen now.
    #[prop(into)]
    selection: Signal<Selection>,
    /// What is to be chosen instead.
    #[prop(into)]
    on_change: Callback<Selection>,
    /// The people; nobody is added here.
    #[prop(into)]
    people: Signal<Vec<Choice>>,
    /// The labels.
    #[prop(into)]
    labels: Signal<Vec<Choice>>,
    /// The orders.
    #[prop(into)]
    sorts: Signal<Vec<Choice>>,
    /// What it can be grouped by; the value for not at all is empty.
    #[prop(into)]
    groups: Signal<Vec<Choice>>,
    /// What of each issue can be shown.
    #[prop(into)]
    columns: Signal<Vec<Choice>>,
    /// Look for a text in everything.
    #[prop(into)]
    on_search: Callback<String>,
) -> impl IntoView {
    let people = Signal::derive(move || std::iter::once(Choice::nobody()).chain(people.get()).collect::<Vec<_>>());
    let choices = move |facet: Facet| match facet {
        Facet::Status => Choice::statuses().into(),
        Facet::Priority => Choice::priorities().into(),
        Facet::Assignee => people,
        Facet::Label => labels,
    };
    view! {
        <div class="filters" role="search" aria-label="Filter issues">
            <SearchField selection on_change on_search/>
            {Facet::ALL
                .map(|facet| view! { <FacetFilter facet choices=choices(facet) selection on_change/> })
                .into_iter()
                .collect_view()}
            <button
                type="button"
                class="button quiet filters-clear"
                disabled=move || !selection.with(Selection::is_narrowing)
                on:click=move |_| on_change.run(selection.with_untracked(Selection::cleared))
            >
                "Clear"
            </button>
            <GroupMenu groups selection on_change/>
            <SortMenu sorts selection on_change/>
            <ColumnMenu columns selection on_change/>
        </div>
    }
}

#[component]
fn SearchField(
    selection: Signal<Selection>,
    on_change: Callback<Selection>,
    on_search: Callback<String>,
) -> impl IntoView {
    let text = Memo::new(move |_| selection.with(|selection| selection.text.clone()));
    let set = move |text: String| on_change.run(Selection { text, ..selection.get_untracked() });
    view! {
        <label class="search">
            <Icon glyph=Glyph::Search/>
            <input
                type="search"
                data-testid="search"
                placeholder="Search titles"
                aria-label="Search titles"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || text.get()
                title="Enter searches descriptions, comments and the other projects too"
                on:input:target=move |event| set(event.target().value())
                on:keydown=move |event| {
                    if event.key() == "Enter" && !event.is_composing() {
                        event.prevent_default();
                        on_search.run(text.get_untracked());
                    }
                }
            />
        </label>
    }
}

#[component]
fn FacetFilter(
    facet: Facet,
    choices: Signal<Vec<Choice>>,
    selection: Signal<Selection>,
    on_change: Callback<Selection>,
) -> impl IntoView {
    let selected = Memo::new(move |_| selection.with(|selection| facet.of(selection).clone()));
    let is_active = Memo::new(move |_| selected.with(|selected| !selected.is_empty()));
    let change = move |edit: &dyn Fn(&mut Vec<String>)| {
        let mut selection = selection.get_untracked();
        edit(facet.of_mut(&mut selection));
        on_change.run(selection);
    };
    let toggle = move |value: String| {
        change(&|values| match values.iter().position(|other| *other == value) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value.clone()),
        });
    };
    view! {
        <div class="filter" data-active=move || is_active.get().then_some("")>
            <SelectMenu
                label=facet.name().to_owned()
                choices
                selected
                multiple=true
                on_choose=toggle
                testid=facet.testid()
                class="filter-button"
                value=Signal::derive(move || selected.with(|values| (!values.is_empty()).then(|| values.join(" "))))
            >
                <span class="filter-name">{facet.name()}</span>
                {move || show_chosen(&choices.get(), &selected.get())}
                <Icon glyph=Glyph::Chevron/>
            </SelectMenu>
            <Show when=move || is_active.get()>
                <button
                    type="button"
                    class="filter-clear"
                    aria-label=format!("Clear filter: {}", facet.name())
                    on:click=move |_| change(&Vec::clear)
                >
                    <Icon glyph=Glyph::Close/>
                </button>
            </Show>
        </div>
    }
}

/// The first chosen value, and how many more there are.
fn show_chosen(choices: &[Choice], selected: &[String]) -> Option<impl IntoView + use<>> {
    let first = choices.iter().find(|choice| selected.contains(&choice.value))?.clone();
    let more = selected.len().saturating_sub(1);
    Some(view! {
        <span class="filter-value">
            <ChoiceMark choice=first.clone()/>
            <span class="filter-value-name">{first.label}</span>
            {(more > 0).then(|| view! { <span class="filter-more">{format!("+{more}")}</span> })}
        </span>
    })
}

#[component]
fn GroupMenu(
    groups: Signal<Vec<Choice>>,
    selection: Signal<Selection>,
    on_change: Callback<Selection>,
) -> impl IntoView {
    let group = Memo::new(move |_| selection.with(|selection| selection.group.clone()));
    let name = move || {
        let group = group.get();
        let chosen = groups.with(|groups| groups.iter().find(|choice| choice.value == group).cloned());
        chosen.filter(|_| !group.is_empty()).map_or_else(|| "Group".to_owned(), |choice| choice.label)
    };
    view! {
        <div class="filter filter-group">
            <SelectMenu
                label="Group by".to_owned()
                choices=groups
                selected=Signal::derive(move || vec![group.get()])
                on_choose=move |group| on_change.run(Selection { group, ..selection.get_untracked() })
                testid="filter-group"
                class="filter-button"
                value=Signal::derive(move || Some(group.get()))
            >
                <Icon glyph=Glyph::Bars/>
                <span class="filter-value-name">{name}</span>
            </SelectMenu>
        </div>
    }
}

#[component]
fn SortMenu(sorts: Signal<Vec<Choice>>, selection: Signal<Selection>, on_change: Callback<Selection>) -> impl IntoView {
    let sort = Memo::new(move |_| selection.with(|selection| selection.sort.clone()));
    let name = move || {
        let sort = sort.get();
        sorts.with(|sorts| sorts.iter().find(|choice| choice.value == sort).map(|choice| choice.label.clone()))
    };
    view! {
        <div class="filter filter-sort">
            <SelectMenu
                label="Order by".to_owned()
                choices=sorts
                selected=Signal::derive(move || vec![sort.get()])
                on_choose=move |sort| on_change.run(Selection { sort, ..selection.get_untracked() })
                testid="filter-sort"
                class="filter-button"
                value=Signal::derive(move || Some(sort.get()))
            >
                <Icon glyph=Glyph::Sort/>
                <span class="filter-value-name">{move || name().unwrap_or_else(|| "Order".to_owned())}</span>
            </SelectMenu>
        </div>
    }
}

#[component]
fn ColumnMenu(
    columns: Signal<Vec<Choice>>,
    selection: Signal<Selection>,
    on_change: Callback<Selection>,
) -> impl IntoView {
    let hidden = Memo::new(move |_| selection.with(|selection| selection.hidden.clone()));
    let shown = Signal::derive(move || {
        let shown = |value: &String| hidden.with(|hidden| !hidden.contains(value));
        columns.get().into_iter().map(|choice| choice.value).filter(shown).collect::<Vec<_>>()
    });
    let toggle = move |value: String| {
        let mut selection = selection.get_untracked();
        match selection.hidden.iter().position(|other| *other == value) {
            Some(at) => drop(selection.hidden.remove(at)),
            None => selection.hidden.push(value),
        }
        on_change.run(selection);
    };
    view! {
        <div class="filter filter-columns">
            <SelectMenu
                label="Columns".to_owned()
                choices=columns
                selected=shown
                multiple=true
                on_choose=toggle
                testid="filter-columns"
                class="filter-button"
                value=Signal::derive(move || Some(hidden.with(|hidden| hidden.join(" "))))
            >
                <Icon glyph=Glyph::Columns/>
                <span class="filter-value-name">"Columns"</span>
            </SelectMenu>
        </div>
    }
}
