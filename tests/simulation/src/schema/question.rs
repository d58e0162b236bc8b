//! What can be asked of a shelf that is not held whole.

use super::{Scope, older};
use holdfast_sync::{
    Schema,
    schema::{Clause, Column, ColumnKind, ColumnValue, Ordered, Query},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The documents of a shelf, by their votes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Question {
    /// The shelf.
    pub shelf: u8,
    /// Only those with this tag.
    pub tag: Option<u8>,
    /// Those with the most votes first.
    pub most: bool,
}

/// What a question reads of a row.
pub trait Asked {
    /// Id, votes and tags of a document.
    fn asked(&self) -> Option<(u32, u32, &BTreeSet<u8>)>;
}

impl Asked for super::Row {
    fn asked(&self) -> Option<(u32, u32, &BTreeSet<u8>)> {
        match self {
            Self::Doc(doc) => Some((doc.id, doc.votes, &doc.tags)),
            _ => None,
        }
    }
}

impl Asked for older::Row {
    fn asked(&self) -> Option<(u32, u32, &BTreeSet<u8>)> {
        match self {
            Self::Doc(doc) => Some((doc.id, doc.votes, &doc.tags)),
            _ => None,
        }
    }
}

const VOTES: usize = 0;
const TAGS: usize = 1;
const ID: usize = 2;

impl<S: Schema<Scope = Scope, Row: Asked>> Query<S> for Question {
    const COLUMNS: &'static [Column] = &[
        Column { name: "votes", kind: ColumnKind::Fixed(8) },
        Column { name: "tags", kind: ColumnKind::List },
        Column { name: "id", kind: ColumnKind::Fixed(8) },
    ];

    fn column(row: &S::Row, column: usize) -> Option<ColumnValue> {
        let (id, votes, tags) = row.asked()?;
        Some(match column {
            VOTES => ColumnValue::number(votes.into()),
            TAGS => ColumnValue::Many(tags.iter().map(|tag| vec![*tag]).collect()),
            _ => ColumnValue::number(id.into()),
        })
    }

    fn scope(&self) -> Scope {
        Scope::Shelf(self.shelf)
    }

    fn meets(&self, row: &S::Row) -> bool {
        row.asked().is_some_and(|(_, _, tags)| self.tag.is_none_or(|tag| tags.contains(&tag)))
    }

    fn order(&self) -> Vec<Ordered> {
        vec![Ordered { column: VOTES, descending: self.most }, Ordered::up(ID)]
    }

    fn clauses(&self) -> Vec<Vec<Clause>> {
        self.tag.into_iter().map(|tag| vec![Clause::Has(TAGS, vec![tag])]).collect()
    }
}
