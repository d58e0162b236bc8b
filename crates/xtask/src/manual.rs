//! `docs/extending.md`, followed by the letter: in a copy of the clone its steps are applied as
//! they stand on the page, and its command is run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::run;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The page.
const PAGE: &str = "docs/extending.md";

/// The command that the page ends with; the page must name it so.
const COMMAND: [&str; 4] = ["xtask", "example", "poll", "--test"];

/// Does as the page says.
///
/// # Errors
///
/// When a step no longer fits the code, or what comes of the steps does not pass its tests.
pub fn follow(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let page = fs::read_to_string(workspace.root.join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let command = format!("cargo {}", COMMAND.join(" "));
    ensure!(page.contains(&command), "{PAGE} no longer says `{command}`, which is what is run of it");
    let copy = copy(workspace)?;
    let mut apply = run::program("git", &copy);
    // The copy lies in the clone, whose repository git would take it for a part of.
    apply.env("GIT_CEILING_DIRECTORIES", workspace.state()).args(["apply", "--verbose", PAGE]);
    run::live(apply, "A step of the page does not fit the code any more: mend the page.")?;

    let mut test = run::cargo(&copy, COMMAND);
    // What the clone has built of other people's packages serves the copy too.
    test.env("CARGO_TARGET_DIR", &workspace.target);
    run::tallied(test, tally, "What comes of the page's steps does not pass its tests: mend the page.")
}

/// The clone's files as they are, less what git ignores, in a folder of their own.
fn copy(workspace: &Workspace) -> Result<PathBuf> {
    let copy = workspace.state().join("manual");
    let mut list = run::program("git", &workspace.root);
    let list = list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
    let list = list.context("`git ls-files` could not be started: the copy is made of what git knows")?;
    ensure!(list.status.success(), "`git ls-files` failed: the copy is made of what git knows");
    let names = String::from_utf8(list.stdout).context("a file's name is not UTF-8")?;
    let mut kept = Vec::new();
    // Cargo finds the clone's configuration above the copy; twice the same would be another.
    for name in names.split_terminator('\0').filter(|name| !name.starts_with(".cargo/")) {
        // A file may be deleted and still be known to git.
        if let Ok(bytes) = fs::read(workspace.root.join(name)) {
            write(&copy.join(name), &bytes)?;
            kept.push(copy.join(name));
        }
    }
    remove_others(&copy, &kept)?;
    Ok(copy)
}

/// Writes a file unless it is so already: its time then stays, and Cargo builds nothing for it.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes what is left of an earlier run.
fn remove_others(folder: &Path, kept: &[PathBuf]) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
