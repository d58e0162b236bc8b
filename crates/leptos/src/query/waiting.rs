//! Those who wait for what is being loaded.

use futures::channel::oneshot;
use std::cell::RefCell;

/// Told all at once, when there is nothing more to wait for.
#[derive(Default)]
pub(super) struct Waiting(RefCell<Vec<oneshot::Sender<()>>>);

impl Waiting {
    /// Completes at the next [`end`](Self::end), or when what is waited for is dropped.
    pub(super) async fn wait(&self) {
        let (waiting, ended) = oneshot::channel();
        self.0.borrow_mut().push(waiting);
        // Dropped, it is as good as told: nothing more comes.
        let _ = ended.await;
    }

    pub(super) fn end(&self) {
        for waiting in self.0.take() {
            // Whoever waited may have gone.
            let _ = waiting.send(());
        }
    }
}
