//! The way of a change: from one client through the log to another.

use crate::world::{Client, Folder, Running, hello, make, new_client};
use holdfast_sync::{
    Mark, RefusalCode, SyncCursor,
    protocol::{
        Ack, Body, Change, ClientFrame, ErrorCode, Held, Patch, Push, Pushed, Reject, ResyncReason, ServerFrame,
        Snapshot, Subscribe, Welcome,
    },
};
use holdfast_tracker::{Mutation, ProjectId, Row, Scope, Tracker};
use std::collections::BTreeSet;

type Frame = ServerFrame<Tracker>;

fn acks(frames: &[Frame]) -> Vec<Ack> {
    let ack = |frame: &Frame| match frame {
        ServerFrame::Ack(ack) => Some(*ack),
        _ => None,
    };
    frames.iter().filter_map(ack).collect()
}

fn rejects(frames: &[Frame]) -> Vec<Reject> {
    let reject = |frame: &Frame| match frame {
        ServerFrame::Reject(reject) => Some(reject.clone()),
        _ => None,
    };
    frames.iter().filter_map(reject).collect()
}

fn patches(frames: &[Frame]) -> Vec<Patch<Tracker>> {
    let patch = |frame: &Frame| match frame {
        ServerFrame::Patch(patch) => Some(patch.clone()),
        _ => None,
    };
    frames.iter().filter_map(patch).collect()
}

fn titles(patches: &[Patch<Tracker>]) -> Vec<String> {
    let title = |change: &Change<Tracker>| match change {
        Change::Put(stored) => match &stored.row {
            Row::Issue(issue) => Some(issue.title.clone()),
            _ => None,
        },
        Change::Remove { .. } => None,
    };
    patches.iter().flat_map(|patch| &patch.changes).filter_map(title).collect()
}

/// A server with one project; its maker has one mutation settled.
async fn with_project(folder: &Folder) -> (Running, Client<Tracker>, Welcome, ProjectId) {
    let server = Running::start(&folder.url("db")).await;
    let project = make::new_project();
    let (mut ada, welcome) = server.join("Ada", &[Scope::Project(project)]).await;
    ada.push(1, [make::project(project)]).await;
    assert_eq!(acks(&ada.drain().await).len(), 1);
    (server, ada, welcome, project)
}

#[tokio::test]
async fn what_one_pushes_the_other_is_sent() {
    let folder = Folder::new();
    let (server, mut ada, _, project) = with_project(&folder).await;
    let (mut bob, welcome) = server.join("Bob", &[Scope::Project(project)]).await;
    let issue = make::new_issue();
    ada.push(2, [make::issue(issue, project, "One"), make::title(issue, "Two")]).await;

    let mut seen: Vec<Patch<Tracker>> = Vec::new();
    while titles(&seen).last().map(String::as_str) != Some("Two") {
        let frame = bob.frame().await;
        seen.extend(patches(&[frame]));
    }
    let mut at = welcome.cursor.seq;
    for patch in &seen {
        assert_eq!(patch.from, at, "patches follow each other without a gap");
        assert_eq!(patch.settled, None, "what another did settles nothing of Bob's");
        at = patch.to;
    }

    let frames = ada.drain().await;
    assert_eq!(acks(&frames).iter().map(|ack| ack.seq).collect::<Vec<_>>(), [2, 3]);
    let own = patches(&frames);
    assert_eq!(titles(&own).last().map(String::as_str), Some("Two"));
    let settled = own.last().and_then(|patch| patch.settled.as_ref()).expect("it settles Ada's");
    assert_eq!(settled.through, 3);
}

#[tokio::test]
async fn an_author_is_sent_their_own_change_whatever_they_subscribe_to() {
    let folder = Folder::new();
    let (server, _, _, project) = with_project(&folder).await;
    let (mut bob, _) = server.join("Bob", &[]).await;
    bob.push(1, [make::issue(make::new_issue(), project, "Mine")]).await;
    assert_eq!(titles(&patches(&bob.drain().await)), ["Mine"]);
}

#[tokio::test]
async fn a_resend_gets_the_stored_answer_and_changes_nothing() {
    let folder = Folder::new();
    let (_server, mut ada, _, project) = with_project(&folder).await;
    let (fine, wrong) = (make::issue(make::new_issue(), project, "One"), make::title(make::new_issue(), "Nowhere"));
    ada.push(2, [fine.clone(), wrong.clone()]).await;
    let first = ada.drain().await;
    assert_eq!((acks(&first).len(), rejects(&first).len()), (1, 1));

    ada.push(2, [fine, wrong]).await;
    let again = ada.drain().await;
    assert_eq!(acks(&again), acks(&first));
    assert_eq!(rejects(&again), rejects(&first));
    assert!(patches(&again).is_empty(), "nothing is in the log for it");
}

#[tokio::test]
async fn another_content_under_a_known_id_is_refused_as_reused() {
    let folder = Folder::new();
    let (_server, mut ada, _, project) = with_project(&folder).await;
    let issue = make::new_issue();
    ada.push(2, [make::issue(issue, project, "One")]).await;
    ada.drain().await;
    ada.push(2, [make::title(issue, "Another")]).await;
    let frames = ada.drain().await;
    assert_eq!(
        rejects(&frames).iter().map(|reject| (reject.seq, reject.refusal.code)).collect::<Vec<_>>(),
        [(2, RefusalCode::IdReused)]
    );
    assert!(titles(&patches(&frames)).is_empty());
}

#[tokio::test]
async fn a_copy_of_a_profile_that_sends_an_edit_under_another_id_carries_it_out_once() {
    let folder = Folder::new();
    let (server, mut ada, _, project) = with_project(&folder).await;
    let (mut copy, _) = server.join("Ada", &[]).await;
    let body = Body::Mutate(make::issue(make::new_issue(), project, "One"));
    let wrong = Body::Mutate(make::title(make::new_issue(), "Nowhere"));
    let edits = |first: u64| {
        let bodies = [(body.clone(), 71), (wrong.clone(), 72)].into_iter().zip(first..);
        let pushed = bodies.map(|((body, nonce), seq)| Pushed { seq, nonce, body, bases: Vec::new() });
        ClientFrame::Push(Push { mutations: pushed.collect() })
    };
    ada.send(&edits(2)).await;
    let first = ada.drain().await;
    assert_eq!((acks(&first).len(), rejects(&first).len()), (1, 1));

    copy.send(&edits(1)).await;
    let again = copy.drain().await;
    assert_eq!((acks(&again).len(), rejects(&again)[0].refusal.code), (1, RefusalCode::NotFound));
    assert!(acks(&again)[0].at > acks(&first)[0].at, "it takes a place of its own in the log");
    assert!(titles(&patches(&again)).is_empty(), "and changes nothing there");
}

#[tokio::test]
async fn behind_a_gap_nothing_is_applied() {
    let folder = Folder::new();
    let (_server, mut ada, _, project) = with_project(&folder).await;
    let issue = make::new_issue();
    ada.push(3, [make::issue(issue, project, "Third"), make::title(issue, "Fourth")]).await;
    let frames = ada.drain().await;
    let [ServerFrame::Error(error)] = frames.as_slice() else { panic!("one error is the answer: {frames:?}") };
    assert_eq!((error.code, error.retry), (ErrorCode::Gap, Some(0)));
    assert_eq!(error.message, "Mutation 2 must come before mutation 3.");

    ada.push(2, [make::issue(issue, project, "Second")]).await;
    assert_eq!(titles(&patches(&ada.drain().await)), ["Second"]);
}

#[tokio::test]
async fn a_refusal_and_a_void_take_a_log_position_each() {
    let folder = Folder::new();
    let (_server, mut ada, _, _) = with_project(&folder).await;
    let refused =
        Pushed { seq: 2, body: Body::Mutate(make::title(make::new_issue(), "Nowhere")), bases: Vec::new(), nonce: 0 };
    let void = Pushed { seq: 3, body: Body::Void, bases: Vec::new(), nonce: 0 };
    ada.send(&ClientFrame::Push(Push { mutations: vec![refused, void] })).await;
    let frames = ada.drain().await;
    let [reject] = rejects(&frames).try_into().expect("one is refused");
    let [ack] = acks(&frames).try_into().expect("one is settled");
    assert_eq!((reject.seq, reject.refusal.code), (2, RefusalCode::NotFound));
    assert_eq!(reject.refusal.message, "This issue does not exist any more.");
    assert_eq!((ack.seq, Some(ack.at)), (3, reject.at.map(|at| at + 1)));
    let settled: Vec<_> = patches(&frames).into_iter().filter_map(|patch| patch.settled).collect();
    assert_eq!(settled.last().map(|settled| settled.through), Some(3));
    assert_eq!(settled.iter().flat_map(|settled| &settled.refused).map(|refused| refused.seq).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn the_systems_own_mutation_is_not_for_users() {
    let folder = Folder::new();
    let (_server, mut ada, _, _) = with_project(&folder).await;
    let row =
        Row::User(holdfast_tracker::User { id: holdfast_tracker::UserId(uuid::Uuid::now_v7()), name: "Eve".into() });
    ada.push(2, [Mutation::Put { row }]).await;
    assert_eq!(rejects(&ada.drain().await)[0].refusal.code, RefusalCode::NotAllowed);
}

#[tokio::test]
async fn whoever_comes_back_is_sent_what_they_missed() {
    let folder = Folder::new();
    let (server, mut ada, _, project) = with_project(&folder).await;
    let cookie = server.sign_in("Bob").await;
    let me = new_client();
    let mut bob = server.connect(&cookie).await;
    let welcome = bob.hello(me, None, &[Scope::Project(project)]).await;
    bob.drain().await;
    drop(bob);

    let issue = make::new_issue();
    ada.push(2, [make::issue(issue, project, "One"), make::title(issue, "Two")]).await;
    ada.drain().await;

    let mut bob = server.connect(&cookie).await;
    let back = bob.hello(me, Some(welcome.cursor), &[Scope::Project(project)]).await;
    assert_eq!((back.resync, back.cursor), (None, welcome.cursor));
    assert_eq!(back.head, welcome.head + 2);
    let patches = patches(&bob.drain().await);
    assert_eq!(titles(&patches), ["Two"], "a row is sent once, as it last was");
    assert_eq!(patches.last().map(|patch| patch.to), Some(back.head));
}

#[tokio::test]
async fn a_cut_between_commit_and_answer_loses_and_doubles_nothing() {
    let folder = Folder::new();
    let (server, _, _, project) = with_project(&folder).await;
    let (mut watcher, _) = server.join("Watcher", &[Scope::Project(project)]).await;
    let cookie = server.sign_in("Bob").await;
    let me = new_client();
    let mut bob = server.connect(&cookie).await;
    bob.hello(me, None, &[]).await;
    let mutation = make::issue(make::new_issue(), project, "Once");
    bob.push(1, [mutation.clone()]).await;
    // It is committed when another sees it; what was answered to it is never read.
    while titles(&patches(&[watcher.frame().await])) != ["Once"] {}
    drop(bob);

    let mut bob = server.connect(&cookie).await;
    let welcome = bob.hello(me, None, &[]).await;
    assert_eq!(welcome.settled, 1);
    bob.push(1, [mutation]).await;
    let frames = bob.drain().await;
    assert_eq!(acks(&frames), [Ack { seq: 1, at: welcome.head }]);
    assert!(patches(&frames).is_empty());
    assert!(titles(&patches(&watcher.drain().await)).is_empty());
}

#[tokio::test]
async fn a_scope_comes_in_pages_and_goes_on_where_it_was_cut() {
    let folder = Folder::new();
    let (server, mut ada, _, project) = with_project(&folder).await;
    let issues = 620;
    let mutations: Vec<_> =
        (0..issues).map(|n| make::issue(make::new_issue(), project, &format!("Issue {n}"))).collect();
    let mut first = 2;
    for chunk in mutations.chunks(200) {
        ada.push(first, chunk.to_vec()).await;
        first += chunk.len() as u64;
        ada.drain().await;
    }

    let (mut bob, welcome) = server.join("Bob", &[Scope::Project(project)]).await;
    let snapshot = |frame| match frame {
        ServerFrame::Snapshot(snapshot) => Some(snapshot),
        _ => None,
    };
    let mut pages: Vec<Snapshot<Tracker>> = vec![bob.until(snapshot).await];
    while pages.last().is_some_and(|page| page.next.is_some()) {
        pages.push(bob.until(snapshot).await);
    }
    assert!(pages.len() > 1, "so many do not fit one page");
    assert!(pages.iter().all(|page| page.total == issues && page.as_of >= welcome.cursor.seq));
    let keys: Vec<_> = pages.iter().flat_map(|page| &page.rows).map(|stored| stored.row.key()).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len() as u64, issues, "each comes once");
    assert!(keys.is_sorted());

    let (mut carl, _) = server.join("Carl", &[]).await;
    let from = keys[499].clone();
    let held = Held::UpTo(from);
    carl.send(&ClientFrame::Subscribe(Subscribe { scope: Scope::Project(project), id: 7, held })).await;
    let rest = carl.until(snapshot).await;
    assert_eq!((rest.id, rest.next), (7, None));
    assert_eq!(rest.rows.iter().map(|stored| stored.row.key()).collect::<Vec<_>>(), keys[500..]);
}

#[tokio::test]
async fn pages_and_patches_of_large_texts_stay_within_a_frame() {
    let folder = Folder::new();
    let (server, mut ada, welcome, project) = with_project(&folder).await;
    let text = "A line of text.\n".repeat(12_000);
    for n in 0..8 {
        let issue = make::new_issue();
        let edit = Mutation::EditDescription { issue, text: text.clone() };
        ada.push(2 + 2 * n, [make::issue(issue, project, "Long"), edit]).await;
        ada.drain().await;
    }
    let cookie = server.sign_in("Bob").await;
    for cursor in [None, Some(welcome.cursor)] {
        let mut bob = server.connect(&cookie).await;
        bob.hello(new_client(), cursor, &[Scope::Texts(project)]).await;
        let frames = bob.drain().await;
        // A ping is answered between pages: what is under way comes behind it.
        let mut rows = 0;
        let mut count = |frame: &Frame| {
            assert!(frame.encode().len() <= welcome.limits.frame_bytes_max);
            rows += match frame {
                ServerFrame::Snapshot(page) => page.rows.len(),
                ServerFrame::Patch(patch) => patch.changes.len(),
                _ => 0,
            };
            rows
        };
        let mut seen = frames.iter().map(&mut count).last().unwrap_or(0);
        while seen < 8 {
            seen = count(&bob.frame().await);
        }
    }
}

#[tokio::test]
async fn a_cursor_that_is_not_of_this_log_is_a_resync_with_its_reason() {
    let folder = Folder::new();
    let (server, _, welcome, project) = with_project(&folder).await;
    let cookie = server.sign_in("Bob").await;
    let here = welcome.cursor;
    let cursors = [
        (SyncCursor { epoch: holdfast_sync::Epoch(uuid::Uuid::now_v7()), ..here }, ResyncReason::Epoch),
        (SyncCursor { seq: here.seq + 1000, ..here }, ResyncReason::Ahead),
        (SyncCursor { seq: u64::MAX, ..here }, ResyncReason::Ahead),
        (SyncCursor { mark: Mark(1), ..here }, ResyncReason::Mark),
    ];
    for (cursor, reason) in cursors {
        let mut client = server.connect(&cookie).await;
        let welcome = client.hello(new_client(), Some(cursor), &[Scope::Project(project)]).await;
        assert_eq!(welcome.resync, Some(reason));
        assert_eq!(welcome.cursor.seq, welcome.head);
        let frames = client.drain().await;
        assert!(frames.iter().any(|frame| matches!(frame, ServerFrame::Snapshot(_))), "all is loaded anew");
    }
}

#[tokio::test]
async fn a_client_belongs_to_whoever_came_with_it_first() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let me = new_client();
    let (ada, eve) = (server.sign_in("Ada").await, server.sign_in("Eve").await);
    server.connect(&ada).await.hello(me, None, &[]).await;
    let mut stolen = server.connect(&eve).await;
    stolen.send(&ClientFrame::Hello(hello(me, None, &[]))).await;
    let (error, code) = stolen.farewell().await;
    assert_eq!((error.code, error.retry, code), (ErrorCode::NotYours, None, 1002));

    // The server's own is taken from the start.
    let system = holdfast_server::application::SYSTEM_CLIENT;
    let mut stolen = server.connect(&eve).await;
    stolen.send(&ClientFrame::Hello(hello(system, None, &[]))).await;
    assert_eq!(stolen.farewell().await.0.code, ErrorCode::NotYours);
}

#[tokio::test]
async fn a_scope_one_may_not_read_is_purged() {
    let folder = Folder::new();
    let (_server, mut ada, _, _) = with_project(&folder).await;
    let scope = Scope::Other("vault".into());
    ada.subscribe(scope.clone()).await;
    let frames = ada.drain().await;
    let [ServerFrame::Purge(purge)] = frames.as_slice() else { panic!("a purge is the answer: {frames:?}") };
    assert_eq!(purge.scope, scope);
}

#[tokio::test]
async fn many_at_once_each_in_its_order_each_position_once() {
    let folder = Folder::new();
    let (server, _, _, project) = with_project(&folder).await;
    let (clients, each) = (8_u64, 40);
    let mut authors = Vec::new();
    for n in 0..clients {
        authors.push(server.join(&format!("Author {n}"), &[]).await.0);
    }
    let pushed = authors.into_iter().map(|mut author| async move {
        for seq in 1..=each {
            author.push(seq, [make::issue(make::new_issue(), project, &format!("Issue {seq}"))]).await;
        }
        acks(&author.drain().await)
    });
    let answers = futures::future::join_all(pushed).await;
    let mut positions = BTreeSet::new();
    for acks in &answers {
        assert_eq!(acks.iter().map(|ack| ack.seq).collect::<Vec<_>>(), (1..=each).collect::<Vec<_>>());
        assert!(acks.is_sorted_by_key(|ack| ack.at));
        positions.extend(acks.iter().map(|ack| ack.at));
    }
    assert_eq!(positions.len() as u64, clients * each);

    let (mut reader, _) = server.join("Reader", &[Scope::Project(project)]).await;
    let page = reader
        .until(|frame| match frame {
            ServerFrame::Snapshot(page) => Some(page),
            _ => None,
        })
        .await;
    let number = |row: &Row| match row {
        Row::Issue(issue) => issue.number,
        _ => None,
    };
    let numbers: BTreeSet<u64> = page.rows.iter().filter_map(|stored| number(&stored.row)).collect();
    assert_eq!(numbers, (1..=clients * each).collect(), "numbers are dense, and each is given once");
}
