//! Ends without warning, and ends with.

use crate::world::{Came, Folder, Running, make, new_client, succeed};
use holdfast_sync::protocol::{ErrorCode, ServerFrame};
use holdfast_tracker::Scope;

#[tokio::test]
async fn a_crash_between_commit_and_answer_is_made_good_by_a_resend() {
    let folder = Folder::new();
    let server = Running::start_with(&folder.url("db"), &["--failpoint", "after-commit=2"]).await;
    let cookie = server.sign_in("Ada").await;
    let (me, project) = (new_client(), make::new_project());
    let mut ada = server.connect(&cookie).await;
    ada.hello(me, None, &[]).await;
    ada.push(1, [make::project(project)]).await;
    ada.drain().await;
    let edits = [make::issue(make::new_issue(), project, "One"), make::issue(make::new_issue(), project, "Two")];
    ada.push(2, edits.clone()).await;
    assert!(matches!(ada.next().await, Came::Broken), "it died before it answered");
    assert!(!server.ended().await.success());

    let server = Running::start(&folder.url("db")).await;
    let mut ada = server.connect(&cookie).await;
    let welcome = ada.hello(me, None, &[]).await;
    assert_eq!(welcome.settled, 3, "what was committed is there");
    ada.push(2, edits).await;
    let frames = ada.drain().await;
    let acks = frames.iter().filter(|frame| matches!(frame, ServerFrame::Ack(_))).count();
    assert_eq!((acks, frames.len()), (2, 2), "the stored answers, and nothing new: {frames:?}");
    let export = succeed(&["export", "--db", &folder.url("db")], None).await;
    assert_eq!(export.matches("\"title\":\"One\"").count(), 1);
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = Folder::new();
    let project = make::new_project();
    let mut answered = 0;
    let (cookie, me) = {
        let server = Running::start(&folder.url("db")).await;
        let cookie = server.sign_in("Ada").await;
        let me = new_client();
        let mut ada = server.connect(&cookie).await;
        ada.hello(me, None, &[]).await;
        ada.push(1, [make::project(project)]).await;
        for seq in 2..60 {
            ada.push(seq, [make::issue(make::new_issue(), project, &format!("Issue {seq}"))]).await;
        }
        while answered < 30 {
            if let ServerFrame::Ack(ack) = ada.frame().await {
                answered = ack.seq;
            }
        }
        server.kill().await;
        while let Came::Frame(frame) = ada.next().await {
            if let ServerFrame::Ack(ack) = frame {
                answered = ack.seq;
            }
        }
        (cookie, me)
    };
    let server = Running::start(&folder.url("db")).await;
    let mut ada = server.connect(&cookie).await;
    let welcome = ada.hello(me, None, &[Scope::Project(project)]).await;
    assert!(welcome.settled >= answered, "{} < {answered}", welcome.settled);
    let page = ada.until(|frame| match frame {
        ServerFrame::Snapshot(page) => Some(page),
        _ => None,
    });
    assert_eq!(page.await.total, welcome.settled - 1, "each has its issue, and there is no half of one");
}

#[tokio::test]
async fn a_restart_is_told_and_ends_in_peace() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    server.terminate().await;
    let (error, code) = ada.farewell().await;
    assert_eq!((error.code, error.retry, code), (ErrorCode::Restarting, Some(0), 1012));
    assert_eq!(error.message, "The server restarts; it will be back in a moment.");
    drop(ada);
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_client_that_never_closes_does_not_hold_up_the_end() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (ada, _) = server.join("Ada", &[]).await;
    server.terminate().await;
    // Ada reads nothing and closes nothing.
    assert_eq!(server.ended().await.code(), Some(0));
    drop(ada);
}

#[tokio::test]
async fn another_processs_writing_is_seen_by_a_running_server() {
    // As an import beside it; here a second server on the same file.
    let folder = Folder::new();
    let (one, two) = (Running::start(&folder.url("db")).await, Running::start(&folder.url("db")).await);
    let project = make::new_project();
    let (mut watcher, _) = one.join("Watcher", &[Scope::Project(project)]).await;
    let (mut ada, _) = two.join("Ada", &[]).await;
    ada.push(1, [make::project(project), make::issue(make::new_issue(), project, "From beside")]).await;
    let patch = watcher.until(|frame| match frame {
        ServerFrame::Patch(patch) if !patch.changes.is_empty() => Some(patch),
        _ => None,
    });
    patch.await;
    // And the first goes on behind it.
    watcher.push(1, [make::issue(make::new_issue(), project, "From here")]).await;
    let frames = watcher.drain().await;
    assert!(frames.iter().any(|frame| matches!(frame, ServerFrame::Ack(_))), "{frames:?}");
}
