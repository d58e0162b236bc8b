//! The whole, as people use it: the real server, real Chromium, and what goes wrong between them.
//!
//! `cargo xtask test` builds what these need and runs them; alone they take what was last built:
//! `cargo test -p holdfast-e2e -- --test-threads=1`.

mod crash;
mod doors;
mod import;
mod inspector;
mod live;
mod offline;
mod poll;
mod reload;
mod search;
mod sign_in;
mod views;
mod writing;
