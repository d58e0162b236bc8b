//! A small schema: boards with notes.

use holdfast_sync::{
    ApplyContext, Footprint, Refusal, RefusalCode, Rule, Schema, Tx,
    schema::{Clause, Column, ColumnKind, ColumnValue, Ordered, Query, Rows},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Notes {}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct NoteId(pub u32);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Board(pub u32);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    pub id: NoteId,
    pub board: Board,
    pub title: String,
    pub done: bool,
    pub rank: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Field {
    Title,
    Done,
    Rank,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Edit {
    Add(Note),
    Rename(NoteId, String),
    SetDone(NoteId, bool),
    SetRank(NoteId, u32),
    Remove(NoteId),
}

/// The notes of a board that are not done, by rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Undone(pub Board);

impl Query<Notes> for Undone {
    const COLUMNS: &'static [Column] = &[
        Column { name: "rank", kind: ColumnKind::Fixed(8) },
        Column { name: "id", kind: ColumnKind::Fixed(8) },
        Column { name: "done", kind: ColumnKind::Fixed(1) },
    ];

    fn column(note: &Note, column: usize) -> Option<ColumnValue> {
        Some(match column {
            0 => ColumnValue::number(note.rank.into()),
            1 => ColumnValue::number(note.id.0.into()),
            _ => ColumnValue::One(vec![note.done.into()]),
        })
    }

    fn scope(&self) -> Board {
        self.0
    }

    fn meets(&self, note: &Note) -> bool {
        !note.done
    }

    fn order(&self) -> Vec<Ordered> {
        vec![Ordered::up(0), Ordered::up(1)]
    }

    fn clauses(&self) -> Vec<Vec<Clause>> {
        vec![vec![Clause::OneOf(2, vec![vec![0]])]]
    }
}

/// A board that nobody may read.
pub const SECRET: Board = Board(99);

pub fn note(id: u32, title: &str) -> Note {
    Note { id: NoteId(id), board: Board(1), title: title.to_owned(), done: false, rank: id }
}

pub fn add(id: u32, title: &str) -> Edit {
    Edit::Add(note(id, title))
}

pub fn rename(id: u32, title: &str) -> Edit {
    Edit::Rename(NoteId(id), title.to_owned())
}

impl Schema for Notes {
    type Key = NoteId;
    type Row = Note;
    type Field = Field;
    type Scope = Board;
    type Mutation = Edit;
    type Actor = String;
    type Query = Undone;

    const VERSION: u32 = 1;

    fn key(row: &Note) -> NoteId {
        row.id
    }

    fn scope(row: &Note) -> Board {
        row.board
    }

    fn parent(_: &Note) -> Option<NoteId> {
        None
    }

    fn changed_fields(before: Option<&Note>, after: &Note) -> Vec<Field> {
        let differs = |differs: fn(&Note, &Note) -> bool| before.is_none_or(|before| differs(before, after));
        let mut fields = Vec::new();
        fields.extend(differs(|a, b| a.title != b.title).then_some(Field::Title));
        fields.extend(differs(|a, b| a.done != b.done).then_some(Field::Done));
        fields.extend(differs(|a, b| a.rank != b.rank).then_some(Field::Rank));
        fields
    }

    fn may_read(_: &String, scope: &Board, _: &dyn Rows<Self>) -> bool {
        *scope != SECRET
    }

    fn footprint(edit: &Edit) -> Footprint<Self> {
        Footprint::none().row(edit.note())
    }

    fn apply(edit: &Edit, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
        let id = edit.note();
        let held = tx.row(&id).cloned();
        let mut note = match (edit, held) {
            (Edit::Add(note), None) => note.clone(),
            (Edit::Add(_), Some(_)) => return Err(Refusal::new(RefusalCode::Exists, "There is such a note.")),
            (_, None) => return Err(Refusal::not_found("note")),
            (_, Some(held)) => held,
        };
        match edit {
            Edit::Add(_) => {}
            Edit::Rename(_, title) => note.title.clone_from(title),
            Edit::SetDone(_, done) => note.done = *done,
            Edit::SetRank(_, rank) => note.rank = *rank,
            Edit::Remove(_) => {
                tx.delete(&id);
                return Ok(());
            }
        }
        tx.put(note);
        Ok(())
    }

    fn rule(_: Field) -> Rule {
        Rule::LastWriterWins
    }
}

impl Edit {
    fn note(&self) -> NoteId {
        match self {
            Self::Add(note) => note.id,
            Self::Rename(id, _) | Self::SetDone(id, _) | Self::SetRank(id, _) | Self::Remove(id) => *id,
        }
    }
}

macro_rules! as_text {
    ($name:ident, $prefix:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "/{:08}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let number = text.strip_prefix(concat!($prefix, "/")).and_then(|number| number.parse().ok());
                number.map(Self).ok_or_else(|| format!("{text:?} is no {}", $prefix))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }
    };
}

as_text!(NoteId, "note");
as_text!(Board, "board");
