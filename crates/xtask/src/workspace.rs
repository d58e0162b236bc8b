//! Where things lie: the clone, its build output, and the user's cache of tools.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folders that the commands work in.
pub struct Workspace {
    /// The clone's root.
    pub root: PathBuf,
    /// Cargo's build output for this machine, that of `CARGO_TARGET_DIR` or of a
    /// Cargo configuration included.
    pub target: PathBuf,
    /// Tools that are pinned here, for this and every other clone of this user.
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds the folders from how Cargo started this program.
    ///
    /// # Errors
    ///
    /// When it was not started by Cargo, or the user has no home.
    pub fn locate() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = PathBuf::from(manifest)
            .ancestors()
            .nth(2)
            .filter(|root| root.join("Cargo.lock").is_file())
            .context("this clone's root was not found: run it as `cargo xtask` inside the clone")?
            .to_owned();
        // This program lies in TARGET/debug/, beside what it will have built.
        let program = env::current_exe().context("this program's own path is unknown")?;
        let target = program
            .ancestors()
            .nth(2)
            .context("this program does not lie in Cargo's target folder: run it as `cargo xtask`")?
            .to_owned();
        Ok(Self { root, target, cache: cache(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME"))? })
    }

    /// Logs and stamps of the commands. In the clone even when Cargo's output is
    /// not: they are about this clone.
    pub fn state(&self) -> PathBuf {
        self.root.join("target/xtask")
    }

    /// A program in Cargo's profile folder (`debug` or `release`).
    pub fn program(&self, folder: &str, name: &str) -> PathBuf {
        self.target.join(folder).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The server's program in Cargo's profile folder.
    pub fn server(&self, folder: &str) -> PathBuf {
        self.program(folder, "holdfast-server")
    }
}

fn cache(xdg: Option<std::ffi::OsString>, home: Option<std::ffi::OsString>) -> Result<PathBuf> {
    // The specification has a relative path there ignored.
    let folder = xdg
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home.filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".cache")))
        .context("no folder for caches: set HOME or XDG_CACHE_HOME")?;
    Ok(folder.join("holdfast"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_xdg_then_home() {
        let of = |xdg: Option<&str>, home: Option<&str>| cache(xdg.map(Into::into), home.map(Into::into)).ok();
        assert_eq!(of(Some("/c"), Some("/h")), Some("/c/holdfast".into()));
        assert_eq!(of(Some("relative"), Some("/h")), Some("/h/.cache/holdfast".into()));
        assert_eq!(of(None, Some("/h")), Some("/h/.cache/holdfast".into()));
        assert_eq!(of(None, Some("")), None);
        assert_eq!(of(None, None), None);
    }
}
