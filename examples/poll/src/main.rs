//! Built for the browser it is the app, for any other machine its server.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(poll::app::App);
}

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    holdfast_server::program::run::<poll::Poll>().await
}
