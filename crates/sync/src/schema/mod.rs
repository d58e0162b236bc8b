//! What an application brings: its rows, mutations, scopes, rights and rules.
//!
//! A mutation is written once. [`Schema::apply`] runs in the browser for the
//! optimistic view and on the server for the truth, both times inside a [`Tx`]
//! over whatever holds the rows. It may touch only what [`Schema::footprint`]
//! says: the server loads just those rows beforehand, and a client replays just
//! those mutations whose footprint meets a change.

mod footprint;
mod query;
mod refusal;
mod stored;
mod tx;

pub use footprint::{Footprint, Spot};
pub use query::{Clause, Column, ColumnKind, ColumnValue, NoQuery, Ordered, Place, Query};
pub use refusal::{Refusal, RefusalCode};
pub use stored::Stored;
pub use tx::{NoRows, Rows, Tx, Write};

use crate::MutationId;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt::{Debug, Display},
    hash::Hash,
    str::FromStr,
};

/// An application's domain. Implemented by a marker type that is never made.
pub trait Schema: Copy + Ord + Debug + Hash + 'static {
    /// Names a row across all entities; its text is its key in every store, and
    /// must be an `entity/id` that sorts like the key itself within one entity.
    type Key: Clone + Ord + Hash + Debug + Display + FromStr + Serialize + DeserializeOwned + 'static;
    /// A row of any entity. Rows of entities unknown to this version must decode too.
    type Row: Clone + PartialEq + Debug + Serialize + DeserializeOwned + 'static;
    /// A field that has a version of its own. It is written as a string or a number: it stands as a
    /// key in maps. A field of a newer version must decode too, as one variant that stands for all such
    /// (`#[serde(other)]`): what does not decode makes the whole frame unreadable, and the connection is
    /// lost again and again.
    type Field: Copy + Ord + Debug + Serialize + DeserializeOwned + 'static;
    /// The unit of rights and coverage. Each row belongs to exactly one. One of a newer version must decode
    /// too; [`may_read`](Self::may_read) says no to it.
    type Scope: Clone + Ord + Debug + Display + FromStr + Serialize + DeserializeOwned + 'static;
    /// A named, replayable intent. One of a newer version must decode too, as a variant that
    /// [`apply`](Self::apply) refuses ([`RefusalCode::Unreadable`]).
    type Mutation: Clone + PartialEq + Debug + Serialize + DeserializeOwned + 'static;
    /// Who mutates or reads: a stable identity and nothing else. A device belongs to the actor that it first
    /// said `hello` as, compared with `==`; roles and names are rows ([`rights`](Self::rights)). Browser and
    /// server must make the same value for one person.
    type Actor: Clone + PartialEq + Debug + Serialize + DeserializeOwned + 'static;

    /// What can be asked of a scope that is too large to be held whole; [`NoQuery`] where none is. One of a newer
    /// version must decode too, as a variant that no row meets.
    type Query: Query<Self>;

    /// Grows with every change to rows or mutations that an older version cannot decode in full. A client
    /// then loads its rows anew; a server of an older version refuses the database.
    const VERSION: u32;

    /// A row's key.
    fn key(row: &Self::Row) -> Self::Key;

    /// The scope that a row belongs to.
    fn scope(row: &Self::Row) -> Self::Scope;

    /// The row it hangs on, if any: what [`Tx::children`] finds it by. Never changes.
    fn parent(row: &Self::Row) -> Option<Self::Key>;

    /// The fields in which two rows of one key differ. `None` for `before` means all.
    fn changed_fields(before: Option<&Self::Row>, after: &Self::Row) -> Vec<Self::Field>;

    /// The rows that, beside actor and scope themselves, decide whether the actor may read the
    /// scope. Rights that change are such rows: a membership, a project's visibility.
    fn rights(_actor: &Self::Actor, _scope: &Self::Scope) -> Vec<Self::Key> {
        Vec::new()
    }

    /// Whether an actor may read a scope: the one function that decides, on every path. Of `rows` only
    /// those that [`rights`](Self::rights) names may be read.
    fn may_read(actor: &Self::Actor, scope: &Self::Scope, rows: &dyn Rows<Self>) -> bool;

    /// The rows that a mutation may read or write.
    fn footprint(mutation: &Self::Mutation) -> Footprint<Self>;

    /// Carries a mutation out. Must depend on nothing but its arguments. In the browser only rows of
    /// scopes that are held are there, and no others can be told from rows that do not exist.
    ///
    /// # Errors
    /// A [`Refusal`] where the mutation is not allowed or makes no sense on these
    /// rows; whatever it wrote before is then discarded.
    fn apply(mutation: &Self::Mutation, ctx: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal>;

    /// How concurrent changes to a field are to be settled. The engine does not read it yet: what
    /// [`apply`](Self::apply) does decides.
    fn rule(field: Self::Field) -> Rule;
}

/// What a mutation may know beside the rows.
#[derive(Clone, PartialEq, Debug)]
pub struct ApplyContext<S: Schema> {
    /// Who does it.
    pub actor: S::Actor,
    /// Unix milliseconds by the server's clock; in the browser an estimate of it, made
    /// when the mutation was, so that a replay gives the same row. What is written of it changes a little
    /// when the server confirms.
    pub now_ms: i64,
    /// Its name; not for rows. In the browser `None` until the store has given its sequence number.
    pub id: Option<MutationId>,
}

/// How concurrent changes to one field are settled, by the server's order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// The later one stands.
    LastWriterWins,
    /// The mutation says what to add or remove, so that order does not matter.
    Commute,
}
