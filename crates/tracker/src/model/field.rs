//! The fields that carry a version of their own.

use serde::{Deserialize, Serialize};

/// A field of any entity, as far as an edit can change it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// An issue's number.
    Number,
    /// An issue's title.
    Title,
    /// An issue's status.
    Status,
    /// An issue's priority.
    Priority,
    /// An issue's assignee.
    Assignee,
    /// An issue's labels.
    Labels,
    /// An issue's time of last change.
    UpdatedAt,
    /// A description's or comment's text.
    Text,
    /// A project's, user's, label's, view's or workspace's name.
    Name,
    /// A project's code.
    Code,
    /// A label's colour.
    Color,
    /// What a saved view shows.
    Query,
    /// All that never changes after a row was made.
    Fixed,
    /// A field that a newer version of the tracker knows.
    #[serde(other)]
    Unknown,
}
