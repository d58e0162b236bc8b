//! A small application that uses what the engine has: rows with parents that move between
//! scopes, rights that change, single values, sets, counters, mutations that read, write and
//! delete many rows. [`older`] is the version before it.

mod apply;
mod names;
pub mod older;
mod question;

pub use names::{Key, Scope};
pub use question::Question;

use holdfast_sync::{
    ApplyContext, Footprint, Refusal, Rule, Schema, Seq, Tx,
    client::Now,
    schema::{Rows, Stored},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// Shelves there are. Into the last only user 0 looks, unless it is opened.
pub const SHELVES: u8 = 4;

/// The application, in its newest version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Notes {}

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
    /// A pin. The version before knows none.
    Pin(Pin),
}

/// A document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Doc {
    /// Its id.
    pub id: u32,
    /// The shelf it is on.
    pub shelf: u8,
    /// A single value.
    pub title: String,
    /// A set.
    pub tags: BTreeSet<u8>,
    /// A counter.
    pub votes: u32,
    /// Given by the server.
    pub number: Option<u64>,
    /// A single value. The version before knows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// A note.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Its id.
    pub id: u32,
    /// The document it is on.
    pub doc: u32,
    /// That document's shelf.
    pub shelf: u8,
    /// A single value.
    pub text: String,
}

/// Who may not look into a shelf.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Lock {
    /// The shelf.
    pub shelf: u8,
    /// The users kept out.
    pub closed_to: BTreeSet<u8>,
}

/// A pin on a shelf.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Pin {
    /// Its id, as text: also those can read it who know nothing else of it.
    pub id: String,
    /// Its scope, likewise.
    pub scope: Scope,
    /// A single value.
    pub text: String,
}

/// The fields.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields above")]
pub enum Field {
    Fixed,
    Shelf,
    Title,
    Tags,
    Votes,
    Number,
    Color,
    Text,
    Lock,
}

/// What a user does once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Mutation {
    /// No two are the same: the checkers know it by this, whatever ids the engine gives it.
    pub stamp: u64,
    /// What.
    pub act: Act,
}

/// What users do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they say what they do")]
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
    /// Takes the document's notes along.
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
    /// Writes the number of notes into the document's title: reads many, writes one.
    CountNotes {
        doc: u32,
    },
    /// Keeps a user out of a shelf, or no longer.
    SetLock {
        shelf: u8,
        user: u8,
        closed: bool,
    },
    /// The version before knows no colours.
    Paint {
        id: u32,
        color: String,
    },
    /// Nor pins.
    AddPin {
        id: u32,
        shelf: u8,
        text: String,
    },
}

impl Schema for Notes {
    type Key = Key;
    type Row = Row;
    type Field = Field;
    type Scope = Scope;
    type Mutation = Mutation;
    type Actor = u8;
    type Query = Question;

    const VERSION: u32 = 2;

    fn key(row: &Row) -> Key {
        match row {
            Row::Doc(doc) => Key::Doc(doc.id),
            Row::Note(note) => Key::Note(note.id),
            Row::Lock(lock) => Key::Lock(lock.shelf),
            Row::Pin(pin) => Key::Pin(pin.id.parse().unwrap_or_default()),
        }
    }

    fn scope(row: &Row) -> Scope {
        match row {
            Row::Doc(doc) => Scope::Shelf(doc.shelf),
            Row::Note(note) => Scope::Texts(note.shelf),
            Row::Lock(_) => Scope::Locks,
            Row::Pin(pin) => pin.scope,
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
                differ(a.color != b.color, Field::Color);
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

    fn footprint(mutation: &Mutation) -> Footprint<Self> {
        apply::footprint(&mutation.act)
    }

    fn apply(mutation: &Mutation, ctx: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        apply::apply(&mutation.act, ctx.actor, tx)
    }

    fn rule(field: Field) -> Rule {
        match field {
            Field::Tags | Field::Votes => Rule::Commute,
            _ => Rule::LastWriterWins,
        }
    }
}

/// Whether a user may look into a shelf on which nobody has decided yet.
pub(crate) fn is_open_at_first(shelf: u8, user: u8) -> bool {
    shelf + 1 < SHELVES || user == 0
}

/// A version of the application: what differs between them is seen from the newest.
pub trait Version: Schema<Key = Key, Scope = Scope, Actor = u8, Row: question::Asked, Query = Question> {
    /// A row as this version knows it.
    fn row(row: &Row) -> Cow<'_, Self::Row>;

    /// The positions of its fields, where this version knows them all.
    fn versions(row: &Kept) -> Option<&BTreeMap<Self::Field, Seq>>;

    /// A mutation of this version, where it has that one.
    fn mutation(mutation: &Mutation) -> Option<Self::Mutation>;

    /// The mutation's stamp.
    fn stamp(mutation: &Self::Mutation) -> u64;
}

impl Version for Notes {
    fn row(row: &Row) -> Cow<'_, Row> {
        Cow::Borrowed(row)
    }

    fn versions(row: &Kept) -> Option<&BTreeMap<Field, Seq>> {
        Some(&row.versions)
    }

    fn mutation(mutation: &Mutation) -> Option<Mutation> {
        Some(mutation.clone())
    }

    fn stamp(mutation: &Mutation) -> u64 {
        mutation.stamp
    }
}

/// What one version wrote, as another reads it.
pub(crate) fn read_as<A: Serialize, B: DeserializeOwned>(value: &A) -> Option<B> {
    serde_json::from_value(serde_json::to_value(value).ok()?).ok()
}

/// A stored row in the newest version.
pub(crate) type Kept = Stored<Notes>;

/// The time of a simulated moment, by a clock that is `skew_ms` off.
pub(crate) fn clock(now: u64, skew_ms: i64) -> Now {
    Now { mono_ms: now, wall_ms: 1_700_000_000_000 + now as i64 + skew_ms }
}

/// A text that is nowhere else.
pub(crate) fn canary(stamp: u64) -> String {
    format!("~{stamp}~")
}
