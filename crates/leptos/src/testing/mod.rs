//! What tests of an app, or of another store, build on: a server in memory, sockets to it with
//! faults to order, and time that goes on when it is told to.
//!
//! A [`FakeWorld`] is one device and the server; what an app's
//! [`provide_sync`](crate::status::provide_sync) takes it gives, instead of the browser. The rest of the app is what it always is: the real bridge, the real engine, and at the other end
//! the real [`Session`](holdfast_sync::authority::Session) over rows and a log in memory.
//!
//! ```standalone_crate
//! # use holdfast_sync::{ApplyContext, Footprint, Refusal, Rule, Schema, Tx, schema::Rows};
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
//! # enum Tally {}
//! # #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
//! # struct Count { key: String, value: u64 }
//! # #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
//! # struct Add(u64);
//! # impl Schema for Tally {
//! #     type Key = String; type Row = Count; type Field = u8; type Scope = String;
//! #     type Mutation = Add; type Actor = String; type Query = holdfast_sync::schema::NoQuery;
//! #     const VERSION: u32 = 1;
//! #     fn key(row: &Count) -> String { row.key.clone() }
//! #     fn scope(_: &Count) -> String { "all".to_owned() }
//! #     fn parent(_: &Count) -> Option<String> { None }
//! #     fn changed_fields(_: Option<&Count>, _: &Count) -> Vec<u8> { vec![0] }
//! #     fn may_read(_: &String, _: &String, _: &dyn Rows<Self>) -> bool { true }
//! #     fn footprint(_: &Add) -> Footprint<Self> { Footprint::none().row("count/1".to_owned()) }
//! #     fn apply(add: &Add, _: &ApplyContext<Self>, tx: &mut Tx<'_, Self>) -> Result<(), Refusal> {
//! #         let value = tx.row(&"count/1".to_owned()).map_or(0, |count| count.value) + add.0;
//! #         Ok(tx.put(Count { key: "count/1".to_owned(), value }))
//! #     }
//! #     fn rule(_: u8) -> Rule { Rule::Commute }
//! # }
//! use holdfast_leptos::{query::use_live_one, status::{SyncOptions, provide_sync}, testing::*};
//! use leptos::prelude::*;
//! use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
//!
//! wasm_bindgen_test_configure!(run_in_browser);
//!
//! fn app(options: SyncOptions<Tally>) -> impl IntoView {
//!     let sync = provide_sync(options);
//!     let count = use_live_one::<Tally>(|| ("all".to_owned(), "count/1".to_owned()));
//!     let value = move || count.row.with(|row| row.as_ref().map(|row| row.value));
//!     view! { <button on:click=move |_| sync.mutate(Add(1)).expect("one can be added")>{value}</button> }
//! }
//!
//! #[wasm_bindgen_test]
//! async fn counts_made_apart_add_up() {
//!     let ada = FakeWorld::<Tally>::new("ada".to_owned());
//!     let bob = ada.user("bob".to_owned());
//!     let (adas, bobs) = (ada.open(app), bob.open(app));
//!
//!     ada.server.lose_next("ack");
//!     adas.click("button").await;
//!     bob.until_shown(|| bobs.texts("button") == ["1"]).await;
//!
//!     ada.server.cut();
//!     bobs.click("button").await;
//!     ada.until_after(1_000, || adas.texts("button") == ["2"]).await;
//! }
//! # fn main() {}
//! ```
//!
//! | to order | by |
//! |---|---|
//! | no server, a cut, a server that ends the socket | [`set_reachable`](FakeServer::set_reachable), [`cut`](FakeServer::cut), [`close_all`](FakeServer::close_all) |
//! | a half-open socket | [`freeze`](FakeServer::freeze) |
//! | a slow network; one that stands still | [`set_delay`](FakeServer::set_delay), [`set_gap`](FakeServer::set_gap); [`hold`](FakeServer::hold), [`release`](FakeServer::release) |
//! | a frame lost; frames twice | [`lose_next`](FakeServer::lose_next); [`set_duplicates`](FakeServer::set_duplicates) |
//! | an edit refused, for good or for now | [`refuse_next`](FakeServer::refuse_next), [`refuse_next_for_now`](FakeServer::refuse_next_for_now) |
//! | another user; a colleague's edit without a page | [`FakeWorld::user`]; [`edit`](FakeServer::edit) |
//! | a store that fails | [`FaultyBackend`] with [`FakeWorld::world_on`] |
//! | a reload | [`FakePage::close`], then another page on the same world |
//!
//! Waiting is for something to come: on the page by [`FakeWorld::until_shown`], with time by
//! [`FakeWorld::until_after`], in a signal by [`until`], at the server by [`FakeServer::until`].

pub mod conformance;
mod faulty_store;
mod line;
mod page;
mod server;
mod time;
mod wait;
mod world;

pub use faulty_store::FaultyBackend;
pub use page::FakePage;
pub use server::FakeServer;
pub use time::{FakeClock, FakeFrames};
pub use wait::{next_frame, next_task, until, until_so};
pub use world::FakeWorld;
