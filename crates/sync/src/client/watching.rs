//! Queries of which the replica holds the rows up to a place.
//!
//! Their rows stand among the replica's own, as of its cursor like all others: of a page only those not newer
//! than the cursor are taken in, the newer ones come by a patch. A row of a scope that is not held whole is
//! told of by the server while a query holds it, and goes with the last that did.

use super::replica::{Moved, PageFit, Replica};
use crate::{
    SyncCursor,
    protocol::{Reach, Results, Total, Watch, WatchTotal},
    schema::{Query, Schema},
};
use std::collections::{BTreeMap, BTreeSet};

/// Of the rows wanted, one in so many is asked for beside when some have left.
const SPARE_SHARE: u64 = 10;

/// A query that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Watching {
    /// Names it to the server.
    id: u64,
    reach: Reach,
    total: Option<Total>,
    /// How many rows of it are wanted.
    rows: u64,
    /// The server says that its scope may not be read.
    refused: bool,
    /// A page was asked for on this connection and has not come.
    awaited: bool,
}

/// How much of a query is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WatchState {
    /// Every row up to where.
    pub reach: Reach,
    /// How many confirmed rows meet it in all; none before that is known.
    pub total: Option<u64>,
    /// The server says that it may not be read.
    pub is_refused: bool,
    /// Whether more was asked for and has not come.
    pub is_loading: bool,
}

impl<S: Schema> Replica<S> {
    /// Wants so many rows of a query; true if that is new.
    pub(super) fn watch(&mut self, query: S::Query, id: u64, rows: u64) -> bool {
        let watching = self.watches.entry(query).or_insert(Watching {
            id,
            reach: Reach::Nothing,
            total: None,
            rows: 0,
            refused: false,
            awaited: false,
        });
        let is_new = rows > watching.rows;
        watching.rows = rows.max(watching.rows);
        is_new
    }

    /// Takes over what another wants, and nothing of what it holds: that comes with the answer to `hello`.
    pub(super) fn watch_alike(&mut self, watches: &BTreeMap<S::Query, Watching>) {
        for (query, watching) in watches {
            self.watch(query.clone(), watching.id, watching.rows);
        }
        self.watches.values_mut().for_each(|watching| watching.awaited = true);
    }

    /// Nothing counts as held of any query.
    pub(super) fn forget_watched(&mut self) {
        for watching in self.watches.values_mut() {
            (watching.reach, watching.total) = (Reach::Nothing, None);
        }
    }

    /// Wants a query no longer; gives its id and the rows that go with it.
    pub(super) fn unwatch(&mut self, query: &S::Query) -> Option<(u64, Moved<S>)> {
        let watching = self.watches.remove(query)?;
        let scope = query.scope();
        if self.is_wanted(&scope) {
            return Some((watching.id, Moved::nothing()));
        }
        let gone = self.in_scope(&scope).filter(|key| {
            self.stored(key).is_some_and(|stored| query.meets(&stored.row) && !self.is_watched(&stored.row))
        });
        let gone = gone.cloned().collect();
        Some((watching.id, self.drop_rows(gone)))
    }

    /// Whether a query holds that row.
    pub(super) fn is_watched(&self, row: &S::Row) -> bool {
        !self.watches.is_empty() && {
            let scope = S::scope(row);
            let holds = |(query, watching): (&S::Query, &Watching)| {
                query.scope() == scope
                    && query.meets(row)
                    && match &watching.reach {
                        Reach::Nothing => false,
                        Reach::All => true,
                        reach @ Reach::UpTo(_) => reach.holds(&query.place(row)),
                    }
            };
            self.watches.iter().any(holds)
        }
    }

    pub(super) fn watch_state(&self, query: &S::Query) -> Option<WatchState> {
        self.watches.get(query).map(|watching| WatchState {
            reach: watching.reach.clone(),
            total: watching.total.map(|total| total.count),
            is_refused: watching.refused,
            is_loading: watching.awaited || watching.reach == Reach::Nothing && !watching.refused,
        })
    }

    pub(super) fn watched(&self) -> impl Iterator<Item = &S::Query> {
        self.watches.keys()
    }

    /// What is asked for with `hello`: all that is wanted.
    pub(super) fn watch_all(&mut self) -> Vec<Watch<S>> {
        let queries: Vec<S::Query> = self.watches.keys().cloned().collect();
        queries.iter().filter_map(|query| self.ask(query)).collect()
    }

    /// What is asked for now, on a connection that carries the others: pages that are wanted.
    pub(super) fn watch_more(&mut self) -> Vec<Watch<S>> {
        let wants = |watching: &Watching| !watching.awaited && !watching.refused && watching.reach != Reach::All;
        let queries: Vec<S::Query> =
            self.watches.iter().filter(|(_, watching)| wants(watching)).map(|(query, _)| query.clone()).collect();
        let asked: Vec<Watch<S>> = queries.iter().filter_map(|query| self.ask(query)).collect();
        asked.into_iter().filter(|watch| watch.more > 0).collect()
    }

    fn ask(&mut self, query: &S::Query) -> Option<Watch<S>> {
        let held = self.held_of(query);
        let watching = self.watches.get_mut(query)?;
        let missing = watching.rows.saturating_sub(held);
        let more = match &watching.reach {
            _ if missing == 0 => 0,
            Reach::All => 0,
            Reach::Nothing => missing,
            // Rows leave one by one: not each of them is to ask for another.
            Reach::UpTo(_) => missing + watching.rows / SPARE_SHARE,
        };
        watching.awaited = more > 0;
        let Watching { id, reach, total, rows, .. } = watching.clone();
        Some(Watch { id, query: query.clone(), held: reach, total, rows, more })
    }

    /// How many rows are held of a query.
    fn held_of(&self, query: &S::Query) -> u64 {
        match self.watches.get(query).map(|watching| &watching.reach) {
            None | Some(Reach::Nothing) => 0,
            Some(reach) => {
                let scope = query.scope();
                let rows = self.in_scope(&scope).filter_map(|key| self.stored(key));
                let held = rows.filter(|stored| query.meets(&stored.row) && reach.holds(&query.place(&stored.row)));
                held.count() as u64
            }
        }
    }

    /// No page is on its way any more.
    pub(super) fn await_none(&mut self) {
        self.watches.values_mut().for_each(|watching| watching.awaited = false);
    }

    /// Whether a page was asked for and has not come, or the number behind the first.
    pub(super) fn awaits_results(&self) -> bool {
        let is_uncounted = |of: &Watching| of.total.is_none() && of.reach != Reach::Nothing && !of.refused;
        self.watches.values().any(|watching| watching.awaited || is_uncounted(watching))
    }

    /// Whether something is held of every query that may be read.
    pub(super) fn has_results(&self) -> bool {
        self.watches.values().all(|watching| watching.refused || watching.reach != Reach::Nothing)
    }

    /// Names anew what was refused.
    pub(super) fn watch_again(&mut self, scope: Option<&S::Scope>, mut id: impl FnMut() -> u64) {
        let refused = self.watches.iter_mut().filter(|(_, watching)| watching.refused);
        for (_, watching) in refused.filter(|(query, _)| scope.is_none_or(|scope| query.scope() == *scope)) {
            (watching.id, watching.refused) = (id(), false);
        }
    }

    /// A scope may not be read: no query of it holds anything.
    pub(super) fn refuse_watches(&mut self, scope: &S::Scope) -> BTreeSet<S::Query> {
        let of_scope = self.watches.iter_mut().filter(|(query, _)| query.scope() == *scope);
        let refuse = |(query, watching): (&S::Query, &mut Watching)| {
            (watching.reach, watching.total) = (Reach::Nothing, None);
            (watching.refused, watching.awaited) = (true, false);
            query.clone()
        };
        of_scope.map(refuse).collect()
    }

    /// Takes new totals in; gives the queries whose they are.
    pub(super) fn apply_totals(&mut self, totals: &[WatchTotal], to: u64) -> Vec<S::Query> {
        let mut of = Vec::new();
        for WatchTotal { id, count } in totals {
            if let Some((query, watching)) = self.watches.iter_mut().find(|(_, watching)| watching.id == *id) {
                watching.total = Some(Total { count: *count, at: to });
                of.push(query.clone());
            }
        }
        of
    }

    /// Takes a page in; gives the query it is of.
    pub(super) fn apply_results(&mut self, page: Results<S>) -> (Option<S::Query>, PageFit<S>) {
        let seq = self.seq();
        let Some((query, watching)) = self.watches.iter().find(|(_, watching)| watching.id == page.id) else {
            return (None, PageFit::Old);
        };
        let query = query.clone();
        if page.rows.is_empty() && page.after == page.next && watching.reach != Reach::Nothing {
            // It only brings the number.
            let watching = self.watches.get_mut(&query).expect("it was found above");
            let counted = page.total.map(|count| Total { count, at: page.as_of });
            let is_news = |counted: &Total| watching.total.is_none_or(|known| known.at < counted.at);
            watching.total = counted.filter(is_news).or(watching.total);
            return (Some(query), PageFit::Next(Moved::nothing()));
        }
        match (&watching.reach, &page.after) {
            (Reach::Nothing, None) => {}
            (Reach::UpTo(held), Some(after)) if held == after => {}
            (Reach::Nothing, Some(_)) => return (Some(query), PageFit::Gap),
            (Reach::UpTo(held), Some(after)) if held < after => return (Some(query), PageFit::Gap),
            _ => return (Some(query), PageFit::Old),
        }
        let read_at = self.cursor.map(|cursor| SyncCursor { seq: page.as_of, mark: page.mark, ..cursor });
        let is_news = |at: &SyncCursor| at.seq > self.seen.map_or(seq, |seen| seen.seq);
        self.seen = read_at.filter(is_news).or(self.seen);
        // What nobody was told of may have gone since. Where the page is, it tells; also of rows of a scope that waits
        // for pages of its own.
        let reach = page.next.clone().map_or(Reach::All, Reach::UpTo);
        let scope = query.scope();
        let is_here = |key: &&S::Key| {
            let stored = self.stored(key).filter(|stored| stored.seq <= page.live_from && !self.is_held(&scope, key));
            stored.is_some_and(|stored| query.meets(&stored.row) && reach.holds(&query.place(&stored.row)))
        };
        let is_new = |key: &&S::Key| self.stored(key).is_some_and(|stored| !self.is_watched(&stored.row));
        let mut doubtful: BTreeSet<S::Key> = self.in_scope(&scope).filter(is_here).filter(is_new).cloned().collect();
        doubtful.extend(self.doubtful(None, page.live_from));
        #[cfg(feature = "planted")]
        let doubtful = if self.keeps_strays { BTreeSet::new() } else { doubtful };
        let mut moved = self.drop_rows(doubtful);
        let watching = self.watches.get_mut(&query).expect("it was found above");
        (watching.refused, watching.awaited) = (false, false);
        watching.total = page.total.map(|count| Total { count, at: page.as_of }).or(watching.total);
        watching.reach = reach;
        for stored in page.rows {
            let key = S::key(&stored.row);
            if stored.seq <= seq && self.put(stored) {
                moved.keys.insert(key);
            }
        }
        (Some(query), PageFit::Next(moved))
    }
}
