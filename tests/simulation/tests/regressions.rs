//! What the simulation found once, in the engine or in its own checkers: each plan in `plans/` is what a
//! failing seed shrank to, named after what went wrong. None breaks anything any more.
//!
//! `holdfast-simulation --shrink SEED` prints such a plan, `--plan JSON` tells its events.

use holdfast_simulation::{Plan, run};
use std::{fs, path::Path};

#[test]
fn what_broke_once_does_not_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let mut broken = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder of plans is there") {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(&path).expect("a plan can be read");
        let report = run(&Plan::from_json(&text).expect("it is a plan"));
        count += 1;
        assert!(report.settled > 0, "{} does nothing", path.display());
        broken.extend(report.violation.map(|violation| format!("{}: {violation:?}", path.display())));
    }
    assert!(count > 0, "there are no plans");
    assert!(broken.is_empty(), "{broken:#?}");
}
