//! The connection's phases and their timers. Which socket speaks is told by its generation:
//! whatever an older one says is ignored.

use super::backoff::Backoff;
use crate::Seq;

/// Milliseconds between two pings.
const HEARTBEAT_MS: u64 = 10_000;

/// Milliseconds without a byte after which a socket is dead: two heartbeats missed, and a moment.
const SILENCE_MS: u64 = 22_000;

/// Milliseconds a socket may take to open and to answer `hello`.
const OPENING_MS: u64 = 10_000;

/// Milliseconds a doubted socket has to show that it lives.
const PROBE_MS: u64 = 2_000;

/// Milliseconds a connection must have lasted to start the backoff anew.
const SETTLED_IN_MS: u64 = 5_000;

/// Milliseconds a server may ask a client to stay away at most.
const RETRY_MS_MAX: u64 = 300_000;

/// Where the connection stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Phase {
    /// Not wanted yet: the store is still being read.
    Idle,
    /// Waiting for the next attempt.
    Waiting { at: u64 },
    /// The socket is opening.
    Opening { deadline: u64 },
    /// `hello` is sent.
    Greeting { deadline: u64 },
    /// Welcomed.
    Open(Heartbeat),
    /// No further attempt is made before the user acts.
    Stopped(Stop),
}

/// Why no attempt is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    SignIn,
    Update,
    Closed(String),
}

/// The timers of an open connection.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Heartbeat {
    pub(super) opened_at: u64,
    pub(super) heard_at: u64,
    pub(super) ping_at: u64,
    /// Set while the socket is doubted: when it is given up.
    pub(super) probe_until: Option<u64>,
    pub(super) awaited: Option<Awaited>,
    /// Pongs in a row before which a page was awaited and none came.
    pub(super) without_page: u32,
}

/// The ping under way, and what its pong must at least tell.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Awaited {
    pub(super) nonce: u64,
    /// The highest mutation on the wire when it was sent.
    pub(super) pushed: u64,
    /// Snapshot pages taken in when it was sent.
    pub(super) pages: u64,
    /// Whether more were awaited then.
    pub(super) awaits_page: bool,
}

/// The connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) phase: Phase,
    pub(super) generation: u64,
    pub(super) attempt: u32,
    /// Whether there was a connection, or an attempt at one, before.
    pub(super) lost: bool,
    /// The browser says that there is no network.
    pub(super) network_lost: bool,
    /// The log's head when we were welcomed: reaching it is being caught up.
    pub(super) head: Seq,
    /// Where catching up began.
    pub(super) caught_from: Seq,
    /// Of the last ping.
    pub(super) nonce: u64,
    /// The client's last mutation that is settled, as the server said on this connection.
    pub(super) settled: u64,
    /// The last mutation sent on this connection.
    pub(super) sent_through: u64,
    /// The number of the last purge or grant of this connection.
    pub(super) rights_heard: u64,
}

impl Connection {
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::Idle,
            generation: 0,
            attempt: 0,
            lost: false,
            network_lost: false,
            head: 0,
            caught_from: 0,
            nonce: 0,
            settled: 0,
            sent_through: 0,
            rights_heard: 0,
        }
    }

    /// The last mutation that the server may have: settled, or sent since `welcome`.
    pub(super) fn may_be_known(&self) -> u64 {
        self.settled.max(self.sent_through)
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open(_))
    }

    /// Whether `hello` was sent: what is sent now comes behind it.
    pub(super) fn has_greeted(&self) -> bool {
        matches!(self.phase, Phase::Greeting { .. } | Phase::Open(_))
    }

    /// Whether a socket exists that speaks for us.
    pub(super) fn has_socket(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Open(_))
    }

    /// Begins an attempt; gives the new socket's generation.
    pub(super) fn open(&mut self, now: u64) -> u64 {
        self.generation += 1;
        self.phase = Phase::Opening { deadline: now + OPENING_MS };
        self.generation
    }

    pub(super) fn opened(&mut self, now: u64) {
        self.settled = 0; // The server may have been put back.
        self.phase = Phase::Greeting { deadline: now + OPENING_MS };
    }

    pub(super) fn welcomed(&mut self, now: u64) {
        self.network_lost = false;
        (self.sent_through, self.rights_heard) = (0, 0);
        self.phase = Phase::Open(Heartbeat {
            opened_at: now,
            heard_at: now,
            ping_at: now + HEARTBEAT_MS,
            probe_until: None,
            awaited: None,
            without_page: 0,
        });
    }

    /// The socket is gone: waits for the next attempt, at the earliest after `retry_ms`.
    pub(super) fn lose(&mut self, now: u64, retry_ms: u64, backoff: &mut Backoff) {
        if let Phase::Open(heartbeat) = &self.phase
            && now.saturating_sub(heartbeat.opened_at) >= SETTLED_IN_MS
        {
            self.attempt = 0;
        }
        self.lost = true;
        self.attempt += 1;
        let retry_ms = retry_ms.min(RETRY_MS_MAX);
        self.phase = Phase::Waiting { at: now + retry_ms + backoff.delay_ms(self.attempt) };
    }

    /// Any byte counts as alive.
    pub(super) fn heard(&mut self, now: u64) {
        if let Phase::Open(heartbeat) = &mut self.phase {
            heartbeat.heard_at = now;
            heartbeat.probe_until = None;
        }
    }

    /// Doubts the socket: a ping goes out now, and it has a moment to answer.
    pub(super) fn probe(&mut self, now: u64) {
        if let Phase::Open(heartbeat) = &mut self.phase {
            heartbeat.ping_at = now;
            heartbeat.probe_until = Some(now + PROBE_MS);
        }
    }

    /// Whether the socket has been silent too long, or took too long to open.
    pub(super) fn is_dead(&self, now: u64) -> bool {
        self.death().is_some_and(|at| at <= now)
    }

    /// When it is given up.
    pub(super) fn death(&self) -> Option<u64> {
        match &self.phase {
            Phase::Opening { deadline } | Phase::Greeting { deadline } => Some(*deadline),
            Phase::Open(heartbeat) => {
                let silent = heartbeat.heard_at + SILENCE_MS;
                Some(heartbeat.probe_until.map_or(silent, |probe| probe.min(silent)))
            }
            _ => None,
        }
    }

    /// A pong came before a page that was awaited, or not. Gives whether that is one pong too many.
    pub(super) fn note_page(&mut self, is_without: bool) -> bool {
        let Phase::Open(heartbeat) = &mut self.phase else { return false };
        heartbeat.without_page = if is_without { heartbeat.without_page + 1 } else { 0 };
        heartbeat.without_page > 1
    }

    /// The nonce of a ping that is due, if one is. Under way are the highest mutation on the wire, so many
    /// pages that were taken in, and whether more are awaited.
    pub(super) fn ping_due(&mut self, now: u64, under_way: (u64, u64, bool)) -> Option<u64> {
        let Phase::Open(heartbeat) = &mut self.phase else { return None };
        if heartbeat.ping_at > now {
            return None;
        }
        self.nonce += 1;
        heartbeat.ping_at = now + HEARTBEAT_MS;
        let (pushed, pages, awaits_page) = under_way;
        heartbeat.awaited = Some(Awaited { nonce: self.nonce, pushed, pages, awaits_page });
        Some(self.nonce)
    }
}
