//! A TCP socket that knows when bytes last went over it, and that closes with patience.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep},
};

/// How long a closed socket goes on reading what the other end still sends. A socket that is
/// closed with bytes unread is reset, and the other end may never see why.
const LINGER: Duration = Duration::from_secs(2);

/// How much of that is read at most.
const LINGER_BYTES_MAX: u64 = 16 << 20;

/// When bytes last went over a socket. Any byte counts as a sign of life, however slow.
#[derive(Debug)]
pub(crate) struct Activity {
    begun: Instant,
    read_ms: AtomicU64,
    written_ms: AtomicU64,
}

impl Activity {
    fn new() -> Self {
        Self { begun: Instant::now(), read_ms: AtomicU64::new(0), written_ms: AtomicU64::new(0) }
    }

    /// When a byte last came.
    pub fn last_read(&self) -> Instant {
        self.begun + Duration::from_millis(self.read_ms.load(Relaxed))
    }

    /// When a byte last went out.
    pub fn last_written(&self) -> Instant {
        self.begun + Duration::from_millis(self.written_ms.load(Relaxed))
    }

    fn stamp(&self, at: &AtomicU64) {
        at.store(u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
    }
}

/// How long the other end may take nothing of what is written: a page's files are not sent
/// to whoever does not read them. A WebSocket's own limit is below.
const STALL: Duration = Duration::from_secs(30);

/// A TCP socket as the server uses it. It holds its place among the sockets that may be open.
pub(super) struct Socket {
    /// None once it is dropped.
    open: Option<(TcpStream, OwnedSemaphorePermit)>,
    activity: Arc<Activity>,
    /// Set while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub fn new(stream: TcpStream, permit: OwnedSemaphorePermit) -> Self {
        Self { open: Some((stream, permit)), activity: Arc::new(Activity::new()), stalled: None }
    }

    pub fn activity(&self) -> Arc<Activity> {
        self.activity.clone()
    }

    /// Takes note of how a write went; one that waits too long fails.
    fn wrote(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            self.activity.stamp(&self.activity.written_ms);
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALL)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn stream(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.open.as_mut().expect("it is open until it is dropped").0)
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let filled = buffer.filled().len();
        ready!(self.stream().poll_read(cx, buffer))?;
        if buffer.filled().len() > filled {
            self.activity.stamp(&self.activity.read_ms);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write_vectored(cx, slices);
        self.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let Some((stream, permit)) = self.open.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // However it ends, the socket is closed then.
                let _ = tokio::time::timeout(LINGER, linger(stream)).await;
                drop(permit);
            });
        }
    }
}

async fn linger(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(LINGER_BYTES_MAX), &mut tokio::io::sink()).await?;
    Ok(())
}
