//! A workspace to look at and to measure with: made, but like a real one.
//!
//! The same number of issues and the same seed give the same rows, byte for byte,
//! on every machine and day. Times end at a fixed one, so a demo ages with it.

mod random;
mod texts;
mod titles;

use crate::{
    Comment, CommentId, Description, Issue, IssueId, Label, LabelId, Priority, Project, ProjectId, Row, Status, User,
    UserId, named,
};
use random::Random;
use std::collections::BTreeSet;
use titles::Kind;

/// The moment at which the made workspace stands still: 2026-10-01 00:00 UTC, in Unix milliseconds.
pub const END_MS: i64 = 1_790_812_800_000;

/// How far back it begins, about 18 months.
const SPAN_MS: i64 = 548 * DAY_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// The rows to put, each after those it refers to: users, labels, projects, then
/// each issue with its description and comments, the oldest first. Issues are
/// numbered from 1 in each project, so a second seed in the same workspace gives
/// numbers out twice.
///
/// ```
/// use holdfast_tracker::{Row, seed::seed};
///
/// let rows: Vec<Row> = seed(100, 7).collect();
/// assert_eq!(rows.iter().filter(|row| matches!(row, Row::Issue(_))).count(), 100);
/// assert!(seed(100, 7).eq(rows), "the same again");
/// ```
pub fn seed(issues: usize, seed: u64) -> impl Iterator<Item = Row> {
    let mut workspace = Made { random: Random::new(seed), numbers: [0; PROJECTS.len()] };
    let made = (0..issues).flat_map(move |n| workspace.issue(n, issues));
    shared_rows().chain(made)
}

const USERS: [&str; 12] = [
    "Amara Okafor",
    "Linh Nguyễn",
    "Mateo Álvarez",
    "Saoirse Byrne",
    "Jürgen Weiß",
    "Aiko Tanaka",
    "Priya Raman",
    "Łukasz Wójcik",
    "Zeynep Yıldız",
    "Noah Lindqvist",
    "Fatima El Idrissi",
    "Oleksandr Bondar",
];

/// Name and code, and the share of issues in percent.
const PROJECTS: [(&str, &str, u64); 3] = [("Web app", "WEB", 45), ("Engine", "ENG", 33), ("Mobile", "MOB", 22)];

const LABELS: [(&str, &str); 15] = [
    ("bug", "d73a4a"),
    ("feature", "0e8a16"),
    ("chore", "6e7781"),
    ("regression", "b60205"),
    ("performance", "fbca04"),
    ("accessibility", "5319e7"),
    ("security", "e11d21"),
    ("documentation", "0075ca"),
    ("design", "f092a2"),
    ("offline", "1d76db"),
    ("flaky test", "c5821a"),
    ("good first issue", "7057ff"),
    ("needs info", "d4c5f9"),
    ("customer", "bf3989"),
    ("papercut", "9a6700"),
];

/// Where the labels begin that say more than the kind of work.
const TOPICS_FROM: usize = 3;

fn shared_rows() -> impl Iterator<Item = Row> {
    let users = USERS.iter().map(|name| Row::User(User { id: named::user(name), name: (*name).into() }));
    let labels = LABELS.iter().map(|(name, color)| {
        Row::Label(Label { id: named::label(name), name: (*name).into(), color: (*color).into() })
    });
    let projects = PROJECTS.iter().map(|(name, code, _)| {
        let created_at = END_MS - SPAN_MS;
        Row::Project(Project { id: named::project(name), code: (*code).into(), name: (*name).into(), created_at })
    });
    users.chain(labels).chain(projects)
}

struct Made {
    random: Random,
    numbers: [u64; PROJECTS.len()],
}

impl Made {
    /// The `n`th of `total` issues with its texts.
    fn issue(&mut self, n: usize, total: usize) -> Vec<Row> {
        let of = self.random.weighted(&PROJECTS.map(|(_, _, share)| share));
        let project = named::project(PROJECTS[of].0);
        self.numbers[of] += 1;
        let slot_ms = (SPAN_MS / total as i64).max(1);
        let created_at =
            END_MS - SPAN_MS + n as i64 * SPAN_MS / total as i64 + self.random.below(slot_ms as u64) as i64;

        let (kind, title, area) = titles::title(&mut self.random, of);
        let status = self.status(END_MS - created_at);
        let id = IssueId(self.random.uuid(created_at));
        let creator = self.user();
        let assignee = self.assignee(status);
        let text = texts::description(&mut self.random, kind, area);
        let comments = self.comments(id, project, [creator, assignee.unwrap_or(creator)], created_at, area);
        let last_ms = comments.last().map_or(created_at, |comment| comment.created_at);
        let issue = Issue {
            id,
            project,
            number: Some(self.numbers[of]),
            title,
            status,
            priority: self.priority(),
            assignee,
            labels: self.labels(kind),
            creator,
            created_at,
            updated_at: self.later(last_ms, 20 * DAY_MS),
        };
        let texts = [Row::Issue(issue), Row::Description(Description { issue: id, project, text })];
        texts.into_iter().chain(comments.into_iter().map(Row::Comment)).collect()
    }

    /// Most of what is old is closed.
    fn status(&mut self, age_ms: i64) -> Status {
        let closed_percent = 20 + 65 * age_ms.min(SPAN_MS) / SPAN_MS;
        if self.random.chance(closed_percent as u64) {
            return if self.random.chance(86) { Status::Done } else { Status::Cancelled };
        }
        [Status::Backlog, Status::Todo, Status::InProgress, Status::InReview][self.random.weighted(&[44, 28, 18, 10])]
    }

    fn priority(&mut self) -> Priority {
        [Priority::Urgent, Priority::High, Priority::Medium, Priority::Low, Priority::None]
            [self.random.weighted(&[4, 15, 31, 17, 33])]
    }

    fn assignee(&mut self, status: Status) -> Option<UserId> {
        let percent = match status {
            Status::Backlog => 12,
            Status::Todo => 55,
            Status::Cancelled => 40,
            _ => 94,
        };
        self.random.chance(percent).then(|| self.user())
    }

    /// A few people do most of the work.
    fn user(&mut self) -> UserId {
        named::user(USERS[self.random.weighted(&[18, 15, 13, 11, 9, 8, 7, 6, 5, 4, 3, 1])])
    }

    fn labels(&mut self, kind: Kind) -> BTreeSet<LabelId> {
        let mut names = Vec::new();
        if self.random.chance(85) {
            names.push(match kind {
                Kind::Bug => "bug",
                Kind::Feature => "feature",
                Kind::Chore => "chore",
            });
        }
        for _ in 0..self.random.weighted(&[55, 33, 12]) {
            names.push(self.random.pick(&LABELS[TOPICS_FROM..]).0);
        }
        names.into_iter().map(named::label).collect()
    }

    /// In the order of their times.
    fn comments(
        &mut self,
        issue: IssueId,
        project: ProjectId,
        involved: [UserId; 2],
        from_ms: i64,
        area: &str,
    ) -> Vec<Comment> {
        let mut at_ms = from_ms;
        let count = self.random.weighted(&[38, 22, 15, 10, 7, 5, 3]);
        let comment = |_| {
            at_ms = self.later(at_ms, 4 * DAY_MS);
            Comment {
                id: CommentId(self.random.uuid(at_ms)),
                issue,
                project,
                author: if self.random.chance(60) { self.random.pick(&involved) } else { self.user() },
                text: texts::comment(&mut self.random, area, &USERS),
                created_at: at_ms,
                edited_at: self.random.chance(8).then(|| self.later(at_ms, HOUR_MS)),
            }
        };
        let mut comments: Vec<_> = (0..count).map(comment).collect();
        // Towards the end of the span times meet at it.
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        comments
    }

    /// A time after another, mostly soon after, and never past the end.
    fn later(&mut self, than_ms: i64, at_most_ms: i64) -> i64 {
        let within = self.random.below(at_most_ms as u64) as i64;
        let sooner = within / (1 + self.random.below(12) as i64);
        (than_ms + 60_000 + sooner).min(END_MS)
    }
}

#[cfg(test)]
mod tests;
