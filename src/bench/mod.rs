//! The read path alone, for measuring it beside other stacks: `bench.html`.
//!
//! ```text
//! window.bench.message ─► wire ─► SyncClient ─► the app's live list ─► the app's window ─► seven cells a row
//! ```
//!
//! - [`schema`]: rows with numeric ids, nothing else;
//! - [`wire`]: the page's frames, which change single fields, as the engine's;
//! - [`host`]: the server's part, in the page;
//! - [`page`]: the list, and what stands at `window.bench`.
//!
//! `?view=id` sorts by id; `?view=live` shows what is not done, the latest changed first.

pub mod host;
pub mod page;
pub mod schema;
pub mod wire;

pub use page::start;
