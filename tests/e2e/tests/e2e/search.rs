//! Search: what the device holds at once, the rest from the server, and the truth about both.

use anyhow::{Context, Result};
use holdfast_e2e::{Browser, Stage};
use serde_json::{Value, json};
use thirtyfour::Key;

const FIELD: &str = "[data-testid=search-everywhere]";

/// Title, source and marked words of what is shown, the best first.
const HITS: &str = "[...document.querySelectorAll('[data-testid=search-hit]')].map((hit) => [
    hit.querySelector('.search-title').textContent, hit.dataset.source,
    [...hit.querySelectorAll('mark')].map((mark) => mark.textContent).join(' ')])";

async fn search(browser: &Browser, text: &str) -> Result<()> {
    browser.click("[data-testid=open-search]").await?;
    browser.until_there(FIELD).await?;
    browser.fill(FIELD, text).await
}

/// Waits for exactly these hits, and for a note that says that.
async fn until_found(browser: &Browser, hits: Value, note: &str) -> Result<()> {
    let shown = format!(
        "(JSON.stringify({HITS}) === JSON.stringify(a[0])
          && document.querySelector('[data-testid=search-note]').textContent.includes(a[1]))"
    );
    browser.until(&format!("{hits} with {note:?}"), &shown, json!([hits, note])).await.map(drop)
}

#[tokio::test]
async fn what_the_device_does_not_hold_the_server_finds() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let gate = stage.gate(&server).await?;
    let ada = stage.browser("ada").await?;
    ada.sign_in(gate.origin(), "Ada").await?;
    ada.open_project("WEB").await?;
    ada.create_issue("Quokkas at the till").await?;
    ada.until_drained().await?;

    // Ada's socket is cut, and her device learns of nothing more; the server's other doors are open.
    ada.click("[data-testid=inspect]").await?;
    ada.fill("[data-testid=inspector-drop]", "100").await?;
    ada.click("[data-testid=inspector-cut]").await?;
    ada.until_status("reconnecting").await?;
    let bob = stage.at_web(&server, "Bob").await?;
    bob.create_issue("A quokka café").await?;
    bob.until_drained().await?;
    let hers = json!(["Quokkas at the till", "device", "Quokka"]);
    let his = json!(["A quokka café", "server", "quokka"]);

    search(&ada, "QUOKKA").await?;
    // One is a whole word, the other only begins with it.
    until_found(&ada, json!([his, hers]), "everything on the server").await?;
    ada.fill(FIELD, "quokka cafe").await?;
    until_found(&ada, json!([["A quokka café", "server", "quokka café"]]), "everything on the server").await?;

    gate.set(holdfast_e2e::Way::Shut);
    ada.fill(FIELD, "quok").await?;
    until_found(
        &ada,
        json!([["Quokkas at the till", "device", "Quok"], ["A quokka café", "server", "quok"]]),
        "The server does not answer",
    )
    .await?;
    ada.press(FIELD, Key::Enter).await?;
    let shown = "document.querySelector('h1[data-testid=issue-title]')?.textContent.trim() === 'Quokkas at the till'";
    ada.until("the issue's page", shown, Value::Null).await?;
    ada.until_gone(FIELD).await?;

    gate.set(holdfast_e2e::Way::Open);
    ada.click("[data-testid=inspector-heal]").await?;
    ada.until_drained().await?;
    search(&ada, "quokka").await?;
    let his = json!(["A quokka café", "device", "quokka"]);
    until_found(&ada, json!([his, hers]), "everything on the server").await
}

#[tokio::test]
async fn comments_and_descriptions_are_found_and_issues_by_their_number() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    let issue = ada.first_issue().await?;
    ada.open_issue(&issue).await?;
    ada.comment("Only an *axolotl* would notice.").await?;
    ada.until_drained().await?;
    let number = ada.text("[data-testid=issue-number]").await?.context("the page shows the issue's number")?;
    search(&ada, "axolotl").await?;
    let place = "document.querySelector('[data-testid=search-hit] .search-place')?.textContent";
    let said = ada.until("the comment", place, Value::Null).await?;
    assert_eq!(said, "Comment by Ada: Only an *axolotl* would notice.");
    ada.fill(FIELD, &number.to_lowercase()).await?;
    let first = "document.querySelector('[data-testid=search-hit]')?.dataset.id === a";
    ada.until("the issue of that number", first, json!(issue)).await?;
    ada.is_well().await
}
