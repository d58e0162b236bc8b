//! What is to happen when, in simulated milliseconds; and the trace of what did.

use crate::network::WireId;
use holdfast_sync::ClientId;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// A tab, across all devices.
pub(crate) type TabId = usize;

/// What happens at a moment. A tab's life ends with a crash: what was meant for it then is void.
#[derive(Debug)]
pub(crate) enum Event {
    Act(u32),
    Timer {
        tab: TabId,
        life: u32,
    },
    Store {
        tab: TabId,
        life: u32,
    },
    Boot {
        tab: TabId,
        life: u32,
        step: Boot,
    },
    /// Another tab of the profile says that it stored these.
    Told {
        tab: TabId,
        life: u32,
        records: Vec<(String, Vec<u8>)>,
    },
    /// Another tab says that the profile has another id.
    Renamed {
        tab: TabId,
        life: u32,
        client: ClientId,
    },
    LockFree {
        device: usize,
    },
    Restart {
        tab: TabId,
    },
    Opened(WireId),
    ToServer(WireId, String),
    ToClient(WireId, String),
    ClosedAtClient(WireId),
    ClosedAtServer(WireId),
    Answer(WireId),
    ServerUp,
}

/// How far a tab's start is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Boot {
    Open,
    /// The rows behind that key come next.
    Rows(Option<String>),
}

/// The events to come.
pub(crate) struct Schedule {
    pub(crate) now: u64,
    order: u64,
    heap: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    trace: xxhash_rust::xxh3::Xxh3,
    pub(crate) handled: u64,
    /// Whether each event is told on standard error.
    pub(crate) is_aloud: bool,
}

impl Schedule {
    pub(crate) fn new() -> Self {
        Self {
            now: 0,
            order: 0,
            heap: BinaryHeap::new(),
            events: BTreeMap::new(),
            trace: xxhash_rust::xxh3::Xxh3::new(),
            handled: 0,
            is_aloud: false,
        }
    }

    pub(crate) fn add(&mut self, at: u64, event: Event) {
        self.order += 1;
        self.heap.push(Reverse((at.max(self.now), self.order)));
        self.events.insert(self.order, event);
    }

    /// The next event up to that moment.
    pub(crate) fn next(&mut self, end: u64) -> Option<Event> {
        let Reverse((at, order)) = self.heap.peek().copied().filter(|Reverse((at, _))| *at <= end)?;
        self.heap.pop();
        self.now = at;
        self.handled += 1;
        let event = self.events.remove(&order)?;
        self.note(&event);
        self.tell(|| format!("{event:?}"));
        Some(event)
    }

    /// Tells what happens, where that is wanted.
    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_aloud {
            eprintln!("{:>8} {}", self.now, what());
        }
    }

    fn note(&mut self, event: &Event) {
        let (kind, place, text) = match event {
            Event::Act(act) => (0, u64::from(*act), ""),
            Event::Timer { tab, .. } => (1, *tab as u64, ""),
            Event::Store { tab, .. } => (2, *tab as u64, ""),
            Event::Boot { tab, .. } => (3, *tab as u64, ""),
            Event::Told { tab, .. } => (4, *tab as u64, ""),
            Event::Renamed { tab, .. } => (14, *tab as u64, ""),
            Event::LockFree { device } => (5, *device as u64, ""),
            Event::Restart { tab } => (6, *tab as u64, ""),
            Event::Opened(wire) => (7, *wire as u64, ""),
            Event::ToServer(wire, text) => (8, *wire as u64, text.as_str()),
            Event::ToClient(wire, text) => (9, *wire as u64, text.as_str()),
            Event::ClosedAtClient(wire) => (10, *wire as u64, ""),
            Event::ClosedAtServer(wire) => (11, *wire as u64, ""),
            Event::Answer(wire) => (12, *wire as u64, ""),
            Event::ServerUp => (13, 0, ""),
        };
        self.trace.update(&self.now.to_le_bytes());
        self.trace.update(&[kind]);
        self.trace.update(&place.to_le_bytes());
        self.trace.update(text.as_bytes());
    }

    /// A hash over all that has happened, in order.
    pub(crate) fn trace(&self) -> u64 {
        self.trace.digest()
    }
}
