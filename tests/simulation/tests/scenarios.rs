//! Single happenings, by hand: one client, its store, one server, a clock that the test moves.
//! What befalls fleets at random is in `simulation.rs`.

use holdfast_simulation::{
    schema::{Act, Key, Mutation, Notes, Row, Scope},
    store::Store,
};
use holdfast_sync::{
    ClientId, Epoch, Refusal, RefusalCode,
    authority::{MemoryStore, Outcome, Session, SessionInput, SessionOutput},
    client::{
        Batch, Config, ConnectionStatus, Coverage, Input, Notice, Now, Output, StoreFault, SyncClient, SyncMark, Table,
        outbox_key,
    },
    protocol::{Body, Change, ErrorCode, ErrorFrame, Grant, Patch, Purge, Pushed, Reject, ServerFrame},
};
use uuid::Uuid;

/// One client with all it needs.
struct Desk {
    now: u64,
    client: SyncClient<Notes>,
    store: Store,
    store_works: bool,
    server: MemoryStore<Notes>,
    /// The connection, while there is one.
    session: Option<(u64, Session<Notes>)>,
    reachable: bool,
    silent: bool,
    notices: Vec<Notice>,
    store_faults: Vec<Option<StoreFault>>,
    lost: usize,
    /// Another at each start, as in a browser.
    seed: u64,
    /// Mutations made.
    stamp: u64,
}

impl Desk {
    fn new() -> Self {
        Self::with(Store::new(ClientId(Uuid::from_u128(7))), MemoryStore::new(Epoch(Uuid::from_u128(1))), true)
    }

    fn with(store: Store, server: MemoryStore<Notes>, reachable: bool) -> Self {
        let mut desk = Self {
            now: 0,
            client: SyncClient::new(Config::new(1), 1),
            store,
            store_works: true,
            server,
            session: None,
            reachable,
            silent: false,
            notices: Vec::new(),
            store_faults: Vec::new(),
            lost: 0,
            seed: if reachable { 1 } else { 1000 },
            stamp: 0,
        };
        desk.boot();
        desk
    }

    /// Starts from the store.
    fn boot(&mut self) {
        self.seed += 1;
        self.client = SyncClient::new(Config::new(1), self.seed);
        self.session = None;
        let claim = self.store.claim_lead();
        self.feed(Input::Lead(Some(claim)));
        self.feed(Input::Restored(self.store.restored()));
        self.feed(Input::Hydrated(self.store.table(Table::Rows)));
        for scope in Scope::all() {
            self.feed(Input::Subscribe(scope));
        }
        self.feed(Input::HydrateDone(self.store.table(Table::Meta)));
    }

    fn clock(&self) -> Now {
        Now { mono_ms: self.now, wall_ms: 1_000_000 + self.now as i64 }
    }

    fn feed(&mut self, input: Input<Notes>) {
        self.client.handle(self.clock(), input);
        self.settle();
    }

    fn mutate(&mut self, act: Act) {
        self.stamp += 1;
        let mutation = Mutation { stamp: self.stamp, act };
        self.client.mutate(self.clock(), mutation).expect("it makes sense on these rows");
        self.settle();
    }

    /// Carries out all there is to do now.
    fn settle(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Connect { generation } if self.reachable => {
                    self.session = Some((generation, Session::new(1, self.server.limits)));
                    self.client.handle(self.clock(), Input::SocketOpened { generation });
                }
                Output::Connect { generation } => {
                    self.client.handle(self.clock(), Input::SocketClosed { generation, code: 1006 });
                }
                Output::Send { generation, text } => self.deliver(generation, text),
                Output::Disconnect { .. } => {
                    self.session = None;
                    self.lost += 1;
                }
                Output::Persist(batch) => {
                    let id = batch.id;
                    let result = match self.store_works {
                        true => self.store.write(&Batch { lead: None, ..batch }),
                        false => Err(StoreFault::Full),
                    };
                    self.client.handle(self.clock(), Input::Persisted { batch: id, result });
                }
                Output::ReadOutbox => {
                    let records = self.store.table(Table::Outbox);
                    self.client.handle(self.clock(), Input::OutboxRead(Ok(records)));
                }
                Output::Notice(notice) => self.notices.push(notice),
                Output::Store(fault) => self.store_faults.push(fault),
                _ => {}
            }
        }
    }

    fn deliver(&mut self, generation: u64, text: String) {
        if self.silent {
            return;
        }
        let Some((_, session)) = self.session.as_mut().filter(|(of, _)| *of == generation) else { return };
        session.handle(SessionInput::Frame(text));
        let mut frames = Vec::new();
        loop {
            session.handle(SessionInput::Head(self.server.head().seq));
            match session.poll() {
                Some(SessionOutput::Send(text)) => frames.push(text),
                Some(SessionOutput::Read(request)) => {
                    let input = self.server.carry_out(&1, 5_000_000, request);
                    session.handle(input);
                }
                Some(SessionOutput::Close { .. }) | None => break,
            }
        }
        for text in frames {
            self.client.handle(self.clock(), Input::Frame { generation, text });
        }
    }

    /// Lets time pass, timer by timer.
    fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(at) = self.client.poll_timeout().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.feed(Input::Tick);
        }
        self.now = end;
    }

    fn frame(&mut self, frame: &ServerFrame<Notes>) {
        let generation = self.session.as_ref().expect("there is a connection").0;
        self.feed(Input::Frame { generation, text: frame.encode() });
    }

    /// The server is gone.
    fn cut(&mut self) {
        self.reachable = false;
        if let Some((generation, _)) = self.session.take() {
            self.feed(Input::SocketClosed { generation, code: 1006 });
        }
    }

    fn reconnect(&mut self) {
        self.reachable = true;
        self.feed(Input::RetryNow);
        self.pass(1_000);
    }

    fn create(&mut self, id: u32) {
        self.mutate(Act::Create { id, shelf: 0, title: format!("doc {id}") });
    }

    fn has(&self, id: u32) -> bool {
        self.client.row(&Key::Doc(id)).is_some()
    }

    fn is_at_rest(&self) -> bool {
        *self.client.status() == ConnectionStatus::Live && self.client.unsent() == 0
    }

    fn applied(&self) -> usize {
        self.server.log().iter().filter(|entry| entry.outcome == Outcome::Applied).count()
    }
}

/// What somebody else did.
fn another_client(server: &mut MemoryStore<Notes>, seq: u64, act: Act) {
    let body = Body::Mutate(Mutation { stamp: 1_000 + seq, act });
    server.settle(&0, ClientId(Uuid::from_u128(8)), 1, &Pushed { seq, nonce: 0, body, bases: Vec::new() });
}

#[test]
fn an_edit_goes_through_and_survives_a_restart() {
    let mut desk = Desk::new();
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Synced);
    assert!(desk.is_at_rest());
    desk.pass(1_000);
    desk.reachable = false;
    desk.boot();
    assert!(matches!(desk.client.row(&Key::Doc(1)), Some(Row::Doc(doc)) if doc.number == Some(1)));
}

#[test]
fn an_edit_without_a_server_is_queued_and_sent_later_once() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Queued);
    desk.boot();
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Queued, "after a restart");
    desk.reconnect();
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn a_socket_that_falls_silent_is_given_up_within_30_seconds() {
    let mut desk = Desk::new();
    desk.pass(60_000);
    assert_eq!(desk.lost, 0, "a connection that answers is kept");
    desk.silent = true;
    desk.pass(30_000);
    assert!(desk.lost >= 1);
    assert!(matches!(desk.client.status(), ConnectionStatus::Reconnecting { .. }));
}

#[test]
fn on_waking_a_silent_socket_is_given_up_within_2_seconds() {
    let mut desk = Desk::new();
    desk.silent = true;
    desk.feed(Input::Wake);
    desk.pass(2_000);
    assert_eq!(desk.lost, 1);
}

#[test]
fn a_passing_refusal_is_sent_again_and_nothing_behind_it_goes_first() {
    let mut desk = Desk::new();
    desk.silent = true;
    desk.create(1);
    desk.create(2);
    let refusal = Refusal::new(RefusalCode::Failed, "The disk is full.");
    desk.frame(&ServerFrame::Reject(Reject { seq: 1, at: None, refusal }));
    assert_eq!(desk.client.unsent(), 2);
    desk.silent = false;
    desk.pass(5_000);
    assert!(desk.is_at_rest());
    let seqs: Vec<u64> = desk.server.log().iter().map(|entry| entry.id.seq).collect();
    assert_eq!(seqs, [1, 2]);
}

#[test]
fn a_refused_edit_goes_to_the_tray_and_stays_until_it_is_dropped() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.cut();
    let mut other = desk.server.clone();
    another_client(&mut other, 1, Act::Delete { id: 1 });
    desk.server = other;
    desk.mutate(Act::Vote { id: 1 });
    desk.reconnect();
    assert!(desk.is_at_rest());
    assert!(!desk.has(1));
    desk.boot();
    let id = desk.client.tray().next().expect("it is in the tray after a restart").id;
    desk.feed(Input::Discard { id });
    desk.pass(1_000);
    desk.boot();
    assert_eq!(desk.client.tray().count(), 0);
}

#[test]
fn an_edit_taken_back_before_it_was_sent_keeps_its_place_as_void() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    desk.create(2);
    desk.feed(Input::Cancel { seq: 1 });
    assert!(!desk.has(1) && desk.has(2));
    desk.boot();
    assert!(!desk.has(1) && desk.has(2), "after a restart");
    desk.reconnect();
    assert!(desk.is_at_rest());
    let outcomes: Vec<&Outcome> = desk.server.log().iter().map(|entry| &entry.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Void, &Outcome::Applied]);
}

#[test]
fn a_bad_outbox_record_is_set_aside_and_does_not_hold_up_the_rest() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    desk.create(2);
    desk.store.spoil(Table::Outbox, &outbox_key(1));
    desk.boot();
    assert!(desk.notices.contains(&Notice::Quarantined { records: 1, edits: true }));
    assert!(!desk.has(1) && desk.has(2));
    desk.reconnect();
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
    assert_eq!(desk.store.table(Table::Quarantine).len(), 1);
}

#[test]
fn a_bad_row_record_is_loaded_anew() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.create(2);
    desk.pass(1_000);
    let (key, _) = desk.store.table(Table::Rows).into_iter().next().expect("rows are stored");
    desk.store.spoil(Table::Rows, &key);
    desk.reachable = false;
    desk.boot();
    assert!(!desk.has(1) && desk.has(2));
    desk.reconnect();
    assert!(desk.has(1) && desk.has(2) && desk.is_at_rest());
}

#[test]
fn a_store_that_fails_is_told_and_nothing_is_called_saved_or_sent() {
    let mut desk = Desk::new();
    desk.store_works = false;
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Saving);
    assert_eq!(desk.store_faults, [Some(StoreFault::Full)]);
    assert_eq!(desk.applied(), 0);
    desk.store_works = true;
    desk.pass(2_000);
    assert_eq!(desk.store_faults.last(), Some(&None));
    assert!(desk.is_at_rest());
}

#[test]
fn a_server_restored_under_a_new_epoch_is_loaded_anew_and_what_it_lacks_is_told() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.create(2);
    desk.pass(1_000);
    desk.cut();
    desk.create(3);
    desk.server = MemoryStore::new(Epoch(Uuid::from_u128(2)));
    assert!(desk.has(1), "it stays on screen until the new rows are complete");
    desk.reconnect();
    assert!(desk.notices.contains(&Notice::ServerRestored { lost: 2 }));
    assert!(desk.is_at_rest());
    assert!(!desk.has(1) && !desk.has(2) && desk.has(3));
    desk.pass(1_000);
    desk.reachable = false;
    desk.boot();
    assert!(!desk.has(1) && desk.has(3), "after a restart");
}

#[test]
fn a_server_file_put_back_is_noticed_before_and_after_it_has_overtaken_the_client() {
    for overtaken in [false, true] {
        let mut desk = Desk::new();
        desk.create(1);
        let backup = desk.server.clone();
        desk.create(2);
        desk.pass(1_000);
        desk.cut();
        desk.server = backup;
        for seq in 1..if overtaken { 6 } else { 1 } {
            another_client(&mut desk.server, seq, Act::Vote { id: 1 });
        }
        desk.reconnect();
        assert!(desk.is_at_rest(), "overtaken: {overtaken}");
        assert!(desk.has(1) && !desk.has(2), "overtaken: {overtaken}");
        assert!(desk.notices.contains(&Notice::ServerRestored { lost: 1 }), "overtaken: {overtaken}");
        desk.create(3);
        assert!(desk.is_at_rest(), "it goes on, overtaken: {overtaken}");
    }
}

#[test]
fn a_profile_put_back_takes_a_new_id_and_loses_no_edit() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let copy = desk.store.clone();
    desk.create(2);
    desk.create(3);
    desk.pass(1_000);
    // The copy knows nothing of the last two, and gives their numbers to other edits.
    let mut desk = Desk::with(copy, desk.server, false);
    let before = desk.client.client();
    desk.create(4);
    desk.create(5);
    desk.reconnect();
    desk.pass(5_000);
    assert!(desk.is_at_rest());
    assert_ne!(desk.client.client(), before);
    assert!((1..=5).all(|id| desk.has(id)));
    assert_eq!(desk.applied(), 5);
    desk.boot();
    desk.pass(5_000);
    assert_ne!(desk.client.client(), before, "after a restart");
    assert!(desk.is_at_rest());
}

#[test]
fn a_profile_put_back_uses_its_new_id_once_that_is_stored() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let copy = desk.store.clone();
    desk.create(2);
    desk.pass(1_000);
    let mut desk = Desk::with(copy, desk.server, false);
    let before = desk.client.client();
    desk.create(3);
    desk.store_works = false;
    desk.reconnect();
    desk.pass(5_000);
    assert_eq!(desk.client.client(), before, "a crash now would leave nobody who knows another");
    assert_eq!(desk.applied(), 2);
    desk.store_works = true;
    desk.pass(5_000);
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 3);
}

#[test]
fn a_server_that_wants_a_newer_app_is_not_asked_again() {
    let mut desk = Desk::new();
    let error = ErrorFrame { code: ErrorCode::Version, message: "Reload.".to_owned(), retry: None };
    desk.frame(&ServerFrame::Error(error));
    desk.pass(600_000);
    assert_eq!(*desk.client.status(), ConnectionStatus::UpdateNeeded);
    desk.create(1);
    assert_eq!(desk.client.mark(&Key::Doc(1)), SyncMark::Queued, "editing goes on");
}

#[test]
fn a_session_that_ended_keeps_the_outbox_until_the_user_signs_in() {
    let mut desk = Desk::new();
    let error = ErrorFrame { code: ErrorCode::SignIn, message: "Sign in.".to_owned(), retry: None };
    desk.frame(&ServerFrame::Error(error));
    desk.create(1);
    assert_eq!(*desk.client.status(), ConnectionStatus::NeedsSignIn);
    desk.feed(Input::SignedIn);
    desk.pass(1_000);
    assert!(desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn another_tabs_edit_is_shown_and_sent_by_the_one_that_leads() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    // The other tab reads the same store, and does not lead.
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.feed(Input::Lead(None));
    other.create(2);
    let record = other.store.table(Table::Outbox);
    desk.store = other.store.clone();
    desk.feed(Input::OutboxGrew(record));
    assert!(desk.has(2) && desk.is_at_rest());
    assert_eq!(desk.applied(), 2);
}

#[test]
fn another_tabs_edit_that_nobody_told_of_is_read_and_goes_first() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.feed(Input::Lead(None));
    other.create(1);
    desk.store = other.store.clone();
    desk.create(2);
    assert!(desk.has(1) && desk.has(2) && desk.is_at_rest());
    assert_eq!(desk.lost, 0, "no gap was sent");
}

#[test]
fn an_edit_stored_by_a_tab_that_closed_before_it_told_anybody_is_sent() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.feed(Input::Lead(None));
    other.create(1);
    desk.store = other.store.clone();
    desk.pass(30_000);
    assert!(desk.has(1) && desk.is_at_rest());
    assert_eq!(desk.applied(), 1);
}

#[test]
fn an_edit_that_nobody_told_of_goes_before_one_that_was_told_of() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    desk.cut();
    // Another tab stores an edit and closes; opened again, it stores the next, and tells of that one only.
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.feed(Input::Lead(None));
    other.create(2);
    other.create(3);
    let records = other.store.table(Table::Outbox);
    desk.store = other.store.clone();
    desk.feed(Input::OutboxGrew(records[1..].to_vec()));
    desk.reconnect();
    desk.pass(30_000);
    assert!(desk.has(2) && desk.has(3) && desk.is_at_rest());
    assert_eq!(desk.applied(), 3);
    assert!(!desk.notices.contains(&Notice::ProfileRolledBack), "{:?}", desk.notices);
}

#[test]
fn what_an_edit_is_based_on_stays_while_it_is_being_stored() {
    let mut desk = Desk::new();
    desk.create(1);
    // It is there already: this changes nothing, and is based on nothing.
    let stay = Mutation { stamp: 90, act: Act::Move { id: 1, shelf: 0 } };
    desk.client.mutate(desk.clock(), stay).expect("it makes sense");
    let mut server = desk.server.clone();
    another_client(&mut server, 1, Act::Move { id: 1, shelf: 1 });
    let (from, head) = (desk.server.head().seq, server.head());
    let changes = vec![Change::Put(server.rows()[&Key::Doc(1)].clone())];
    let patch = Patch { from, to: head.seq, mark: head.mark, rights: 0, settled: None, changes };
    let generation = desk.session.as_ref().expect("there is a connection").0;
    let text = ServerFrame::<Notes>::Patch(patch).encode();
    desk.client.handle(desk.clock(), Input::Frame { generation, text });
    let mut sent = Vec::new();
    while let Some(output) = desk.client.poll_output() {
        match output {
            Output::Persist(batch) => {
                let (id, result) = (batch.id, desk.store.write(&Batch { lead: None, ..batch }));
                desk.client.handle(desk.clock(), Input::Persisted { batch: id, result });
            }
            Output::Send { text, .. } => sent.extend(text.contains("push").then_some(text)),
            _ => {}
        }
    }
    assert_eq!(sent.len(), 1);
    assert!(!sent[0].contains("bases"), "{}", sent[0]);
}

#[test]
fn a_settlement_that_comes_before_the_record_counts() {
    let mut desk = Desk::new();
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), true);
    other.create(1);
    let record = other.store.table(Table::Outbox);
    assert_eq!(record.len(), 1, "it is not yet told to the store that it has left");
    desk.server = other.server.clone();
    desk.feed(Input::Wake);
    desk.pass(11_000);
    assert!(desk.has(1));
    desk.feed(Input::OutboxGrew(record));
    assert!(desk.is_at_rest());
}

#[test]
fn a_frame_of_a_kind_from_the_future_is_passed_over() {
    let mut desk = Desk::new();
    let generation = desk.session.as_ref().expect("there is a connection").0;
    desk.feed(Input::Frame { generation, text: r#"{"fanfare":{"loud":true}}"#.to_owned() });
    assert_eq!(desk.lost, 0);
    desk.feed(Input::Frame { generation, text: "no JSON".to_owned() });
    assert_eq!(desk.lost, 1);
    desk.pass(30_000);
    assert!(desk.is_at_rest());
}

#[test]
fn an_entry_is_replayed_on_what_was_there_before_it() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.silent = true;
    desk.mutate(Act::AddNote { id: 2, doc: 1, text: "one".to_owned() });
    desk.mutate(Act::CountNotes { doc: 1 });
    desk.mutate(Act::AddNote { id: 3, doc: 1, text: "two".to_owned() });
    let mut server = desk.server.clone();
    another_client(&mut server, 1, Act::Vote { id: 1 });
    let (from, head) = (desk.server.head().seq, server.head());
    let changes = vec![Change::Put(server.rows()[&Key::Doc(1)].clone())];
    let patch = Patch { from, to: head.seq, mark: head.mark, rights: 0, settled: None, changes };
    desk.frame(&ServerFrame::Patch(patch));
    let Some(Row::Doc(doc)) = desk.client.row(&Key::Doc(1)) else { panic!("it is there") };
    assert_eq!((doc.votes, doc.title.as_str()), (1, "1 notes"), "the second note came later");
}

#[test]
fn a_tab_that_does_not_lead_goes_by_the_profiles_new_id() {
    let mut desk = Desk::new();
    desk.feed(Input::Lead(None));
    desk.create(1);
    let client = ClientId(Uuid::from_u128(77));
    desk.feed(Input::Renamed(client));
    assert_eq!(desk.client.client(), Some(client));
    assert_eq!(desk.lost, 1, "its connection was under the old one");
    assert!(desk.has(1));
}

#[test]
fn an_edit_that_another_tab_has_settled_is_not_taken_back() {
    let mut desk = Desk::new();
    desk.cut();
    desk.create(1);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.feed(Input::Lead(None));
    desk.reconnect();
    desk.pass(1_000);
    assert!(desk.is_at_rest());
    other.store = desk.store.clone();
    other.feed(Input::Cancel { seq: 1 });
    assert_eq!(other.notices, [Notice::NotTakenBack]);
    assert_eq!(other.store.table(Table::Outbox), [], "no record comes back");
    assert_eq!(other.client.unsent(), 0);
}

#[test]
fn what_is_told_of_rights_counts_once_and_none_is_missed() {
    let mut desk = Desk::new();
    desk.create(1);
    let scope = Scope::Shelf(1);
    // This user may not look into the last shelf: two purges have come.
    desk.frame(&ServerFrame::Purge(Purge { scope, number: 3 }));
    assert_eq!(desk.client.coverage(&scope), Coverage::Refused);
    desk.frame(&ServerFrame::Grant(Grant { scope, number: 4 }));
    desk.frame(&ServerFrame::Purge(Purge { scope, number: 3 }));
    assert_eq!((desk.client.coverage(&scope), desk.lost), (Coverage::Complete, 0), "it came twice");
    desk.frame(&ServerFrame::Purge(Purge { scope, number: 6 }));
    assert_eq!(desk.lost, 1, "one is missing");
}

#[test]
fn a_patch_behind_a_purge_that_was_lost_is_not_taken() {
    let mut desk = Desk::new();
    desk.create(1);
    let head = desk.server.head();
    let patch =
        Patch { from: head.seq, to: head.seq + 1, mark: head.mark, rights: 3, settled: None, changes: Vec::new() };
    desk.frame(&ServerFrame::Patch(patch));
    assert_eq!((desk.client.cursor(), desk.lost), (Some(head), 1));
}
