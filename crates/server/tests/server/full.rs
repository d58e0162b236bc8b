//! No room left to write to. The system's limit on the size of files stands in for the disk:
//! a write-ahead log that cannot grow, and later can.

use crate::world::{Folder, Running, make, new_client};
use holdfast_sync::protocol::{Reject, ServerFrame, Snapshot};
use holdfast_tracker::{Scope, Tracker};

fn reject(frames: &[ServerFrame<Tracker>]) -> Option<&Reject> {
    frames.iter().find_map(|frame| match frame {
        ServerFrame::Reject(reject) => Some(reject),
        _ => None,
    })
}

fn snapshot(frame: ServerFrame<Tracker>) -> Option<Snapshot<Tracker>> {
    match frame {
        ServerFrame::Snapshot(snapshot) => Some(snapshot),
        _ => None,
    }
}

#[tokio::test]
async fn edits_are_put_off_while_reads_go_on_and_it_heals_by_itself() {
    let folder = Folder::new();
    let server = Running::start_holdable(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let (me, project) = (new_client(), make::new_project());
    let mut ada = server.connect(&cookie).await;
    ada.hello(me, None, &[]).await;
    ada.push(1, [make::project(project)]).await;
    ada.drain().await;

    server.hold("600000").await;
    let mut seq = 2;
    let mut edits = [make::issue(make::new_issue(), project, "Issue")];
    let refused = loop {
        ada.push(seq, edits.clone()).await;
        let frames = ada.drain().await;
        if let Some(reject) = reject(&frames) {
            break reject.clone();
        }
        seq += 1;
        edits = [make::issue(make::new_issue(), project, "Issue")];
    };
    assert_eq!((refused.seq, refused.at), (seq, None), "it passes: nothing is settled");
    let says = &refused.refusal.message;
    assert!(says.starts_with("The server") && says.ends_with(" Your edit is kept and sent again."), "{says}");

    ada.subscribe(Scope::Project(project)).await;
    assert_eq!(ada.until(snapshot).await.total, seq - 2, "what was confirmed can be read");
    assert_eq!(server.get("/healthz").await.status, 200);

    server.hold("unlimited").await;
    ada.push(seq, edits).await;
    let frames = ada.drain().await;
    assert!(frames.iter().any(|frame| matches!(frame, ServerFrame::Ack(ack) if ack.seq == seq)), "{frames:?}");
    server.kill().await;

    let server = Running::start(&folder.url("db")).await;
    let mut ada = server.connect(&cookie).await;
    assert_eq!(ada.hello(me, None, &[Scope::Project(project)]).await.settled, seq);
    assert_eq!(ada.until(snapshot).await.total, seq - 1, "each edit is there once");
}
