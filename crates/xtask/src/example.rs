//! `cargo xtask example NAME`: an application of `examples/`, built and served, or tested.
//!
//! An example is one package: built for the browser it is the app, for this machine its server,
//! which has the commands of `holdfast_server::program`.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::app::{self, App};
use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{run, serve};

/// Builds an example and becomes its server, on a database of its own in `data/`.
///
/// # Errors
///
/// When there is no such example, a step fails or the server cannot be started.
pub fn example(workspace: &Workspace, name: &str, listen: SocketAddr) -> Result<ExitCode> {
    ensure!(workspace.root.join("examples").join(name).join("Trunk.toml").is_file(), "there is no example {name:?}");
    serve::free(listen, &format!(", or take another with `cargo xtask example {name} --listen IP:PORT`"))?;
    let mut steps = Steps::start();
    let app = App::example(workspace, name);
    app::build(workspace, &app, &mut steps)?;
    steps.run("server", || {
        let cargo = run::cargo(&workspace.root, ["build", "--package", name]);
        run::live(cargo, "What the compiler said stands above.")
    })?;
    fs::create_dir_all(workspace.root.join("data")).context("cannot make the folder data/")?;

    println!("\n{name}: http://{listen}  (Ctrl-C ends it)\n");
    let server = workspace.program("debug", name);
    let mut command = run::program(&server, &workspace.root);
    command.args(["serve", "--db", &format!("sqlite:data/{name}.db"), "--listen", &listen.to_string(), "--app"]);
    command.arg(&app.dist);
    Err(command.exec()).with_context(|| format!("the server {} could not be started", server.display()))
}
