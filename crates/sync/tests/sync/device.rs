//! A client with its store, driven by hand: what it asks for is done at once, in order.

use holdfast_sync::{
    ClientId, Schema, SyncCursor,
    client::{
        Batch, CLIENT_KEY, Claim, Committed, Config, Input, LocalId, Notice, Now, Op, Output, Restored, SyncClient,
        Table, outbox_key, outbox_seq, read_client,
    },
    protocol::{ClientFrame, Limits, ServerFrame, VERSION, Welcome},
};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

/// The records of a profile.
#[derive(Clone, Default, Debug)]
pub struct Store {
    pub tables: BTreeMap<(Table, String), Vec<u8>>,
    pub last_seq: u64,
}

impl Store {
    /// The profile's id, where the engine wrote one.
    fn client(&self) -> Option<ClientId> {
        read_client(self.tables.get(&(Table::Meta, CLIENT_KEY.to_owned()))?)
    }

    fn next_seq(&self) -> u64 {
        self.last_seq.saturating_add(1)
    }

    /// The records of a table.
    pub fn table(&self, table: Table) -> Vec<(String, Vec<u8>)> {
        let records = self.tables.iter().filter(|((of, _), _)| *of == table);
        records.map(|((_, key), value)| (key.clone(), value.clone())).collect()
    }

    /// Writes a batch.
    pub fn write(&mut self, batch: Batch) -> Committed {
        let first_seq = if batch.enqueue.is_empty() { 0 } else { self.last_seq + 1 };
        for record in batch.enqueue {
            self.last_seq += 1;
            self.tables.insert((Table::Outbox, outbox_key(self.last_seq)), record);
        }
        for op in batch.ops {
            match op {
                Op::Put { table, key, value } => drop(self.tables.insert((table, key), value)),
                Op::Delete { table, key } => drop(self.tables.remove(&(table, key))),
                Op::DeletePrefix { table, prefix } => {
                    self.tables.retain(|(of, key), _| *of != table || !key.starts_with(&prefix));
                }
            }
        }
        Committed { first_seq }
    }
}

/// A client with its store.
pub struct Device<S: Schema> {
    pub client: SyncClient<S>,
    pub store: Store,
    /// Frames sent and not taken.
    pub sent: VecDeque<String>,
    /// All that the user was told.
    pub notices: Vec<Notice>,
    /// While set, nothing asked of the store is done.
    pub is_store_held: bool,
    held: VecDeque<Batch>,
    now: Now,
    socket: Option<u64>,
}

impl<S: Schema> fmt::Debug for Device<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("store", &self.store).field("sent", &self.sent).finish_non_exhaustive()
    }
}

impl<S: Schema> Device<S> {
    /// Opens a profile whose client id is `id`, unless its store holds another, as the tab that leads.
    pub fn open(id: ClientId, actor: S::Actor, store: Store) -> Self {
        Self::open_on(id, actor, store, true)
    }

    /// The same, on a store that outlasts the page or does not.
    pub fn open_on(id: ClientId, actor: S::Actor, store: Store, lasting: bool) -> Self {
        let mut device = Self {
            client: SyncClient::new(Config::new(actor), 7),
            store,
            sent: VecDeque::new(),
            notices: Vec::new(),
            is_store_held: false,
            held: VecDeque::new(),
            now: Now { mono_ms: 1_000, wall_ms: 1_700_000_000_000 },
            socket: None,
        };
        let client = device.store.client().unwrap_or(id);
        let outbox = device.store.table(Table::Outbox);
        let last = outbox.iter().filter_map(|(key, _)| outbox_seq(key)).max().unwrap_or_default();
        device.store.last_seq = device.store.last_seq.max(last);
        device.feed(Input::Restored(Restored {
            client,
            next_seq: device.store.next_seq(),
            meta: device.store.table(Table::Meta),
            outbox,
            tray: device.store.table(Table::Tray),
            lasting,
        }));
        device.lead(1);
        device.feed(Input::Hydrated(device.store.table(Table::Rows)));
        device.feed(Input::HydrateDone(device.store.table(Table::Meta)));
        device
    }

    /// Tells the client something, and does what it then asks for.
    pub fn feed(&mut self, input: Input<S>) {
        self.client.handle(self.now, input);
        self.carry_out();
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        self.now.mono_ms = self.now.mono_ms.saturating_add(ms);
        self.now.wall_ms = self.now.wall_ms.saturating_add_unsigned(ms);
        self.feed(Input::Tick);
    }

    /// What the server says, where there is a socket.
    pub fn hear(&mut self, frame: &ServerFrame<S>) {
        self.hear_text(&frame.encode());
    }

    /// The same, read by whatever carried it.
    pub fn hear_read(&mut self, frame: ServerFrame<S>) {
        if let Some(generation) = self.socket {
            self.feed(Input::Heard { generation, frame });
        }
    }

    /// The same, as text.
    pub fn hear_text(&mut self, text: &str) {
        if let Some(generation) = self.socket {
            self.feed(Input::Frame { generation, text: text.to_owned() });
        }
    }

    /// This tab leads from here on.
    pub fn lead(&mut self, lead: u64) {
        let client = self.store.client().or(self.client.client()).expect("it was opened");
        self.feed(Input::Lead(Some(Claim { lead, client, next_seq: self.store.next_seq() })));
    }

    /// The socket ends.
    pub fn cut(&mut self, code: u16) {
        if let Some(generation) = self.socket.take() {
            self.feed(Input::SocketClosed { generation, code });
        }
    }

    /// Connects, and is welcomed at that cursor.
    pub fn welcome(&mut self, cursor: SyncCursor, settled: u64) {
        self.welcome_with(Welcome {
            version: VERSION,
            cursor,
            head: cursor.seq,
            settled,
            resync: None,
            now_ms: self.now.wall_ms,
            access: 1,
            limits: Limits::default(),
        });
    }

    /// Connects, and is welcomed so.
    pub fn welcome_with(&mut self, welcome: Welcome) {
        self.feed(Input::RetryNow);
        self.hear(&ServerFrame::Welcome(welcome));
    }

    /// The user does something.
    pub fn mutate(&mut self, mutation: S::Mutation) -> Option<LocalId> {
        let made = self.client.mutate(self.now, mutation);
        self.carry_out();
        made.ok()
    }

    /// Lets the store do what it was asked for meanwhile.
    pub fn release_store(&mut self) {
        self.is_store_held = false;
        while let Some(batch) = self.held.pop_front() {
            self.persist(batch);
        }
        self.carry_out();
    }

    /// The frames sent since this was last asked.
    pub fn take_sent(&mut self) -> Vec<ClientFrame<S>> {
        self.sent.drain(..).map(|text| ClientFrame::decode(&text).expect("it speaks the protocol")).collect()
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Connect { generation } => {
                    self.socket = Some(generation);
                    self.client.handle(self.now, Input::SocketOpened { generation });
                }
                Output::Disconnect { generation } => {
                    self.socket.take_if(|open| *open == generation);
                }
                Output::Send { generation, text } if self.socket == Some(generation) => self.sent.push_back(text),
                Output::Persist(batch) if self.is_store_held => self.held.push_back(batch),
                Output::Persist(batch) => self.persist(batch),
                Output::ReadOutbox => {
                    self.client.handle(self.now, Input::OutboxRead(Ok(self.store.table(Table::Outbox))));
                }
                Output::Notice(notice) => self.notices.push(notice),
                _ => {}
            }
        }
    }

    fn persist(&mut self, batch: Batch) {
        let id = batch.id;
        let committed = self.store.write(batch);
        self.client.handle(self.now, Input::Persisted { batch: id, result: Ok(committed) });
    }
}
