//! The queries that one connection carries.
//!
//! A change is held against those alone that it can concern: each query stands under the values that its first
//! [clauses](crate::schema::Query::clauses) ask for, and is looked at where the row has, or had, one of them.

use super::LogEntry;
use crate::{
    Seq,
    protocol::{Reach, Total, WatchTotal},
    schema::{Clause, ColumnValue, Place, Query, Schema, Stored},
};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

/// The queries of a connection, by the ids that the client chose.
#[derive(Clone, PartialEq, Debug)]
pub struct Watches<S: Schema> {
    by_id: BTreeMap<u64, Watched<S>>,
    by_scope: BTreeMap<S::Scope, Index>,
}

#[derive(Clone, PartialEq, Debug)]
struct Watched<S: Schema> {
    query: S::Query,
    reach: Reach,
    total: Option<Total>,
}

/// Where the queries of a scope stand.
#[derive(Clone, PartialEq, Debug, Default)]
struct Index {
    by_value: BTreeMap<usize, BTreeMap<Vec<u8>, BTreeSet<u64>>>,
    /// Those that ask for no value.
    rest: BTreeSet<u64>,
}

impl<S: Schema> Default for Watches<S> {
    fn default() -> Self {
        Self { by_id: BTreeMap::new(), by_scope: BTreeMap::new() }
    }
}

impl<S: Schema> Watches<S> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The scopes whose rows they ask for.
    pub fn scopes(&self) -> impl Iterator<Item = &S::Scope> {
        self.by_scope.keys()
    }

    /// Whether one asks for rows of that scope.
    pub fn concern(&self, scope: &S::Scope) -> bool {
        self.by_scope.contains_key(scope)
    }

    /// The query of an id.
    pub fn query(&self, id: u64) -> Option<&S::Query> {
        self.by_id.get(&id).map(|watched| &watched.query)
    }

    /// The query of an id, if what was sent of it ends there.
    pub fn next(&self, id: u64, after: Option<&Place>) -> Option<&S::Query> {
        let Watched { query, reach, .. } = self.by_id.get(&id)?;
        let ends_there = match reach {
            Reach::Nothing => after.is_none(),
            Reach::UpTo(last) => after == Some(last),
            Reach::All => false,
        };
        ends_there.then_some(query)
    }

    /// The last place that was sent of a query, where more follow.
    pub fn end_of(&self, id: u64) -> Option<Place> {
        match &self.by_id.get(&id)?.reach {
            Reach::UpTo(last) => Some(last.clone()),
            Reach::Nothing | Reach::All => None,
        }
    }

    /// Begins to carry a query, of which the client holds so much.
    pub fn begin(&mut self, id: u64, query: S::Query, reach: Reach, total: Option<Total>) {
        self.end(id);
        let index = self.by_scope.entry(query.scope()).or_default();
        match values_asked(&query) {
            Some(values) => {
                for (column, value) in values {
                    index.by_value.entry(column).or_default().entry(value).or_default().insert(id);
                }
            }
            None => {
                index.rest.insert(id);
            }
        }
        self.by_id.insert(id, Watched { query, reach, total });
    }

    /// The client has been sent more of it.
    pub fn extend(&mut self, id: u64, reach: Reach, total: Option<Total>) {
        if let Some(watched) = self.by_id.get_mut(&id) {
            watched.reach = reach;
            watched.total = total.or(watched.total);
        }
    }

    /// Ends one.
    pub fn end(&mut self, id: u64) {
        let Some(watched) = self.by_id.remove(&id) else { return };
        let scope = watched.query.scope();
        let Some(index) = self.by_scope.get_mut(&scope) else { return };
        index.rest.remove(&id);
        for (column, value) in values_asked(&watched.query).into_iter().flatten() {
            let Some(values) = index.by_value.get_mut(&column) else { continue };
            if let Some(ids) = values.get_mut(&value) {
                ids.remove(&id);
                if ids.is_empty() {
                    values.remove(&value);
                }
            }
            if values.is_empty() {
                index.by_value.remove(&column);
            }
        }
        if index.rest.is_empty() && index.by_value.is_empty() {
            self.by_scope.remove(&scope);
        }
    }

    /// Ends those of a scope; gives their ids.
    pub fn end_all(&mut self, scope: &S::Scope) -> Vec<u64> {
        let ids: Vec<u64> =
            self.by_id.iter().filter(|(_, watched)| watched.query.scope() == *scope).map(|(id, _)| *id).collect();
        ids.iter().for_each(|id| self.end(*id));
        ids
    }

    /// Whether a row is in what the client was sent of one.
    pub fn hold(&self, row: &S::Row) -> bool {
        self.concerned(row).into_iter().any(|id| {
            let Watched { query, reach, .. } = &self.by_id[&id];
            *reach != Reach::Nothing && query.meets(row) && (*reach == Reach::All || reach.holds(&query.place(row)))
        })
    }

    /// Counts on over log entries that end at `to`; gives the numbers that are others now.
    pub fn count<E: Borrow<LogEntry<S>>>(&mut self, entries: &[E], to: Seq) -> Vec<WatchTotal> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut moved: BTreeMap<u64, i64> = BTreeMap::new();
        for entry in entries.iter().map(Borrow::borrow) {
            for change in &entry.changes {
                for (stored, by) in [(&change.before, -1), (&change.after, 1)] {
                    let Some(Stored { row, .. }) = stored else { continue };
                    for id in self.concerned(row) {
                        let watched = &self.by_id[&id];
                        if watched.total.is_some_and(|total| total.at < entry.seq) && watched.query.meets(row) {
                            *moved.entry(id).or_default() += by;
                        }
                    }
                }
            }
        }
        let mut totals = Vec::new();
        for (id, by) in moved.into_iter().filter(|(_, by)| *by != 0) {
            if let Some(total) = self.by_id.get_mut(&id).and_then(|watched| watched.total.as_mut()) {
                *total = Total { count: total.count.saturating_add_signed(by), at: to };
                totals.push(WatchTotal { id, count: total.count });
            }
        }
        totals
    }

    /// The queries that a row can meet.
    fn concerned(&self, row: &S::Row) -> BTreeSet<u64> {
        let mut ids = BTreeSet::new();
        let Some(index) = self.by_scope.get(&S::scope(row)) else { return ids };
        ids.extend(&index.rest);
        for (column, by_value) in &index.by_value {
            let mut meet = |value: &[u8]| ids.extend(by_value.get(value).into_iter().flatten());
            match S::Query::column(row, *column) {
                None => {}
                Some(ColumnValue::One(value)) => meet(&value),
                Some(ColumnValue::Many(values)) => values.iter().for_each(|value| meet(value)),
            }
        }
        ids
    }
}

/// The values of which a row must have one to meet the query, by their columns.
fn values_asked<S: Schema, Q: Query<S>>(query: &Q) -> Option<Vec<(usize, Vec<u8>)>> {
    query.clauses().into_iter().find_map(|clauses| {
        let values = clauses.into_iter().map(|clause| match clause {
            Clause::OneOf(column, values) => Some(values.into_iter().map(|value| (column, value)).collect()),
            Clause::Has(column, value) => Some(vec![(column, value)]),
            Clause::Contains(..) => None,
        });
        values.collect::<Option<Vec<Vec<_>>>>().map(|values| values.concat())
    })
}
