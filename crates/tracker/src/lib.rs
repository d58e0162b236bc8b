//! The tracker's domain, written once and compiled into the browser and the
//! server: entities, mutations, filters, rights and conflict rules.
//!
//! Read in this order:
//! - [`model`]: the entities ([`Issue`], [`Comment`], …), their [`Key`]s and [`Scope`]s;
//! - [`Mutation`]: every way to change them, with its footprint and its `apply`;
//! - [`Tracker`]: the [`Schema`](holdfast_sync::Schema) that ties them together for the engine;
//! - [`filter`]: what a list of issues shows and in which order;
//! - [`Asked`]: the same as a question to the server, where a project is too large to be held;
//! - [`search`]: ranked full text over titles, descriptions and comments;
//! - [`check`]: what a value must be to be kept;
//! - [`named`], [`github`], [`seed`]: rows that come from elsewhere, under ids made of names.

mod asked;
pub mod check;
pub mod filter;
pub mod github;
pub mod model;
mod mutation;
pub mod named;
mod schema;
pub mod search;
pub mod seed;

#[cfg(test)]
mod testing;

pub use asked::Asked;
pub use model::{
    Actor, Comment, CommentId, Description, Field, Issue, IssueId, Key, Label, LabelId, Priority, Project, ProjectId,
    Row, Scope, Status, User, UserId, View, ViewId, Workspace, WorkspaceId,
};
pub use mutation::Mutation;
pub use schema::Tracker;
