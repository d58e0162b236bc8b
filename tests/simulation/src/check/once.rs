//! I2, exactly once: no mutation's effect is twice in a log, and no id.

use super::{
    Checked,
    branch::{Branch, How},
    broken,
};
use crate::schema::Notes;
use holdfast_sync::authority::{LogEntry, Outcome};

pub(super) fn look(log: &Branch, entry: &LogEntry<Notes>, stamp: Option<u64>) -> Checked {
    if log.has_id(entry.id) {
        return broken("I2", format!("{} is in the log twice, again at {}", entry.id, entry.seq));
    }
    match stamp.and_then(|stamp| log.settled(stamp)) {
        Some((at, How::Applied)) if entry.outcome == Outcome::Applied => {
            broken("I2", format!("mutation {stamp:?} took effect at {at} and again at {} as {}", entry.seq, entry.id))
        }
        _ => Ok(()),
    }
}
