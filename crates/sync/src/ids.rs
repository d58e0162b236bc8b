//! Names of clients, mutations and positions in the change log.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use uuid::Uuid;

/// A position in a workspace's change log: dense, from 1; 0 is before the first.
pub type Seq = u64;

/// A browser profile (one IndexedDB database), chosen at random when it is first opened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub Uuid);

/// A mutation's name and idempotency key: the author's client and its place there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct MutationId {
    /// The author's client.
    pub client: ClientId,
    /// Dense per client, from 1.
    pub seq: u64,
}

/// The random id of a log's life: a restored database starts another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub Uuid);

/// The chained hash of the log up to a position; written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Mark(pub u128);

impl Mark {
    /// The mark after one more log entry, given as its stored bytes.
    #[must_use]
    pub fn chain(self, entry: &[u8]) -> Self {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        hasher.update(&self.0.to_be_bytes());
        hasher.update(entry);
        Self(hasher.digest128())
    }
}

/// Where in which log a replica stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncCursor {
    /// The log's life.
    pub epoch: Epoch,
    /// The last entry taken in.
    pub seq: Seq,
    /// The log's chained hash up to there.
    pub mark: Mark,
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MutationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.client, self.seq)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_the_whole_chain() {
        let start = Mark::default();
        assert_ne!(start.chain(b"a").chain(b"b"), start.chain(b"b").chain(b"a"));
        assert_ne!(start.chain(b"a").chain(b"b"), start.chain(b"b"));
    }

    #[test]
    fn a_mark_survives_the_wire() {
        let mark = Mark(7).chain(b"x");
        let text = serde_json::to_string(&mark).expect("a mark is a string");
        assert_eq!(serde_json::from_str::<Mark>(&text).expect("its own output"), mark);
    }
}
