//! A project's issues.

use super::{
    NotFound, selection, use_title,
    views::{ViewBar, Views},
};
use crate::{
    chrome::{use_notices, use_search_everywhere},
    components::{
        filters::{FilterBar, Selection},
        group_head::GroupHead,
        issue_list::{GoingTo, IssueListFrame, ListState, PageHead, UpdatesPill, count_words},
        issue_row::{IssueRow, Pick},
        menu::{Anchor, Choice, Menu},
        new_issue::{NewIssue, NewIssueButton, NewIssueDialog},
        sections::{Run, Section, Sections},
        virtual_list::VirtualList,
    },
    queries::{
        IssueAt, edit, issue_numbered, project_by_code, remember_use, sync, use_directory, use_issue_at,
        use_issue_list, use_now,
    },
    routes,
};
use holdfast_leptos::query::{Group, LiveList, QueryState};
use holdfast_sync::client::Coverage;
use holdfast_tracker::{
    IssueId, Key, Priority, Project, Scope, Status, Tracker,
    filter::{GroupBy, IssueQuery},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use std::{collections::BTreeSet, ops::Range};

/// What the keys of the positions kept of a project's list begin with.
pub fn positions_of(code: &str) -> String {
    format!("issues:{code}?")
}

/// How many rows beyond those on screen are loaded of a project that is not kept.
const AHEAD: usize = 250;

/// What stands on a line of the list.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Item {
    /// The head of the group of that name.
    Group(String),
    /// An issue.
    Issue(Key),
}

/// What was last active in a list, and which groups were folded away, kept while an issue is looked at.
#[derive(Clone, Copy)]
pub struct LastLooked {
    active: RwSignal<Option<Item>>,
    folded: RwSignal<BTreeSet<String>>,
}

impl LastLooked {
    /// Keeps it in the context from here on down.
    pub fn provide() {
        provide_context(Self { active: RwSignal::new(None), folded: RwSignal::default() });
    }
}

/// The page at `/projects/:code`.
#[component]
pub fn Issues() -> impl IntoView {
    let params = use_params_map();
    let projects = expect_context::<Memo<Vec<Project>>>();
    let sync = sync();
    let project = project_by_code(projects, move || params.with(|params| params.get("code").unwrap_or_default()));
    // The page is made anew for another project, not for another name of the same.
    let id = Memo::new(move |_| project.with(|project| project.as_ref().map(|project| project.id)));
    let connection = sync.status().connection;
    let is_held = move || {
        connection.track();
        sync.read(|client| client.is_hydrated() && client.coverage(&Scope::Workspace) == Coverage::Complete)
    };
    move || match id.get() {
        Some(_) => view! { <IssuesOf project /> }.into_any(),
        None if is_held() => view! { <NotFound /> }.into_any(),
        None => view! { <crate::components::issue_list::ListSkeleton /> }.into_any(),
    }
}

#[component]
fn IssuesOf(project: Memo<Option<Project>>) -> impl IntoView {
    let id = project.with_untracked(|project| project.as_ref().map(|project| project.id));
    let Some(id) = id else { return ().into_any() };
    let name = Signal::derive(move || project.get().map(|project| project.name).unwrap_or_default());
    let views = Views::of(id);
    use_title(move || {
        let name = name.get();
        views.open_name().map_or_else(|| name.clone(), |view| format!("{view} · {name}"))
    });
    let navigate = use_navigate();
    let sync = sync();
    let directory = use_directory();
    let notices = use_notices();
    let everywhere = use_search_everywhere();
    let query = Memo::new(move |_| views.shown.with(|shown| shown.query.clone()));
    let list = use_issue_list(move || (id, query.get()));
    remember_use(id);
    let all = use_issue_list(move || (id, IssueQuery::default()));
    let creating = RwSignal::new(false);
    let change = Callback::new(move |chosen: Selection| views.change(selection::to_view(&chosen)));
    let selection = Signal::derive(move || views.shown.with(selection::of_view));
    let create = move |new: NewIssue| {
        let new = edit::NewIssue {
            title: new.title,
            description: new.description,
            status: new.status,
            priority: new.priority,
            assignee: new.assignee.and_then(|id| id.parse().ok()),
            labels: new.labels.iter().filter_map(|id| id.parse().ok()).collect(),
        };
        let Some(issue) = notices.tell(edit::create_issue(sync, id, new)) else { return false };
        if list.index_of(&Key::Issue(issue)).is_none() {
            let navigate = navigate.clone();
            let show = move || navigate(&routes::issue(issue), NavigateOptions::default());
            notices.say("The issue is created; the filters hide it.", Some(("Open", Box::new(show))));
        }
        true
    };
    let state = Signal::derive(move || match (list.total.get(), all.total.get(), list.state.get()) {
        (0, 0, QueryState::Loading { .. }) => ListState::Loading,
        (0, 0, _) => ListState::Empty,
        (0, _, _) => ListState::NoMatch,
        _ => ListState::Ready,
    });
    let partial = Signal::derive(move || match list.state.get() {
        QueryState::Partial => Some("Not all of this project is on this device yet.".to_owned()),
        _ if list.beyond.get().is_some() && query.with(|query| query.group.is_some()) => Some(
            "This project is too large to be held on this device: its issues come in order, without groups.".to_owned(),
        ),
        _ => None,
    });
    // Where not all is loaded, the server says how many there are.
    let counted = move |list: LiveList<Tracker>| {
        list.beyond.get().map_or_else(|| list.total.get(), |beyond| usize::try_from(beyond).unwrap_or(usize::MAX))
    };
    let note = Signal::derive(move || {
        let of = counted(all);
        Some(count_words(counted(list).min(of), of))
    });
    view! {
        <PageHead title=name note beside=Box::new(move || view! { <ViewBar views /> }.into_any())>
            <NewIssueButton open=creating />
        </PageHead>
        <FilterBar
            selection
            on_change=change
            people=directory.people()
            labels=directory.label_choices()
            sorts=Signal::derive(selection::sorts)
            groups=Signal::derive(selection::groups)
            columns=Signal::derive(selection::columns)
            on_search=move |text| everywhere.open_with(text)
        />
        <IssueListFrame
            state
            partial
            on_retry=move |()| sync.retry_now()
            on_clear=move |()| change.run(selection.get_untracked().cleared())
            on_new=move |()| creating.set(true)
            on_search=move |()| everywhere.open_with(query.with_untracked(|query| query.filter.text.clone()))
            hidden=Signal::derive(move || selection.with(|selection| selection.hidden.join(" ")))
            has_text=Signal::derive(move || query.with(|query| !query.filter.text.trim().is_empty()))
        >
            <Rows project list query />
        </IssueListFrame>
        <NewIssueDialog
            open=creating
            people=directory.people()
            label_choices=directory.label_choices()
            on_submit=create
        />
    }
    .into_any()
}

/// The windowed list, and the one menu that its rows share.
#[component]
fn Rows(project: Memo<Option<Project>>, list: LiveList<Tracker>, query: Memo<IssueQuery>) -> impl IntoView {
    let code =
        Memo::new(move |_| project.with(|project| project.as_ref().map_or_else(String::new, |p| p.code.clone())));
    let now = use_now();
    let navigate = use_navigate();
    let picked = RwSignal::new(None::<(IssueId, Pick)>);
    let anchor: Anchor = RwSignal::new_local(None);
    let LastLooked { active, folded } = expect_context();
    let fold = move |name: String| {
        folded.update(|folded| {
            if !folded.remove(&name) {
                folded.insert(name);
            }
        });
    };
    let open = Callback::new(move |item: Item| match item {
        Item::Issue(Key::Issue(id)) => navigate(&routes::issue(id), NavigateOptions::default()),
        Item::Issue(_) => {}
        Item::Group(name) => fold(name),
    });
    let groups = list.groups();
    let sections = Memo::new(move |_| {
        let section = |Group { name, rows }: Group| {
            let is_folded = folded.with(|folded| folded.contains(&name));
            Section { name, rows, is_folded }
        };
        Sections::new(groups.get().into_iter().map(section).collect(), list.total.get())
    });
    let items = move |lines: Range<usize>| {
        // Of a project that is too large to be kept, what is looked at is loaded, and as much ahead.
        if list.beyond.get().is_some() && lines.end + AHEAD > list.total.get_untracked() {
            list.want(lines.end + AHEAD);
        }
        let runs = sections.with(|sections| sections.runs(lines));
        let items = runs.into_iter().flat_map(|run| match run {
            Run::Head(index) => sections
                .with(|sections| sections.section(index).map(|section| Item::Group(section.name.clone())))
                .into_iter()
                .collect::<Vec<_>>(),
            Run::Rows(rows) => list.slice(move || rows.clone()).get().into_iter().map(Item::Issue).collect(),
        });
        items.collect()
    };
    let line_of = Callback::new(move |item: Item| match item {
        Item::Group(name) => sections.with(|sections| sections.find(&name).map(|(_, line)| line)),
        Item::Issue(key) => {
            let row = list.index_of(&key)?;
            sections.with(|sections| sections.line_of(row))
        }
    });
    let issue_row = move |key: Signal<Key>| {
        let pick = Callback::new(move |(pick, element)| {
            if let Some(id) = key.with_untracked(issue_id) {
                picked.set(Some((id, pick)));
                anchor.set(Some(element));
            }
        });
        view! { <Row key code now on_pick=pick /> }
    };
    let row = move |item: Signal<Item>| {
        let is_head = Memo::new(move |_| item.with(|item| matches!(item, Item::Group(_))));
        move || match is_head.get() {
            true => {
                let name = Memo::new(move |before: Option<&String>| match item.get() {
                    Item::Group(name) => name,
                    // Its place is about to show a row.
                    Item::Issue(_) => before.cloned().unwrap_or_default(),
                });
                view! { <Head name sections query on_fold=fold /> }.into_any()
            }
            false => {
                let key = Memo::new(move |before: Option<&Option<Key>>| match item.get() {
                    Item::Issue(key) => Some(key),
                    Item::Group(_) => before.cloned().flatten(),
                });
                let first = key.get_untracked();
                match first {
                    Some(first) => {
                        issue_row(Signal::derive(move || key.get().unwrap_or_else(|| first.clone()))).into_any()
                    }
                    None => ().into_any(),
                }
            }
        }
    };
    let sync = sync();
    let typed = RwSignal::new(None::<(String, bool)>);
    let find = Callback::new(move |digits: String| {
        let project = project.with_untracked(|project| project.as_ref().map(|project| project.id));
        let named =
            project.zip(digits.parse().ok()).and_then(|(project, number)| issue_numbered(sync, project, number));
        let found = named.map(Item::Issue).filter(|item| line_of.run(item.clone()).is_some());
        typed.set((!digits.is_empty()).then(|| (digits, found.is_some())));
        found
    });
    let going = Signal::derive(move || {
        let (digits, is_found) = typed.get()?;
        let name = format!("{}-{digits}", code.get());
        Some(match (is_found, list.beyond.get()) {
            (true, _) => name,
            (false, None) => format!("{name} is not in this list"),
            (false, Some(_)) => format!("{name} is not among what is loaded: search for it with /"),
        })
    });
    let lines = Signal::derive(move || sections.with(Sections::len));
    let keep_under =
        Signal::derive(move || format!("{}{}", positions_of(&code.get()), query.with(IssueQuery::to_query)));
    // A menu that is open belongs to a row: that stays where it is.
    let in_use = RwSignal::new(false);
    list.pause_while(move || in_use.get() || anchor.with(Option::is_some));
    view! {
        <UpdatesPill waiting=list.waiting on_show=move |()| list.catch_up() />
        <GoingTo name=going />
        <VirtualList
            total=lines
            keys=items
            row
            label="Issues"
            restore_key=keep_under
            on_open=open
            active
            index_of=line_of
            find
            on_use=move |is_used| in_use.set(is_used)
        />
        <PickMenu picked anchor />
    }
}

fn issue_id(key: &Key) -> Option<IssueId> {
    if let Key::Issue(id) = key { Some(*id) } else { None }
}

/// One row after the other, each field a signal of its own.
#[component]
fn Row(
    key: Signal<Key>,
    code: Memo<String>,
    now: Signal<i64>,
    on_pick: Callback<(Pick, web_sys::Element)>,
) -> impl IntoView {
    let directory = use_directory();
    let IssueAt { issue, mark, is_gone } = use_issue_at(key);
    let id = Memo::new(move |_| key.with(issue_id).map(|id| id.to_string()).unwrap_or_default());
    let href = Memo::new(move |_| key.with(issue_id).map(routes::issue).unwrap_or_default());
    let assignee = issue.field(|issue| issue.assignee);
    let label_ids = issue.field(|issue| issue.labels.clone());
    view! {
        <IssueRow
            id
            href
            code
            number=issue.field(|issue| issue.number)
            title=issue.field(|issue| issue.title.clone())
            status=issue.field(|issue| issue.status)
            priority=issue.field(|issue| issue.priority)
            assignee=Memo::new(move |_| assignee.get().and_then(|user| directory.user(user)))
            labels=Memo::new(move |_| directory.labels(label_ids.get()))
            updated_at=issue.field(|issue| issue.updated_at)
            now
            sync=mark
            is_gone
            on_pick
        />
    }
}

/// The head of a group: what it is, how many rows it has, and folding them away.
#[component]
fn Head(
    #[prop(into)] name: Signal<String>,
    sections: Memo<Sections>,
    query: Memo<IssueQuery>,
    #[prop(into)] on_fold: Callback<String>,
) -> impl IntoView {
    let directory = use_directory();
    let section = Memo::new(move |_| {
        let name = name.get();
        sections.with(|sections| sections.find(&name).map(|(section, _)| (section.rows.len(), section.is_folded)))
    });
    let choice = Memo::new(move |_| {
        let name = name.get();
        let value = GroupBy::value(&name);
        let of = |choices: Vec<Choice>| choices.into_iter().find(|choice| choice.value == value);
        let known = match query.with(|query| query.group) {
            Some(GroupBy::Status) => of(Choice::statuses()),
            Some(GroupBy::Priority) => of(Choice::priorities()),
            Some(GroupBy::Assignee) => {
                let user = value.parse().ok();
                Some(
                    user.and_then(|user| directory.user(user))
                        .map_or_else(Choice::nobody, |name| Choice::person(value, name)),
                )
            }
            None => None,
        };
        known.unwrap_or_else(|| Choice::plain(value, value))
    });
    view! {
        <GroupHead
            choice
            count=Signal::derive(move || section.get().map(|(rows, _)| rows).unwrap_or_default())
            is_folded=Signal::derive(move || section.get().is_some_and(|(_, is_folded)| is_folded))
            on_fold=move |()| on_fold.run(name.get_untracked())
        />
    }
}

/// The menu to set a field of a row where it stands.
#[component]
fn PickMenu(picked: RwSignal<Option<(IssueId, Pick)>>, anchor: Anchor) -> impl IntoView {
    let sync = sync();
    let notices = use_notices();
    let directory = use_directory();
    let people = directory.people();
    let label = Signal::derive(move || match picked.get() {
        Some((_, Pick::Priority)) => "Priority".to_owned(),
        Some((_, Pick::Assignee)) => "Assignee".to_owned(),
        _ => "Status".to_owned(),
    });
    let choices = Signal::derive(move || -> Vec<Choice> {
        match picked.get() {
            Some((_, Pick::Status)) => Choice::statuses(),
            Some((_, Pick::Priority)) => Choice::priorities(),
            Some((_, Pick::Assignee)) => std::iter::once(Choice::nobody()).chain(people.get()).collect(),
            None => Vec::new(),
        }
    });
    let selected = Signal::derive(move || {
        let Some((id, pick)) = picked.get() else { return Vec::new() };
        let value = sync.read(|client| match client.row(&Key::Issue(id)) {
            Some(holdfast_tracker::Row::Issue(issue)) => Some(match pick {
                Pick::Status => issue.status.name().to_owned(),
                Pick::Priority => issue.priority.name().to_owned(),
                Pick::Assignee => issue.assignee.map_or_else(|| "none".to_owned(), |user| user.to_string()),
            }),
            _ => None,
        });
        value.into_iter().collect()
    });
    let choose = move |value: String| {
        let Some((id, pick)) = picked.get_untracked() else { return };
        let edited = match pick {
            Pick::Status => Status::from_name(&value).map(|status| edit::set_status(sync, id, status)),
            Pick::Priority => Priority::from_name(&value).map(|priority| edit::set_priority(sync, id, priority)),
            Pick::Assignee => Some(edit::set_assignee(sync, id, value.parse().ok())),
        };
        edited.into_iter().for_each(|edited| {
            notices.tell(edited);
        });
    };
    view! { <Menu anchor label choices selected on_choose=choose /> }
}
