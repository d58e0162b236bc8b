//! A device's store: what is committed survives a crash, what waits does so only as far
//! as the crash lets it.

use holdfast_sync::{
    ClientId,
    client::{Batch, CLIENT_KEY, Committed, Op, Restored, Table, outbox_key},
};
use std::collections::{BTreeMap, VecDeque};

/// One device's store.
#[derive(Clone, Debug)]
pub struct Store {
    client: ClientId,
    next_seq: u64,
    tables: BTreeMap<(Table, String), Vec<u8>>,
    /// Batches given and not yet committed, in order.
    pub waiting: VecDeque<Batch>,
}

impl Store {
    /// An empty one, made with that client id.
    pub fn new(client: ClientId) -> Self {
        Self { client, next_seq: 1, tables: BTreeMap::new(), waiting: VecDeque::new() }
    }

    /// Commits the batch that waits longest.
    pub fn commit(&mut self) -> Option<(Batch, Committed)> {
        let batch = self.waiting.pop_front()?;
        let first_seq = if batch.enqueue.is_empty() { 0 } else { self.next_seq };
        for record in &batch.enqueue {
            self.tables.insert((Table::Outbox, outbox_key(self.next_seq)), record.clone());
            self.next_seq += 1;
        }
        for op in &batch.ops {
            match op {
                Op::Put { table, key, value } => {
                    self.tables.insert((*table, key.clone()), value.clone());
                }
                Op::Delete { table, key } => {
                    self.tables.remove(&(*table, key.clone()));
                }
                Op::DeletePrefix { table, prefix } => {
                    self.tables.retain(|(of, key), _| of != table || !key.starts_with(prefix));
                }
            }
        }
        Some((batch, Committed { first_seq }))
    }

    /// The device stops: of what waits, the first `survive` batches had been committed.
    pub fn crash(&mut self, survive: usize) -> Vec<(Batch, Committed)> {
        let done = (0..survive).map_while(|_| self.commit()).collect();
        self.waiting.clear();
        done
    }

    /// The profile's id: what the engine last wrote, else what the store was made with.
    fn client(&self) -> ClientId {
        let written = self.tables.get(&(Table::Meta, CLIENT_KEY.to_owned()));
        let text = written.and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.and_then(|text| text.parse().ok()).map_or(self.client, ClientId)
    }

    /// What a client starts with, except the rows.
    pub fn restored(&self) -> Restored {
        Restored {
            client: self.client(),
            next_seq: self.next_seq,
            meta: self.table(Table::Meta),
            outbox: self.table(Table::Outbox),
            tray: self.table(Table::Tray),
        }
    }

    /// All records of a table.
    pub fn table(&self, table: Table) -> Vec<(String, Vec<u8>)> {
        let records = self.tables.iter().filter(|((of, _), _)| *of == table);
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
}
