//! Titles as one reads them in any tracker, put together from parts.

use super::random::Random;

/// What kind of work an issue is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bug,
    Feature,
    Chore,
}

/// A title for an issue of the project at that place, its kind, and the part of the
/// product it is about.
pub(super) fn title(random: &mut Random, project: usize) -> (Kind, String, &'static str) {
    let area = random.pick(&AREAS[project]);
    match random.weighted(&[58, 27, 15]) {
        0 => (Kind::Bug, bug(random, area), area),
        1 => (Kind::Feature, feature(random, area), area),
        _ => (Kind::Chore, chore(random, area), area),
    }
}

fn bug(random: &mut Random, area: &str) -> String {
    let problem = random.pick(&PROBLEMS);
    match random.weighted(&[62, 23, 15]) {
        0 => format!("{} {problem} {}", capital(area), random.pick(&CONDITIONS)),
        1 => format!("{} {problem}", capital(area)),
        _ => format!("{}: {} {problem}", capital(random.pick(&PLATFORMS)), area),
    }
}

fn feature(random: &mut Random, area: &str) -> String {
    let wish = random.pick(&WISHES).replace("{area}", area);
    if random.chance(25) { format!("{wish} {}", random.pick(&REASONS)) } else { wish }
}

fn chore(random: &mut Random, area: &str) -> String {
    random.pick(&CHORES).replace("{area}", area)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

const AREAS: [[&str; 16]; 3] = [
    [
        "issue list",
        "command menu",
        "label picker",
        "comment editor",
        "sidebar",
        "search box",
        "notification bell",
        "project settings",
        "assignee menu",
        "keyboard shortcut help",
        "dark theme",
        "sign-in page",
        "board view",
        "activity feed",
        "avatar upload",
        "date picker",
    ],
    [
        "sync client",
        "outbox",
        "snapshot loader",
        "change log",
        "query planner",
        "write path",
        "index builder",
        "connection pool",
        "retry queue",
        "import job",
        "export command",
        "rate limiter",
        "health check",
        "log compaction",
        "permission check",
        "schema migration",
    ],
    [
        "pull to refresh",
        "push notification",
        "offline cache",
        "share sheet",
        "swipe action",
        "biometric unlock",
        "deep link",
        "image viewer",
        "background sync",
        "tab bar",
        "home screen widget",
        "onboarding screen",
        "voice input",
        "split view",
        "settings screen",
        "crash reporter",
    ],
];

const PROBLEMS: [&str; 26] = [
    "loses its state",
    "shows stale data",
    "freezes for several seconds",
    "crashes",
    "flickers",
    "throws “undefined is not a function”",
    "returns a 500",
    "ignores the user's locale",
    "drops the last item",
    "shows the wrong count",
    "does not close on Escape",
    "jumps to the top",
    "overlaps the header",
    "leaks memory",
    "sends the request twice",
    "never finishes loading",
    "is unreadable in high contrast mode",
    "cannot be reached by keyboard",
    "sorts accented names after Z",
    "cuts off long names",
    "keeps the old value",
    "uses 100 % CPU",
    "times out",
    "swallows the error message",
    "loses focus",
    "deadlocks",
];

const CONDITIONS: [&str; 26] = [
    "after a reload",
    "when offline",
    "with more than 1,000 items",
    "on slow connections",
    "when two tabs are open",
    "after waking from sleep",
    "for users without a name",
    "when the title contains emoji",
    "in right-to-left languages",
    "if the session has expired",
    "after switching projects",
    "while an upload is running",
    "on the first start",
    "when the clock is wrong",
    "at 200 % zoom",
    "behind a proxy",
    "after the last update",
    "when pasting from a spreadsheet",
    "with an empty filter",
    "when undo is pressed twice",
    "during a deploy",
    "when the server restarts",
    "if storage is full",
    "across a daylight saving change",
    "with a screen reader",
    "on Windows",
];

const PLATFORMS: [&str; 10] = [
    "Firefox 128",
    "Safari 17",
    "Android 14",
    "iPadOS",
    "Chrome on Linux",
    "staging",
    "read-only accounts",
    "Docker image",
    "self-hosted",
    "390 px screens",
];

const WISHES: [&str; 24] = [
    "Remember the last used filter in the {area}",
    "Show who changed what in the {area}",
    "Let the {area} be opened with the keyboard alone",
    "Add an empty state to the {area}",
    "Support drag and drop in the {area}",
    "Group by assignee in the {area}",
    "Offer undo after every change in the {area}",
    "Make the {area} work on small screens",
    "Add a metric for the {area}",
    "Allow several selections in the {area}",
    "Say why the {area} is unavailable",
    "Add a compact mode for the {area}",
    "Show progress in the {area}",
    "Make the timeout of the {area} configurable",
    "Announce changes of the {area} to screen readers",
    "Let admins turn off the {area}",
    "Copy a link from the {area}",
    "Add a dry run to the {area}",
    "Highlight matches in the {area}",
    "Give the {area} a public API",
    "Show relative times in the {area}",
    "Preload the {area} on hover",
    "Localise the {area} into Portuguese",
    "Warn before the {area} discards changes",
];

const REASONS: [&str; 8] = [
    "for large teams",
    "like the old version did",
    "for the autumn release",
    "as discussed with support",
    "for keyboard users",
    "(customer request)",
    "before we announce it",
    "without a page reload",
];

const CHORES: [&str; 20] = [
    "Remove the feature flag for the {area}",
    "Write tests for the {area}",
    "Document the {area}",
    "Split the {area} module into smaller files",
    "Flaky test: {area} times out on CI",
    "Upgrade the dependencies of the {area}",
    "Delete dead code around the {area}",
    "Benchmark the {area} with 100,000 rows",
    "Rename confusing options of the {area}",
    "Move the {area} to the new design tokens",
    "Decide what to do with the {area}",
    "Clean up error types in the {area}",
    "Log less in the {area}",
    "Review the security of the {area}",
    "Replace the hand-written parser in the {area}",
    "Add the {area} to the release checklist",
    "Reduce the bundle size of the {area}",
    "Turn on strict lints for the {area}",
    "Record a demo of the {area}",
    "Spike: can the {area} be shared between web and mobile?",
];
