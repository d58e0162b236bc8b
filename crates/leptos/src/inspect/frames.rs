//! The frames that came to a wire.

use std::{collections::VecDeque, sync::Arc};

/// How many frames are kept.
const KEPT: usize = 200;

/// Bytes of a frame's text that are kept at most.
const TEXT_BYTES_MAX: usize = 2 * 1024;

/// Which way a frame goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the app.
    Sent,
    /// To the app.
    Received,
}

/// What became of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It went through.
    Passed,
    /// It went through twice.
    Twice,
    /// It was lost.
    Dropped,
}

impl Fate {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Twice => "twice",
            Self::Dropped => "dropped",
        }
    }
}

/// A frame that came to a [`Wire`](super::Wire).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameRecord {
    /// Counts the wire's frames, from 1.
    pub number: u64,
    /// Which way it went.
    pub direction: Direction,
    /// When it came to the wire, Unix milliseconds by this device's clock.
    pub at_ms: i64,
    /// The first key of its JSON object; empty where it is none.
    pub kind: String,
    /// How long it is.
    pub size_bytes: usize,
    /// Its first two KiB.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

/// So many frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// How many.
    pub frames: u64,
    /// How long they are together.
    pub bytes: u64,
}

/// How many frames came to a [`Wire`](super::Wire), whatever became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// From the app.
    pub sent: Count,
    /// To the app.
    pub received: Count,
}

/// What a wire has seen.
#[derive(Default)]
pub(super) struct Journal {
    pub(super) traffic: Traffic,
    kept: VecDeque<Arc<FrameRecord>>,
}

impl Journal {
    pub(super) fn note(&mut self, direction: Direction, at_ms: i64, text: &str, fate: Fate) {
        let count = match direction {
            Direction::Sent => &mut self.traffic.sent,
            Direction::Received => &mut self.traffic.received,
        };
        count.frames += 1;
        count.bytes += text.len() as u64;
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Arc::new(FrameRecord {
            number: self.traffic.sent.frames + self.traffic.received.frames,
            direction,
            at_ms,
            kind: kind(text).to_owned(),
            size_bytes: text.len(),
            text: text[..text.floor_char_boundary(TEXT_BYTES_MAX)].to_owned(),
            fate,
        }));
    }

    /// What is kept, the newest first.
    pub(super) fn latest(&self) -> Vec<Arc<FrameRecord>> {
        self.kept.iter().rev().cloned().collect()
    }
}

/// The first key of a JSON object, as far as it can be told without reading it whole.
fn kind(text: &str) -> &str {
    let key = text.trim_start().strip_prefix('{').map(str::trim_start).and_then(|rest| rest.strip_prefix('"'));
    key.and_then(|rest| rest.split_once('"')).map_or("", |(key, _)| key)
}
