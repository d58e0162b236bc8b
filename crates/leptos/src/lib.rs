//! What a client-side rendered Leptos app takes to be live and offline-first (feature `csr`; no rendering on
//! a server, no hydration).
//!
//! A component reads live rows and makes edits; that these are on the screen at once, work
//! offline, outlive a reload and reach everyone else is then no further work:
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
//! use holdfast_leptos::{
//!     query::{ListSpec, use_live_list, use_live_row},
//!     status::{SyncOptions, provide_sync, use_sync},
//! };
//! use leptos::prelude::*;
//!
//! /// In a browser `options` are those of [`session`]: `session.sync_options(actor)`.
//! #[component]
//! fn App(options: SyncOptions<Tally>) -> impl IntoView {
//!     let status = provide_sync(options).status();
//!     view! { <Counts/> <p>{move || format!("{} not sent yet", status.unsent.get())}</p> }
//! }
//!
//! #[component]
//! fn Counts() -> impl IntoView {
//!     let sync = use_sync::<Tally>();
//!     let counts = use_live_list(|| {
//!         ListSpec::<Tally, _>::new("all".to_owned(), "by value", |_| true, |count| count.value)
//!     });
//!     let keys = counts.slice(|| 0..50);
//!     view! {
//!         <For each=move || keys.get() key=String::clone let(key)><Row key/></For>
//!         <button on:click=move |_| sync.mutate(Add(1)).expect("one can be added")>"Add one"</button>
//!     }
//! }
//!
//! #[component]
//! fn Row(key: String) -> impl IntoView {
//!     let count = use_live_row::<Tally>(key);
//!     view! { <output>{move || count.with(|count| count.as_ref().map(|count| count.value))}</output> }
//! }
//!
//! # use holdfast_leptos::testing::FakeWorld;
//! # wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
//! # #[wasm_bindgen_test::wasm_bindgen_test]
//! # async fn it_runs() {
//! #     let ada = FakeWorld::<Tally>::new("ada".to_owned());
//! #     let page = ada.open(|options| view! { <App options/> });
//! #     page.click("button").await;
//! #     ada.until_shown(|| page.texts("output") == ["1"] && page.texts("p") == ["0 not sent yet"]).await;
//! # }
//! # fn main() {}
//! ```
//!
//! Read in the order of the arrows:
//!
//! ```text
//! components ─► query, status ─► bridge ─┬─► holdfast_sync   the engine
//!                                        ├─► persistence     IndexedDB
//!                                        └─► WebSocket
//! ```
//!
//! - [`status`]: [`provide_sync`](status::provide_sync) starts it all; the
//!   [`SyncContext`](status::SyncContext) takes edits and shows connection, outbox and store;
//! - [`query`]: live rows and lists for components;
//! - [`session`]: who uses the app, by the server's session;
//! - [`search`]: asking the server what it finds, beside what the device holds;
//! - [`plain`]: components for signing in and for the connection, to be dressed by an app;
//! - [`bridge`]: drives the engine, and owns what the engine must not know;
//! - [`persistence`]: what is kept on the device;
//! - [`inspect`]: what is read, held and waited for, and a wire whose faults are to order, for a
//!   developer panel;
//! - [`testing`]: for an app's own tests: a server in memory, sockets to it with faults to order,
//!   a clock to set; and the suite that every store must pass.
//!
//! All state hangs on the [`SyncContext`](status::SyncContext); nothing is global.

pub mod bridge;
pub mod inspect;
pub mod persistence;
pub mod plain;
pub mod query;
pub mod search;
pub mod session;
pub mod status;
pub mod testing;
