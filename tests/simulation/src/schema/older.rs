//! The version before: its documents have no colour, it knows no pins, its users cannot
//! paint or pin. What it does not know it decodes, shows as unknown and never writes back.

use super::{Kept, Key, Lock, Mutation, Note, SHELVES, Scope, Version, is_open_at_first, read_as};
use holdfast_sync::{ApplyContext, Footprint, Refusal, RefusalCode, Rule, Schema, Seq, Tx, schema::Rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The application, one version ago.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Older {}

/// Any row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// A document.
    Doc(Doc),
    /// A note.
    Note(Note),
    /// Who may not look into a shelf.
    Lock(Lock),
    /// Of an entity that a newer version knows: `{"entity": {"id", "scope", …}}`.
    #[serde(untagged)]
    Other(BTreeMap<String, Value>),
}

/// A document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the newest version")]
pub struct Doc {
    pub id: u32,
    pub shelf: u8,
    pub title: String,
    pub tags: BTreeSet<u8>,
    pub votes: u32,
    pub number: Option<u64>,
}

/// The fields.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in the newest version")]
pub enum Field {
    Fixed,
    Shelf,
    Title,
    Tags,
    Votes,
    Number,
    Text,
    Lock,
    #[serde(other)]
    Unknown,
}

/// What a user does once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the newest version")]
pub struct OldMutation {
    pub stamp: u64,
    pub act: Act,
}

/// What users do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in the newest version")]
pub enum Act {
    Create {
        id: u32,
        shelf: u8,
        title: String,
    },
    SetTitle {
        id: u32,
        title: String,
    },
    Move {
        id: u32,
        shelf: u8,
    },
    AddTag {
        id: u32,
        tag: u8,
    },
    RemoveTag {
        id: u32,
        tag: u8,
    },
    Vote {
        id: u32,
    },
    Delete {
        id: u32,
    },
    AddNote {
        id: u32,
        doc: u32,
        text: String,
    },
    EditNote {
        id: u32,
        doc: u32,
        text: String,
    },
    CountNotes {
        doc: u32,
    },
    SetLock {
        shelf: u8,
        user: u8,
        closed: bool,
    },
    /// What a newer version's users do.
    #[serde(untagged)]
    Other(Value),
}

impl Row {
    /// What a row of an unknown entity says of itself, and its entity.
    fn other(fields: &BTreeMap<String, Value>) -> Option<(&str, &Value)> {
        fields.first_key_value().map(|(entity, body)| (entity.as_str(), body))
    }
}

impl Schema for Older {
    type Key = Key;
    type Row = Row;
    type Field = Field;
    type Scope = Scope;
    type Mutation = OldMutation;
    type Actor = u8;
    type Query = super::Question;

    const VERSION: u32 = 1;

    fn key(row: &Row) -> Key {
        match row {
            Row::Doc(doc) => Key::Doc(doc.id),
            Row::Note(note) => Key::Note(note.id),
            Row::Lock(lock) => Key::Lock(lock.shelf),
            Row::Other(fields) => {
                let named = Row::other(fields).and_then(|(entity, body)| {
                    format!("{entity}/{}", body["id"].as_str().unwrap_or_default()).parse().ok()
                });
                named.unwrap_or(Key::Pin(0))
            }
        }
    }

    fn scope(row: &Row) -> Scope {
        match row {
            Row::Doc(doc) => Scope::Shelf(doc.shelf),
            Row::Note(note) => Scope::Texts(note.shelf),
            Row::Lock(_) => Scope::Locks,
            Row::Other(fields) => {
                let scope = Row::other(fields).and_then(|(_, body)| body["scope"].as_str()?.parse().ok());
                scope.unwrap_or(Scope::Locks)
            }
        }
    }

    fn parent(row: &Row) -> Option<Key> {
        match row {
            Row::Note(note) => Some(Key::Doc(note.doc)),
            _ => None,
        }
    }

    fn changed_fields(before: Option<&Row>, after: &Row) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut differ = |changed: bool, field| changed.then(|| fields.push(field));
        match (before, after) {
            (None, _) => {
                differ(true, Field::Fixed);
            }
            (Some(Row::Doc(a)), Row::Doc(b)) => {
                differ(a.shelf != b.shelf, Field::Shelf);
                differ(a.title != b.title, Field::Title);
                differ(a.tags != b.tags, Field::Tags);
                differ(a.votes != b.votes, Field::Votes);
                differ(a.number != b.number, Field::Number);
            }
            (Some(Row::Note(a)), Row::Note(b)) => {
                differ(a.text != b.text, Field::Text);
                differ(a.shelf != b.shelf, Field::Shelf);
            }
            (Some(Row::Lock(a)), Row::Lock(b)) => {
                differ(a != b, Field::Lock);
            }
            _ => {}
        }
        fields
    }

    fn rights(_: &u8, scope: &Scope) -> Vec<Key> {
        scope.shelf().map(Key::Lock).into_iter().collect()
    }

    fn may_read(actor: &u8, scope: &Scope, rows: &dyn Rows<Self>) -> bool {
        let Some(shelf) = scope.shelf() else { return true };
        match rows.row(&Key::Lock(shelf)) {
            Some(Row::Lock(lock)) => !lock.closed_to.contains(actor),
            _ => is_open_at_first(shelf, *actor),
        }
    }

    fn footprint(mutation: &OldMutation) -> Footprint<Self> {
        let doc = |id: &u32| (0..SHELVES).fold(Footprint::none().row(Key::Doc(*id)), |all, n| all.row(Key::Lock(n)));
        match &mutation.act {
            Act::Create { id, .. } => doc(id).counter("docs"),
            Act::SetTitle { id, .. } | Act::AddTag { id, .. } | Act::RemoveTag { id, .. } | Act::Vote { id } => doc(id),
            Act::Move { id, .. } | Act::Delete { id } => doc(id).children(Key::Doc(*id)),
            Act::AddNote { id, doc: on, .. } | Act::EditNote { id, doc: on, .. } => doc(on).row(Key::Note(*id)),
            Act::CountNotes { doc: on } => doc(on).children(Key::Doc(*on)),
            Act::SetLock { shelf, .. } => Footprint::none().row(Key::Lock(*shelf)),
            Act::Other(_) => Footprint::none(),
        }
    }

    fn apply(mutation: &OldMutation, ctx: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        carry_out(&mutation.act, ctx.actor, tx)
    }

    fn rule(field: Field) -> Rule {
        match field {
            Field::Tags | Field::Votes => Rule::Commute,
            _ => Rule::LastWriterWins,
        }
    }
}

fn carry_out(act: &Act, user: u8, tx: &mut Tx<'_, Older>) -> Result<(), Refusal> {
    match act {
        Act::Create { id, shelf, title } => {
            look_into(tx, *shelf, user)?;
            if tx.row(&Key::Doc(*id)).is_some() {
                return Err(Refusal::new(RefusalCode::Exists, "There is such a document."));
            }
            let (number, title) = (tx.next("docs"), title.clone());
            tx.put(Row::Doc(Doc { id: *id, shelf: *shelf, title, tags: BTreeSet::new(), votes: 0, number }));
            Ok(())
        }
        Act::SetTitle { id, title } => edit(tx, *id, user, |doc| doc.title.clone_from(title)),
        Act::Move { id, shelf } => {
            edit(tx, *id, user, |doc| doc.shelf = *shelf)?;
            for key in tx.children(&Key::Doc(*id)) {
                if let Some(Row::Note(note)) = tx.row(&key) {
                    let note = Note { shelf: *shelf, ..note.clone() };
                    tx.put(Row::Note(note));
                }
            }
            Ok(())
        }
        Act::AddTag { id, tag } => edit(tx, *id, user, |doc| {
            doc.tags.insert(*tag);
        }),
        Act::RemoveTag { id, tag } => edit(tx, *id, user, |doc| {
            doc.tags.remove(tag);
        }),
        Act::Vote { id } => edit(tx, *id, user, |doc| doc.votes += 1),
        Act::Delete { id } => {
            edit(tx, *id, user, |_| {})?;
            for note in tx.children(&Key::Doc(*id)) {
                tx.delete(&note);
            }
            tx.delete(&Key::Doc(*id));
            Ok(())
        }
        Act::AddNote { id, doc, text } | Act::EditNote { id, doc, text } => {
            let shelf = seen(tx, *doc, user)?.shelf;
            if tx.row(&Key::Note(*id)).is_some() != matches!(act, Act::EditNote { .. }) {
                return Err(Refusal::not_found("note"));
            }
            tx.put(Row::Note(Note { id: *id, doc: *doc, shelf, text: text.clone() }));
            Ok(())
        }
        Act::CountNotes { doc } => {
            let count = tx.children(&Key::Doc(*doc)).len();
            edit(tx, *doc, user, |doc| doc.title = format!("{count} notes"))
        }
        Act::SetLock { shelf, user, closed } => {
            let mut closed_to = match tx.row(&Key::Lock(*shelf)) {
                Some(Row::Lock(lock)) => lock.closed_to.clone(),
                _ => (0..2).filter(|user| !is_open_at_first(*shelf, *user)).collect(),
            };
            match closed {
                true => closed_to.insert(*user),
                false => closed_to.remove(user),
            };
            tx.put(Row::Lock(Lock { shelf: *shelf, closed_to }));
            Ok(())
        }
        Act::Other(_) => Err(Refusal::new(RefusalCode::Unreadable, "A newer version of the app did this.")),
    }
}

fn look_into(tx: &Tx<'_, Older>, shelf: u8, user: u8) -> Result<(), Refusal> {
    let is_open = match tx.row(&Key::Lock(shelf)) {
        Some(Row::Lock(lock)) => !lock.closed_to.contains(&user),
        _ => is_open_at_first(shelf, user),
    };
    if is_open { Ok(()) } else { Err(Refusal::not_found("document")) }
}

fn seen(tx: &Tx<'_, Older>, id: u32, user: u8) -> Result<Doc, Refusal> {
    let Some(Row::Doc(doc)) = tx.row(&Key::Doc(id)) else { return Err(Refusal::not_found("document")) };
    look_into(tx, doc.shelf, user)?;
    Ok(doc.clone())
}

fn edit(tx: &mut Tx<'_, Older>, id: u32, user: u8, change: impl FnOnce(&mut Doc)) -> Result<(), Refusal> {
    let mut doc = seen(tx, id, user)?;
    change(&mut doc);
    tx.put(Row::Doc(doc));
    Ok(())
}

impl Version for Older {
    fn row(row: &super::Row) -> Cow<'_, Row> {
        Cow::Owned(read_as(row).expect("an older version reads what a newer one writes"))
    }

    fn versions(_: &Kept) -> Option<&BTreeMap<Field, Seq>> {
        None
    }

    fn mutation(mutation: &Mutation) -> Option<OldMutation> {
        read_as(mutation).filter(|mutation: &OldMutation| !matches!(mutation.act, Act::Other(_)))
    }

    fn stamp(mutation: &OldMutation) -> u64 {
        mutation.stamp
    }
}
