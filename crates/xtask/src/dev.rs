//! `cargo xtask dev`: a server on port 8080, and the app with reload on port 8081.
//!
//! Trunk builds the app anew when a file of it changes, and passes `/api` and
//! `/sync` on to the server (Trunk.toml says so). The server itself is built once:
//! start the command again after a change to it. When one of the two ends, or this
//! program does, in whatever way, so does the other.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{run, serve, tools};

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const APP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8081);

/// How often the two are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Runs both until one ends.
///
/// # Errors
///
/// When a step fails, or one of the two ends by itself.
pub fn dev(workspace: &Workspace) -> Result<ExitCode> {
    serve::free(SERVER, "")?;
    serve::free(APP, "")?;
    let mut steps = Steps::start();
    steps.run("Rust's wasm target", || tools::wasm_target(workspace))?;
    let trunk = steps.run("Trunk", || tools::trunk(workspace))?;
    let wasm_bindgen = steps.run("wasm-bindgen", || tools::wasm_bindgen(workspace))?;
    steps.run("server", || {
        let cargo = run::cargo(&workspace.root, ["build", "--package", "holdfast-server"]);
        run::live(cargo, "What the compiler said stands above.")
    })?;
    let program = workspace.server("debug");
    serve::demo(workspace, &mut steps, &program)?;

    // Not dist/: that is the release build's.
    let dist = workspace.state().join("dev-dist");
    fs::create_dir_all(&dist).with_context(|| format!("cannot make {}", dist.display()))?;
    let mut server = run::program(&program, &workspace.root);
    server.args(["serve", "--db", &serve::database_url(), "--listen", &SERVER.to_string(), "--app"]).arg(&dist);
    let mut app = run::program(trunk.join("trunk"), &workspace.root);
    app.arg("serve").arg("--dist").arg(&dist).env("PATH", tools::path_with(&[&wasm_bindgen])?);
    app.env_remove("NO_COLOR").env("RUST_BACKTRACE", "0");

    println!("\nHoldfast, with reload: http://{APP}  (its server: http://{SERVER}; Ctrl-C ends both)\n");
    let mut both = [Tied::start("the server", &server)?, Tied::start("trunk serve", &app)?];
    loop {
        for tied in &mut both {
            if let Some(status) = tied.ended()? {
                bail!("{} ended ({status}); what it said stands above", tied.name);
            }
        }
        sleep(LOOK);
    }
}

/// A program that ends with this one. Its input is a pipe that only this program
/// holds open; a shell beside it waits for the pipe's end and then ends it.
struct Tied {
    name: &'static str,
    child: Child,
}

impl Tied {
    fn start(name: &'static str, command: &Command) -> Result<Self> {
        const TIE: &str = r#"exec 3<&0; (read _ <&3; kill $$ 2>/dev/null) & exec "$@" 3<&- </dev/null"#;
        let folder = command.get_current_dir().context("a tied program needs a folder")?;
        let mut tie = run::program("sh", folder);
        tie.args(["-c", TIE, "sh"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => tie.env(name, value),
                None => tie.env_remove(name),
            };
        }
        let child = tie.stdin(Stdio::piped()).spawn().with_context(|| format!("{name} could not be started"))?;
        Ok(Self { name, child })
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("{} is out of sight", self.name))
    }
}

impl Drop for Tied {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended long since.
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_tied_program_ends_when_it_is_let_go() {
        let mut command = run::program("sleep", std::path::Path::new("/"));
        command.arg("60");
        let begun = Instant::now();
        let mut tied = Tied::start("sleep", &command).expect("there is a shell");
        assert!(tied.ended().expect("in sight").is_none());
        drop(tied);
        assert!(begun.elapsed() < Duration::from_secs(30), "it was ended, not waited for");
    }
}
