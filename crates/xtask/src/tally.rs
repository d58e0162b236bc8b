//! Adding up what test runners say at their end.

use std::fmt;

/// Tests passed and failed so far. Its text is `N passed, N failed`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, or steps that failed without saying which test.
    pub failed: u64,
}

impl Tally {
    /// The counts of a line that says no more than `N passed, N failed`, as our own programs end.
    pub fn closing(line: &str) -> Option<Self> {
        let (passed, failed) = line.trim().strip_suffix(" failed")?.split_once(" passed, ")?;
        Some(Self { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds the counts of one line of output, where it is a `test result:` line of
    /// Rust's test harness or of wasm-bindgen's.
    pub fn read(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else { return };
        let counted = |what: &str| {
            result.split([';', '.']).find_map(|part| part.trim().strip_suffix(what)?.trim().parse::<u64>().ok())
        };
        if let (Some(passed), Some(failed)) = (counted("passed"), counted("failed")) {
            self.passed += passed;
            self.failed += failed;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up_and_others_do_not_count() {
        let mut tally = Tally::default();
        for line in [
            "running 12 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.25s",
            "test view::tests::passed ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 filtered out; finished in 1.00s",
            "    test result: ok. 1 passed; 0 failed; 0 ignored; 0 filtered out",
            "test result: unheard of",
        ] {
            tally.read(line);
        }
        assert_eq!(tally, Tally { passed: 16, failed: 2 });
        assert_eq!(tally.to_string(), "16 passed, 2 failed");
    }

    #[test]
    fn a_closing_line_is_read_as_it_is_written() {
        let tally = Tally { passed: 200, failed: 3 };
        assert_eq!(Tally::closing(&tally.to_string()), Some(tally));
        for other in ["200 seeds passed, 3 failed", "test result: ok. 12 passed; 0 failed", "", "x passed, 1 failed"] {
            assert_eq!(Tally::closing(other), None, "{other}");
        }
    }
}
