//! What a page does that has no store that lasts, or no text on its wire.

use crate::{
    device::{Device, Store},
    schema::{Key, Mutation, Row, Scope, Task, Tasks},
};
use holdfast_sync::{
    ClientId, Epoch, Mark, Stored, SyncCursor,
    client::{Input, Table},
    protocol::{Change, ClientFrame, Patch, ServerFrame, Snapshot},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LIST: Scope = Scope::List(1);

fn task(title: &str, seq: u64) -> Stored<Tasks> {
    let row = Row::Task(Task { id: 1, list: 1, title: title.to_owned(), tags: BTreeSet::new() });
    Stored { seq, born: 1, versions: BTreeMap::new(), row }
}

/// A connected device that holds one task.
fn holding_one(lasting: bool) -> Device<Tasks> {
    let mut device = Device::open_on(ClientId(Uuid::from_u128(1)), 5, Store::default(), lasting);
    device.feed(Input::Subscribe(LIST));
    device.welcome(SyncCursor { epoch: Epoch(Uuid::from_u128(2)), seq: 9, mark: Mark(9) }, 0);
    let asked = device.take_sent().into_iter().find_map(|frame| match frame {
        ClientFrame::Hello(hello) => hello.scopes.first().map(|scope| scope.id),
        ClientFrame::Subscribe(scope) => Some(scope.id),
        _ => None,
    });
    device.hear(&ServerFrame::Snapshot(Snapshot {
        scope: LIST,
        id: asked.expect("it asks for the list"),
        live_from: 9,
        after: None,
        as_of: 9,
        mark: None,
        rows: vec![task("first", 3)],
        next: None,
        total: 1,
    }));
    device
}

#[test]
fn rows_are_stored_only_where_they_outlast_the_page() {
    for lasting in [true, false] {
        let mut device = holding_one(lasting);
        device.mutate(Mutation::SetTitle { id: 1, title: "mine".to_owned() }).expect("there is such a task");
        device.wait(1_000);
        assert_eq!(device.store.table(Table::Rows).len(), usize::from(lasting), "lasting: {lasting}");
        assert_eq!(device.store.table(Table::Outbox).len(), 1, "lasting: {lasting}");
    }
}

#[test]
fn a_frame_that_came_read_is_as_its_text() {
    let patch = Patch {
        from: 9,
        to: 10,
        mark: Mark(10),
        rights: 0,
        settled: None,
        changes: vec![Change::Put(task("second", 10))],
        totals: Vec::new(),
    };
    let frame = ServerFrame::Patch(patch);
    let (mut by_text, mut read) = (holding_one(true), holding_one(true));
    by_text.hear(&frame);
    read.hear_read(frame);
    for device in [&by_text, &read] {
        assert_eq!(device.client.confirmed(&Key::Task(1)), Some(&task("second", 10)));
    }
    assert_eq!(by_text.client.cursor(), read.client.cursor());
}
