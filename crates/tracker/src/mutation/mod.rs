//! Every way to change the tracker's rows.
//!
//! A [`Mutation`] is a named, replayable intent. The browser applies it for the
//! optimistic view and the server for the truth, through the same code here: one
//! file for each family of entities. What it may touch it says beforehand, in its
//! footprint; what it may not do it refuses with a sentence for the user.
//!
//! Whatever changes an issue, its text or its comments also sets the issue's
//! `updated_at`, so the issue's row is part of each of these. What changes nothing
//! writes nothing.

mod access;
mod issue;
mod text;
mod view;
mod words;
mod workspace;

#[cfg(test)]
mod tests;

use crate::{CommentId, IssueId, Key, LabelId, Priority, ProjectId, Row, Status, Tracker, UserId, ViewId};
use holdfast_sync::{ApplyContext, Footprint, Refusal, RefusalCode, Tx};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A named, replayable intent, written `{"set_status": {…}}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// Makes a project.
    CreateProject {
        /// Made by the author (UUID v7).
        id: ProjectId,
        /// Upper case; stands before its issues' numbers. No two projects have the same.
        code: String,
        /// One line.
        name: String,
    },
    /// Changes a project's name.
    RenameProject {
        /// Which.
        project: ProjectId,
        /// One line.
        name: String,
    },
    /// Makes a label.
    CreateLabel {
        /// Made by the author (UUID v7).
        id: LabelId,
        /// One word or a few.
        name: String,
        /// `rrggbb`.
        color: String,
    },
    /// Changes a label's name, colour or both.
    EditLabel {
        /// Which.
        label: LabelId,
        /// The new name; none leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The new colour, `rrggbb`; none leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
    },
    /// Saves a list of a project's issues as a view that everyone has.
    CreateView {
        /// Made by the author (UUID v7).
        id: ViewId,
        /// Of which project's issues.
        project: ProjectId,
        /// One line.
        name: String,
        /// The list, as [`IssueView::to_query`](crate::filter::IssueView::to_query) writes it.
        query: String,
    },
    /// Changes what a view is called, what it shows, or both.
    EditView {
        /// Which.
        view: ViewId,
        /// The new name; none leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The new list; none leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
    },
    /// Ends a view; its issues stay.
    DeleteView {
        /// Which.
        view: ViewId,
    },
    /// Makes an issue and its description. Its number comes from the server.
    CreateIssue {
        /// Made by the author (UUID v7).
        id: IssueId,
        /// The project it is to belong to.
        project: ProjectId,
        /// One line.
        title: String,
        /// Where the work stands.
        status: Status,
        /// How urgent it is.
        priority: Priority,
        /// Who works on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<UserId>,
        /// Any number of the workspace's labels.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        labels: BTreeSet<LabelId>,
        /// Markdown; may be empty.
        description: String,
    },
    /// Ends an issue with its description and comments.
    DeleteIssue {
        /// Which.
        issue: IssueId,
    },
    /// Changes an issue's title.
    SetTitle {
        /// Which.
        issue: IssueId,
        /// One line.
        title: String,
    },
    /// Changes an issue's status.
    SetStatus {
        /// Which.
        issue: IssueId,
        /// The new one.
        status: Status,
    },
    /// Changes an issue's priority.
    SetPriority {
        /// Which.
        issue: IssueId,
        /// The new one.
        priority: Priority,
    },
    /// Changes who works on an issue.
    SetAssignee {
        /// Which.
        issue: IssueId,
        /// The new one, or nobody.
        assignee: Option<UserId>,
    },
    /// Puts a label on an issue; nothing happens where it is on it.
    AddLabel {
        /// Which.
        issue: IssueId,
        /// The label.
        label: LabelId,
    },
    /// Takes a label off an issue; nothing happens where it is not on it.
    RemoveLabel {
        /// Which.
        issue: IssueId,
        /// The label, which need not exist any more.
        label: LabelId,
    },
    /// Replaces an issue's description.
    EditDescription {
        /// The issue whose text it is.
        issue: IssueId,
        /// Markdown; may be empty.
        text: String,
    },
    /// Comments on an issue.
    AddComment {
        /// Made by the author (UUID v7).
        id: CommentId,
        /// The issue it is on.
        issue: IssueId,
        /// Markdown.
        text: String,
    },
    /// Replaces a comment's text; only its author may.
    EditComment {
        /// Which.
        comment: CommentId,
        /// The issue it is on.
        issue: IssueId,
        /// Markdown.
        text: String,
    },
    /// Ends a comment; only its author may.
    DeleteComment {
        /// Which.
        comment: CommentId,
        /// The issue it is on.
        issue: IssueId,
    },
    /// Makes or replaces any row as it is given: import, seed, restore, signing in.
    /// Only the server itself may.
    Put {
        /// The row from now on.
        row: Row,
    },
    /// A mutation that this version cannot read, as it was written: kept, passed
    /// on, never carried out.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl Mutation {
    /// The rows it may read or write.
    pub(crate) fn footprint(&self) -> Footprint<Tracker> {
        let rows = Footprint::none();
        match self {
            Self::CreateProject { id, .. } => rows.row(Key::Project(*id)).children(Key::PROJECTS),
            Self::RenameProject { project, .. } => rows.row(Key::Project(*project)),
            Self::CreateLabel { id, .. } => rows.row(Key::Label(*id)),
            Self::EditLabel { label, .. } => rows.row(Key::Label(*label)),
            Self::CreateView { id, project, .. } => rows.row(Key::View(*id)).row(Key::Project(*project)),
            Self::EditView { view, .. } | Self::DeleteView { view } => rows.row(Key::View(*view)),
            Self::CreateIssue { id, project, assignee, labels, .. } => {
                let rows = rows.row(Key::Issue(*id)).row(Key::Description(*id)).row(Key::Project(*project));
                let rows = assignee.iter().fold(rows, |rows, user| rows.row(Key::User(*user)));
                let rows = labels.iter().fold(rows, |rows, label| rows.row(Key::Label(*label)));
                rows.counter(number_counter(*project))
            }
            Self::DeleteIssue { issue } => {
                rows.row(Key::Issue(*issue)).row(Key::Description(*issue)).children(Key::Issue(*issue))
            }
            Self::SetTitle { issue, .. }
            | Self::SetStatus { issue, .. }
            | Self::SetPriority { issue, .. }
            | Self::RemoveLabel { issue, .. } => rows.row(Key::Issue(*issue)),
            Self::SetAssignee { issue, assignee } => {
                assignee.iter().fold(rows.row(Key::Issue(*issue)), |rows, user| rows.row(Key::User(*user)))
            }
            Self::AddLabel { issue, label } => rows.row(Key::Issue(*issue)).row(Key::Label(*label)),
            Self::EditDescription { issue, .. } => rows.row(Key::Issue(*issue)).row(Key::Description(*issue)),
            Self::AddComment { id: comment, issue, .. }
            | Self::EditComment { comment, issue, .. }
            | Self::DeleteComment { comment, issue } => rows.row(Key::Issue(*issue)).row(Key::Comment(*comment)),
            Self::Put { row } => {
                let rows = rows.row(row.key());
                match row {
                    Row::Issue(issue) => rows.counter(number_counter(issue.project)),
                    Row::Project(_) => rows.children(Key::PROJECTS),
                    _ => rows,
                }
            }
            Self::Unknown(_) => rows,
        }
    }

    /// Carries it out.
    pub(crate) fn apply(&self, ctx: &ApplyContext<Tracker>, tx: &mut Tx<'_, Tracker>) -> Result<(), Refusal> {
        match self {
            Self::CreateProject { id, code, name } => workspace::create_project(ctx, tx, *id, code, name),
            Self::RenameProject { project, name } => workspace::rename_project(ctx, tx, *project, name),
            Self::CreateLabel { id, name, color } => workspace::create_label(tx, *id, name, color),
            Self::EditLabel { label, name, color } => {
                workspace::edit_label(ctx, tx, *label, name.as_deref(), color.as_deref())
            }
            Self::CreateView { id, project, name, query } => view::create(ctx, tx, *id, *project, name, query),
            Self::EditView { view, name, query } => view::edit(ctx, tx, *view, name.as_deref(), query.as_deref()),
            Self::DeleteView { view } => view::delete(ctx, tx, *view),
            Self::CreateIssue { id, project, title, status, priority, assignee, labels, description } => {
                let new = issue::New { project: *project, title, status: *status, priority: *priority };
                issue::create(ctx, tx, *id, new, *assignee, labels, description)
            }
            Self::DeleteIssue { issue } => issue::delete(ctx, tx, *issue),
            Self::SetTitle { issue, title } => issue::set_title(ctx, tx, *issue, title),
            Self::SetStatus { issue, status } => issue::set_status(ctx, tx, *issue, *status),
            Self::SetPriority { issue, priority } => issue::set_priority(ctx, tx, *issue, *priority),
            Self::SetAssignee { issue, assignee } => issue::set_assignee(ctx, tx, *issue, *assignee),
            Self::AddLabel { issue, label } => issue::add_label(ctx, tx, *issue, *label),
            Self::RemoveLabel { issue, label } => issue::remove_label(ctx, tx, *issue, *label),
            Self::EditDescription { issue, text } => text::edit_description(ctx, tx, *issue, text),
            Self::AddComment { id, issue, text } => text::add_comment(ctx, tx, *id, *issue, text),
            Self::EditComment { comment, issue, text } => text::edit_comment(ctx, tx, *comment, *issue, text),
            Self::DeleteComment { comment, issue } => text::delete_comment(ctx, tx, *comment, *issue),
            Self::Put { row } => workspace::put(ctx, tx, row),
            Self::Unknown(_) => Err(Refusal::new(
                RefusalCode::Unreadable,
                "The server cannot read this change: another version of the app may have made it.",
            )),
        }
    }
}

/// The server's counter that numbers a project's issues.
fn number_counter(project: ProjectId) -> String {
    format!("number/{project}")
}
