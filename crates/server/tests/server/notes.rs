//! A second, tiny application: the server knows nothing of the tracker. Its notes hang in
//! rooms; one of its mutations panics, another touches what it did not announce.

use crate::world::{Client, send, upgrade};
use axum::body::Bytes;
use holdfast_server::{
    Application, Named, Searched, Server, Settings, Sought,
    store::sqlite::{SqliteSettings, SqliteStore},
};
use holdfast_sync::{
    ApplyContext, Footprint, Refusal, Rule, Schema, Tx,
    protocol::{Change, ServerFrame},
    schema::Rows,
};
use holdfast_tracker::search::{self, Text};
use http_body_util::Full;
use hyper::{Request, header};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Notes;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// `note/n`, `user/…`, `workspace/…`.
    pub key: String,
    pub room: String,
    pub text: String,
}

/// The room in which nothing can be written.
pub const CLOSED: &str = "closed";

/// The room that one person may read: whom the row [`KEYS`] names.
pub const VAULT: &str = "vault";

/// The row that says who may read the vault.
pub const KEYS: &str = "keys/vault";

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Act {
    Write(Note),
    Panic,
    /// Writes a row that is not in its footprint.
    Stray,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub enum Who {
    System,
    Person(Uuid),
}

impl Schema for Notes {
    type Key = String;
    type Row = Note;
    type Field = u8;
    type Scope = String;
    type Mutation = Act;
    type Actor = Who;
    type Query = holdfast_sync::schema::NoQuery;

    const VERSION: u32 = 1;

    fn key(row: &Note) -> String {
        row.key.clone()
    }

    fn scope(row: &Note) -> String {
        row.room.clone()
    }

    fn parent(_: &Note) -> Option<String> {
        None
    }

    fn changed_fields(before: Option<&Note>, after: &Note) -> Vec<u8> {
        if before == Some(after) { Vec::new() } else { vec![0] }
    }

    fn rights(_: &Who, room: &String) -> Vec<String> {
        if room == VAULT { vec![KEYS.to_owned()] } else { Vec::new() }
    }

    fn may_read(who: &Who, room: &String, rows: &dyn Rows<Self>) -> bool {
        room != VAULT || rows.row(&KEYS.to_owned()).is_some_and(|keys| keys.text == format!("{who:?}"))
    }

    fn footprint(act: &Act) -> Footprint<Self> {
        match act {
            Act::Write(note) => Footprint::none().row(note.key.clone()),
            Act::Panic | Act::Stray => Footprint::none(),
        }
    }

    fn apply(act: &Act, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        match act {
            Act::Write(note) if note.room == CLOSED => return Err(Refusal::invalid("This room is closed.")),
            Act::Write(note) => tx.put(note.clone()),
            Act::Panic => panic!("a mistake in the application"),
            Act::Stray => tx.put(note(1, "stray")),
        }
        Ok(())
    }

    fn rule(_: u8) -> Rule {
        Rule::LastWriterWins
    }
}

pub fn note(number: u32, text: &str) -> Note {
    Note { key: format!("note/{number:04}"), room: "hall".to_owned(), text: text.to_owned() }
}

pub enum Hosted {}

impl Application for Hosted {
    type Schema = Notes;

    const USERS: &'static str = "user";
    const WORKSPACES: &'static str = "workspace";

    fn system() -> Who {
        Who::System
    }

    fn user(id: Uuid) -> Who {
        Who::Person(id)
    }

    fn put(row: Note) -> Act {
        Act::Write(row)
    }

    fn user_row(name: &str) -> Note {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.to_lowercase().as_bytes());
        Note { key: format!("user/{id}"), room: "door".to_owned(), text: name.to_owned() }
    }

    fn workspace_row(id: Uuid) -> Note {
        Note { key: format!("workspace/{id}"), room: "door".to_owned(), text: "House".to_owned() }
    }

    const SEARCHED_VERSION: u32 = 1;

    fn searched(row: &Note) -> Option<Searched> {
        let text = Text { title: "", number: None, body: &row.text };
        let (title, body) = text.indexed();
        row.key.starts_with("note/").then_some(Searched { title, body })
    }

    fn sought(text: &str) -> Sought<Note> {
        let sought = search::Sought::of(text);
        let words = sought.words().to_vec();
        let rank = move |row: &Note| sought.rank(&Text { title: "", number: None, body: &row.text });
        Sought { words, rank: Box::new(rank) }
    }

    fn named(row: &Note) -> Option<Named> {
        Named::of(&row.key, &row.text)
    }
}

/// A server of notes in this process.
pub struct House {
    pub host: String,
    pub store: Arc<SqliteStore<Hosted>>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl House {
    pub async fn open(path: &Path, store: SqliteSettings, settings: Settings) -> Self {
        let store = SqliteStore::<Hosted>::open(path, store).await.expect("it can be opened");
        let server = Server::<Hosted>::new(store.clone(), settings).await.expect("it gets its workspace");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let host = listener.local_addr().expect("it has one").to_string();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let stopped = async {
                // The sender's end is a stop too.
                let _ = stopped.await;
            };
            server.serve(listener, stopped).await.expect("it listens");
        });
        Self { host, store, stop: Some(stop), served }
    }

    pub async fn close(mut self) {
        drop(self.stop.take());
        self.served.await.expect("it ends");
    }

    pub async fn sign_in(&self, name: &str) -> String {
        let request = Request::post("/api/session")
            .header(header::HOST, &self.host)
            .header(header::ORIGIN, format!("http://{}", self.host))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(Bytes::from(format!("{{\"name\":\"{name}\"}}"))));
        let answer = send(&self.host, request.expect("it is whole")).await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is ASCII");
        cookie.split(';').next().expect("a split has a first").to_owned()
    }

    pub async fn connect(&self, cookie: &str) -> Client<Notes> {
        Client::connect(&self.host, Some(cookie)).await
    }

    pub async fn can_upgrade(&self) -> bool {
        upgrade(&self.host, &[("origin", &format!("http://{}", self.host))]).await.is_ok()
    }

    /// A count of `/metrics`.
    pub async fn count(&self, name: &str) -> u64 {
        let request = Request::get("/metrics").header(header::HOST, &self.host).body(Full::default());
        let text = send(&self.host, request.expect("it is whole")).await.text;
        let line =
            text.lines().find_map(|line| line.strip_prefix(&format!("holdfast_{name} "))).expect("it is counted");
        line.parse().expect("it is a number")
    }
}

/// What a list of frames says of the mutations pushed, shortly.
pub fn answers(frames: &[ServerFrame<Notes>]) -> Vec<String> {
    let answer = |frame: &ServerFrame<Notes>| match frame {
        ServerFrame::Ack(ack) => Some(format!("ack {}", ack.seq)),
        ServerFrame::Reject(reject) if reject.at.is_none() => Some(format!("later {}", reject.seq)),
        ServerFrame::Reject(reject) => Some(format!("never {} {:?}", reject.seq, reject.refusal.code)),
        _ => None,
    };
    frames.iter().filter_map(answer).collect()
}

/// The texts that a list of frames brings.
pub fn texts(frames: &[ServerFrame<Notes>]) -> Vec<String> {
    let patches = frames.iter().filter_map(|frame| match frame {
        ServerFrame::Patch(patch) => Some(patch),
        _ => None,
    });
    let text = |change: &Change<Notes>| match change {
        Change::Put(stored) => Some(stored.row.text.clone()),
        Change::Remove { .. } => None,
    };
    patches.flat_map(|patch| &patch.changes).filter_map(text).collect()
}
