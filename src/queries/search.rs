//! Search over everything: what the device holds at once, the rest as the server answers.
//!
//! The rows that are held are looked through in slices, so that typing is never held up; the server is asked
//! once the typing rests. Both are ranked by the same function, so that what comes later takes its place among
//! what is shown. A row that is held is shown as it is held: the server's copy may be older than an edit.

use super::{Sync, sync};
use futures::channel::oneshot;
use holdfast_leptos::{search, session::SessionFault};
use holdfast_sync::{
    Schema,
    client::{ConnectionStatus, Coverage, SyncClient},
    protocol::FoundRow,
};
use holdfast_tracker::{
    Issue, IssueId, Key, Project, ProjectId, Row, Scope, Tracker, UserId,
    search::{Sought, Text},
};
use leptos::{prelude::*, task::spawn_local};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    time::Duration,
};

/// How many issues are shown at most.
pub const HITS_MAX: usize = 50;

/// How long one slice of the search may take, milliseconds.
const SLICE_MS: f64 = 6.0;

/// After how many rows the clock is looked at.
const ROWS_A_LOOK: usize = 64;

/// How long the typing must rest before the server is asked.
const REST: Duration = Duration::from_millis(150);

/// What the issue whose number was typed with its project's code ranks: before all else.
const NAMED: u32 = 1000;

/// An issue that was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// The issue.
    pub issue: Issue,
    /// Where in it.
    pub place: Place,
    /// The text there, as it is.
    pub text: String,
    /// Whether that text is on this device.
    pub is_held: bool,
}

/// Where in an issue something was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In its title, or it was named by its number.
    Title,
    /// In its description.
    Description,
    /// In a comment of that user's.
    Comment(UserId),
}

/// What was looked through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// Issues on this device.
    pub issues: usize,
    /// Descriptions and comments on this device.
    pub texts: usize,
    /// Whether that was all of them.
    pub is_done: bool,
    /// Whether the device holds everything that it knows there to be.
    pub is_whole: bool,
    /// What the server said.
    pub server: Server,
}

/// What came of asking the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Server {
    /// Nothing yet.
    #[default]
    Asking,
    /// What it found; it may have found more than it tells.
    Answered {
        /// Whether it did.
        more: bool,
    },
    /// It does not answer.
    Silent,
    /// Nobody is signed in there any more.
    SignedOut,
}

/// A search that runs.
#[derive(Clone, Copy)]
pub struct Search {
    /// The issues found, the best first.
    pub hits: ReadSignal<Vec<Hit>>,
    /// What was looked through.
    pub reach: ReadSignal<Reach>,
    /// What is sought.
    pub sought: Memo<Sought>,
}

/// Searches for a text, and anew whenever that is another, or the server is back.
pub fn use_search(text: Signal<String>) -> Search {
    let sync = sync();
    let projects = expect_context::<Memo<Vec<Project>>>();
    let connection = sync.status().connection;
    let is_live = Memo::new(move |_| connection.with(|status| matches!(status, ConnectionStatus::Live)));
    let sought = Memo::new(move |_| text.with(|text| Sought::of(text)));
    let state = State::new(sync);
    Effect::new(move |_| {
        is_live.track();
        let text = text.get();
        let projects: Vec<(ProjectId, String)> =
            projects.with(|all| all.iter().map(|project| (project.id, project.code.clone())).collect());
        let what = What { named: named(&text, &projects), sought: sought.get(), text };
        state.start(what, projects.into_iter().map(|(id, _)| id).collect());
    });
    Search { hits: state.hits.read_only(), reach: state.reach.read_only(), sought }
}

/// What is sought.
#[derive(Clone, PartialEq, Debug, Default)]
struct What {
    text: String,
    sought: Sought,
    /// An issue by its project and number.
    named: Option<(ProjectId, u64)>,
}

impl What {
    fn is_nothing(&self) -> bool {
        self.sought.is_empty()
    }

    /// How well a row meets it.
    fn rank(&self, row: &Row) -> Option<u32> {
        match row {
            Row::Issue(issue) if self.named.is_some_and(|it| (issue.project, issue.number) == (it.0, Some(it.1))) => {
                Some(NAMED)
            }
            row => self.sought.rank(&Text::of(row)?),
        }
    }
}

/// `WEB-12`, with any case.
fn named(text: &str, projects: &[(ProjectId, String)]) -> Option<(ProjectId, u64)> {
    let (code, number) = text.trim().rsplit_once('-')?;
    let (project, _) = projects.iter().find(|(_, named)| named.eq_ignore_ascii_case(code))?;
    Some((*project, number.parse().ok()?))
}

/// The best row found of each issue.
type Best = HashMap<IssueId, (u32, Key)>;

#[derive(Clone, Copy)]
struct State {
    sync: Sync,
    /// Counts searches: what belongs to an earlier one stops.
    run: StoredValue<u64>,
    what: StoredValue<What>,
    held: StoredValue<Best>,
    remote: StoredValue<Vec<FoundRow<Tracker>>, LocalStorage>,
    hits: RwSignal<Vec<Hit>>,
    reach: RwSignal<Reach>,
}

impl State {
    fn new(sync: Sync) -> Self {
        Self {
            sync,
            run: StoredValue::new(0),
            what: StoredValue::default(),
            held: StoredValue::default(),
            remote: StoredValue::new_local(Vec::new()),
            hits: RwSignal::default(),
            reach: RwSignal::default(),
        }
    }

    fn start(self, what: What, projects: Vec<ProjectId>) {
        self.run.update_value(|run| *run += 1);
        let run = self.run.get_value();
        self.what.set_value(what.clone());
        self.reach.set(Reach::default());
        if what.is_nothing() {
            self.hits.set(Vec::new());
            return;
        }
        spawn_local(async move {
            self.look(run, &what, projects).await;
        });
        spawn_local(self.ask(run));
    }

    /// Whether this search is still the one.
    fn is_on(self, run: u64) -> bool {
        self.run.try_get_value() == Some(run)
    }

    /// Looks through what the device holds; none where another search has begun.
    async fn look(self, run: u64, what: &What, projects: Vec<ProjectId>) -> Option<()> {
        let scopes = projects.iter().map(|id| Scope::Project(*id)).chain(projects.iter().map(|id| Scope::Texts(*id)));
        let scopes: Vec<Scope> = scopes.collect();
        let mut best = Best::new();
        let mut reach = Reach::default();
        let mut began_ms = js_sys::Date::now();
        for scope in &scopes {
            let mut keys = Vec::new();
            self.sync.read(|client| client.for_each_row(scope, |row| keys.push(Tracker::key(row))));
            for keys in keys.chunks(ROWS_A_LOOK) {
                self.sync.read(|client| {
                    for row in keys.iter().filter_map(|key| client.row(key)) {
                        consider(what, row, &mut best, &mut reach);
                    }
                });
                if js_sys::Date::now() - began_ms > SLICE_MS {
                    pause(Duration::ZERO).await;
                    began_ms = js_sys::Date::now();
                    self.is_on(run).then_some(())?;
                }
            }
        }
        reach.is_done = true;
        reach.is_whole = self.sync.read(|client| is_whole(client, &scopes));
        self.held.set_value(best);
        self.reach.update(|now| *now = Reach { server: now.server, ..reach });
        self.show();
        Some(())
    }

    /// Asks the server.
    async fn ask(self, run: u64) {
        pause(REST).await;
        if !self.is_on(run) {
            return;
        }
        let found = search::search::<Tracker>(&self.what.with_value(|what| what.text.clone())).await;
        if !self.is_on(run) {
            return;
        }
        let server = match found {
            Ok(found) => {
                self.remote.set_value(found.rows);
                Server::Answered { more: found.more }
            }
            Err(SessionFault::SignedOut) => Server::SignedOut,
            Err(_) => Server::Silent,
        };
        self.reach.update(|reach| reach.server = server);
        self.show();
    }

    /// Shows the best of what was found so far.
    fn show(self) {
        let hits = self.sync.read(|client| {
            self.what.with_value(|what| {
                self.held.with_value(|held| self.remote.with_value(|remote| hits(client, what, held, remote)))
            })
        });
        self.hits.set(hits);
    }
}

fn consider(what: &What, row: &Row, best: &mut Best, reach: &mut Reach) {
    let issue = match row {
        Row::Issue(issue) => {
            reach.issues += 1;
            issue.id
        }
        Row::Description(description) => {
            reach.texts += 1;
            description.issue
        }
        Row::Comment(comment) => {
            reach.texts += 1;
            comment.issue
        }
        _ => return,
    };
    let Some(rank) = what.rank(row) else { return };
    let known = best.entry(issue).or_insert_with(|| (rank, row.key()));
    if known.0 < rank {
        *known = (rank, row.key());
    }
}

fn is_whole(client: &SyncClient<Tracker>, scopes: &[Scope]) -> bool {
    client.coverage(&Scope::Workspace) == Coverage::Complete
        && scopes.iter().all(|scope| client.coverage(scope) == Coverage::Complete)
}

/// The best of what the device and the server found, one an issue.
fn hits(client: &SyncClient<Tracker>, what: &What, held: &Best, remote: &[FoundRow<Tracker>]) -> Vec<Hit> {
    let issue_of = |id: IssueId| match client.row(&Key::Issue(id)) {
        Some(Row::Issue(issue)) => Some(issue),
        _ => None,
    };
    let mut ranked: Vec<(u32, &Row, &Issue, bool)> = Vec::new();
    for (id, (_, key)) in held {
        let Some((row, issue)) = client.row(key).zip(issue_of(*id)) else { continue };
        // It may have been edited since it was found.
        if let Some(rank) = what.rank(row) {
            ranked.push((rank, row, issue, true));
        }
    }
    for FoundRow { row, parent } in remote {
        let key = row.key();
        if client.row(&key).is_some() || client.confirmed(&key).is_some() {
            continue;
        }
        let issue = match (row, parent) {
            (Row::Issue(issue), _) => Some(issue),
            (Row::Description(text), parent) => issue_of(text.issue).or(parent.as_ref().and_then(as_issue)),
            (Row::Comment(text), parent) => issue_of(text.issue).or(parent.as_ref().and_then(as_issue)),
            _ => None,
        };
        if let Some((rank, issue)) = what.rank(row).zip(issue) {
            ranked.push((rank, row, issue, false));
        }
    }
    ranked.sort_by_key(|(rank, _, issue, _)| Reverse((*rank, issue.updated_at, issue.id)));
    let mut shown = HashSet::new();
    let ranked = ranked.into_iter().filter(|(_, _, issue, _)| shown.insert(issue.id)).take(HITS_MAX);
    let hit = |(_, row, issue, is_held): (u32, &Row, &Issue, bool)| {
        let (place, text) = match row {
            Row::Description(description) => (Place::Description, description.text.clone()),
            Row::Comment(comment) => (Place::Comment(comment.author), comment.text.clone()),
            _ => (Place::Title, String::new()),
        };
        Hit { issue: issue.clone(), place, text, is_held }
    };
    ranked.map(hit).collect()
}

fn as_issue(row: &Row) -> Option<&Issue> {
    match row {
        Row::Issue(issue) => Some(issue),
        _ => None,
    }
}

/// Lets the page do something else for at least that long.
async fn pause(wait: Duration) {
    let (woken, wake) = oneshot::channel();
    set_timeout(
        move || {
            // Whoever waited may be gone.
            let _ = woken.send(());
        },
        wait,
    );
    // It ends in any case: a timer that is gone has no sender.
    let _ = wake.await;
}
