//! The entities. Each is one flat row with an id that its creator makes (UUID v7);
//! all times are Unix milliseconds by the server's clock.
//!
//! A row belongs to exactly one [`Scope`], which decides who may read it and with
//! what it is loaded: the workspace's own rows, a project's issues, or a
//! project's texts (descriptions and comments).

mod actor;
mod changes;
mod field;
mod ids;
mod issue;
mod key;
mod row;
mod text;
mod workspace;

pub use actor::Actor;
pub use field::Field;
pub use ids::{CommentId, IssueId, LabelId, ProjectId, UserId, ViewId, WorkspaceId};
pub use issue::{Issue, Priority, Status};
pub use key::{Key, Scope};
pub use row::Row;
pub use text::{Comment, Description};
pub use workspace::{Label, Project, User, View, Workspace};
