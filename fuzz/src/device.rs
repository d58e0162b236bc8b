//! What a server, a network, a store and a user do to a client, a line each; a line that is none of
//! those below is a frame that the server says.

use crate::text;
use driver::{Device, Store};
use holdfast_sync::{
    ClientId,
    client::{Input, Notice, Table},
    protocol::ClientFrame,
};
use holdfast_tracker::{Actor, Mutation, Scope, Tracker, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

#[allow(dead_code, missing_docs, reason = "the engine's own tests use all of it")]
#[path = "../../crates/sync/tests/sync/device.rs"]
pub mod driver;

/// Milliseconds that pass at once at most.
const WAIT_MS_MAX: u64 = 600_000;

pub fn check(bytes: &[u8]) {
    let mut device = open(Store::default());
    let mut lead = 1;
    for line in text(bytes).lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = rest.parse::<u64>();
        match (word, number) {
            ("connect", _) => device.feed(Input::RetryNow),
            ("cut", Ok(code)) => device.cut(code.try_into().unwrap_or(1006)),
            ("wait", Ok(ms)) => device.wait(ms.min(WAIT_MS_MAX)),
            ("cancel", Ok(seq)) => device.feed(Input::Cancel { seq }),
            ("hold", _) => device.is_store_held = true,
            ("release", _) => device.release_store(),
            ("wake", _) => device.feed(Input::Wake),
            ("offline", _) => device.feed(Input::NetworkLost),
            ("sign-in", _) => device.feed(Input::SignedIn),
            ("follow", _) => device.feed(Input::Lead(None)),
            ("lead", _) => {
                lead += 1;
                device.lead(lead);
            }
            ("subscribe", _) => rest.parse().into_iter().for_each(|scope: Scope| device.feed(Input::Subscribe(scope))),
            ("unsubscribe", _) => {
                rest.parse().into_iter().for_each(|scope: Scope| device.feed(Input::Unsubscribe(scope)));
            }
            ("mutate", _) => {
                if let Ok(mutation) = serde_json::from_str::<Mutation>(rest) {
                    device.mutate(mutation);
                }
            }
            ("reload", _) => {
                device.release_store();
                device = open(device.store);
            }
            _ => device.hear_text(line),
        }
    }
    speaks_the_protocol(&mut device);
    comes_back_as_it_was(device, lead);
}

/// A profile opened by its leading tab.
pub fn open(store: Store) -> Device<Tracker> {
    let user = UserId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0003));
    Device::open(ClientId(Uuid::from_u128(1)), Actor::User(user), store)
}

pub fn speaks_the_protocol(device: &mut Device<Tracker>) {
    for frame in device.take_sent() {
        assert!(!matches!(frame, ClientFrame::Unknown(_)));
    }
}

/// That what was written is what is held: another start shows the same.
pub fn comes_back_as_it_was(mut device: Device<Tracker>, lead: u64) {
    device.release_store();
    device.cut(1006);
    device.lead(lead + 1);
    device.wait(2_000);
    device.cut(1006);
    device.wait(60);
    let held = |device: &Device<Tracker>| -> BTreeMap<_, _> {
        let client = &device.client;
        client.confirmed_keys().map(|key| (key.clone(), client.confirmed(key).cloned())).collect()
    };
    let outbox = |device: &Device<Tracker>| -> Vec<_> {
        device.client.outbox().map(|entry| (entry.seq, entry.body.clone())).collect()
    };
    let again = open(device.store.clone());
    assert!(!again.notices.iter().any(|notice| matches!(notice, Notice::Quarantined { .. })), "{:?}", again.notices);
    assert_eq!(held(&again), held(&device), "the rows");
    assert_eq!(outbox(&again), outbox(&device), "the outbox");
    let tray = |device: &Device<Tracker>| device.client.tray().cloned().collect::<Vec<_>>();
    assert_eq!(tray(&again), tray(&device), "the tray");
    assert_eq!(again.client.cursor(), device.client.cursor(), "the cursor");
    assert_eq!(again.store.table(Table::Outbox).len(), again.client.unsent(), "no record is left over");
}
