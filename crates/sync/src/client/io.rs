//! The engine's one input and one output.

use super::{Batch, Claim, Committed, ConnectionStatus, Notice, Restored, StoreFault};
use crate::{protocol::ServerFrame, schema::Schema};
use std::collections::BTreeSet;

/// The time as two clocks see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// Milliseconds since some start; never goes back. All timers are by this one.
    pub mono_ms: u64,
    /// Unix milliseconds by this device's clock, which may be wrong; only ever shown.
    pub wall_ms: i64,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Input<S: Schema> {
    /// The store was opened; the rows follow. Nothing is stored or sent before.
    Restored(Restored),
    /// A page of the store's [`Rows`](super::Table::Rows) table.
    Hydrated(Vec<(String, Vec<u8>)>),
    /// The last page was given; and all of [`Table::Meta`](super::Table::Meta), read behind it, for another
    /// tab may have written all rows anew meanwhile. From here on the engine connects.
    HydrateDone(Vec<(String, Vec<u8>)>),
    /// This tab may write rows and cursor and sends the outbox; or no longer.
    Lead(Option<Claim>),
    /// Another tab of the profile wrote these outbox records.
    OutboxGrew(Vec<(String, Vec<u8>)>),
    /// Another tab of the profile has stored this as the profile's id ([`CLIENT_KEY`](super::CLIENT_KEY)).
    Renamed(crate::ClientId),
    /// All outbox records there are: the answer to [`Output::ReadOutbox`].
    OutboxRead(Result<Vec<(String, Vec<u8>)>, StoreFault>),
    /// A batch is done, or failed.
    Persisted {
        /// The batch's id.
        batch: u64,
        /// How it went.
        result: Result<Committed, StoreFault>,
    },
    /// The socket asked for is open.
    SocketOpened {
        /// The one asked for in [`Output::Connect`].
        generation: u64,
    },
    /// A frame came.
    Frame {
        /// On which socket.
        generation: u64,
        /// The frame.
        text: String,
    },
    /// A frame came that whatever carries it has read itself: one in another form than text.
    Heard {
        /// On which socket.
        generation: u64,
        /// The frame.
        frame: ServerFrame<S>,
    },
    /// A socket closed, or could not be opened.
    SocketClosed {
        /// Which.
        generation: u64,
        /// The WebSocket close code; 1006 where there was none.
        code: u16,
    },
    /// The browser says that there is a network again, the page is visible again, or the machine
    /// woke: try at once, and doubt an open socket.
    Wake,
    /// The browser says that there is no network.
    NetworkLost,
    /// The user wants an attempt now.
    RetryNow,
    /// The user signed in again.
    SignedIn,
    /// Hold that scope and keep it live.
    Subscribe(S::Scope),
    /// No longer.
    Unsubscribe(S::Scope),
    /// Hold the first rows of a query and keep them live.
    Watch {
        /// The query.
        query: S::Query,
        /// How many, at least: more, if more were wanted before.
        rows: u64,
    },
    /// No longer.
    Unwatch(S::Query),
    /// Take back an unsent mutation: it keeps its place, as void.
    Cancel {
        /// Its place in the client's order.
        seq: u64,
    },
    /// Drop a refused mutation for good: the user said so.
    Discard {
        /// Its name in the tray.
        id: crate::MutationId,
    },
    /// The time asked for by [`SyncClient::poll_timeout`](super::SyncClient::poll_timeout) has come.
    Tick,
}

/// What to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Output<S: Schema> {
    /// Open a socket.
    Connect {
        /// Names it in every input about it. A newer one replaces all older.
        generation: u64,
    },
    /// Send a frame.
    Send {
        /// On which socket.
        generation: u64,
        /// The frame.
        text: String,
    },
    /// Let go of a socket: detach it, do not wait for it to close.
    Disconnect {
        /// Which.
        generation: u64,
    },
    /// Write this; answer with [`Input::Persisted`]. Batches are written in the order given.
    Persist(Batch),
    /// Read all of [`Table::Outbox`](super::Table::Outbox), behind the batches given before, and answer with
    /// [`Input::OutboxRead`]: mutations of other tabs may be missing here.
    ReadOutbox,
    /// These rows, or their marks, are different from what was shown.
    Changed {
        /// Which.
        keys: BTreeSet<S::Key>,
        /// Whether the user's own edit did it: then it must be on screen within this task.
        own: bool,
    },
    /// The connection's status changed.
    Status(ConnectionStatus),
    /// The number of unsettled mutations, or the state of one, changed.
    OutboxChanged,
    /// How much of a scope is held changed.
    CoverageChanged(S::Scope),
    /// How much of a query is held, or how many rows meet it, changed.
    WatchChanged(S::Query),
    /// The store failed, or works again (`None`).
    Store(Option<StoreFault>),
    /// Tell the user.
    Notice(Notice),
}
