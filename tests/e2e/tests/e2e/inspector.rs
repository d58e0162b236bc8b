//! The developer panel: the product under fault, by hand.

use anyhow::Result;
use holdfast_e2e::{Browser, Stage};
use serde_json::{Value, json};

const PANEL: &str = "[data-testid=inspector]";

#[tokio::test]
async fn from_the_panel_the_network_is_broken_and_the_page_heals() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(20).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    let before = server.export().await?;

    assert_eq!(ada.text(PANEL).await?, None, "it is not there while closed");
    press_its_keys(&ada).await?;
    ada.until_there(PANEL).await?;
    remember_statuses(&ada).await?;
    ada.click("[data-testid=inspector-cut]").await?;
    ada.until("the banner to react", "window.statuses.includes('reconnecting')", Value::Null).await?;
    ada.until_status("live").await?;

    // Of what is sent nothing arrives, not even hello on a new socket.
    ada.fill("[data-testid=inspector-drop]", "100").await?;
    ada.click("[data-testid=inspector-cut]").await?;
    ada.until_status("reconnecting").await?;
    ada.until_there("[data-testid=inspector-frame][data-kind=hello][data-fate=dropped]").await?;
    ada.create_issue("Thought of without a network").await?;
    let made = ada.until_titled("Thought of without a network").await?;
    ada.until_mark_of(&made, "queued").await?;
    assert_eq!(ada.unsent().await?, 1);
    assert_eq!(server.export().await?.answers(), before.answers());

    ada.click("[data-testid=inspector-heal]").await?;
    ada.until_drained().await?;
    let after = server.export().await?;
    assert_eq!(after.count("issue", "title", "Thought of without a network"), 1);
    press_its_keys(&ada).await?;
    ada.until_gone(PANEL).await?;
    ada.is_well().await
}

/// Alt+Shift+D.
async fn press_its_keys(browser: &Browser) -> Result<()> {
    let (alt, shift) = (1, 8);
    let key = json!({ "type": "keyDown", "modifiers": alt | shift, "key": "D", "code": "KeyD" });
    browser.devtools("Input.dispatchKeyEvent", key).await.map(drop)
}

/// Keeps every status of the connection from now on, however short.
async fn remember_statuses(browser: &Browser) -> Result<()> {
    let script = "const banner = document.querySelector('[data-testid=connection-banner]');
        window.statuses = [];
        new MutationObserver(() => window.statuses.push(banner.dataset.status)).observe(banner, { attributes: true });";
    browser.eval(script, Value::Null).await.map(drop)
}
