//! Search: what is found is what a row's words say, of what the asker may read, whatever became of it.

use crate::{
    database::{WITHOUT_COLUMNS, WITHOUT_INDEX, change},
    notes::{Act, House, KEYS, Note, Notes, VAULT, note},
    world::{Folder, Running, make, new_client, run, send},
};
use axum::body::Bytes;
use holdfast_server::{
    Application, Settings,
    store::{
        Progress, Store,
        sqlite::{SqliteSettings, SqliteStore},
    },
};
use holdfast_sync::protocol::Found;
use holdfast_tracker::{
    CommentId, Mutation, Row, Scope, Tracker,
    search::{Sought, Text},
};
use http_body_util::Full;
use hyper::{Request, StatusCode, header};
use proptest::{collection, prelude::*, test_runner::TestRunner};
use std::collections::BTreeSet;
use uuid::Uuid;

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn ask(server: &Running, cookie: &str, sought: &str) -> Found<Tracker> {
    let request = server.request("GET", &format!("/api/search?q={}", encoded(sought)));
    let answer = server.send(request.header(header::COOKIE, cookie).body(Default::default()).expect("whole")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    serde_json::from_str(&answer.text).expect("it is what was found")
}

/// What was found: titles and texts, with the title of the issue a text hangs on.
async fn find(server: &Running, cookie: &str, sought: &str) -> Vec<String> {
    let word = |row: &Row| match row {
        Row::Issue(issue) => issue.title.clone(),
        Row::Description(description) => description.text.clone(),
        Row::Comment(comment) => comment.text.clone(),
        other => format!("{other:?}"),
    };
    let found = ask(server, cookie, sought).await;
    let name = |parent: Option<&Row>| parent.map(|parent| format!(" < {}", word(parent))).unwrap_or_default();
    found.rows.iter().map(|found| word(&found.row) + &name(found.parent.as_ref())).collect()
}

#[tokio::test]
async fn titles_descriptions_and_comments_are_found_as_they_are_now() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let mut ada = server.connect(&cookie).await;
    ada.hello(new_client(), None, &[Scope::Workspace]).await;
    let (project, issue, other) = (make::new_project(), make::new_issue(), make::new_issue());
    let comment = CommentId(Uuid::now_v7());
    ada.push(
        1,
        [
            make::project(project),
            make::issue(issue, project, "The till crashes at Café Zoë"),
            make::issue(other, project, "Printing"),
            Mutation::EditDescription { issue, text: "It *panics* in `read_all`: crash".into() },
            Mutation::AddComment { id: comment, issue: other, text: "Crashed here too".into() },
        ],
    )
    .await;
    ada.drain().await;
    let title = "The till crashes at Café Zoë";
    let description = format!("It *panics* in `read_all`: crash < {title}");
    let told = "Crashed here too < Printing".to_owned();
    assert_eq!(
        find(&server, &cookie, "crash").await,
        [title, &description, &told],
        "titles come first, whole words before begun ones"
    );
    assert_eq!(find(&server, &cookie, "CAFE zoe").await, [title]);
    assert_eq!(find(&server, &cookie, "read all").await, std::slice::from_ref(&description));
    assert_eq!(find(&server, &cookie, "#1").await, [title], "it is the first of its project");
    for nothing in ["", " ", "\"", "*", "rash", "crash tea", "OR", "crash OR printing", "NEAR(crash)", "till^", "';--"]
    {
        let found = find(&server, &cookie, nothing).await;
        let expected: &[&str] = if nothing == "till^" { &[title] } else { &[] };
        assert_eq!(found, expected, "{nothing:?}");
    }

    ada.push(6, [make::title(issue, "Solved"), Mutation::DeleteComment { comment, issue: other }]).await;
    ada.drain().await;
    assert_eq!(find(&server, &cookie, "crash").await, [description.replace(title, "Solved")]);
    ada.push(8, [Mutation::DeleteIssue { issue }]).await;
    ada.drain().await;
    assert_eq!(find(&server, &cookie, "crash").await, Vec::<String>::new());
    assert_eq!(server.get("/api/search?q=printing").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_answer_holds_fifty_rows_and_says_that_there_are_more() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let mut ada = server.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    let project = make::new_project();
    let issues = (1..=25).map(|n| make::issue(make::new_issue(), project, &format!("Leak {n}")));
    ada.push(1, std::iter::once(make::project(project)).chain(issues)).await;
    ada.drain().await;
    let found = ask(&server, &cookie, "leak").await;
    assert_eq!((found.rows.len(), found.more), (50, false));
    ada.push(27, [make::issue(make::new_issue(), project, "Leak 26")]).await;
    ada.drain().await;
    let found = ask(&server, &cookie, "leak").await;
    assert_eq!((found.rows.len(), found.more), (50, true));
}

async fn found_in(house: &House, cookie: &str, sought: &str) -> Vec<String> {
    let request = Request::get(format!("/api/search?q={sought}"))
        .header(header::HOST, &house.host)
        .header(header::COOKIE, cookie)
        .body(Full::<Bytes>::default());
    let answer = send(&house.host, request.expect("it is whole")).await;
    let found: Found<Notes> = serde_json::from_str(&answer.text).expect("it is what was found");
    found.rows.into_iter().map(|found| found.row.text).collect()
}

#[tokio::test]
async fn what_may_not_be_read_is_not_found_however_much_there_is_of_it() {
    let folder = Folder::new();
    let house = House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await;
    let (ada, owner) = (house.sign_in("Ada").await, house.sign_in("Owner").await);
    let users = Store::entity(&*house.store, "user").await.expect("it answers");
    let ada_is = users.iter().find(|user| user.text == "Ada").expect("she signed in").key.clone();
    let mut writer = house.connect(&owner).await;
    writer.hello(new_client(), None, &[]).await;
    // The hidden ones are newer and more than are looked at first: that look finds none that may be read.
    let seen = note(5000, "no secret at all, but a long story of one");
    writer.push(1, [Act::Write(seen)]).await;
    for first in (2..1012_u32).step_by(101) {
        let hidden = |n| Act::Write(Note { room: VAULT.to_owned(), ..note(n, "secret") });
        writer.push(u64::from(first), (first..first + 101).map(hidden)).await;
        writer.drain().await;
    }
    assert_eq!(found_in(&house, &ada, "secret").await, ["no secret at all, but a long story of one"]);

    let who = format!("Person({})", ada_is.trim_start_matches("user/"));
    writer.push(1012, [Act::Write(Note { key: KEYS.to_owned(), room: "hall".to_owned(), text: who })]).await;
    writer.drain().await;
    assert_eq!(found_in(&house, &ada, "secret").await.len(), 50);
    assert_eq!(found_in(&house, &owner, "secret").await.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_backup_that_is_taken_in_can_be_searched() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let mut ada = server.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    let project = make::new_project();
    ada.push(1, [make::project(project), make::issue(make::new_issue(), project, "Leak")]).await;
    ada.drain().await;
    let backup = run(&["export", "--db", &folder.url("db")], None).await.stdout;
    server.kill().await;
    run(&["restore", "--db", &folder.url("new")], Some(&backup)).await;
    let server = Running::start(&folder.url("new")).await;
    let cookie = server.sign_in("Ada").await;
    assert_eq!(find(&server, &cookie, "leak").await, ["Leak", "About **Leak**\n < Leak"]);
}

#[tokio::test]
async fn rows_from_before_there_was_an_index_are_found() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let mut ada = server.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    let project = make::new_project();
    ada.push(1, [make::project(project), make::issue(make::new_issue(), project, "Leak")]).await;
    ada.drain().await;
    server.terminate().await;
    assert!(server.ended().await.success());
    change(&folder.path("db"), WITHOUT_INDEX).await;
    change(&folder.path("db"), WITHOUT_COLUMNS).await;
    change(&folder.path("db"), "PRAGMA user_version = 2").await;
    let server = Running::start(&folder.url("db")).await;
    assert_eq!(find(&server, &cookie, "leak").await, ["Leak", "About **Leak**\n < Leak"]);
}

/// Words of few letters, so that they meet; accents, capitals, and what parts words.
fn any_text() -> impl Strategy<Value = String> {
    "[abcéÉß日 _.\"*-]{0,16}|\\PC{0,10}"
}

#[test]
fn the_index_finds_what_the_browser_finds() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let cases = (collection::vec(any_text(), 1..25), collection::vec("[abcéß日 ]{1,4}|\\PC{1,3}", 1..12));
    let mut runner = TestRunner::new(ProptestConfig { cases: 40, ..ProptestConfig::default() });
    let run = |(texts, searches): (Vec<String>, Vec<String>)| {
        runtime.block_on(async {
            let folder = Folder::new();
            let path = folder.path("db");
            let store = SqliteStore::<crate::notes::Hosted>::open(&path, SqliteSettings::default()).await;
            let store = store.expect("it can be opened");
            let rows: Vec<Note> = texts.iter().zip(0..).map(|(text, number)| note(number, text)).collect();
            store.put(rows.clone(), Progress::default()).await.expect("they are put");
            for text in searches {
                let sought = Sought::of(&text);
                let found = store.search(crate::notes::Who::System, crate::notes::Hosted::sought(&text), 100).await;
                let found: BTreeSet<String> =
                    found.expect("it answers").rows.into_iter().map(|found| found.row.key).collect();
                let is_found = |row: &Note| sought.rank(&Text { title: "", number: None, body: &row.text }).is_some();
                let expected = rows.iter().filter(|row| is_found(row)).map(|row| row.key.clone()).collect();
                prop_assert_eq!(found, expected, "{:?}", sought);
            }
            store.close().await;
            Ok(())
        })
    };
    runner.run(&cases, run).expect("both find the same");
}
