//! One test's own world.

use crate::{Browser, Gate, Programs, Server, driver::Driver};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder, a chromedriver, and what is asked for. Made first by a test, and so dropped last.
pub struct Stage {
    programs: Programs,
    driver: Driver,
    folder: TempDir,
}

impl Stage {
    /// Sets it up, with nothing on it yet.
    ///
    /// # Errors
    /// When a program is missing or chromedriver does not start.
    pub async fn new() -> Result<Self> {
        Self::with(Programs::find()?).await
    }

    /// Sets it up for those programs.
    ///
    /// # Errors
    /// When chromedriver does not start.
    pub async fn with(programs: Programs) -> Result<Self> {
        let driver = Driver::start(&programs.chromedriver).await?;
        let folder = tempfile::Builder::new().prefix("holdfast-e2e-").tempdir().context("no folder for the test")?;
        Ok(Self { programs, driver, folder })
    }

    /// A server on a new, empty database, serving.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn server(&self) -> Result<Server> {
        let mut server = self.server_at_rest()?;
        server.start().await?;
        Ok(server)
    }

    /// A server on a new database of made issues, the same ones each time, serving.
    ///
    /// # Errors
    /// When it cannot be filled or does not start.
    pub async fn seeded_server(&self, issues: usize) -> Result<Server> {
        let mut server = self.server_at_rest()?;
        server.seed(issues, 1).await?;
        server.start().await?;
        Ok(server)
    }

    /// A server that does not run yet: its database can be filled first.
    ///
    /// # Errors
    /// When there is no port for it.
    pub fn server_at_rest(&self) -> Result<Server> {
        Server::at_rest(&self.programs, self.path("holdfast.db"))
    }

    /// A gate before a server, open.
    ///
    /// # Errors
    /// When there is no port for it.
    pub async fn gate(&self, server: &Server) -> Result<Gate> {
        Gate::open(server.address()).await
    }

    /// A browser on the profile of that name, which is made.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn browser(&self, profile: &str) -> Result<Browser> {
        Browser::open(self.driver.url(), &self.programs.chromium, self.path(profile)).await
    }

    /// Somebody's browser, a profile of their own, on the list of the project WEB with all sent.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn at_web(&self, server: &Server, name: &str) -> Result<Browser> {
        let browser = self.browser(&name.to_lowercase()).await?;
        browser.sign_in(server.origin(), name).await?;
        browser.open_project("WEB").await?;
        browser.until_drained().await?;
        Ok(browser)
    }

    /// A file or folder of the test's own.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The programs it works with.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }
}
