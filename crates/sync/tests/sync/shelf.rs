//! Fixtures: what a version wrote, a file each, a folder a version. None is ever changed; new ones are written by
//! running the tests once with `HOLDFAST_WRITE_FIXTURES=1`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Fixtures of one version, or of several, of which a later one wrote some in another way.
pub struct Shelf {
    /// Of the latest version last.
    folders: Vec<PathBuf>,
}

impl Shelf {
    /// The folders `tests/fixtures/NAME` of a package, that of the latest version last.
    pub fn of(package: &str, names: &[&str]) -> Self {
        let folder = |name: &&str| Path::new(package).join("tests/fixtures").join(name);
        Self { folders: names.iter().map(folder).collect() }
    }

    /// Names and texts of all whose name begins so, in order, as the latest version wrote each.
    pub fn starting(&self, prefix: &str) -> Vec<(String, String)> {
        let mut texts = BTreeMap::new();
        for folder in &self.folders {
            for entry in fs::read_dir(folder).expect("the folder of fixtures is there") {
                let path = entry.expect("it can be listed").path();
                let name = path.file_stem().and_then(OsStr::to_str).expect("names are ASCII").to_owned();
                if name.starts_with(prefix) && path.extension().is_some_and(|extension| extension == "json") {
                    texts.insert(name, text(&path));
                }
            }
        }
        texts.into_iter().collect()
    }

    /// That what this version writes under each name is what the fixture of that name holds, and that
    /// there is no fixture beginning so of which this version knows nothing.
    pub fn holds(&self, prefix: &str, written: &[(String, String)]) {
        let writes = std::env::var_os("HOLDFAST_WRITE_FIXTURES").is_some();
        let mut names = BTreeSet::new();
        for (name, text) in written {
            let name = format!("{prefix}{name}");
            let held = self.text(&name);
            if writes && held.as_ref() != Some(text) {
                let latest = self.folders.last().expect("there is a folder");
                let path = latest.join(format!("{name}.json"));
                assert!(!path.exists(), "{name} is written in another way than it was");
                fs::write(path, format!("{text}\n")).expect("the folder takes a file");
            } else {
                let held = held
                    .unwrap_or_else(|| panic!("there is no fixture {name}: run once with HOLDFAST_WRITE_FIXTURES=1"));
                assert_eq!(held, *text, "{name} is written in another way than it was");
            }
            assert!(names.insert(name), "two fixtures of one name");
        }
        for (name, _) in self.starting(prefix) {
            assert!(names.contains(&name), "{name} names nothing that this version writes");
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let path =
            self.folders.iter().rev().map(|folder| folder.join(format!("{name}.json"))).find(|path| path.exists());
        path.as_deref().map(text)
    }
}

fn text(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a fixture can be read");
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}
