//! Typed ids: a UUID that cannot be taken for another entity's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A workspace's id.
    WorkspaceId
);
id!(
    /// A project's id.
    ProjectId
);
id!(
    /// A user's id.
    UserId
);
id!(
    /// An issue's id; its description is keyed by the same.
    IssueId
);
id!(
    /// A comment's id.
    CommentId
);
id!(
    /// A label's id.
    LabelId
);
id!(
    /// A saved view's id.
    ViewId
);
