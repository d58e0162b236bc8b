//! Lists that are maintained, not re-run.
//!
//! [`LiveList`] is keys in the order of their sort values, with positions; [`LiveQuery`] keeps one of a client's
//! rows: filter and sort are the application's own functions, and each row that the client says has changed
//! enters, leaves or moves in O(log n).

mod live_list;
mod live_query;
mod starts;

pub use live_list::{ListChange, LiveList};
pub use live_query::{Filter, LiveQuery, SortBy};
