//! A gate between browsers and the server.
//!
//! Files pass it always, `/sync` and `/api` only while it is open: so a page can be reloaded with
//! the server out of reach before a service worker keeps the app's files.

use anyhow::{Context, Result};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What the gate does with connections for `/sync` and `/api`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Lets them through.
    Open,
    /// Ends them, those that had passed too.
    Shut,
    /// Takes them and says nothing; ends those that had passed.
    Silent,
}

/// The gate; shut for good when dropped.
pub struct Gate {
    origin: String,
    way: Arc<watch::Sender<Way>>,
    task: JoinHandle<()>,
}

impl Gate {
    pub(crate) async fn open(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(crate::server::free_address()?).await.context("the gate cannot listen")?;
        let origin = format!("http://{}", listener.local_addr()?);
        let way = Arc::new(watch::Sender::new(Way::Open));
        let ways = way.clone();
        let task = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let way = ways.subscribe();
                // A connection that breaks is what the gate is for.
                tokio::spawn(async move { drop(pass(browser, server, way).await) });
            }
        });
        Ok(Self { origin, way, task })
    }

    /// Where pages find the server through the gate.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// From now on.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
        self.set(Way::Shut);
    }
}

/// Ends the head of a request.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A request's head that asks for the connection to be closed behind the answer.
fn alone(head: &[u8]) -> Vec<u8> {
    let is_connection = |line: &[u8]| line.len() > 11 && line[..11].eq_ignore_ascii_case(b"connection:");
    let mut lines = head.split_inclusive(|byte| *byte == b'\n');
    let request = lines.next().unwrap_or_default();
    let kept = lines.filter(|line| !is_connection(line)).flatten();
    request.iter().chain(b"connection: close\r\n").chain(kept).copied().collect()
}

async fn pass(mut browser: TcpStream, server: SocketAddr, mut way: watch::Receiver<Way>) -> Result<()> {
    let mut head = Vec::new();
    while !head.windows(HEAD_END.len()).any(|bytes| bytes == HEAD_END) {
        if browser.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let is_guarded = path.starts_with(b"/sync") || path.starts_with(b"/api/");
    if is_guarded {
        let now = *way.borrow_and_update();
        match now {
            Way::Open => {}
            Way::Shut => return Ok(()),
            Way::Silent => {
                // An error is the gate's end, which is a change too.
                let _ = way.changed().await;
                return Ok(());
            }
        }
    }
    let mut upstream = TcpStream::connect(server).await?;
    if !is_guarded {
        // It carries this request alone: another one may be guarded.
        head = alone(&head);
    }
    upstream.write_all(&head).await?;
    let passing = copy_bidirectional(&mut browser, &mut upstream);
    if is_guarded {
        tokio::select! {
            passed = passing => drop(passed?),
            _ = way.wait_for(|way| *way != Way::Open) => {}
        }
    } else {
        passing.await?;
    }
    Ok(())
}
