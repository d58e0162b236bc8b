//! One log as the checkers remember it: a server that is put back goes on in another, which
//! has only its beginning in common.

use crate::schema::{Kept, Key, Notes, Row};
use holdfast_sync::{
    ClientId, Epoch, Mark, MutationId, Rows, Seq, SyncCursor,
    authority::{LogEntry, Outcome},
};
use std::collections::{BTreeMap, BTreeSet};

/// How a mutation was settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum How {
    Applied,
    Refused,
    Void,
}

/// One log.
#[derive(Clone)]
pub(crate) struct Branch {
    pub(crate) epoch: Epoch,
    marks: Vec<Mark>,
    /// Of each row, every state it had, by log position.
    history: BTreeMap<Key, Vec<(Seq, Option<Kept>)>>,
    /// The rows as they are.
    pub(crate) rows: BTreeMap<Key, Kept>,
    /// By stamp: where a mutation stands, how it was settled and under which client's id.
    stamps: BTreeMap<u64, (Seq, How, ClientId)>,
    /// By stamp: where it was first passed over as void.
    taken_back: BTreeMap<u64, Seq>,
    ids: BTreeSet<MutationId>,
    last: BTreeMap<ClientId, u64>,
}

impl Branch {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            marks: Vec::new(),
            history: BTreeMap::new(),
            rows: BTreeMap::new(),
            stamps: BTreeMap::new(),
            taken_back: BTreeMap::new(),
            ids: BTreeSet::new(),
            last: BTreeMap::new(),
        }
    }

    /// The head's position.
    pub(crate) fn len(&self) -> Seq {
        self.marks.len() as Seq
    }

    pub(super) fn take(&mut self, entry: LogEntry<Notes>, stamp: Option<u64>, mark: Mark) {
        assert_eq!(entry.seq, self.len() + 1, "the log is dense");
        self.marks.push(mark);
        let how = match entry.outcome {
            Outcome::Applied => How::Applied,
            Outcome::Refused(_) => How::Refused,
            Outcome::Void => How::Void,
        };
        if let Some(stamp) = stamp
            && self.settled(stamp).is_none_or(|(_, before)| before != How::Applied)
        {
            self.stamps.insert(stamp, (entry.seq, how, entry.id.client));
        }
        if let (Some(stamp), How::Void) = (stamp, how) {
            self.taken_back.entry(stamp).or_insert(entry.seq);
        }
        self.ids.insert(entry.id);
        self.last.insert(entry.id.client, entry.id.seq);
        for change in entry.changes {
            match &change.after {
                Some(kept) => self.rows.insert(change.key, kept.clone()),
                None => self.rows.remove(&change.key),
            };
            self.history.entry(change.key).or_default().push((entry.seq, change.after));
        }
    }

    /// Whether that cursor is a place in this log.
    pub(crate) fn has(&self, cursor: SyncCursor) -> bool {
        let mark = match cursor.seq {
            0 => Some(Mark::default()),
            seq => self.marks.get(seq as usize - 1).copied(),
        };
        cursor.epoch == self.epoch && mark == Some(cursor.mark)
    }

    /// The mutations that stand where it has gone another way than that log.
    pub(super) fn stamps_apart_from(&self, other: &Self) -> impl Iterator<Item = u64> {
        let mark = |log: &Self, at: Seq| log.marks.get(at as usize - 1).copied();
        let is_apart = move |(_, (at, ..)): &(&u64, &(Seq, How, ClientId))| mark(self, *at) != mark(other, *at);
        self.stamps.iter().filter(is_apart).map(|(stamp, _)| *stamp)
    }

    /// Where a mutation stands, and how it was settled.
    pub(crate) fn settled(&self, stamp: u64) -> Option<(Seq, How)> {
        self.stamps.get(&stamp).map(|(at, how, _)| (*at, *how))
    }

    /// Where it was first passed over as void.
    pub(super) fn taken_back(&self, stamp: u64) -> Option<Seq> {
        self.taken_back.get(&stamp).copied()
    }

    /// Under which client's id a mutation was settled.
    pub(super) fn sender(&self, stamp: u64) -> Option<ClientId> {
        self.stamps.get(&stamp).map(|(_, _, client)| *client)
    }

    pub(super) fn has_id(&self, id: MutationId) -> bool {
        self.ids.contains(&id)
    }

    /// The last of a client's numbers.
    pub(super) fn last(&self, client: ClientId) -> Option<u64> {
        self.last.get(&client).copied()
    }

    pub(super) fn row_at(&self, key: &Key, seq: Seq) -> Option<&Kept> {
        let states = self.history.get(key)?;
        let count = states.partition_point(|(at, _)| *at <= seq);
        states[..count].last()?.1.as_ref()
    }

    /// Whether a row changed after one position, up to another.
    pub(super) fn changes(&self, key: &Key, after: Seq, through: Seq) -> bool {
        let mut states = self.history.get(key).into_iter().flatten();
        states.any(|(at, _)| (after + 1..=through).contains(at))
    }
}

impl Rows<Notes> for Branch {
    fn row(&self, key: &Key) -> Option<&Row> {
        self.rows.get(key).map(|kept| &kept.row)
    }

    fn children(&self, _: &Key) -> Vec<Key> {
        Vec::new()
    }
}
