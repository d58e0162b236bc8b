//! The rows as one mutation sees and changes them.

use super::{Footprint, Schema};
use std::collections::BTreeMap;

/// Whatever holds rows: a replica, an optimistic view, rows loaded from a database.
pub trait Rows<S: Schema> {
    /// The row of that key.
    fn row(&self, key: &S::Key) -> Option<&S::Row>;

    /// The keys of all rows whose parent is that key, in order.
    fn children(&self, parent: &S::Key) -> Vec<S::Key>;
}

/// No rows at all.
#[derive(Clone, Copy, Debug)]
pub struct NoRows;

impl<S: Schema> Rows<S> for NoRows {
    fn row(&self, _key: &S::Key) -> Option<&S::Row> {
        None
    }

    fn children(&self, _parent: &S::Key) -> Vec<S::Key> {
        Vec::new()
    }
}

/// What a mutation did to one row: the new one, or its end.
#[derive(Clone, PartialEq, Debug)]
pub enum Write<S: Schema> {
    /// The row is now this.
    Put(S::Row),
    /// The row is gone.
    Delete,
}

/// The rows as one mutation sees and changes them; nothing reaches what lies
/// beneath before it is [finished](Tx::finish).
///
/// # Panics
/// Every access outside the mutation's footprint panics: it is a mistake in the
/// schema that would make a replay skip what it must not. It ends the page in the browser; the server
/// refuses the mutation as [`Failed`](super::RefusalCode::Failed).
pub struct Tx<'a, S: Schema> {
    below: &'a dyn Rows<S>,
    footprint: &'a Footprint<S>,
    writes: BTreeMap<S::Key, Write<S>>,
    counters: Option<&'a mut BTreeMap<String, u64>>,
}

impl<'a, S: Schema> Tx<'a, S> {
    /// A transaction over `below`. `counters` are the server's; a client has none.
    pub fn new(
        below: &'a dyn Rows<S>,
        footprint: &'a Footprint<S>,
        counters: Option<&'a mut BTreeMap<String, u64>>,
    ) -> Self {
        Self { below, footprint, writes: BTreeMap::new(), counters }
    }

    /// The row of that key, as this mutation left it so far. A row that may be gone must be in the footprint
    /// by its key: what is not there is nobody's child.
    pub fn row(&self, key: &S::Key) -> Option<&S::Row> {
        let row = match self.writes.get(key) {
            Some(Write::Put(row)) => Some(row),
            Some(Write::Delete) => None,
            None => self.below.row(key),
        };
        let parent = row.and_then(S::parent);
        assert!(self.footprint.holds(key, parent.as_ref()), "{key} is read outside the mutation's footprint");
        row
    }

    /// The keys of all rows that hang on `parent`, as this mutation left them so far.
    pub fn children(&self, parent: &S::Key) -> Vec<S::Key> {
        assert!(
            self.footprint.spots.contains(&super::Spot::Children(parent.clone())),
            "the children of {parent} are read outside the mutation's footprint"
        );
        let mut keys = self.below.children(parent);
        keys.retain(|key| !matches!(self.writes.get(key), Some(Write::Delete)));
        for (key, write) in &self.writes {
            if let Write::Put(row) = write
                && S::parent(row).as_ref() == Some(parent)
                && !keys.contains(key)
            {
                keys.push(key.clone());
            }
        }
        keys
    }

    /// Makes or replaces a row.
    pub fn put(&mut self, row: S::Row) {
        let (key, parent) = (S::key(&row), S::parent(&row));
        assert!(self.footprint.holds(&key, parent.as_ref()), "{key} is written outside the mutation's footprint");
        self.writes.insert(key, Write::Put(row));
    }

    /// Ends a row; nothing happens where there is none, if the footprint names its key.
    pub fn delete(&mut self, key: &S::Key) {
        if self.row(key).is_some() {
            self.writes.insert(key.clone(), Write::Delete);
        }
    }

    /// The next value of one of the server's counters, from 1; `None` in the browser.
    pub fn next(&mut self, counter: &str) -> Option<u64> {
        assert!(self.footprint.counters.contains(counter), "counter {counter} is outside the mutation's footprint");
        let value = self.counters.as_mut()?.entry(counter.to_owned()).or_default();
        *value += 1;
        Some(*value)
    }

    /// Raises one of the server's counters to at least `value`; nothing happens in the browser.
    pub fn raise(&mut self, counter: &str, value: u64) {
        assert!(self.footprint.counters.contains(counter), "counter {counter} is outside the mutation's footprint");
        if let Some(counters) = self.counters.as_mut() {
            let current = counters.entry(counter.to_owned()).or_default();
            *current = value.max(*current);
        }
    }

    /// What it wrote, less what changes nothing.
    pub fn finish(self) -> BTreeMap<S::Key, Write<S>> {
        let Self { below, mut writes, .. } = self;
        writes.retain(|key, write| match (below.row(key), &write) {
            (Some(old), Write::Put(new)) => old != new,
            (None, Write::Delete) => false,
            _ => true,
        });
        writes
    }
}

impl<S: Schema> Rows<S> for Tx<'_, S> {
    fn row(&self, key: &S::Key) -> Option<&S::Row> {
        Tx::row(self, key)
    }

    fn children(&self, parent: &S::Key) -> Vec<S::Key> {
        Tx::children(self, parent)
    }
}
