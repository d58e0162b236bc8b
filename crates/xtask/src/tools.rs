//! The tools of the build, pinned: found on `PATH` in the right version, or else
//! installed into the user's cache.
//!
//! A tool lies in `CACHE/tools/NAME-VERSION/`. It is made beside that folder and
//! renamed into it, so a folder that is there is complete. One install runs at a
//! time, under a lock on `CACHE/lock`; its build output, `CACHE/build/`, outlives
//! an interruption and goes when the install is done.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::run;
use crate::workspace::Workspace;

const TRUNK_VERSION: &str = "0.21.14";

/// The version of the npm package `binaryen`, which brings `wasm-opt`.
const BINARYEN_VERSION: &str = "132.0.0";

/// The target of the browser app.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that Rust can build for the browser.
///
/// # Errors
///
/// When the target is missing and rustup cannot add it.
pub fn wasm_target(workspace: &Workspace) -> Result<()> {
    let libraries = run::answer("rustc", &["--print", "target-libdir", "--target", WASM_TARGET]);
    if libraries.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    let mut rustup = run::program("rustup", &workspace.root);
    rustup.args(["target", "add", WASM_TARGET]);
    let advice = format!(
        "Install Rust through rustup, or the standard library for {WASM_TARGET} the way your Rust was installed."
    );
    run::live(rustup, &advice)
}

/// The parts of wasm-bindgen's programs in which they spend their time.
const WASM_BINDGEN_HOT: [&str; 3] = [
    "profile.release.package.walrus.opt-level=1",
    "profile.release.package.wasmparser.opt-level=1",
    "profile.release.package.wasm-bindgen-cli-support.opt-level=1",
];

/// The folder with `trunk`.
///
/// # Errors
///
/// When it is missing and cannot be built.
pub fn trunk(workspace: &Workspace) -> Result<PathBuf> {
    let programs = ["trunk"];
    found_or_installed(workspace, "trunk", TRUNK_VERSION, &programs, |folder| {
        // Its release profile, LTO and all, takes twice as long to build as it ever saves. It finds
        // the other tools on PATH: without what would download them it needs no TLS.
        let package = ["--locked", "trunk", "--no-default-features"];
        cargo_install(workspace, folder, TRUNK_VERSION, &package)
    })
}

/// The folder with `wasm-bindgen` and `wasm-bindgen-test-runner`, in the version
/// that the app is linked with: the two must be the same.
///
/// # Errors
///
/// When they are missing and cannot be built, or Cargo.lock has no `wasm-bindgen`.
pub fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf> {
    let path = workspace.root.join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let version = locked_version(&lock, "wasm-bindgen").context(
        "Cargo.lock names no single version of wasm-bindgen: run `cargo update --workspace`, then look at `cargo tree -i wasm-bindgen`",
    )?;
    let programs = ["wasm-bindgen", "wasm-bindgen-test-runner"];
    found_or_installed(workspace, "wasm-bindgen", version, &programs, |folder| {
        // It reads and writes the whole app at each build: what does that is worth optimising. It
        // downloads nothing, so it needs no TLS.
        let mut package = vec!["wasm-bindgen-cli", "--no-default-features"];
        for hot in WASM_BINDGEN_HOT {
            package.extend(["--config", hot]);
        }
        cargo_install(workspace, folder, version, &package)
    })
}

/// The program `wasm-opt`, where there is one that is new enough or npm can bring
/// one. The app works without it, and is a third larger.
pub fn wasm_opt(workspace: &Workspace) -> Option<PathBuf> {
    let required = major(BINARYEN_VERSION)?;
    let new_enough = |folder: &PathBuf| {
        let program = folder.join("wasm-opt");
        program.is_file() && version_of(&program).and_then(|version| major(&version)).is_some_and(|it| it >= required)
    };
    if let Some(folder) = path_folders().into_iter().find(new_enough) {
        return Some(folder.join("wasm-opt"));
    }
    let folder = tool_folder(workspace, "binaryen", BINARYEN_VERSION);
    let program = folder.join("node_modules/.bin/wasm-opt");
    if program.is_file() {
        return Some(program);
    }
    if run::answer("npm", &["--version"]).is_none() {
        println!(
            "    skipped: no wasm-opt of version {required} or later, and no npm to bring it; the app is larger without"
        );
        return None;
    }
    let installed = install(
        workspace,
        &folder,
        || program.is_file(),
        |folder| {
            let mut npm = run::program("npm", folder);
            npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]);
            npm.arg(folder).arg(format!("binaryen@{BINARYEN_VERSION}"));
            run::logged(npm, &workspace.state().join("npm.log"), "")
        },
    );
    match installed {
        Ok(()) => Some(program),
        Err(error) => {
            println!("    skipped: {error:#}; the app is larger without wasm-opt");
            None
        }
    }
}

/// `PATH` with these folders before all others.
///
/// # Errors
///
/// When a folder's name cannot stand in `PATH`.
pub fn path_with(folders: &[&Path]) -> Result<std::ffi::OsString> {
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain(path_folders());
    env::join_paths(all).context("the cache's folder cannot stand in PATH: choose another with XDG_CACHE_HOME")
}

/// The folders of `PATH`, in their order.
pub fn path_folders() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
}

/// The version that a program states with `--version`: the first word that starts
/// with a digit.
pub fn version_of(program: &Path) -> Option<String> {
    version_in(&run::answer(program, &["--version"])?).map(str::to_owned)
}

/// The number before the first dot.
pub fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

fn version_in(text: &str) -> Option<&str> {
    text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// The version of `package` in the text of a Cargo.lock, when it has just one.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut versions = lock.split("[[package]]").filter_map(|entry| {
        let mut lines = entry.trim_start().lines();
        (lines.next()? == name).then_some(())?;
        lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
    });
    versions.next().filter(|_| versions.next().is_none())
}

fn tool_folder(workspace: &Workspace, name: &str, version: &str) -> PathBuf {
    workspace.cache.join("tools").join(format!("{name}-{version}"))
}

fn found_or_installed(
    workspace: &Workspace,
    name: &str,
    version: &str,
    programs: &[&str],
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let has_all = |folder: &Path| {
        programs.iter().all(|program| {
            let program = folder.join(program);
            program.is_file() && version_of(&program).as_deref() == Some(version)
        })
    };
    if let Some(folder) = path_folders().into_iter().find(|folder| has_all(folder)) {
        return Ok(folder);
    }
    let folder = tool_folder(workspace, name, version);
    let programs_folder = folder.join("bin");
    if !has_all(&programs_folder) {
        println!("    installing {name} {version} into {} (once)", folder.display());
        install(workspace, &folder, || has_all(&programs_folder), make)?;
        ensure!(
            has_all(&programs_folder),
            "{name} {version} was installed and does not run: remove {} and try again",
            folder.display()
        );
    }
    Ok(programs_folder)
}

/// Has `make` fill a folder and puts it in `folder`'s place, unless another clone's
/// run has done so (`is_there`) by the time that this one's turn comes.
fn install(
    workspace: &Workspace,
    folder: &Path,
    is_there: impl FnOnce() -> bool,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let tools = folder.parent().expect("a tool's folder lies in the folder of tools");
    fs::create_dir_all(tools)
        .with_context(|| format!("cannot make {}: choose another place with XDG_CACHE_HOME", tools.display()))?;
    let lock = File::create(workspace.cache.join("lock")).context("cannot make the lock of the tools' cache")?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("    waiting for another install into {}", tools.display());
            lock.lock().context("cannot take the lock of the tools' cache")?;
        }
        Err(TryLockError::Error(error)) => return Err(error).context("cannot take the lock of the tools' cache"),
    }
    if is_there() {
        return Ok(());
    }
    let partial = folder.with_added_extension("partial");
    removed(&partial)?;
    fs::create_dir(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    make(&partial)?;
    removed(folder)?;
    fs::rename(&partial, folder).with_context(|| format!("cannot put {} in its place", folder.display()))?;
    removed(&build_folder(workspace))
}

fn build_folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("build")
}

fn removed(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            bail!("cannot remove {}: {error}", folder.display())
        }
        _ => Ok(()),
    }
}

/// Builds a package's programs for speed of building, not of running.
fn cargo_install(workspace: &Workspace, folder: &Path, version: &str, package: &[&str]) -> Result<()> {
    let mut cargo = run::cargo(folder, ["install", "--version", version, "--root"]);
    cargo.arg(folder).args(package);
    cargo.env("CARGO_TARGET_DIR", build_folder(workspace)).env_remove("CARGO_BUILD_TARGET");
    // Or Cargo asks the user to put this passing folder on PATH.
    cargo.env("PATH", path_with(&[&folder.join("bin")])?);
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "false");
    cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256");
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    run::live(
        cargo,
        "It needs the network and a C compiler (Debian: `apt-get install build-essential`); run the same command again to go on.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
dependencies = [
 "wasm-bindgen-macro",
]

[[package]]
name = "wasm-bindgen-macro"
version = "0.2.131"

[[package]]
name = "twice"
version = "1.0.0"

[[package]]
name = "twice"
version = "2.0.0"
"#;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
        assert_eq!(locked_version(LOCK, "twice"), None, "two versions are no answer");
    }

    #[test]
    fn this_clone_locks_a_wasm_bindgen() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(locked_version(lock, "wasm-bindgen").is_some());
    }

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(version_in("trunk 0.21.14"), Some("0.21.14"));
        assert_eq!(version_in("wasm-opt version 132 (version_132)"), Some("132"));
        assert_eq!(version_in("Chromium 156.0.8078.79 built on Debian GNU/Linux 12"), Some("156.0.8078.79"));
        assert_eq!(version_in("no version"), None);
        assert_eq!(major("156.0.8078.79"), Some(156));
        assert_eq!(major("132"), Some(132));
        assert_eq!(major("x.1"), None);
    }

    #[test]
    fn an_interrupted_install_is_not_taken_for_complete() {
        let cache = env::temp_dir().join(format!("holdfast-tools-{}", std::process::id()));
        let workspace = Workspace { root: PathBuf::new(), target: PathBuf::new(), cache: cache.clone() };
        let folder = tool_folder(&workspace, "hammer", "1.0.0");
        let program = folder.join("hammer");

        let half = |folder: &Path| {
            fs::write(folder.join("handle"), "").expect("writable");
            bail!("interrupted")
        };
        install(&workspace, &folder, || program.is_file(), half).expect_err("it was interrupted");
        assert!(!folder.exists());

        let whole = |folder: &Path| fs::write(folder.join("hammer"), "").context("writable");
        install(&workspace, &folder, || program.is_file(), whole).expect("it goes through");
        assert!(program.is_file());
        assert!(!folder.join("handle").exists(), "nothing is left of the first try");

        let again = |_: &Path| bail!("it is there already");
        install(&workspace, &folder, || program.is_file(), again).expect("nothing to do");
        fs::remove_dir_all(cache).expect("removable");
    }
}
