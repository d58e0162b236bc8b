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
//! - [`drafts`]: what is being written and not saved yet;
//! - [`session`]: signing in and out, and who was here last;
//! - [`rescue`]: what happens when the app itself fails;
//! - `bench`, with the feature of that name: the read path alone, for measuring.

pub mod app;
#[cfg(feature = "bench")]
pub mod bench;
pub mod chrome;
pub mod components;
pub mod drafts;
pub mod markdown;
pub mod pages;
pub mod queries;
pub mod rescue;
pub mod routes;
pub mod session;

/// Half the time of the allocator that Rust brings for WebAssembly, for an app that makes and drops small texts all day.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

// The unit tests run in a browser, and natively too.
#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Mounts the app into the page.
pub fn start() {
    rescue::install();
    if is_come_anew() {
        components::virtual_list::forget_positions("");
    }
    leptos::mount::mount_to_body(app::App);
}

/// Whether the page was come to by an address or a link, not by a reload or the way back.
fn is_come_anew() -> bool {
    let entries =
        web_sys::window().and_then(|window| window.performance()).map(|it| it.get_entries_by_type("navigation"));
    let kind = entries.and_then(|entries| js_sys::Reflect::get(&entries.get(0), &"type".into()).ok());
    kind.and_then(|kind| kind.as_string()).is_some_and(|kind| kind == "navigate")
}
