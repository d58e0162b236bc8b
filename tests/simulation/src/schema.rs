//! A small application that uses what the engine has: rows with parents, several scopes,
//! single values, sets, counters, mutations that read, write and delete many rows.

use holdfast_sync::{
    ApplyContext, Footprint, Refusal, RefusalCode, Rule, Schema, Tx,
    client::{Now, SyncClient},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// The application.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Notes {}

/// Names a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// A document.
    Doc(u32),
    /// A note on one.
    Note(u32),
}

/// A shelf of documents, or all notes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// The documents of one shelf.
    Shelf(u8),
    /// All notes.
    Notes,
}

/// Any row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// A document.
    Doc(Doc),
    /// A note.
    Note(Note),
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
}

/// A note.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Its id.
    pub id: u32,
    /// The document it is on.
    pub doc: u32,
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
    Text,
}

/// What users do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they say what they do")]
pub enum Mutation {
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
    /// Writes the number of notes into the document's title: reads many, writes one.
    CountNotes {
        doc: u32,
    },
}

impl Schema for Notes {
    type Key = Key;
    type Row = Row;
    type Field = Field;
    type Scope = Scope;
    type Mutation = Mutation;
    type Actor = u8;

    const VERSION: u32 = 1;

    fn key(row: &Row) -> Key {
        match row {
            Row::Doc(doc) => Key::Doc(doc.id),
            Row::Note(note) => Key::Note(note.id),
        }
    }

    fn scope(row: &Row) -> Scope {
        match row {
            Row::Doc(doc) => Scope::Shelf(doc.shelf),
            Row::Note(_) => Scope::Notes,
        }
    }

    fn parent(row: &Row) -> Option<Key> {
        match row {
            Row::Doc(_) => None,
            Row::Note(note) => Some(Key::Doc(note.doc)),
        }
    }

    fn changed_fields(before: Option<&Row>, after: &Row) -> Vec<Field> {
        let mut fields = Vec::new();
        match (before, after) {
            (None, _) => fields.push(Field::Fixed),
            (Some(Row::Doc(a)), Row::Doc(b)) => {
                let mut differ = |changed: bool, field| changed.then(|| fields.push(field));
                differ(a.shelf != b.shelf, Field::Shelf);
                differ(a.title != b.title, Field::Title);
                differ(a.tags != b.tags, Field::Tags);
                differ(a.votes != b.votes, Field::Votes);
                differ(a.number != b.number, Field::Number);
            }
            (Some(Row::Note(a)), Row::Note(b)) if a.text != b.text => fields.push(Field::Text),
            _ => {}
        }
        fields
    }

    fn may_read(_: &u8, _: &Scope, _: &dyn holdfast_sync::schema::Rows<Self>) -> bool {
        true
    }

    fn footprint(mutation: &Mutation) -> Footprint<Self> {
        let doc = |id: &u32| Footprint::none().row(Key::Doc(*id));
        match mutation {
            Mutation::Create { id, .. } => doc(id).counter("docs"),
            Mutation::SetTitle { id, .. }
            | Mutation::Move { id, .. }
            | Mutation::AddTag { id, .. }
            | Mutation::RemoveTag { id, .. }
            | Mutation::Vote { id } => doc(id),
            Mutation::Delete { id } => doc(id).children(Key::Doc(*id)),
            Mutation::AddNote { id, doc: on, .. } | Mutation::EditNote { id, doc: on, .. } => {
                doc(on).row(Key::Note(*id))
            }
            Mutation::CountNotes { doc: on } => doc(on).children(Key::Doc(*on)),
        }
    }

    fn apply(mutation: &Mutation, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        match mutation {
            Mutation::Create { id, shelf, title } => {
                if tx.row(&Key::Doc(*id)).is_some() {
                    return Err(Refusal::new(RefusalCode::Exists, "There is such a document."));
                }
                let (number, title) = (tx.next("docs"), title.clone());
                let doc = Doc { id: *id, shelf: *shelf, title, tags: BTreeSet::new(), votes: 0, number };
                tx.put(Row::Doc(doc));
                Ok(())
            }
            Mutation::SetTitle { id, title } => edit(tx, *id, |doc| doc.title.clone_from(title)),
            Mutation::Move { id, shelf } => edit(tx, *id, |doc| doc.shelf = *shelf),
            Mutation::AddTag { id, tag } => edit(tx, *id, |doc| {
                doc.tags.insert(*tag);
            }),
            Mutation::RemoveTag { id, tag } => edit(tx, *id, |doc| {
                doc.tags.remove(tag);
            }),
            Mutation::Vote { id } => edit(tx, *id, |doc| doc.votes += 1),
            Mutation::Delete { id } => {
                edit(tx, *id, |_| {})?;
                for note in tx.children(&Key::Doc(*id)) {
                    tx.delete(&note);
                }
                tx.delete(&Key::Doc(*id));
                Ok(())
            }
            Mutation::AddNote { id, doc, text } | Mutation::EditNote { id, doc, text } => {
                edit(tx, *doc, |_| {})?;
                let there = tx.row(&Key::Note(*id)).is_some();
                if there != matches!(mutation, Mutation::EditNote { .. }) {
                    return Err(Refusal::not_found("note"));
                }
                tx.put(Row::Note(Note { id: *id, doc: *doc, text: text.clone() }));
                Ok(())
            }
            Mutation::CountNotes { doc } => {
                let count = tx.children(&Key::Doc(*doc)).len();
                edit(tx, *doc, |doc| doc.title = format!("{count} notes"))
            }
        }
    }

    fn rule(field: Field) -> Rule {
        match field {
            Field::Tags | Field::Votes => Rule::Commute,
            _ => Rule::LastWriterWins,
        }
    }
}

fn edit(tx: &mut Tx<'_, Notes>, id: u32, change: impl FnOnce(&mut Doc)) -> Result<(), Refusal> {
    let Some(Row::Doc(doc)) = tx.row(&Key::Doc(id)) else { return Err(Refusal::not_found("document")) };
    let mut doc = doc.clone();
    change(&mut doc);
    tx.put(Row::Doc(doc));
    Ok(())
}

/// Something a user could do, on what is in view.
pub(crate) fn draw(client: &SyncClient<Notes>, rng: &mut crate::plan::Rng, fresh: &mut u32) -> Mutation {
    let mut docs = Vec::new();
    let mut notes = Vec::new();
    for scope in [Scope::Shelf(0), Scope::Shelf(1), Scope::Notes] {
        client.for_each_row(&scope, |row| match row {
            Row::Doc(doc) => docs.push(doc.id),
            Row::Note(note) => notes.push((note.id, note.doc)),
        });
    }
    docs.sort_unstable();
    notes.sort_unstable();
    *fresh += 1;
    let (new, word) = (*fresh, format!("t{fresh}"));
    let (shelf, tag) = (rng.below(2) as u8, rng.below(5) as u8);
    if docs.is_empty() || rng.chance(150) {
        return Mutation::Create { id: new, shelf, title: word };
    }
    let id = docs[rng.below(docs.len() as u64) as usize];
    match rng.below(100) {
        0..30 => Mutation::SetTitle { id, title: word },
        30..38 => Mutation::Move { id, shelf },
        38..48 => Mutation::AddTag { id, tag },
        48..55 => Mutation::RemoveTag { id, tag },
        55..70 => Mutation::Vote { id },
        70..76 => Mutation::Delete { id },
        76..88 => Mutation::AddNote { id: new, doc: id, text: word },
        88..95 if !notes.is_empty() => {
            let (id, doc) = notes[rng.below(notes.len() as u64) as usize];
            Mutation::EditNote { id, doc, text: word }
        }
        _ => Mutation::CountNotes { doc: id },
    }
}

/// The time of a simulated moment, by a client's clock that is `skew_ms` off.
pub(crate) fn clock(now: u64, skew_ms: i64) -> Now {
    Now { mono_ms: now, wall_ms: 1_700_000_000_000 + now as i64 + skew_ms }
}

/// Confirmed rows, as they are compared.
pub(crate) type Rows = BTreeMap<Key, Row>;

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_text!(Key);
as_text!(Scope);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doc(id) => write!(f, "doc/{id:08}"),
            Self::Note(id) => write!(f, "note/{id:08}"),
        }
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = |id: &str| id.parse().map_err(|_| format!("{text} has no number"));
        match text.split_once('/') {
            Some(("doc", rest)) => Ok(Self::Doc(id(rest)?)),
            Some(("note", rest)) => Ok(Self::Note(id(rest)?)),
            _ => Err(format!("{text} is no key")),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shelf(shelf) => write!(f, "shelf/{shelf}"),
            Self::Notes => f.write_str("notes"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("shelf/").map(str::parse) {
            Some(Ok(shelf)) => Ok(Self::Shelf(shelf)),
            None if text == "notes" => Ok(Self::Notes),
            _ => Err(format!("{text} is no scope")),
        }
    }
}
