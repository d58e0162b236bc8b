//! What every store must do. A backend's test is one call of [`check`].

use crate::persistence::{Backend, Opened, Store};
use holdfast_sync::{
    ClientId,
    client::{Batch, CLIENT_KEY, Claim, Committed, Op, StoreFault, Table, fingerprint, outbox_key},
};
use uuid::Uuid;

/// Runs every case, each on a database of its own.
///
/// # Panics
/// Where the backend does not do what a store must.
pub async fn check(backend: &dyn Backend) {
    a_new_database_is_the_profile_proposed(backend).await;
    a_batch_is_all_or_nothing(backend).await;
    operations_are_carried_out_in_order(backend).await;
    mutations_are_numbered_across_handles(backend).await;
    numbers_go_on_after_entries_are_gone(backend).await;
    a_batch_that_expects_other_records_is_refused_whole(backend).await;
    only_the_last_to_claim_the_lead_leads(backend).await;
    a_prefix_ends_just_what_starts_with_it(backend).await;
    pages_follow_each_other_in_key_order(backend).await;
    what_was_written_is_there_when_opened_again(backend).await;
    bytes_are_kept_as_they_are(backend).await;
    a_wiped_database_is_a_new_one(backend).await;
    a_wiped_database_takes_nothing_from_an_old_handle(backend).await;
}

/// A database of its own for a case.
struct Database<'a> {
    backend: &'a dyn Backend,
    name: String,
}

impl<'a> Database<'a> {
    fn new(backend: &'a dyn Backend) -> Self {
        Self { backend, name: format!("conformance-{}", Uuid::now_v7()) }
    }

    async fn open(&self) -> Opened {
        self.open_as(ClientId(Uuid::now_v7())).await
    }

    async fn open_as(&self, proposed: ClientId) -> Opened {
        self.backend.open(&self.name, proposed).await.expect("the database opens")
    }
}

fn put(table: Table, key: &str, value: &str) -> Op {
    Op::Put { table, key: key.to_owned(), value: value.as_bytes().to_vec() }
}

fn ops(ops: Vec<Op>) -> Batch {
    Batch { id: 1, ops, ..Batch::default() }
}

fn enqueue(records: &[&str]) -> Batch {
    let enqueue = records.iter().map(|record| record.as_bytes().to_vec()).collect();
    Batch { id: 1, strict: true, enqueue, ..Batch::default() }
}

async fn all(store: &dyn Store, table: Table) -> Vec<(String, String)> {
    let records = store.scan(table, None, u32::MAX).await.expect("the table can be read");
    records.into_iter().map(|(key, value)| (key, String::from_utf8(value).expect("the case wrote text"))).collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

async fn a_new_database_is_the_profile_proposed(backend: &dyn Backend) {
    let database = Database::new(backend);
    let proposed = ClientId(Uuid::now_v7());
    let Opened { restored, .. } = database.open_as(proposed).await;
    assert_eq!(restored.client, proposed);
    assert_eq!(restored.next_seq, 1);
    assert_eq!(restored.meta, vec![(CLIENT_KEY.to_owned(), proposed.to_string().into_bytes())]);
    assert_eq!((restored.outbox, restored.tray), (Vec::new(), Vec::new()));
    let Opened { restored, .. } = database.open().await;
    assert_eq!(restored.client, proposed, "the second to open it finds the profile");
}

async fn a_batch_is_all_or_nothing(backend: &dyn Backend) {
    let database = Database::new(backend);
    let Opened { store, .. } = database.open().await;
    let lead = store.claim_lead().await.expect("the lead is free").lead;
    let mut batch = enqueue(&["edit"]);
    batch.ops = vec![put(Table::Rows, "a", "1"), put(Table::Meta, "m", "1")];
    batch.lead = Some(lead + 1);
    assert_eq!(store.commit(batch.clone()).await, Err(StoreFault::NotLeading));
    assert!(all(&*store, Table::Rows).await.is_empty());
    assert!(all(&*store, Table::Outbox).await.is_empty());
    batch.lead = Some(lead);
    assert_eq!(store.commit(batch).await, Ok(Committed { first_seq: 1 }), "the refused batch took no number");
    assert_eq!(all(&*store, Table::Rows).await, [pair("a", "1")]);
    assert_eq!(all(&*store, Table::Outbox).await, [pair(&outbox_key(1), "edit")]);
}

async fn operations_are_carried_out_in_order(backend: &dyn Backend) {
    let Opened { store, .. } = Database::new(backend).open().await;
    let delete = |key: &str| Op::Delete { table: Table::Rows, key: key.to_owned() };
    let batch = ops(vec![
        put(Table::Rows, "a", "1"),
        put(Table::Rows, "a", "2"),
        put(Table::Rows, "b", "1"),
        delete("b"),
        delete("c"),
        put(Table::Rows, "c", "1"),
        Op::DeletePrefix { table: Table::Rows, prefix: "d".to_owned() },
        put(Table::Rows, "d", "1"),
    ]);
    assert_eq!(store.commit(batch).await, Ok(Committed { first_seq: 0 }));
    assert_eq!(all(&*store, Table::Rows).await, [pair("a", "2"), pair("c", "1"), pair("d", "1")]);
    assert_eq!(store.commit(Batch::default()).await, Ok(Committed::default()), "an empty batch is none");
}

async fn mutations_are_numbered_across_handles(backend: &dyn Backend) {
    let database = Database::new(backend);
    let (one, other) = (database.open().await.store, database.open().await.store);
    let first = one.commit(enqueue(&["a", "b"])).await;
    let second = other.commit(enqueue(&["c"])).await;
    assert_eq!((first, second), (Ok(Committed { first_seq: 1 }), Ok(Committed { first_seq: 3 })));
    let (left, right) = futures::join!(one.commit(enqueue(&["d"])), other.commit(enqueue(&["e", "f"])));
    let mut numbers: Vec<u64> = [left, right].map(|done| done.expect("both are written").first_seq).to_vec();
    numbers.sort_unstable();
    assert!(numbers == [4, 5] || numbers == [4, 6], "{numbers:?}");
    let records = all(&*one, Table::Outbox).await;
    let keys: Vec<String> = records.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, (1..=6).map(outbox_key).collect::<Vec<_>>(), "dense, none twice");
}

async fn numbers_go_on_after_entries_are_gone(backend: &dyn Backend) {
    let database = Database::new(backend);
    let Opened { store, .. } = database.open().await;
    store.commit(enqueue(&["a", "b"])).await.expect("it is written");
    let gone = [1, 2].map(|seq| Op::Delete { table: Table::Outbox, key: outbox_key(seq) });
    store.commit(ops(gone.to_vec())).await.expect("it is written");
    drop(store);
    let Opened { store, restored } = database.open().await;
    assert_eq!(restored.next_seq, 3);
    assert_eq!(store.commit(enqueue(&["c"])).await, Ok(Committed { first_seq: 3 }));
}

async fn a_batch_that_expects_other_records_is_refused_whole(backend: &dyn Backend) {
    let database = Database::new(backend);
    let Opened { store, .. } = database.open().await;
    store.commit(enqueue(&["edit"])).await.expect("it is written");
    let expecting = |record: &str| Batch {
        expect: vec![(outbox_key(1), fingerprint(record.as_bytes()))],
        ..ops(vec![put(Table::Outbox, &outbox_key(1), "marked"), put(Table::Tray, "t", "1")])
    };
    assert_eq!(store.commit(expecting("another")).await, Err(StoreFault::Stale));
    assert_eq!(all(&*store, Table::Outbox).await, [pair(&outbox_key(1), "edit")]);
    assert!(all(&*store, Table::Tray).await.is_empty());
    assert!(store.commit(expecting("edit")).await.is_ok());
    assert_eq!(all(&*store, Table::Outbox).await, [pair(&outbox_key(1), "marked")]);
    store.commit(ops(vec![Op::Delete { table: Table::Outbox, key: outbox_key(1) }])).await.expect("it is ended");
    assert_eq!(store.commit(expecting("marked")).await, Err(StoreFault::Stale), "what is gone does not come back");
    assert!(all(&*store, Table::Outbox).await.is_empty());
}

async fn only_the_last_to_claim_the_lead_leads(backend: &dyn Backend) {
    let database = Database::new(backend);
    let (one, other) = (database.open().await.store, database.open().await.store);
    let first = one.claim_lead().await.expect("the lead can be claimed").lead;
    let under = |lead| Batch { lead: Some(lead), ..ops(vec![put(Table::Rows, "a", "1")]) };
    assert!(one.commit(under(first)).await.is_ok());
    let second = other.claim_lead().await.expect("the lead can be claimed").lead;
    assert!(second > first);
    assert_eq!(one.commit(under(first)).await, Err(StoreFault::NotLeading));
    assert!(other.commit(under(second)).await.is_ok());
    assert!(one.commit(enqueue(&["any tab writes the outbox"])).await.is_ok());
}

async fn a_prefix_ends_just_what_starts_with_it(backend: &dyn Backend) {
    let Opened { store, .. } = Database::new(backend).open().await;
    let keys = ["1", "1/", "1/a", "1/é", "1/\u{fffd}", "1/😀", "10", "2/a"];
    store.commit(ops(keys.map(|key| put(Table::Rows, key, "x")).to_vec())).await.expect("it is written");
    store.commit(ops(vec![put(Table::Meta, "1/a", "x")])).await.expect("it is written");
    let batch = ops(vec![Op::DeletePrefix { table: Table::Rows, prefix: "1/".to_owned() }]);
    store.commit(batch).await.expect("it is written");
    assert_eq!(all(&*store, Table::Rows).await, [pair("1", "x"), pair("10", "x"), pair("2/a", "x")]);
    assert!(all(&*store, Table::Meta).await.contains(&pair("1/a", "x")), "another table's");
}

async fn pages_follow_each_other_in_key_order(backend: &dyn Backend) {
    let Opened { store, .. } = Database::new(backend).open().await;
    let keys: Vec<String> = (0..25).rev().map(|number| format!("{number:04}")).collect();
    store.commit(ops(keys.iter().map(|key| put(Table::Rows, key, key)).collect())).await.expect("it is written");
    let (mut after, mut read) = (None, Vec::new());
    loop {
        let page = store.scan(Table::Rows, after.take(), 10).await.expect("the table can be read");
        assert!(page.len() <= 10);
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        read.extend(page.into_iter().map(|(key, _)| key));
    }
    let mut sorted = keys;
    sorted.sort();
    assert_eq!(read, sorted);
}

async fn what_was_written_is_there_when_opened_again(backend: &dyn Backend) {
    let database = Database::new(backend);
    let Opened { store, restored: before } = database.open().await;
    let mut batch = enqueue(&["edit"]);
    batch.ops = vec![
        put(Table::Rows, "row", "r"),
        put(Table::Meta, "cursor", "c"),
        put(Table::Tray, "refused", "t"),
        put(Table::Quarantine, "bad", "q"),
    ];
    store.commit(batch).await.expect("it is written");
    let lead = store.claim_lead().await.expect("the lead can be claimed").lead;
    drop(store);
    let Opened { store, restored } = database.open().await;
    assert_eq!((restored.client, restored.next_seq), (before.client, 2));
    assert!(restored.meta.contains(&("cursor".to_owned(), b"c".to_vec())));
    assert_eq!(restored.outbox, [(outbox_key(1), b"edit".to_vec())]);
    assert_eq!(restored.tray, [("refused".to_owned(), b"t".to_vec())]);
    assert_eq!(all(&*store, Table::Rows).await, [pair("row", "r")]);
    assert_eq!(all(&*store, Table::Quarantine).await, [pair("bad", "q")]);
    let claim = Claim { lead: lead + 1, client: before.client, next_seq: 2 };
    assert_eq!(store.claim_lead().await, Ok(claim), "with what the profile has now");
}

async fn bytes_are_kept_as_they_are(backend: &dyn Backend) {
    let Opened { store, .. } = Database::new(backend).open().await;
    let values = [Vec::new(), (0..=255).collect::<Vec<u8>>(), vec![0; 300_000]];
    let put = |(index, value): (usize, &Vec<u8>)| Op::Put {
        table: Table::Rows,
        key: index.to_string(),
        value: value.clone(),
    };
    store.commit(ops(values.iter().enumerate().map(put).collect())).await.expect("it is written");
    let read = store.scan(Table::Rows, None, u32::MAX).await.expect("the table can be read");
    assert_eq!(read.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), values);
}

async fn a_wiped_database_is_a_new_one(backend: &dyn Backend) {
    let database = Database::new(backend);
    let Opened { store, restored } = database.open().await;
    store.commit(enqueue(&["edit"])).await.expect("it is written");
    store.commit(ops(vec![put(Table::Rows, "a", "1")])).await.expect("it is written");
    store.wipe().await.expect("it can be wiped");
    drop(store);
    let Opened { store, restored: anew } = database.open().await;
    assert_ne!(anew.client, restored.client);
    assert_eq!((anew.next_seq, anew.outbox.len(), anew.meta.len()), (1, 0, 1));
    assert!(all(&*store, Table::Rows).await.is_empty());
}

async fn a_wiped_database_takes_nothing_from_an_old_handle(backend: &dyn Backend) {
    let database = Database::new(backend);
    let (one, other) = (database.open().await.store, database.open().await.store);
    let lead = other.claim_lead().await.expect("the lead can be claimed").lead;
    one.wipe().await.expect("it can be wiped");
    assert_eq!(other.commit(enqueue(&["edit"])).await, Err(StoreFault::Broken), "it has no numbers any more");
    let rows = Batch { lead: Some(lead), ..ops(vec![put(Table::Rows, "a", "1")]) };
    assert_eq!(other.commit(rows).await, Err(StoreFault::NotLeading));
}
