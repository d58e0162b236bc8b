//! Mutations and stores that fail: what is permanent, what passes, and that others go on.

use crate::{
    notes::{Act, CLOSED, House, Note, answers, note, texts},
    world::{Folder, new_client},
};
use holdfast_server::{
    Settings,
    store::{Progress, PutReport, Store, sqlite::SqliteSettings},
};
use holdfast_sync::protocol::ServerFrame;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::time::Duration;

#[tokio::test]
async fn a_mutation_that_makes_the_application_panic_is_refused_for_good() {
    let folder = Folder::new();
    let house = House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await;
    let cookie = house.sign_in("Ada").await;
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, &["hall".to_owned()]).await;
    let acts = [Act::Panic, Act::Stray, Act::Write(note(1, "still here"))];
    ada.push(1, acts.clone()).await;
    let first = ada.drain().await;
    assert_eq!(answers(&first), ["never 1 Failed", "never 2 Failed", "ack 3"]);
    assert_eq!(texts(&first), ["still here"]);
    ada.push(1, acts).await;
    assert_eq!(answers(&ada.drain().await), answers(&first), "a resend does not try again");
    house.close().await;
}

#[tokio::test]
async fn while_another_process_holds_the_database_edits_wait_and_reads_go_on() {
    let folder = Folder::new();
    let settings = SqliteSettings { busy_timeout: Duration::from_millis(100), ..Default::default() };
    let house = House::open(&folder.path("db"), settings, Settings::default()).await;
    let cookie = house.sign_in("Ada").await;
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    ada.push(1, [Act::Write(note(1, "before"))]).await;
    ada.drain().await;

    let mut other = SqliteConnectOptions::new().filename(folder.path("db")).connect().await.expect("it can be opened");
    let held = other.begin_with("BEGIN IMMEDIATE").await.expect("nobody else writes");
    ada.push(2, [Act::Write(note(2, "meanwhile")), Act::Write(note(3, "meanwhile too"))]).await;
    let frames = ada.drain().await;
    let [ServerFrame::Reject(reject)] = frames.as_slice() else { panic!("one answer puts all off: {frames:?}") };
    assert_eq!((reject.seq, reject.at), (2, None));
    assert_eq!(reject.refusal.message, "The server's database is busy. Your edit is kept and sent again.");
    ada.subscribe("hall".to_owned()).await;
    let page = ada.until(|frame| match frame {
        ServerFrame::Snapshot(page) => Some(page),
        _ => None,
    });
    assert_eq!(page.await.total, 1);

    held.rollback().await.expect("it can be let go");
    ada.push(2, [Act::Write(note(2, "meanwhile")), Act::Write(note(3, "meanwhile too"))]).await;
    assert_eq!(answers(&ada.drain().await), ["ack 2", "ack 3"]);
    house.close().await;
}

#[tokio::test]
async fn rows_are_put_all_or_none() {
    let folder = Folder::new();
    let house = House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await;
    let head = house.store.head();
    let before = *head.borrow();
    let closed = Note { room: CLOSED.to_owned(), ..note(2, "two") };
    let rows = vec![note(1, "one"), closed, note(3, "three")];
    let refused = house.store.put(rows, Progress::default()).await.expect_err("one of them is refused");
    assert_eq!(refused.to_string(), "note/0002: This room is closed.");
    assert_eq!(house.store.row("note/0001".to_owned()).await.expect("it answers"), None);
    assert_eq!(*head.borrow(), before);

    let rows = vec![note(1, "one"), note(3, "three")];
    let put = house.store.put(rows.clone(), Progress::default()).await.expect("they are fine");
    assert_eq!(put, PutReport { changed: 2, unchanged: 0 });
    assert_eq!(*head.borrow(), before + 2);
    let put = house.store.put(rows, Progress::default()).await.expect("they are fine");
    assert_eq!(put, PutReport { changed: 0, unchanged: 2 });
    assert_eq!(*head.borrow(), before + 2);
    house.close().await;
}

#[tokio::test]
async fn a_store_that_was_closed_puts_edits_off() {
    let folder = Folder::new();
    let house = House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await;
    let cookie = house.sign_in("Ada").await;
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    house.store.close().await;
    ada.push(1, [Act::Write(note(1, "too late"))]).await;
    assert_eq!(answers(&ada.drain().await), ["later 1"]);
    house.close().await;
}
