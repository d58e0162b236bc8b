//! Waiting, for something and never for time to pass.

use crate::bridge::{BrowserFrames, Frames};
use futures::channel::oneshot;
use leptos::prelude::{RenderEffect, set_timeout};
use std::{cell::RefCell, time::Duration};

/// How often something is looked for before a test has failed.
const LOOKS: usize = 2_000;

/// Waits until that is so, looking again whenever a signal it reads is different.
pub async fn until(is: impl Fn() -> bool + 'static) {
    let (done, wait) = oneshot::channel();
    let done = RefCell::new(Some(done));
    let effect = RenderEffect::new(move |_| {
        if is()
            && let Some(done) = done.borrow_mut().take()
        {
            // Whoever waited may have gone.
            let _ = done.send(());
        }
    });
    let _ = wait.await;
    drop(effect);
}

/// Waits until that is so, looking again after each task: for what tells nobody.
///
/// # Panics
/// Where it does not come.
pub async fn until_so(is: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if is() {
            return;
        }
        next_task().await;
    }
    panic!("what was waited for did not come");
}

/// Waits until all microtasks, and the tasks queued so far, are done.
pub async fn next_task() {
    let (done, wait) = oneshot::channel();
    set_timeout(move || _ = done.send(()), Duration::ZERO);
    let _ = wait.await;
}

/// Waits for the browser's next animation frame.
pub async fn next_frame() {
    let (done, wait) = oneshot::channel();
    let frame = BrowserFrames.request(Box::new(move || _ = done.send(())));
    let _ = wait.await;
    drop(frame);
}
