//! Which rows a mutation may read or write.

use super::Schema;
use std::collections::BTreeSet;

/// One place that a mutation may touch or depend on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Spot<S: Schema> {
    /// The row of that key, there or not.
    Row(S::Key),
    /// Every row whose parent is that key.
    Children(S::Key),
}

/// The rows a mutation may read or write, and the server's counters it may draw from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Footprint<S: Schema> {
    /// The rows.
    pub spots: BTreeSet<Spot<S>>,
    /// Names of counters, which only the server has.
    pub counters: BTreeSet<String>,
}

impl<S: Schema> Footprint<S> {
    /// Nothing.
    pub fn none() -> Self {
        Self { spots: BTreeSet::new(), counters: BTreeSet::new() }
    }

    /// Adds a row.
    #[must_use]
    pub fn row(mut self, key: S::Key) -> Self {
        self.spots.insert(Spot::Row(key));
        self
    }

    /// Adds all rows that hang on `parent`.
    #[must_use]
    pub fn children(mut self, parent: S::Key) -> Self {
        self.spots.insert(Spot::Children(parent));
        self
    }

    /// Adds a counter.
    #[must_use]
    pub fn counter(mut self, name: impl Into<String>) -> Self {
        self.counters.insert(name.into());
        self
    }

    /// Whether it holds the row of that key and parent.
    pub fn holds(&self, key: &S::Key, parent: Option<&S::Key>) -> bool {
        self.spots.contains(&Spot::Row(key.clone()))
            || parent.is_some_and(|parent| self.spots.contains(&Spot::Children(parent.clone())))
    }
}
