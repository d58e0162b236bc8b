//! What the app shows of the connection, the outbox and the store, and what the user
//! can do about it: [`SyncContext`], provided by [`provide_sync`].

mod context;
mod screen;

pub use context::{SyncContext, SyncOptions, provide_sync, use_sync};
pub use screen::{NoticeEntry, SyncStatus};

use holdfast_sync::client::{ConnectionStatus, StoreFault};

/// How the device's store stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum StoreState {
    /// It is being opened.
    #[default]
    Opening,
    /// What it was given is on the device.
    Durable,
    /// It could not be opened: edits last as long as this page, or until they are sent.
    MemoryOnly {
        /// Why, for a person.
        reason: String,
    },
    /// It could not be read or written last; that is tried again.
    Fault(StoreFault),
    /// The user signed out, here or in another tab: nothing is stored any more.
    Wiped,
}

/// The status's name in `data-status`.
pub fn connection_name(status: &ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Connecting => "connecting",
        ConnectionStatus::CatchingUp { .. } => "catching-up",
        ConnectionStatus::Live => "live",
        ConnectionStatus::Reconnecting { .. } => "reconnecting",
        ConnectionStatus::Offline => "offline",
        ConnectionStatus::NeedsSignIn => "needs-sign-in",
        ConnectionStatus::UpdateNeeded => "update-needed",
        ConnectionStatus::Closed { .. } => "closed",
    }
}
