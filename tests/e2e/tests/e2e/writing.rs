//! What is written stays until it is saved or dropped by who wrote it.

use anyhow::Result;
use holdfast_e2e::Stage;
use serde_json::{Value, json};

const COMMENT: &str = "[data-testid=comment-input]";

#[tokio::test]
async fn a_text_begun_survives_pages_and_reloads() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    let issue = ada.first_issue().await?;
    ada.open_issue(&issue).await?;
    ada.fill(COMMENT, "Half a thought").await?;
    ada.click("[data-testid=description-edit]").await?;
    ada.fill("[data-testid=description-input]", "Half a text").await?;
    ada.open_project("ENG").await?;
    ada.reload().await?;
    ada.open_project("WEB").await?;
    ada.open_issue(&issue).await?;
    let stands = "document.querySelector(a[0])?.value === a[1]";
    ada.until("the comment begun", stands, json!([COMMENT, "Half a thought"])).await?;
    ada.until("the text begun", stands, json!(["[data-testid=description-input]", "Half a text"])).await?;

    ada.click("[data-testid=description-input-cancel]").await?;
    ada.click("[data-testid=comment-submit]").await?;
    ada.until_drained().await?;
    ada.reload().await?;
    ada.until("an empty field", stands, json!([COMMENT, ""])).await?;
    ada.until_gone("[data-testid=description-input]").await?;
    ada.is_well().await
}

#[tokio::test]
async fn what_was_written_on_an_issue_that_goes_is_handed_back() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, bob) = (stage.at_web(&server, "Ada").await?, stage.at_web(&server, "Bob").await?);
    let issue = ada.first_issue().await?;
    ada.open_issue(&issue).await?;
    ada.fill(COMMENT, "What took an hour").await?;
    bob.open_issue(&issue).await?;
    bob.delete_issue().await?;
    let rescued = "document.querySelector('[data-testid=rescued-text]')?.value";
    assert_eq!(ada.until("the text", rescued, Value::Null).await?, "What took an hour");
    ada.is_well().await?;
    bob.is_well().await
}

#[tokio::test]
async fn a_refused_comment_is_in_the_outbox_with_its_whole_text() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, bob) = (stage.at_web(&server, "Ada").await?, stage.at_web(&server, "Bob").await?);
    let issue = ada.first_issue().await?;
    let text = "word ".repeat(120);
    ada.open_issue(&issue).await?;
    ada.set_offline(true).await?;
    ada.until_status("offline").await?;
    ada.comment(&text).await?;
    bob.open_issue(&issue).await?;
    bob.delete_issue().await?;
    bob.until_drained().await?;
    ada.set_offline(false).await?;
    ada.until_drained().await?;
    ada.click("[data-testid=unsent]").await?;
    ada.until_there("[data-testid=outbox-entry][data-state=refused]").await?;
    let whole = ada.eval("return document.querySelector('[data-testid=outbox-text]').textContent", Value::Null).await?;
    assert_eq!(whole.as_str().map(str::trim), Some(text.trim()));
    ada.is_well().await
}

#[tokio::test]
async fn an_issue_that_the_filters_hide_is_said_to_be_made() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    ada.goto(&format!("{}/projects/WEB?status=done", server.origin())).await?;
    ada.until_there("[data-testid=issue-row]").await?;
    ada.create_issue("Out of sight").await?;
    ada.click("[data-testid=toast] .toast-action").await?;
    ada.until("its page", "document.title.includes('Out of sight')", Value::Null).await?;
    ada.is_well().await
}
