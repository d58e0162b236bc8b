//! The tracker's browser app.
//!
//! ```text
//! pages ─┬─► components   views of props and signals
//!        └─► queries ─► holdfast_leptos (live queries, edits) ─► holdfast_sync
//! ```
//!
//! - [`app`]: who is signed in, and the frame with the routes;
//! - [`pages`]: one page a route: what it reads, what it shows, what edits it makes;
//! - [`queries`]: the tracker's typed reads, and one function a mutation;
//! - [`components`]: how things look; they never touch queries or the bridge;
//! - [`markdown`]: Markdown to view nodes;
//! - [`session`]: signing in and out, and who was here last;
//! - [`rescue`]: what happens when the app itself fails.

pub mod app;
pub mod chrome;
pub mod components;
pub mod markdown;
pub mod pages;
pub mod queries;
pub mod rescue;
pub mod routes;
pub mod session;

// The unit tests run in a browser, and natively too.
#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Mounts the app into the page.
pub fn start() {
    rescue::install();
    leptos::mount::mount_to_body(app::App);
}
