//! What a user is told: of the connection, of a row, of a scope.

use crate::protocol::ErrorCode;

/// How the connection stands. "Online" is only what a valid `welcome` made so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConnectionStatus {
    /// The first attempt is under way.
    Connecting,
    /// Connected; the rows are being brought up to date.
    CatchingUp {
        /// Log positions, or rows while scopes load, taken in.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// All that is subscribed is held and current.
    Live,
    /// The connection was lost; the next attempt is made then.
    Reconnecting {
        /// When, in monotonic milliseconds. In the past while an attempt is under way.
        at: u64,
        /// Which attempt it is, from 1.
        attempt: u32,
    },
    /// The browser says there is no network. Attempts go on: it may be wrong.
    Offline,
    /// Nobody is signed in any more.
    NeedsSignIn,
    /// This version of the app is too old for the server.
    UpdateNeeded,
    /// No attempt will be made.
    Closed {
        /// Why, for a person.
        reason: String,
    },
}

impl ConnectionStatus {
    /// Whether what is missing can be on its way: there is a connection, or the first one is being made.
    pub fn may_bring_more(&self) -> bool {
        matches!(self, Self::Connecting | Self::CatchingUp { .. } | Self::Live)
    }
}

/// What a row's mark shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum SyncMark {
    /// Nothing of it is unsettled.
    #[default]
    Synced,
    /// An edit is with the server, which has not answered.
    Sending,
    /// An edit is safe on this device and waits to be sent.
    Queued,
    /// An edit is on the screen only: the device's store has not confirmed it yet.
    Saving,
    /// The server refused an edit, which waits in the tray for the user.
    Refused,
    /// An edit is in conflict.
    Conflict,
}

impl SyncMark {
    /// The name in `data-sync`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Sending => "sending",
            Self::Queued => "queued",
            Self::Saving => "saving",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
        }
    }
}

/// How much of a scope is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Coverage {
    /// Nobody asked for it.
    #[default]
    None,
    /// It is being loaded.
    Loading {
        /// Rows held.
        done: u64,
        /// Of how many, once known.
        total: Option<u64>,
    },
    /// All of it is held; whether it is current, the [`ConnectionStatus`] tells.
    Complete,
    /// The server said that it is not there or may not be read.
    Refused,
}

/// Something the user must be told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The server refused an edit; it is in the tray.
    Refused {
        /// The server's sentence.
        message: String,
    },
    /// The server was put back to an older state and lacks edits of this client that it
    /// had confirmed before.
    ServerRestored {
        /// How many of this client's.
        lost: u64,
    },
    /// The server knows more of this profile than the profile itself: it was copied, or put back
    /// to an older state. It goes on under a new client id.
    ProfileRolledBack,
    /// An edit was to be taken back when it was with the server already: it stands.
    NotTakenBack,
    /// Records of the device's store could not be read and were set aside.
    Quarantined {
        /// How many.
        records: usize,
        /// Whether unsent edits are among them.
        edits: bool,
    },
    /// The server complained about a frame of ours.
    Protocol {
        /// The kind of fault.
        code: ErrorCode,
        /// Its sentence.
        message: String,
    },
}
