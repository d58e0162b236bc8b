//! One issue.

use super::{NotFound, use_title};
use crate::{
    chrome::use_notices,
    components::{
        comments::{CommentComposer, CommentItem},
        issue_list::EmptyState,
        issue_page::{CommentSection, IssueFrame},
        issue_row::issue_number,
        properties::PropertyPanel,
        text::{DescriptionPanel, EditableTitle},
    },
    drafts::{self, use_draft},
    queries::{Texts, edit, hold_issue, sync, use_directory, use_issue, use_now, use_texts},
    routes,
    session::Session,
};
use holdfast_leptos::query::{LiveList, QueryState, use_live_row, use_mark};
use holdfast_sync::client::Coverage;
use holdfast_tracker::{Comment, CommentId, Issue, IssueId, Key, Project, ProjectId, Row, Scope, Tracker};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_params_map, use_query_map},
};

/// The page at `/issues/:id`.
#[component]
pub fn IssueDetail() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<IssueId>().ok())));
    move || match id.get() {
        Some(id) => view! { <Found id /> }.into_any(),
        None => view! { <NotFound /> }.into_any(),
    }
}

#[component]
fn Found(id: IssueId) -> impl IntoView {
    let (issue, mark) = use_issue(id);
    let sync = sync();
    let projects = expect_context::<Memo<Vec<Project>>>();
    let connection = sync.status().connection;
    let project = Memo::new(move |_| issue.with(|issue| issue.as_ref().map(|issue| issue.project)));
    let query = use_query_map();
    let told = Memo::new(move |_| query.with(|query| query.get("project")?.parse::<ProjectId>().ok()));
    let holds = move |scope: &Scope| sync.read(|client| client.coverage(scope)) == Coverage::Complete;
    // Where it may be that is not held yet: the project that the address tells, then all of them.
    let places = move || {
        connection.track();
        let told = told.get().filter(|told| !holds(&Scope::Project(*told)));
        let all = move || projects.get().into_iter().map(|project| project.id);
        told.map_or_else(|| all().filter(|id| !holds(&Scope::Project(*id))).collect(), |told| vec![told])
    };
    let was_there = StoredValue::new(false);
    move || match project.get() {
        Some(project) => {
            was_there.set_value(true);
            view! { <Page id project issue mark /> }.into_any()
        }
        None if was_there.get_value() => view! { <Deleted id /> }.into_any(),
        None => match places() {
            places if places.is_empty() && holds(&Scope::Workspace) => view! { <NotFound /> }.into_any(),
            places => view! { <Sought id places /> }.into_any(),
        },
    }
}

/// Loads an issue that is in one of these projects, if in any.
#[component]
fn Sought(id: IssueId, places: Vec<ProjectId>) -> impl IntoView {
    let states: Vec<Signal<QueryState>> = places.into_iter().map(|project| hold_issue(project, id)).collect();
    let is_nowhere =
        Memo::new(move |_| states.iter().all(|state| matches!(state.get(), QueryState::Ready | QueryState::Refused)));
    move || match is_nowhere.get() {
        true => view! { <NotFound /> }.into_any(),
        false => view! { <p class="visually-hidden" role="status">"Loading the issue"</p> }.into_any(),
    }
}

/// Names what is kept of a description being written.
fn description_draft(id: IssueId) -> String {
    format!("description.{id}")
}

/// Names what is kept of a comment being written.
fn comment_draft(id: IssueId) -> String {
    format!("comment.{id}")
}

/// In the place of an issue that went while it was looked at. What was being written stays.
#[component]
fn Deleted(id: IssueId) -> impl IntoView {
    let names = [comment_draft(id), description_draft(id)];
    let texts: Vec<String> = names.iter().filter_map(|name| drafts::kept(name)).collect();
    // It was shown once, and can be nowhere again.
    names.iter().for_each(|name| drafts::drop_kept(name));
    let note = match texts.is_empty() {
        true => "It is gone for everybody, with its comments.",
        false => "It is gone for everybody, with its comments. What you were writing here stands below.",
    };
    let rescued = texts.into_iter().map(|text| {
        view! { <textarea class="rescued" data-testid="rescued-text" aria-label="What you were writing" readonly prop:value=text></textarea> }
    });
    view! {
        <EmptyState title="This issue was deleted" text=note>
            {rescued.collect_view()}
            <A href=routes::HOME attr:class="button">
                "All projects"
            </A>
        </EmptyState>
    }
}

#[component]
fn Page(id: IssueId, project: ProjectId, issue: Signal<Option<Issue>>, mark: Signal<&'static str>) -> impl IntoView {
    let sync = sync();
    let notices = use_notices();
    let navigate = use_navigate();
    let projects = expect_context::<Memo<Vec<Project>>>();
    let project_row = Memo::new(move |_| projects.with(|all| all.iter().find(|one| one.id == project).cloned()));
    let code = Memo::new(move |_| project_row.get().map(|project| project.code).unwrap_or_default());
    let title = Memo::new(move |_| issue.with(|issue| issue.as_ref().map(|i| i.title.clone()).unwrap_or_default()));
    let number =
        Memo::new(move |_| issue.with(|issue| issue_number(&code.get(), issue.as_ref().and_then(|i| i.number))));
    use_title(move || format!("{} {}", number.get(), title.get()));
    hold_issue(project, id);
    let Texts { description: text, comments } = use_texts(project, id);
    let delete = move |()| {
        if notices.tell(edit::delete_issue(sync, id)).is_some() {
            navigate(&routes::project(&code.get_untracked()), NavigateOptions::default());
        }
    };
    view! {
        <IssueFrame
            project=Signal::derive(move || project_row.get().map(|project| project.name).unwrap_or_default())
            project_href=Signal::derive(move || routes::project(&code.get()))
            number
            sync=mark
            on_delete=delete
            side=Box::new(move || view! { <Side id issue /> }.into_any())
        >
            <EditableTitle
                title
                on_commit=move |title: String| notices.tell(edit::set_title(sync, id, title)).is_some()
            />
            <DescriptionPanel
                text
                draft=use_draft(&description_draft(id))
                on_save=move |text: String| notices.tell(edit::edit_description(sync, id, text)).is_some()
            />
            <Comments id list=comments />
        </IssueFrame>
    }
}

/// The fields that are chosen.
#[component]
fn Side(id: IssueId, issue: Signal<Option<Issue>>) -> impl IntoView {
    let sync = sync();
    let notices = use_notices();
    let directory = use_directory();
    let labels = Memo::new(move |_| {
        issue.with(|issue| issue.iter().flat_map(|i| i.labels.iter().map(ToString::to_string)).collect::<Vec<_>>())
    });
    let assignee = Memo::new(move |_| issue.with(|issue| Some(issue.as_ref()?.assignee?.to_string())));
    let creator = Memo::new(move |_| issue.with(|issue| issue.as_ref().and_then(|i| directory.user(i.creator))));
    let assign = move |user: Option<String>| {
        notices.tell(edit::set_assignee(sync, id, user.and_then(|user| user.parse().ok())));
    };
    let set_label = move |(label, on): (String, bool)| {
        if let Ok(label) = label.parse() {
            notices.tell(edit::set_label(sync, id, label, on));
        }
    };
    view! {
        <PropertyPanel
            status=Memo::new(move |_| issue.with(|issue| issue.as_ref().map(|i| i.status).unwrap_or_default()))
            priority=Memo::new(move |_| issue.with(|issue| issue.as_ref().map(|i| i.priority).unwrap_or_default()))
            assignee
            labels
            people=directory.people()
            label_choices=directory.label_choices()
            creator
            created_at=Memo::new(move |_| issue.with(|issue| issue.as_ref().map_or(0, |i| i.created_at)))
            updated_at=Memo::new(move |_| issue.with(|issue| issue.as_ref().map_or(0, |i| i.updated_at)))
            now=use_now()
            on_status=move |status| {
                notices.tell(edit::set_status(sync, id, status));
            }
            on_priority=move |priority| {
                notices.tell(edit::set_priority(sync, id, priority));
            }
            on_assignee=assign
            on_label=set_label
        />
    }
}

#[component]
fn Comments(id: IssueId, list: LiveList<Tracker>) -> impl IntoView {
    let sync = sync();
    let notices = use_notices();
    let now = use_now();
    let keys = list.slice(move || 0..list.total.get());
    let draft = use_draft(&comment_draft(id));
    let count = Signal::derive(move || match list.state.get() {
        QueryState::Loading { .. } if list.total.get() == 0 => None,
        _ => Some(list.total.get()),
    });
    let submit = move |text: String| {
        if notices.tell(edit::add_comment(sync, id, text)).is_some() {
            draft.set(String::new());
        }
    };
    view! {
        <CommentSection count>
            <For each=move || keys.get() key=Clone::clone let(key)>
                <OneComment issue=id key now />
            </For>
            <CommentComposer draft on_submit=submit />
        </CommentSection>
    }
}

#[component]
fn OneComment(issue: IssueId, key: Key, now: Signal<i64>) -> impl IntoView {
    let Key::Comment(id) = key else { return ().into_any() };
    let sync = sync();
    let notices = use_notices();
    let directory = use_directory();
    let me = expect_context::<Session>().user.id;
    let row = use_live_row::<Tracker>(Key::Comment(id));
    let mark = use_mark::<Tracker>(Key::Comment(id));
    let comment = Memo::new(move |_| {
        row.with(|row| match row {
            Some(Row::Comment(comment)) => Some(comment.clone()),
            _ => None,
        })
    });
    let of =
        move |read: fn(&Comment) -> i64| Memo::new(move |_| comment.with(|comment| comment.as_ref().map_or(0, read)));
    let is_own = Memo::new(move |_| comment.with(|comment| comment.as_ref().is_some_and(|it| it.author == me)));
    let edit_it = move |text: String| notices.tell(edit::edit_comment(sync, issue, id, text)).is_some();
    view! {
        <CommentItem
            id=CommentId::to_string(&id)
            author=Memo::new(move |_| comment.with(|comment| comment.as_ref().and_then(|it| directory.user(it.author))))
            created_at=of(|comment| comment.created_at)
            edited=Memo::new(move |_| comment.with(|comment| comment.as_ref().is_some_and(|it| it.edited_at.is_some())))
            text=Memo::new(move |_| comment.with(|comment| comment.as_ref().map(|it| it.text.clone()).unwrap_or_default()))
            own=is_own
            draft=use_draft(&format!("comment-edit.{id}"))
            sync=Signal::derive(move || mark.get().name())
            now
            on_edit=edit_it
            on_delete=move |()| {
                notices.tell(edit::delete_comment(sync, issue, id));
            }
        />
    }
    .into_any()
}
