//! A reload shows what the device holds, before the network answers.

use anyhow::Result;
use holdfast_e2e::{Browser, Gate, Server, Stage, Way};
use serde_json::{Value, json};

/// Somebody who has everything on their device, and whose server then falls silent.
async fn cut_off(stage: &Stage, server: &Server) -> Result<(Browser, Gate)> {
    let gate = stage.gate(server).await?;
    let ada = stage.browser("ada").await?;
    ada.sign_in(gate.origin(), "Ada").await?;
    ada.open_project("WEB").await?;
    ada.until_drained().await?;
    ada.until_stored(server.export().await?.rows_in_all()).await?;
    gate.set(Way::Silent);
    Ok((ada, gate))
}

#[tokio::test]
async fn the_list_is_there_while_the_server_is_silent() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, gate) = cut_off(&stage, &server).await?;
    let before = ada.issues().await?;
    ada.reload().await?;
    ada.until_there("[data-testid=issue-row]").await?;
    assert_eq!(ada.issues().await?, before);
    assert_eq!(ada.status().await?, "connecting");

    gate.set(Way::Open);
    ada.until_drained().await?;
    assert_eq!(ada.issues().await?, before);
    ada.is_well().await
}

#[tokio::test]
async fn an_issues_texts_are_there_while_the_server_is_silent() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, gate) = cut_off(&stage, &server).await?;
    let export = server.export().await?;
    let comments = export.rows("comment");
    let issue = comments[0]["issue"].as_str().unwrap_or_default();
    let count = comments.iter().filter(|comment| comment["issue"] == issue).count();
    ada.goto(&format!("{}/issues/{issue}", gate.origin())).await?;
    let all = "document.querySelectorAll('[data-testid=comment]').length === a";
    ada.until("all comments", all, json!(count)).await?;
    ada.until_there("[data-testid=issue-description] [data-testid=description-edit]").await?;
    assert_eq!(ada.status().await?, "connecting");
    ada.is_well().await
}

#[tokio::test]
async fn edits_made_without_a_server_survive_reloads_and_arrive() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, gate) = cut_off(&stage, &server).await?;
    ada.reload().await?;
    let issue = ada.first_issue().await?;
    let status = ada.change_status(&issue).await?;
    ada.until_mark_of(&issue, "queued").await?;
    ada.reload().await?;
    ada.until_status_of(&issue, status).await?;
    ada.until_mark_of(&issue, "queued").await?;
    ada.open_issue(&issue).await?;
    ada.set_title("Named twice over").await?;
    ada.comment("And said.").await?;
    ada.until_there("[data-testid=comment][data-sync=queued]").await?;
    ada.reload().await?;
    let titled = "document.querySelector('h1[data-testid=issue-title]')?.textContent.trim() === a";
    ada.until("the new title", titled, json!("Named twice over")).await?;
    assert_eq!(ada.unsent().await?, 3);

    gate.set(Way::Open);
    ada.until_drained().await?;
    let export = server.export().await?;
    assert_eq!(export.row("issue", &issue)?["title"], "Named twice over");
    assert_eq!(export.row("issue", &issue)?["status"], status);
    assert_eq!(export.count("comment", "text", "And said."), 1);
    ada.is_well().await
}

#[tokio::test]
async fn what_was_filtered_and_sorted_is_so_again() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, _gate) = cut_off(&stage, &server).await?;
    ada.click("[data-testid=filter-status]").await?;
    ada.click("[data-testid=option-done]").await?;
    ada.fill("[data-testid=search]", "e").await?;
    let address = "location.search === '?status=done&q=e' && location.search";
    ada.until("the filter in the address", address, Value::Null).await?;
    let before = ada.issues().await?;
    ada.reload().await?;
    ada.until_there("[data-testid=issue-row]").await?;
    assert_eq!(ada.issues().await?, before);
    let export = server.export().await?;
    for issue in &before {
        assert_eq!(export.row("issue", issue)?["status"], "done");
    }
    ada.is_well().await
}
