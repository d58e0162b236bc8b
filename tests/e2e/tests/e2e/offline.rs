//! The cable is pulled, and plugged back.

use anyhow::Result;
use holdfast_e2e::Stage;

#[tokio::test]
async fn edits_wait_for_the_network_and_go_when_it_is_back() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, bob) = (stage.at_web(&server, "Ada").await?, stage.at_web(&server, "Bob").await?);
    let issues = ada.issues().await?;
    let before = server.export().await?;

    ada.set_offline(true).await?;
    ada.until_status("offline").await?;
    let own = ada.change_status(&issues[0]).await?;
    ada.create_issue("Thought of on the train").await?;
    let made = ada.until_titled("Thought of on the train").await?;
    ada.until_mark_of(&issues[0], "queued").await?;
    ada.until_mark_of(&made, "queued").await?;
    assert_eq!(ada.unsent().await?, 2);
    let theirs = bob.change_status(&issues[1]).await?;
    bob.until_drained().await?;

    ada.set_offline(false).await?;
    ada.until_drained().await?;
    ada.until_status_of(&issues[1], theirs).await?;
    bob.until_status_of(&issues[0], own).await?;
    assert_eq!(bob.until_titled("Thought of on the train").await?, made);
    let after = server.export().await?;
    assert_eq!(after.answers() - before.answers(), 3);
    assert_eq!(after.count("issue", "title", "Thought of on the train"), 1);
    ada.is_well().await?;
    bob.is_well().await
}

#[tokio::test]
async fn of_two_edits_of_one_field_the_servers_order_decides_everywhere() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, bob) = (stage.at_web(&server, "Ada").await?, stage.at_web(&server, "Bob").await?);
    let issue = ada.first_issue().await?;
    ada.set_offline(true).await?;
    ada.until_status("offline").await?;
    ada.set_status(&issue, "cancelled").await?;
    ada.until_mark_of(&issue, "queued").await?;
    bob.change_status(&issue).await?;
    bob.until_drained().await?;

    ada.set_offline(false).await?;
    ada.until_drained().await?;
    ada.until_status_of(&issue, "cancelled").await?;
    bob.until_status_of(&issue, "cancelled").await?;
    assert_eq!(server.export().await?.row("issue", &issue)?["status"], "cancelled");
    ada.is_well().await?;
    bob.is_well().await
}
