//! The tracker's typed reads, and one function a mutation.

mod clock;
pub mod edit;
mod people;
mod replicated;
mod rows;
mod search;

pub use clock::use_now;
pub use people::{Directory, use_directory};
pub use replicated::{Replicated, forget_uses, remember_use};
pub use rows::{
    IssueAt, IssueFields, Texts, hold_issue, issue_numbered, issues_of, project_by_code, use_all_projects, use_issue,
    use_issue_at, use_issue_list, use_texts, use_views,
};
pub use search::{Hit, Place, Reach, Search, Server, use_search};

use holdfast_leptos::status::{SyncContext, use_sync};
use holdfast_tracker::Tracker;

/// The tracker's way into sync.
pub type Sync = SyncContext<Tracker>;

/// The tracker's sync, provided by [`app`](crate::app).
pub fn sync() -> Sync {
    use_sync::<Tracker>()
}
