//! A connection at the server's end: what it refuses to go on with.

use crate::{
    samples::client,
    schema::{Mutation, Row, Scope, Tagged, Task, Tasks},
};
use holdfast_sync::{
    ClientId, Epoch, Schema,
    authority::{MemoryStore, Outcome, PushAnswer, Session, SessionInput, SessionOutput, close},
    protocol::{
        Body, ClientFrame, ErrorCode, Held, Hello, Limits, Pushed, Reach, ServerFrame, Subscribe, VERSION, VERSION_MIN,
        Watch,
    },
    schema::Query,
};
use uuid::Uuid;

/// What the server says to frames, each carried out before the next, and with what code it closes.
fn said(limits: Limits, frames: &[String]) -> (Vec<ServerFrame<Tasks>>, Option<u16>) {
    let mut store = MemoryStore::<Tasks>::new(Epoch(Uuid::from_u128(1)));
    let mut session = Session::new(5, limits);
    let mut said = Vec::new();
    for frame in frames {
        session.handle(SessionInput::Frame(frame.clone()));
        while let Some(output) = session.poll() {
            match output {
                SessionOutput::Send(text) => said.push(ServerFrame::decode(&text).expect("it speaks the protocol")),
                SessionOutput::Read(request) => session.handle(store.carry_out(&5, 1_700_000_000_000, request)),
                SessionOutput::Close { code, .. } => return (said, Some(code)),
            }
        }
    }
    (said, None)
}

fn hello() -> String {
    let hello = Hello {
        version: VERSION,
        version_min: VERSION_MIN,
        schema: Tasks::VERSION,
        client: client(),
        cursor: None,
        seen: None,
        scopes: Vec::new(),
        queries: Vec::new(),
        oldest_unsettled: 1,
        access: 0,
    };
    ClientFrame::<Tasks>::Hello(hello).encode()
}

fn subscribe(list: u32) -> String {
    let subscribe = Subscribe { scope: Scope::List(list), id: 1, held: Held::Nothing };
    ClientFrame::<Tasks>::Subscribe(subscribe).encode()
}

#[test]
fn what_is_not_the_protocol_is_told_and_ends_the_connection() {
    let cases = [
        vec!["no JSON".to_owned()],
        vec![subscribe(1)],
        vec![hello(), hello()],
        vec![hello(), r#"{"push":{"mutations":7}}"#.to_owned()],
    ];
    for frames in cases {
        let (said, closed) = said(Limits::default(), &frames);
        let is_told = matches!(said.last(), Some(ServerFrame::Error(error)) if error.code == ErrorCode::Malformed && error.retry.is_none());
        assert!(is_told, "{frames:?}: {said:?}");
        assert_eq!(closed, Some(close::PROTOCOL), "{frames:?}");
    }
}

#[test]
fn a_scope_beyond_the_limit_is_too_much_and_one_asked_for_again_is_not() {
    let limits = Limits { subscriptions_max: 1, ..Limits::default() };
    let (answers, closed) = said(limits, &[hello(), subscribe(1), subscribe(1)]);
    let pages = answers.iter().filter(|frame| matches!(frame, ServerFrame::Snapshot(_))).count();
    assert_eq!((pages, closed), (2, None));
    let (answers, closed) = said(limits, &[hello(), subscribe(1), subscribe(2)]);
    let is_told = matches!(answers.last(), Some(ServerFrame::Error(error)) if error.code == ErrorCode::TooMuch);
    assert!(is_told, "{answers:?}");
    assert_eq!(closed, Some(close::TOO_BIG));
}

#[test]
fn a_mutation_is_known_by_its_nonce_whichever_version_encodes_it() {
    let mut store = MemoryStore::<Tasks>::new(Epoch(Uuid::from_u128(1)));
    let mut push = |nonce, text: &str| {
        let body = Body::Mutate(Mutation::Add { id: 1, list: 1, title: text.to_owned() });
        store.settle(&5, client(), 1_700_000_000_000, &Pushed { seq: 1, nonce, body, bases: Vec::new() })
    };
    let answer = push(7, "as it was");
    assert!(matches!(answer, PushAnswer::Settled(_)));
    // A newer version writes a field that the older did not have.
    assert_eq!(push(7, "as a newer version writes it"), answer);
    assert_eq!(push(8, "as it was"), PushAnswer::IdReused, "another edit of a copied profile");
}

#[test]
fn what_has_no_nonce_is_known_under_its_id_only() {
    let mut store = MemoryStore::<Tasks>::new(Epoch(Uuid::from_u128(1)));
    let mut applied = |client, nonce| {
        let body = Body::Mutate(Mutation::Add { id: nonce as u32, list: 1, title: String::new() });
        store.settle(&5, ClientId(Uuid::from_u128(client)), 0, &Pushed { seq: 1, nonce, body, bases: Vec::new() });
        store.log().last().is_some_and(|entry| entry.outcome != Outcome::Void)
    };
    assert!(applied(1, 0) && applied(2, 0), "two users may do the same");
    assert!(applied(3, 9) && !applied(4, 9), "a copy of a profile sends the same");
}

#[test]
fn a_query_of_which_the_number_never_came_is_counted_whatever_more_is_asked() {
    let query = Tagged { list: 1, tag: None };
    let task = Row::Task(Task { id: 7, list: 1, title: String::new(), tags: Default::default() });
    let held = Reach::UpTo(query.place(&task));
    let watch = ClientFrame::<Tasks>::Watch(Watch { id: 1, query, held, total: None, rows: 9, more: 8 });
    let (answers, closed) = said(Limits::default(), &[hello(), watch.encode()]);
    let totals = answers.iter().filter_map(|frame| match frame {
        ServerFrame::Results(results) => Some((results.rows.len(), results.total)),
        _ => None,
    });
    assert_eq!((totals.collect::<Vec<_>>(), closed), (vec![(0, Some(0)), (0, None)], None));
}
