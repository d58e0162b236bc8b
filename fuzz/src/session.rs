//! What a client says, a line each, to the server's half of a connection.
//!
//! `head N` and `compact N` stand for what happens at the server meanwhile; every other line is a frame.

use crate::{corpus, text};
use holdfast_sync::{
    ClientId, Epoch,
    authority::{MemoryStore, Session, SessionInput, SessionOutput, Sizes},
    protocol::{Body, Limits, Pushed, ServerFrame},
};
use holdfast_tracker::{Actor, Mutation, Row, Tracker, UserId};
use std::sync::LazyLock;
use uuid::Uuid;

/// Outputs one input may lead to.
const OUTPUTS_MAX: usize = 10_000;

pub fn check(bytes: &[u8]) {
    let (actor, mut store) = (actor(), store());
    let limits = Limits { subscriptions_max: 4, in_flight_max: 4, ..Limits::default() };
    let mut session = Session::new(actor, limits).with_sizes(Sizes { log_entries: 3, page_rows: 2 });
    let mut is_closed = false;
    for line in text(bytes).lines() {
        let number = |name: &str| line.strip_prefix(name).and_then(|number| number.parse::<u64>().ok());
        if let Some(seq) = number("head ") {
            session.handle(SessionInput::Head(seq.min(store.head().seq)));
        } else if let Some(seq) = number("compact ") {
            store.compact(seq);
        } else {
            session.handle(SessionInput::Frame(line.to_owned()));
        }
        let mut outputs = 0;
        while let Some(output) = session.poll() {
            outputs += 1;
            assert!(outputs < OUTPUTS_MAX, "it comes to rest");
            assert!(!is_closed, "nothing comes behind a close");
            match output {
                SessionOutput::Send(text) => match ServerFrame::<Tracker>::decode(&text) {
                    Ok(ServerFrame::Unknown(kind)) => panic!("it says {kind}, which nobody knows"),
                    Ok(_) => assert!(text.len() <= limits.frame_bytes_max, "a frame keeps to its limit"),
                    Err(error) => panic!("it says what is not of the protocol: {error}: {text}"),
                },
                SessionOutput::Read(request) => session.handle(store.carry_out(&actor, 5, request)),
                SessionOutput::Close { reason, .. } => {
                    is_closed = true;
                    assert!(!reason.is_empty());
                }
            }
        }
    }
}

/// Who is at the other end.
pub fn actor() -> Actor {
    Actor::User(UserId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0003)))
}

/// A server with some rows to be read.
pub fn store() -> MemoryStore<Tracker> {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        corpus::fixtures("row-").iter().filter_map(|text| serde_json::from_slice(text).ok()).collect()
    });
    let mut store = MemoryStore::new(Epoch(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ee)));
    for (row, seq) in ROWS.iter().cloned().zip(1..) {
        let pushed = Pushed { seq, nonce: 0, body: Body::Mutate(Mutation::Put { row }), bases: Vec::new() };
        store.commit(&Actor::System, ClientId(Uuid::nil()), 5, &pushed);
    }
    store
}
