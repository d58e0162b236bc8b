//! `cargo xtask serve`: from a fresh clone to a running Holdfast.
//!
//! Installs what is missing, builds app and server in release, fills a demo
//! workspace in `data/` on the first run, then becomes the server. What is built
//! is not built again: a second run starts within seconds.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::app::{self, App};
use crate::run;
use crate::step::Steps;
use crate::workspace::Workspace;

const DATABASE: &str = "data/holdfast.db";
const DEMO_ISSUES: &str = "2000";
const DEMO_SEED: &str = "1";

/// Runs the command; on success this process is the server's.
///
/// # Errors
///
/// When a step fails or the server cannot be started.
pub fn serve(workspace: &Workspace, listen: SocketAddr) -> Result<ExitCode> {
    // Minutes of building should not end in this.
    free(listen, ", or take another with `cargo xtask serve --listen IP:PORT`")?;
    let mut steps = Steps::start();
    // Beside all else: the app's last minutes keep one core busy, the server's build many.
    let cargo = run::cargo_in_the_gaps(&workspace.root, ["build", "--release", "--package", "holdfast-server"]);
    let built = run::beside(cargo, &workspace.state().join("server.log"), "What the compiler said stands above.")?;
    app::build(workspace, &App::tracker(workspace), &mut steps)?;
    steps.run("server, in release (the rest of it)", || built.finished())?;
    let server = workspace.server("release");
    demo(workspace, &mut steps, &server)?;

    println!("\n{steps}\n\nHoldfast: http://{listen}  (Ctrl-C ends it)\n");
    let mut command = run::program(&server, &workspace.root);
    command.args(["serve", "--db", &database_url(), "--listen", &listen.to_string(), "--app", "dist"]);
    Err(command.exec()).with_context(|| format!("the server {} could not be started", server.display()))
}

/// The database of `serve` and `dev`, as the server's `--db` names it.
pub fn database_url() -> String {
    format!("sqlite:{DATABASE}")
}

/// Fills the demo workspace, unless there is a database: it may be the user's own.
///
/// # Errors
///
/// When the server's `seed` fails; nothing is there then.
pub fn demo(workspace: &Workspace, steps: &mut Steps, server: &Path) -> Result<()> {
    let database = workspace.root.join(DATABASE);
    if database.exists() {
        return Ok(());
    }
    steps.run("demo workspace", || {
        // Filled apart and moved into place when whole. A log left by a deleted
        // database would be replayed into the new one: away with it.
        let partial = format!("{DATABASE}.partial");
        fs::create_dir_all(workspace.root.join("data")).context("cannot make the folder data/")?;
        for leftover in [&partial, DATABASE] {
            for suffix in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(workspace.root.join(format!("{leftover}{suffix}")));
            }
        }
        let mut seed = run::program(server, &workspace.root);
        seed.args(["seed", "--issues", DEMO_ISSUES, "--seed", DEMO_SEED, "--db", &format!("sqlite:{partial}")]);
        run::logged(seed, &workspace.state().join("seed.log"), "Start again with `cargo xtask serve`.")?;
        for suffix in ["-wal", ""] {
            let (from, to) = (format!("{partial}{suffix}"), format!("{DATABASE}{suffix}"));
            let from = workspace.root.join(from);
            if suffix.is_empty() || from.exists() {
                fs::rename(&from, workspace.root.join(&to)).with_context(|| format!("cannot make {to}"))?;
            }
        }
        Ok(())
    })
}

/// Says at once when something else listens on `address`; `instead` says what to
/// do but ending that.
///
/// # Errors
///
/// When it cannot be listened on.
pub fn free(address: SocketAddr, instead: &str) -> Result<()> {
    TcpListener::bind(address)
        .map(drop)
        .with_context(|| format!("cannot listen on {address}: end what does (another Holdfast?){instead}"))
}
