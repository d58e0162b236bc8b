//! Which scopes a connection carries.

use super::is_zero;
use crate::schema::Schema;
use serde::{Deserialize, Serialize};

/// Load a scope in pages of [`Snapshot`](super::Snapshot)s and keep it live.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Subscribe<S: Schema> {
    /// The scope.
    pub scope: S::Scope,
    /// Chosen by the client, other each time it wants the scope anew; comes back in the pages.
    #[serde(default)]
    pub id: u64,
    /// How far the client holds it, so that an interrupted load goes on.
    #[serde(default)]
    pub held: Held<S>,
}

/// How much of a scope a client holds.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(bound = "", rename_all = "snake_case")]
pub enum Held<S: Schema> {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Every row up to and with this key.
    UpTo(S::Key),
    /// All of it.
    All,
}

/// Stop carrying a scope.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Unsubscribe<S: Schema> {
    /// The scope.
    pub scope: S::Scope,
}

/// A scope that was refused or purged on this connection may be read now: whoever still wants
/// it subscribes anew.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Grant<S: Schema> {
    /// The scope.
    pub scope: S::Scope,
    /// Counts all of a connection's [`Purge`]s and grants, from 1: none is missed or taken twice.
    /// 0: not counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub number: u64,
}

/// A scope is not there, or may not be read (any more): its rows must go. The answer is the
/// same for both.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Purge<S: Schema> {
    /// The scope.
    pub scope: S::Scope,
    /// The subscription it answers or ends: another of the same scope, made since, stands. 0: whichever there is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub id: u64,
    /// As in [`Grant::number`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub number: u64,
}
