//! The listener: accepts sockets, bounds their number and their patience, and ends them.
//!
//! `axum::serve` would set no timer on a request's headers; here whoever dribbles is cut.

use super::{Alive, Peer, router, socket::Socket};
use crate::{application::Application, server::Server};
use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
};
use tower::ServiceExt;

/// How long to wait where the system has no more sockets to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is there; ends when every connection has, or its time is over.
pub(crate) async fn listen<A: Application>(
    server: Arc<Server<A>>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let router = router(server.clone());
    let sockets = Arc::new(Semaphore::new(server.settings.sockets_max));
    // Every connection holds a sender, and so does a WebSocket that it became: when all are
    // dropped, all have ended.
    let (alive, mut all_ended) = mpsc::channel(1);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &sockets) => accepted,
        };
        match accepted {
            Ok((stream, address, permit)) => {
                let connection = Connection {
                    router: router.clone(),
                    header_timeout: server.settings.header_timeout,
                    stopping: server.stopping.subscribe(),
                    alive: alive.clone(),
                };
                tokio::spawn(connection.run(stream, address, permit));
            }
            Err(error) => {
                tracing::warn!(%error, "a socket could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    tracing::info!("stopping");
    drop(listener);
    server.stopping.send_replace(true);
    drop(alive);
    if tokio::time::timeout(server.settings.stop_timeout, all_ended.recv()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    sockets: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = sockets.clone().acquire_owned().await.expect("the semaphore is never closed");
    let (stream, address) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, address, permit))
}

/// The server stops, or is gone.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

struct Connection {
    router: Router,
    header_timeout: Duration,
    stopping: watch::Receiver<bool>,
    alive: Alive,
}

impl Connection {
    async fn run(mut self, stream: TcpStream, address: SocketAddr, permit: OwnedSemaphorePermit) {
        let socket = Socket::new(stream, permit);
        let peer = Peer { address, activity: socket.activity(), alive: self.alive };
        let router = self.router;
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer.clone());
            router.clone().oneshot(request)
        });
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .serve_connection(TokioIo::new(socket), service)
            .with_upgrades();
        let mut serving = std::pin::pin!(serving);
        let served = tokio::select! {
            served = &mut serving => served,
            () = stopped(&mut self.stopping) => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended badly");
        }
    }
}
