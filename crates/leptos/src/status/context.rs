//! The way into sync for components.

use super::screen::{Screen, SyncStatus};
use crate::{
    bridge::{Bridge, Guard, World},
    query::Registry,
};
use holdfast_sync::{
    MutationId, Refusal, Schema,
    client::{Entry, Input, Now, StoreFault, SyncClient, TrayEntry},
    protocol::ServerFrame,
};
use leptos::{
    prelude::{LocalStorage, StoredValue, Track, WithValue, expect_context, provide_context, use_context},
    reactive::graph::Observer,
};
use leptos_query::{QueryClient, QueryOptions};
use send_wrapper::SendWrapper;
use std::{rc::Rc, time::Duration};

/// What sync is made with.
pub struct SyncOptions<S: Schema> {
    /// Who uses the app.
    pub actor: S::Actor,
    /// The name of the device's database: one a user and workspace.
    pub database: String,
    /// The socket, the store, the clocks.
    pub world: World,
    /// How long a query is kept after its last reader has left.
    pub kept: Duration,
}

impl<S: Schema> SyncOptions<S> {
    /// The usual options.
    pub fn new(actor: S::Actor, database: impl Into<String>, world: World) -> Self {
        Self { actor, database: database.into(), world, kept: Duration::from_secs(60) }
    }
}

/// The way into sync for components: edits, the outbox, the connection. Rows are read with
/// the hooks of [`query`](crate::query).
pub struct SyncContext<S: Schema>(StoredValue<Rc<Inner<S>>, LocalStorage>);

struct Inner<S: Schema> {
    bridge: Rc<Bridge<S>>,
    screen: Rc<Screen<S>>,
    query_client: QueryClient,
    query_options: QueryOptions,
}

impl<S: Schema> Clone for SyncContext<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Schema> Copy for SyncContext<S> {}

/// Starts sync and provides its [`SyncContext`] to all components below, and the query cache
/// where there is none yet. It ends with the component that calls this.
pub fn provide_sync<S: Schema>(options: SyncOptions<S>) -> SyncContext<S> {
    let SyncOptions { actor, database, world, kept } = options;
    let query_client = use_context::<QueryClient>().unwrap_or_else(|| QueryClient::new().provide());
    let screen = Rc::new(Screen::new());
    let bridge = Bridge::start(actor, database, world, screen.clone());
    screen.registry.attach(&bridge);
    let query_options = QueryOptions::new().with_gc_time(kept);
    let context = SyncContext(StoredValue::new_local(Rc::new(Inner { bridge, screen, query_client, query_options })));
    provide_context(context);
    context
}

/// The [`SyncContext`] that a component above provides.
pub fn use_sync<S: Schema>() -> SyncContext<S> {
    expect_context()
}

impl<S: Schema> SyncContext<S> {
    /// Carries a mutation out on the screen, before this returns, and starts to store and
    /// send it.
    ///
    /// # Errors
    /// Why it makes no sense on the rows in view; then nothing is changed.
    pub fn mutate(&self, mutation: S::Mutation) -> Result<(), Refusal> {
        self.bridge().mutate(mutation).map(|_| ())
    }

    /// Holds a scope on the device and keeps it live, whether or not a component reads it.
    pub fn subscribe(&self, scope: S::Scope) {
        self.registry().pin(scope);
    }

    /// Holds a scope only as long as a component reads it. If none does, its rows are no
    /// longer kept on the device.
    pub fn unsubscribe(&self, scope: &S::Scope) {
        self.registry().unpin(scope);
    }

    /// The signals of connection, outbox and store, owned by the calling component.
    pub fn status(&self) -> SyncStatus {
        self.inner().screen.status()
    }

    /// Takes a notice away.
    pub fn dismiss(&self, notice: u64) {
        self.inner().screen.dismiss(notice);
    }

    /// Tries to connect now.
    pub fn retry_now(&self) {
        self.bridge().feed(Input::RetryNow);
    }

    /// Tries to connect now, with the session that the user has just opened.
    pub fn signed_in(&self) {
        self.bridge().feed(Input::SignedIn);
    }

    /// Takes in a frame of the present connection that whatever carries it has read itself, as one in another
    /// form than text; [`Connector`](crate::bridge::Connector)s tell of text alone.
    pub fn hear(&self, frame: ServerFrame<S>) {
        self.bridge().hear(frame);
    }

    /// Calls once, so many milliseconds from now; not where what it gives is dropped before.
    pub(crate) fn after(&self, ms: u64, call: impl FnOnce() + 'static) -> Guard {
        self.bridge().after(ms, Box::new(call))
    }

    /// Whether all that others changed, and came, has been handed to the screen.
    pub fn is_shown(&self) -> bool {
        self.bridge().is_shown()
    }

    /// The unsettled mutations, in order. Where it is read in a reactive place, that runs
    /// again whenever outbox or tray are different.
    pub fn outbox(&self) -> Vec<Entry<S>> {
        self.track_outbox();
        self.read(|client| client.outbox().cloned().collect())
    }

    /// The refused mutations that wait for the user, in order; reactive like [`outbox`](Self::outbox).
    pub fn tray(&self) -> Vec<TrayEntry<S>> {
        self.track_outbox();
        self.read(|client| client.tray().cloned().collect())
    }

    /// Takes back an unsent mutation, named by its place in the client's order. Nothing
    /// happens where it may have been sent: then only another edit can take it back.
    pub fn cancel(&self, seq: u64) {
        self.bridge().feed(Input::Cancel { seq });
    }

    /// Drops a refused mutation for good.
    pub fn discard(&self, id: MutationId) {
        self.bridge().feed(Input::Discard { id });
    }

    /// Ends sync on this page, and everything stored on the device, unsent edits too: the
    /// app asks before. The server's session stays: [`sign_out`](crate::session::sign_out) ends that. It is
    /// done even where the future is dropped.
    pub fn sign_out_wipe(&self) -> impl Future<Output = Result<(), StoreFault>> + use<S> {
        self.bridge().wipe()
    }

    /// Ends sync on this page: closes the socket and gives up the lead. It may be called
    /// from a panic hook, any number of times.
    pub fn stopper(&self) -> impl Fn() + Send + Sync + 'static + use<S> {
        let bridge = SendWrapper::new(Rc::downgrade(&self.bridge()));
        move || {
            if let Some(bridge) = bridge.upgrade() {
                bridge.stop();
            }
        }
    }

    /// The server's time as estimated, Unix milliseconds.
    pub fn server_now_ms(&self) -> i64 {
        self.bridge().server_now_ms()
    }

    /// The device's time.
    pub fn now(&self) -> Now {
        self.bridge().now()
    }

    /// Reads the engine, not reactively. What is done within must not call back into sync.
    pub fn read<R>(&self, read: impl FnOnce(&SyncClient<S>) -> R) -> R {
        self.bridge().read(read)
    }

    /// Whether this tab writes rows and cursor and sends the edits of all the profile's tabs.
    pub fn is_leading(&self) -> bool {
        self.bridge().is_leading()
    }

    /// What is read at present.
    pub fn registry(&self) -> Rc<Registry<S>> {
        self.inner().screen.registry.clone()
    }

    pub(crate) fn query_client(&self) -> QueryClient {
        self.inner().query_client
    }

    pub(crate) fn query_options(&self) -> QueryOptions {
        self.inner().query_options
    }

    fn track_outbox(&self) {
        if Observer::get().is_some() {
            self.inner().screen.outbox_revision().track();
        }
    }

    fn bridge(&self) -> Rc<Bridge<S>> {
        self.inner().bridge.clone()
    }

    fn inner(&self) -> Rc<Inner<S>> {
        self.0.with_value(Rc::clone)
    }
}
