//! What sockets and servers say.

use super::{
    Coverage, Notice, Now, Output,
    connection::{Phase, Stop},
    engine::{SyncClient, number},
    outbox::EntryState,
    replica::{Moved, PageFit, Replica},
};
use crate::{
    protocol::{
        Ack, ClientFrame, ErrorCode, ErrorFrame, Grant, Hello, Patch, Ping, Pong, Purge, Results, ServerFrame,
        Snapshot, VERSION, VERSION_MIN, Welcome,
    },
    schema::Schema,
};
use std::collections::BTreeSet;

impl<S: Schema> SyncClient<S> {
    fn is_current(&self, generation: u64) -> bool {
        #[cfg(feature = "planted")]
        if self.planted == Some(crate::planted::Planted::OldSocketAccepted) {
            return self.connection.has_socket();
        }
        generation == self.connection.generation && self.connection.has_socket()
    }

    pub(super) fn handle_socket_opened(&mut self, now: Now, generation: u64) {
        if !self.is_current(generation) || !matches!(self.connection.phase, Phase::Opening { .. }) {
            return;
        }
        self.connection.opened(now.mono_ms);
        let Some(client) = self.client else { return };
        let Self { base, staging, backoff, .. } = self;
        let target = staging.as_mut().unwrap_or(base);
        target.ask_again(|| number(backoff));
        target.watch_again(None, || number(backoff));
        target.await_none();
        let queries = target.watch_all();
        let target = self.target();
        let hello = Hello {
            version: VERSION,
            version_min: VERSION_MIN,
            schema: S::VERSION,
            client,
            cursor: target.cursor,
            seen: target.seen,
            scopes: target.wanted(),
            queries,
            // Only the tab that leads knows what the whole profile has settled.
            oldest_unsettled: if self.leads() { self.oldest_unsettled() } else { 1 },
            access: 0,
        };
        self.send(&ClientFrame::Hello(hello));
    }

    pub(super) fn handle_socket_closed(&mut self, now: Now, generation: u64, code: u16) {
        if !self.is_current(generation) {
            return;
        }
        match code {
            crate::authority::close::SIGN_IN => self.stop(Stop::SignIn),
            crate::authority::close::VERSION => self.stop(Stop::Update),
            _ => self.lose(now, 0),
        }
    }

    /// Lets the present socket go and waits for the next attempt.
    pub(super) fn lose(&mut self, now: Now, retry_ms: u64) {
        self.outputs.push_back(Output::Disconnect { generation: self.connection.generation });
        self.connection.lose(now.mono_ms, retry_ms, &mut self.backoff);
        self.requeue_all();
    }

    fn stop(&mut self, stop: Stop) {
        self.outputs.push_back(Output::Disconnect { generation: self.connection.generation });
        self.connection.phase = Phase::Stopped(stop);
        self.connection.lost = true;
        self.requeue_all();
    }

    pub(super) fn handle_wake(&mut self, now: Now) {
        self.connection.network_lost = false;
        self.connection.probe(now.mono_ms);
        if let Phase::Waiting { .. } = self.connection.phase {
            self.connection.phase = Phase::Waiting { at: now.mono_ms };
        }
    }

    pub(super) fn handle_retry(&mut self, now: Now, signed_in: bool) {
        let stopped = matches!(&self.connection.phase, Phase::Stopped(stop) if signed_in || *stop != Stop::SignIn);
        if stopped || matches!(self.connection.phase, Phase::Waiting { .. }) {
            self.connection.network_lost = false;
            self.connection.phase = Phase::Waiting { at: now.mono_ms };
        }
    }

    /// Carries out what the connection's timers ask for.
    pub(super) fn turn_connection(&mut self, now: Now) {
        if self.connection.is_dead(now.mono_ms) {
            self.lose(now, 0);
        }
        if let Phase::Waiting { at } = self.connection.phase
            && at <= now.mono_ms
        {
            let generation = self.connection.open(now.mono_ms);
            self.outputs.push_back(Output::Connect { generation });
        }
        let under_way = (self.pushed, self.pages, self.target().awaits_page());
        if let Some(nonce) = self.connection.ping_due(now.mono_ms, under_way) {
            self.send(&ClientFrame::Ping(Ping { nonce }));
        }
    }

    pub(super) fn handle_text(&mut self, now: Now, generation: u64, text: &str) {
        if !self.is_current(generation) {
            return;
        }
        match ServerFrame::<S>::decode(text) {
            Ok(frame) => self.handle_frame(now, generation, frame),
            Err(error) => {
                self.notice(Notice::Protocol { code: ErrorCode::Malformed, message: error.to_string() });
                self.lose(now, 0);
            }
        }
    }

    pub(super) fn handle_frame(&mut self, now: Now, generation: u64, frame: ServerFrame<S>) {
        if !self.is_current(generation) {
            return;
        }
        self.connection.heard(now.mono_ms);
        if self.connection.is_open() {
            self.last_good_ms = Some(now.wall_ms);
        }
        match frame {
            ServerFrame::Welcome(welcome) => self.handle_welcome(now, welcome),
            ServerFrame::Error(error) => self.handle_error(now, error),
            ServerFrame::Unknown(_) => {}
            // Before `welcome` nothing else is believed.
            _ if !self.connection.is_open() => {}
            ServerFrame::Patch(patch) => self.handle_patch(now, patch),
            ServerFrame::Snapshot(page) => self.handle_snapshot(now, page),
            ServerFrame::Results(page) => self.handle_results(now, page),
            ServerFrame::Ack(Ack { seq, at }) => self.handle_ack(seq, at),
            ServerFrame::Reject(reject) => self.handle_reject(now, reject),
            ServerFrame::Purge(Purge { scope, id, number }) if self.comes_next(now, number) => {
                self.handle_purge(&scope, id)
            }
            ServerFrame::Grant(Grant { scope, number }) if self.comes_next(now, number) => self.handle_grant(scope),
            ServerFrame::Purge(_) | ServerFrame::Grant(_) => {}
            ServerFrame::Pong(pong) => self.handle_pong(now, pong),
        }
    }

    fn handle_welcome(&mut self, now: Now, welcome: Welcome) {
        if !matches!(self.connection.phase, Phase::Greeting { .. }) {
            return;
        }
        self.connection.welcomed(now.mono_ms);
        self.last_good_ms = Some(now.wall_ms);
        self.clock_offset_ms = welcome.now_ms.saturating_sub(now.wall_ms);
        self.limits = welcome.limits;
        self.pages = 0;
        // What stands before our oldest was settled, or the server takes it so.
        self.pushed = welcome.settled.max(self.oldest_unsettled() - 1);
        self.hold_until = 0;
        // Where the server was put back, no more of what was passed over is settled than it says.
        self.passed_over = self.passed_over.min(welcome.settled);
        #[cfg(feature = "planted")]
        let knows_by_id = self.has_planted(crate::planted::Planted::OneIdForTwoEdits);
        #[cfg(not(feature = "planted"))]
        let knows_by_id = false;
        self.connection.settled = welcome.settled;
        self.doubt_retired(welcome.settled, self.pushed);
        if !self.saving.is_naming() {
            // What was found out of later ids was of a log that is no more; of any, where the rows are.
            let is_restored = welcome.resync.is_some_and(|reason| reason.is_restored());
            self.outbox.trust_ids_behind(if is_restored { 0 } else { welcome.settled });
            self.rolled_back &= self.outbox.iter().any(|entry| entry.id_taken);
        }
        if self.lead.is_some() && !knows_by_id {
            self.look_back();
        }
        // What the server answered of a log that it has lost since, it is asked again.
        let certain = if welcome.resync.is_some() { 0 } else { self.target().seq() };
        self.outbox.doubt_answers(certain);
        let lost = self.early.extract_if(.., |_, early| early.at > certain);
        let carried_out = lost.filter(|(_, early)| early.refusal.is_none());
        let unseen: Vec<(u64, u64)> = carried_out.map(|(seq, early)| (seq, early.nonce)).collect();
        if self.staging.is_none() {
            self.retired.note_unseen(unseen);
        }
        if let Some(reason) = welcome.resync {
            self.resync(reason.is_restored(), welcome.settled);
        }
        if self.target().cursor.is_none() && self.staging.is_none() && self.outbox.len() > 0 {
            // The rows that come may hold what is in the outbox: they are not shown before that is known.
            self.start_staging();
        }
        if self.target().cursor.is_none() || welcome.resync.is_some() {
            self.target_mut().cursor = Some(welcome.cursor);
            self.passed_over = 0;
            self.saving.meta_changed();
        }
        if self.staging.is_some() || self.outbox.len() == 0 || self.lead.is_none() {
            // Of these the new rows may hold the effect already.
            self.passed_over = self.passed_over.max(welcome.settled);
        }
        self.connection.head = welcome.head;
        self.connection.caught_from = self.target().seq();
        self.finish_staging();
        self.finish_rolled_back();
    }

    /// The log cannot bring the rows up to date: they are loaded anew. The outbox stays.
    fn resync(&mut self, restored: bool, settled: u64) {
        if restored && self.leads() {
            let known = self.oldest_unsettled() - 1;
            if known > settled {
                self.notice(Notice::ServerRestored { lost: known - settled });
            }
        }
        #[cfg(feature = "planted")]
        if self.has_planted(crate::planted::Planted::ResyncDropsOutbox) {
            let locals: Vec<super::outbox::LocalId> = self.outbox.iter().map(|entry| entry.local).collect();
            let moved = self.retire(locals);
            self.rebase(moved, BTreeSet::new());
        }
        if self.base.is_empty() && self.outbox.len() == 0 {
            let generation = self.fresh_generation();
            let wanted = self.target().wanted();
            let watches = self.target().watches.clone();
            for old in [Some(self.base.generation), self.staging.take().map(|staging| staging.generation)] {
                old.into_iter().for_each(|old| self.saving.generation_gone(old));
            }
            self.base = Replica::new(generation);
            self.retired.forget_beneath();
            for subscribe in wanted {
                self.base.want(subscribe.scope, subscribe.id, crate::protocol::Held::Nothing);
            }
            self.base.watch_alike(&watches);
            self.saving.meta_changed();
        } else {
            self.start_staging();
        }
    }

    /// Whether entries wait for an answer whose effect may be in the new replica already.
    fn awaits_answers(&self) -> bool {
        let unanswered = |entry: &super::Entry<S>| {
            entry.seq.is_some_and(|seq| seq <= self.passed_over) && entry.at.is_none() && !entry.id_taken
        };
        self.outbox.iter().any(unanswered)
    }

    /// Puts the new replica in the old one's place once it is complete, and known which entries it holds already.
    pub(super) fn finish_staging(&mut self) {
        // Behind the log's head it may be behind what is on screen: a server that was put back may be again.
        let is_up_to_date = |staging: &Replica<S>| staging.cursor.is_some() && staging.seq() >= self.connection.head;
        if !self
            .staging
            .as_ref()
            .is_some_and(|staging| staging.is_complete() && staging.has_results() && is_up_to_date(staging))
            || !self.connection.is_open()
            || self.awaits_answers()
        {
            return;
        }
        let Some(staging) = self.staging.take() else { return };
        let old = std::mem::replace(&mut self.base, staging);
        self.saving.generation_gone(old.generation);
        self.saving.meta_changed();
        let mut moved = Moved::nothing();
        for (key, stored) in old.all() {
            match self.base.stored(key) {
                Some(held) if held == stored => {}
                Some(_) => {
                    moved.keys.insert(key.clone());
                }
                None => {
                    moved.parents.extend(S::parent(&stored.row));
                    moved.keys.insert(key.clone());
                }
            }
        }
        moved.keys.extend(self.base.all().map(|(key, _)| key).filter(|key| old.stored(key).is_none()).cloned());
        self.retired.forget_beneath();
        let anew = self.outbox.take_beneath();
        moved.keys.extend(self.leave().keys);
        moved.keys.extend(self.let_go_absent());
        self.rebase(moved, anew);
        for subscribe in self.base.wanted() {
            self.outputs.push_back(Output::CoverageChanged(subscribe.scope));
        }
        self.outputs.extend(self.base.watched().cloned().map(Output::WatchChanged));
    }

    fn handle_patch(&mut self, now: Now, #[allow(unused_mut, reason = "a planted mistake")] mut patch: Patch<S>) {
        let seq = self.target().seq();
        if patch.to <= seq {
            return;
        }
        if patch.from > seq || patch.rights > self.connection.rights_heard {
            return self.lose(now, 0); // A frame before it is missing.
        }
        #[cfg(feature = "planted")]
        if self.spoil_patch(&mut patch) {
            return;
        }
        let (to, settled, totals) = (patch.to, patch.settled.clone(), std::mem::take(&mut patch.totals));
        let staged = self.staging.is_some();
        let target = self.target_mut();
        let generation = target.generation;
        let mut moved = target.apply(patch);
        let counted = target.apply_totals(&totals, to);
        self.saving.rows_changed(generation, moved.keys.iter().cloned());
        self.saving.meta_changed();
        if staged {
            moved = Moved::nothing();
        } else {
            self.outputs.extend(counted.into_iter().map(Output::WatchChanged));
        }
        if let Some(settled) = settled {
            self.connection.settled = self.connection.settled.max(settled.through);
            for (seq, nonce) in settled.made {
                let refused = settled.refused.iter().find(|refused| refused.seq == seq);
                let refusal = refused.map(|refused| refused.refusal.clone());
                moved.keys.extend(self.settled(seq, nonce, to, refusal).keys);
            }
            self.doubt_passed(settled.through);
            self.finish_rolled_back();
        }
        if !staged {
            moved.keys.extend(self.leave().keys);
        }
        self.rebase(moved, BTreeSet::new());
        self.finish_staging();
    }

    fn handle_snapshot(&mut self, now: Now, page: Snapshot<S>) {
        let scope = page.scope.clone();
        let target = self.target_mut();
        let generation = target.generation;
        let fit = target.apply_page(page);
        self.take_page(now, generation, fit, Some(Output::CoverageChanged(scope)));
    }

    fn handle_results(&mut self, now: Now, page: Results<S>) {
        #[cfg(feature = "planted")]
        let keeps_strays = self.has_planted(crate::planted::Planted::StrayKept);
        let target = self.target_mut();
        #[cfg(feature = "planted")]
        {
            target.keeps_strays = keeps_strays;
        }
        let generation = target.generation;
        let (query, fit) = target.apply_results(page);
        self.take_page(now, generation, fit, query.map(Output::WatchChanged));
    }

    /// Follows up a page that was laid over what is held.
    fn take_page(&mut self, now: Now, generation: u64, fit: PageFit<S>, told: Option<Output<S>>) {
        match fit {
            PageFit::Old => {}
            PageFit::Gap => self.lose(now, 0),
            PageFit::Next(moved) => {
                self.pages += 1;
                self.saving.rows_changed(generation, moved.keys.iter().cloned());
                self.saving.meta_changed();
                if self.staging.is_none() {
                    self.rebase(moved, BTreeSet::new());
                    self.outputs.extend(told);
                } else {
                    self.finish_staging();
                }
            }
        }
    }

    /// What planted mistakes do to a patch; true where they pass it over.
    #[cfg(feature = "planted")]
    fn spoil_patch(&self, patch: &mut Patch<S>) -> bool {
        use crate::{planted::Planted, protocol::Change};
        match self.planted {
            Some(Planted::WatermarkIgnored) => patch.changes.is_empty() && patch.settled.is_none(),
            Some(Planted::EntryKeptOverItsEffect) => {
                patch.settled = None;
                false
            }
            Some(Planted::UnheldPatchDropped) => {
                let target = self.target();
                patch.changes.retain(|change| match change {
                    Change::Put(stored) => {
                        let is_loading = matches!(target.coverage(&S::scope(&stored.row)), Coverage::Loading { .. });
                        target.stored(&S::key(&stored.row)).is_some() || !is_loading
                    }
                    Change::Remove { .. } => true,
                });
                false
            }
            _ => false,
        }
    }

    /// Whether what is told of rights is the next of its kind; where one before it is missing, the
    /// connection is.
    fn comes_next(&mut self, now: Now, number: u64) -> bool {
        let heard = &mut self.connection.rights_heard;
        let is_next = number == 0 || number == *heard + 1;
        if is_next {
            *heard = number;
        } else if number > *heard {
            self.lose(now, 0);
        }
        is_next
    }

    /// The scope is not there, or may not be read any more.
    fn handle_purge(&mut self, scope: &S::Scope, id: u64) {
        #[cfg(feature = "planted")]
        if self.has_planted(crate::planted::Planted::PurgeIgnored) {
            return;
        }
        let refused = self.target_mut().refuse_watches(scope);
        if self.staging.is_some() {
            self.base.refuse_watches(scope);
        }
        // It was subscribed anew before this was heard, or only watched: what becomes of that is still to come.
        let is_anew = id != 0 && self.target_mut().wants_anew(scope, id);
        if is_anew && refused.is_empty() {
            return;
        }
        let purge = |replica: &mut Replica<S>| if is_anew { replica.drop_scope(scope) } else { replica.purge(scope) };
        if let Some(staging) = &mut self.staging {
            let moved = purge(staging);
            self.saving.rows_changed(staging.generation, moved.keys);
        }
        let moved = purge(&mut self.base);
        self.saving.rows_changed(self.base.generation, moved.keys.iter().cloned());
        self.saving.meta_changed();
        self.rebase(moved, BTreeSet::new());
        self.outputs.push_back(Output::CoverageChanged(scope.clone()));
        self.outputs.extend(refused.into_iter().map(Output::WatchChanged));
        self.finish_staging();
    }

    /// A scope that was refused may be read now.
    fn handle_grant(&mut self, scope: S::Scope) {
        let Self { base, staging, backoff, .. } = self;
        staging.as_mut().unwrap_or(base).watch_again(Some(&scope), || number(backoff));
        if self.target().coverage(&scope) == Coverage::Refused {
            self.handle_subscribe(scope);
        }
    }

    fn handle_pong(&mut self, now: Now, pong: Pong) {
        let Phase::Open(heartbeat) = &mut self.connection.phase else { return };
        let Some(awaited) = heartbeat.awaited.take_if(|awaited| awaited.nonce == pong.nonce) else { return };
        // Frames keep their order: what was sent before the ping is answered before the pong.
        let unanswered = |entry: &super::Entry<S>| {
            entry.state == EntryState::Sending
                && entry.at.is_none()
                && !entry.id_taken
                && entry.seq.is_some_and(|seq| seq <= awaited.pushed)
        };
        let lost_push = self.outbox.iter().any(unanswered);
        let lost_patch = pong.to > self.target().seq();
        // One that was asked for just before the ping may still be on its way.
        let is_without = awaited.awaits_page && self.target().awaits_page() && awaited.pages == self.pages;
        let lost_page = self.connection.note_page(is_without);
        let lost_right = pong.rights > self.connection.rights_heard;
        if lost_push || lost_patch || lost_page || lost_right {
            return self.lose(now, 0);
        }
        self.look_for_absent(pong.nonce);
    }

    fn handle_error(&mut self, now: Now, error: ErrorFrame) {
        let ErrorFrame { code, message, retry } = error;
        match code {
            ErrorCode::SignIn => self.stop(Stop::SignIn),
            ErrorCode::Version => self.stop(Stop::Update),
            ErrorCode::NotYours => self.stop(Stop::Closed(message)),
            ErrorCode::Gap | ErrorCode::Restarting | ErrorCode::SlowConsumer | ErrorCode::Internal => {
                self.lose(now, retry.unwrap_or_default());
            }
            ErrorCode::Malformed | ErrorCode::TooMuch | ErrorCode::Unknown => {
                self.notice(Notice::Protocol { code, message });
                self.lose(now, retry.unwrap_or(1_000));
            }
        }
    }
}
