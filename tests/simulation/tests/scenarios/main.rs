//! Single happenings, by hand: one client, its store, one server, a clock that the test moves.
//! What befalls fleets at random is in `simulation.rs`.

mod connection;
mod desk;
mod edits;
mod hydrate;
mod lead;
mod put_back;
mod scopes;
mod store;
mod tabs;
