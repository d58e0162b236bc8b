//! The browser for tests: Chromium and its driver, found or installed through apt.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use crate::run;
use crate::tools::{major, path_folders, version_of};
use crate::workspace::Workspace;

/// A browser and the driver that goes with it.
pub struct Browser {
    /// `CHROMIUM`, or the first of Chromium's and Chrome's names on `PATH`.
    pub chromium: PathBuf,
    /// `CHROMEDRIVER`, or `chromedriver` on `PATH`.
    pub chromedriver: PathBuf,
}

/// Finds both; where one is missing, installs Debian's packages if this user may.
///
/// # Errors
///
/// When one is missing and cannot be installed, or their versions do not match.
pub fn found_or_installed(workspace: &Workspace) -> Result<Browser> {
    if let Some(browser) = find() {
        return matching(browser);
    }
    let Some(mut before) = apt() else {
        bail!(
            "the browser tests need Chromium and chromedriver, on PATH or named by CHROMIUM and CHROMEDRIVER. \
             Debian: `apt-get install chromium chromium-driver`. Without a browser: `cargo xtask test --quick`"
        );
    };
    println!("    installing Debian's chromium and chromium-driver");
    before.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"].map(str::to_owned));
    let log = workspace.state().join("apt.log");
    for what in [&["update"][..], &["install", "--no-install-recommends", "chromium", "chromium-driver"]] {
        let mut apt = run::program(&before[0], &workspace.root);
        apt.args(&before[1..]).args(what);
        run::logged(apt, &log, "Install the packages chromium and chromium-driver by hand, then go on.")?;
    }
    match find() {
        Some(browser) => matching(browser),
        None => bail!(
            "chromium and chromium-driver were installed and are not on PATH: name them by CHROMIUM and CHROMEDRIVER"
        ),
    }
}

fn find() -> Option<Browser> {
    Some(Browser {
        chromium: named("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?,
        chromedriver: named("CHROMEDRIVER", &["chromedriver"])?,
    })
}

fn named(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let given = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    given.or_else(|| names.iter().find_map(|name| on_path(name)))
}

fn on_path(name: &str) -> Option<PathBuf> {
    path_folders().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A driver drives browsers of its own version only, and says so late and badly.
fn matching(browser: Browser) -> Result<Browser> {
    let version = |program: &Path| version_of(program).unwrap_or_else(|| "of no known version".to_owned());
    let (chromium, driver) = (version(&browser.chromium), version(&browser.chromedriver));
    ensure!(
        major(&chromium).is_some() && major(&chromium) == major(&driver),
        "{} is {chromium} but {} is {driver}: install the two in one version, or name others by CHROMIUM and CHROMEDRIVER",
        browser.chromium.display(),
        browser.chromedriver.display()
    );
    Ok(browser)
}

/// How this user may run `apt-get` without being asked anything: the words before
/// it. `None` where there is none or they may not.
fn apt() -> Option<Vec<String>> {
    on_path("apt-get")?;
    if run::answer("id", &["-u"])? == "0" {
        return Some(Vec::new());
    }
    run::answer("sudo", &["-n", "true"]).map(|_| vec!["sudo".to_owned(), "-n".to_owned()])
}
