//! The log's newest entries in memory: what fan-out reads, once for all connections.

use crate::store::{LogPage, PAGE_BYTES};
use holdfast_sync::{Schema, Seq, SyncCursor, authority::LogEntry};
use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError, RwLock},
};

/// How many entries are kept at most.
const ENTRIES_MAX: usize = 4096;

/// How many bytes of entries, as stored, are kept at most, beyond the newest.
const BYTES_MAX: usize = 32 << 20;

/// A log entry with the cursor behind it.
#[derive(Debug)]
pub(super) struct Written<S: Schema> {
    /// The entry.
    pub entry: Arc<LogEntry<S>>,
    /// Where the log stands behind it.
    pub cursor: SyncCursor,
    /// Its size as stored.
    pub size_bytes: usize,
}

/// A dense run of the log's newest entries.
#[derive(Debug)]
pub(super) struct Recent<S: Schema>(RwLock<Run<S>>);

#[derive(Debug)]
struct Run<S: Schema> {
    entries: VecDeque<Written<S>>,
    size_bytes: usize,
}

impl<S: Schema> Default for Recent<S> {
    fn default() -> Self {
        Self(RwLock::new(Run { entries: VecDeque::new(), size_bytes: 0 }))
    }
}

impl<S: Schema> Recent<S> {
    /// Takes in what was committed. Where another process has written in between, the run
    /// starts anew.
    pub fn extend(&self, written: Vec<Written<S>>) {
        let mut run = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for next in written {
            if run.entries.back().is_some_and(|last| last.cursor.seq + 1 != next.cursor.seq) {
                run.entries.clear();
                run.size_bytes = 0;
            }
            run.size_bytes += next.size_bytes;
            run.entries.push_back(next);
        }
        while run.entries.len() > ENTRIES_MAX || (run.entries.len() > 1 && run.size_bytes > BYTES_MAX) {
            let oldest = run.entries.pop_front().expect("it is not empty");
            run.size_bytes -= oldest.size_bytes;
        }
    }

    /// The entries behind a position, if they are here.
    pub fn after(&self, after: Seq, limit: usize) -> Option<LogPage<S>> {
        let run = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let first = run.entries.front()?.cursor.seq;
        let skip = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        let mut size_bytes = 0;
        let mut cursor = run.entries.get(skip)?.cursor;
        let mut entries = Vec::new();
        for written in run.entries.range(skip..).take(limit) {
            size_bytes += written.size_bytes;
            if !entries.is_empty() && size_bytes > PAGE_BYTES {
                break;
            }
            cursor = written.cursor;
            entries.push(written.entry.clone());
        }
        Some((entries, cursor))
    }
}
