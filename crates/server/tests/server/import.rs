//! `import github` and `seed`.

use crate::world::{Folder, Running, refusal, run, succeed};
use holdfast_sync::protocol::ServerFrame;
use holdfast_tracker::{Row, Scope, named};
use serde_json::{Value, json};

fn user(login: &str) -> Value {
    json!({ "login": login, "id": 7, "type": "User" })
}

fn issue(number: u64, title: &str) -> Value {
    json!({
        "id": 1000 + number, "number": number, "title": title, "body": "Some *Markdown*\r\n", "state": "open",
        "user": user("dev-01"), "assignee": null, "assignees": [],
        "labels": [{ "id": 1, "name": "bug", "color": "d73a4a" }],
        "comments": 0, "created_at": "2024-01-02T03:04:05Z", "updated_at": "2024-02-03T04:05:06Z", "closed_at": null,
    })
}

fn comment(id: u64, issue: u64) -> Value {
    json!({
        "id": id, "issue_url": format!("https://api.github.com/repos/o/r/issues/{issue}"), "user": user("dev-02"),
        "body": "Me too", "created_at": "2024-01-03T00:00:00Z", "updated_at": "2024-01-03T00:00:00Z",
    })
}

fn pull_request(number: u64) -> Value {
    let mut issue = issue(number, "A pull request");
    issue["pull_request"] = json!({ "url": "https://api.github.com/repos/o/r/pulls/9" });
    issue
}

/// The command's arguments for these files.
struct Files {
    folder: Folder,
    issues: String,
    comments: String,
    url: String,
}

impl Files {
    fn of(issues: &str, comments: &str) -> Self {
        let folder = Folder::new();
        let text = |path: std::path::PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
        let (issues, comments) =
            (text(folder.write("issues.json", issues)), text(folder.write("comments.json", comments)));
        let url = folder.url("db");
        Self { folder, issues, comments, url }
    }

    fn args(&self) -> Vec<&str> {
        vec![
            "import",
            "github",
            "--issues",
            &self.issues,
            "--comments",
            &self.comments,
            "--project",
            "Web",
            "--db",
            &self.url,
        ]
    }
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let issues = json!([issue(3, "Ünï \u{1f980}"), pull_request(4), issue(9, "Nine")]).to_string();
    let files = Files::of(&issues, &json!([comment(1, 3), comment(2, 9), comment(3, 4)]).to_string());
    let first = run(&files.args(), None).await;
    assert!(first.status.success());
    assert_eq!(String::from_utf8_lossy(&first.stdout), "10 changed, 0 unchanged\n");
    let said = String::from_utf8_lossy(&first.stderr).into_owned();
    assert!(
        said.starts_with("Read 2 issues and 2 comments.\nSkipped 1 pull requests and 1 comments on them.\n"),
        "{said}"
    );

    let export = succeed(&["export", "--db", &files.url], None).await;
    assert_eq!(succeed(&files.args(), None).await, "0 changed, 10 unchanged\n");
    assert_eq!(succeed(&["export", "--db", &files.url], None).await, export, "nor does the log move");
    assert!(export.contains("\"title\":\"Ünï \u{1f980}\"") && export.contains("\"text\":\"Some *Markdown*\\r\\n\""));
}

#[tokio::test]
async fn an_import_appears_at_a_running_server() {
    let files = Files::of(&json!([issue(3, "Three")]).to_string(), "[]");
    let server = Running::start(&files.url).await;
    let (mut watcher, _) = server.join("Watcher", &[Scope::Project(named::project("Web"))]).await;
    assert_eq!(succeed(&files.args(), None).await, "5 changed, 0 unchanged\n");
    let issue = watcher.until(|frame| match frame {
        ServerFrame::Patch(patch) => patch.changes.into_iter().find_map(|change| match change {
            holdfast_sync::protocol::Change::Put(stored) => match stored.row {
                Row::Issue(issue) => Some(issue),
                _ => None,
            },
            _ => None,
        }),
        _ => None,
    });
    let issue = issue.await;
    assert_eq!((issue.number, issue.title.as_str()), (Some(3), "Three"));

    // The server's own next number is behind the imported ones.
    let project = named::project("Web");
    watcher.push(1, [crate::world::make::issue(crate::world::make::new_issue(), project, "Four")]).await;
    let frames = watcher.drain().await;
    let four = frames.iter().any(|frame| frame.encode().contains("\"number\":4"));
    assert!(four, "{frames:?}");
}

#[tokio::test]
async fn whoever_was_imported_can_sign_in_by_their_name() {
    let files = Files::of(&json!([issue(3, "Three")]).to_string(), "[]");
    succeed(&files.args(), None).await;
    let server = Running::start(&files.url).await;
    let cookie = server.sign_in("DEV-01").await;
    let request = server.request("GET", "/api/session").header("cookie", cookie);
    let answer = server.send(request.body(Default::default()).expect("it is whole")).await;
    let who: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(who["user"], json!({ "id": named::user("dev-01"), "name": "dev-01" }));
}

#[tokio::test]
async fn a_bad_file_is_refused_with_its_place_and_leaves_nothing() {
    let good = json!([issue(3, "Three")]).to_string();
    let mut no_title = issue(4, "");
    no_title.as_object_mut().expect("it is one").remove("title");
    let twice = json!([issue(3, "Three"), issue(3, "Three again")]).to_string();
    let cases: [(&str, String, String, &str); 6] = [
        ("no JSON", "[{".into(), "[]".into(), "issues.json, line 1, column 2: "),
        ("cut short", good[..good.len() - 30].into(), "[]".into(), "issues.json, line 1, column "),
        (
            "no array",
            "{\"message\":\"Not Found\"}".into(),
            "[]".into(),
            "issues.json, line 1, column 1: This should be a JSON array of issues, but is an object.",
        ),
        ("a field missing", json!([issue(3, "Three"), no_title]).to_string(), "[]".into(), "issues.json, entry [1]"),
        ("a number twice", twice, "[]".into(), "issues.json, entry [1], field number: "),
        (
            "a comment on nothing",
            good.clone(),
            json!([comment(1, 77)]).to_string(),
            "comments.json, entry [0], field issue_url: ",
        ),
    ];
    for (what, issues, comments, place) in cases {
        let files = Files::of(&issues, &comments);
        let said = refusal(&files.args(), None).await;
        let begins = format!("nothing was imported: {}", files.folder.path("").display());
        let rest = said.strip_prefix(&begins).unwrap_or_else(|| panic!("{what}: {said}"));
        assert!(rest.starts_with(place), "{what}: {said}");
        assert!(!files.folder.path("db").exists(), "{what}: no database is made for nothing");
    }
}

#[tokio::test]
async fn what_the_tracker_refuses_undoes_the_whole_import() {
    let files = Files::of(&json!([issue(1, "Fine"), issue(2, "Fine too")]).to_string(), "[]");
    succeed(&files.args(), None).await;
    let before = succeed(&["export", "--db", &files.url], None).await;
    // Of the right form, but no row of the tracker's: refused when it is put, behind others.
    let long = "x".repeat(300_000);
    let mut bad = issue(8, "Eight");
    bad["body"] = json!(long);
    files.folder.write("issues.json", json!([issue(7, "Seven"), bad]).to_string());
    let said = refusal(&files.args(), None).await;
    assert!(said.starts_with("nothing was imported: "), "{said}");
    assert_eq!(succeed(&["export", "--db", &files.url], None).await, before);
}

#[tokio::test]
async fn files_that_are_not_there_and_names_that_are_none() {
    let files = Files::of("[]", "[]");
    let mut args = files.args();
    args[3] = "/nowhere/issues.json";
    assert_eq!(
        refusal(&args, None).await,
        "nothing was imported: /nowhere/issues.json cannot be read: No such file or directory (os error 2)"
    );
    let mut args = files.args();
    args[7] = "  ";
    assert_eq!(refusal(&args, None).await, "--project: The project's name cannot be empty.");
}

#[tokio::test]
async fn a_seed_gives_the_same_each_time_and_is_not_mixed() {
    let folder = Folder::new();
    let seed = async |db: &str, issues: &str, seed: &str| {
        run(&["seed", "--issues", issues, "--seed", seed, "--db", &folder.url(db)], None).await
    };
    let rows = async |db: &str| -> Vec<String> {
        let export = succeed(&["export", "--db", &folder.url(db)], None).await;
        // The workspace's own row is made anew in each database.
        export
            .lines()
            .filter(|line| line.contains("\"kind\":\"row\"") && !line.contains("workspace/"))
            .map(str::to_owned)
            .collect()
    };
    assert!(seed("one", "40", "7").await.status.success());
    assert!(seed("two", "40", "7").await.status.success());
    assert!(rows("one").await.len() > 100);
    assert_eq!(rows("one").await, rows("two").await);
    let again = seed("one", "40", "7").await;
    assert!(String::from_utf8_lossy(&again.stdout).starts_with("0 changed, "));
    let other = seed("one", "40", "8").await;
    assert_eq!(other.status.code(), Some(1));
    assert_eq!(rows("one").await, rows("two").await);
}

/// The real issues, where they are at hand; they are not for this repository.
#[tokio::test]
async fn the_real_issues_come_whole() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/github-issues");
    let (issues, comments) = (format!("{data}/issues.json"), format!("{data}/comments.json"));
    if !std::path::Path::new(&issues).exists() {
        eprintln!("left out: {issues} is not there");
        return;
    }
    let folder = Folder::new();
    let url = folder.url("db");
    let args =
        ["import", "github", "--issues", &issues, "--comments", &comments, "--project", "Replicache", "--db", &url];
    succeed(&args, None).await;
    let export = succeed(&["export", "--db", &url], None).await;
    let count = |entity: &str| export.matches(&format!("{{\"kind\":\"row\",\"key\":\"{entity}/")).count();
    assert_eq!((count("issue"), count("description"), count("comment")), (400, 400, 698));
    assert!(succeed(&args, None).await.starts_with("0 changed, "));
    assert_eq!(succeed(&["export", "--db", &url], None).await, export);
}
