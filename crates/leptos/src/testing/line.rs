//! One socket: what is under way on it, and the session at its server's end.

use crate::bridge::{OnEvent, SocketEvent};
use holdfast_sync::{Schema, authority::Session, protocol::Limits};
use std::collections::VecDeque;

pub(super) struct Line<S: Schema> {
    pub actor: S::Actor,
    pub session: Session<S>,
    pub tell: OnEvent,
    pub to_server: Way<String>,
    pub to_client: Way<SocketEvent>,
    pub is_frozen: bool,
}

impl<S: Schema> Line<S> {
    pub fn new(actor: S::Actor, limits: Limits, tell: OnEvent) -> Self {
        let session = Session::new(actor.clone(), limits);
        Self { actor, session, tell, to_server: Way::default(), to_client: Way::default(), is_frozen: false }
    }

    /// Loses what is under way, then tells its end.
    pub fn close(&mut self, code: u16) {
        self.clear();
        self.to_client.send(0, SocketEvent::Closed { code });
    }

    pub fn freeze(&mut self) {
        self.is_frozen = true;
    }

    /// Loses what is under way.
    pub fn clear(&mut self) {
        (self.to_server, self.to_client) = (Way::default(), Way::default());
    }

    /// When the next of what is under way arrives.
    pub fn next_arrival(&self) -> Option<u64> {
        let first = |at: Option<u64>| at.unwrap_or(u64::MAX);
        Some(first(self.to_server.next_arrival()).min(first(self.to_client.next_arrival()))).filter(|at| *at < u64::MAX)
    }
}

/// One direction of a socket: each thing with the moment at which it arrives, in order.
pub(super) struct Way<T> {
    things: VecDeque<(u64, T)>,
    /// How long after the one before each arrives at least.
    pub gap_ms: u64,
}

impl<T> Default for Way<T> {
    fn default() -> Self {
        Self { things: VecDeque::new(), gap_ms: 0 }
    }
}

impl<T> Way<T> {
    /// Sends something; it arrives after all that was sent before.
    pub fn send(&mut self, arrival_ms: u64, thing: T) {
        let arrival_ms = self.things.back().map_or(arrival_ms, |(before, _)| arrival_ms.max(before + self.gap_ms));
        self.things.push_back((arrival_ms, thing));
    }

    /// The next that has arrived by now.
    pub fn arrived(&mut self, now_ms: u64) -> Option<T> {
        self.things.pop_front_if(|(arrival_ms, _)| *arrival_ms <= now_ms).map(|(_, thing)| thing)
    }

    fn next_arrival(&self) -> Option<u64> {
        self.things.front().map(|(arrival_ms, _)| *arrival_ms)
    }
}
