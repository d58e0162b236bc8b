//! I5, the view is base and outbox: what is shown, by key, by scope and by parent, are the confirmed
//! rows with the outbox replayed; no entry is replayed whose effect is beneath it already; and what an
//! edit says it was based on is what the user saw. And of I9: a screen is told of all that changes.

use super::{Checked, Checker, Seen, Who, branch::How, broken};
use crate::{
    client::{Client, List, Plain, Screen, Unsettled},
    schema::{Act, Key, Scope, Version},
    store::Store,
};
use holdfast_sync::{ApplyContext, Tx, Write, client::SyncClient, protocol::Body};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The view of one client.
pub(crate) fn look<S: Version>(client: &SyncClient<S>, user: u8) -> Checked {
    let mut rows = BTreeMap::new();
    for key in client.confirmed_keys() {
        rows.extend(client.confirmed(key).map(|stored| (*key, stored.row.clone())));
    }
    for entry in client.outbox() {
        let Body::Mutate(mutation) = &entry.body else { continue };
        if entry.beneath {
            continue; // That the rows hold it is looked at by `look_entries`.
        }
        let footprint = S::footprint(mutation);
        let ctx = ApplyContext { actor: user, now_ms: entry.created_ms, id: None };
        let below = Plain::<S>(&rows);
        let mut tx = Tx::new(&below, &footprint, None);
        let writes = match S::apply(mutation, &ctx, &mut tx) {
            Ok(()) => tx.finish(),
            Err(_) => BTreeMap::new(),
        };
        for (key, write) in writes {
            match write {
                Write::Put(row) => rows.insert(key, row),
                Write::Delete => rows.remove(&key),
            };
        }
    }
    for key in rows.keys().chain(client.confirmed_keys()) {
        if client.row(key) != rows.get(key) {
            let seen = client.row(key);
            return broken("I5", format!("{key} shows {seen:?}, base and outbox make {:?}", rows.get(key)));
        }
    }
    let mut shown = 0;
    let mut astray = None;
    for scope in Scope::all() {
        client.for_each_row(&scope, |row| {
            shown += 1;
            astray = astray.or((S::scope(row) != scope).then(|| S::key(row)));
        });
    }
    if let Some(key) = astray {
        return broken("I5", format!("{key} is listed in a scope that it is not in"));
    }
    let mut families: BTreeMap<Key, Vec<Key>> = rows.keys().map(|key| (*key, Vec::new())).collect();
    for (key, parent) in rows.iter().filter_map(|(key, row)| Some((key, S::parent(row)?))) {
        families.entry(parent).or_default().push(*key);
    }
    for (parent, children) in families {
        if client.children(&parent) != children {
            return broken(
                "I5",
                format!("{parent} has {:?}, base and outbox make {children:?}", client.children(&parent)),
            );
        }
    }
    match shown == rows.len() {
        true => Ok(()),
        false => broken("I5", format!("{shown} rows are shown, base and outbox make {}", rows.len())),
    }
}

/// Whatever changed was said to have: a screen that is drawn anew where it is told to be shows what is there.
pub(crate) fn look_screen<S: Version>(client: &SyncClient<S>, screen: &Screen<S>) -> Checked {
    for (key, (row, mark)) in &screen.rows {
        if client.row(key) != Some(row) || client.mark(key) != *mark {
            let now = (client.row(key), client.mark(key));
            return broken(
                "I9",
                format!("the screen shows {key} as {row:?}, {mark:?}, and nobody said that it is {now:?}"),
            );
        }
    }
    let mut unsaid = None;
    for scope in Scope::all() {
        client.for_each_row(&scope, |row| {
            unsaid = unsaid.or((!screen.rows.contains_key(&S::key(row))).then(|| S::key(row)))
        });
    }
    if let Some(key) = unsaid {
        return broken("I9", format!("{key} is there, and nobody said so"));
    }
    for List { scope, query } in &screen.lists {
        let (kept_up, anew) = (query.list(), List::of(client, *scope).query);
        if kept_up.range(0..kept_up.len()) != anew.list().range(0..anew.list().len()) {
            return broken("I9", format!("the list of {scope} is {kept_up:?}, made anew {:?}", anew.list()));
        }
    }
    Ok(())
}

/// No entry is replayed over its own effect, and those that are not replayed have theirs.
pub(super) fn look_entries(
    checker: &Checker,
    client: &dyn Client,
    outbox: &[Unsettled],
    seen: &Seen,
    who: Who<'_>,
) -> Checked {
    let Some(cursor) = client.cursor() else { return Ok(()) };
    let Some(branch) = checker.branch_of(cursor) else { return Ok(()) };
    for entry in outbox {
        let Some(stamp) = entry.stamp else { continue };
        let settled = branch.settled(stamp).filter(|(at, _)| *at <= cursor.seq);
        let Some((at, How::Applied)) = settled else {
            // One that was taken back in another tab, or refused, has no effect, and is to have none. A copy of the
            // profile that has it still carries it out later.
            let is_without = matches!(settled, Some((_, How::Void | How::Refused)))
                || branch.taken_back(stamp).is_some_and(|at| at <= cursor.seq);
            if entry.beneath && !is_without {
                return broken("I5", format!("{entry:?} is not replayed, its effect is not there: {settled:?}"));
            }
            continue;
        };
        // Of what others left it, of what was sent under another id, and in a copy of the profile of what
        // was sent before it went by this id, a tab hears when it sends it.
        let is_told = who.inherited.is_some_and(|inherited| !inherited.contains(&stamp))
            && branch.sender(stamp) == client.id()
            && (!checker.doubled.contains(&stamp) || seen.named.is_some_and(|(_, since)| since < at));
        if is_told && !entry.beneath {
            let seq = cursor.seq;
            let what =
                format!("mutation {stamp} is in the outbox at {seq}, its effect is there since {at}: {outbox:?}");
            return broken("I5", what);
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Frame {
    push: Option<Push>,
}

#[derive(Deserialize)]
struct Push {
    mutations: Vec<Pushed>,
}

#[derive(Deserialize)]
struct Pushed {
    seq: u64,
    #[serde(default)]
    bases: Vec<Basis>,
}

#[derive(Deserialize)]
struct Basis {
    key: Key,
    field: String,
    base: Base,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Base {
    Confirmed(serde::de::IgnoredAny),
    After(u64),
}

impl Checker {
    /// What a client sends: each edit based on another of its own names one that made that field what it was.
    pub(crate) fn look_push(&self, text: &str, store: &Store) -> Checked {
        if !text.starts_with("{\"push\"") || !text.contains("\"after\"") {
            return Ok(());
        }
        let Ok(Frame { push: Some(push) }) = serde_json::from_str(text) else { return Ok(()) };
        for Pushed { seq, bases } in push.mutations {
            for Basis { key, field, base } in bases {
                let named = match base {
                    Base::Confirmed(_) => continue,
                    Base::After(named) => named,
                };
                let stamp = store.stamp_of(named);
                let act = stamp.and_then(|stamp| self.made.get(&stamp)).map(|made| &made.mutation.act);
                if named >= seq || act.is_some_and(|act| !wrote(act, &key, &field)) {
                    let what = format!("edit {seq} says that {field} of {key} was what {named} made of it: {act:?}");
                    return broken("I5", what);
                }
            }
        }
        Ok(())
    }
}

/// Whether an act may have changed a field of a row.
fn wrote(act: &Act, key: &Key, field: &str) -> bool {
    let on = |id: &u32| *key == Key::Doc(*id);
    match act {
        Act::Create { id, .. } => on(id) && field == "fixed",
        Act::SetTitle { id, .. } | Act::CountNotes { doc: id } => on(id) && field == "title",
        Act::Move { id, .. } => (on(id) || matches!(key, Key::Note(_))) && field == "shelf",
        Act::AddTag { id, .. } | Act::RemoveTag { id, .. } => on(id) && field == "tags",
        Act::Vote { id } => on(id) && field == "votes",
        Act::Paint { id, .. } => on(id) && field == "color",
        Act::AddNote { id, .. } | Act::EditNote { id, .. } => *key == Key::Note(*id),
        Act::SetLock { shelf, .. } => *key == Key::Lock(*shelf),
        Act::AddPin { id, .. } => *key == Key::Pin(*id),
        Act::Delete { .. } => false,
    }
}
