//! Database files: recognised, refused untouched, whole after every end.

use crate::world::{Folder, Running, bytes, make, refusal, succeed};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("it is a database")
}

/// Takes away what came with format 3.
pub const WITHOUT_INDEX: &str = "DROP TABLE words; DROP TABLE searched; DROP TABLE searched_version;";

/// Takes away what came with format 4.
pub const WITHOUT_COLUMNS: &str =
    "DROP TABLE columns; DROP TABLE listed; DROP TABLE columns_scopes; DROP TABLE columns_version;";

pub async fn change(path: &Path, sql: &'static str) {
    let mut connection = open(path).await;
    sqlx::raw_sql(sql).execute(&mut connection).await.expect("the statement is right");
    connection.close().await.expect("it can be closed");
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    server.terminate().await;
    assert!(server.ended().await.success());
    change(&folder.path("db"), "PRAGMA user_version = 5").await;
    let before = bytes(&folder.path("db"));
    let says = format!(
        "the database {} is of format 5, and this program knows formats up to 4: it was written by a newer Holdfast, \
         which you need to open it. It was left untouched.",
        folder.path("db").display()
    );
    for command in [vec!["serve", "--listen", "127.0.0.1:0"], vec!["export"], vec!["restore"]] {
        let url = folder.url("db");
        let args: Vec<&str> = command.iter().copied().chain(["--db", &url]).collect();
        assert_eq!(refusal(&args, None).await, says);
        assert!(bytes(&folder.path("db")) == before, "{command:?}");
    }
}

#[tokio::test]
async fn a_database_of_the_first_format_is_brought_up_to_date() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    server.terminate().await;
    assert!(server.ended().await.success());
    change(&folder.path("db"), WITHOUT_INDEX).await;
    change(&folder.path("db"), WITHOUT_COLUMNS).await;
    change(&folder.path("db"), "DROP INDEX dedupe_by_hash; PRAGMA user_version = 1").await;
    let server = Running::start(&folder.url("db")).await;
    server.terminate().await;
    assert!(server.ended().await.success());
    let mut connection = open(&folder.path("db")).await;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await.expect("it has one");
    let index = "SELECT count(*) FROM sqlite_schema WHERE name = 'dedupe_by_hash'";
    let count: i64 = sqlx::query_scalar(index).fetch_one(&mut connection).await.expect("it can be read");
    assert_eq!((version, count), (4, 1));
}

#[tokio::test]
async fn newer_data_are_refused() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    server.terminate().await;
    assert!(server.ended().await.success());
    change(&folder.path("db"), "UPDATE meta SET schema_version = 99").await;
    let said = refusal(&["export", "--db", &folder.url("db")], None).await;
    assert!(said.contains("holds data of version 99, and this program knows versions up to "), "{said}");
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_left_untouched() {
    let folder = Folder::new();
    folder.write("text", "Dear diary, this is not a database at all. ".repeat(10));
    folder.write("short", "SQLite format 3\0");
    change(&folder.path("foreign"), "CREATE TABLE diary (entry TEXT)").await;
    change(&folder.path("foreign-wal"), "PRAGMA journal_mode = WAL; CREATE TABLE diary (entry TEXT)").await;
    change(&folder.path("foreign-id"), "PRAGMA application_id = 7; CREATE TABLE diary (entry TEXT)").await;
    for name in ["text", "short", "foreign", "foreign-wal", "foreign-id"] {
        let before = bytes(&folder.path(name));
        let said = refusal(&["serve", "--listen", "127.0.0.1:0", "--db", &folder.url(name)], None).await;
        assert_eq!(said, format!("{} is not a Holdfast database; it was left untouched.", folder.path(name).display()));
        assert!(bytes(&folder.path(name)) == before, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_told() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("folder")).expect("it takes a folder");
    for name in ["folder", "nowhere/db"] {
        let said = refusal(&["serve", "--listen", "127.0.0.1:0", "--db", &folder.url(name)], None).await;
        assert!(
            said.starts_with(&format!("the database {} cannot be opened: ", folder.path(name).display())),
            "{said}"
        );
    }
    let said = refusal(&["export", "--db", &folder.url("nothing")], None).await;
    assert_eq!(said, format!("there is no database {}", folder.path("nothing").display()));
    assert!(!folder.path("nothing").exists());
}

#[tokio::test]
async fn a_port_in_use_is_told() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let said = refusal(&["serve", "--listen", &server.host, "--db", &folder.url("other")], None).await;
    assert_eq!(
        said,
        format!(
            "cannot listen on {}: another program does already; end it, or choose another with --listen",
            server.host
        )
    );
    assert!(!folder.path("other").exists(), "no database is made for nothing");
}

#[tokio::test]
async fn other_machines_are_let_in_by_name_only() {
    let folder = Folder::new();
    let said = refusal(&["serve", "--listen", "0.0.0.0:0", "--db", &folder.url("db")], None).await;
    assert_eq!(said, "0.0.0.0 can be reached by other machines; say --allow-remote if that is meant");
}

#[tokio::test]
async fn a_database_stands_as_it_should_and_is_whole_after_every_end() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    let project = make::new_project();
    ada.push(1, [make::project(project)]).await;
    ada.drain().await;
    let mut beside = open(&folder.path("db")).await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut beside).await.expect("it answers");
    assert_eq!(mode, "wal");
    drop(beside);
    server.kill().await;

    let check = async || {
        let mut connection = open(&folder.path("db")).await;
        let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.expect("ok");
        let keys = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.expect("it answers");
        let counted: Vec<(String, i64)> = sqlx::query_as("SELECT scope, count(*) FROM rows GROUP BY scope")
            .fetch_all(&mut connection)
            .await
            .expect("ok");
        let kept: Vec<(String, i64)> = sqlx::query_as("SELECT * FROM scopes WHERE total > 0 ORDER BY scope")
            .fetch_all(&mut connection)
            .await
            .expect("ok");
        assert_eq!((whole.as_str(), keys.len()), ("ok", 0));
        assert_eq!(counted, kept, "the rows of a scope are counted right");
        connection.close().await.expect("it can be closed");
    };
    check().await;
    let server = Running::start(&folder.url("db")).await;
    let (mut bob, _) = server.join("Bob", &[]).await;
    let issue = make::new_issue();
    bob.push(1, [make::issue(issue, project, "One"), holdfast_tracker::Mutation::DeleteIssue { issue }]).await;
    bob.drain().await;
    server.terminate().await;
    assert!(server.ended().await.success());
    assert!(!folder.path("db-wal").exists(), "an end in peace leaves one file");
    check().await;
    assert!(succeed(&["export", "--db", &folder.url("db")], None).await.contains("\"Web\""));
}
