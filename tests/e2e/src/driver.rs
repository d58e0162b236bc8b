//! The chromedriver process.

use crate::PATIENCE;
use anyhow::{Context, Result, bail};
use std::{path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// A chromedriver on a port of its own; it ends with this.
pub(crate) struct Driver {
    url: String,
    _child: Child,
    /// Held open: a chromedriver that cannot say something ends.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    pub async fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("{} does not start", program.display()))?;
        let mut said = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        let port = timeout(PATIENCE, port(&mut said)).await.context("chromedriver says no port")??;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child, _said: said })
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn port(said: &mut Lines<BufReader<ChildStdout>>) -> Result<u16> {
    while let Some(line) = said.next_line().await? {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().with_context(|| format!("no port in {line:?}"));
        }
    }
    bail!("chromedriver ended before it listened")
}
