//! `docs/extending.md`, followed by the letter: in a copy of the clone its steps are applied as
//! they stand on the page, and its command is run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::run;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The version of the clone's packages, which is this one's.
const VERSION: &str = env!("CARGO_PKG_VERSION");

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
            let bytes = if ["Cargo.toml", "Cargo.lock"].contains(&name) { set_apart(bytes)? } else { bytes };
            write(&copy.join(name), &bytes)?;
            kept.push(copy.join(name));
        }
    }
    remove_others(&copy, &kept)?;
    Ok(copy)
}

/// Gives the copy's packages a version of their own. Cargo tells packages by name, version and place in
/// the workspace: what it built of the copy it would else take for the clone's, whatever changed there.
fn set_apart(manifest: Vec<u8>) -> Result<Vec<u8>> {
    let manifest = String::from_utf8(manifest).context("a manifest is not UTF-8")?;
    let (ours, apart) = (format!("\nversion = \"{VERSION}\"\n"), format!("\nversion = \"{VERSION}-manual\"\n"));
    // A package of the lock file that names its source is somebody else's.
    let packages = manifest.split_inclusive("\n\n");
    let packages = packages.map(|package| match package.contains("\nsource = ") {
        true => package.to_owned(),
        false => package.replace(&ours, &apart),
    });
    Ok(packages.collect::<String>().into_bytes())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_packages_are_set_apart() {
        let ours = format!("[[package]]\nname = \"poll\"\nversion = \"{VERSION}\"\ndependencies = [\n]\n\n");
        let others = format!("[[package]]\nname = \"x\"\nversion = \"{VERSION}\"\nsource = \"somewhere\"\n");
        let apart = set_apart(format!("{ours}{others}").into_bytes()).expect("it is text");
        let apart = String::from_utf8(apart).expect("it is text");
        assert_eq!(apart, ours.replace(VERSION, &format!("{VERSION}-manual")) + &others);
    }
}
