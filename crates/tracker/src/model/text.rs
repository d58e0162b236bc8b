//! The long texts, rows of their own so that a list need not carry them.

use super::{CommentId, IssueId, ProjectId, UserId};
use serde::{Deserialize, Serialize};

/// An issue's text, in Markdown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Description {
    /// The issue whose text it is.
    pub issue: IssueId,
    /// That issue's project.
    pub project: ProjectId,
    /// Markdown.
    pub text: String,
}

/// A comment on an issue, in Markdown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Comment {
    /// Made by its author.
    pub id: CommentId,
    /// The issue it is on.
    pub issue: IssueId,
    /// That issue's project.
    pub project: ProjectId,
    /// Who wrote it.
    pub author: UserId,
    /// Markdown.
    pub text: String,
    /// When it was written, Unix milliseconds.
    pub created_at: i64,
    /// When its author last edited it, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
}
