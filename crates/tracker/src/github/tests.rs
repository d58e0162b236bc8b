//! Small files for each thing that can be wrong or odd, and the real ones of
//! `shared/data`, where they are at hand.

use super::{File, Import, Place, Skipped, parse};
use crate::{Actor, Comment, Issue, Mutation, Priority, Row, Status, check, named, testing::World};
use serde_json::{Value, json};
use std::path::Path;

fn issue(number: u64) -> Value {
    json!({
        "id": 9, "number": number, "title": "Crash ", "body": "Steps:\r\n1. Open", "state": "open",
        "user": {"login": "ana"}, "assignee": null, "assignees": [], "labels": [],
        "created_at": "2024-05-31T09:15:00Z", "updated_at": "2024-06-01T00:00:00Z",
    })
}

fn comment(id: u64, on: u64) -> Value {
    json!({
        "id": id, "issue_url": format!("https://api.github.com/repos/o/r/issues/{on}"), "user": {"login": "Ben"},
        "body": "Same\r\nhere", "created_at": "2024-05-31T10:00:00Z", "updated_at": "2024-05-31T10:00:00Z",
    })
}

fn with(mut value: Value, field: &str, to: Value) -> Value {
    value[field] = to;
    value
}

fn read(issues: &[Value], comments: &[Value]) -> Import {
    parse(&json!(issues).to_string(), Some(&json!(comments).to_string())).expect("they can be read")
}

fn issue_rows(import: &Import) -> Vec<Issue> {
    let rows = import.rows("Web", None).into_iter();
    rows.filter_map(|row| if let Row::Issue(issue) = row { Some(issue) } else { None }).collect()
}

#[test]
fn what_an_issue_is_on_github_becomes_what_it_is_here() {
    let labelled = json!([{"name": "bug", "color": "d73a4a"}, {"name": "P1", "color": null}, "p2"]);
    let labelled = with(issue(7), "labels", labelled);
    let import = read(&[with(labelled, "assignees", json!([{"login": "Ben"}]))], &[]);
    let [row] = &issue_rows(&import)[..] else { panic!("one issue") };
    assert_eq!(
        row,
        &Issue {
            id: named::issue(named::project("Web"), 7),
            project: named::project("Web"),
            number: Some(7),
            title: "Crash ".into(),
            status: Status::Todo,
            priority: Priority::High,
            assignee: Some(named::user("Ben")),
            labels: ["bug", "P1", "p2"].map(named::label).into(),
            creator: named::user("ana"),
            created_at: 1_717_146_900_000,
            updated_at: 1_717_200_000_000,
        }
    );
    let texts: Vec<_> = import.rows("Web", None).into_iter().filter(|row| matches!(row, Row::Description(_))).collect();
    assert!(matches!(&texts[..], [Row::Description(row)] if row.text == "Steps:\r\n1. Open"));
}

#[test]
fn states_become_statuses() {
    let closed = |number, reason| with(with(issue(number), "state", json!("closed")), "state_reason", reason);
    let import = read(
        &[
            issue(1),
            with(issue(2), "assignee", json!({"login": "Ben"})),
            closed(3, Value::Null),
            closed(4, json!("completed")),
            closed(5, json!("not_planned")),
        ],
        &[],
    );
    let statuses: Vec<_> = issue_rows(&import).iter().map(|issue| issue.status).collect();
    assert_eq!(statuses, [Status::Backlog, Status::Todo, Status::Done, Status::Done, Status::Cancelled]);
}

#[test]
fn an_empty_body_and_a_deleted_account_are_no_hindrance() {
    let import = read(&[with(with(issue(1), "body", Value::Null), "user", Value::Null)], &[]);
    assert_eq!(issue_rows(&import)[0].creator, named::user("ghost"));
    assert!(import.rows("Web", None).iter().any(|row| matches!(row, Row::Description(row) if row.text.is_empty())));
}

#[test]
fn pull_requests_and_their_comments_are_skipped_and_counted() {
    let pull = with(issue(2), "pull_request", json!({"url": "…"}));
    let import = read(&[issue(1), pull], &[comment(1, 1), comment(2, 2), comment(3, 2)]);
    assert_eq!((import.issues(), import.comments()), (1, 1));
    assert_eq!(import.skipped(), Skipped { pull_requests: 1, comments: 2 });
}

#[test]
fn a_comment_knows_whether_it_was_edited() {
    let edited = with(comment(2, 1), "updated_at", json!("2024-06-02T00:00:00Z"));
    let import = read(&[issue(1)], &[comment(1, 1), edited]);
    let rows = import.rows("Web", None).into_iter();
    let comments: Vec<Comment> =
        rows.filter_map(|row| if let Row::Comment(comment) = row { Some(comment) } else { None }).collect();
    assert_eq!(comments[0].edited_at, None);
    assert_eq!(comments[1].edited_at, Some(1_717_286_400_000));
    assert_eq!(comments[0].text, "Same\r\nhere");
    assert_eq!(comments[0].issue, named::issue(named::project("Web"), 1));
}

#[test]
fn rows_follow_what_they_refer_to_and_names_are_people_once() {
    let labelled = |n, name| with(issue(n), "labels", json!([{"name": name, "color": "d73a4a"}]));
    let import = read(&[labelled(1, "bug"), labelled(2, "Bug")], &[comment(1, 1), comment(2, 2)]);
    let kinds: Vec<String> = import
        .rows("Web", None)
        .iter()
        .map(|row| row.key().to_string().split('/').next().expect("an entity").to_owned())
        .collect();
    assert_eq!(
        kinds,
        ["project", "user", "user", "label", "issue", "issue", "description", "description", "comment", "comment"]
    );
}

#[test]
fn a_wrong_file_is_refused_with_place_and_reason() {
    let issues = |entries: Value| parse(&entries.to_string(), None).expect_err("it is refused").to_string();
    let without = |field: &str| {
        let mut entry = issue(1);
        entry.as_object_mut().expect("an object").remove(field);
        entry
    };
    for (told, expected) in [
        (issues(json!([issue(2), without("title")])), "issues file, entry [1], field title: This field is missing."),
        (issues(json!([issue(1), issue(1)])), "issues file, entry [1], field number: The number 1 came before."),
        (
            issues(json!([with(issue(1), "number", json!(0))])),
            "issues file, entry [0], field number: This should be a whole number from 1, but is 0.",
        ),
        (
            issues(json!([with(issue(1), "title", json!("a\nb"))])),
            "issues file, entry [0], field title: The title must be a single line.",
        ),
        (
            issues(json!([with(issue(1), "state", json!("merged"))])),
            "issues file, entry [0], field state: This should be open or closed.",
        ),
        (
            issues(json!([with(issue(1), "created_at", json!("yesterday"))])),
            "issues file, entry [0], field created_at: This should be a time like 2024-05-31T09:15:00Z.",
        ),
        (
            issues(json!([with(issue(1), "labels", json!([{"name": "a"}, {"name": 3}]))])),
            "issues file, entry [0], field labels[1].name: This should be a text, but is 3.",
        ),
        (
            issues(json!([with(issue(1), "user", json!({}))])),
            "issues file, entry [0], field user.login: This field is missing.",
        ),
        (issues(json!([[]])), "issues file, entry [0]: This should be an object, but is an array."),
        (
            issues(json!({"message": "Not Found"})),
            "issues file, line 1, column 1: This should be a JSON array of issues, but is an object.",
        ),
    ] {
        assert_eq!(told, expected);
    }
}

#[test]
fn text_that_is_no_json_is_refused_with_line_and_column() {
    let error = parse("[\n  {\"number\": 1,}\n]", None).expect_err("it is refused");
    assert_eq!((error.file, error.place), (File::Issues, Place::Line { line: 2, column: 16 }));
    let error = parse("[]", Some("")).expect_err("it is refused");
    let told = "comments file, line 1, column 0: This is not valid JSON: EOF while parsing a value.";
    assert_eq!(error.to_string(), told);
}

#[test]
fn a_comment_on_no_known_issue_is_refused() {
    let comments = |comment: Value| {
        let issues = json!([issue(1)]).to_string();
        parse(&issues, Some(&json!([comment]).to_string())).expect_err("it is refused").to_string()
    };
    assert_eq!(
        comments(comment(1, 5)),
        "comments file, entry [0], field issue_url: This comment is on issue 5, which the issues file does not hold."
    );
    assert_eq!(
        comments(with(comment(1, 1), "issue_url", json!("nowhere"))),
        "comments file, entry [0], field issue_url: This should end with the number of an issue, like …/issues/12."
    );
}

/// 400 issues and 698 comments of a real project.
#[test]
fn the_real_data_comes_whole_and_twice_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/github-issues");
    let Ok(issues) = std::fs::read_to_string(folder.join("issues.json")) else {
        eprintln!("skipped: there is no {}", folder.display());
        return;
    };
    let comments = std::fs::read_to_string(folder.join("comments.json")).expect("comments beside the issues");
    let import = parse(&issues, Some(&comments)).expect("the real data can be read");
    assert_eq!((import.issues(), import.comments()), (400, 698));
    assert_eq!(import.skipped(), Skipped::default());

    let rows = import.rows("Replicache", None);
    assert_eq!(rows, parse(&issues, Some(&comments)).expect("again").rows("Replicache", None));
    for row in &rows {
        assert_eq!(check::row(row), Ok(()), "{}", row.key());
    }
    let mut world = World::default();
    for row in &rows {
        world.run(Actor::System, &Mutation::Put { row: row.clone() }).expect("every row can be put");
    }
    assert_eq!(world.rows.len(), rows.len(), "no two rows have one key");
    for row in rows {
        assert_eq!(world.run(Actor::System, &Mutation::Put { row }).expect("put again"), []);
    }
    let numbered = issue_rows(&import).iter().filter_map(|issue| issue.number).max();
    let project = named::project("Replicache");
    assert_eq!(world.counters.get(&format!("number/{project}")).copied(), numbered);
    compare_with_the_files(&world, &issues, &comments);
}

/// Texts, titles, people and labels, straight from the JSON.
fn compare_with_the_files(world: &World, issues: &str, comments: &str) {
    let project = named::project("Replicache");
    let read = |text: &str| serde_json::from_str::<Vec<Value>>(text).expect("JSON");
    let text_of = |key: crate::Key| match &world.rows[&key].row {
        Row::Description(row) => row.text.clone(),
        Row::Comment(row) => row.text.clone(),
        other => panic!("no text: {other:?}"),
    };
    for entry in read(issues) {
        let id = named::issue(project, entry["number"].as_u64().expect("a number"));
        let row = world.issue(id);
        assert_eq!(row.title, entry["title"].as_str().expect("a title"));
        assert_eq!(row.status.is_open(), entry["state"] == "open");
        assert_eq!(row.labels.len(), entry["labels"].as_array().expect("labels").len());
        assert_eq!(text_of(crate::Key::Description(id)), entry["body"].as_str().unwrap_or_default());
        let Row::User(creator) = &world.rows[&crate::Key::User(row.creator)].row else { panic!("no creator") };
        assert_eq!(creator.name, entry["user"]["login"].as_str().expect("a login"));
    }
    for entry in read(comments) {
        let id = named::comment(project, entry["id"].as_u64().expect("an id"));
        assert_eq!(text_of(crate::Key::Comment(id)), entry["body"].as_str().expect("a body"));
    }
}
