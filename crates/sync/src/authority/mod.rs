//! The server's half as pure functions, and the state of one connection.
//!
//! One write path: [`admit`] says whether a pushed mutation is new, [`settle`] carries it
//! out on the rows of its footprint and gives everything that must be committed in one
//! transaction: rows, the [`LogEntry`], and the [`Recorded`] answer for resends (I2).
//! Every mutation that is settled, the refused and the void too, takes one log position.
//!
//! One read path: [`patch_for`] turns log entries into what one [`Viewer`] may and wants
//! to see, the same for live fan-out and for catch-up. [`rights`] says what it may.
//!
//! [`Session`] drives one connection without I/O: feed it [`SessionInput`]s, drain
//! [`SessionOutput`]s, carry out its one outstanding [`Request`] at a time.

mod exchange;
mod greet;
mod log;
mod memory;
mod patch;
pub mod rights;
mod session;
mod settle;
mod watches;

pub use exchange::{LogRead, Page, PushAnswer, QueryPage, Request, SessionInput, SessionOutput, Sizes, close};
pub use greet::{Greeting, HelloFacts, greet};
pub use log::{Answer, LogChange, LogEntry, Outcome, Recorded};
pub use memory::MemoryStore;
pub use patch::{Viewer, patch_for};
pub use rights::Rights;
pub use session::Session;
pub use settle::{Admission, Facts, Settlement, admit, content_hash, is_named, settle};
pub use watches::Watches;
