//! What a whole workspace shares.

use super::{LabelId, ProjectId, UserId, ViewId, WorkspaceId};
use crate::filter::fold;
use serde::{Deserialize, Serialize};

/// The team's workspace; a server holds one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Workspace {
    /// Given when the database is made.
    pub id: WorkspaceId,
    /// What the team calls it.
    pub name: String,
}

/// A project: a set of issues that share a numbering.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Project {
    /// Made by its creator.
    pub id: ProjectId,
    /// Short and upper case; stands before an issue's number (`WEB-12`).
    pub code: String,
    /// One line.
    pub name: String,
    /// When it was made, Unix milliseconds.
    pub created_at: i64,
}

impl Project {
    /// A code to propose for a project of that name: its first three letters or
    /// digits, `PRJ` where it has none.
    ///
    /// ```
    /// use holdfast_tracker::Project;
    ///
    /// assert_eq!(Project::code_of_name("Élan 2"), "ELA");
    /// ```
    pub fn code_of_name(name: &str) -> String {
        let name = fold(name);
        let code: String = name.chars().filter(char::is_ascii_alphanumeric).take(3).collect();
        if code.is_empty() { "PRJ".into() } else { code.to_ascii_uppercase() }
    }
}

/// A person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    /// Given by the server.
    pub id: UserId,
    /// What people call them; unique in a workspace.
    pub name: String,
}

/// A label that issues can carry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Label {
    /// Made by its creator.
    pub id: LabelId,
    /// One word or a few; unique in a workspace.
    pub name: String,
    /// `rrggbb`, as GitHub writes it.
    pub color: String,
}

/// A saved view: a list of a project's issues under a name, the same for everyone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct View {
    /// Made by its creator.
    pub id: ViewId,
    /// Of which project's issues; never changes.
    pub project: ProjectId,
    /// What it is called.
    pub name: String,
    /// The list, as [`IssueView::to_query`](crate::filter::IssueView::to_query) writes it.
    pub query: String,
    /// Who saved it first.
    pub creator: UserId,
}
