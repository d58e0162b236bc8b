//! Now, as ages are counted from.

use super::sync;
use leptos::prelude::*;
use std::time::Duration;

/// How often ages are counted anew.
const TICK: Duration = Duration::from_secs(20);

/// The server's time as estimated, Unix milliseconds; ticks slowly.
pub fn use_now() -> Signal<i64> {
    let sync = sync();
    let now = RwSignal::new(sync.server_now_ms());
    if let Ok(interval) = set_interval_with_handle(move || now.set(sync.server_now_ms()), TICK) {
        on_cleanup(move || interval.clear());
    }
    now.into()
}
