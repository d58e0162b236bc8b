//! What a connection carries: scopes and queries, from their being asked for to their ends, and the pages of both.

use super::{Session, Waiting};
use crate::{
    Seq,
    authority::{Page, QueryPage, Request, Rights, SessionOutput, close, rights::decide_at_once},
    protocol::{
        ErrorCode, ErrorFrame, Grant, Held, Purge, Reach, Results, ServerFrame, Snapshot, Subscribe, Total, Watch,
    },
    schema::{Place, Query, Schema},
};

/// A scope whose pages are being sent.
#[derive(Clone, Debug)]
pub(super) struct Loading<S: Schema> {
    /// The subscription's id.
    pub id: u64,
    pub live_from: Seq,
    /// The last key sent.
    pub after: Option<S::Key>,
}

/// A page of a query that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The watch's id.
    pub id: u64,
    /// The place it starts behind.
    pub after: Option<Place>,
    /// At most that many rows. With none, how many there are is counted.
    pub limit: usize,
}

/// What is to be carried once it is known whether it may be read.
#[derive(Debug)]
pub(super) enum Wanted<S: Schema> {
    Scope(Subscribe<S>),
    Query(Watch<S>),
}

impl<S: Schema> Wanted<S> {
    fn scope(&self) -> S::Scope {
        match self {
            Self::Scope(subscribe) => subscribe.scope.clone(),
            Self::Query(watch) => watch.query.scope(),
        }
    }
}

impl<S: Schema> Session<S> {
    /// Carries scopes and queries, once it is known whether they may be read.
    pub(super) fn ask_for(&mut self, wanted: Vec<Wanted<S>>) {
        let scopes: Vec<S::Scope> = wanted.iter().map(Wanted::scope).collect();
        let (rights, scopes) = decide_at_once::<S>(&self.actor, scopes);
        self.waiting = Some(Waiting::Rights(wanted, rights));
        if scopes.is_empty() {
            self.handle_rights(Rights::<S>::new());
        } else {
            self.outputs.push_back(SessionOutput::Read(Request::Rights { scopes }));
        }
    }

    pub(super) fn handle_rights(&mut self, decided: Rights<S>) {
        let Some(Waiting::Rights(wanted, mut rights)) = self.waiting.take() else { return };
        rights.extend(decided);
        for wanted in wanted {
            if self.closed {
                return;
            }
            let may_read = rights.get(&wanted.scope()) == Some(&true);
            match wanted {
                Wanted::Scope(subscribe) => self.subscribe(subscribe, may_read),
                Wanted::Query(watch) => self.carry(watch, may_read),
            }
        }
        if let Some(open) = &mut self.open {
            open.watch(&self.actor);
        }
    }

    fn subscribe(&mut self, subscribe: Subscribe<S>, may_read: bool) {
        let Subscribe { scope, id, held } = subscribe;
        let Some(open) = &mut self.open else { return };
        let asked = open.viewer.scopes.len() + open.denied.len();
        let is_new = !open.viewer.scopes.contains(&scope) && !open.denied.contains(&scope);
        if asked >= self.limits.subscriptions_max && is_new {
            let message = format!("At most {} scopes can be subscribed.", self.limits.subscriptions_max);
            return self.fail(close::TOO_BIG, ErrorFrame { code: ErrorCode::TooMuch, message, retry: None });
        }
        open.ids.insert(scope.clone(), id);
        if !may_read {
            return self.deny(scope, Some(id));
        }
        open.denied.remove(&scope);
        // What was passed over so far, the client must be past: of the pages it takes in only
        // what is not newer than its cursor, the newer comes by patches from here on.
        self.flush_passed();
        let Some(open) = &mut self.open else { return };
        open.viewer.scopes.insert(scope.clone());
        let after = match held {
            Held::All => return,
            Held::UpTo(key) => Some(key),
            Held::Nothing => None,
        };
        open.loading.insert(scope, Loading { id, live_from: open.passed.seq, after });
    }

    fn carry(&mut self, watch: Watch<S>, may_read: bool) {
        let Watch { id, query, held, total, more, .. } = watch;
        let Some(open) = &mut self.open else { return };
        let scope = query.scope();
        let is_new = open.viewer.watches.query(id) != Some(&query);
        let asked = open.viewer.watches.len() + open.denied_watches.len();
        if is_new && asked >= self.limits.subscriptions_max {
            let message = format!("At most {} queries can be watched.", self.limits.subscriptions_max);
            return self.fail(close::TOO_BIG, ErrorFrame { code: ErrorCode::TooMuch, message, retry: None });
        }
        if !may_read {
            open.denied_watches.insert(id, scope.clone());
            return self.deny(scope, Some(id));
        }
        open.denied_watches.retain(|_, denied| *denied != scope);
        if is_new {
            open.viewer.watches.begin(id, query, held.clone(), total);
        }
        if is_new && held != Reach::Nothing && total.is_none() {
            open.asked.push_back(Asked { id, after: None, limit: 0 });
        }
        let after = match held {
            Reach::Nothing => None,
            Reach::UpTo(place) => Some(place),
            Reach::All => return,
        };
        if more > 0 {
            let limit = usize::try_from(more).unwrap_or(usize::MAX).min(self.sizes.page_rows);
            open.asked.retain(|asked| asked.id != id || asked.limit == 0);
            open.asked.push_back(Asked { id, after, limit });
        }
    }

    /// Reads a page of a query. Of it the client takes in what is not newer than its cursor, so that it must
    /// be past what was passed over; the newer comes by patches.
    pub(super) fn ask(&mut self, asked: Asked) {
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::QueryReadAhead) {
            return self.read_query(asked);
        }
        self.flush_passed();
        self.read_query(asked);
    }

    fn read_query(&mut self, asked: Asked) {
        let Some(open) = &mut self.open else { return };
        open.asked.pop_front();
        open.page_next = false;
        // One that was asked for twice is sent once: the client would pass the second over, and its total.
        let is_count = asked.limit == 0;
        let after = if is_count { open.viewer.watches.end_of(asked.id) } else { asked.after };
        let watches = &open.viewer.watches;
        let query = if is_count { watches.query(asked.id) } else { watches.next(asked.id, after.as_ref()) };
        let Some(query) = query.cloned() else { return self.advance() };
        let (limit, count) = (asked.limit, is_count);
        self.waiting = Some(Waiting::Query(Asked { after: after.clone(), ..asked }));
        self.outputs.push_back(SessionOutput::Read(Request::Query { query, after, limit, count }));
    }

    /// A scope may not be read (any more), as was found out by what was asked for under that id, or by the log: all that
    /// is subscribed or watched of it ends.
    fn deny(&mut self, scope: S::Scope, id: Option<u64>) {
        let Some(open) = &mut self.open else { return };
        let is_subscribed = open.viewer.scopes.remove(&scope);
        let watched = open.viewer.watches.end_all(&scope);
        let watch = watched.last().copied();
        open.denied_watches.extend(watched.into_iter().map(|id| (id, scope.clone())));
        open.loading.remove(&scope);
        if is_subscribed || open.ids.contains_key(&scope) {
            open.denied.insert(scope.clone());
        }
        open.rights += 1;
        let known = open.ids.get(&scope).copied();
        // Whoever holds the scope is to know that this ends, whatever it was found out by.
        let id = if is_subscribed { known } else { id.or(watch) }.unwrap_or_default();
        let number = open.rights;
        self.send(ServerFrame::Purge(Purge { scope, id, number }));
    }

    /// Takes in what rights are from here on to scopes that were asked for.
    pub(super) fn follow_rights(&mut self, rights: &Rights<S>) {
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::RightsNotFollowed) {
            return;
        }
        for (scope, may_read) in rights {
            let Some(open) = &mut self.open else { return };
            if !may_read && (open.viewer.scopes.contains(scope) || open.viewer.watches.concern(scope)) {
                self.deny(scope.clone(), None);
            } else if *may_read
                && (open.denied.contains(scope) || open.denied_watches.values().any(|denied| denied == scope))
            {
                // It stays denied until it is asked for again.
                open.rights += 1;
                let grant = Grant { scope: scope.clone(), number: open.rights };
                self.send(ServerFrame::Grant(grant));
            }
        }
    }

    pub(super) fn handle_page(&mut self, page: Option<Page<S>>) {
        let Some(Waiting::Page(scope, id)) = self.waiting.take() else { return };
        let Some(page) = page else { return self.deny(scope, Some(id)) };
        let Some(open) = &mut self.open else { return };
        // Subscribed anew since the page was asked for: it starts over.
        let Some(loading) = open.loading.get_mut(&scope).filter(|loading| loading.id == id) else { return };
        let (after, live_from) = (loading.after.clone(), loading.live_from);
        let next = page.rows.last().filter(|_| page.more).map(|stored| S::key(&stored.row));
        match &next {
            Some(key) => loading.after = Some(key.clone()),
            None => {
                open.loading.remove(&scope);
            }
        };
        let Page { as_of, rows, total, .. } = page;
        let page = ServerFrame::Snapshot(Snapshot {
            scope,
            id,
            live_from,
            after,
            as_of: as_of.seq,
            mark: Some(as_of.mark),
            rows,
            next,
            total,
        });
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::DeleteOvertaken) {
            self.send_late();
            self.late = Some(page);
            return;
        }
        self.send(page);
    }

    pub(super) fn handle_query_page(&mut self, page: Option<QueryPage<S>>) {
        let Some(Waiting::Query(Asked { id, after, limit })) = self.waiting.take() else { return };
        let Some(open) = &mut self.open else { return };
        let Some(query) = open.viewer.watches.query(id) else { return };
        let Some(QueryPage { as_of, rows, more, total }) = page else {
            let scope = query.scope();
            return self.deny(scope, None);
        };
        // A page of no rows goes no further: it brings the number, for which no first row waits.
        let next = match limit {
            0 => after.clone(),
            _ => rows.last().filter(|_| more).map(|stored| query.place(&stored.row)),
        };
        let total = total.or((after.is_none() && next.is_none()).then_some(rows.len() as u64));
        if after.is_none() && next.is_some() {
            open.asked.push_front(Asked { id, after: None, limit: 0 });
        }
        let reach = next.clone().map_or(Reach::All, Reach::UpTo);
        let total = total.map(|count| Total { count, at: as_of.seq });
        open.viewer.watches.extend(id, reach, total);
        let total = total.map(|total| total.count);
        let (live_from, mark) = (open.passed.seq, as_of.mark);
        self.send(ServerFrame::Results(Results { id, live_from, after, as_of: as_of.seq, mark, rows, next, total }));
    }
}
