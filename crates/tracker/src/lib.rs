//! The tracker's domain, written once and compiled into the browser and the
//! server: entities, mutations, filters, rights and conflict rules.
//!
//! Read in this order:
//! - [`model`]: the entities ([`Issue`], [`Comment`], …), their [`Key`]s and [`Scope`]s;
//! - [`Mutation`]: every way to change them, with its footprint and its `apply`;
//! - [`Tracker`]: the [`Schema`](holdfast_sync::Schema) that ties them together for the engine;
//! - [`filter`]: what a list of issues shows and in which order.

pub mod filter;
pub mod model;
mod mutation;
mod schema;

pub use model::{
    Actor, Comment, CommentId, Description, Field, Issue, IssueId, Key, Label, LabelId, Priority, Project, ProjectId,
    Row, Scope, Status, User, UserId, Workspace, WorkspaceId,
};
pub use mutation::Mutation;
pub use schema::Tracker;
