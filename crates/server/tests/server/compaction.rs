//! The log cut off: who stands behind the cut goes on, who stands before it starts over.

use crate::{
    notes::{Act, House, answers, note},
    world::{Folder, new_client},
};
use holdfast_server::{Settings, clock::now_ms, store::Store, store::sqlite::SqliteSettings};
use holdfast_sync::protocol::ResyncReason;

const HALL: &str = "hall";

async fn house(folder: &Folder) -> House {
    House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await
}

#[tokio::test]
async fn whoever_stands_before_the_cut_loads_anew() {
    let folder = Folder::new();
    let first = house(&folder).await;
    let cookie = first.sign_in("Ada").await;
    let (author, early, late) = (new_client(), new_client(), new_client());
    let mut ada = first.connect(&cookie).await;
    ada.hello(author, None, &[]).await;
    let start = first.connect(&cookie).await.hello(early, None, &[HALL.to_owned()]).await.cursor;
    for number in 1..=20 {
        ada.push(number.into(), [Act::Write(note(number, "text"))]).await;
    }
    ada.drain().await;
    let end = first.connect(&cookie).await.hello(late, None, &[HALL.to_owned()]).await.cursor;

    assert_eq!(first.store.compact(now_ms() - 1_000_000, 5).await.expect("it answers"), 0, "nothing is old");
    let gone = first.store.compact(now_ms() + 1_000, 5).await.expect("it answers");
    assert_eq!(gone, end.seq - 5);
    // What is resent gets the answer it had, though its entry is gone.
    ada.push(1, [Act::Write(note(1, "text"))]).await;
    assert_eq!(answers(&ada.drain().await), ["ack 1"]);
    drop(ada);
    first.close().await;

    let second = house(&folder).await;
    let reason = |cursor| {
        let connect = second.connect(&cookie);
        async move { connect.await.hello(early, Some(cursor), &[HALL.to_owned()]).await.resync }
    };
    assert_eq!(reason(start).await, Some(ResyncReason::Compacted));
    assert_eq!(reason(end).await, None);
    second.close().await;
}
