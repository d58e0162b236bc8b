//! Lists that are maintained, not re-run.

mod live_list;

pub use live_list::{ListChange, LiveList};
