//! Saved views: what one saves, changes or takes away, the other has.

use anyhow::Result;
use holdfast_e2e::{Browser, Stage};
use serde_json::{Value, json};
use thirtyfour::Key;

/// Opens a menu and takes something of it.
async fn choose(browser: &Browser, menu: &str, option: &str) -> Result<()> {
    browser.click(&format!("[data-testid={menu}]")).await?;
    browser.click(&format!("[popover]:popover-open [data-testid='option-{option}']")).await
}

/// Until what is shown is called that, and only issues of these statuses are shown, without their labels if so.
async fn until_shown(browser: &Browser, name: &str, statuses: &[&str], has_labels: bool) -> Result<()> {
    let shown = "const [name, statuses, hasLabels] = a;
        const rows = [...document.querySelectorAll('[data-testid=issue-row]')];
        const labels = rows.filter((row) => row.querySelector('.row-labels').checkVisibility()).length;
        return document.querySelector('.view-name').textContent === name && rows.length > 0
            && rows.every((row) => statuses.includes(row.querySelector('[data-testid=issue-status]').dataset.status))
            && labels === (hasLabels ? rows.length : 0)";
    let shown = format!("(() => {{ {shown} }})()");
    browser.until("the view", &shown, json!([name, statuses, has_labels])).await.map(drop)
}

#[tokio::test]
async fn a_view_is_shared_and_follows_what_it_is_saved_with() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (ada, bob) = (stage.browser("ada").await?, stage.browser("bob").await?);
    for (browser, name) in [(&ada, "Ada"), (&bob, "Bob")] {
        browser.sign_in(server.origin(), name).await?;
        browser.open_project("WEB").await?;
    }

    choose(&ada, "filter-status", "todo").await?;
    ada.press("[popover]:popover-open .menu-list", Key::Escape).await?;
    choose(&ada, "filter-columns", "labels").await?;
    ada.press("[popover]:popover-open .menu-list", Key::Escape).await?;
    ada.click("[data-testid=view-save]").await?;
    ada.fill("[data-testid=view-name]", "To do").await?;
    ada.click("[data-testid=view-submit]").await?;
    until_shown(&ada, "To do", &["todo"], false).await?;

    bob.click("[data-testid=view-menu]").await?;
    let option = "[...document.querySelectorAll('.menu-option')].find((option) => option.textContent === 'To do')";
    bob.until("the view in the menu", option, Value::Null).await?;
    bob.eval(&format!("{option}.click()"), Value::Null).await?;
    until_shown(&bob, "To do", &["todo"], false).await?;

    // What is changed is one's own until it is saved, over a reload too; then it is everyone's.
    choose(&ada, "filter-status", "done").await?;
    ada.press("[popover]:popover-open .menu-list", Key::Escape).await?;
    choose(&ada, "filter-columns", "labels").await?;
    ada.press("[popover]:popover-open .menu-list", Key::Escape).await?;
    ada.until_there(".view-changed").await?;
    ada.reload().await?;
    until_shown(&ada, "To do", &["todo", "done"], true).await?;
    until_shown(&bob, "To do", &["todo"], false).await?;
    choose(&ada, "view-actions", "update").await?;
    ada.until_gone(".view-changed").await?;
    until_shown(&bob, "To do", &["todo", "done"], true).await?;
    bob.until_gone(".view-changed").await?;

    // Taken away, it does not go from before whoever looks at it, and comes back as it was.
    choose(&ada, "view-actions", "delete").await?;
    until_shown(&bob, "To do (deleted)", &["todo", "done"], true).await?;
    ada.click(".toast-action").await?;
    until_shown(&bob, "To do", &["todo", "done"], true).await?;
    for browser in [&ada, &bob] {
        browser.until_drained().await?;
        browser.is_well().await?;
    }
    Ok(())
}
