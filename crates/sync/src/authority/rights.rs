//! Who may read what, as one transaction saw it.
//!
//! Rights are rows like any other, so they change with the log. Whatever is sent is
//! read together with the rows that decide on it ([`Schema::rights`]), in one
//! transaction: what was taken away before is never in it, and an answer of one
//! moment is not carried over to the next (I7).

use super::LogEntry;
use crate::schema::{NoRows, Rows, Schema, Stored};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

/// Whether an actor may read each of some scopes.
pub type Rights<S> = BTreeMap<<S as Schema>::Scope, bool>;

/// The rows on which rights to scopes depend, and to which scopes.
pub type Watched<S> = BTreeMap<<S as Schema>::Key, BTreeSet<<S as Schema>::Scope>>;

/// The scopes whose rights must be known to say what log entries mean to a viewer: those of
/// every row in them, and those that they may have given or taken.
pub fn concerned<S: Schema, E: Borrow<LogEntry<S>>>(entries: &[E], watched: &Watched<S>) -> BTreeSet<S::Scope> {
    let mut scopes = BTreeSet::new();
    for change in entries.iter().flat_map(|entry| &entry.borrow().changes) {
        let rows = [&change.before, &change.after].into_iter().flatten();
        scopes.extend(rows.map(|stored| S::scope(&stored.row)));
        scopes.extend(watched.get(&change.key).into_iter().flatten().cloned());
    }
    scopes
}

/// The rows that decide on these scopes.
pub fn deciding<'s, S: Schema>(actor: &S::Actor, scopes: impl IntoIterator<Item = &'s S::Scope>) -> BTreeSet<S::Key> {
    scopes.into_iter().flat_map(|scope| S::rights(actor, scope)).collect()
}

/// Decides, given [those rows](deciding).
pub fn decide<S: Schema>(
    actor: &S::Actor,
    scopes: impl IntoIterator<Item = S::Scope>,
    rows: &BTreeMap<S::Key, Stored<S>>,
) -> Rights<S> {
    let rows = Deciding(rows);
    scopes.into_iter().map(|scope| (scope.clone(), S::may_read(actor, &scope, &rows))).collect()
}

/// Decides where no row has a say; the scopes on which one has are given back.
pub fn decide_at_once<S: Schema>(
    actor: &S::Actor,
    scopes: impl IntoIterator<Item = S::Scope>,
) -> (Rights<S>, BTreeSet<S::Scope>) {
    let (at_once, later): (Vec<_>, Vec<_>) = scopes.into_iter().partition(|scope| S::rights(actor, scope).is_empty());
    let rights = at_once.into_iter().map(|scope| (scope.clone(), S::may_read(actor, &scope, &NoRows)));
    (rights.collect(), later.into_iter().collect())
}

struct Deciding<'a, S: Schema>(&'a BTreeMap<S::Key, Stored<S>>);

impl<S: Schema> Rows<S> for Deciding<'_, S> {
    fn row(&self, key: &S::Key) -> Option<&S::Row> {
        self.0.get(key).map(|stored| &stored.row)
    }

    fn children(&self, _parent: &S::Key) -> Vec<S::Key> {
        // Rights are decided by rows that are named.
        Vec::new()
    }
}
