//! Browser apps, the tracker's and the examples': built by Trunk in release, then by `wasm-opt`.
//!
//! A stamp of what an app is made of and of what came out leaves the build out
//! when it would change nothing; another build into the same folder (a plain `trunk
//! serve`, say) makes it due.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::stamp;
use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{run, tools};

/// What every app is made of, relative to the clone's root.
const SHARED_SOURCES: &[&str] =
    &[".cargo/config.toml", "Cargo.lock", "Cargo.toml", "crates/leptos", "crates/sync", "public"];

/// What else the tracker's app is made of.
const TRACKER_SOURCES: &[&str] = &["Trunk.toml", "crates/tracker", "index.html", "src", "style"];

/// For an app that is loaded before it is used.
const SMALL: &str = "-Os";

/// For a page that is measured.
const FAST: &str = "-O3";

/// One app and where it lies.
pub struct App {
    /// What it is called in what is said and in the names of files.
    name: String,
    /// Where its Trunk.toml is.
    folder: PathBuf,
    /// Where it is built into.
    pub dist: PathBuf,
    sources: Vec<String>,
    /// The page that Trunk makes it from; it becomes `index.html`.
    page: &'static str,
    /// What `wasm-opt` is to look to.
    level: &'static str,
}

impl App {
    /// The tracker's.
    pub fn tracker(workspace: &Workspace) -> Self {
        let sources = SHARED_SOURCES.iter().chain(TRACKER_SOURCES).map(|&path| path.to_owned()).collect();
        let (folder, dist) = (workspace.root.clone(), workspace.root.join("dist"));
        Self { name: "app".to_owned(), folder, dist, sources, page: "index.html", level: SMALL }
    }

    /// The page for measuring, made of the tracker's list.
    pub fn bench(workspace: &Workspace) -> Self {
        let dist = workspace.state().join("bench-dist");
        let mut app =
            Self { name: "bench".to_owned(), dist, page: "bench.html", level: FAST, ..Self::tracker(workspace) };
        app.sources.push(app.page.to_owned());
        app
    }

    /// An example's.
    pub fn example(workspace: &Workspace, name: &str) -> Self {
        let own = format!("examples/{name}");
        let folder = workspace.root.join(&own);
        let sources = SHARED_SOURCES.iter().map(|&path| path.to_owned()).chain([own]).collect();
        let dist = workspace.state().join(format!("{name}-dist"));
        Self { name: name.to_owned(), folder, dist, sources, page: "index.html", level: SMALL }
    }
}

/// What Rust lets wasm code use; `wasm-opt` takes no other for granted.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds an app, with the tools that takes, unless it is there and nothing has changed since.
///
/// # Errors
///
/// When a tool cannot be had, or the build fails.
pub fn build(workspace: &Workspace, app: &App, steps: &mut Steps) -> Result<()> {
    let App { name, folder, dist, sources, page, .. } = app;
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let path = workspace.state().join(format!("{name}.stamp"));
    let before = fs::read_to_string(&path).unwrap_or_default();
    let now = format!("{}{}", stamp::of(&workspace.root, &sources)?, stamp::of(dist, &["."])?);
    let Some(changed) = stamp::difference(&before, &now) else {
        return steps.run(name, || {
            println!("    unchanged");
            Ok(())
        });
    };

    steps.run("Rust's wasm target", || tools::wasm_target(workspace))?;
    let trunk = steps.run("Trunk", || tools::trunk(workspace))?;
    let wasm_bindgen = steps.run("wasm-bindgen", || tools::wasm_bindgen(workspace))?;
    let wasm_opt = steps.run("wasm-opt", || Ok(tools::wasm_opt(workspace)))?;

    // Taken before the build: a file changed during it makes the next build due.
    let sources = stamp::of(&workspace.root, &sources)?;
    let why = if before.is_empty() { String::new() } else { format!(" ({changed} changed)") };
    steps.run(&format!("{name}, in release{why}"), || {
        let mut command = run::program(trunk.join("trunk"), folder);
        command.args(["build", page, "--release", "--dist"]).arg(dist).env("PATH", tools::path_with(&[&wasm_bindgen])?);
        // Trunk takes the customary `NO_COLOR=1` for a bad value, and shows where in
        // itself it met a compile error.
        command.env_remove("NO_COLOR").env("RUST_BACKTRACE", "0");
        run::live(command, "What the compiler or Trunk said stands above.")
    })?;
    if let Some(wasm_opt) = wasm_opt {
        steps.run(&format!("{name}, made smaller"), || shrink(workspace, app, &wasm_opt))?;
    }
    let written = format!("{sources}{}", stamp::of(dist, &["."])?);
    fs::create_dir_all(workspace.state()).context("cannot make the folder target/xtask")?;
    fs::write(&path, written).with_context(|| format!("cannot write {}", path.display()))
}

/// Rewrites an app's wasm under its own name, which stands in the page.
fn shrink(workspace: &Workspace, app: &App, wasm_opt: &Path) -> Result<()> {
    let wasm = only_wasm(&app.dist)?;
    let smaller = workspace.state().join(format!("{}.wasm", app.name));
    fs::create_dir_all(workspace.state()).context("cannot make the folder target/xtask")?;
    let mut command = run::program(wasm_opt, &workspace.root);
    command.arg(app.level).args(WASM_FEATURES).arg(&wasm).arg("-o").arg(&smaller);
    let advice = "The app works as it is; if this goes on, take another wasm-opt (npm's package binaryen).";
    run::logged(command, &workspace.state().join("wasm-opt.log"), advice)?;
    let (before, after) = (size_kib(&wasm)?, size_kib(&smaller)?);
    fs::copy(&smaller, &wasm).with_context(|| format!("cannot write {}", wasm.display()))?;
    fs::remove_file(&smaller).with_context(|| format!("cannot remove {}", smaller.display()))?;
    println!("    {before} KiB to {after} KiB of wasm");
    Ok(())
}

fn only_wasm(dist: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(dist).with_context(|| format!("cannot list {}", dist.display()))?;
    files
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .with_context(|| format!("Trunk left no wasm in {}", dist.display()))
}

fn size_kib(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(metadata.len().div_ceil(1024))
}
