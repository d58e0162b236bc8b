//! Both stores, and what only IndexedDB can do wrong.

use holdfast_leptos::{
    persistence::{Backend, IndexedDbBackend, MemoryBackend, OpenFault},
    testing::conformance,
};
use holdfast_sync::{
    ClientId,
    client::{Batch, Op, StoreFault, Table},
};
use indexed_db_futures::{database::Database, prelude::*};
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn memory_does_what_a_store_must() {
    conformance::check(&MemoryBackend::default()).await;
}

#[wasm_bindgen_test]
async fn indexed_db_does_what_a_store_must() {
    conformance::check(&IndexedDbBackend).await;
}

fn proposed() -> ClientId {
    ClientId(Uuid::now_v7())
}

fn row(strict: bool) -> Batch {
    let op = Op::Put { table: Table::Rows, key: "a".to_owned(), value: b"1".to_vec() };
    Batch { strict, ops: vec![op], ..Batch::default() }
}

#[wasm_bindgen_test]
async fn a_database_of_a_newer_format_is_refused_and_left_as_it_is() {
    let name = format!("newer-{}", Uuid::now_v7());
    let newer = Database::open(&name).with_version(1_000u32).build().unwrap().await.unwrap();
    newer.close();
    let fault = IndexedDbBackend.open(&name, proposed()).await.err().unwrap();
    assert_eq!(fault, OpenFault::Newer);
    assert!(fault.to_string().contains("Reload to update"), "{fault}");
    let newer = Database::open(&name).build().unwrap().await.unwrap();
    assert_eq!(newer.version(), 1_000.0);
    newer.close();
}

/// Does something to all transactions made from here on, until it is dropped.
struct Tampering;

impl Tampering {
    /// `with` is JavaScript over `tx`, a transaction just made, and `options`, what it was made with.
    fn new(with: &str) -> Self {
        let script = format!(
            "window.untampered = IDBDatabase.prototype.transaction;
             window.seen = [];
             IDBDatabase.prototype.transaction = function(stores, mode, options) {{
                 const tx = window.untampered.call(this, stores, mode, options);
                 {with};
                 return tx;
             }};"
        );
        js_sys::eval(&script).unwrap();
        Self
    }
}

impl Drop for Tampering {
    fn drop(&mut self) {
        js_sys::eval("IDBDatabase.prototype.transaction = window.untampered").unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_strict_batch_asks_for_strict_durability() {
    let store = IndexedDbBackend.open(&format!("strict-{}", Uuid::now_v7()), proposed()).await.unwrap().store;
    let tampering = Tampering::new("window.seen.push(tx.durability)");
    store.commit(row(true)).await.unwrap();
    store.commit(row(false)).await.unwrap();
    drop(tampering);
    assert_eq!(js_sys::eval("window.seen.join()").unwrap().as_string().unwrap(), "strict,relaxed");
}

/// As in Chromium over quota: the put succeeds, then the transaction aborts.
const ABORT_AFTER_SUCCESS: &str = "if (mode === 'readwrite') setTimeout(() => {}, 0),
    tx.objectStore = function(name) {
        const store = IDBTransaction.prototype.objectStore.call(tx, name);
        const put = store.put;
        store.put = function(...args) {
            const request = put.apply(store, args);
            request.addEventListener('success', () => tx.abort());
            return request;
        };
        return store;
    }";

#[wasm_bindgen_test]
async fn an_abort_at_commit_is_no_success() {
    let store = IndexedDbBackend.open(&format!("abort-{}", Uuid::now_v7()), proposed()).await.unwrap().store;
    let tampering = Tampering::new(ABORT_AFTER_SUCCESS);
    assert_eq!(store.commit(row(true)).await, Err(StoreFault::Broken));
    drop(tampering);
    assert_eq!(store.scan(Table::Rows, None, 10).await, Ok(Vec::new()));
    assert!(store.commit(row(true)).await.is_ok(), "the store goes on");
}

#[wasm_bindgen_test]
async fn an_abort_for_want_of_room_says_so() {
    let store = IndexedDbBackend.open(&format!("quota-{}", Uuid::now_v7()), proposed()).await.unwrap().store;
    let quota = "Object.defineProperty(tx, 'error', { get: () => new DOMException('', 'QuotaExceededError') });";
    let tampering = Tampering::new(&format!("{quota} {ABORT_AFTER_SUCCESS}"));
    assert_eq!(store.commit(row(true)).await, Err(StoreFault::Full));
    drop(tampering);
    assert!(store.commit(row(true)).await.is_ok(), "with room again the store goes on");
}

#[wasm_bindgen_test]
async fn a_connection_closed_by_the_browser_is_opened_anew() {
    let store = IndexedDbBackend.open(&format!("closed-{}", Uuid::now_v7()), proposed()).await.unwrap().store;
    // The first call closes the connection beneath, which makes it throw `InvalidStateError`.
    js_sys::eval(
        "window.untampered = IDBDatabase.prototype.transaction;
         IDBDatabase.prototype.transaction = function(...args) {
             IDBDatabase.prototype.transaction = window.untampered;
             this.close();
             return window.untampered.apply(this, args);
         }",
    )
    .unwrap();
    assert!(store.commit(row(true)).await.is_ok());
    assert_eq!(store.scan(Table::Rows, None, 10).await.unwrap().len(), 1);
}

#[wasm_bindgen_test]
async fn an_open_database_makes_way_for_another_that_wants_to_delete_it() {
    let name = format!("versionchange-{}", Uuid::now_v7());
    let _held = IndexedDbBackend.open(&name, proposed()).await.unwrap().store;
    // It resolves only once no connection is left.
    Database::delete_by_name(&name).unwrap().await.unwrap();
    let anew = proposed();
    assert_eq!(IndexedDbBackend.open(&name, anew).await.unwrap().restored.client, anew);
}
