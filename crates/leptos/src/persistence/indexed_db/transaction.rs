//! One transaction a function.

use super::{
    super::Records,
    connection::{Connection, LEAD, SEQUENCE, name_of},
};
use holdfast_sync::{
    ClientId,
    client::{
        Batch, CLIENT_KEY, Claim, Committed, Op, Restored, StoreFault, Table, client_record, fingerprint, outbox_key,
        outbox_seq, read_client,
    },
};
use indexed_db_futures::{
    KeyRange,
    error::Error,
    future::Request,
    object_store::ObjectStore,
    prelude::*,
    transaction::{
        Transaction, TransactionDone, TransactionDurability, TransactionFinishKind, TransactionMode, TransactionOptions,
    },
    typed_array::{Uint8Array, Uint8ArraySlice},
};
use std::collections::BTreeSet;

/// Why a transaction came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The connection is closed: nothing was tried.
    #[error("the connection is closed ({0})")]
    NotBegun(Error),
    /// A request or the whole was aborted, for this reason where the browser gave one.
    #[error("{}", .0.as_ref().map_or_else(|| "aborted".to_owned(), ToString::to_string))]
    Aborted(Option<Error>),
    /// Another tab leads.
    #[error("another tab leads")]
    NotLeading,
    /// Another tab was first.
    #[error("another tab has changed a record")]
    Stale,
    /// The database was wiped since.
    #[error("it was emptied")]
    Wiped,
}

impl Failure {
    pub(super) fn fault(&self) -> StoreFault {
        match self {
            Self::Aborted(Some(Error::DomException(exception))) if name_of(exception) == "QuotaExceededError" => {
                StoreFault::Full
            }
            Self::NotLeading => StoreFault::NotLeading,
            Self::Stale => StoreFault::Stale,
            _ => StoreFault::Broken,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Aborted(Some(error))
    }
}

/// Gives what the database holds; one that holds nothing is made the profile of `proposed`.
pub(super) async fn restore(connection: &Connection, proposed: ClientId) -> Result<Restored, Failure> {
    let stores = [Table::Meta.name(), Table::Outbox.name(), Table::Tray.name(), SEQUENCE];
    // Strict is for edits: a profile that is lost with everything after it does no harm.
    let (transaction, done) = begin(connection, stores.into(), TransactionMode::Readwrite, false)?;
    let all = async |table: Table| records(&transaction.object_store(table.name())?, None, u32::MAX).await;
    let mut meta = all(Table::Meta).await?;
    let outbox = all(Table::Outbox).await?;
    let tray = all(Table::Tray).await?;
    let sequence = transaction.object_store(SEQUENCE)?;
    let stored_seq = number(&sequence, SEQUENCE).await?;
    let last_seq = outbox.last().and_then(|(key, _)| outbox_seq(key)).unwrap_or_default();
    let next_seq = stored_seq.unwrap_or(1).max(last_seq + 1);
    if stored_seq != Some(next_seq) {
        put_number(&sequence, SEQUENCE, next_seq)?;
    }
    let stored_client = meta.iter().find(|(key, _)| key == CLIENT_KEY);
    let client = match stored_client.and_then(|(_, value)| read_client(value)) {
        Some(client) => client,
        None => {
            let value = client_record(proposed);
            put(&transaction.object_store(Table::Meta.name())?, CLIENT_KEY, &value)?;
            meta.retain(|(key, _)| key != CLIENT_KEY);
            meta.push((CLIENT_KEY.to_owned(), value));
            proposed
        }
    };
    complete(&transaction, done).await?;
    Ok(Restored { client, next_seq, meta, outbox, tray, lasting: true })
}

pub(super) async fn scan(
    connection: &Connection,
    table: Table,
    after: Option<&str>,
    limit: u32,
) -> Result<Records, Failure> {
    let (transaction, _) = begin(connection, [table.name()].into(), TransactionMode::Readonly, false)?;
    Ok(records(&transaction.object_store(table.name())?, after, limit).await?)
}

/// How many records are written in one task: each costs some 40 µs, and while thousands are, nothing else happens in
/// the tab. The transaction is one all the same.
const OPS_A_TASK: usize = 500;

pub(super) async fn commit(connection: &Connection, batch: &Batch) -> Result<Committed, Failure> {
    let mut stores: BTreeSet<&'static str> = batch.ops.iter().map(|op| table_of(op).name()).collect();
    if batch.lead.is_some() {
        stores.insert(LEAD);
    }
    if !batch.enqueue.is_empty() {
        stores.extend([SEQUENCE, Table::Outbox.name()]);
    }
    if !batch.expect.is_empty() {
        stores.insert(Table::Outbox.name());
    }
    if stores.is_empty() {
        return Ok(Committed::default());
    }
    let (transaction, done) = begin(connection, stores, TransactionMode::Readwrite, batch.strict)?;
    // Left early, the transaction is dropped, which aborts it.
    if let Some(lead) = batch.lead
        && number(&transaction.object_store(LEAD)?, LEAD).await?.unwrap_or_default() != lead
    {
        return Err(Failure::NotLeading);
    }
    for (key, expected) in &batch.expect {
        let outbox = transaction.object_store(Table::Outbox.name())?;
        let record = outbox.get::<Uint8Array, String, _>(key.clone()).primitive()?.await?;
        if record.map(|record| fingerprint(&Vec::from(record))) != Some(*expected) {
            return Err(Failure::Stale);
        }
    }
    let mut committed = Committed::default();
    if !batch.enqueue.is_empty() {
        let sequence = transaction.object_store(SEQUENCE)?;
        let outbox = transaction.object_store(Table::Outbox.name())?;
        let first_seq = number(&sequence, SEQUENCE).await?.ok_or(Failure::Wiped)?;
        for (seq, record) in (first_seq..).zip(&batch.enqueue) {
            drop(put(&outbox, &outbox_key(seq), record)?);
        }
        put_number(&sequence, SEQUENCE, first_seq + batch.enqueue.len() as u64)?;
        committed.first_seq = first_seq;
    }
    for (op, number) in batch.ops.iter().zip(1..) {
        let store = transaction.object_store(table_of(op).name())?;
        let ends_task = number % OPS_A_TASK == 0;
        match op {
            Op::Put { key, value, .. } => {
                let request = put(&store, key, value)?;
                if ends_task {
                    request.await?;
                }
            }
            Op::Delete { key, .. } => {
                let request = store.delete::<String, _>(key.clone()).primitive()?;
                if ends_task {
                    request.await?;
                }
            }
            Op::DeletePrefix { prefix, .. } => {
                // No key goes on with U+FFFF: it is no character.
                let range = KeyRange::Bound(prefix.clone(), false, format!("{prefix}\u{ffff}"), false);
                drop(store.delete::<String, _>(range).primitive()?);
            }
        }
    }
    complete(&transaction, done).await?;
    Ok(committed)
}

pub(super) async fn claim_lead(connection: &Connection) -> Result<Claim, Failure> {
    let stores = [LEAD, SEQUENCE, Table::Meta.name()];
    let (transaction, done) = begin(connection, stores.into(), TransactionMode::Readwrite, false)?;
    let meta = records(&transaction.object_store(Table::Meta.name())?, None, u32::MAX).await?;
    let client = meta.iter().find(|(key, _)| key == CLIENT_KEY).and_then(|(_, record)| read_client(record));
    let client = client.ok_or(Failure::Wiped)?;
    let next_seq = number(&transaction.object_store(SEQUENCE)?, SEQUENCE).await?.ok_or(Failure::Wiped)?;
    let store = transaction.object_store(LEAD)?;
    let lead = number(&store, LEAD).await?.unwrap_or_default() + 1;
    put_number(&store, LEAD, lead)?;
    complete(&transaction, done).await?;
    Ok(Claim { lead, client, next_seq })
}

pub(super) async fn wipe(connection: &Connection) -> Result<(), Failure> {
    let stores: BTreeSet<&'static str> = Table::ALL.map(Table::name).into_iter().chain([SEQUENCE, LEAD]).collect();
    let (transaction, done) = begin(connection, stores.clone(), TransactionMode::Readwrite, true)?;
    for name in stores {
        drop(transaction.object_store(name)?.clear()?);
    }
    complete(&transaction, done).await
}

fn begin<'a>(
    connection: &'a Connection,
    stores: BTreeSet<&'static str>,
    mode: TransactionMode,
    strict: bool,
) -> Result<(Transaction<'a>, TransactionDone), Failure> {
    let durability = if strict { TransactionDurability::Strict } else { TransactionDurability::Relaxed };
    let mut options = TransactionOptions::new();
    options.set_durability(durability);
    let stores: Vec<&str> = stores.into_iter().collect();
    let transaction = connection.database().transaction(stores).with_mode(mode).with_options(options).build();
    let transaction = transaction.map_err(Failure::NotBegun)?;
    let done = transaction.on_done()?;
    Ok((transaction, done))
}

/// Waits until all of a transaction is written, or none of it.
async fn complete(transaction: &Transaction<'_>, done: TransactionDone) -> Result<(), Failure> {
    match done.await {
        TransactionFinishKind::Ok => Ok(()),
        TransactionFinishKind::Abort => Err(Failure::Aborted(transaction.error())),
        // A request failed; the abort that follows carries the reason.
        TransactionFinishKind::Err => {
            transaction.on_done()?.await;
            Err(Failure::Aborted(transaction.error()))
        }
    }
}

fn table_of(op: &Op) -> Table {
    match op {
        Op::Put { table, .. } | Op::Delete { table, .. } | Op::DeletePrefix { table, .. } => *table,
    }
}

async fn records(store: &ObjectStore<'_>, after: Option<&str>, limit: u32) -> Result<Records, Error> {
    let range = KeyRange::LowerBound(after.unwrap_or_default().to_owned(), after.is_some());
    let keys = store.get_all_keys::<String>().with_query::<String, _>(range.clone()).with_limit(limit).primitive()?;
    let values = store.get_all::<Uint8Array>().with_query::<String, _>(range).with_limit(limit).primitive()?;
    let (keys, values) = (keys.await?, values.await?);
    keys.zip(values).map(|(key, value)| Ok((key?, value?.into()))).collect()
}

/// Asks for it at once; the answer need not be waited for.
fn put(store: &ObjectStore<'_>, key: &str, value: &[u8]) -> Result<Request<()>, Error> {
    store.put(Uint8ArraySlice::new(value)).with_key(key).without_key_type().primitive()
}

async fn number(store: &ObjectStore<'_>, key: &str) -> Result<Option<u64>, Error> {
    store.get::<u64, String, _>(key.to_owned()).primitive()?.await
}

fn put_number(store: &ObjectStore<'_>, key: &str, value: u64) -> Result<(), Error> {
    store.put(value).with_key(key).without_key_type().primitive().map(drop)
}
