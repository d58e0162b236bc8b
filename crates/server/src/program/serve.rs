//! `serve`.

use super::Database;
use crate::{
    application::Application,
    http::Origins,
    server::{Server, Settings},
    store::sqlite::{Failpoint, SqliteSettings},
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// What to serve, and to whom.
#[derive(Args, Debug)]
pub struct Serve {
    #[command(flatten)]
    database: Database,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder of the built app (Trunk's dist).
    #[arg(long, value_name = "DIR")]
    app: Option<PathBuf>,
    /// Where pages may come from beside the address listened on, as behind a proxy
    /// (https://tracker.example.org). May be given more than once.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Listen on an address that other machines reach.
    #[arg(long)]
    allow_remote: bool,
    /// For tests: end the process at a certain point (after-commit, after-commit=N).
    #[arg(long, env = "HOLDFAST_FAILPOINT", hide = true, value_parser = failpoint)]
    failpoint: Option<Failpoint>,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub(super) async fn run<A: Application>(self) -> Result<()> {
        let Self { database, listen, app, origins, allow_remote, failpoint } = self;
        if !listen.ip().is_loopback() {
            if !allow_remote {
                bail!("{} can be reached by other machines; say --allow-remote if that is meant", listen.ip());
            }
            tracing::warn!("other machines reach this server; nobody can sign in from them yet");
        }
        if let Some(app) = app.as_deref().filter(|app| !app.join("index.html").is_file()) {
            tracing::warn!("there is no index.html in {} yet", app.display());
        }
        if let Some(failpoint) = failpoint {
            tracing::warn!(?failpoint, "this server is going to end on purpose");
        }
        let origins = Origins::parse(&origins).map_err(|reason| anyhow!("--origin: {reason}"))?;
        // Signals count from here on: one that comes while the database opens is not lost.
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let listener = TcpListener::bind(listen).await.map_err(|error| cannot_listen(listen, &error))?;
        let address = listener.local_addr().context("the socket has no address")?;
        let store = database.open::<A>(SqliteSettings { failpoint, ..Default::default() }).await?;
        let server = Server::<A>::new(store, Settings { app, origins, ..Default::default() }).await?;
        announce(address);
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        server.serve(listener, stop).await.context("the listener failed")?;
        Ok(())
    }
}

/// Says where to go. Nobody may be reading any more, which is no reason to fail.
fn announce(address: SocketAddr) {
    let mut out = io::stdout();
    let _ = writeln!(out, "Holdfast listens on http://{address}").and_then(|()| out.flush());
}

fn cannot_listen(listen: SocketAddr, error: &io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!("cannot listen on {listen}: another program does already; end it, or choose another with --listen")
        }
        io::ErrorKind::PermissionDenied => {
            anyhow!("cannot listen on {listen}: ports below 1024 need rights; choose another with --listen")
        }
        _ => anyhow!("cannot listen on {listen}: {error}"),
    }
}

fn failpoint(text: &str) -> Result<Failpoint, String> {
    let known = || "the failpoints are after-commit and after-commit=N".to_owned();
    match text.strip_prefix("after-commit") {
        Some("") => Ok(Failpoint::AfterCommit(1)),
        Some(count) => {
            let count = count.strip_prefix('=').and_then(|count| count.parse().ok());
            count.map(Failpoint::AfterCommit).ok_or_else(known)
        }
        None => Err(known()),
    }
}
