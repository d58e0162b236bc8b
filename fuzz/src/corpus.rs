//! Valid inputs, and those that once broke something: files of this folder's `corpus`, the fixtures of
//! every released version, conversations of a real client with a real server.

use crate::{Decoder, device, session};
use holdfast_sync::{
    authority::{Session, SessionInput, SessionOutput},
    client::Input,
    protocol::Limits,
};
use holdfast_tracker::{Mutation, ProjectId, Scope};
use serde_json::Value;
use std::{fs, path::Path};
use uuid::Uuid;

/// The inputs to start from.
pub fn of(decoder: &Decoder) -> Vec<Vec<u8>> {
    let mut inputs = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(decoder.name));
    match decoder.name {
        "client-frame" => inputs.extend(fixtures("client-")),
        "server-frame" => inputs.extend(fixtures("server-")),
        "rows" => {
            inputs.extend(fixtures("row-"));
            inputs.extend(fixtures("mutation-"));
        }
        "texts" => inputs.extend(["key-", "scope-"].into_iter().flat_map(fixtures).map(without_quotes)),
        "store" => inputs.push(records()),
        "device" => inputs.extend((0..4).map(|seed| conversation(seed).0.into_bytes())),
        "session" => inputs.extend((0..4).map(|seed| conversation(seed).1.into_bytes())),
        _ => {}
    }
    assert!(!inputs.is_empty(), "{} has no inputs to start from", decoder.name);
    inputs
}

/// The tracker's fixtures whose name begins so.
pub fn fixtures(prefix: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/tracker/tests/fixtures/v1");
    let entries = fs::read_dir(folder).expect("the folder of fixtures is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix)));
    paths.iter().map(|path| fs::read(path).expect("a fixture can be read").trim_ascii_end().to_vec()).collect()
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("an input can be read")).collect()
}

fn without_quotes(json: Vec<u8>) -> Vec<u8> {
    serde_json::from_slice::<String>(&json).expect("keys and scopes are texts").into_bytes()
}

/// The records of a store, a line each.
fn records() -> Vec<u8> {
    let line = |fixture: Vec<u8>| {
        let fixture: Value = serde_json::from_slice(&fixture).expect("a fixture is JSON");
        let text = |field: &str| fixture[field].as_str().expect("it is a text").to_owned();
        format!("{} {} {}\n", text("table"), text("key"), fixture["json"])
    };
    fixtures("record-").into_iter().map(line).collect::<String>().into_bytes()
}

/// What a server and what a client says in a real conversation: all that befalls the one, and all that
/// is said to the other.
fn conversation(seed: u64) -> (String, String) {
    let mut store = session::store();
    let mut device = device::open(Default::default());
    let (mut to_device, mut to_session) = (String::new(), String::new());
    let mut session = Session::new(session::actor(), Limits::default());
    let project = ProjectId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002));
    let mutations: Vec<Mutation> = fixtures("mutation-")
        .iter()
        .map(|text| serde_json::from_slice(text).expect("a fixture is a mutation"))
        .collect();
    let mut acts: Vec<String> = [Scope::Workspace, Scope::Project(project), Scope::Texts(project)]
        .iter()
        .map(|scope| format!("subscribe {scope}"))
        .collect();
    for (at, mutation) in mutations.iter().enumerate() {
        let json = serde_json::to_string(mutation).expect("it is written as JSON");
        acts.push(format!("mutate {json}"));
        if (at as u64 + seed).is_multiple_of(5) {
            acts.push(["wait 100", "hold", "release", "wait 11000"][(at / 5 + seed as usize) % 4].to_owned());
        }
    }
    acts.push("release".to_owned());
    for act in acts {
        to_device.push_str(&format!("{act}\n"));
        let (word, rest) = act.split_once(' ').unwrap_or((&act, ""));
        match word {
            "subscribe" => device.feed(Input::Subscribe(rest.parse().expect("it is a scope"))),
            "wait" => device.wait(rest.parse().expect("it is a number")),
            "hold" => device.is_store_held = true,
            "release" => device.release_store(),
            _ => drop(device.mutate(serde_json::from_str(rest).expect("it is a mutation"))),
        }
        while let Some(text) = device.sent.pop_front() {
            to_session.push_str(&format!("{text}\n"));
            session.handle(SessionInput::Frame(text));
            while let Some(output) = session.poll() {
                match output {
                    SessionOutput::Send(text) => {
                        to_device.push_str(&format!("{text}\n"));
                        device.hear_text(&text);
                    }
                    SessionOutput::Read(request) => session.handle(store.carry_out(&session::actor(), 5, request)),
                    SessionOutput::Close { reason, .. } => panic!("a real client is not thrown out: {reason}"),
                }
            }
        }
    }
    (to_device, to_session)
}
