//! Signing in and out.

use anyhow::Result;
use holdfast_e2e::Stage;
use serde_json::Value;

#[tokio::test]
async fn whoever_signs_in_is_named_and_sees_the_projects() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let ada = stage.browser("ada").await?;
    ada.sign_in(server.origin(), "Ada Lovelace").await?;
    assert_eq!(ada.text("[data-testid=user-name]").await?.as_deref(), Some("Ada Lovelace"));
    let three = "document.querySelectorAll('[data-testid=project]').length === 3";
    ada.until("three projects", three, Value::Null).await?;
    ada.is_well().await
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_refused_in_words() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.server().await?;
    let ada = stage.browser("ada").await?;
    ada.goto(server.origin()).await?;
    // A line's end in Unicode's sense, which the field lets pass and the server does not.
    ada.fill("[data-testid=sign-in-name]", "Ada\u{2028}Lovelace").await?;
    ada.click("[data-testid=sign-in-submit]").await?;
    let refused = "document.querySelector('#sign-in-error').textContent";
    let said = ada.until("the reason", refused, Value::Null).await?;
    assert!(said.as_str().is_some_and(|said| !said.contains("cannot be reached")), "{said}");
    Ok(())
}

#[tokio::test]
async fn signing_out_leaves_nothing_behind() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    ada.click("[data-testid=sign-out]").await?;
    ada.click("dialog[open] [data-testid=confirm-yes]").await?;
    ada.until_there("[data-testid=sign-in]").await?;
    let databases = ada.eval_async("return (await indexedDB.databases()).map((it) => it.name)", Value::Null).await?;
    assert_eq!(databases, Value::Array(Vec::new()));
    assert_eq!(ada.eval("return localStorage.length", Value::Null).await?, 0);
    ada.reload().await?;
    ada.until_there("[data-testid=sign-in]").await?;
    ada.is_well().await
}

#[tokio::test]
async fn the_next_one_signs_in_after_the_one_before() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let browser = stage.browser("shared").await?;
    browser.sign_in(server.origin(), "Ada").await?;
    browser.click("[data-testid=sign-out]").await?;
    browser.click("dialog[open] [data-testid=confirm-yes]").await?;
    browser.fill("[data-testid=sign-in-name]", "Bob").await?;
    browser.click("[data-testid=sign-in-submit]").await?;
    browser.until_status("live").await?;
    assert_eq!(browser.text("[data-testid=user-name]").await?.as_deref(), Some("Bob"));
    browser.open_project("WEB").await?;
    browser.is_well().await
}

#[tokio::test]
async fn edits_of_a_session_that_ended_wait_for_their_author() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let browser = stage.at_web(&server, "Ada").await?;
    let issue = browser.first_issue().await?;
    let before = server.export().await?;
    browser.eval_async("await fetch('/api/session', { method: 'DELETE' })", Value::Null).await?;
    browser.until_status("needs-sign-in").await?;
    let status = browser.change_status(&issue).await?;
    browser.until_mark_of(&issue, "queued").await?;
    browser.sign_in_again("Bob").await?;
    browser.open_project("WEB").await?;
    browser.until_drained().await?;
    assert_eq!(
        server.export().await?.row("issue", &issue)?,
        before.row("issue", &issue)?,
        "Bob sends nothing of Ada's"
    );
    browser.eval_async("await fetch('/api/session', { method: 'DELETE' })", Value::Null).await?;
    browser.until_status("needs-sign-in").await?;
    browser.sign_in_again("Ada").await?;
    browser.open_project("WEB").await?;
    browser.until_drained().await?;
    assert_eq!(server.export().await?.row("issue", &issue)?["status"], status);
    browser.is_well().await
}

#[tokio::test]
async fn a_session_is_renewed_in_place() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    let issue = ada.first_issue().await?;
    ada.eval_async("await fetch('/api/session', { method: 'DELETE' })", Value::Null).await?;
    ada.until_status("needs-sign-in").await?;
    let status = ada.change_status(&issue).await?;
    ada.until_mark_of(&issue, "queued").await?;
    ada.eval("window.same = true", Value::Null).await?;
    ada.click("[data-testid=banner-action]").await?;
    // The dialog begins with the name of whose page it is.
    ada.click("dialog[open] [data-testid=sign-in-submit]").await?;
    ada.until_drained().await?;
    assert_eq!(ada.eval("return window.same", Value::Null).await?, true, "the page is the same");
    assert_eq!(server.export().await?.row("issue", &issue)?["status"], status);
    ada.is_well().await
}

#[tokio::test]
async fn a_tab_of_the_one_before_follows_who_signs_in() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let browser = stage.browser("shared").await?;
    browser.sign_in(server.origin(), "Ada").await?;
    let first = browser.tab().await?;
    let second = browser.open_tab(server.origin()).await?;
    browser.until_status("live").await?;
    browser.eval_async("await fetch('/api/session', { method: 'DELETE' })", Value::Null).await?;
    browser.sign_in_again("Bob").await?;
    browser.to_tab(&first).await?;
    browser.until_user("Bob").await?;
    browser.until_status("live").await?;
    browser.is_well().await?;
    browser.to_tab(&second).await?;
    browser.is_well().await
}

#[tokio::test]
async fn signing_out_without_a_server_is_made_good_later() -> Result<()> {
    let stage = Stage::new().await?;
    let mut server = stage.seeded_server(20).await?;
    let ada = stage.browser("ada").await?;
    ada.sign_in(server.origin(), "Ada").await?;
    server.kill9().await?;
    ada.click("[data-testid=sign-out]").await?;
    ada.click("dialog[open] [data-testid=confirm-yes]").await?;
    ada.until_there("[data-testid=signed-out]").await?;
    server.start().await?;
    ada.reload().await?;
    ada.until_there("[data-testid=sign-in]").await?;
    let status = ada.eval_async("return (await fetch('/api/session')).status", Value::Null).await?;
    assert_eq!(status, 401, "the session has ended at the server too");
    Ok(())
}
