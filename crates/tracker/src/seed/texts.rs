//! Descriptions and comments in Markdown: long, short, with lists, code, tables.

use super::{random::Random, titles::Kind};

/// A description of work of that kind on that part of the product; not every issue has one.
pub(super) fn description(random: &mut Random, kind: Kind, area: &str) -> String {
    if random.chance(11) {
        return String::new();
    }
    let text = if random.chance(24) {
        match kind {
            Kind::Bug => random.pick(&SHORT_REPORTS).to_string(),
            Kind::Feature | Kind::Chore => random.pick(&SHORT_WISHES).to_string(),
        }
    } else {
        match kind {
            Kind::Bug => report(random),
            Kind::Feature => proposal(random),
            Kind::Chore => plan(random),
        }
    };
    text.replace("{area}", area)
}

/// A comment by one of a team.
pub(super) fn comment(random: &mut Random, area: &str, team: &[&str]) -> String {
    let first_name = |name: &str| name.split(' ').next().unwrap_or(name).to_owned();
    let name = first_name(random.pick(team));
    let mut text = random.pick(&REMARKS).to_string();
    if random.chance(22) {
        text.push_str("\n\n");
        text.push_str(random.pick(&AFTERTHOUGHTS));
    }
    let number = (2 + random.below(97)).to_string();
    text.replace("{area}", area).replace("{name}", &name).replace("{n}", &number)
}

fn report(random: &mut Random) -> String {
    let mut parts = vec![random.pick(&OPENINGS).to_string()];
    if random.chance(70) {
        let steps: Vec<_> = distinct(random, &STEPS, 3);
        let steps: String = steps.iter().enumerate().map(|(n, step)| format!("\n{}. {step}", n + 1)).collect();
        parts.push(format!("### Steps to reproduce\n{steps}"));
    }
    if random.chance(45) {
        parts.push(random.pick(&EXPECTATIONS).to_string());
    }
    if random.chance(40) {
        parts.push(random.pick(&CODE).to_string());
    }
    if random.chance(25) {
        parts.push(random.pick(&ENVIRONMENTS).to_string());
    }
    parts.join("\n\n")
}

fn proposal(random: &mut Random) -> String {
    let mut parts = vec![random.pick(&MOTIVES).to_string()];
    if random.chance(60) {
        let ideas: String = distinct(random, &IDEAS, 3).iter().map(|idea| format!("\n- {idea}")).collect();
        parts.push(format!("## Proposal\n{ideas}"));
    }
    if random.chance(40) {
        parts.push(format!("## Tasks\n\n{}", tasks(random)));
    }
    if random.chance(20) {
        parts.push(random.pick(&QUOTES).to_string());
    }
    parts.join("\n\n")
}

fn plan(random: &mut Random) -> String {
    let mut parts = vec![random.pick(&MOTIVES_OF_CHORES).to_string(), tasks(random)];
    if random.chance(30) {
        parts.push(random.pick(&CODE).to_string());
    }
    parts.join("\n\n")
}

fn tasks(random: &mut Random) -> String {
    let tasks = distinct(random, &TASKS, 4);
    let line = |task: &&str| format!("- [{}] {task}", if random.chance(40) { 'x' } else { ' ' });
    tasks.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Some of the texts, in their order.
fn distinct<'a>(random: &mut Random, from: &[&'a str], count: usize) -> Vec<&'a str> {
    let mut left = count;
    let mut chosen = Vec::with_capacity(count);
    for (place, text) in from.iter().enumerate() {
        if random.below((from.len() - place) as u64) < left as u64 {
            chosen.push(*text);
            left -= 1;
        }
    }
    chosen
}

const SHORT_REPORTS: [&str; 7] = [
    "Happens every time since last week. Screenshots in the chat.",
    "See title. I can take this one.",
    "Reported by two customers today, both with large workspaces.",
    "Not sure whether this is ours or the browser's.",
    "Seen once in the logs. `grep -c timeout` says 14 since Monday.",
    "Found by the nightly run; it passes on the second try.",
    "Worked in 2.13, does not in 2.14.",
];

const SHORT_WISHES: [&str; 6] = [
    "The {area} should do better here; [the guidelines](https://www.w3.org/WAI/WCAG22/quickref/) are clear about it.",
    "Low effort, and it would make the {area} much nicer to work with.",
    "Follow-up of the review: we agreed to do this separately.",
    "Two customers asked for it this month.",
    "See title. I can take this one.",
    "Small, but it would save us a question a week.",
];

const OPENINGS: [&str; 8] = [
    "Since the last release the {area} behaves differently from what the documentation says.",
    "I was working with the {area} for a while and then this happened. It does **not** happen in a private window.",
    "One of our larger customers reports this about the {area}. We could reproduce it on staging.",
    "The {area} is fine with a handful of rows; with a few thousand it is not.",
    "This looks like a race in the {area}: it needs a slow network and some luck.",
    "Found while testing something else. The {area} recovers after a reload, but the user does not know that.",
    "We get about ten reports a week about the {area}, and most come down to this.",
    "The fix from last month helped only half: the {area} still does it in this case.",
];

const STEPS: [&str; 10] = [
    "Sign in with a fresh account",
    "Open a project with more than 500 issues",
    "Open the {area}",
    "Filter by a label that no issue has",
    "Switch to another tab for a minute",
    "Turn off the network",
    "Change something and press <kbd>Ctrl</kbd>+<kbd>Enter</kbd>",
    "Turn on the network again",
    "Press *Back*",
    "Watch the console",
];

const EXPECTATIONS: [&str; 5] = [
    "**Expected:** the {area} shows the new value at once.\n\n**Actual:** it shows the old one until a reload.",
    "**Expected:** an error message that says what to do.\n\n**Actual:** nothing at all.",
    "| | expected | actual |\n|---|---|---|\n| first load | < 1 s | 6 s |\n| second load | < 0.2 s | 4 s |",
    "**Expected:** one request.\n\n**Actual:** one request *per row*.",
    "It should keep the scroll position. Instead it goes back to the first row.",
];

const CODE: [&str; 6] = [
    "```\nTypeError: Cannot read properties of undefined (reading 'id')\n    at render (list.js:214:31)\n    at flush (scheduler.js:88:9)\n```",
    "```rust\nlet rows = store.rows(&scope)?;\n// `rows` is empty here, although the cursor is past them\nassert!(!rows.is_empty());\n```",
    "```json\n{ \"error\": { \"code\": \"timeout\", \"retry\": true } }\n```",
    "```sql\nSELECT id, title FROM issues WHERE project = ?1 ORDER BY updated_at DESC LIMIT 50;\n```",
    "```sh\n$ curl -i http://127.0.0.1:8080/healthz\nHTTP/1.1 503 Service Unavailable\n```",
    "```diff\n-    if (items.length > 1) {\n+    if (items.length > 0) {\n```",
];

const ENVIRONMENTS: [&str; 4] = [
    "---\n\n*Firefox 128 on Debian 12, 16 GB of memory*",
    "---\n\nVersion: 2.14.1\nBrowser: Chrome 129\nPlan: team",
    "Seen on:\n\n- Windows 11, Edge 128\n- macOS 14, Safari 17.5\n- not on Linux",
    "> Works on my machine.\n\nIt does on mine too, but not on the one in the meeting room.",
];

const MOTIVES: [&str; 6] = [
    "People ask for this about the {area} in nearly every interview.",
    "Today one needs four clicks in the {area} for what should be one key.",
    "Support spends hours explaining the {area}. It could explain itself.",
    "## Why\n\nThe {area} grew by accident, and it shows: nobody finds what they look for.",
    "Our own team works around the {area} with a spreadsheet. That says enough.",
    "With more than 50 people in a workspace the {area} is too crowded to be useful.",
];

const IDEAS: [&str; 8] = [
    "Keep what is there, and add the new way beside it for one release",
    "Put it behind a flag, first for us alone",
    "Use the same words as in the rest of the app",
    "Make it work without a network from the first day",
    "No new dependency",
    "Measure before and after (`p50`, `p95`)",
    "The old shortcut keeps working",
    "Ask the three customers who wanted it",
];

const TASKS: [&str; 11] = [
    "agree on the wording",
    "design for small screens",
    "failing test first",
    "the change itself",
    "migration of what is stored",
    "keyboard and screen reader",
    "metrics and an alert",
    "documentation",
    "changelog",
    "tell support",
    "remove the old code",
];

const QUOTES: [&str; 3] = [
    "> I love the product, but this one thing makes me want to throw my laptop.\n> — from the last survey",
    "See also [the discussion on the forum](https://example.com/forum/t/1841), which has good ideas and ~~some~~ strong opinions.",
    "> We would pay for this.\n\nThree different customers, same sentence.",
];

const MOTIVES_OF_CHORES: [&str; 5] = [
    "Nothing is on fire, but each change to the {area} takes longer than the last.",
    "Left over from the rewrite. Best done before anybody builds on it.",
    "CI time, mostly: the {area} is a third of it.",
    "So that the next person does not have to ask.",
    "The {area} is the last part that still does it the old way.",
];

const REMARKS: [&str; 30] = [
    "I can reproduce this.",
    "Cannot reproduce on `main`. Which version was that?",
    "Same here, since Tuesday.",
    "Good catch, thanks!",
    "@{name} could you have a look? You know the {area} best.",
    "I have a fix, pull request comes this afternoon.",
    "This is the same cause as #{n}, I think.",
    "Let us do the small thing first and see whether that is enough.",
    "+1 from two more customers.",
    "The log says:\n\n```\nWARN slow consumer, {n} frames behind\n```",
    "Talked about this with {name}: we keep the behaviour and change the words.",
    "Blocked by #{n}.",
    "I would rather not make this configurable. What is the right default?",
    "Bisected: it came with the change of the {area} in March.",
    "> what about mobile?\n\nNot affected, different code.",
    "Done on staging, please test.",
    "Works for me now. Closing soon if nobody objects.",
    "Profile attached: {n} % of the time goes into layout.",
    "Not before the release, please.",
    "Two options:\n\n1. retry quietly\n2. tell the user and let them retry\n\nI am for the second.",
    "Is there a test for this? I could not find one.",
    "We had this before, see the notes of the last incident.",
    "Looks good. One nit: the label should be a verb.",
    "It happens only when the {area} is opened *before* the first sync is through.",
    "Lowering the priority: there is a workaround.",
    "Raising the priority: the workaround stopped working.",
    "Merci, {name} — c'est exactement ça.",
    "Needs a decision from design.",
    "Measured again after the fix: {n} ms instead of seconds. 🎉",
    "I will pair with {name} on this tomorrow.",
];

const AFTERTHOUGHTS: [&str; 8] = [
    "Edit: only with the new layout.",
    "cc @{name}",
    "- [x] checked on staging\n- [ ] checked in production",
    "By the way, the {area} has no owner at the moment.",
    "`git log -S` finds nothing useful, sadly.",
    "Might be worth a line in the changelog.",
    "See #{n} for the longer story.",
    "(Sorry for the late answer.)",
];
