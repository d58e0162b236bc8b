//! A folder of fixtures: what a released version wrote, a file each. None is ever changed; new ones
//! are written by running the tests once with `HOLDFAST_WRITE_FIXTURES=1`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A folder of fixtures.
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// The folder `tests/fixtures/NAME` of a package.
    pub fn of(package: &str, name: &str) -> Self {
        Self { folder: Path::new(package).join("tests/fixtures").join(name) }
    }

    /// Names and texts of all whose name begins so, in order.
    pub fn starting(&self, prefix: &str) -> Vec<(String, String)> {
        let entries = fs::read_dir(&self.folder).expect("the folder of fixtures is there");
        let names: BTreeSet<String> = entries
            .map(|entry| entry.expect("it can be listed").file_name().into_string().expect("names are ASCII"))
            .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
            .filter(|name| name.starts_with(prefix))
            .collect();
        names.into_iter().map(|name| (name.clone(), self.text(&name))).collect()
    }

    /// That what this version writes under each name is what the fixture of that name holds, and that
    /// there is no fixture beginning so of which this version knows nothing.
    pub fn holds(&self, prefix: &str, written: &[(String, String)]) {
        let writes = std::env::var_os("HOLDFAST_WRITE_FIXTURES").is_some();
        let mut names = BTreeSet::new();
        for (name, text) in written {
            let name = format!("{prefix}{name}");
            let path = self.path(&name);
            if writes && !path.exists() {
                fs::write(&path, format!("{text}\n")).expect("the folder takes a file");
            }
            assert!(path.exists(), "there is no fixture {name}: run once with HOLDFAST_WRITE_FIXTURES=1");
            assert_eq!(self.text(&name), *text, "{name} is written in another way than it was");
            assert!(names.insert(name), "two fixtures of one name");
        }
        for (name, _) in self.starting(prefix) {
            assert!(names.contains(&name), "{name} names nothing that this version writes");
        }
    }

    fn text(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(name)).expect("a fixture can be read");
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}
