//! The tracker's rows, mutations, keys, frames and stored records of every released version.

use crate::{
    device::{Device, Store},
    records,
    samples::{self, Sample, client, cursor},
    shelf::Shelf,
};
use holdfast_sync::{
    Refusal, RefusalCode, Schema, Stored,
    client::{Coverage, Input, Table},
    protocol::{ClientFrame, Reject, ServerFrame, Snapshot},
};
use holdfast_tracker::{
    Actor, Asked, Comment, CommentId, Description, Field, Issue, IssueId, Key, Label, LabelId, Mutation, Priority,
    Project, ProjectId, Row, Scope, Status, Tracker, User, UserId, View, ViewId, Workspace, WorkspaceId,
    filter::IssueQuery,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fmt::Debug};
use uuid::Uuid;

const AT_MS: i64 = 1_750_000_000_000;

fn shelf() -> Shelf {
    Shelf::of(env!("CARGO_MANIFEST_DIR"), &["v1", "v2"])
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | number)
}

fn issue() -> Issue {
    Issue {
        id: IssueId(id(1)),
        project: ProjectId(id(2)),
        number: Some(12),
        title: "Böen, \"quoted\" \u{1F980}".to_owned(),
        status: Status::InProgress,
        priority: Priority::High,
        assignee: Some(UserId(id(3))),
        labels: [LabelId(id(4)), LabelId(id(5))].into(),
        creator: UserId(id(6)),
        created_at: AT_MS,
        updated_at: AT_MS + 1,
    }
}

fn bare() -> Issue {
    Issue { number: None, assignee: None, labels: BTreeSet::new(), ..issue() }
}

fn comment(edited_at: Option<i64>) -> Comment {
    Comment {
        id: CommentId(id(7)),
        issue: IssueId(id(1)),
        project: ProjectId(id(2)),
        author: UserId(id(3)),
        text: "Two\nlines, and **more**".to_owned(),
        created_at: AT_MS,
        edited_at,
    }
}

/// What a newer version wrote of an entity unknown here.
fn milestone() -> Row {
    let row = json!({ "milestone": { "id": "m1", "scope": "workspace", "due": [1, null] } });
    serde_json::from_value(row).expect("an unknown entity is read")
}

fn rows() -> Vec<(String, Row)> {
    let mut rows = vec![
        ("issue-full".to_owned(), Row::Issue(issue())),
        ("issue-bare".to_owned(), Row::Issue(bare())),
        ("comment".to_owned(), Row::Comment(comment(None))),
        ("comment-edited".to_owned(), Row::Comment(comment(Some(AT_MS + 5)))),
        (
            "description".to_owned(),
            Row::Description(Description {
                issue: IssueId(id(1)),
                project: ProjectId(id(2)),
                text: "# Title\r\n".to_owned(),
            }),
        ),
        ("workspace".to_owned(), Row::Workspace(Workspace { id: WorkspaceId(id(8)), name: "Team".to_owned() })),
        (
            "project".to_owned(),
            Row::Project(Project {
                id: ProjectId(id(2)),
                code: "WEB".to_owned(),
                name: "Web".to_owned(),
                created_at: AT_MS,
            }),
        ),
        ("user".to_owned(), Row::User(User { id: UserId(id(3)), name: "Ana".to_owned() })),
        (
            "label".to_owned(),
            Row::Label(Label { id: LabelId(id(4)), name: "bug".to_owned(), color: "d73a4a".to_owned() }),
        ),
        (
            "view".to_owned(),
            Row::View(View {
                id: ViewId(id(9)),
                project: ProjectId(id(2)),
                name: "Mine".to_owned(),
                query: "status=todo&hide=labels".to_owned(),
                creator: UserId(id(3)),
            }),
        ),
        ("other".to_owned(), milestone()),
    ];
    for status in Status::ALL {
        rows.push((format!("issue-status-{}", status.name()), Row::Issue(Issue { status, ..bare() })));
    }
    for priority in Priority::ALL {
        rows.push((format!("issue-priority-{}", priority.name()), Row::Issue(Issue { priority, ..bare() })));
    }
    rows
}

/// The kind of a row; a new one does not compile before it is named here.
fn entity(row: &Row) -> &'static str {
    match row {
        Row::Workspace(_) => "workspace",
        Row::Project(_) => "project",
        Row::User(_) => "user",
        Row::Label(_) => "label",
        Row::View(_) => "view",
        Row::Issue(_) => "issue",
        Row::Description(_) => "description",
        Row::Comment(_) => "comment",
        Row::Other(_) => "other",
    }
}

fn mutations() -> Vec<(String, Mutation)> {
    let (issue, project, label) = (IssueId(id(1)), ProjectId(id(2)), LabelId(id(4)));
    let (comment, view) = (CommentId(id(7)), ViewId(id(9)));
    let list = || "q=caf%C3%A9&sort=-created&hide=labels,updated".to_owned();
    let create = |assignee, labels, description: &str| Mutation::CreateIssue {
        id: issue,
        project,
        title: "A title".to_owned(),
        status: Status::Todo,
        priority: Priority::Urgent,
        assignee,
        labels,
        description: description.to_owned(),
    };
    let edit_label = |name: Option<&str>, color: Option<&str>| Mutation::EditLabel {
        label,
        name: name.map(str::to_owned),
        color: color.map(str::to_owned),
    };
    let text = || "New **text**\n".to_owned();
    let mutations = [
        ("create-project", Mutation::CreateProject { id: project, code: "WEB".to_owned(), name: "Web".to_owned() }),
        ("rename-project", Mutation::RenameProject { project, name: "Site".to_owned() }),
        ("create-label", Mutation::CreateLabel { id: label, name: "bug".to_owned(), color: "d73a4a".to_owned() }),
        ("edit-label-name", edit_label(Some("fault"), None)),
        ("edit-label-color", edit_label(None, Some("000000"))),
        ("create-issue-full", create(Some(UserId(id(3))), [label].into(), "Text")),
        ("create-issue-bare", create(None, BTreeSet::new(), "")),
        ("delete-issue", Mutation::DeleteIssue { issue }),
        ("set-title", Mutation::SetTitle { issue, title: "Other".to_owned() }),
        ("set-status", Mutation::SetStatus { issue, status: Status::InReview }),
        ("set-priority", Mutation::SetPriority { issue, priority: Priority::None }),
        ("set-assignee", Mutation::SetAssignee { issue, assignee: Some(UserId(id(3))) }),
        ("set-assignee-nobody", Mutation::SetAssignee { issue, assignee: None }),
        ("add-label", Mutation::AddLabel { issue, label }),
        ("remove-label", Mutation::RemoveLabel { issue, label }),
        ("edit-description", Mutation::EditDescription { issue, text: text() }),
        ("add-comment", Mutation::AddComment { id: comment, issue, text: text() }),
        ("edit-comment", Mutation::EditComment { comment, issue, text: text() }),
        ("delete-comment", Mutation::DeleteComment { comment, issue }),
        ("put", Mutation::Put { row: Row::Issue(self::issue()) }),
        ("create-view", Mutation::CreateView { id: ViewId(id(10)), project, name: "Open".to_owned(), query: list() }),
        ("edit-view-name", Mutation::EditView { view, name: Some("Ours".to_owned()), query: None }),
        ("edit-view-query", Mutation::EditView { view, name: None, query: Some(list()) }),
        ("delete-view", Mutation::DeleteView { view }),
        ("unknown", Mutation::Unknown(json!({ "merge_issues": { "into": id(1), "from": [1.5, null] } }))),
    ];
    mutations.into_iter().map(|(name, mutation)| (name.to_owned(), mutation)).collect()
}

/// The kind of a mutation; a new one does not compile before it is named here.
fn intent(mutation: &Mutation) -> &'static str {
    match mutation {
        Mutation::CreateProject { .. } => "create-project",
        Mutation::RenameProject { .. } => "rename-project",
        Mutation::CreateLabel { .. } => "create-label",
        Mutation::EditLabel { .. } => "edit-label",
        Mutation::CreateView { .. } => "create-view",
        Mutation::EditView { .. } => "edit-view",
        Mutation::DeleteView { .. } => "delete-view",
        Mutation::CreateIssue { .. } => "create-issue",
        Mutation::DeleteIssue { .. } => "delete-issue",
        Mutation::SetTitle { .. } => "set-title",
        Mutation::SetStatus { .. } => "set-status",
        Mutation::SetPriority { .. } => "set-priority",
        Mutation::SetAssignee { .. } => "set-assignee",
        Mutation::AddLabel { .. } => "add-label",
        Mutation::RemoveLabel { .. } => "remove-label",
        Mutation::EditDescription { .. } => "edit-description",
        Mutation::AddComment { .. } => "add-comment",
        Mutation::EditComment { .. } => "edit-comment",
        Mutation::DeleteComment { .. } => "delete-comment",
        Mutation::Put { .. } => "put",
        Mutation::Unknown(_) => "unknown",
    }
}

/// That each value is written as it ever was, and read as what it is.
fn keeps<T: Serialize + DeserializeOwned + PartialEq + Debug>(prefix: &str, values: &[(String, T)]) {
    let text = |value| serde_json::to_string(value).expect("it is written as JSON");
    let texts: Vec<_> = values.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    shelf().holds(prefix, &texts);
    for ((name, value), (_, text)) in values.iter().zip(texts) {
        assert_eq!(serde_json::from_str::<T>(&text).expect(name), *value, "{name}");
    }
}

#[test]
fn every_row_is_written_as_it_ever_was_and_read_as_what_it_is() {
    let rows = rows();
    let of: BTreeSet<_> = rows.iter().map(|(_, row)| entity(row)).collect();
    assert_eq!(of.len(), 9, "{of:?}: every entity has a sample");
    keeps("row-", &rows);
}

#[test]
fn every_mutation_is_written_as_it_ever_was_and_read_as_what_it_is() {
    let mutations = mutations();
    for (name, mutation) in &mutations {
        assert!(name.starts_with(intent(mutation)), "{name}");
    }
    let of: BTreeSet<_> = mutations.iter().map(|(_, mutation)| intent(mutation)).collect();
    assert_eq!(of.len(), 21, "{of:?}: every kind has a sample");
    keeps("mutation-", &mutations);
}

#[test]
fn keys_scopes_fields_and_actors_are_written_as_they_ever_were() {
    let mut keys: Vec<_> = rows().into_iter().map(|(name, row)| (name, row.key())).collect();
    keys.retain(|(name, _)| !name.starts_with("issue-") && name != "comment-edited");
    keys.push(("issue".to_owned(), Key::Issue(IssueId(id(1)))));
    keeps("key-", &keys);
    let project = ProjectId(id(2));
    let scope = |name: &str, scope| (name.to_owned(), scope);
    keeps(
        "scope-",
        &[
            scope("workspace", Scope::Workspace),
            scope("project", Scope::Project(project)),
            scope("texts", Scope::Texts(project)),
            scope("other", Scope::Other("vault/1".into())),
        ],
    );
    let fields = [
        Field::Number,
        Field::Title,
        Field::Status,
        Field::Priority,
        Field::Assignee,
        Field::Labels,
        Field::UpdatedAt,
        Field::Text,
        Field::Name,
        Field::Code,
        Field::Color,
        Field::Query,
        Field::Fixed,
        Field::Unknown,
    ];
    keeps("fields-", &[("all".to_owned(), fields.to_vec())]);
    keeps("actor-", &[("system".to_owned(), Actor::System), ("user".to_owned(), Actor::User(UserId(id(3))))]);
}

fn sample() -> Sample<Tracker> {
    let issue = IssueId(id(1));
    Sample {
        key: Key::Issue(issue),
        scope: Scope::Project(ProjectId(id(2))),
        fresh: Row::Issue(self::issue()),
        edited: Row::Issue(bare()),
        field: Field::Assignee,
        mutation: Mutation::SetStatus { issue, status: Status::Done },
        query: Asked::Issues { project: ProjectId(id(2)), query: IssueQuery::from_query("sort=title") },
    }
}

#[test]
fn frames_are_written_as_they_ever_were_and_read_as_what_they_are() {
    let (client, server) = (sample().client_frames(), sample().server_frames());
    samples::are_complete(&client, &server);
    let texts: Vec<_> = client.iter().map(|(name, frame)| (name.clone(), frame.encode())).collect();
    shelf().holds("client-", &texts);
    let texts: Vec<_> = server.iter().map(|(name, frame)| (name.clone(), frame.encode())).collect();
    shelf().holds("server-", &texts);
    for (name, text) in shelf().starting("client-") {
        assert_eq!(ClientFrame::<Tracker>::decode(&text).expect(&name).encode(), text, "{name}");
    }
    for (name, text) in shelf().starting("server-") {
        assert_eq!(ServerFrame::<Tracker>::decode(&text).expect(&name).encode(), text, "{name}");
    }
}

/// The scopes that a user of the tracker holds.
fn scopes() -> [Scope; 3] {
    let project = ProjectId(id(2));
    [Scope::Workspace, Scope::Project(project), Scope::Texts(project)]
}

/// A row of each entity, under a key of its own.
fn confirmed() -> Vec<Stored<Tracker>> {
    let mut rows = rows();
    rows.retain(|(name, _)| !name.starts_with("issue-") && name != "comment-edited");
    rows.push(("issue".to_owned(), Row::Issue(issue())));
    let mut stored: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    stored.sort_by_key(Row::key);
    let stored = stored.into_iter().zip(1..);
    stored.map(|(row, seq)| Stored { seq, born: seq, versions: Default::default(), row }).collect()
}

/// A device with a record of every entity and every mutation in its store, one of them refused.
fn lived_in() -> Device<Tracker> {
    let mut device = Device::open(client(), Actor::User(UserId(id(3))), Store::default());
    for scope in scopes() {
        device.feed(Input::Subscribe(scope));
    }
    device.welcome(cursor(20), 0);
    for frame in device.take_sent() {
        let ClientFrame::Subscribe(subscribe) = frame else { continue };
        let (scope, id) = (subscribe.scope, subscribe.id);
        let rows: Vec<_> = confirmed().into_iter().filter(|stored| Tracker::scope(&stored.row) == scope).collect();
        let total = rows.len() as u64;
        let page = Snapshot { scope, id, live_from: 20, after: None, as_of: 20, mark: None, rows, next: None, total };
        device.hear(&ServerFrame::Snapshot(page));
    }
    let issue = IssueId(id(1));
    device.mutate(Mutation::SetTitle { issue, title: "Refused".to_owned() }).expect("it makes sense here");
    let refusal = Refusal::new(RefusalCode::NotAllowed, "You may not.");
    device.hear(&ServerFrame::Reject(Reject { seq: 1, at: Some(20), refusal }));
    device.cut(1006);
    let (last, first): (Vec<_>, Vec<_>) = mutations().into_iter().partition(|(name, _)| name.starts_with("delete-"));
    for (_, mutation) in first.into_iter().chain(last) {
        // Those of which this version makes nothing on these rows are not stored.
        device.mutate(mutation);
    }
    device.wait(100);
    device
}

#[test]
fn records_are_written_as_they_ever_were_and_read_as_what_they_are() {
    let lived_in = lived_in();
    shelf().holds("record-", &records::named(&lived_in.store));
    let store = records::store(&shelf().starting("record-"), &[]);
    let device = Device::<Tracker>::open(client(), Actor::User(UserId(id(3))), store);
    assert!(device.notices.is_empty(), "{:?}", device.notices);
    assert!(device.store.table(Table::Quarantine).is_empty());
    assert_eq!(device.client.cursor(), Some(cursor(20)));
    for scope in scopes() {
        assert_eq!(device.client.coverage(&scope), Coverage::Complete, "{scope}");
    }
    for stored in confirmed() {
        let key = stored.row.key();
        assert_eq!(device.client.confirmed(&key), Some(&stored));
        assert_eq!(device.client.row(&key), lived_in.client.row(&key), "{key}");
    }
    let outbox = |device: &Device<Tracker>| -> Vec<_> {
        device.client.outbox().map(|entry| (entry.seq, entry.body.clone(), entry.created_ms)).collect()
    };
    assert!(outbox(&device).len() > 8, "{:?}", outbox(&device));
    assert_eq!(outbox(&device), outbox(&lived_in));
    let tray: Vec<_> = device.client.tray().cloned().collect();
    assert_eq!(tray, lived_in.client.tray().cloned().collect::<Vec<_>>());
}

#[test]
fn a_device_of_the_first_version_keeps_its_edits_and_loads_its_rows_anew() {
    let first = Shelf::of(env!("CARGO_MANIFEST_DIR"), &["v1"]);
    let store = records::store(&first.starting("record-"), &[]);
    let device = Device::<Tracker>::open(client(), Actor::User(UserId(id(3))), store);
    assert!(device.notices.is_empty(), "{:?}", device.notices);
    assert!(device.store.table(Table::Quarantine).is_empty());
    assert_eq!((device.client.outbox().count(), device.client.tray().count()), (13, 1));
    assert_eq!(device.client.cursor(), None);
    // Shown meanwhile.
    assert_eq!(device.client.row(&Key::Label(LabelId(id(4)))).map(Row::key), Some(Key::Label(LabelId(id(4)))));
}

#[test]
fn values_of_a_newer_version_are_read_as_unknown() {
    let mut row = serde_json::to_value(Row::Issue(issue())).expect("it is written");
    row["issue"]["status"] = json!("blocked");
    row["issue"]["priority"] = json!("someday");
    row["issue"]["estimate"] = json!({ "points": 8 });
    let read: Row = serde_json::from_value(row).expect("it is read");
    assert_eq!(read, Row::Issue(Issue { status: Status::Unknown, priority: Priority::Unknown, ..issue() }));

    // A mutation whose kind is known and whose shape is not: never half of it.
    let text = json!({ "set_status": { "issues": [id(1)], "status": "done" } });
    assert_eq!(serde_json::from_value::<Mutation>(text.clone()).expect("it is read"), Mutation::Unknown(text));
    assert_eq!("sprint/1".parse::<Key>().expect("it is read"), Key::Other("sprint/1".into()));
    let versions: Value = json!({ "seq": 9, "born": 1, "versions": { "estimate": 9, "title": 4 }, "row": rows()[0].1 });
    let stored: Stored<Tracker> = serde_json::from_value(versions).expect("it is read");
    assert_eq!((stored.version(Field::Title), stored.version(Field::Status)), (4, 1));
}
