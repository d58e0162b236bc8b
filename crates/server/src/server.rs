//! One server: a store, the sessions, and what it is told to keep to.

use crate::{
    accounts::Accounts,
    application::Application,
    clock::now_ms,
    http::{self, Origins},
    metrics::Metrics,
    store::{Progress, Store, StoreError},
};
use holdfast_sync::{Schema, protocol::Limits};
use std::{io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

/// How long the store may take to finish when the server stops.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(1500);

/// How often the log is looked at for entries that may go.
const COMPACT_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// What a server keeps to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The protocol's limits.
    pub limits: Limits,
    /// The folder of the built app, where one is served.
    pub app: Option<PathBuf>,
    /// Where pages may come from, beside the server's own address.
    pub origins: Origins,
    /// How long a socket may take to say `hello`.
    pub hello_timeout: Duration,
    /// How long a socket may take nothing of what is sent to it.
    pub send_timeout: Duration,
    /// How long a socket may say nothing at all; the heartbeat is well below.
    pub idle_timeout: Duration,
    /// How long a request may take to send its headers, and a connection to begin the next.
    pub header_timeout: Duration,
    /// How long connections may take to end when the server stops.
    pub stop_timeout: Duration,
    /// How many sockets are open at most; more wait to be accepted.
    pub sockets_max: usize,
    /// How long the log reaches back at least. A client that was away for longer loads its rows anew.
    pub log_age: Duration,
    /// How many entries the log holds at least, however old.
    pub log_entries_min: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            app: None,
            origins: Origins::default(),
            hello_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            header_timeout: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(3),
            sockets_max: 10_000,
            log_age: Duration::from_secs(90 * 24 * 60 * 60),
            log_entries_min: 10_000,
        }
    }
}

/// A server that runs, or is about to.
pub struct Server<A: Application> {
    pub(crate) store: Arc<dyn Store<A::Schema>>,
    pub(crate) accounts: Accounts<A>,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Sender<bool>,
}

impl<A: Application> Server<A> {
    /// A server over that store; a new one gets its workspace.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn new(store: Arc<dyn Store<A::Schema>>, settings: Settings) -> Result<Arc<Self>, StoreError> {
        ensure_workspace::<A>(&*store).await?;
        let accounts = Accounts::new(store.clone());
        Ok(Arc::new(Self { store, accounts, settings, metrics: Metrics::default(), stopping: watch::channel(false).0 }))
    }

    /// Serves until `stop` is there, then tells every client, finishes what was begun and
    /// closes the store.
    ///
    /// # Errors
    /// Where the listener fails.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        let store = self.store.clone();
        let compacting = tokio::spawn(compact(store.clone(), self.settings.log_age, self.settings.log_entries_min));
        let listened = http::listen(self, listener, stop).await;
        compacting.abort();
        listened?;
        if tokio::time::timeout(CLOSE_TIMEOUT, store.close()).await.is_err() {
            tracing::warn!("the store did not close in time; what was answered is in it all the same");
        }
        Ok(())
    }
}

/// Cuts the log off now and then, until it is aborted.
async fn compact<S: Schema>(store: Arc<dyn Store<S>>, age: Duration, entries_min: u64) {
    let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    loop {
        match store.compact(now_ms().saturating_sub(age_ms), entries_min).await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "the log was cut off"),
            Err(error) => tracing::warn!(%error, "the log could not be cut off; it will be tried again"),
        }
        tokio::time::sleep(COMPACT_INTERVAL).await;
    }
}

/// Gives a store that has no workspace one.
///
/// # Errors
/// Where the store fails.
pub async fn ensure_workspace<A: Application>(store: &dyn Store<A::Schema>) -> Result<(), StoreError> {
    if store.entity(A::WORKSPACES).await?.is_empty() {
        store.put(vec![A::workspace_row(Uuid::now_v7())], Progress::default()).await?;
    }
    Ok(())
}
