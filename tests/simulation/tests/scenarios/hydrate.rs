//! A tab that reads the store while another writes to it.

use crate::desk::{Desk, another_client, empty_server};
use holdfast_simulation::schema::{Act, Key, Scope};
use holdfast_sync::client::{Coverage, Input, Table};

#[test]
fn rows_written_while_they_are_read_count_as_seen_should_the_server_lose_that_log() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.create(2);
    desk.pass(1_000);
    let mut backup = desk.server.clone();
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.start(None);
    desk.mutate(Act::Vote { id: 1 });
    desk.pass(1_000);
    other.store = desk.store.clone();
    other.hydrate();
    // What is known of doc 1 is of a place that the other tab's position is before.
    assert!(!other.has(1) && other.has(2));
    another_client(&mut backup, 1, Act::Vote { id: 2 });
    another_client(&mut backup, 2, Act::Vote { id: 2 });
    other.server = backup;
    other.reconnect();
    assert!(other.has(1) && other.has(2) && other.is_at_rest());
    assert_eq!((other.votes(1), other.votes(2)), (0, 2));
}

#[test]
fn rows_that_another_tab_writes_anew_meanwhile_are_not_called_complete() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.start(None);
    desk.cut();
    desk.server = empty_server(2);
    another_client(&mut desk.server, 1, Act::Create { id: 2, shelf: 0, title: "other".to_owned() });
    desk.reconnect();
    desk.pass(1_000);
    assert!(!desk.has(1) && desk.has(2));
    other.store = desk.store.clone();
    other.hydrate();
    assert!(matches!(other.client.coverage(&Scope::Shelf(0)), Coverage::Loading { .. }));
    other.server = desk.server.clone();
    other.reconnect();
    assert!(other.is_at_rest());
    assert_eq!(other.client.confirmed(&Key::Doc(2)), other.server.rows().get(&Key::Doc(2)));
    assert!(!other.has(1));
}

#[test]
fn rows_read_before_another_tab_wrote_all_anew_are_not_called_complete() {
    let mut desk = Desk::new();
    desk.create(1);
    desk.create(2);
    desk.pass(1_000);
    let mut other = Desk::with(desk.store.clone(), desk.server.clone(), false);
    other.start(None);
    let half = desk.store.table(Table::Rows).into_iter().take(1).collect();
    other.feed(Input::Hydrated(half));
    // What it has yet to read is gone by now: the next page is empty.
    desk.cut();
    desk.server = empty_server(2);
    desk.reconnect();
    desk.pass(1_000);
    other.feed(Input::HydrateDone(desk.store.table(Table::Meta)));
    assert!(matches!(other.client.coverage(&Scope::Shelf(0)), Coverage::Loading { .. }));
}
