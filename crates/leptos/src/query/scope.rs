//! The scopes that queries read: wanted as long as one does.

use super::{QueryState, Registry, waiting::Waiting};
use futures::{FutureExt, future::LocalBoxFuture};
use holdfast_sync::{
    Schema,
    client::{Input, SyncClient},
};
use leptos::prelude::{ArcRwSignal, GetUntracked, Update};
use std::rc::{Rc, Weak};

/// A scope that somebody reads. The last one to let go of it unsubscribes it.
pub(super) struct LiveScope<S: Schema> {
    scope: S::Scope,
    pub(super) state: ArcRwSignal<QueryState>,
    waiting: Waiting,
    registry: Weak<Registry<S>>,
}

impl<S: Schema> LiveScope<S> {
    pub(super) fn new(scope: S::Scope, client: &SyncClient<S>, registry: Weak<Registry<S>>) -> Self {
        let state = ArcRwSignal::new(QueryState::of(client, &scope));
        Self { scope, state, waiting: Waiting::default(), registry }
    }

    /// Shows the state as it is now.
    pub(super) fn show(&self, state: QueryState) {
        self.state.maybe_update(|shown| std::mem::replace(shown, state) != state);
        if !state.is_loading() {
            self.waiting.end();
        }
    }

    pub(super) fn state_in(&self, client: &SyncClient<S>) -> QueryState {
        QueryState::of(client, &self.scope)
    }

    /// Completes once there is nothing more to wait for. The scope is held until then.
    pub(super) fn loaded(self: &Rc<Self>) -> LocalBoxFuture<'static, ()> {
        let live = self.clone();
        async move {
            if live.state.get_untracked().is_loading() {
                live.waiting.wait().await;
            }
        }
        .boxed_local()
    }
}

impl<S: Schema> Drop for LiveScope<S> {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.settle_soon(self.scope.clone());
        }
    }
}

impl<S: Schema> Registry<S> {
    /// Lets go of what the device holds of scopes that nobody reads and the app does not want.
    pub(super) fn let_go_unread(&self) {
        let Some(bridge) = self.bridge.borrow().upgrade() else { return };
        let is_unread = |scope: &S::Scope| !self.scopes.borrow().contains_key(scope);
        let unread: Vec<S::Scope> = bridge.read(|client| client.scopes().filter(|scope| is_unread(scope)).collect());
        for scope in unread {
            bridge.feed(Input::Unsubscribe(scope));
        }
    }

    /// Tells the engine, once the present task is done, whether a scope is wanted. Not at
    /// once: queries are made and dropped in the midst of other things, and often one
    /// takes over from another.
    pub(super) fn settle_soon(&self, scope: S::Scope) {
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let Some(registry) = this.upgrade() else { return };
            let Some(bridge) = registry.bridge.borrow().upgrade() else { return };
            let is_read = registry.scopes.borrow().get(&scope).is_some_and(|live| live.strong_count() > 0);
            if is_read {
                bridge.feed(Input::Subscribe(scope));
            } else if registry.scopes.borrow_mut().remove(&scope).is_some() {
                bridge.feed(Input::Unsubscribe(scope));
            }
        });
    }
}
