//! What names a row, and what it belongs to.

use super::{CommentId, IssueId, LabelId, ProjectId, UserId, ViewId, WorkspaceId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The key of any row, written `entity/id`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// The workspace itself.
    Workspace(WorkspaceId),
    /// A project.
    Project(ProjectId),
    /// A user.
    User(UserId),
    /// A label.
    Label(LabelId),
    /// A saved view.
    View(ViewId),
    /// An issue.
    Issue(IssueId),
    /// An issue's description, by the issue's id.
    Description(IssueId),
    /// A comment.
    Comment(CommentId),
    /// A row of an entity that a newer version of the tracker knows, as it was written.
    Other(Box<str>),
}

impl Key {
    /// What all projects hang on, so that one can be held against the others. There is no such row.
    pub const PROJECTS: Self = Self::Workspace(WorkspaceId(Uuid::nil()));
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace(id) => write!(f, "workspace/{id}"),
            Self::Project(id) => write!(f, "project/{id}"),
            Self::User(id) => write!(f, "user/{id}"),
            Self::Label(id) => write!(f, "label/{id}"),
            Self::View(id) => write!(f, "view/{id}"),
            Self::Issue(id) => write!(f, "issue/{id}"),
            Self::Description(id) => write!(f, "description/{id}"),
            Self::Comment(id) => write!(f, "comment/{id}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl FromStr for Key {
    type Err = uuid::Error;

    /// Fails only where a known entity's id is not a UUID.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('/') {
            Some(("workspace", id)) => Self::Workspace(id.parse()?),
            Some(("project", id)) => Self::Project(id.parse()?),
            Some(("user", id)) => Self::User(id.parse()?),
            Some(("label", id)) => Self::Label(id.parse()?),
            Some(("view", id)) => Self::View(id.parse()?),
            Some(("issue", id)) => Self::Issue(id.parse()?),
            Some(("description", id)) => Self::Description(id.parse()?),
            Some(("comment", id)) => Self::Comment(id.parse()?),
            _ => Self::Other(text.into()),
        })
    }
}

/// The unit of rights and of coverage: what is loaded, kept live and lost together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// What the whole workspace shares: projects, users, labels, saved views.
    Workspace,
    /// A project's issues.
    Project(ProjectId),
    /// A project's descriptions and comments.
    Texts(ProjectId),
    /// A scope that a newer version of the tracker knows, as it was written.
    Other(Box<str>),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace => f.write_str("workspace"),
            Self::Project(id) => write!(f, "project/{id}"),
            Self::Texts(id) => write!(f, "texts/{id}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl FromStr for Scope {
    type Err = uuid::Error;

    /// Fails only where a known scope's id is not a UUID.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('/') {
            Some(("project", id)) => Self::Project(id.parse()?),
            Some(("texts", id)) => Self::Texts(id.parse()?),
            _ if text == "workspace" => Self::Workspace,
            _ => Self::Other(text.into()),
        })
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(|error| de::Error::custom(format!("{text:?}: {error}")))
            }
        }
    };
}

as_text!(Key);
as_text!(Scope);
