//! Databases that last as long as the page.

use super::{Backend, OpenFault, Opened, Records, Store};
use futures::{FutureExt, future::LocalBoxFuture};
use holdfast_sync::{
    ClientId,
    client::{
        Batch, CLIENT_KEY, Claim, Committed, Op, Restored, StoreFault, Table, client_record, fingerprint, outbox_key,
        read_client,
    },
};
use std::{cell::RefCell, collections::BTreeMap, ops::Bound, rc::Rc};

/// Databases in memory, by name. Clones hold the same ones.
#[derive(Clone, Default)]
pub struct MemoryBackend {
    databases: Rc<RefCell<BTreeMap<String, Database>>>,
}

type Database = Rc<RefCell<Data>>;

#[derive(Clone, Default)]
struct Data {
    /// The number the next mutation gets; 0 where nothing was made yet, or all was wiped.
    next_seq: u64,
    lead: u64,
    tables: BTreeMap<Table, BTreeMap<String, Vec<u8>>>,
}

impl Backend for MemoryBackend {
    fn open<'a>(&'a self, name: &'a str, proposed: ClientId) -> LocalBoxFuture<'a, Result<Opened, OpenFault>> {
        let database = self.databases.borrow_mut().entry(name.to_owned()).or_default().clone();
        let restored = database.borrow_mut().restore(proposed);
        async move { Ok(Opened { store: Rc::new(MemoryStore(database)), restored }) }.boxed_local()
    }
}

/// One handle on a database in memory.
struct MemoryStore(Database);

impl Store for MemoryStore {
    fn scan(&self, table: Table, after: Option<String>, limit: u32) -> LocalBoxFuture<'_, Result<Records, StoreFault>> {
        async move {
            let data = self.0.borrow();
            let Some(records) = data.tables.get(&table) else { return Ok(Vec::new()) };
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let page = records.range((from, Bound::Unbounded)).take(limit as usize);
            Ok(page.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        .boxed_local()
    }

    fn commit(&self, batch: Batch) -> LocalBoxFuture<'_, Result<Committed, StoreFault>> {
        async move { self.0.borrow_mut().commit(batch) }.boxed_local()
    }

    fn claim_lead(&self) -> LocalBoxFuture<'_, Result<Claim, StoreFault>> {
        async move {
            let mut data = self.0.borrow_mut();
            let client = data.tables.get(&Table::Meta).and_then(|meta| read_client(meta.get(CLIENT_KEY)?));
            let client = client.ok_or(StoreFault::Broken)?;
            data.lead += 1;
            Ok(Claim { lead: data.lead, client, next_seq: data.next_seq })
        }
        .boxed_local()
    }

    fn wipe(&self) -> LocalBoxFuture<'_, Result<(), StoreFault>> {
        async move {
            *self.0.borrow_mut() = Data::default();
            Ok(())
        }
        .boxed_local()
    }
}

impl Data {
    fn restore(&mut self, proposed: ClientId) -> Restored {
        self.next_seq = self.next_seq.max(1);
        let meta = self.tables.entry(Table::Meta).or_default();
        let client = meta.get(CLIENT_KEY).and_then(|record| read_client(record)).unwrap_or(proposed);
        meta.insert(CLIENT_KEY.to_owned(), client_record(client));
        let all = |table| self.tables.get(&table).cloned().unwrap_or_default().into_iter().collect();
        Restored {
            client,
            next_seq: self.next_seq,
            meta: all(Table::Meta),
            outbox: all(Table::Outbox),
            tray: all(Table::Tray),
            lasting: true,
        }
    }

    fn commit(&mut self, batch: Batch) -> Result<Committed, StoreFault> {
        if batch.lead.is_some_and(|lead| lead != self.lead) {
            return Err(StoreFault::NotLeading);
        }
        let outbox = self.tables.get(&Table::Outbox);
        let is_as = |(key, expected): &(String, u64)| {
            outbox.and_then(|outbox| outbox.get(key)).map(|record| fingerprint(record)) == Some(*expected)
        };
        if !batch.expect.iter().all(is_as) {
            return Err(StoreFault::Stale);
        }
        let mut committed = Committed::default();
        if !batch.enqueue.is_empty() {
            if self.next_seq == 0 {
                return Err(StoreFault::Broken);
            }
            committed.first_seq = self.next_seq;
            for record in batch.enqueue {
                self.tables.entry(Table::Outbox).or_default().insert(outbox_key(self.next_seq), record);
                self.next_seq += 1;
            }
        }
        for op in batch.ops {
            match op {
                Op::Put { table, key, value } => {
                    self.tables.entry(table).or_default().insert(key, value);
                }
                Op::Delete { table, key } => {
                    self.tables.entry(table).or_default().remove(&key);
                }
                Op::DeletePrefix { table, prefix } => {
                    self.tables.entry(table).or_default().retain(|key, _| !key.starts_with(&prefix));
                }
            }
        }
        Ok(committed)
    }
}
