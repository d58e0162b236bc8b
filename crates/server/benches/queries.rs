//! What a workspace of a million issues answers in: first and deep pages, filtered, sorted, searched. How long each
//! takes is printed as p50 and p95 of many, alone on the machine, through the store that the server uses. Before that,
//! what one change costs a connection that watches a thousand queries of which no two are the same.
//!
//! `HOLDFAST_BENCH_ISSUES` says how many there are (1,000,000 where it says nothing). They are made once, into
//! `target/xtask`, which takes some minutes and 1.7 GB.

#[path = "../src/hosted.rs"]
mod hosted;

use holdfast_server::{
    Application,
    store::{
        Store,
        sqlite::{SqliteSettings, SqliteStore},
    },
};
use holdfast_sync::{
    ClientId, Epoch, Mark, MutationId, Stored, SyncCursor,
    authority::{LogChange, LogEntry, Outcome, Rights, Viewer, Watches, patch_for},
    protocol::{Reach, Total},
    schema::{Place, Query},
};
use holdfast_tracker::{
    Actor, Asked, Issue, IssueId, Key, LabelId, Priority, ProjectId, Row, Scope, Status, Tracker, UserId,
    filter::{IssueFilter, IssueQuery, SortKey},
};
use hosted::Hosted;
use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Numbers from a seed (splitmix64).
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

const WORDS: [&str; 24] = [
    "login", "crash", "when", "the", "button", "is", "pressed", "twice", "slow", "query", "on", "large", "board",
    "missing", "label", "after", "import", "of", "comments", "dark", "mode", "flickers", "printing", "unicode",
];

/// Ids of the kinds that a row names: the same number is the same id.
fn id(kind: u128, number: u64) -> Uuid {
    Uuid::from_u128((kind << 96) | (0x7000 << 64) | (0x8 << 60) | u128::from(number))
}

fn project() -> ProjectId {
    ProjectId(id(1, 0))
}

fn label(number: u64) -> LabelId {
    LabelId(id(3, number))
}

fn user(number: u64) -> UserId {
    UserId(id(2, number))
}

fn issue(number: u64, rng: &mut Rng) -> Issue {
    let words = 3 + rng.below(5);
    let title = (0..words).map(|_| WORDS[rng.below(24) as usize]).collect::<Vec<_>>().join(" ");
    let created_at = 1_600_000_000_000 + number as i64 * 170_000;
    // A few labels stand on few issues, a few people work on most.
    let labels = (0..rng.below(3)).map(|_| label(rng.below(20) * rng.below(20))).collect();
    Issue {
        id: IssueId(id(4, number)),
        project: project(),
        number: Some(number + 1),
        title,
        status: Status::ALL[[0, 0, 1, 1, 2, 3, 4, 4, 4, 5][rng.below(10) as usize]],
        priority: Priority::ALL[rng.below(5) as usize],
        assignee: (rng.below(10) < 7).then(|| user(rng.below(12) * rng.below(12))),
        labels,
        creator: user(0),
        created_at,
        updated_at: created_at + rng.below(10_000_000_000) as i64,
    }
}

/// A backup with so many issues.
fn write_backup(path: &Path, issues: u64) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let counts = serde_json::json!({ "clients": 0, "counters": 0, "dedupe": 0, "rows": issues });
    let mark = "0".repeat(32);
    let meta = serde_json::json!(
        { "kind": "meta", "format": 1, "schema": 1, "head": issues, "mark": mark, "counts": counts }
    );
    writeln!(out, "{meta}")?;
    let mut rng = Rng(7);
    for number in 0..issues {
        let row = Row::Issue(issue(number, &mut rng));
        let stored = serde_json::json!({ "seq": number + 1, "born": number + 1, "row": row });
        writeln!(out, "{}", serde_json::json!({ "kind": "row", "key": row.key().to_string(), "stored": stored }))?;
    }
    out.flush()
}

async fn open(issues: u64) -> std::sync::Arc<SqliteStore<Hosted>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/xtask");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let path = folder.join(format!("bench-{issues}.db"));
    let is_made = path.exists();
    let made = if is_made { path.clone() } else { path.with_extension("new") };
    let store = SqliteStore::<Hosted>::open(&made, SqliteSettings::default()).await.expect("it can be opened");
    if is_made {
        return store;
    }
    let backup = path.with_extension("jsonl");
    write_backup(&backup, issues).expect("the disk has room");
    let begun = Instant::now();
    let mut input = BufReader::new(File::open(&backup).expect("it was written"));
    store.restore(&mut input).await.expect("it is a backup");
    println!("restored {issues} issues in {:.0?}", begun.elapsed());
    store.close().await;
    std::fs::remove_file(&backup).expect("it is ours");
    std::fs::rename(&made, &path).expect("it is ours");
    SqliteStore::<Hosted>::open(&path, SqliteSettings::default()).await.expect("it can be opened")
}

fn asked(query: &str) -> Asked {
    Asked::Issues { project: project(), query: IssueQuery::from_query(query) }
}

fn filtered(filter: IssueFilter) -> Asked {
    Asked::Issues { project: project(), query: IssueQuery { filter, ..IssueQuery::default() } }
}

fn told(name: &str, mut took: Vec<Duration>, of: &str) {
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!("| {name} | {:.1} | {:.1} | {of} |", at(50), at(95));
}

/// What one change costs where so many queries are watched, and how many clients' frames it is in.
fn fan_out(queries: u64) {
    let actor = Actor::System;
    let client = ClientId(Uuid::nil());
    let mut viewer = Viewer::<Tracker> { actor, client, scopes: BTreeSet::new(), watches: Watches::default() };
    for number in 0..queries {
        let filter = IssueFilter {
            assignees: [Some(user(number % 122))].into(),
            statuses: [Status::ALL[(number / 122 % 6) as usize]].into(),
            priorities: if number < 732 { BTreeSet::new() } else { [Priority::ALL[(number % 5) as usize]].into() },
            ..IssueFilter::default()
        };
        viewer.watches.begin(number, filtered(filter), Reach::All, Some(Total { count: 100_000, at: 0 }));
    }
    let rights: Rights<Tracker> = [(Scope::Project(project()), true)].into();
    let mut rng = Rng(3);
    let changes: Vec<LogEntry<Tracker>> = (1..=20_000)
        .map(|seq| {
            let before = issue(rng.below(1_000_000), &mut rng);
            let status = Status::ALL[rng.below(6) as usize];
            let after = Issue { status, updated_at: before.updated_at + 1, ..before.clone() };
            let stored = |issue| Stored { seq, born: 1, versions: Default::default(), row: Row::Issue(issue) };
            let key = Key::Issue(before.id);
            let changes = vec![LogChange { key, before: Some(stored(before)), after: Some(stored(after)) }];
            let id = MutationId { client: ClientId(Uuid::max()), seq };
            LogEntry { seq, id, nonce: 0, actor, at_ms: 0, outcome: Outcome::Applied, changes }
        })
        .collect();
    let (begun, mut rows, mut totals) = (Instant::now(), 0, 0);
    for entry in &changes {
        let epoch = Epoch(Uuid::nil());
        let to = SyncCursor { epoch, seq: entry.seq, mark: Mark::default() };
        let entries = std::slice::from_ref(entry);
        rows += patch_for(&viewer, &rights, entry.seq - 1, to, entries).changes.len();
        totals += viewer.watches.count(entries, entry.seq).len();
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / changes.len() as f64;
    println!(
        "| a change, {queries} queries watched | {each:.1} µs | | told in {rows} of {}, {totals} numbers |",
        changes.len()
    );
}

#[tokio::main]
async fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return; // `cargo test --benches` only wants to know that it is built.
    }
    let issues: u64 =
        std::env::var("HOLDFAST_BENCH_ISSUES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    println!("| fan-out | each | | |\n|---|---|---|---|");
    [1, 10, 100, 1000].into_iter().for_each(fan_out);
    let store = open(issues).await;
    let actor = Actor::System;
    println!("| {issues} issues | p50 ms | p95 ms | rows |\n|---|---|---|---|");
    let middle = issue(issues / 2, &mut Rng(9));
    let place = |query: &Asked| query.place(&Row::Issue(middle.clone()));
    let deep = asked("sort=-created");
    let sorts =
        SortKey::ALL.map(|key| (format!("sorted by {}", key.name()), asked(&format!("sort={}", key.name())), None));
    let label = |number| filtered(IssueFilter { labels: [label(number)].into(), ..IssueFilter::default() });
    let assignee = |number| filtered(IssueFilter { assignees: [Some(user(number))].into(), ..IssueFilter::default() });
    let mut queries: Vec<(String, Asked, Option<Place>)> = vec![
        ("first page".into(), asked(""), None),
        ("deep page".into(), deep.clone(), Some(place(&deep))),
        ("deep page, most urgent first".into(), asked("sort=priority"), Some(place(&asked("sort=priority")))),
        ("one status".into(), asked("status=in_review"), None),
        ("two statuses, one priority".into(), asked("status=todo,in_progress&priority=high"), None),
        ("a label on many".into(), label(0), None),
        ("a label on few".into(), label(361), None),
        ("somebody with much".into(), assignee(0), None),
        ("somebody with little".into(), assignee(121), None),
        (
            "label, status and person".into(),
            {
                let filter = IssueFilter {
                    labels: [self::label(6)].into(),
                    statuses: [Status::Todo].into(),
                    assignees: [Some(user(6))].into(),
                    ..IssueFilter::default()
                };
                filtered(filter)
            },
            None,
        ),
        ("a text in many titles".into(), asked("q=crash"), None),
        ("a text in no title".into(), asked("q=zebra"), None),
    ];
    queries.extend(sorts);
    for (name, query, after) in queries {
        for count in [false, true] {
            let (mut took, mut rows, mut total) = (Vec::new(), 0, None);
            for _ in 0..if count { 10 } else { 40 } {
                let begun = Instant::now();
                let rows_max = if count { 0 } else { 50 };
                let page = store.query(actor, query.clone(), after.clone(), rows_max, count).await;
                took.push(begun.elapsed());
                let page = page.expect("it answers").expect("it may be read");
                (rows, total) = (page.rows.len(), page.total);
            }
            match total {
                None => told(&name, took, &format!("{rows}")),
                Some(total) => told(&format!("{name}: how many"), took, &format!("{total}")),
            }
        }
    }
    for text in ["flickers", "dark mode", "login crash board", "zebra"] {
        let (mut took, mut rows) = (Vec::new(), 0);
        for _ in 0..40 {
            let begun = Instant::now();
            let found = store.search(actor, Hosted::sought(text), 20).await.expect("it answers");
            took.push(begun.elapsed());
            rows = found.rows.len();
        }
        told(&format!("search: {text}"), took, &format!("{rows}"));
    }
    store.close().await;
}
