//! Typed reads.

use super::{Replicated, use_directory};
use holdfast_leptos::query::{
    GroupOf, ListSpec, LiveList, LiveRowAt, QueryState, use_live_list, use_live_row, use_live_row_at,
};
use holdfast_sync::Schema;
use holdfast_tracker::{
    Asked, Comment, Description, Issue, IssueId, Key, Project, ProjectId, Row, Scope, Tracker, View,
    filter::{GroupBy, IssueQuery, SortValue, fold},
};
use leptos::prelude::*;
use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    fmt::Write,
    hash::{BuildHasher, BuildHasherDefault},
    rc::Rc,
};

/// Every row of a scope that `pick` wants, in the order of their keys. For what is small and
/// wanted whole; a list of issues is a [`LiveList`].
pub(super) fn use_rows<T>(scope: Scope, id: &'static str, pick: fn(&Row) -> Option<T>) -> Memo<Vec<T>>
where
    T: PartialEq + Send + Sync + 'static,
{
    let list: LiveList<Tracker> = use_live_list(move || ListSpec {
        scope: scope.clone(),
        id: id.to_owned(),
        filter: Rc::new(move |row| pick(row).is_some()),
        sort: Rc::new(Tracker::key),
        group: None,
        query: None,
    });
    rows_of(list, pick)
}

fn rows_of<T>(list: LiveList<Tracker>, pick: fn(&Row) -> Option<T>) -> Memo<Vec<T>>
where
    T: PartialEq + Send + Sync + 'static,
{
    let keys = list.slice(move || 0..list.total.get());
    Memo::new(move |_| {
        let rows = keys.get().into_iter().map(use_live_row::<Tracker>);
        rows.filter_map(|row| row.with(|row| row.as_ref().and_then(pick))).collect()
    })
}

/// All projects, by code.
pub fn use_all_projects() -> Memo<Vec<Project>> {
    let projects = use_rows(Scope::Workspace, "projects", |row| match row {
        Row::Project(project) => Some(project.clone()),
        _ => None,
    });
    Memo::new(move |_| {
        let mut projects = projects.get();
        projects.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));
        projects
    })
}

/// A project's saved views, by name.
pub fn use_views(project: ProjectId) -> Memo<Vec<View>> {
    let views = use_rows(Scope::Workspace, "views", |row| match row {
        Row::View(view) => Some(view.clone()),
        _ => None,
    });
    Memo::new(move |_| {
        let mut views: Vec<View> = views.get().into_iter().filter(|view| view.project == project).collect();
        views.sort_by_cached_key(|view| (fold(&view.name), view.id));
        views
    })
}

/// The project of that code.
pub fn project_by_code(
    projects: Memo<Vec<Project>>,
    code: impl Fn() -> String + Send + Sync + 'static,
) -> Memo<Option<Project>> {
    Memo::new(move |_| {
        let code = code();
        projects.with(|projects| projects.iter().find(|project| project.code.eq_ignore_ascii_case(&code)).cloned())
    })
}

fn issue_of(row: &Row) -> Option<&Issue> {
    match row {
        Row::Issue(issue) => Some(issue),
        _ => None,
    }
}

/// What a list of issues is sorted by: its group, if it has some, and its place in that.
type Place = (Option<Rc<str>>, Option<SortValue>);

/// A project's issues, as a query says.
pub fn use_issue_list(which: impl Fn() -> (ProjectId, IssueQuery) + 'static) -> LiveList<Tracker> {
    let directory = use_directory();
    let replicated = expect_context::<Replicated>();
    use_live_list(move || {
        let (project, mut query) = which();
        let is_asked = replicated.asks(&Scope::Project(project));
        if is_asked {
            // Groups take all there is.
            query.group = None;
        }
        let asked = is_asked.then(|| Asked::Issues { project, query: query.clone() });
        let mut id = if is_asked { format!("asked/{}", query.to_query()) } else { query.to_query() };
        let IssueQuery { filter, sort, group } = query;
        // Who works on what is grouped by name: other names are another list.
        let names = match group {
            Some(GroupBy::Assignee) => directory.names(),
            _ => BTreeMap::new(),
        };
        if !names.is_empty() {
            write!(id, "#{:x}", BuildHasherDefault::<DefaultHasher>::new().hash_one(&names))
                .expect("a String takes all that is written");
        }
        let group_of =
            move |issue: &Issue| group.map(|group| Rc::from(group.of(issue, |user| names.get(&user).cloned())));
        ListSpec {
            scope: Scope::Project(project),
            id,
            filter: Rc::new(move |row| issue_of(row).is_some_and(|issue| filter.matches(issue))),
            sort: Rc::new(move |row| -> Place {
                let issue = issue_of(row);
                (issue.and_then(&group_of), issue.map(|issue| sort.sort_key(issue)))
            }),
            group: group
                .map(|_| -> GroupOf<Place> { Rc::new(|(group, _)| group.as_deref().unwrap_or_default().to_owned()) }),
            query: asked,
        }
    })
}

/// A project's issues that `counts` holds for, by their keys: of a project that is kept.
pub fn issues_of(project: ProjectId, id: &'static str, counts: fn(&Issue) -> bool) -> LiveList<Tracker> {
    use_live_list(move || ListSpec {
        scope: Scope::Project(project),
        id: id.to_owned(),
        filter: Rc::new(move |row| issue_of(row).is_some_and(counts)),
        sort: Rc::new(Tracker::key),
        group: None,
        query: None,
    })
}

/// The issue of a project that has that number, where it is held. It looks through all of them.
pub fn issue_numbered(sync: super::Sync, project: ProjectId, number: u64) -> Option<Key> {
    let mut found = None;
    sync.read(|client| {
        client.for_each_row(&Scope::Project(project), |row| {
            if let Some(issue) = issue_of(row).filter(|issue| issue.number == Some(number)) {
                found = Some(Key::Issue(issue.id));
            }
        });
    });
    found
}

/// An issue by its id. Which project it is in is not known before it is here, so its scope
/// is that of whichever project holds it: all are held in the background.
pub fn use_issue(id: IssueId) -> (Signal<Option<Issue>>, Signal<&'static str>) {
    let row = use_live_row::<Tracker>(Key::Issue(id));
    let mark = holdfast_leptos::query::use_mark::<Tracker>(Key::Issue(id));
    let issue = Memo::new(move |_| row.with(|row| row.as_ref().and_then(issue_of).cloned()));
    (issue.into(), Signal::derive(move || mark.get().name()))
}

/// An issue that is shown in one place, one after the other.
pub struct IssueAt {
    /// The issue, by its fields.
    pub issue: IssueFields,
    /// What its mark is called.
    pub mark: Signal<&'static str>,
    /// Whether it is no longer there, and only its place waits to be taken away.
    pub is_gone: Signal<bool>,
}

/// An issue's fields, each a signal of its own.
#[derive(Clone, Copy)]
pub struct IssueFields(Signal<Option<Row>, LocalStorage>);

impl IssueFields {
    /// One of them; its default where the issue is not held.
    pub fn field<T>(self, read: fn(&Issue) -> T) -> Memo<T>
    where
        T: Default + PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.0.with(|row| row.as_ref().and_then(issue_of).map(read).unwrap_or_default()))
    }
}

/// The issue that `key` names, and again where it names another.
pub fn use_issue_at(key: Signal<Key>) -> IssueAt {
    let LiveRowAt { row, mark } = use_live_row_at::<Tracker>(move || key.get());
    let is_gone = Memo::new(move |_| row.with(Option::is_none));
    IssueAt { issue: IssueFields(row), mark: Signal::derive(move || mark.get().name()), is_gone: is_gone.into() }
}

/// Holds an issue's row as long as the component that calls this lives: its project need not be one of those that
/// are kept on this device. Gives how much of what that takes is held.
pub fn hold_issue(project: ProjectId, id: IssueId) -> Signal<QueryState> {
    let replicated = expect_context::<Replicated>();
    let is_asked = Memo::new(move |_| replicated.asks(&Scope::Project(project)));
    let list: LiveList<Tracker> = use_live_list(move || ListSpec {
        scope: Scope::Project(project),
        id: format!("{}issue/{id}", prefix(is_asked.get())),
        filter: Rc::new(move |row| matches!(row, Row::Issue(issue) if issue.id == id)),
        sort: Rc::new(Tracker::key),
        group: None,
        query: is_asked.get().then_some(Asked::Issue { project, id }),
    });
    list.state
}

/// An issue's description and its comments, the oldest first.
pub struct Texts {
    /// None where there is none.
    pub description: Signal<Option<String>>,
    /// The comments.
    pub comments: LiveList<Tracker>,
}

/// An issue's texts: by themselves where those of its project are not kept on this device.
pub fn use_texts(project: ProjectId, id: IssueId) -> Texts {
    let replicated = expect_context::<Replicated>();
    let is_asked = Memo::new(move |_| replicated.asks(&Scope::Texts(project)));
    let comments = use_live_list(move || ListSpec {
        scope: Scope::Texts(project),
        id: format!("{}comments/{id}", prefix(is_asked.get())),
        filter: Rc::new(move |row| matches!(row, Row::Comment(Comment { issue, .. }) if *issue == id)),
        sort: Rc::new(|row| match row {
            Row::Comment(comment) => comment.created_at,
            _ => 0,
        }),
        group: None,
        // It brings the description too.
        query: is_asked.get().then_some(Asked::Texts { project, issue: id }),
    });
    let row = use_live_row::<Tracker>(Key::Description(id));
    let description = Memo::new(move |_| {
        row.with(|row| match row {
            Some(Row::Description(Description { text, .. })) => Some(text.clone()),
            _ => None,
        })
    });
    Texts { description: description.into(), comments }
}

fn prefix(is_asked: bool) -> &'static str {
    if is_asked { "asked/" } else { "" }
}
