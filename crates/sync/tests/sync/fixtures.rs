//! Frames and stored records of every released version, read and written.

use crate::{
    device::{Device, Store},
    records,
    samples::{self, Sample, client, cursor},
    schema::{Field, Key, Mutation, Remark, Row, Scope, Tagged, Task, Tasks},
    shelf::Shelf,
};
use holdfast_sync::{
    MutationId, Refusal, RefusalCode, SyncCursor,
    client::{Coverage, Table},
    protocol::{Body, ClientFrame, Patch, Reject, ResyncReason, ServerFrame, Settled, Snapshot},
};

fn shelf() -> Shelf {
    Shelf::of(env!("CARGO_MANIFEST_DIR"), &["v1"])
}

pub fn task(id: u32, title: &str, tags: &[u8]) -> Row {
    Row::Task(Task { id, list: 1, title: title.to_owned(), tags: tags.iter().copied().collect() })
}

fn remark(id: u32, task: u32, text: &str) -> Row {
    Row::Remark(Remark { id, task, list: 1, text: text.to_owned() })
}

pub fn sample() -> Sample<Tasks> {
    Sample {
        key: Key::Task(7),
        scope: Scope::List(1),
        fresh: task(7, "Böen, \"quoted\" \u{1F980}", &[1, 200]),
        edited: remark(8, 7, "two\nlines"),
        field: Field::Text,
        mutation: Mutation::SetTitle { id: 7, title: "x".to_owned() },
        query: Tagged { list: 1, tag: Some(200) },
    }
}

#[test]
fn frames_are_written_as_they_ever_were_and_read_as_what_they_are() {
    let (shelf, sample) = (shelf(), sample());
    let (client, server) = (sample.client_frames(), sample.server_frames());
    samples::are_complete(&client, &server);
    let texts: Vec<_> = client.iter().map(|(name, frame)| (name.clone(), frame.encode())).collect();
    shelf.holds("client-", &texts);
    for ((name, frame), (_, text)) in client.iter().zip(texts) {
        assert_eq!(ClientFrame::decode(&text).expect(name), *frame, "{name}");
    }
    let texts: Vec<_> = server.iter().map(|(name, frame)| (name.clone(), frame.encode())).collect();
    shelf.holds("server-", &texts);
    for ((name, frame), (_, text)) in server.iter().zip(texts) {
        assert_eq!(ServerFrame::decode(&text).expect(name), *frame, "{name}");
    }
}

/// A device with a record of every kind in its store: rows, a replica half filled beside the shown one,
/// mutations on every kind of basis, a cancelled one, one refused.
fn lived_in() -> Device<Tasks> {
    let mut device = Device::open(client(), 5, Store::default());
    device.feed(holdfast_sync::client::Input::Subscribe(Scope::List(1)));
    device.welcome(cursor(9), 0);
    let id = hello_id(&mut device);
    let page = |after, rows, next, total| Snapshot::<Tasks> {
        scope: Scope::List(1),
        id,
        live_from: 9,
        after,
        as_of: 9,
        mark: None,
        rows,
        next,
        total,
    };
    let sample = sample();
    device.hear(&ServerFrame::Snapshot(page(None, vec![sample.fresh(3)], Some(Key::Task(7)), 2)));
    device.hear(&ServerFrame::Snapshot(page(Some(Key::Task(7)), vec![sample.edited(2, 8)], None, 2)));

    // One that the server refuses, one that it takes and the log has not brought yet.
    device.mutate(Mutation::SetTitle { id: 7, title: "refused".to_owned() });
    let refusal = Refusal::new(RefusalCode::NotAllowed, "You may not.");
    device.hear(&ServerFrame::Reject(Reject { seq: 1, at: Some(10), refusal }));
    // Sent, on a confirmed row, and on one's own edit.
    device.mutate(Mutation::SetTitle { id: 7, title: "first".to_owned() });
    device.mutate(Mutation::SetTitle { id: 7, title: "second".to_owned() });
    device.cut(1006);
    // Not sent: a row not there before, and in one batch two that build on each other.
    device.mutate(Mutation::Add { id: 20, list: 1, title: "new".to_owned() });
    device.is_store_held = true;
    device.mutate(Mutation::Tag { id: 7, tag: 9 });
    device.release_store();
    device.is_store_held = true;
    device.mutate(Mutation::Say { id: 30, task: 20, text: "a".to_owned() });
    device.mutate(Mutation::Say { id: 30, task: 20, text: "b".to_owned() });
    device.mutate(Mutation::Say { id: 30, task: 20, text: "c".to_owned() });
    device.release_store();
    device.mutate(Mutation::Drop { id: 20 });
    device.feed(holdfast_sync::client::Input::Cancel { seq: 9 });
    device.wait(100);
    device
}

/// The id under which the device subscribed last.
fn hello_id(device: &mut Device<Tasks>) -> u64 {
    let mut ids = device.take_sent().into_iter().filter_map(|frame| match frame {
        ClientFrame::Hello(hello) => hello.scopes.last().map(|subscribe| subscribe.id),
        ClientFrame::Subscribe(subscribe) => Some(subscribe.id),
        _ => None,
    });
    ids.next_back().expect("it subscribed")
}

#[test]
fn records_are_written_as_they_ever_were() {
    let mut device = lived_in();
    let mut written = records::named(&device.store);
    // Beside that, a meta record with a replica that is being filled.
    device.welcome_with(holdfast_sync::protocol::Welcome {
        resync: Some(ResyncReason::Compacted),
        ..welcome(cursor(40))
    });
    device.wait(100);
    written.push(("meta-staging".to_owned(), meta(&device)));
    written.push(("meta-beneath".to_owned(), meta(&sends_again())));
    shelf().holds("record-", &written);
}

/// The record of a device's replicas.
fn meta(device: &Device<Tasks>) -> String {
    let meta = records::named(&device.store).into_iter().find(|(name, _)| name == "meta-replica");
    meta.expect("it is stored").1
}

/// A device whose server has lost the log that settled mutation 2: its effect is in the rows.
fn sends_again() -> Device<Tasks> {
    let mut device = lived_in();
    device.feed(holdfast_sync::client::Input::Lead(None));
    device.welcome(cursor(9), 1);
    device.hear(&ServerFrame::Patch(settles_2(&device, 9)));
    device.cut(1006);
    device.welcome_with(holdfast_sync::protocol::Welcome { resync: Some(ResyncReason::Epoch), ..welcome(cursor(8)) });
    device.lead(2);
    device.wait(100);
    device
}

/// The log from there on settles mutation 2.
fn settles_2(device: &Device<Tasks>, from: u64) -> Patch<Tasks> {
    let settled = Settled { through: 2, made: vec![(2, nonce(device, 2))], refused: Vec::new() };
    let to = from + 1;
    Patch {
        from,
        to,
        mark: cursor(to).mark,
        rights: 0,
        settled: Some(settled),
        changes: Vec::new(),
        totals: Vec::new(),
    }
}

fn welcome(cursor: SyncCursor) -> holdfast_sync::protocol::Welcome {
    holdfast_sync::protocol::Welcome {
        version: 1,
        cursor,
        head: cursor.seq,
        settled: 1,
        resync: None,
        now_ms: 1_700_000_000_000,
        access: 1,
        limits: Default::default(),
    }
}

#[test]
fn records_of_every_version_are_read_as_what_they_are() {
    let store = records::store(&shelf().starting("record-"), &["meta-staging", "meta-beneath"]);
    let device = Device::open(client(), 5, store);
    let (device_view, mut lived_in) = (&device.client, lived_in());
    lived_in.take_sent();
    assert!(device.notices.is_empty(), "{:?}", device.notices);
    assert!(device.store.table(Table::Quarantine).is_empty());
    assert_eq!(device_view.cursor(), Some(cursor(9)));
    assert_eq!(device_view.coverage(&Scope::List(1)), Coverage::Complete);
    let sample = sample();
    assert_eq!(device_view.confirmed(&Key::Task(7)), Some(&sample.fresh(3)));
    assert_eq!(device_view.confirmed(&Key::Remark(8)), Some(&sample.edited(2, 8)));
    let outbox: Vec<_> = device_view.outbox().map(|entry| (entry.seq, entry.body.clone(), entry.created_ms)).collect();
    let before: Vec<_> =
        lived_in.client.outbox().map(|entry| (entry.seq, entry.body.clone(), entry.created_ms)).collect();
    assert_eq!(outbox, before);
    assert_eq!(outbox.len(), 8);
    assert_eq!(outbox[7].1, Body::Void);
    let tray: Vec<_> = device_view.tray().cloned().collect();
    assert_eq!(tray, lived_in.client.tray().cloned().collect::<Vec<_>>());
    assert_eq!(tray[0].id, MutationId { client: client(), seq: 1 });
    assert_eq!(device_view.row(&Key::Remark(30)), Some(&remark(30, 20, "c")));

    // What each was based on is told to the server as it was by the one who made them.
    let mut devices = [device, lived_in];
    let pushes = devices.each_mut().map(|device| {
        device.welcome(cursor(9), 1);
        device.take_sent().into_iter().filter(|frame| matches!(frame, ClientFrame::Push(_))).collect::<Vec<_>>()
    });
    assert!(!pushes[0].is_empty());
    assert_eq!(pushes[0], pushes[1]);
}

#[test]
fn a_replica_being_filled_goes_on_after_a_reload() {
    let store = records::store(&shelf().starting("record-"), &["meta-replica", "meta-beneath"]);
    let mut device = Device::open(client(), 5, store);
    device.welcome(cursor(40), 1);
    let id = hello_id(&mut device);
    let rows = vec![sample().fresh(39)];
    let page = Snapshot {
        scope: Scope::List(1),
        id,
        live_from: 40,
        after: None,
        as_of: 40,
        mark: None,
        rows,
        next: None,
        total: 1,
    };
    device.hear(&ServerFrame::Snapshot(page));
    assert_eq!(device.client.cursor(), Some(cursor(40)));
    assert_eq!(device.client.confirmed(&Key::Remark(8)), None, "it is not on the server any more");
    // The log settles what was sent.
    let unsent = device.client.unsent();
    device.hear(&ServerFrame::Patch(settles_2(&device, 40)));
    assert_eq!(device.client.unsent(), unsent - 1);
}

#[test]
fn what_is_sent_again_and_is_on_screen_stays_so_after_a_reload() {
    let store = records::store(&shelf().starting("record-"), &["meta-replica", "meta-staging"]);
    let device = Device::<Tasks>::open(client(), 5, store);
    let beneath: Vec<_> = device.client.outbox().filter(|entry| entry.beneath).map(|entry| entry.seq).collect();
    assert_eq!(beneath, [Some(2)]);
}

/// The nonce that a device's store holds of a mutation.
fn nonce(device: &Device<Tasks>, seq: u64) -> u64 {
    let key = (Table::Outbox, holdfast_sync::client::outbox_key(seq));
    let value: serde_json::Value = serde_json::from_slice(&device.store.tables[&key][9..]).expect("it is JSON");
    value["nonce"].as_u64().expect("it is a number")
}
