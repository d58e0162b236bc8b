//! A client's mutations and their answers.

use crate::{
    Seq,
    schema::{Refusal, Schema},
};
use serde::{Deserialize, Serialize};

/// Mutations to settle, in the client's order and without gaps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Push<S: Schema> {
    /// In the order of their `seq`.
    pub mutations: Vec<Pushed<S>>,
}

/// One mutation as it travels: its name is the connection's client and `seq`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Pushed<S: Schema> {
    /// Its place in the client's order.
    pub seq: u64,
    /// Drawn when it was made, and kept with it: tells it from another under the same id, should
    /// the profile have been copied. Below 2^53.
    #[serde(default)]
    pub nonce: u64,
    /// What to do.
    pub body: Body<S>,
    /// What each field it writes was based on.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<Basis<S>>,
}

/// What a mutation does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "", rename_all = "snake_case")]
pub enum Body<S: Schema> {
    /// Carry this out.
    Mutate(S::Mutation),
    /// Nothing: it was cancelled before it was ever sent, and only its place is kept.
    Void,
}

/// What one field was when the user changed it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Basis<S: Schema> {
    /// The row.
    pub key: S::Key,
    /// The field.
    pub field: FieldName,
    /// The version the user saw.
    pub base: Base,
}

/// A [field](Schema::Field) as it is written. One that this version does not know stays what it is: a
/// tab of an older version may send what one of a newer version kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldName(serde_json::Value);

impl FieldName {
    /// The name of a field.
    pub fn of<S: Schema>(field: S::Field) -> Self {
        Self(serde_json::to_value(field).expect("a field is written as a string or a number"))
    }

    /// The field of that name.
    pub fn field<S: Schema>(&self) -> Option<S::Field> {
        S::Field::deserialize(&self.0).ok()
    }
}

/// The version of a field that an edit was made on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The confirmed one of that log position; 0 where there was no such row.
    Confirmed(Seq),
    /// What the client's own mutation of that place made of it.
    After(u64),
}

/// A mutation is in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ack {
    /// Its place in the client's order.
    pub seq: u64,
    /// The log position at which it stands.
    pub at: Seq,
}

/// A mutation was not carried out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reject {
    /// Its place in the client's order.
    pub seq: u64,
    /// The log position at which the refusal stands. None where the refusal passes:
    /// nothing is settled then, and the client sends it and what follows again.
    pub at: Option<Seq>,
    /// Why.
    pub refusal: Refusal,
}
