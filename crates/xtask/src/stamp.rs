//! Telling whether a build would change anything, by what it is made of.
//!
//! A stamp is a text: a line a file, with path, size and time of last change. It
//! is written after a build and compared before the next, so that a build which
//! would change nothing is left out, and one that is not says which file it is for.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

/// Lists every file at or below `paths` (relative to `root`; missing ones count as
/// empty), in the order of their names.
///
/// # Errors
///
/// When a folder or file is there and cannot be read.
pub fn of(root: &Path, paths: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(root, Path::new(path), &mut files)
            .with_context(|| format!("cannot list {}", root.join(path).display()))?;
    }
    files.sort();
    files.dedup();
    Ok(files.into_iter().map(|(path, state)| format!("{} {state}\n", path.display())).collect())
}

/// Why a build is due: the first line in which `now` and `before` differ, as the
/// file's path. Nothing when they are equal.
pub fn difference<'a>(before: &'a str, now: &'a str) -> Option<&'a str> {
    let (mut old, mut new) = (before.lines(), now.lines());
    loop {
        match (old.next(), new.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            // A file that only one of them has sorts first in that one.
            (Some(a), Some(b)) => return Some(path_of(a.min(b))),
            (one, other) => return one.or(other).map(path_of),
        }
    }
}

fn path_of(line: &str) -> &str {
    line.rsplitn(3, ' ').last().unwrap_or(line)
}

fn collect(root: &Path, path: &Path, files: &mut Vec<(PathBuf, String)>) -> std::io::Result<()> {
    let metadata = match fs::metadata(root.join(path)) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if metadata.is_dir() {
        for entry in fs::read_dir(root.join(path))? {
            collect(root, &path.join(entry?.file_name()), files)?;
        }
    } else {
        // A time before 1970 is a time like any other that did not change.
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        files.push((path.to_owned(), format!("{} {}", metadata.len(), changed.as_nanos())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("holdfast-stamp-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/deep")).expect("the temporary folder is writable");
        fs::write(folder.join("src/deep/b.rs"), "b").expect("writable");
        fs::write(folder.join("src/a.rs"), "a").expect("writable");
        fs::write(folder.join("other"), "o").expect("writable");
        folder
    }

    #[test]
    fn a_stamp_changes_with_the_files_it_names_only() {
        let folder = folder("changes");
        let stamp = || of(&folder, &["src", "missing"]).expect("readable");
        let first = stamp();
        assert_eq!(first.lines().map(path_of).collect::<Vec<_>>(), ["src/a.rs", "src/deep/b.rs"]);

        fs::write(folder.join("other"), "changed").expect("writable");
        assert_eq!(difference(&first, &stamp()), None);
        fs::write(folder.join("src/deep/b.rs"), "longer").expect("writable");
        assert_eq!(difference(&first, &stamp()), Some("src/deep/b.rs"));
        fs::remove_dir_all(folder).expect("removable");
    }

    #[test]
    fn a_difference_names_the_file_that_is_new_or_gone() {
        let (ab, b) = ("a 1 1\nb 1 1\n", "b 1 1\n");
        assert_eq!(difference(ab, b), Some("a"));
        assert_eq!(difference(b, ab), Some("a"));
        assert_eq!(difference("a 1 1\n", ab), Some("b"));
        assert_eq!(difference(ab, "a 1 2\nb 1 1\n"), Some("a"));
        assert_eq!(difference("", "with space.css 1 1\n"), Some("with space.css"));
        assert_eq!(difference(ab, ab), None);
    }
}
