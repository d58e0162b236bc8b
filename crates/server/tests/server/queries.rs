//! Queries: SQL finds what the Rust predicate says, in its order, page by page; and what a client is sent of a
//! query it watches is what concerns that query.

use crate::{
    database::{WITHOUT_COLUMNS, change},
    hosted::Hosted,
    world::{Client, Folder, Running, make, new_client},
};
use holdfast_server::store::{
    Progress, Store,
    sqlite::{SqliteSettings, SqliteStore},
};
use holdfast_sync::{
    protocol::{Change, ClientFrame, Ping, Reach, Results, ServerFrame, Unwatch, Watch, WatchTotal},
    schema::{Place, Query},
};
use holdfast_tracker::{
    Actor, Asked, Comment, CommentId, Issue, IssueId, LabelId, Mutation, Priority, ProjectId, Row, Status, Tracker,
    UserId,
    filter::{IssueFilter, IssueQuery, IssueSort, SortKey},
};
use proptest::{collection, option, prelude::*, sample, test_runner::TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn project(number: u128) -> ProjectId {
    ProjectId(Uuid::from_u128(number))
}

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

/// Texts of few letters, with capitals and accents.
fn any_title() -> impl Strategy<Value = String> {
    "[abAÉé1#][abAÉé 1#]{0,4}[abAÉé1#]|[a-zß日é]{1,6}"
}

prop_compose! {
    fn any_issue()(
        (id, number, title) in (0..40_u128, option::of(1..30_u64), any_title()),
        status in sample::select(&Status::ALL[..]),
        priority in sample::select(&Priority::ALL[..]),
        (assignee, labels) in (option::of(0..3_u128), collection::btree_set(0..4_u128, 0..3)),
        (created_at, updated_at) in (-2..3_i64, -2..3_i64),
    ) -> Row {
        Row::Issue(Issue {
            id: IssueId(Uuid::from_u128(id)),
            // It never moves to another.
            project: project(id % 2),
            number,
            title,
            status,
            priority,
            assignee: assignee.map(user),
            labels: labels.into_iter().map(|label| LabelId(Uuid::from_u128(label))).collect(),
            creator: user(0),
            created_at,
            updated_at,
        })
    }
}

prop_compose! {
    fn any_comment()((id, created_at) in (0..40_u128, 0..3_i64)) -> Row {
        let issue = id % 6;
        Row::Comment(Comment {
            id: CommentId(Uuid::from_u128(id)),
            issue: IssueId(Uuid::from_u128(issue)),
            project: project(issue % 2),
            author: user(0),
            text: "Here".to_owned(),
            created_at,
            edited_at: None,
        })
    }
}

fn any_query() -> impl Strategy<Value = Asked> {
    let filter = (
        collection::btree_set(sample::select(&Status::ALL[..]), 0..3),
        collection::btree_set(sample::select(&Priority::ALL[..]), 0..3),
        collection::btree_set(option::of((0..3_u128).prop_map(user)), 0..3),
        collection::btree_set((0..4_u128).prop_map(|label| LabelId(Uuid::from_u128(label))), 0..3),
        prop_oneof![2 => Just(String::new()), 1 => "[abé]{1,2}|#?[0-9]{1,2}|\\x00|[aÉ] "],
    );
    let issues = (filter, sample::select(&SortKey::ALL[..]), any::<bool>(), 0..2_u128).prop_map(
        |((statuses, priorities, assignees, labels, text), key, descending, of)| Asked::Issues {
            project: project(of),
            query: IssueQuery {
                filter: IssueFilter { statuses, priorities, assignees, labels, text },
                sort: IssueSort { key, descending },
                group: None,
            },
        },
    );
    let id = || (0..40_u128).prop_map(|id| IssueId(Uuid::from_u128(id)));
    prop_oneof![
        8 => issues,
        1 => (id(), 0..2_u128).prop_map(|(id, of)| Asked::Issue { project: project(of), id }),
        1 => (id(), 0..2_u128).prop_map(|(issue, of)| Asked::Texts { project: project(of), issue }),
    ]
}

/// All pages of a query, and how many rows it has.
async fn read(store: &SqliteStore<Hosted>, query: &Asked, limit: usize) -> (Vec<Row>, u64) {
    let (mut rows, mut after, mut total) = (Vec::new(), None::<Place>, None);
    loop {
        if total.is_none() {
            let counted = store.query(Actor::System, query.clone(), after.clone(), 0, true).await.expect("it answers");
            let counted = counted.expect("the system may read all");
            assert_eq!(counted.rows, []);
            total = counted.total;
        }
        let page = store.query(Actor::System, query.clone(), after, limit, false).await.expect("it answers");
        let page = page.expect("the system may read all");
        assert!(page.rows.len() <= limit && page.total.is_none());
        rows.extend(page.rows.into_iter().map(|stored| stored.row));
        match rows.last().filter(|_| page.more) {
            Some(last) => after = Some(query.place(last)),
            None => return (rows, total.unwrap_or_default()),
        }
    }
}

/// The same by the predicate.
fn expect(rows: &BTreeMap<String, Row>, query: &Asked) -> Vec<Row> {
    let mut met: Vec<Row> =
        rows.values().filter(|row| row.scope() == query.scope() && query.meets(row)).cloned().collect();
    met.sort_by_key(|row| query.place(row));
    met
}

#[test]
fn sql_finds_what_the_predicate_says_in_its_order() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let row = || prop_oneof![4 => any_issue(), 1 => any_comment()];
    let rows = (collection::vec(row(), 1..60), collection::vec(row(), 0..20));
    // Walked, sorted, and what is less of the two.
    let cases = (rows, collection::vec(any_query(), 1..30), sample::select(&[0, 4, 1000][..]));
    let mut runner = TestRunner::new(ProptestConfig { cases: 45, ..ProptestConfig::default() });
    let run = |((first, second), queries, sorted_max): ((Vec<Row>, Vec<Row>), Vec<Asked>, u64)| {
        runtime.block_on(async {
            let folder = Folder::new();
            let settings = SqliteSettings { sorted_max, ..SqliteSettings::default() };
            let store = SqliteStore::<Hosted>::open(&folder.path("db"), settings).await.expect("it can be opened");
            let mut rows = BTreeMap::new();
            // The second time many of the first are others.
            for some in [first, second] {
                // A row is put once in a transaction, and stays in its project.
                let some: BTreeMap<String, Row> = some.into_iter().map(|row| (row.key().to_string(), row)).collect();
                store.put(some.values().cloned().collect(), Progress::default()).await.expect("they are put");
                rows.extend(some);
                for (query, limit) in queries.iter().zip([1, 2, 3, 100].into_iter().cycle()) {
                    let (found, total) = read(&store, query, limit).await;
                    let expected = expect(&rows, query);
                    prop_assert_eq!(total, expected.len() as u64, "{:?}", query);
                    prop_assert_eq!(found, expected, "{:?}", query);
                }
            }
            store.close().await;
            Ok(())
        })
    };
    runner.run(&cases, run).expect("both find the same");
}

fn watch(id: u64, query: Asked, rows: u64) -> ClientFrame<Tracker> {
    ClientFrame::Watch(Watch { id, query, held: Reach::Nothing, total: None, rows, more: rows })
}

fn todo(of: ProjectId) -> Asked {
    Asked::Issues { project: of, query: IssueQuery::from_query("status=todo&sort=number") }
}

/// The next page.
async fn results(client: &mut Client<Tracker>) -> Results<Tracker> {
    let page = client.until(|frame| match frame {
        ServerFrame::Results(page) => Some(page),
        _ => None,
    });
    page.await
}

/// Rows and totals that a client is told until the log stands at a position.
async fn told(client: &mut Client<Tracker>, to: u64) -> (BTreeSet<String>, Vec<WatchTotal>) {
    let (mut keys, mut totals) = (BTreeSet::new(), Vec::new());
    loop {
        let patch = client.until(|frame| match frame {
            ServerFrame::Patch(patch) => Some(patch),
            _ => None,
        });
        let patch = patch.await;
        keys.extend(patch.changes.iter().map(|change| match change {
            Change::Put(stored) => format!("put {}", stored.row.key()),
            Change::Remove { key, .. } => format!("remove {key}"),
        }));
        totals.extend(patch.totals);
        if patch.to >= to {
            return (keys, totals);
        }
    }
}

#[tokio::test]
async fn a_client_is_sent_what_enters_changes_or_leaves_what_it_holds_of_a_query_and_the_totals() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut writer, _) = server.join("Ada", &[]).await;
    let of = make::new_project();
    let issues: Vec<IssueId> = (0..5).map(|_| make::new_issue()).collect();
    let mut seq = 0;
    let mut made = vec![make::project(of)];
    for issue in &issues {
        made.push(make::issue(*issue, of, "Paint"));
        made.push(Mutation::SetStatus { issue: *issue, status: Status::Todo });
    }
    let count = made.len() as u64;
    writer.push(1, made).await;
    seq += count;
    writer.until(|frame| matches!(frame, ServerFrame::Ack(ack) if ack.seq == seq).then_some(())).await;

    let (mut reader, _) = server.join("Bo", &[]).await;
    reader.send(&watch(7, todo(of), 2)).await;
    let page = results(&mut reader).await;
    let keys: Vec<String> = page.rows.iter().map(|stored| stored.row.key().to_string()).collect();
    let key = |place: usize| format!("issue/{}", issues[place]);
    assert_eq!((keys, page.total, page.next.is_some()), (vec![key(0), key(1)], None, true));
    let counted = results(&mut reader).await;
    assert_eq!((counted.rows.len(), counted.total, &counted.next), (0, Some(5), &page.next));

    // The fourth is beyond what is held: of what becomes of it only the total is told.
    let mut settle = async |mutation: Mutation| {
        seq += 1;
        writer.push(seq, [mutation]).await;
        let at = |frame| match frame {
            ServerFrame::Ack(ack) if ack.seq == seq => Some(ack.at),
            _ => None,
        };
        writer.until(at).await
    };
    settle(Mutation::SetTitle { issue: issues[3], title: "Sand".into() }).await;
    let at = settle(Mutation::SetStatus { issue: issues[3], status: Status::Done }).await;
    let total = |count| vec![WatchTotal { id: 7, count }];
    assert_eq!(told(&mut reader, at).await, (BTreeSet::new(), total(4)));
    let at = settle(Mutation::SetTitle { issue: issues[0], title: "Sand".into() }).await;
    assert_eq!(told(&mut reader, at).await, ([format!("put {}", key(0))].into(), vec![]));
    let at = settle(Mutation::SetStatus { issue: issues[0], status: Status::Done }).await;
    assert_eq!(told(&mut reader, at).await, ([format!("remove {}", key(0))].into(), total(3)));
    let at = settle(Mutation::SetStatus { issue: issues[0], status: Status::Todo }).await;
    assert_eq!(told(&mut reader, at).await, ([format!("put {}", key(0))].into(), total(4)));

    // The next page goes on behind the last row, and no longer is no longer.
    let held = Reach::UpTo(page.next.expect("there is more"));
    let more = Watch { id: 7, query: todo(of), held, total: None, rows: 100, more: 98 };
    reader.send(&ClientFrame::Watch(more)).await;
    let page = results(&mut reader).await;
    let keys: Vec<String> = page.rows.iter().map(|stored| stored.row.key().to_string()).collect();
    assert_eq!((keys, page.next), (vec![key(2), key(4)], None));
    reader.send(&ClientFrame::Unwatch(Unwatch { id: 7 })).await;
    let at = settle(Mutation::SetStatus { issue: issues[1], status: Status::Done }).await;
    reader.send(&ClientFrame::Ping(Ping { nonce: 1 })).await;
    assert_eq!(told(&mut reader, at).await, (BTreeSet::new(), vec![]));
}

#[tokio::test]
async fn rows_from_before_there_were_columns_are_found() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let mut ada = server.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    let (of, issue) = (make::new_project(), make::new_issue());
    let status = Mutation::SetStatus { issue, status: Status::Todo };
    ada.push(1, [make::project(of), make::issue(issue, of, "Leak"), status]).await;
    ada.drain().await;
    server.terminate().await;
    assert!(server.ended().await.success());
    change(&folder.path("db"), WITHOUT_COLUMNS).await;
    change(&folder.path("db"), "PRAGMA user_version = 3").await;
    let server = Running::start(&folder.url("db")).await;
    let (mut reader, _) = server.join("Bo", &[]).await;
    reader.send(&watch(1, todo(of), 10)).await;
    let counted = results(&mut reader).await;
    assert_eq!((counted.rows.len(), counted.total), (1, Some(1)));
}
