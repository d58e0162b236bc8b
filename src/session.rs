//! Who uses the tracker.

pub use holdfast_leptos::session::{SessionFault, UNREACHABLE, ask, finish_sign_out, sign_in, sign_out};

use holdfast_tracker::{UserId, WorkspaceId};

/// A user of the tracker in a workspace.
pub type Session = holdfast_leptos::session::Session<UserId, WorkspaceId>;
