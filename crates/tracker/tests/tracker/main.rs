//! The tracker's form on the wire and in stores, from outside: [`fixtures`] of every released version
//! (what they are made with is the engine's), and what a newer version says.

#[path = "../../../sync/tests/sync/device.rs"]
#[allow(dead_code, reason = "the engine's own tests use all of it")]
mod device;
mod fixtures;
#[path = "../../../sync/tests/sync/records.rs"]
mod records;
#[path = "../../../sync/tests/sync/samples.rs"]
mod samples;
#[path = "../../../sync/tests/sync/shelf.rs"]
mod shelf;
