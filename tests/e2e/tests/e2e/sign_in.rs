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
    let ada = stage.browser("ada").await?;
    ada.sign_in(server.origin(), "Ada").await?;
    ada.open_project("WEB").await?;
    ada.until_drained().await?;
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
