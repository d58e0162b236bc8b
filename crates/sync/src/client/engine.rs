//! [`SyncClient`]: what it holds, what it is fed, what can be read of it.

use super::{
    Coverage, Input, Notice, Now, Output, SyncMark, TrayEntry, WatchState,
    backoff::Backoff,
    connection::{Connection, Phase, Stop},
    outbox::{Entry, EntryState, LocalId, Outbox, Retired},
    rebase::{Overlay, View},
    replica::{Moved, Replica},
    saving::Saving,
    status::ConnectionStatus,
};
use crate::{
    ClientId, MutationId, SyncCursor,
    protocol::{Body, ClientFrame, Held, Limits, Subscribe, Unsubscribe, Unwatch},
    schema::{Refusal, Rows, Schema, Write},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Bytes of a frame kept free for what surrounds a mutation.
const FRAME_MARGIN_BYTES: usize = 16 * 1024;

/// What a client is made with.
#[derive(Clone, PartialEq, Debug)]
pub struct Config<S: Schema> {
    /// Who uses it.
    pub actor: S::Actor,
}

impl<S: Schema> Config<S> {
    /// The client of that actor.
    pub fn new(actor: S::Actor) -> Self {
        Self { actor }
    }
}

/// How a mutation was settled that is not in the outbox (yet).
#[derive(Clone, Debug)]
pub(super) struct Early {
    pub(super) nonce: u64,
    pub(super) at: u64,
    pub(super) refusal: Option<Refusal>,
}

/// The browser's half of the engine; see the [module](super) for how to drive it.
#[derive(Clone, Debug)]
pub struct SyncClient<S: Schema> {
    pub(super) config: Config<S>,
    pub(super) client: Option<ClientId>,
    pub(super) connection: Connection,
    pub(super) backoff: Backoff,
    pub(super) base: Replica<S>,
    /// Filled beside `base` during a resync, and then put in its place.
    pub(super) staging: Option<Replica<S>>,
    pub(super) outbox: Outbox<S>,
    pub(super) overlay: Overlay<S>,
    pub(super) tray: BTreeMap<MutationId, TrayEntry<S>>,
    pub(super) lead: Option<u64>,
    pub(super) saving: Saving<S>,
    pub(super) hydrated: bool,
    /// The number the next mutation of this profile gets, as far as this tab knows.
    pub(super) next_seq: u64,
    /// The highest mutation sent on this connection, or known to be settled before it.
    pub(super) pushed: u64,
    /// What the log says of mutations that are not here (yet): another tab's, whose record is
    /// still on its way.
    pub(super) early: BTreeMap<u64, Early>,
    /// The mutations that have left the outbox.
    pub(super) retired: Retired,
    /// For each time that all stored mutations were asked for and have not come: the number that the next one had.
    pub(super) reading_outbox: VecDeque<u64>,
    /// Set from when this tab takes the lead until it has read what is stored of the outbox: another led before
    /// it, and may know better what is settled.
    pub(super) takes_over: bool,
    /// Entries that the store had no more, for a tab that does not lead; with the last ping before that.
    pub(super) absent: BTreeMap<LocalId, u64>,
    /// Nothing is pushed before that: the server asked for patience.
    pub(super) hold_until: u64,
    pub(super) holds: u32,
    pub(super) limits: Limits,
    /// The last mutation settled when the log was passed over: of those up to it no patch tells.
    pub(super) passed_over: u64,
    /// Snapshot pages taken in on this connection.
    pub(super) pages: u64,
    /// Set while the profile must find out which of its ids the server took for another's.
    pub(super) rolled_back: bool,
    pub(super) clock_offset_ms: i64,
    pub(super) last_good_ms: Option<i64>,
    pub(super) outputs: VecDeque<Output<S>>,
    pub(super) status: ConnectionStatus,
    pub(super) changed: BTreeSet<S::Key>,
    pub(super) changed_own: bool,
    pub(super) outbox_changed: bool,
    #[cfg(feature = "planted")]
    pub(super) planted: Option<crate::planted::Planted>,
}

impl<S: Schema> SyncClient<S> {
    /// A client that has read nothing yet. The seed is for the jitter of its backoff.
    pub fn new(config: Config<S>, seed: u64) -> Self {
        Self {
            config,
            client: None,
            connection: Connection::new(),
            backoff: Backoff::new(seed),
            base: Replica::new(1),
            staging: None,
            outbox: Outbox::new(),
            overlay: Overlay::new(),
            tray: BTreeMap::new(),
            lead: None,
            saving: Saving::new(),
            hydrated: false,
            next_seq: 1,
            pushed: 0,
            early: BTreeMap::new(),
            retired: Retired::default(),
            reading_outbox: VecDeque::new(),
            takes_over: false,
            absent: BTreeMap::new(),
            hold_until: 0,
            holds: 0,
            limits: Limits::default(),
            passed_over: 0,
            pages: 0,
            rolled_back: false,
            clock_offset_ms: 0,
            last_good_ms: None,
            outputs: VecDeque::new(),
            status: ConnectionStatus::Connecting,
            changed: BTreeSet::new(),
            changed_own: false,
            outbox_changed: false,
            #[cfg(feature = "planted")]
            planted: None,
        }
    }

    /// Plants a known mistake.
    #[cfg(feature = "planted")]
    pub fn plant(&mut self, bug: crate::planted::Planted) {
        self.planted = Some(bug);
        self.outbox.names_the_wrong = bug == crate::planted::Planted::AfterTheWrongEdit;
        self.overlay.skips_children = bug == crate::planted::Planted::RebaseSkipsChildren;
    }

    #[cfg(feature = "planted")]
    pub(super) fn has_planted(&self, bug: crate::planted::Planted) -> bool {
        self.planted == Some(bug)
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Now, input: Input<S>) {
        match input {
            Input::Restored(restored) => self.handle_restored(restored),
            Input::Hydrated(records) => self.handle_hydrated(records),
            Input::HydrateDone(meta) => self.handle_hydrate_done(now, &meta),
            Input::Lead(lead) => self.handle_lead(now, lead),
            Input::OutboxGrew(records) => self.handle_outbox_grew(records),
            Input::Renamed(client) => self.handle_renamed(client),
            Input::OutboxRead(records) => self.handle_outbox_read(now, records),
            Input::Persisted { batch, result } => self.handle_persisted(now, batch, result),
            Input::SocketOpened { generation } => self.handle_socket_opened(now, generation),
            Input::Frame { generation, text } => self.handle_text(now, generation, &text),
            Input::Heard { generation, frame } => self.handle_frame(now, generation, frame),
            Input::SocketClosed { generation, code } => self.handle_socket_closed(now, generation, code),
            Input::Wake => self.handle_wake(now),
            Input::NetworkLost => {
                self.connection.network_lost = true;
                self.connection.probe(now.mono_ms);
            }
            Input::RetryNow | Input::SignedIn => self.handle_retry(now, input == Input::SignedIn),
            Input::Subscribe(scope) => self.handle_subscribe(scope),
            Input::Unsubscribe(scope) => self.handle_unsubscribe(&scope),
            Input::Watch { query, rows } => self.handle_watch(query, rows),
            Input::Unwatch(query) => self.handle_unwatch(&query),
            Input::Cancel { seq } => self.handle_cancel(seq),
            Input::Discard { id } => self.handle_discard(id),
            Input::Tick => {}
        }
        self.turn(now);
    }

    /// Carries a mutation out on the view at once and starts to store and send it.
    ///
    /// # Errors
    /// Why it makes no sense on the rows in view; nothing is changed or kept then.
    pub fn mutate(&mut self, now: Now, mutation: S::Mutation) -> Result<LocalId, Refusal> {
        let size = serde_json::to_string(&mutation).map_or(usize::MAX, |text| text.len());
        if size + FRAME_MARGIN_BYTES > self.limits.frame_bytes_max {
            let limit = self.limits.frame_bytes_max.saturating_sub(FRAME_MARGIN_BYTES) / 1024;
            return Err(Refusal::invalid(format!("This is too long: at most {limit} KiB can be saved at once.")));
        }
        let nonce = self.draw();
        let local = self.outbox.push(Body::Mutate(mutation), nonce, self.server_now_ms(now));
        let applied = self.overlay.replay(&self.base, &mut self.outbox, local, &self.config.actor, self.client);
        let bases = applied.inspect_err(|_| drop(self.outbox.remove(local)))?;
        self.overlay.watch(&self.outbox, local);
        if let Some(entry) = self.outbox.entry_mut(local) {
            // What the user saw: it stays when it is replayed on something else.
            entry.bases = bases;
            self.changed.extend(entry.touched.iter().cloned());
        }
        self.changed_own = true;
        self.outbox_changed = true;
        self.saving.enqueue(local);
        self.turn(now);
        Ok(local)
    }

    /// What to do next, if anything.
    pub fn poll_output(&mut self) -> Option<Output<S>> {
        self.outputs.pop_front()
    }

    /// When to call again at the latest, in monotonic milliseconds.
    pub fn poll_timeout(&self) -> Option<u64> {
        #[cfg(feature = "planted")]
        if self.has_planted(crate::planted::Planted::BackoffNeverFires)
            && matches!(self.connection.phase, Phase::Waiting { .. })
            && self.connection.attempt >= 3
        {
            return self.saving.timeout();
        }
        self.timers().map(|(_, at)| at).min()
    }

    /// What it waits for, by name, with the moments in monotonic milliseconds. Nothing but what is
    /// here makes it do something by itself.
    pub fn timers(&self) -> impl Iterator<Item = (&'static str, u64)> + use<S> {
        let connection = match &self.connection.phase {
            Phase::Waiting { at } => [Some(("reconnect", *at)), None],
            Phase::Opening { deadline } => [Some(("opening limit", *deadline)), None],
            Phase::Greeting { deadline } => [Some(("greeting limit", *deadline)), None],
            Phase::Open(heartbeat) => {
                [Some(("ping", heartbeat.ping_at)), self.connection.death().map(|at| ("silence limit", at))]
            }
            Phase::Idle | Phase::Stopped(_) => [None, None],
        };
        let hold = (self.connection.is_open() && self.hold_until > 0).then_some(("push again", self.hold_until));
        let save = self.saving.timeout().map(|at| ("save", at));
        connection.into_iter().chain([save, hold]).flatten()
    }

    /// The row of that key in the optimistic view.
    pub fn row(&self, key: &S::Key) -> Option<&S::Row> {
        // Not through `View`, whose borrow would end here.
        match self.overlay.write_of(key) {
            Some(Write::Put(row)) => Some(row),
            Some(Write::Delete) => None,
            None => self.base.row(key),
        }
    }

    /// The confirmed row of that key, with its versions.
    pub fn confirmed(&self, key: &S::Key) -> Option<&crate::Stored<S>> {
        self.base.stored(key)
    }

    /// The keys of all rows of the view that hang on `parent`, in order.
    pub fn children(&self, parent: &S::Key) -> Vec<S::Key> {
        View { replica: &self.base, overlay: &self.overlay }.children(parent)
    }

    /// Every row of one scope in the view, in no particular order.
    pub fn for_each_row(&self, scope: &S::Scope, mut each: impl FnMut(&S::Row)) {
        for key in self.base.in_scope(scope) {
            if self.overlay.write_of(key).is_none()
                && let Some(row) = self.base.row(key)
            {
                each(row);
            }
        }
        for (_, write) in self.overlay.keys() {
            if let Write::Put(row) = write
                && S::scope(row) == *scope
            {
                each(row);
            }
        }
    }

    /// How many confirmed rows of a scope are held.
    pub fn rows_in(&self, scope: &S::Scope) -> usize {
        self.base.count_in(scope)
    }

    /// The scopes that are wanted, refused ones too.
    pub fn scopes(&self) -> impl Iterator<Item = S::Scope> {
        self.base.wanted().into_iter().map(|of| of.scope)
    }

    /// The keys of every confirmed row.
    pub fn confirmed_keys(&self) -> impl Iterator<Item = &S::Key> {
        self.base.all().map(|(key, _)| key)
    }

    /// What a row's mark shows: the least safe of all that is unsettled about it.
    pub fn mark(&self, key: &S::Key) -> SyncMark {
        let entries = self.overlay.writers(key).filter_map(|local| self.outbox.entry(local));
        let entries = entries.chain(self.outbox.beneath().filter(|entry| entry.touched.contains(key)));
        let marks = entries.map(|entry| match entry.state {
            #[cfg(feature = "planted")]
            EntryState::Saving if self.has_planted(crate::planted::Planted::KeptTooEarly) => SyncMark::Queued,
            EntryState::Saving => SyncMark::Saving,
            EntryState::Queued => SyncMark::Queued,
            EntryState::Sending => SyncMark::Sending,
        });
        let refused = self.tray.values().any(|entry| entry.touched.contains(key)).then_some(SyncMark::Refused);
        marks.chain(refused).max().unwrap_or_default()
    }

    /// How the connection stands.
    pub fn status(&self) -> &ConnectionStatus {
        &self.status
    }

    /// How many mutations are not settled.
    pub fn unsent(&self) -> usize {
        self.outbox.len()
    }

    /// The unsettled mutations, in order.
    pub fn outbox(&self) -> impl Iterator<Item = &Entry<S>> {
        self.outbox.iter()
    }

    /// The refused mutations that the user has not settled, in order.
    pub fn tray(&self) -> impl Iterator<Item = &TrayEntry<S>> {
        self.tray.values()
    }

    /// How much of a scope is held.
    pub fn coverage(&self, scope: &S::Scope) -> Coverage {
        self.base.coverage(scope)
    }

    /// How much of a query is held. None where it is not wanted.
    pub fn watch_state(&self, query: &S::Query) -> Option<WatchState> {
        self.base.watch_state(query)
    }

    /// The queries that are wanted.
    pub fn watched(&self) -> impl Iterator<Item = &S::Query> {
        self.base.watched()
    }

    /// Where the confirmed rows stand in the log.
    pub fn cursor(&self) -> Option<SyncCursor> {
        self.base.cursor
    }

    /// The position of the newest page that the confirmed rows have, while it is beyond the cursor: what changed
    /// between the two may be missing until the patches come.
    pub fn seen(&self) -> Option<SyncCursor> {
        self.base.seen
    }

    /// The profile's id, once the store was read.
    pub fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// Whether the store was read: before that, what is not in view may still be in the store.
    pub fn is_hydrated(&self) -> bool {
        self.hydrated
    }

    /// The server's clock as estimated from this device's, Unix milliseconds.
    pub fn server_now_ms(&self, now: Now) -> i64 {
        now.wall_ms.saturating_add(self.clock_offset_ms)
    }

    /// When the server was last heard, Unix milliseconds by this device's clock.
    pub fn last_good_ms(&self) -> Option<i64> {
        self.last_good_ms
    }

    /// The replica that frames are for: the one being filled, if one is.
    pub(super) fn target(&self) -> &Replica<S> {
        self.staging.as_ref().unwrap_or(&self.base)
    }

    pub(super) fn target_mut(&mut self) -> &mut Replica<S> {
        self.staging.as_mut().unwrap_or(&mut self.base)
    }

    fn draw(&mut self) -> u64 {
        number(&mut self.backoff)
    }

    pub(super) fn send(&mut self, frame: &ClientFrame<S>) {
        let text = frame.encode();
        self.outputs.push_back(Output::Send { generation: self.connection.generation, text });
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notice(notice));
    }

    /// Rebuilds the view where rows moved beneath it or entries came into it.
    pub(super) fn rebase(&mut self, moved: Moved<S>, entries: BTreeSet<LocalId>) {
        if moved.is_empty() && entries.is_empty() {
            return;
        }
        let Self { base, overlay, outbox, config, client, .. } = self;
        let changed = overlay.rebase(base, outbox, moved, entries, &config.actor, *client);
        match self.changed.is_empty() {
            true => self.changed = changed,
            false => self.changed.extend(changed),
        }
    }

    /// Takes entries out of the outbox; gives the rows to rebuild.
    pub(super) fn retire(&mut self, locals: impl IntoIterator<Item = LocalId>) -> Moved<S> {
        let mut moved = Moved::nothing();
        for local in locals {
            let Some(entry) = self.outbox.remove(local) else { continue };
            moved.keys.extend(self.overlay.unwatch(&entry));
            self.outbox_changed = true;
            if let Some(seq) = entry.seq {
                self.retired.add(seq);
                if self.lead.is_some() {
                    self.saving.outbox_gone(seq);
                }
            }
        }
        moved
    }

    /// Marks of an entry's rows are different now.
    pub(super) fn remark(&mut self, local: LocalId) {
        if let Some(entry) = self.outbox.entry(local) {
            self.changed.extend(entry.touched.iter().cloned());
            self.outbox_changed = true;
        }
    }

    pub(super) fn handle_subscribe(&mut self, scope: S::Scope) {
        let id = self.draw();
        let wanted = self.target_mut().want(scope.clone(), id, Held::Nothing);
        if self.staging.is_some() {
            self.base.want(scope.clone(), id, Held::Nothing);
        }
        if wanted {
            self.saving.meta_changed();
            if self.connection.has_greeted() {
                self.send(&ClientFrame::Subscribe(Subscribe { scope: scope.clone(), id, held: Held::Nothing }));
            }
            self.outputs.push_back(Output::CoverageChanged(scope));
        }
    }

    fn handle_unsubscribe(&mut self, scope: &S::Scope) {
        if let Some(staging) = &mut self.staging {
            let moved = staging.unwant(scope);
            self.saving.rows_changed(staging.generation, moved.keys);
        }
        let moved = self.base.unwant(scope);
        self.saving.rows_changed(self.base.generation, moved.keys.iter().cloned());
        self.saving.meta_changed();
        self.rebase(moved, BTreeSet::new());
        if self.connection.has_greeted() {
            self.send(&ClientFrame::Unsubscribe(Unsubscribe { scope: scope.clone() }));
        }
        self.outputs.push_back(Output::CoverageChanged(scope.clone()));
        self.finish_staging();
    }

    fn handle_watch(&mut self, query: S::Query, rows: u64) {
        let id = self.draw();
        let mut is_new = self.target_mut().watch(query.clone(), id, rows);
        if self.staging.is_some() {
            is_new |= self.base.watch(query.clone(), id, rows);
        }
        if is_new {
            self.outputs.push_back(Output::WatchChanged(query));
        }
    }

    fn handle_unwatch(&mut self, query: &S::Query) {
        if let Some(staging) = &mut self.staging
            && let Some((_, moved)) = staging.unwatch(query)
        {
            self.saving.rows_changed(staging.generation, moved.keys);
        }
        let Some((id, moved)) = self.base.unwatch(query) else { return };
        self.saving.rows_changed(self.base.generation, moved.keys.iter().cloned());
        self.rebase(moved, BTreeSet::new());
        if self.connection.has_greeted() {
            self.send(&ClientFrame::Unwatch(Unwatch { id }));
        }
        self.outputs.push_back(Output::WatchChanged(query.clone()));
        self.finish_staging();
    }

    /// Asks for what is wanted of queries and was not asked for.
    fn ask_for_more(&mut self) {
        if self.connection.is_open() && self.target().cursor.is_some() {
            for watch in self.target_mut().watch_more() {
                self.send(&ClientFrame::Watch(watch));
            }
        }
    }

    fn handle_cancel(&mut self, seq: u64) {
        let Some(local) = self.outbox.by_seq(seq) else { return };
        let Some(entry) = self.outbox.entry_mut(local) else { return };
        if entry.may_be_sent || entry.state == EntryState::Saving || self.saving.is_marking(local) {
            return; // It may be with the server: only another edit can take it back.
        }
        let touched = entry.touched.clone();
        entry.body = Body::Void;
        self.saving.rewrite(local);
        self.outbox_changed = true;
        self.changed_own = true;
        self.rebase(Moved { keys: touched, parents: BTreeSet::new() }, BTreeSet::from([local]));
    }

    fn handle_discard(&mut self, id: MutationId) {
        if let Some(entry) = self.tray.remove(&id) {
            self.saving.tray_gone(entry.store_key());
            self.changed.extend(entry.touched);
            self.outbox_changed = true;
        }
    }

    /// What every input ends with: timers, what can be sent and stored, what is to be told.
    fn turn(&mut self, now: Now) {
        self.finish_rolled_back();
        self.turn_connection(now);
        self.ask_for_more();
        self.push(now);
        self.save(now);
        if !self.changed.is_empty() {
            let keys = std::mem::take(&mut self.changed);
            self.outputs.push_back(Output::Changed { keys, own: self.changed_own });
        }
        self.changed_own = false;
        if std::mem::take(&mut self.outbox_changed) {
            self.outputs.push_back(Output::OutboxChanged);
        }
        let status = self.status_now();
        if status != self.status {
            self.status = status.clone();
            self.outputs.push_back(Output::Status(status));
        }
    }

    fn status_now(&self) -> ConnectionStatus {
        let connection = &self.connection;
        let trying = |at| match connection.lost {
            _ if connection.network_lost => ConnectionStatus::Offline,
            true => ConnectionStatus::Reconnecting { at, attempt: connection.attempt },
            false => ConnectionStatus::Connecting,
        };
        match &connection.phase {
            Phase::Idle => ConnectionStatus::Connecting,
            Phase::Waiting { at } => trying(*at),
            // While an attempt is under way, its moment stays what it was: in the past.
            Phase::Opening { .. } | Phase::Greeting { .. } => match &self.status {
                ConnectionStatus::Reconnecting { at, .. } => trying(*at),
                _ => trying(0),
            },
            Phase::Open(_) => {
                let target = self.target();
                let seq = target.seq();
                if !target.is_complete() || self.staging.is_some() {
                    let (done, total) = target.progress();
                    ConnectionStatus::CatchingUp { done, total }
                } else if seq < connection.head {
                    let done = seq - connection.caught_from.min(seq);
                    ConnectionStatus::CatchingUp { done, total: connection.head - connection.caught_from }
                } else {
                    ConnectionStatus::Live
                }
            }
            Phase::Stopped(Stop::SignIn) => ConnectionStatus::NeedsSignIn,
            Phase::Stopped(Stop::Update) => ConnectionStatus::UpdateNeeded,
            Phase::Stopped(Stop::Closed(reason)) => ConnectionStatus::Closed { reason: reason.clone() },
        }
    }
}

/// A number from the seed, within what every JSON reader holds exactly.
pub(super) fn number(seed: &mut Backoff) -> u64 {
    seed.next() >> 11
}
