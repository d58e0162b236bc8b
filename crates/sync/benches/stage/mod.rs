//! A connected client with rows, and a store that does at once what it is asked for.

use crate::schema::{Mutation, Row, Scope, Task, Tasks};
use holdfast_sync::{
    ClientId, Epoch, Mark, Seq, Stored, SyncCursor,
    client::{Claim, Committed, Config, Input, Now, Op, Output, Restored, SyncClient, Table, outbox_key},
    protocol::{Change, ClientFrame, Limits, Patch, ServerFrame, Settled, Snapshot, Welcome},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The list that all tasks are on.
const LIST: Scope = Scope::List(1);

/// Rows of one snapshot page.
const PAGE_ROWS: usize = 500;

/// Milliseconds between two frames.
const PACE_MS: u64 = 10;

/// A connected client with rows.
#[derive(Clone)]
pub struct Stage {
    pub client: SyncClient<Tasks>,
    /// The log's head when it was welcomed.
    pub head: Seq,
    now: Now,
    generation: u64,
    records: BTreeMap<(Table, String), Vec<u8>>,
    last_seq: u64,
    subscription: u64,
}

impl Stage {
    /// With so many tasks.
    pub fn of(rows: u32) -> Self {
        let mut stage = Self {
            client: SyncClient::new(Config::new(5), 7),
            head: Seq::from(rows).max(1),
            now: Now { mono_ms: 1_000, wall_ms: 1_700_000_000_000 },
            generation: 0,
            records: BTreeMap::new(),
            last_seq: 0,
            subscription: 0,
        };
        stage.start();
        stage.feed(Input::Subscribe(LIST));
        let epoch = Epoch(Uuid::from_u128(1));
        stage.hear(&ServerFrame::Welcome(Welcome {
            version: 1,
            cursor: SyncCursor { epoch, seq: stage.head, mark: Mark(0) },
            head: stage.head,
            settled: 0,
            resync: None,
            now_ms: 1_700_000_000_000,
            access: 1,
            limits: Limits::default(),
        }));
        let all: Vec<Stored<Tasks>> = (0..rows).map(|id| stage.task(id, "a title as long as titles are", 1)).collect();
        let (mut after, id) = (None, stage.subscription);
        let pages = all.chunks(PAGE_ROWS).count();
        for (number, page) in all.chunks(PAGE_ROWS).enumerate() {
            let last = page.last().map(|stored| <Tasks as holdfast_sync::Schema>::key(&stored.row));
            stage.hear(&ServerFrame::Snapshot(Snapshot {
                scope: LIST,
                id,
                live_from: stage.head,
                after: after.take(),
                as_of: stage.head,
                mark: None,
                rows: page.to_vec(),
                next: last.clone().filter(|_| number + 1 < pages),
                total: rows.into(),
            }));
            after = last;
        }
        assert_eq!(stage.client.confirmed_keys().count(), rows as usize, "all is held");
        stage
    }

    /// A confirmed task.
    pub fn task(&self, id: u32, title: &str, seq: Seq) -> Stored<Tasks> {
        let row = Row::Task(Task { id, list: 1, title: title.to_owned(), tags: [1, 2, 3].into() });
        Stored { seq, born: 1, versions: BTreeMap::new(), row }
    }

    /// The text of the patch that is so many positions behind the welcome.
    pub fn patch(&self, step: u64, settled: Option<Settled>, changes: Vec<Change<Tasks>>) -> String {
        let (from, to) = (self.head + step - 1, self.head + step);
        ServerFrame::Patch(Patch { from, to, mark: Mark(to.into()), rights: 0, settled, changes, totals: Vec::new() })
            .encode()
    }

    /// The nonce of an unsettled mutation, as it was stored.
    pub fn nonce(&self, seq: u64) -> u64 {
        let record = &self.records[&(Table::Outbox, outbox_key(seq))];
        let record: serde_json::Value = serde_json::from_slice(&record[9..]).expect("records are JSON");
        record["nonce"].as_u64().expect("it is a number")
    }

    /// The user edits.
    pub fn mutate(&mut self, mutation: Mutation) {
        self.client.mutate(self.now, mutation).expect("it makes sense on these rows");
        self.carry_out();
    }

    /// How long it takes to take these frames in.
    pub fn hear_all(&mut self, texts: Vec<String>) -> Duration {
        let before = self.client.cursor().map_or(0, |cursor| cursor.seq);
        let count = texts.len() as u64;
        let took = self.timed(|stage| {
            for text in texts {
                stage.now.mono_ms += PACE_MS;
                stage.feed(Input::Frame { generation: stage.generation, text });
            }
        });
        assert_eq!(self.client.cursor().map_or(0, |cursor| cursor.seq), before + count, "each was taken in");
        took
    }

    /// How long something takes.
    pub fn timed(&mut self, work: impl FnOnce(&mut Self)) -> Duration {
        let begun = Instant::now();
        work(self);
        begun.elapsed()
    }

    /// How long a new client takes to read what this one stored.
    pub fn restart_time(&self) -> Duration {
        let mut next = self.clone();
        next.client = SyncClient::new(Config::new(5), 7);
        let took = next.timed(Self::start);
        assert_eq!(next.client.unsent(), self.client.unsent(), "all is there again");
        took
    }

    fn start(&mut self) {
        let table = |of: Table| -> Vec<(String, Vec<u8>)> {
            let records = self.records.iter().filter(|((table, _), _)| *table == of);
            records.map(|((_, key), value)| (key.clone(), value.clone())).collect()
        };
        let (client, next_seq) = (ClientId(Uuid::from_u128(2)), self.last_seq + 1);
        let (meta, outbox) = (table(Table::Meta), table(Table::Outbox));
        let rows = table(Table::Rows);
        self.feed(Input::Lead(Some(Claim { lead: 1, client, next_seq })));
        self.feed(Input::Restored(Restored {
            client,
            next_seq,
            meta: meta.clone(),
            outbox,
            tray: Vec::new(),
            lasting: true,
        }));
        self.feed(Input::Hydrated(rows));
        self.feed(Input::HydrateDone(meta));
    }

    fn hear(&mut self, frame: &ServerFrame<Tasks>) {
        self.now.mono_ms += PACE_MS;
        self.feed(Input::Frame { generation: self.generation, text: frame.encode() });
    }

    fn feed(&mut self, input: Input<Tasks>) {
        self.client.handle(self.now, input);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Connect { generation } => {
                    self.generation = generation;
                    self.client.handle(self.now, Input::SocketOpened { generation });
                }
                Output::Send { text, .. } => {
                    // Pushes are long, and nobody answers them.
                    if text.starts_with("{\"subscribe\"")
                        && let Ok(ClientFrame::<Tasks>::Subscribe(subscribe)) = ClientFrame::decode(&text)
                    {
                        self.subscription = subscribe.id;
                    }
                }
                Output::Persist(batch) => {
                    let first_seq = self.last_seq + 1;
                    for record in batch.enqueue {
                        self.last_seq += 1;
                        self.records.insert((Table::Outbox, outbox_key(self.last_seq)), record);
                    }
                    for op in batch.ops {
                        match op {
                            Op::Put { table, key, value } => drop(self.records.insert((table, key), value)),
                            Op::Delete { table, key } => drop(self.records.remove(&(table, key))),
                            Op::DeletePrefix { .. } => {}
                        }
                    }
                    let result = Ok(Committed { first_seq });
                    self.client.handle(self.now, Input::Persisted { batch: batch.id, result });
                }
                _ => {}
            }
        }
    }
}
