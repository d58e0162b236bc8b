//! Rows, mutations and worlds for the tests of this crate. Ids are few, so that
//! what is made at random often meets.

use crate::{
    Actor, Comment, CommentId, Description, Issue, IssueId, Key, Label, LabelId, Mutation, Priority, Project,
    ProjectId, Row, Status, Tracker, User, UserId, View, ViewId, Workspace, WorkspaceId,
};
use holdfast_sync::{
    ApplyContext, ClientId, Footprint, MutationId, Refusal, Rows, Schema, Stored, SyncCursor, Tx, Write,
    authority::{Facts, LogChange, Outcome, Settlement, settle},
    protocol::{Body, Pushed},
};
use proptest::{collection, option, prelude::*, sample};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) const NOW_MS: i64 = 1_750_000_000_000;

pub(crate) fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}
pub(crate) fn project(n: u128) -> ProjectId {
    ProjectId(Uuid::from_u128(n))
}
pub(crate) fn issue(n: u128) -> IssueId {
    IssueId(Uuid::from_u128(n))
}
pub(crate) fn comment(n: u128) -> CommentId {
    CommentId(Uuid::from_u128(n))
}
pub(crate) fn label(n: u128) -> LabelId {
    LabelId(Uuid::from_u128(n))
}
pub(crate) fn view(n: u128) -> ViewId {
    ViewId(Uuid::from_u128(n))
}

/// An issue to start from.
pub(crate) fn sample_issue(n: u128) -> Issue {
    Issue {
        id: issue(n),
        project: project(1),
        number: Some(7),
        title: "Crash on start".into(),
        status: Status::Todo,
        priority: Priority::None,
        assignee: None,
        labels: [].into(),
        creator: user(1),
        created_at: NOW_MS - 1_000,
        updated_at: NOW_MS - 500,
    }
}

/// Confirmed rows and counters, as a server holds them.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) rows: BTreeMap<Key, Stored<Tracker>>,
    pub(crate) counters: BTreeMap<String, u64>,
}

impl World {
    pub(crate) fn of(rows: impl IntoIterator<Item = Row>) -> Self {
        let stored = |row: Row| (row.key(), Stored { seq: 1, born: 1, versions: BTreeMap::new(), row });
        Self { rows: rows.into_iter().map(stored).collect(), counters: BTreeMap::new() }
    }

    /// Settles a mutation as the server does: with the rows of its footprint only.
    pub(crate) fn settlement(&self, actor: Actor, mutation: &Mutation) -> Settlement<Tracker> {
        let footprint = Tracker::footprint(mutation);
        let rows = self.rows.iter().filter(|(key, stored)| footprint.holds(key, stored.row.parent().as_ref()));
        let rows = rows.map(|(key, stored)| (key.clone(), stored.clone())).collect();
        let counters = self.counters.iter().filter(|(name, _)| footprint.counters.contains(*name));
        let facts = Facts {
            actor,
            client: ClientId(Uuid::from_u128(9)),
            now_ms: NOW_MS,
            head: SyncCursor { epoch: holdfast_sync::Epoch(Uuid::from_u128(8)), seq: 1, mark: Default::default() },
            rows: &rows,
            counters: counters.map(|(name, value)| (name.clone(), *value)).collect(),
            twin: None,
        };
        settle(&Pushed { seq: 1, body: Body::Mutate(mutation.clone()), bases: Vec::new(), nonce: 0 }, facts)
    }

    /// Settles a mutation and keeps what it did.
    pub(crate) fn run(&mut self, actor: Actor, mutation: &Mutation) -> Result<Vec<LogChange<Tracker>>, Refusal> {
        let settlement = self.settlement(actor, mutation);
        self.counters.extend(settlement.counters);
        if let Outcome::Refused(refusal) = settlement.entry.outcome {
            return Err(refusal);
        }
        for change in &settlement.entry.changes {
            match &change.after {
                Some(after) => drop(self.rows.insert(change.key.clone(), after.clone())),
                None => drop(self.rows.remove(&change.key)),
            }
        }
        Ok(settlement.entry.changes)
    }

    /// What a browser that holds all rows makes of a mutation.
    pub(crate) fn optimistic(
        &self,
        actor: Actor,
        mutation: &Mutation,
    ) -> Result<BTreeMap<Key, Write<Tracker>>, Refusal> {
        let footprint: Footprint<Tracker> = Tracker::footprint(mutation);
        let ctx = ApplyContext { actor, now_ms: NOW_MS, id: None::<MutationId> };
        let mut tx = Tx::new(self, &footprint, None);
        Tracker::apply(mutation, &ctx, &mut tx)?;
        Ok(tx.finish())
    }

    pub(crate) fn issue(&self, id: IssueId) -> &Issue {
        match self.rows.get(&Key::Issue(id)).map(|stored| &stored.row) {
            Some(Row::Issue(issue)) => issue,
            other => panic!("no issue {id}: {other:?}"),
        }
    }
}

impl Rows<Tracker> for World {
    fn row(&self, key: &Key) -> Option<&Row> {
        self.rows.get(key).map(|stored| &stored.row)
    }

    fn children(&self, parent: &Key) -> Vec<Key> {
        let children = self.rows.iter().filter(|(_, stored)| stored.row.parent().as_ref() == Some(parent));
        children.map(|(key, _)| key.clone()).collect()
    }
}

fn few() -> impl Strategy<Value = u128> {
    1..4_u128
}

pub(crate) fn any_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![1 => Just(Actor::System), 4 => few().prop_map(|n| Actor::User(user(n)))]
}

pub(crate) fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![12 => sample::select(&Status::ALL[..]), 1 => Just(Status::Unknown)]
}

pub(crate) fn any_priority() -> impl Strategy<Value = Priority> {
    prop_oneof![12 => sample::select(&Priority::ALL[..]), 1 => Just(Priority::Unknown)]
}

fn any_line() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[A-Za-zÀ-ž ]{1,12}",
        2 => "\\PC{0,20}",
        1 => Just(" ".to_owned()),
        1 => Just("two\nlines".to_owned()),
        1 => Just("x".repeat(600)),
    ]
}

fn any_view_query() -> impl Strategy<Value = String> {
    sample::select(vec!["", "status=todo&hide=labels", "later=1", "two\nlines"]).prop_map(str::to_owned)
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![8 => ".{0,40}", 1 => Just(String::new()), 1 => Just("a\r\nb".to_owned())]
}

fn any_labels() -> impl Strategy<Value = std::collections::BTreeSet<LabelId>> {
    collection::btree_set(few().prop_map(label), 0..3)
}

pub(crate) fn any_issue() -> impl Strategy<Value = Issue> {
    (
        (few(), few(), option::of(0..40_u64), any_line(), any_status(), any_priority()),
        (option::of(few()), any_labels(), few(), 0..5_i64, 0..5_i64),
    )
        .prop_map(|((id, of, number, title, status, priority), (assignee, labels, creator, created, updated))| {
            Issue {
                id: issue(id),
                project: project(of),
                number,
                title,
                status,
                priority,
                assignee: assignee.map(user),
                labels,
                creator: user(creator),
                created_at: NOW_MS - 10 + created,
                updated_at: NOW_MS - 10 + updated,
            }
        })
}

pub(crate) fn any_row() -> impl Strategy<Value = Row> {
    let workspace = (few(), any_line())
        .prop_map(|(id, name)| Row::Workspace(Workspace { id: WorkspaceId(Uuid::from_u128(id)), name }));
    let of_project = (few(), sample::select(vec!["WEB", "ENG", "web"]), any_line(), 0..2_i64).prop_map(
        |(id, code, name, created_at)| {
            Row::Project(Project { id: project(id), code: code.to_owned(), name, created_at })
        },
    );
    let person = (few(), any_line()).prop_map(|(id, name)| Row::User(User { id: user(id), name }));
    let tag = (few(), any_line(), sample::select(vec!["1d76db", "red"]))
        .prop_map(|(id, name, color)| Row::Label(Label { id: label(id), name, color: color.to_owned() }));
    let saved = (few(), few(), any_line(), any_view_query(), few()).prop_map(|(id, of, name, query, creator)| {
        Row::View(View { id: view(id), project: project(of), name, query, creator: user(creator) })
    });
    let description = (few(), few(), any_text())
        .prop_map(|(id, of, text)| Row::Description(Description { issue: issue(id), project: project(of), text }));
    let remark = (few(), few(), few(), few(), any_text(), 0..2_i64, option::of(0..2_i64)).prop_map(
        |(id, on, of, author, text, created_at, edited_at)| {
            Row::Comment(Comment {
                id: comment(id),
                issue: issue(on),
                project: project(of),
                author: user(author),
                text,
                created_at,
                edited_at,
            })
        },
    );
    let other = few().prop_map(|n| {
        let json = serde_json::json!({"milestone": {"id": n.to_string(), "scope": "vault/1", "due": n as u64}});
        serde_json::from_value::<Row>(json).expect("an unknown entity decodes")
    });
    prop_oneof![
        1 => workspace,
        3 => of_project,
        3 => person,
        3 => tag,
        2 => saved,
        6 => any_issue().prop_map(Row::Issue),
        4 => description,
        5 => remark,
        1 => other,
    ]
}

pub(crate) fn any_world() -> impl Strategy<Value = World> {
    collection::vec(any_row(), 0..30).prop_map(World::of)
}

pub(crate) fn any_mutation() -> impl Strategy<Value = Mutation> {
    let an_issue = || few().prop_map(issue);
    let color = || sample::select(vec!["1d76db", "ABCDEF", "red"]).prop_map(str::to_owned);
    prop_oneof![
        1 => (few(), sample::select(vec!["WEB", "web", ""]), any_line()).prop_map(|(id, code, name)| {
            Mutation::CreateProject { id: project(id), code: code.to_owned(), name }
        }),
        1 => (few(), any_line()).prop_map(|(id, name)| Mutation::RenameProject { project: project(id), name }),
        1 => (few(), any_line(), color()).prop_map(|(id, name, color)| Mutation::CreateLabel { id: label(id), name, color }),
        1 => (few(), option::of(any_line()), option::of(color())).prop_map(|(id, name, color)| Mutation::EditLabel {
            label: label(id),
            name,
            color
        }),
        1 => (few(), few(), any_line(), any_view_query()).prop_map(|(id, of, name, query)| {
            Mutation::CreateView { id: view(id), project: project(of), name, query }
        }),
        1 => (few(), option::of(any_line()), option::of(any_view_query()))
            .prop_map(|(id, name, query)| Mutation::EditView { view: view(id), name, query }),
        1 => few().prop_map(|id| Mutation::DeleteView { view: view(id) }),
        4 => (
            (an_issue(), few(), any_line(), any_status()),
            (any_priority(), option::of(few()), any_labels(), any_text()),
        )
            .prop_map(|((id, of, title, status), (priority, assignee, labels, description))| {
                let assignee = assignee.map(user);
                let project = project(of);
                Mutation::CreateIssue { id, project, title, status, priority, assignee, labels, description }
            }),
        2 => an_issue().prop_map(|issue| Mutation::DeleteIssue { issue }),
        1 => (an_issue(), any_line()).prop_map(|(issue, title)| Mutation::SetTitle { issue, title }),
        1 => (an_issue(), any_status()).prop_map(|(issue, status)| Mutation::SetStatus { issue, status }),
        1 => (an_issue(), any_priority()).prop_map(|(issue, priority)| Mutation::SetPriority { issue, priority }),
        1 => (an_issue(), option::of(few())).prop_map(|(issue, assignee)| Mutation::SetAssignee {
            issue,
            assignee: assignee.map(user)
        }),
        1 => (an_issue(), few()).prop_map(|(issue, tag)| Mutation::AddLabel { issue, label: label(tag) }),
        1 => (an_issue(), few()).prop_map(|(issue, tag)| Mutation::RemoveLabel { issue, label: label(tag) }),
        1 => (an_issue(), any_text()).prop_map(|(issue, text)| Mutation::EditDescription { issue, text }),
        1 => (few(), an_issue(), any_text()).prop_map(|(id, issue, text)| Mutation::AddComment {
            id: comment(id),
            issue,
            text
        }),
        1 => (few(), an_issue(), any_text()).prop_map(|(id, issue, text)| Mutation::EditComment {
            comment: comment(id),
            issue,
            text
        }),
        1 => (few(), an_issue()).prop_map(|(id, issue)| Mutation::DeleteComment { comment: comment(id), issue }),
        4 => any_row().prop_map(|row| Mutation::Put { row }),
        1 => Just(Mutation::Unknown(serde_json::json!({"merge_issues": {"a": 1}}))),
    ]
}
