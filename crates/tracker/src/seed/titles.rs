//! Titles as one reads them in any tracker, put together from parts.

use super::random::Random;

/// What kind of work an issue is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bug,
    Feature,
    Chore,
}

/// The place of the project whose work users do not see.
const UNSEEN: usize = 1;

/// A title for an issue of the project at that place, its kind, and the part of the
/// product it is about.
pub(super) fn title(random: &mut Random, project: usize) -> (Kind, String, &'static str) {
    let area = random.pick(&AREAS[project]);
    let seen = project != UNSEEN;
    match random.weighted(&[58, 27, 15]) {
        0 => (Kind::Bug, bug(random, area, seen), area),
        1 => (Kind::Feature, feature(random, area, seen), area),
        _ => (Kind::Chore, random.pick(&CHORES).replace("{area}", area), area),
    }
}

fn bug(random: &mut Random, area: &str, seen: bool) -> String {
    let problem = if seen { random.pick(&PROBLEMS) } else { random.pick(&FAILURES) };
    match random.weighted(&[62, 23, 15]) {
        0 => {
            let when = if seen { random.pick(&CONDITIONS) } else { random.pick(&CAUSES) };
            format!("{} {problem} {when}", capital(area))
        }
        1 => format!("{} {problem}", capital(area)),
        _ => format!("{}: {area} {problem}", random.pick(&PLATFORMS)),
    }
}

fn feature(random: &mut Random, area: &str, seen: bool) -> String {
    let wish = if seen { random.pick(&WISHES) } else { random.pick(&PLANS) };
    let wish = wish.replace("{area}", area);
    if random.chance(25) { format!("{wish} {}", random.pick(&REASONS)) } else { wish }
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
        "shortcut help",
        "theme menu",
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
        "issue screen",
        "push notification",
        "offline cache",
        "share sheet",
        "swipe menu",
        "lock screen",
        "inbox tab",
        "image viewer",
        "download manager",
        "tab bar",
        "home screen widget",
        "onboarding screen",
        "voice input",
        "split view",
        "settings screen",
        "comment sheet",
    ],
];

/// Of what people see.
const PROBLEMS: [&str; 24] = [
    "loses its state",
    "shows stale data",
    "freezes for several seconds",
    "crashes",
    "flickers",
    "throws “undefined is not a function”",
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
    "swallows the error message",
    "loses focus",
    "opens behind the dialog",
    "forgets what was typed",
];

const CONDITIONS: [&str; 24] = [
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
    "after the last update",
    "when pasting from a spreadsheet",
    "with an empty filter",
    "when undo is pressed twice",
    "when the server restarts",
    "if storage is full",
    "across a daylight saving change",
    "with a screen reader",
    "on Windows",
];

/// Of what runs unseen.
const FAILURES: [&str; 20] = [
    "deadlocks",
    "returns a 500",
    "times out",
    "uses 100 % CPU",
    "leaks memory",
    "loses the last entry",
    "runs twice",
    "reports success too early",
    "retries without end",
    "swallows the error",
    "reads a row it should not",
    "holds the lock for too long",
    "panics on an empty result",
    "writes out of order",
    "does not stop on SIGTERM",
    "logs the same line every millisecond",
    "counts deleted rows",
    "leaves a temporary file behind",
    "rejects valid input",
    "starves other tasks",
];

const CAUSES: [&str; 20] = [
    "when the disk is full",
    "under load",
    "with more than 100,000 rows",
    "after a crash",
    "behind a proxy",
    "during a deploy",
    "when the clock jumps backwards",
    "if two clients write at once",
    "with an empty database",
    "after 24 hours",
    "when a client disconnects in between",
    "on a read-only file system",
    "with texts over 64 KiB",
    "when the queue is full",
    "while a backup runs",
    "after an upgrade from 2.12",
    "on machines with one core",
    "if the connection is half open",
    "with IPv6 only",
    "when restarted twice in a row",
];

const PLATFORMS: [&str; 10] = [
    "Firefox 128",
    "Safari 17",
    "Android 14",
    "iPadOS",
    "Chrome on Linux",
    "Staging",
    "Read-only accounts",
    "Docker image",
    "Self-hosted",
    "390 px screens",
];

const WISHES: [&str; 20] = [
    "Remember the last state of the {area}",
    "Let the {area} be opened with the keyboard alone",
    "Improve the empty state of the {area}",
    "Show the assignee's picture in the {area}",
    "Offer undo after every change in the {area}",
    "Make the {area} work on small screens",
    "Allow several selections in the {area}",
    "Say why the {area} is unavailable",
    "Add a compact mode for the {area}",
    "Show progress in the {area}",
    "Announce changes of the {area} to screen readers",
    "Let admins turn off the {area}",
    "Copy a link from the {area}",
    "Highlight matches in the {area}",
    "Show relative times in the {area}",
    "Preload the {area} on hover",
    "Localise the {area} into Portuguese",
    "Keep drafts in the {area}",
    "Open the {area} in a new window",
    "Explain the {area} on first use",
];

const PLANS: [&str; 14] = [
    "Add a metric for the {area}",
    "Make the timeout of the {area} configurable",
    "Add a dry run to the {area}",
    "Trace each step of the {area}",
    "Let the {area} resume where it stopped",
    "Bound the memory of the {area}",
    "Report the progress of the {area}",
    "Run the {area} in its own task",
    "Back off with jitter in the {area}",
    "Batch writes in the {area}",
    "Support PostgreSQL in the {area}",
    "Expose the {area} over HTTP",
    "Say which row the {area} failed on",
    "Make the {area} idempotent",
];

const REASONS: [&str; 7] = [
    "for large teams",
    "like the old version did",
    "for the autumn release",
    "as discussed with support",
    "(customer request)",
    "before we announce it",
    "without a restart",
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
    "Move the {area} to the new configuration",
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
