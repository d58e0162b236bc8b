//! A device's store: what is committed survives a crash of a tab; what was committed without
//! `strict` may be lost where the device itself goes down.

use holdfast_sync::{
    ClientId,
    client::{
        Batch, CLIENT_KEY, Claim, Committed, Op, Restored, StoreFault, Table, fingerprint, outbox_key, read_client,
    },
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Records with their keys.
pub type Records = Vec<(String, Vec<u8>)>;

/// The records of a commit as they were before it.
type Undo = Vec<(Table, String, Option<Vec<u8>>)>;

/// One device's store.
#[derive(Clone, Debug)]
pub struct Store {
    client: ClientId,
    next_seq: u64,
    lead: u64,
    tables: BTreeMap<(Table, String), Vec<u8>>,
    /// What takes back each commit since the last strict one: the records as they were.
    undo: Vec<Undo>,
    /// The stamp of the mutation that each number was given to last.
    numbered: BTreeMap<u64, u64>,
}

impl Store {
    /// An empty one, made with that client id.
    pub fn new(client: ClientId) -> Self {
        Self { client, next_seq: 1, lead: 0, tables: BTreeMap::new(), undo: Vec::new(), numbered: BTreeMap::new() }
    }

    /// Commits a batch.
    ///
    /// # Errors
    /// Where it was made under another lead than the present one.
    pub fn write(&mut self, batch: &Batch) -> Result<Committed, StoreFault> {
        if batch.lead.is_some_and(|lead| lead != self.lead) {
            return Err(StoreFault::NotLeading);
        }
        let is_as = |(key, expected): &(String, u64)| {
            self.tables.get(&(Table::Outbox, key.clone())).map(|record| fingerprint(record)) == Some(*expected)
        };
        if !batch.expect.iter().all(is_as) {
            return Err(StoreFault::Stale);
        }
        let first_seq = if batch.enqueue.is_empty() { 0 } else { self.next_seq };
        let mut undo = Vec::new();
        for record in &batch.enqueue {
            let stamp = Stamped::read(record).and_then(|stamped| stamped.stamp);
            self.numbered.extend(stamp.map(|stamp| (self.next_seq, stamp)));
            self.put(&mut undo, Table::Outbox, outbox_key(self.next_seq), Some(record.clone()));
            self.next_seq += 1;
        }
        for op in &batch.ops {
            match op {
                Op::Put { table, key, value } => self.put(&mut undo, *table, key.clone(), Some(value.clone())),
                Op::Delete { table, key } => self.put(&mut undo, *table, key.clone(), None),
                Op::DeletePrefix { table, prefix } => {
                    let keys: Vec<String> = self.table(*table).into_iter().map(|(key, _)| key).collect();
                    for key in keys.into_iter().filter(|key| key.starts_with(prefix)) {
                        self.put(&mut undo, *table, key, None);
                    }
                }
            }
        }
        match batch.strict {
            true => self.undo.clear(),
            false => self.undo.push(undo),
        }
        Ok(Committed { first_seq })
    }

    fn put(&mut self, undo: &mut Undo, table: Table, key: String, value: Option<Vec<u8>>) {
        let at = (table, key);
        let before = match value {
            Some(value) => self.tables.insert(at.clone(), value),
            None => self.tables.remove(&at),
        };
        undo.push((at.0, at.1, before));
    }

    /// Commits that would be lost if the device went down now, at most.
    pub fn loose(&self) -> usize {
        self.undo.len()
    }

    /// The device goes down: the last `lost` commits that were not strict are gone.
    pub fn lose(&mut self, lost: usize) {
        for _ in 0..lost {
            for (table, key, before) in self.undo.pop().into_iter().flatten().rev() {
                match before {
                    Some(value) => self.tables.insert((table, key), value),
                    None => self.tables.remove(&(table, key)),
                };
            }
        }
        self.undo.clear();
    }

    /// Another tab leads from here on, under a number of its own.
    pub fn claim_lead(&mut self) -> Claim {
        self.lead += 1;
        Claim { lead: self.lead, client: self.client(), next_seq: self.next_seq }
    }

    /// The profile's id: what the engine last wrote, else what the store was made with.
    pub fn client(&self) -> ClientId {
        let written = self.tables.get(&(Table::Meta, CLIENT_KEY.to_owned()));
        written.and_then(|record| read_client(record)).unwrap_or(self.client)
    }

    /// What a client starts with, except the rows.
    pub fn restored(&self) -> Restored {
        Restored {
            client: self.client(),
            next_seq: self.next_seq,
            meta: self.table(Table::Meta),
            outbox: self.table(Table::Outbox),
            tray: self.table(Table::Tray),
            lasting: true,
        }
    }

    /// All records of a table.
    pub fn table(&self, table: Table) -> Records {
        self.page(table, None, usize::MAX)
    }

    /// The records of a table behind a key, at most so many.
    pub fn page(&self, table: Table, after: Option<&str>, limit: usize) -> Records {
        let records = self.tables.range((table, after.unwrap_or_default().to_owned())..);
        let records = records.take_while(|((of, _), _)| *of == table);
        let records = records.filter(|((_, key), _)| after.is_none_or(|after| key.as_str() > after)).take(limit);
        records.map(|((_, key), value)| (key.clone(), value.clone())).collect()
    }

    /// Whether a table has a record.
    pub fn has(&self, table: Table, key: &str) -> bool {
        self.tables.contains_key(&(table, key.to_owned()))
    }

    /// Flips a bit of a record.
    pub fn spoil(&mut self, table: Table, key: &str) {
        if let Some(byte) = self.tables.get_mut(&(table, key.to_owned())).and_then(|record| record.last_mut()) {
            *byte ^= 1;
        }
    }

    /// The stamp of the mutation of that number.
    pub(crate) fn stamp_of(&self, seq: u64) -> Option<u64> {
        self.numbered.get(&seq).copied()
    }

    /// The stamps of all mutations it keeps: in the outbox and in the tray.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = u64> {
        let kept = self.tables.iter().filter(|((table, _), _)| matches!(table, Table::Outbox | Table::Tray));
        kept.filter_map(|(_, record)| Stamped::read(record)?.stamp)
    }
}

/// What the checkers read of an outbox or tray record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamped {
    pub(crate) nonce: u64,
    /// None where it was taken back.
    pub(crate) stamp: Option<u64>,
}

/// Bytes before a record's JSON: format number and checksum.
const HEADER_BYTES: usize = 9;

impl Stamped {
    pub(crate) fn read(record: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Record {
            #[serde(default)]
            nonce: u64,
            body: Body,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Body {
            Mutate(Mutation),
            Void,
        }
        #[derive(Deserialize)]
        struct Mutation {
            stamp: u64,
        }
        let record: Record = serde_json::from_slice(record.get(HEADER_BYTES..)?).ok()?;
        let stamp = match record.body {
            Body::Mutate(mutation) => Some(mutation.stamp),
            Body::Void => None,
        };
        Some(Self { nonce: record.nonce, stamp })
    }
}
