//! Live queries: what a component reads.
//!
//! A query is resource-backed (`leptos_query`, which here is leptos-fetch): it has a
//! name, is shared, shows up in the devtools, and is collected some time after its last
//! reader has left. Its *value* is a handle, [`Live`]: made once, patched in place. A
//! patch never goes through the cache's `set_query` or `update_query`, which would reset
//! its timers, reach the screen a task late, and could be lost in a fetch.
//!
//! - [`use_live_list`]: a filter and a sort over a scope, maintained in O(log n) a change;
//!   the keys of a window of it tell only when they are different. It may fall into
//!   [groups](LiveList::groups), and be [paused](LiveList::pause_while): rows that others move then wait, counted.
//!   Of a scope that is too large to be held it [asks the server](ListSpec::asked) for as much as is
//!   [wanted](LiveList::want), and keeps that live;
//! - [`use_live_row`], [`use_mark`]: a mounted row and its mark. There are signals for
//!   mounted rows only, and they tell only when the row is different;
//! - [`use_live_row_at`]: the row that a place shows, one after the other, as the places of a
//!   windowed list do;
//! - [`use_live_one`]: one row by its key, loaded with its scope;
//! - [`replicate`]: scopes that are kept on the device whether or not they are read, within a budget of rows.
//!
//! A hook gives its handle at once: what the replica holds is in it from the start, and
//! [`QueryState`] says whether that is all. The query's resource, for `<Suspense/>`, is
//! pending until nothing more is on its way; as any resource it is so for one tick at
//! least, so a component that must show a covered query without a fallback reads the state.
//!
//! A query makes its scope wanted. When the last query of a scope is collected, the scope
//! is unsubscribed and its rows are no longer kept on the device, unless the app wants it
//! anyway: [`SyncContext::subscribe`](crate::status::SyncContext::subscribe).

mod cached;
mod list;
mod live;
mod registry;
mod replicate;
mod row;
mod scope;
mod waiting;
mod watched;

use live::local_memo;

pub use cached::{Query, QueryName};
pub use list::{Group, GroupOf, ListSpec, Listing, LiveList, use_live_list};
pub use live::{Live, QueryState};
pub use registry::{QueryReading, Registry};
pub use replicate::{COLLECTED_AFTER_MS, Replication, SIZED_AT_ONCE, replicate};
pub use row::{LiveOne, LiveRowAt, ScopedRow, use_live_one, use_live_row, use_live_row_at, use_mark};
