//! Confirmed rows, how much of each scope they cover, and the cursor they stand at.
//!
//! Every row of a replica is as the log had it at the cursor: of a snapshot page only
//! the rows not newer than the cursor are taken in, the newer ones come by a patch.
//! So no effect of a mutation is in the replica before its outbox entry may leave (I5).

use super::{Coverage, watching::Watching};
use crate::{
    Seq, SyncCursor,
    protocol::{Change, Held, Patch, Snapshot, Subscribe},
    schema::{Rows, Schema, Stored},
};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One life of the confirmed rows; a resync fills another beside it.
#[derive(Clone, Debug)]
pub(super) struct Replica<S: Schema> {
    /// Names it in the store.
    pub(super) generation: u64,
    pub(super) cursor: Option<SyncCursor>,
    /// The position of which it holds a page, while that is behind the cursor.
    pub(super) seen: Option<SyncCursor>,
    /// Hashed alike in every run: what is done in the order of these is done again in the same.
    rows: HashMap<S::Key, Stored<S>, FixedState>,
    children: BTreeMap<S::Key, BTreeSet<S::Key>>,
    by_scope: BTreeMap<S::Scope, BTreeSet<S::Key>>,
    scopes: BTreeMap<S::Scope, Hold<S>>,
    pub(super) watches: BTreeMap<S::Query, Watching>,
    /// A known mistake.
    #[cfg(feature = "planted")]
    pub(super) keeps_strays: bool,
}

/// What a change of the replica touched.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Moved<S: Schema> {
    /// The rows that are new, different or gone.
    pub(super) keys: BTreeSet<S::Key>,
    /// The parents of those that are gone.
    pub(super) parents: BTreeSet<S::Key>,
}

impl<S: Schema> Moved<S> {
    pub(super) fn nothing() -> Self {
        Self { keys: BTreeSet::new(), parents: BTreeSet::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// How much of a subscribed scope is held.
#[derive(Clone, Debug)]
struct Hold<S: Schema> {
    /// Names this subscription.
    id: u64,
    held: Held<S>,
    total: Option<u64>,
    /// The server says that it may not be read. It is asked for again on the next connection.
    refused: bool,
    /// It was, and no answer has come yet.
    asked_again: bool,
}

/// What a snapshot page turned out to be.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum PageFit<S: Schema> {
    /// It was the next one; these rows are new or changed.
    Next(Moved<S>),
    /// It, or more, is held already.
    Old,
    /// Pages before it are missing.
    Gap,
}

impl<S: Schema> Replica<S> {
    pub(super) fn new(generation: u64) -> Self {
        Self {
            generation,
            cursor: None,
            seen: None,
            rows: HashMap::default(),
            children: BTreeMap::new(),
            by_scope: BTreeMap::new(),
            scopes: BTreeMap::new(),
            watches: BTreeMap::new(),
            #[cfg(feature = "planted")]
            keeps_strays: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn stored(&self, key: &S::Key) -> Option<&Stored<S>> {
        self.rows.get(key)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&S::Key, &Stored<S>)> {
        self.rows.iter()
    }

    pub(super) fn in_scope(&self, scope: &S::Scope) -> impl Iterator<Item = &S::Key> {
        self.by_scope.get(scope).into_iter().flatten()
    }

    pub(super) fn count_in(&self, scope: &S::Scope) -> usize {
        self.by_scope.get(scope).map_or(0, BTreeSet::len)
    }

    pub(super) fn seq(&self) -> Seq {
        self.cursor.map_or(0, |cursor| cursor.seq)
    }

    /// Makes or replaces a row, if it is newer than what is held.
    pub(super) fn put(&mut self, stored: Stored<S>) -> bool {
        let key = S::key(&stored.row);
        if let Some(held) = self.rows.get_mut(&key) {
            if held.seq >= stored.seq {
                return false;
            }
            if S::parent(&held.row) == S::parent(&stored.row) && S::scope(&held.row) == S::scope(&stored.row) {
                *held = stored;
                return true;
            }
            self.unlink(&key);
        }
        if let Some(parent) = S::parent(&stored.row) {
            self.children.entry(parent).or_default().insert(key.clone());
        }
        self.by_scope.entry(S::scope(&stored.row)).or_default().insert(key.clone());
        self.rows.insert(key, stored);
        true
    }

    /// Ends a row, if what is held is older.
    pub(super) fn remove(&mut self, key: &S::Key, seq: Seq) -> bool {
        if self.rows.get(key).is_none_or(|held| held.seq > seq) {
            return false;
        }
        self.unlink(key);
        self.rows.remove(key);
        true
    }

    fn unlink(&mut self, key: &S::Key) {
        let Some(stored) = self.rows.get(key) else { return };
        if let Some(parent) = S::parent(&stored.row)
            && let Some(siblings) = self.children.get_mut(&parent)
        {
            siblings.remove(key);
            if siblings.is_empty() {
                self.children.remove(&parent);
            }
        }
        let scope = S::scope(&stored.row);
        if let Some(keys) = self.by_scope.get_mut(&scope) {
            keys.remove(key);
            if keys.is_empty() {
                self.by_scope.remove(&scope);
            }
        }
    }

    /// Takes a patch in and moves the cursor; gives the rows that changed. The patch
    /// must start at or before the cursor and end behind it.
    pub(super) fn apply(&mut self, patch: Patch<S>) -> Moved<S> {
        let mut moved = Moved::nothing();
        for change in patch.changes {
            match change {
                // It is of no position that the patch brings to.
                Change::Put(stored) if stored.seq > patch.to => {}
                Change::Put(stored) => {
                    let key = S::key(&stored.row);
                    if self.put(stored) {
                        moved.keys.insert(key);
                    }
                }
                Change::Remove { key, seq } => {
                    let parent = self.row(&key).and_then(S::parent);
                    if self.remove(&key, seq) {
                        moved.parents.extend(parent);
                        moved.keys.insert(key);
                    }
                }
            }
        }
        if let Some(cursor) = &mut self.cursor {
            cursor.seq = patch.to;
            cursor.mark = patch.mark;
        }
        self.seen = self.seen.filter(|seen| seen.seq > patch.to);
        moved
    }

    /// Takes a snapshot page in.
    pub(super) fn apply_page(&mut self, page: Snapshot<S>) -> PageFit<S> {
        let seq = self.seq();
        let Some(hold) = self.scopes.get_mut(&page.scope).filter(|hold| hold.id == page.id) else {
            return PageFit::Old;
        };
        match (&hold.held, &page.after) {
            (Held::Nothing, None) => {}
            (Held::UpTo(held), Some(after)) if held == after => {}
            (Held::Nothing, Some(_)) => return PageFit::Gap,
            (Held::UpTo(held), Some(after)) if held < after => return PageFit::Gap,
            _ => return PageFit::Old,
        }
        let read_at = self.cursor.zip(page.mark).map(|(cursor, mark)| SyncCursor { seq: page.as_of, mark, ..cursor });
        let is_news = |at: &SyncCursor| at.seq > self.seen.map_or(seq, |seen| seen.seq);
        self.seen = read_at.filter(is_news).or(self.seen);
        (hold.refused, hold.asked_again) = (false, false);
        hold.total = Some(page.total);
        hold.held = match page.next {
            Some(key) => Held::UpTo(key),
            None => Held::All,
        };
        let mut moved = Moved::nothing();
        if page.after.is_none() {
            // Rows of one's own that came before the scope was carried may have gone since; those of scopes
            // that nobody wants may have moved here. Those of a scope that waits for its own first page wait
            // for that: it tells what has become of them.
            let doubtful = self.doubtful(Some(&page.scope), page.live_from);
            moved = self.drop_rows(doubtful);
        }
        for stored in page.rows {
            let key = S::key(&stored.row);
            if stored.seq <= seq && self.put(stored) {
                moved.keys.insert(key);
            }
        }
        PageFit::Next(moved)
    }

    /// The rows, not newer than that, of which nothing was told: of scopes that nobody wants, and of the one given,
    /// but for those that a query holds.
    pub(super) fn doubtful(&self, of: Option<&S::Scope>, live_from: Seq) -> BTreeSet<S::Key> {
        let is_doubtful = |scope: &S::Scope| of == Some(scope) || !self.is_wanted(scope);
        let keys = self.by_scope.iter().filter(|(scope, _)| is_doubtful(scope)).flat_map(|(_, keys)| keys);
        let is_old = |key: &&S::Key| {
            let stored = &self.rows[*key];
            stored.seq <= live_from && !self.is_watched(&stored.row)
        };
        keys.filter(is_old).cloned().collect()
    }

    /// Whether a row of that key would be here, were it in that scope.
    pub(super) fn is_held(&self, scope: &S::Scope, key: &S::Key) -> bool {
        self.scopes.get(scope).is_some_and(|hold| match &hold.held {
            Held::Nothing => false,
            Held::UpTo(last) => key <= last,
            Held::All => true,
        })
    }

    /// Whether a scope is wanted, and may be read as far as is known.
    pub(super) fn is_wanted(&self, scope: &S::Scope) -> bool {
        self.scopes.get(scope).is_some_and(|hold| !hold.refused)
    }

    /// Starts to want a scope, under that id; false if it is wanted already.
    pub(super) fn want(&mut self, scope: S::Scope, id: u64, held: Held<S>) -> bool {
        if self.scopes.get(&scope).is_some_and(|hold| !hold.refused) {
            return false;
        }
        self.scopes.insert(scope, Hold { id, held, total: None, refused: false, asked_again: false });
        true
    }

    /// The rows that are here are not all there were, and of no position: nothing counts as held.
    pub(super) fn forget_rows(&mut self) {
        self.cursor = None;
        for hold in self.scopes.values_mut() {
            (hold.held, hold.total) = (Held::Nothing, None);
        }
        self.forget_watched();
    }

    /// Of what it wants, it holds nothing that is not held there under the same id, as far at least.
    pub(super) fn trust_only(&mut self, there: &[Subscribe<S>]) {
        for (scope, hold) in &mut self.scopes {
            let reaches = |held: &Held<S>| match (held, &hold.held) {
                (Held::All, _) | (_, Held::Nothing) => true,
                (Held::UpTo(there), Held::UpTo(here)) => there >= here,
                _ => false,
            };
            if !there.iter().any(|of| of.scope == *scope && of.id == hold.id && reaches(&of.held)) {
                (hold.held, hold.total) = (Held::Nothing, None);
            }
        }
    }

    /// Stops wanting a scope and lets its rows go; gives them.
    pub(super) fn unwant(&mut self, scope: &S::Scope) -> Moved<S> {
        self.scopes.remove(scope);
        let keys = self.in_scope(scope).filter(|key| !self.is_watched(&self.rows[*key].row)).cloned().collect();
        self.drop_rows(keys)
    }

    /// Whether a scope is wanted under another id than that.
    pub(super) fn wants_anew(&self, scope: &S::Scope, id: u64) -> bool {
        self.scopes.get(scope).is_some_and(|hold| hold.id != id)
    }

    /// The server refused a scope or took it away: its rows go, and no page of it is awaited.
    pub(super) fn purge(&mut self, scope: &S::Scope) -> Moved<S> {
        if let Some(hold) = self.scopes.get_mut(scope) {
            *hold = Hold { id: 0, held: Held::Nothing, total: None, refused: true, asked_again: false };
        }
        self.drop_scope(scope)
    }

    /// Names anew what was refused: rights may be others by now.
    pub(super) fn ask_again(&mut self, mut id: impl FnMut() -> u64) {
        for hold in self.scopes.values_mut().filter(|hold| hold.refused) {
            (hold.id, hold.asked_again) = (id(), true);
        }
    }

    pub(super) fn drop_scope(&mut self, scope: &S::Scope) -> Moved<S> {
        let keys = self.by_scope.get(scope).cloned().unwrap_or_default();
        self.drop_rows(keys)
    }

    pub(super) fn drop_rows(&mut self, keys: BTreeSet<S::Key>) -> Moved<S> {
        let parents = keys.iter().filter_map(|key| self.row(key).and_then(S::parent)).collect();
        for key in &keys {
            self.unlink(key);
            self.rows.remove(key);
        }
        Moved { keys, parents }
    }

    /// The wanted scopes, with how far they are held; those that were refused too.
    pub(super) fn wanted(&self) -> Vec<Subscribe<S>> {
        let wanted = self.scopes.iter();
        wanted.map(|(scope, hold)| Subscribe { scope: scope.clone(), id: hold.id, held: hold.held.clone() }).collect()
    }

    pub(super) fn coverage(&self, scope: &S::Scope) -> Coverage {
        match self.scopes.get(scope) {
            None => Coverage::None,
            Some(hold) if hold.refused => Coverage::Refused,
            Some(Hold { held: Held::All, .. }) => Coverage::Complete,
            Some(hold) => {
                let done = self.count_in(scope) as u64;
                Coverage::Loading { done, total: hold.total }
            }
        }
    }

    /// Whether every wanted scope is held in full.
    pub(super) fn is_complete(&self) -> bool {
        self.scopes.values().all(|hold| hold.refused || hold.held == Held::All)
    }

    /// Whether the server owes it a page, or the word that there is none.
    pub(super) fn awaits_page(&self) -> bool {
        !self.is_complete() || self.awaits_results() || self.scopes.values().any(|hold| hold.asked_again)
    }

    /// Rows held of the scopes still being loaded, and of how many.
    pub(super) fn progress(&self) -> (u64, u64) {
        let loading = self.scopes.keys().map(|scope| self.coverage(scope));
        loading.fold((0, 0), |(done, of), coverage| match coverage {
            Coverage::Loading { done: held, total } => {
                (done + held, of.saturating_add(total.unwrap_or(held).max(held)))
            }
            _ => (done, of),
        })
    }
}

impl<S: Schema> Rows<S> for Replica<S> {
    fn row(&self, key: &S::Key) -> Option<&S::Row> {
        self.rows.get(key).map(|stored| &stored.row)
    }

    fn children(&self, parent: &S::Key) -> Vec<S::Key> {
        self.children.get(parent).into_iter().flatten().cloned().collect()
    }
}
