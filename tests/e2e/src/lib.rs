//! The real server and real Chromium, as a test's hands and eyes.
//!
//! A [`Stage`] is one test's own world: a folder that goes with it, a chromedriver, and what it is
//! asked for: a [`Server`] on a port of its own that can be killed and started again on the same
//! database, [`Browser`]s that can be killed and opened again on the same profile, and a [`Gate`]
//! between the two that can be shut. All of it ends with the stage, also when the test fails.
//!
//! Waiting is for something to come, in the page itself ([`Browser::until`]), never for time to
//! pass; [`PATIENCE`] only turns a test that would hang into one that fails, and says what was to be
//! seen instead.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use holdfast_e2e::Stage;
//!
//! let stage = Stage::new().await?;
//! let server = stage.seeded_server(20).await?;
//! let (ada, bob) = (stage.browser("ada").await?, stage.browser("bob").await?);
//! ada.sign_in(server.origin(), "Ada").await?;
//! bob.sign_in(server.origin(), "Bob").await?;
//! ada.open_project("WEB").await?;
//! bob.open_project("WEB").await?;
//! let issue = ada.first_issue().await?;
//! ada.set_status(&issue, "done").await?;
//! bob.until_status_of(&issue, "done").await?;
//! # Ok(())
//! # }
//! ```

mod browser;
mod driver;
mod export;
pub mod figures;
mod gate;
mod http;
pub mod latency;
mod page;
mod programs;
mod server;
mod socket;
mod stage;

pub use browser::{Browser, Severe};
pub use export::Export;
pub use gate::{Gate, Way};
pub use http::Session;
pub use programs::Programs;
pub use server::Server;
pub use socket::{Answer, Socket};
pub use stage::Stage;

use std::time::Duration;

/// How long anything may take before a test is held to hang. Generous: the machine does other things
/// as well.
pub const PATIENCE: Duration = Duration::from_secs(30);
