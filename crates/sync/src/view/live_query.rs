//! A client's rows as a list, kept up by what the client says has changed.

use super::{ListChange, LiveList};
use crate::{client::SyncClient, schema::Schema};
use std::{fmt, rc::Rc};

/// Whether a row is in a list. A pure function.
pub type Filter<S> = Rc<dyn Fn(&<S as Schema>::Row) -> bool>;

/// What a row is sorted by, ties by key. A pure function.
pub type SortBy<S, K> = Rc<dyn Fn(&<S as Schema>::Row) -> K>;

/// The rows of a scope that a filter lets through, in order. After each
/// [`Output::Changed`](crate::client::Output::Changed) it is [patched](Self::patch) with the keys that were told,
/// and is then what it would be if it were made anew.
pub struct LiveQuery<S: Schema, K> {
    scope: S::Scope,
    filter: Filter<S>,
    sort: SortBy<S, K>,
    list: LiveList<S::Key, K>,
}

impl<S: Schema, K: Ord + Clone> LiveQuery<S, K> {
    /// The list of what the client shows now.
    pub fn new(client: &SyncClient<S>, scope: S::Scope, filter: Filter<S>, sort: SortBy<S, K>) -> Self {
        let mut rows = Vec::new();
        client.for_each_row(&scope, |row| {
            if filter(row) {
                rows.push((S::key(row), sort(row)));
            }
        });
        Self { scope, filter, sort, list: LiveList::from_rows(rows) }
    }

    /// Takes in that these rows may be others; gives whether order or length are. It costs O(log n) a row.
    pub fn patch<'a>(&mut self, client: &SyncClient<S>, keys: impl IntoIterator<Item = &'a S::Key>) -> bool {
        let mut moved = false;
        for key in keys {
            let row = client.row(key).filter(|row| S::scope(row) == self.scope && (self.filter)(row));
            moved |= self.list.upsert(key.clone(), row.map(|row| (self.sort)(row))) != ListChange::None;
        }
        moved
    }

    /// The rows among these that would come, go or move if they were [patched](Self::patch); the others are.
    pub fn patch_in_place<'a>(
        &mut self,
        client: &SyncClient<S>,
        keys: impl IntoIterator<Item = &'a S::Key>,
    ) -> Vec<S::Key> {
        let mut waiting = Vec::new();
        for key in keys {
            let row = client.row(key).filter(|row| S::scope(row) == self.scope && (self.filter)(row));
            let value = row.map(|row| (self.sort)(row));
            match self.list.would_change(key, value.as_ref()) {
                true => waiting.push(key.clone()),
                false => drop(self.list.upsert(key.clone(), value)),
            }
        }
        waiting
    }

    /// The keys, in order.
    pub fn list(&self) -> &LiveList<S::Key, K> {
        &self.list
    }
}

impl<S: Schema, K: fmt::Debug> fmt::Debug for LiveQuery<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveQuery").field("scope", &self.scope).field("list", &self.list).finish_non_exhaustive()
    }
}
