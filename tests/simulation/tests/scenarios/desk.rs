//! One client with all it needs, which a test drives by hand.

use holdfast_simulation::schema::{Act, Key, Mutation, Notes, Row, Scope};
use holdfast_simulation::store::Store;
use holdfast_sync::authority::{MemoryStore, Outcome, Session, SessionInput, SessionOutput};
use holdfast_sync::client::{
    Batch, Claim, Config, ConnectionStatus, Input, Notice, Now, Output, StoreFault, SyncClient, Table,
};
use holdfast_sync::protocol::{Body, Change, Patch, Pushed, ServerFrame};
use holdfast_sync::{ClientId, Epoch};
use uuid::Uuid;

/// One client with all it needs.
pub struct Desk {
    pub now: u64,
    pub client: SyncClient<Notes>,
    pub store: Store,
    pub store_works: bool,
    /// Whether the store answers when it is asked for the outbox.
    pub store_reads: bool,
    pub server: MemoryStore<Notes>,
    /// The connection, while there is one.
    pub session: Option<(u64, Session<Notes>)>,
    pub reachable: bool,
    pub silent: bool,
    /// Frames from the server that begin so are held back.
    pub holds: Option<&'static str>,
    held: Vec<(u64, String)>,
    /// What was to be stored.
    pub batches: Vec<Batch>,
    pub notices: Vec<Notice>,
    pub store_faults: Vec<Option<StoreFault>>,
    pub lost: usize,
    /// Another at each start, as in a browser.
    pub seed: u64,
    /// Mutations made.
    pub stamp: u64,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(Store::new(ClientId(Uuid::from_u128(7))), MemoryStore::new(Epoch(Uuid::from_u128(1))), true)
    }

    pub fn with(store: Store, server: MemoryStore<Notes>, reachable: bool) -> Self {
        let mut desk = Self {
            now: 0,
            client: SyncClient::new(Config::new(1), 1),
            store,
            store_works: true,
            store_reads: true,
            server,
            session: None,
            reachable,
            silent: false,
            holds: None,
            held: Vec::new(),
            batches: Vec::new(),
            notices: Vec::new(),
            store_faults: Vec::new(),
            lost: 0,
            seed: if reachable { 1 } else { 1000 },
            stamp: 0,
        };
        desk.boot();
        desk
    }

    /// Starts from the store, as the tab that leads.
    pub fn boot(&mut self) {
        let claim = self.store.claim_lead();
        self.start(Some(claim));
        self.hydrate();
    }

    /// Starts, and reads all but the rows.
    pub fn start(&mut self, lead: Option<Claim>) {
        self.seed += 1;
        self.client = SyncClient::new(Config::new(1), self.seed);
        self.session = None;
        self.feed(Input::Lead(lead));
        self.feed(Input::Restored(self.store.restored()));
        for scope in Scope::all() {
            self.feed(Input::Subscribe(scope));
        }
    }

    /// Reads the rows.
    pub fn hydrate(&mut self) {
        self.feed(Input::Hydrated(self.store.table(Table::Rows)));
        self.feed(Input::HydrateDone(self.store.table(Table::Meta)));
    }

    /// Another tab of the profile, as the store is now: it does not lead, and has no connection.
    pub fn other_tab(&self) -> Self {
        let mut other = Self::with(self.store.clone(), self.server.clone(), false);
        other.start(None);
        other.hydrate();
        other
    }

    /// A tab that does not lead and has no connection, and the server before the last edit, a vote for document 1:
    /// this tab saw it settled, and the one that led is gone before it has told the store.
    pub fn left_behind() -> (Self, MemoryStore<Notes>) {
        let mut desk = Self::new();
        desk.create(1);
        desk.pass(1_000);
        let before = desk.server.clone();
        let mut other = desk.other_tab();
        other.reconnect();
        desk.mutate(Act::Vote { id: 1 });
        (other.store, other.server) = (desk.store.clone(), desk.server.clone());
        other.feed(Input::OutboxGrew(other.store.table(Table::Outbox)));
        other.feed(Input::Wake);
        assert!(other.votes(1) == 1 && other.is_at_rest());
        other.cut();
        (other, before)
    }

    /// From here on it leads.
    pub fn take_the_lead(&mut self) {
        let claim = self.store.claim_lead();
        self.feed(Input::Lead(Some(claim)));
    }

    /// What brings this desk from its server's head to that of one where a row is another by now.
    pub fn patch_to(&self, server: &MemoryStore<Notes>, key: &Key) -> Patch<Notes> {
        let (from, head) = (self.server.head().seq, server.head());
        let changes = vec![Change::Put(server.rows()[key].clone())];
        Patch { from, to: head.seq, mark: head.mark, rights: 0, settled: None, changes, totals: Vec::new() }
    }

    pub fn clock(&self) -> Now {
        Now { mono_ms: self.now, wall_ms: 1_000_000 + self.now as i64 }
    }

    pub fn feed(&mut self, input: Input<Notes>) {
        self.client.handle(self.clock(), input);
        self.settle();
    }

    pub fn mutate(&mut self, act: Act) {
        self.stamp += 1;
        let mutation = Mutation { stamp: self.stamp, act };
        self.client.mutate(self.clock(), mutation).expect("it makes sense on these rows");
        self.settle();
    }

    /// Carries out all there is to do now.
    pub fn settle(&mut self) {
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
                    self.batches.push(batch.clone());
                    let result = match self.store_works {
                        true => self.store.write(&Batch { lead: None, ..batch }),
                        false => Err(StoreFault::Full),
                    };
                    self.client.handle(self.clock(), Input::Persisted { batch: id, result });
                }
                Output::ReadOutbox if self.store_reads => {
                    let records = self.store.table(Table::Outbox);
                    self.client.handle(self.clock(), Input::OutboxRead(Ok(records)));
                }
                Output::Notice(notice) => self.notices.push(notice),
                Output::Store(fault) => self.store_faults.push(fault),
                _ => {}
            }
        }
    }

    pub fn deliver(&mut self, generation: u64, text: String) {
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
            if self.holds.is_some_and(|kind| text[2..].starts_with(kind)) {
                self.held.push((generation, text));
                continue;
            }
            self.client.handle(self.clock(), Input::Frame { generation, text });
        }
    }

    /// Lets come what was held back.
    pub fn release(&mut self) {
        self.holds = None;
        for (generation, text) in std::mem::take(&mut self.held) {
            self.feed(Input::Frame { generation, text });
        }
    }

    /// Lets time pass, timer by timer.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(at) = self.client.poll_timeout().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.feed(Input::Tick);
        }
        self.now = end;
    }

    pub fn frame(&mut self, frame: &ServerFrame<Notes>) {
        let generation = self.session.as_ref().expect("there is a connection").0;
        self.feed(Input::Frame { generation, text: frame.encode() });
    }

    /// The server is gone.
    pub fn cut(&mut self) {
        self.reachable = false;
        if let Some((generation, _)) = self.session.take() {
            self.feed(Input::SocketClosed { generation, code: 1006 });
        }
    }

    pub fn reconnect(&mut self) {
        self.reachable = true;
        self.feed(Input::RetryNow);
        self.pass(1_000);
    }

    pub fn create(&mut self, id: u32) {
        self.mutate(Act::Create { id, shelf: 0, title: format!("doc {id}") });
    }

    pub fn votes(&self, id: u32) -> u32 {
        match self.client.row(&Key::Doc(id)) {
            Some(Row::Doc(doc)) => doc.votes,
            _ => 0,
        }
    }

    pub fn has(&self, id: u32) -> bool {
        self.client.row(&Key::Doc(id)).is_some()
    }

    pub fn is_at_rest(&self) -> bool {
        *self.client.status() == ConnectionStatus::Live && self.client.unsent() == 0
    }

    pub fn applied(&self) -> usize {
        self.server.log().iter().filter(|entry| entry.outcome == Outcome::Applied).count()
    }
}

/// A server with nothing, whose log is another.
pub fn empty_server(epoch: u128) -> MemoryStore<Notes> {
    MemoryStore::new(Epoch(Uuid::from_u128(epoch)))
}

/// What somebody else did.
pub fn another_client(server: &mut MemoryStore<Notes>, seq: u64, act: Act) {
    let body = Body::Mutate(Mutation { stamp: 1_000 + seq, act });
    server.settle(&0, ClientId(Uuid::from_u128(8)), 1, &Pushed { seq, nonce: 0, body, bases: Vec::new() });
}
