//! An issue: what a list shows of it. Its text is a [`Description`](super::Description).

use super::{IssueId, LabelId, ProjectId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One issue, without its texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Issue {
    /// Made by its creator.
    pub id: IssueId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Counted per project, given by the server: `None` until it has confirmed the issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// One line.
    pub title: String,
    /// Where the work stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<UserId>,
    /// Any number of the workspace's labels.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<LabelId>,
    /// Who made it.
    pub creator: UserId,
    /// When it was made, Unix milliseconds.
    pub created_at: i64,
    /// When anything of it last changed, its comments and text included, Unix milliseconds.
    pub updated_at: i64,
}

/// Where the work on an issue stands, in board order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not planned yet.
    #[default]
    Backlog,
    /// Planned.
    Todo,
    /// Being worked on.
    InProgress,
    /// Waits for a review.
    InReview,
    /// Finished.
    Done,
    /// Will not be done.
    Cancelled,
    /// A status that a newer version of the tracker knows.
    #[serde(other)]
    Unknown,
}

impl Status {
    /// Every status that can be chosen, in board order.
    pub const ALL: [Self; 6] =
        [Self::Backlog, Self::Todo, Self::InProgress, Self::InReview, Self::Done, Self::Cancelled];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Backlog => "Backlog",
            Self::Todo => "Todo",
            Self::InProgress => "In progress",
            Self::InReview => "In review",
            Self::Done => "Done",
            Self::Cancelled => "Cancelled",
            Self::Unknown => "Unknown",
        }
    }

    /// The wire's and the URL's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backlog => "backlog",
            Self::Todo => "todo",
            Self::InProgress => "in_progress",
            Self::InReview => "in_review",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The status of that [`Self::name`], if there is one to choose.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether work is still to be done.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Cancelled)
    }
}

/// How urgent an issue is; the order of the variants is the order of urgency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Now.
    Urgent,
    /// Next.
    High,
    /// In its turn.
    Medium,
    /// When there is time.
    Low,
    /// Nobody has said.
    #[default]
    None,
    /// A priority that a newer version of the tracker knows.
    #[serde(other)]
    Unknown,
}

impl Priority {
    /// Every priority that can be chosen, the most urgent first.
    pub const ALL: [Self; 5] = [Self::Urgent, Self::High, Self::Medium, Self::Low, Self::None];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Urgent => "Urgent",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
            Self::None => "No priority",
            Self::Unknown => "Unknown",
        }
    }

    /// The wire's and the URL's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }

    /// The priority of that [`Self::name`], if there is one to choose.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }
}
