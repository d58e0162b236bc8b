//! Tests in a real browser: stores, bridge, queries and tabs.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, missing_docs)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod bridge;
mod inspect;
mod notes;
mod page;
mod queries;
mod replicate;
mod sockets;
mod stores;
mod tabs;
mod watched;
mod wire;
mod worlds;
