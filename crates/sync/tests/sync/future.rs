//! What a newer version says, and what becomes of it: it is read as unknown, and nothing of it is
//! written back.

use crate::{
    device::{Device, Store},
    fixtures::task,
    samples::{client, cursor},
    schema::{Key, Mutation, Row, Scope, Tasks},
    shelf::Shelf,
};
use holdfast_sync::{
    Epoch, RefusalCode, Schema,
    authority::{MemoryStore, Request, Session, SessionInput, SessionOutput},
    client::{Input, Table},
    protocol::{Ack, ClientFrame, ErrorCode, ErrorFrame, Held, Hello, Limits, Purge, ServerFrame, Subscribe},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Adds what a newer version might to every object of a frame but those that are rows and mutations
/// of unknown kinds, or maps.
fn with_news(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            // `{"kind": …}` says which variant it is: one more field there would be another one.
            let is_struct =
                fields.len() > 1 || fields.keys().any(|key| ["scope", "nonce", "mutations", "id"].contains(&&**key));
            fields.iter_mut().filter(|(name, _)| *name != "versions").for_each(|(_, field)| with_news(field));
            if is_struct {
                fields.insert("zz_news".to_owned(), json!({ "since": [2, null] }));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(with_news),
        _ => {}
    }
}

#[test]
fn fields_of_a_newer_version_are_passed_over_wherever_they_stand() {
    let shelf = Shelf::of(env!("CARGO_MANIFEST_DIR"), &["v1"]);
    let newer = |text: &str| {
        let mut value = serde_json::from_str(text).expect("fixtures are JSON");
        with_news(&mut value);
        let text = value.to_string();
        assert!(text.contains("zz_news"), "{text}");
        text
    };
    for (name, text) in shelf.starting("client-") {
        let frame = ClientFrame::<Tasks>::decode(&newer(&text)).expect(&name);
        assert_eq!(frame.encode(), text, "{name}");
    }
    for (name, text) in shelf.starting("server-") {
        let frame = ServerFrame::<Tasks>::decode(&newer(&text)).expect(&name);
        assert_eq!(frame.encode(), text, "{name}");
    }
}

#[test]
fn frames_of_a_newer_version_are_read_as_unknown() {
    let text = r#"{"presence":{"who":[1,2,{"deep":null}]},"more":true}"#;
    assert_eq!(ClientFrame::<Tasks>::decode(text).expect("it is read"), ClientFrame::Unknown("presence".to_owned()));
    assert_eq!(ServerFrame::<Tasks>::decode(text).expect("it is read"), ServerFrame::Unknown("presence".to_owned()));

    let error = ErrorFrame { code: ErrorCode::Unknown, message: "m".to_owned(), retry: None };
    let text = r#"{"error":{"code":"tea_break","message":"m","retry":null}}"#;
    assert_eq!(ServerFrame::<Tasks>::decode(text).expect("it is read"), ServerFrame::Error(error));
    let text = r#"{"reject":{"seq":1,"at":2,"refusal":{"code":"frozen","message":"m"}}}"#;
    let ServerFrame::<Tasks>::Reject(reject) = ServerFrame::decode(text).expect("it is read") else {
        panic!("it is a reject")
    };
    assert_eq!(reject.refusal.code, RefusalCode::Unknown);
}

#[test]
fn what_is_inside_a_known_frame_and_of_an_unknown_kind_is_no_frame() {
    // A new kind of these needs a new protocol version: a peer of this one could not go on without it.
    for text in [
        r#"{"patch":{"from":0,"to":1,"mark":"00000000000000000000000000000001","changes":[{"move":{}}]}}"#,
        r#"{"patch":{"from":0,"to":1,"mark":"1","changes":[{"put":{"seq":1,"born":1}}]}}"#,
    ] {
        ServerFrame::<Tasks>::decode(text).expect_err(text);
    }
    for text in [
        r#"{"push":{"mutations":[{"seq":1,"body":"perhaps"}]}}"#,
        r#"{"subscribe":{"scope":"list/1","held":{"except":[]}}}"#,
    ] {
        ClientFrame::<Tasks>::decode(text).expect_err(text);
    }
}

/// A row of an entity that a newer version knows.
const MILESTONE: &str = r#"{"seq":41,"born":41,"row":{"milestone":{"id":"m1","scope":"list/1","due":[1.5,"x"]}}}"#;

/// A row that a newer version gave another field, and a version to a field unknown here.
const TASK: &str =
    r#"{"seq":42,"born":40,"versions":{"estimate":42},"row":{"task":{"id":7,"list":1,"title":"t","estimate":8}}}"#;

#[test]
fn rows_of_a_newer_version_are_kept_and_nothing_of_them_is_sent_back() {
    let mut device = Device::<Tasks>::open(client(), 5, Store::default());
    device.feed(Input::Subscribe(Scope::List(1)));
    device.welcome(cursor(40), 0);
    let mark = cursor(42).mark;
    device.hear_text(&format!(
        r#"{{"patch":{{"from":40,"to":42,"mark":"{mark}","changes":[{{"put":{MILESTONE}}},{{"put":{TASK}}}]}}}}"#
    ));
    let milestone = Key::Other("milestone/m1".to_owned());
    assert!(matches!(device.client.row(&milestone), Some(Row::Other(_))));
    assert_eq!(device.client.row(&Key::Task(7)), Some(&task(7, "t", &[])));
    device.take_sent();
    device.mutate(Mutation::SetTitle { id: 7, title: "u".to_owned() });
    device.mutate(Mutation::Unknown(json!({ "estimate": { "id": 7 } })));
    device.wait(100);
    assert!(device.sent.iter().any(|text| text.contains("set_title")));
    assert!(
        device.sent.iter().all(|text| !text.contains("milestone") && !text.contains("estimate")),
        "{:?}",
        device.sent
    );

    // What is kept of it on the device is what it said, for the version that will know it.
    let kept = device.store.table(Table::Rows).into_iter().find(|(key, _)| key.ends_with("milestone/m1"));
    let kept: Value = serde_json::from_slice(&kept.expect("it is kept").1[9..]).expect("it is JSON");
    assert_eq!(kept, serde_json::from_str::<Value>(MILESTONE).expect("it is JSON"));
}

/// What a server of this version answers to frames, each carried out before the next.
fn answers(store: &mut MemoryStore<Tasks>, frames: &[String]) -> Vec<ServerFrame<Tasks>> {
    let mut session = Session::new(5, Limits::default());
    let mut said = Vec::new();
    for frame in frames {
        session.handle(SessionInput::Frame(frame.clone()));
        while let Some(output) = session.poll() {
            match output {
                SessionOutput::Send(text) => said.push(ServerFrame::decode(&text).expect("it speaks the protocol")),
                SessionOutput::Read(request) => session.handle(carry_out(store, request)),
                SessionOutput::Close { reason, .. } => panic!("it closes: {reason}"),
            }
        }
    }
    said
}

fn carry_out(store: &mut MemoryStore<Tasks>, request: Request<Tasks>) -> SessionInput<Tasks> {
    store.carry_out(&5, 1_700_000_000_000, request)
}

#[test]
fn a_mutation_of_a_newer_version_is_refused_and_those_behind_it_go_on() {
    let mut store = MemoryStore::new(Epoch(Uuid::from_u128(1)));
    let hello = ClientFrame::<Tasks>::Hello(Hello {
        version: 2,
        version_min: 1,
        schema: Tasks::VERSION + 1,
        client: client(),
        cursor: None,
        seen: None,
        scopes: vec![Subscribe { scope: Scope::Other("vault/1".to_owned()), id: 1, held: Held::Nothing }],
        queries: Vec::new(),
        oldest_unsettled: 1,
        access: 0,
    });
    let push = r#"{"push":{"mutations":[
        {"seq":1,"body":{"mutate":{"estimate":{"id":7,"points":8}}},"bases":[{"key":"sprint/1","field":"points","base":{"confirmed":1}}]},
        {"seq":2,"body":{"mutate":{"add":{"id":7,"list":1,"title":"t","estimate":8}}}}]}}"#;
    let said = answers(&mut store, &[hello.encode(), r#"{"presence":{}}"#.to_owned(), push.to_owned()]);
    assert!(matches!(&said[0], ServerFrame::Welcome(welcome) if welcome.version == 1));
    assert!(
        matches!(&said[1], ServerFrame::Purge(Purge { scope: Scope::Other(name), id: 1, .. }) if name == "vault/1")
    );
    assert!(matches!(&said[2], ServerFrame::Reject(reject) if reject.refusal.code == RefusalCode::Unreadable));
    assert_eq!(said[3], ServerFrame::Ack(Ack { seq: 2, at: 2 }));
    assert_eq!(store.rows()[&Key::Task(7)].row, task(7, "t", &[]));
}
