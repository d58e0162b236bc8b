//! The server's process, and its commands on the same database.

use crate::{Export, PATIENCE, Programs};
use anyhow::{Context, Result, ensure};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// A server with its own database and port, which both outlive its process.
pub struct Server {
    program: PathBuf,
    app: PathBuf,
    database: String,
    address: SocketAddr,
    origin: String,
    child: Option<Child>,
}

impl Server {
    pub(crate) fn at_rest(programs: &Programs, database: PathBuf) -> Result<Self> {
        let address = free_address()?;
        Ok(Self {
            program: programs.server.clone(),
            app: programs.app.clone(),
            database: format!("sqlite:{}", database.display()),
            address,
            origin: format!("http://{address}"),
            child: None,
        })
    }

    /// Starts it, the first time or again: always on the same port.
    ///
    /// # Errors
    /// When it runs already or does not come up.
    pub async fn start(&mut self) -> Result<()> {
        self.launch(&[]).await
    }

    /// Starts it to end itself, as `kill -9` would, at a certain point (`after-commit`).
    ///
    /// # Errors
    /// When it runs already or does not come up.
    pub async fn start_to_die(&mut self, failpoint: &str) -> Result<()> {
        self.launch(&["--failpoint", failpoint]).await
    }

    async fn launch(&mut self, args: &[&str]) -> Result<()> {
        ensure!(self.child.is_none(), "the server runs already");
        let mut command = self.command(&["serve", "--listen", &self.address.to_string()]);
        command.args(args);
        command.arg("--app").arg(&self.app).stdout(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("{} does not start", self.program.display()))?;
        let mut said = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        let line = timeout(PATIENCE, said.next_line()).await.context("the server does not say that it listens")??;
        ensure!(line.is_some_and(|line| line.contains(&self.origin)), "the server does not listen on {}", self.origin);
        self.child = Some(child);
        Ok(())
    }

    /// Kills its process, as a power cut would, and waits for it to be gone.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill9(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the server does not run")?;
        // `kill` sends SIGKILL, and waits.
        child.kill().await.context("the server cannot be killed")
    }

    /// Stops its process where it stands: what is sent to it waits.
    ///
    /// # Errors
    /// When it does not run.
    pub fn freeze(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let id = self.child.as_ref().and_then(Child::id).context("the server does not run")?;
        let status = std::process::Command::new("kill").args([signal, &id.to_string()]).status()?;
        ensure!(status.success(), "the server takes no signal");
        Ok(())
    }

    /// Waits for it to have ended by itself.
    ///
    /// # Errors
    /// When it does not run, or goes on running.
    pub async fn ended(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the server does not run")?;
        timeout(PATIENCE, child.wait()).await.context("the server does not end")?.map(drop)?;
        Ok(())
    }

    /// Where pages and sockets are: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All its data, by the command `export`; the server may run.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn export(&self) -> Result<Export> {
        Export::parse(&self.run(&["export"]).await?)
    }

    /// Makes issues, by the command `seed`.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn seed(&self, issues: usize, seed: u64) -> Result<String> {
        self.run(&["seed", "--issues", &issues.to_string(), "--seed", &seed.to_string()]).await
    }

    /// Imports GitHub's files, by the command `import github`; what it says.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn import(&self, issues: &Path, comments: &Path, project: &str) -> Result<String> {
        let [issues, comments] = [issues, comments].map(|path| path.display().to_string());
        self.run(&["import", "github", "--issues", &issues, "--comments", &comments, "--project", project]).await
    }

    async fn run(&self, args: &[&str]) -> Result<String> {
        let output = timeout(PATIENCE, self.command(args).stdin(Stdio::null()).output()).await;
        let output = output.with_context(|| format!("`{}` does not end", args.join(" ")))??;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{}` failed: {said}", args.join(" "));
        String::from_utf8(output.stdout).context("what a command says is UTF-8")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).args(["--db", &self.database]).env("RUST_LOG", "error").kill_on_drop(true);
        command
    }
}

/// An address that nothing listens on, below the ports that the system gives to outgoing
/// connections: while the server is down, none of these must come to sit on its port.
pub(crate) fn free_address() -> Result<SocketAddr> {
    const PORTS: std::ops::Range<u16> = 20_000..32_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = (std::process::id() % u32::from(PORTS.end - PORTS.start)) as u16;
    for _ in PORTS {
        let step = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(7).wrapping_add(spread);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, PORTS.start + step % (PORTS.end - PORTS.start)));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    anyhow::bail!("no port is free")
}
