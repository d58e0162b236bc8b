//! The engine from outside, for a small application of its own.
//!
//! - [`schema`]: that application; [`device`]: a client with its store, driven by hand;
//! - [`fixtures`]: frames and stored records of every released version, read and written, with
//!   [`samples`], [`records`] and the [`shelf`] they stand on;
//! - [`future`]: what a newer version says, and what becomes of it;
//! - [`heard`]: frames that came read, and a device whose store ends with the page;
//! - [`sessions`]: the server's end of a connection.

mod device;
mod fixtures;
mod footprints;
mod future;
mod heard;
mod records;
mod samples;
mod schema;
mod sessions;
mod shelf;
mod watches;
