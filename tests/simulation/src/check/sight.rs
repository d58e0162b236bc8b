//! I7, only what you may see. Every text in a row is nowhere else: every byte sent to a client
//! is searched for those that were only ever where its user may not look now, for whole rows that are
//! there now, and for names of rows that its user could never see. At rest nobody holds such a row.

use super::{Checked, Checker, broken};
use crate::{
    client::Client,
    schema::{Key, Notes, Row, Scope},
};
use holdfast_sync::{Schema, client::Coverage};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of texts and names.
#[derive(Default)]
pub(super) struct Sight {
    /// The scopes in which a row was while it carried a text.
    carried: BTreeMap<u64, BTreeSet<Scope>>,
    /// The scopes in which a row was.
    places: BTreeMap<Key, BTreeSet<Scope>>,
    /// The rows that a user could see at some time.
    seen: BTreeSet<(u8, Key)>,
}

impl Checker {
    /// A row is in another state, or gone.
    pub(super) fn note_state(&mut self, key: &Key, row: Option<&Row>) {
        let Some(row) = row else { return };
        let scope = Notes::scope(row);
        for canary in canaries(row) {
            self.sight.carried.entry(canary).or_default().insert(scope);
        }
        self.sight.places.entry(*key).or_default().insert(scope);
        if matches!(row, Row::Lock(_)) {
            return self.look_around();
        }
        for user in 0..self.users {
            if Notes::may_read(&user, &scope, self.present()) {
                self.sight.seen.insert((user, *key));
            }
        }
    }

    /// Rights or rows are others: who sees what now.
    pub(super) fn look_around(&mut self) {
        let log = self.branches.last().expect("there is always a log");
        for user in 0..self.users {
            for (key, kept) in &log.rows {
                if Notes::may_read(&user, &Notes::scope(&kept.row), log) {
                    self.sight.seen.insert((user, *key));
                }
            }
        }
    }

    /// The server sends that to a client of that user.
    pub(crate) fn look_sent(&self, user: u8, text: &str) -> Checked {
        for canary in canaries_in(text) {
            let scopes = self.sight.carried.get(&canary).into_iter().flatten();
            let mut scopes = scopes.filter(|scope| Notes::may_read(&user, scope, self.present()));
            if scopes.next().is_none() {
                return broken("I7", format!("user {user} is sent text {canary}, which they may not read: {text}"));
            }
        }
        for row in rows_in(text) {
            let scope = Notes::scope(&row);
            if !Notes::may_read(&user, &scope, self.present()) {
                return broken("I7", format!("user {user} is sent a row of {scope}, which they may not read: {text}"));
            }
        }
        for key in keys_in(text) {
            let was_in = self.sight.places.get(&key).into_iter().flatten();
            let is_open = was_in.into_iter().any(|scope| Notes::may_read(&user, scope, self.present()));
            if !is_open && !self.sight.seen.contains(&(user, key)) {
                return broken("I7", format!("user {user} is told of {key}, which they could never read: {text}"));
            }
        }
        Ok(())
    }
}

/// At rest nobody holds of what they asked for what they may not read.
pub(super) fn look_held(checker: &Checker, client: &dyn Client, user: u8) -> Checked {
    for key in client.confirmed_keys() {
        let Some(scope) = client.confirmed_scope(&key) else { continue };
        let asked = client.coverage(&scope) != Coverage::None;
        if asked && !Notes::may_read(&user, &scope, checker.present()) {
            return broken("I7", format!("user {user} still holds {key}, and may not read it any more"));
        }
    }
    Ok(())
}

fn canaries(row: &Row) -> Vec<u64> {
    let texts = match row {
        Row::Doc(doc) => [Some(doc.title.as_str()), doc.color.as_deref()],
        Row::Note(note) => [Some(note.text.as_str()), None],
        Row::Pin(pin) => [Some(pin.text.as_str()), None],
        Row::Lock(_) => [None, None],
    };
    texts.into_iter().flatten().flat_map(canaries_in).collect()
}

/// The numbers between two `~`.
fn canaries_in(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.split('~').skip(1).step_by(2).filter_map(|number| number.parse().ok())
}

fn keys_in(text: &str) -> impl Iterator<Item = Key> + '_ {
    const DIGITS: usize = 8;
    text.match_indices('/').filter_map(|(at, _)| {
        let entity = ["doc", "note", "pin"].into_iter().find(|entity| text[..at].ends_with(entity))?;
        text.get(at - entity.len()..at + 1 + DIGITS)?.parse().ok()
    })
}

/// The whole rows in a frame.
fn rows_in(text: &str) -> Vec<Row> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Frame {
        Patch { changes: Vec<Change> },
        Snapshot { rows: Vec<Kept> },
        Results { rows: Vec<Kept> },
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Change {
        Put(Kept),
        Remove(serde::de::IgnoredAny),
    }
    #[derive(Deserialize)]
    struct Kept {
        row: Row,
    }
    if !text.contains("\"row\"") {
        return Vec::new();
    }
    match serde_json::from_str(text) {
        Ok(Frame::Patch { changes }) => changes
            .into_iter()
            .filter_map(|change| match change {
                Change::Put(kept) => Some(kept.row),
                Change::Remove(_) => None,
            })
            .collect(),
        Ok(Frame::Snapshot { rows } | Frame::Results { rows }) => rows.into_iter().map(|kept| kept.row).collect(),
        Err(error) => panic!("rows are in no other frames: {error} in {text}"),
    }
}
