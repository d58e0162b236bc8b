//! Export and restore.

use crate::world::{Folder, Running, make, new_client, refusal, succeed};
use holdfast_sync::protocol::{ResyncReason, ServerFrame, Welcome};
use holdfast_tracker::{Mutation, ProjectId, Scope};

/// A database with two people, a project and an issue with odd texts; what its author was told.
async fn filled(folder: &Folder) -> (holdfast_sync::ClientId, Welcome, ProjectId, String) {
    let server = Running::start(&folder.url("old")).await;
    let (project, issue) = (make::new_project(), make::new_issue());
    let cookie = server.sign_in("Ada").await;
    server.sign_in("Bob").await;
    let me = new_client();
    let mut ada = server.connect(&cookie).await;
    ada.hello(me, None, &[]).await;
    let text = "Zeile 1\r\n\t\"Ünï\" \u{1f980} </script> \u{2028} \\n".to_owned();
    let edits = [
        make::project(project),
        make::issue(issue, project, "Ünï \u{1f980}"),
        Mutation::EditDescription { issue, text },
        make::title(make::new_issue(), "Nowhere"),
    ];
    ada.push(1, edits).await;
    ada.drain().await;
    let mut again = server.connect(&cookie).await;
    let welcome = again.hello(me, None, &[]).await;
    server.terminate().await;
    assert!(server.ended().await.success());
    (me, welcome, project, succeed(&["export", "--db", &folder.url("old")], None).await)
}

#[tokio::test]
async fn what_is_restored_exports_the_same() {
    let folder = Folder::new();
    let (.., export) = filled(&folder).await;
    assert_eq!(succeed(&["export", "--db", &folder.url("old")], None).await, export, "two exports are the same");
    assert!(
        export.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok_and(|v| v["kind"].is_string()))
    );
    assert!(export.contains("Ünï \u{1f980}"), "texts stand as they are");

    succeed(&["restore", "--db", &folder.url("new")], Some(export.as_bytes())).await;
    assert_eq!(succeed(&["export", "--db", &folder.url("new")], None).await, export);
}

#[tokio::test]
async fn a_client_of_the_restored_server_starts_over_and_doubles_nothing() {
    let folder = Folder::new();
    let (me, before, project, export) = filled(&folder).await;
    succeed(&["restore", "--db", &folder.url("new")], Some(export.as_bytes())).await;
    let server = Running::start(&folder.url("new")).await;
    let cookie = server.sign_in("ada").await;
    let mut ada = server.connect(&cookie).await;
    let welcome = ada.hello(me, Some(before.cursor), &[Scope::Project(project)]).await;
    assert_eq!(welcome.resync, Some(ResyncReason::Epoch), "it is another life of the log");
    assert_eq!((welcome.settled, welcome.head), (4, before.head), "and all that was answered still is");
    ada.push(1, [make::project(project)]).await;
    let frames = ada.drain().await;
    assert!(frames.iter().any(|frame| matches!(frame, ServerFrame::Ack(ack) if ack.seq == 1)), "{frames:?}");
    assert!(!frames.iter().any(|frame| matches!(frame, ServerFrame::Patch(_))));
    ada.push(5, [make::issue(make::new_issue(), project, "After")]).await;
    let frames = ada.drain().await;
    let number = frames.iter().find_map(|frame| match frame {
        ServerFrame::Patch(patch) => patch.changes.iter().find_map(|change| match change {
            holdfast_sync::protocol::Change::Put(stored) => match &stored.row {
                holdfast_tracker::Row::Issue(issue) => issue.number,
                _ => None,
            },
            _ => None,
        }),
        _ => None,
    });
    assert_eq!(number, Some(2), "counters go on where they stood");
}

#[tokio::test]
async fn only_an_empty_database_is_restored_into() {
    let folder = Folder::new();
    let (.., export) = filled(&folder).await;
    let said = refusal(&["restore", "--db", &folder.url("old")], Some(export.as_bytes())).await;
    assert_eq!(
        said,
        "nothing was restored: the database already holds data (its log stands at 7); restore into a new file"
    );
    assert_eq!(succeed(&["export", "--db", &folder.url("old")], None).await, export);
}

#[tokio::test]
async fn a_bad_backup_is_refused_with_its_place_and_leaves_nothing() {
    let folder = Folder::new();
    let (.., export) = filled(&folder).await;
    let lines: Vec<&str> = export.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n");
    let cut_in_line = &export[..export.len() - 10];
    let twice = format!("{export}{}\n", lines[lines.len() - 1]);
    let newer = export.replacen("\"format\":1", "\"format\":9", 1);
    let no_meta = lines[1..].join("\n");
    let wrong_key =
        export.replacen("{\"kind\":\"row\",\"key\":\"description/", "{\"kind\":\"row\",\"key\":\"description/0", 1);
    let count = lines.len();
    let cases: [(&str, &str, String); 9] = [
        ("nothing", "", "line 1 of the backup: the backup is empty".into()),
        ("no JSON", "hello\n", "line 1 of the backup: expected value at line 1 column 1".into()),
        ("no meta", &no_meta, "line 1 of the backup: the first line must be the meta line".into()),
        (
            "a line lost",
            &without_last,
            format!("line {count} of the backup: the backup was cut short: it promises Counts"),
        ),
        ("cut within a line", cut_in_line, format!("line {count} of the backup: EOF while parsing")),
        ("a row twice", &twice, format!("line {} of the backup: ", count + 1)),
        (
            "a newer format",
            &newer,
            "line 1 of the backup: it is of backup format 9, and this program knows up to 1".into(),
        ),
        (
            "an unknown kind",
            &export.replacen("\"kind\":\"client\"", "\"kind\":\"clown\"", 1),
            "line 2 of the backup: unknown kind \"clown\"".into(),
        ),
        ("a row under another's key", &wrong_key, "line ".into()),
    ];
    for (what, backup, says) in cases {
        let said = refusal(&["restore", "--db", &folder.url("new")], Some(backup.as_bytes())).await;
        assert!(said.starts_with(&format!("nothing was restored: {says}")), "{what}: {said}");
        assert!(!folder.path("new").exists(), "{what}");
    }
    succeed(&["restore", "--db", &folder.url("new")], Some(export.as_bytes())).await;
}

#[tokio::test]
async fn a_backup_lets_nobody_sign_in() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("old")).await;
    let cookie = server.sign_in("Ada").await;
    let export = succeed(&["export", "--db", &folder.url("old")], None).await;
    let token = cookie.strip_prefix("holdfast_session=").expect("it is the session's");
    assert!(!export.contains("session") && !export.contains(token), "{export}");
}
