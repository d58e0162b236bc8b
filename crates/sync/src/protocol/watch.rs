//! Queries that a connection carries: a part of a scope, from its first place on.

use super::is_zero;
use crate::{
    Mark, Seq,
    schema::{Place, Schema, Stored},
};
use serde::{Deserialize, Serialize};

/// Carry a query, and send more of it in a page of [`Results`]. Sent again under the same id it asks for
/// the next page.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Watch<S: Schema> {
    /// Chosen by the client, other each time; comes back in the pages.
    pub id: u64,
    /// What is asked for.
    pub query: S::Query,
    /// How much of it the client holds.
    #[serde(default, skip_serializing_if = "Reach::is_nothing")]
    pub held: Reach,
    /// What the client knows of the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// How many rows it wants in all.
    pub rows: u64,
    /// How many of these it does not hold: 0 asks for no page.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u64,
}

/// How much of a query is held: all its rows up to a place.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Every row up to and with this place.
    UpTo(Place),
    /// All of it.
    All,
}

impl Reach {
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }

    /// Whether it reaches to there.
    pub fn holds(&self, place: &Place) -> bool {
        match self {
            Self::Nothing => false,
            Self::UpTo(last) => place <= last,
            Self::All => true,
        }
    }
}

/// How many rows meet a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Total {
    /// So many.
    pub count: u64,
    /// At that log position.
    pub at: Seq,
}

/// Carry a query no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unwatch {
    /// Its id.
    pub id: u64,
}

/// One page of the rows that meet a query, in its order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Results<S: Schema> {
    /// The [`Watch::id`]: a page of an older one is passed over.
    pub id: u64,
    /// The log position behind which patches carry these rows on this connection.
    pub live_from: Seq,
    /// The place that the page starts behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Place>,
    /// The log position the rows were read at: at least the last patch's `to`.
    pub as_of: Seq,
    /// The log's mark there.
    pub mark: Mark,
    /// The rows.
    pub rows: Vec<Stored<S>>,
    /// The last row's place, if more follow. None: that is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Place>,
    /// How many rows meet the query in all, at that position: in a page that has all of them, else soon behind the
    /// first in one that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// How many rows meet a query now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WatchTotal {
    /// The [`Watch::id`].
    pub id: u64,
    /// So many, at the end of the patch.
    pub count: u64,
}
