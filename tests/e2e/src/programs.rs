//! Where the programs under test are, and those that test them.

use anyhow::{Result, bail};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The programs and files that a test needs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `HOLDFAST_SERVER`, or what was last built of it in this clone, in release if there is one.
    pub server: PathBuf,
    /// `HOLDFAST_APP`, or this clone's `dist/`.
    pub app: PathBuf,
    /// `CHROMEDRIVER`, or the one on `PATH`.
    pub chromedriver: PathBuf,
    /// `CHROMIUM`, or the one on `PATH`.
    pub chromium: PathBuf,
}

impl Programs {
    /// Finds them.
    ///
    /// # Errors
    /// Names the first that is not there, and what to do.
    pub fn find() -> Result<Self> {
        Self::of("holdfast-server", "dist", "HOLDFAST_SERVER", "HOLDFAST_APP")
    }

    /// Finds them, server and app being the example poll's: `HOLDFAST_POLL_SERVER`, `HOLDFAST_POLL_APP`,
    /// or what was last built of them in this clone.
    ///
    /// # Errors
    /// Names the first that is not there, and what to do.
    pub fn find_poll() -> Result<Self> {
        Self::of("poll", "target/xtask/poll-dist", "HOLDFAST_POLL_SERVER", "HOLDFAST_POLL_APP")
    }

    /// Finds them, the app being the pages that are measured: `HOLDFAST_BENCH`, or what was last built of them.
    ///
    /// # Errors
    /// Names the first that is not there, and what to do.
    pub fn find_bench() -> Result<Self> {
        Self::of("holdfast-server", "target/xtask/bench-site", "HOLDFAST_SERVER", "HOLDFAST_BENCH")
    }

    fn of(program_name: &str, dist: &str, server_variable: &str, app_variable: &str) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let built = ["release", "debug"].map(|folder| target.join(folder).join(program_name));
        let server = given(server_variable).or_else(|| built.into_iter().find(|path| path.is_file()));
        let app = given(app_variable).or_else(|| Some(root.join(dist)));
        Ok(Self {
            server: there(server, Path::is_file, "the server", server_variable)?,
            app: there(app, |app| app.join("index.html").is_file(), "the built app", app_variable)?,
            chromedriver: there(
                program("CHROMEDRIVER", "chromedriver"),
                Path::is_file,
                "chromedriver",
                "CHROMEDRIVER",
            )?,
            chromium: there(program("CHROMIUM", "chromium"), Path::is_file, "Chromium", "CHROMIUM")?,
        })
    }
}

fn given(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}

fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH").unwrap_or_default();
    given(variable).or_else(|| env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file()))
}

fn there(path: Option<PathBuf>, is_there: impl Fn(&Path) -> bool, what: &str, variable: &str) -> Result<PathBuf> {
    match path {
        Some(path) if is_there(&path) => Ok(path),
        _ => bail!("{what} is not there; run `cargo xtask test`, which sees to that, or say where it is by {variable}"),
    }
}
