//! One function a mutation. Each is on the screen when it returns; a refusal is a sentence
//! for the user.

use super::Sync;
use holdfast_sync::Refusal;
use holdfast_tracker::{CommentId, IssueId, LabelId, Mutation, Priority, ProjectId, Status, UserId, View, ViewId};
use std::collections::BTreeSet;
use uuid::{NoContext, Timestamp, Uuid};

/// What an edit ends in.
pub type Edited = Result<(), Refusal>;

/// A fresh id, which sorts by the time it was made.
fn fresh() -> Uuid {
    let now_ms = js_sys::Date::now() as u64;
    Uuid::new_v7(Timestamp::from_unix(NoContext, now_ms / 1000, (now_ms % 1000) as u32 * 1_000_000))
}

/// What a new issue starts with.
pub struct NewIssue {
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
    /// Where the work stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Who works on it.
    pub assignee: Option<UserId>,
    /// Its labels.
    pub labels: BTreeSet<LabelId>,
}

/// Makes a project.
pub fn create_project(sync: Sync, code: String, name: String) -> Edited {
    sync.mutate(Mutation::CreateProject { id: ProjectId(fresh()), code, name })
}

/// Makes an issue; gives its id.
///
/// # Errors
/// Why not.
pub fn create_issue(sync: Sync, project: ProjectId, new: NewIssue) -> Result<IssueId, Refusal> {
    let NewIssue { title, description, status, priority, assignee, labels } = new;
    let id = IssueId(fresh());
    let create = Mutation::CreateIssue { id, project, title, status, priority, assignee, labels, description };
    sync.mutate(create).map(|()| id)
}

/// Saves a list of a project's issues under a name; gives the view's id.
///
/// # Errors
/// Why not.
pub fn save_view(sync: Sync, project: ProjectId, name: String, query: String) -> Result<ViewId, Refusal> {
    let id = ViewId(fresh());
    sync.mutate(Mutation::CreateView { id, project, name, query }).map(|()| id)
}

/// Saves a view that was deleted as it was.
pub fn save_view_again(sync: Sync, view: View) -> Edited {
    let View { id, project, name, query, .. } = view;
    sync.mutate(Mutation::CreateView { id, project, name, query })
}

/// Changes what a view is called.
pub fn rename_view(sync: Sync, view: ViewId, name: String) -> Edited {
    sync.mutate(Mutation::EditView { view, name: Some(name), query: None })
}

/// Changes what a view shows.
pub fn set_view_query(sync: Sync, view: ViewId, query: String) -> Edited {
    sync.mutate(Mutation::EditView { view, name: None, query: Some(query) })
}

/// Ends a view.
pub fn delete_view(sync: Sync, view: ViewId) -> Edited {
    sync.mutate(Mutation::DeleteView { view })
}

/// Ends an issue.
pub fn delete_issue(sync: Sync, issue: IssueId) -> Edited {
    sync.mutate(Mutation::DeleteIssue { issue })
}

/// Changes a title.
pub fn set_title(sync: Sync, issue: IssueId, title: String) -> Edited {
    sync.mutate(Mutation::SetTitle { issue, title })
}

/// Changes a status.
pub fn set_status(sync: Sync, issue: IssueId, status: Status) -> Edited {
    sync.mutate(Mutation::SetStatus { issue, status })
}

/// Changes a priority.
pub fn set_priority(sync: Sync, issue: IssueId, priority: Priority) -> Edited {
    sync.mutate(Mutation::SetPriority { issue, priority })
}

/// Changes who works on it.
pub fn set_assignee(sync: Sync, issue: IssueId, assignee: Option<UserId>) -> Edited {
    sync.mutate(Mutation::SetAssignee { issue, assignee })
}

/// Puts a label on, or takes it off.
pub fn set_label(sync: Sync, issue: IssueId, label: LabelId, on: bool) -> Edited {
    sync.mutate(if on { Mutation::AddLabel { issue, label } } else { Mutation::RemoveLabel { issue, label } })
}

/// Replaces a description.
pub fn edit_description(sync: Sync, issue: IssueId, text: String) -> Edited {
    sync.mutate(Mutation::EditDescription { issue, text })
}

/// Comments.
pub fn add_comment(sync: Sync, issue: IssueId, text: String) -> Edited {
    sync.mutate(Mutation::AddComment { id: CommentId(fresh()), issue, text })
}

/// Replaces one's own comment.
pub fn edit_comment(sync: Sync, issue: IssueId, comment: CommentId, text: String) -> Edited {
    sync.mutate(Mutation::EditComment { comment, issue, text })
}

/// Ends one's own comment.
pub fn delete_comment(sync: Sync, issue: IssueId, comment: CommentId) -> Edited {
    sync.mutate(Mutation::DeleteComment { comment, issue })
}
