//! Anything said to the real store: by a client that is signed in, and by a backup.

use crate::{
    notes::{Act, Hosted, Notes, Who, note},
    world::{Folder, hello, new_client},
};
use holdfast_server::store::{Store, StoreError, backup, sqlite::SqliteSettings, sqlite::SqliteStore};
use holdfast_sync::{
    ClientId,
    authority::{Request, Session, SessionInput, SessionOutput},
    protocol::{Body, ClientFrame, Limits, Ping, Push, Pushed, ServerFrame, Unsubscribe},
};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

const WHO: Who = Who::Person(Uuid::from_u128(5));

/// Connections of which each says a dozen frames.
const CONNECTIONS: u64 = 150;

/// Backups of which each is changed in some place.
const BACKUPS: u64 = 150;

/// A seeded source of choices (splitmix64).
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

/// What may stand where something else is expected.
fn odd(choices: &mut Choices) -> Value {
    let max = u64::MAX;
    let values = [
        json!(0),
        json!(1),
        json!(2),
        json!(5),
        json!(-1),
        json!(1.5),
        json!(max),
        json!(max - 1),
        json!(max / 2),
        json!(max / 2 + 1),
        json!(i64::MIN),
        json!(null),
        json!([]),
        json!({}),
        json!(""),
        json!("\u{0}"),
        json!("hall"),
        json!("vault"),
        json!("closed"),
        json!("note/0001"),
        json!("keys/vault"),
        json!("all"),
        json!({ "up_to": "\u{10ffff}" }),
        json!({ "up_to": "" }),
        json!("void"),
        json!({ "mutate": "Panic" }),
        json!({ "mutate": "Stray" }),
        json!(Uuid::nil()),
    ];
    values[choices.below(values.len())].clone()
}

/// Changes one value within a value.
fn change(choices: &mut Choices, value: &mut Value) {
    let inner = match value {
        Value::Array(items) if !items.is_empty() => {
            let at = choices.below(items.len());
            items.get_mut(at)
        }
        Value::Object(fields) if !fields.is_empty() => {
            let at = choices.below(fields.len());
            fields.values_mut().nth(at)
        }
        _ => None,
    };
    match inner {
        Some(inner) if choices.below(8) > 0 => change(choices, inner),
        _ => *value = odd(choices),
    }
}

/// What a well-behaved client might say.
fn frame(choices: &mut Choices, client: ClientId) -> ClientFrame<Notes> {
    let room = ["hall", "vault", "closed"][choices.below(3)].to_owned();
    let act = match choices.below(6) {
        0 => Act::Panic,
        1 => Act::Stray,
        _ => Act::Write(note(choices.below(5) as u32, "text")),
    };
    let body = if choices.below(5) == 0 { Body::Void } else { Body::Mutate(act) };
    let pushed = |seq: u64| Pushed { seq, nonce: seq, body: body.clone(), bases: Vec::new() };
    let seq = 1 + choices.below(4) as u64;
    match choices.below(6) {
        0 => ClientFrame::Hello(hello(client, None, &[room])),
        1 => ClientFrame::Unsubscribe(Unsubscribe { scope: room }),
        2 => ClientFrame::Ping(Ping { nonce: 6 }),
        _ => ClientFrame::Push(Push { mutations: vec![pushed(seq), pushed(seq + 1)] }),
    }
}

async fn carry_out(store: &SqliteStore<Hosted>, request: Request<Notes>) -> SessionInput<Notes> {
    let answered: Result<_, StoreError> = match request {
        Request::Hello(hello) => store.greet(hello, WHO, Limits::default()).await.map(SessionInput::Greeted),
        Request::Settle { client, mutations } => Ok(SessionInput::Settled(store.settle(WHO, client, mutations).await)),
        Request::Rights { scopes } => store.rights(WHO, scopes).await.map(SessionInput::Rights),
        Request::Log { after, limit, watched } => store.log(WHO, after, limit, watched).await.map(SessionInput::Log),
        Request::Page { scope, after, limit } => store.page(WHO, scope, after, limit).await.map(SessionInput::Page),
    };
    answered.expect("nothing that a client says makes the store fail")
}

/// Gives frames to a connection; what it says.
async fn converse(store: &SqliteStore<Hosted>, frames: &[String]) -> Vec<ServerFrame<Notes>> {
    let mut session = Session::new(WHO, Limits::default());
    let mut said = Vec::new();
    for frame in frames {
        session.handle(SessionInput::Frame(frame.clone()));
        while let Some(output) = session.poll() {
            match output {
                SessionOutput::Send(text) => said.push(ServerFrame::decode(&text).expect("it speaks the protocol")),
                SessionOutput::Read(request) => session.handle(carry_out(store, request).await),
                SessionOutput::Close { .. } => return said,
            }
        }
    }
    said
}

/// That a client that keeps to the protocol is served as ever.
async fn serves(store: &Arc<SqliteStore<Hosted>>) {
    let push = Push { mutations: vec![Pushed { seq: 1, nonce: 1, body: Body::Void, bases: Vec::new() }] };
    let hello: ClientFrame<Notes> = ClientFrame::Hello(hello(new_client(), None, &["hall".to_owned()]));
    let said = converse(store, &[hello.encode(), ClientFrame::<Notes>::Push(push).encode()]).await;
    assert!(matches!(said[0], ServerFrame::Welcome(_)), "{said:?}");
    assert!(said.iter().any(|frame| matches!(frame, ServerFrame::Ack(ack) if ack.seq == 1)), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_client_says_the_store_serves_on() {
    let folder = Folder::new();
    let store = SqliteStore::<Hosted>::open(&folder.path("db"), SqliteSettings::default()).await.expect("it opens");
    for seed in 0..CONNECTIONS {
        let mut choices = Choices(seed);
        // Some come again.
        let client = ClientId(Uuid::from_u128(1_000 + u128::from(seed / 3)));
        let mut frames = vec![ClientFrame::<Notes>::Hello(hello(client, None, &["hall".to_owned()])).encode()];
        frames.extend((0..12).map(|_| frame(&mut choices, client).encode()));
        for text in &mut frames {
            let mut value: Value = serde_json::from_str(text).expect("a frame is JSON");
            // The kind itself stays.
            if choices.below(3) == 0
                && let Some(body) = value.as_object_mut().and_then(|kinds| kinds.values_mut().next())
            {
                change(&mut choices, body);
            }
            *text = value.to_string();
        }
        let said = converse(&store, &frames).await;
        assert!(said.iter().all(|frame| !matches!(frame, ServerFrame::Unknown(_))), "{said:?}");
        if seed % 30 == 0 {
            serves(&store).await;
        }
    }
    serves(&store).await;
    store.close().await;
}

/// A backup of a store in which something happened.
async fn backup_of_some(folder: &Folder) -> Vec<Value> {
    let store = SqliteStore::<Hosted>::open(&folder.path("from"), SqliteSettings::default()).await.expect("it opens");
    let mut choices = Choices(1);
    let client = ClientId(Uuid::from_u128(7));
    let mut frames = vec![ClientFrame::<Notes>::Hello(hello(client, None, &[])).encode()];
    for seq in 1..20 {
        let body = Body::Mutate(Act::Write(note(choices.below(9) as u32, &format!("text {seq}"))));
        let mutations = vec![Pushed { seq, nonce: seq, body, bases: Vec::new() }];
        frames.push(ClientFrame::<Notes>::Push(Push { mutations }).encode());
    }
    converse(&store, &frames).await;
    let mut lines = Vec::new();
    store.export(&mut lines).await.expect("it can be written");
    store.close().await;
    let lines = String::from_utf8(lines).expect("it is text");
    lines.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_backup_is_taken_in_whole_or_not_at_all() {
    let folder = Folder::new();
    let lines = backup_of_some(&folder).await;
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..BACKUPS {
        let mut choices = Choices(seed);
        let mut lines = lines.clone();
        let at = choices.below(lines.len());
        match choices.below(6) {
            0 => lines.push(lines[at].clone()),
            1 => drop(lines.remove(at)),
            2 => lines.swap(0, at),
            _ => change(&mut choices, &mut lines[at]),
        }
        let mut text: Vec<u8> = lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
        match choices.below(10) {
            0 => text.truncate(choices.below(text.len())),
            1 => {
                let at = choices.below(text.len());
                text[at] ^= 1 << choices.below(8);
            }
            _ => {}
        }
        match take_in(&folder, &format!("to-{seed}"), &text).await {
            true => taken += 1,
            false => refused += 1,
        }
    }
    assert!(taken > 0 && refused > 50, "{taken} taken in, {refused} refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_in_a_backup_is_too_large() {
    let folder = Folder::new();
    let lines = backup_of_some(&folder).await;
    let places = [
        ("meta", "/head"),
        ("meta", "/counts/rows"),
        ("client", "/settled"),
        ("dedupe", "/seq"),
        ("dedupe", "/answer/at"),
        ("row", "/stored/seq"),
        ("row", "/stored/born"),
    ];
    for (number, (kind, pointer)) in places.into_iter().enumerate() {
        for (nth, odd) in [u64::MAX, u64::MAX / 2, u64::MAX / 2 + 1, 0].into_iter().enumerate() {
            let mut lines = lines.clone();
            let line = lines.iter_mut().find(|line| line["kind"] == kind).expect("there is one of each kind");
            *line.pointer_mut(pointer).expect("it has that field") = json!(odd);
            let text: Vec<u8> = lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
            take_in(&folder, &format!("number-{number}-{nth}"), &text).await;
        }
    }
}

/// Restores a backup into a new store, and sees that it serves; whether the backup was taken in.
async fn take_in(folder: &Folder, name: &str, text: &[u8]) -> bool {
    for line in text.split(|byte| *byte == b'\n') {
        // What it makes of it, the store says below.
        let _ = backup::Line::decode(&String::from_utf8_lossy(line));
    }
    let store = SqliteStore::<Hosted>::open(&folder.path(name), SqliteSettings::default()).await.expect("it opens");
    let is_taken = match store.restore(&mut &*text).await {
        Ok(_) => true,
        Err(StoreError::Backup { line, reason }) => {
            assert!(line > 0 && !reason.is_empty());
            assert_eq!(*store.head().borrow(), 0, "{name}: nothing of it was taken in");
            false
        }
        Err(other) => panic!("{name}: {other:?}"),
    };
    let mut again = Vec::new();
    store.export(&mut again).await.unwrap_or_else(|error| panic!("{name}: what was taken in is not read: {error}"));
    serves(&store).await;
    store.close().await;
    is_taken
}
