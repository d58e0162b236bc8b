//! The tracker's pages, as a person uses them.

use crate::Browser;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::Key;

/// The banner's element.
const BANNER: &str = "[data-testid=connection-banner]";

/// The field, then the button, that are filled and clicked to make a text.
impl Browser {
    /// Signs in by name and waits for the page to be live.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn sign_in(&self, origin: &str, name: &str) -> Result<()> {
        self.goto(origin).await?;
        self.fill("[data-testid=sign-in-name]", name).await?;
        self.click("[data-testid=sign-in-submit]").await?;
        self.until_status("live").await
    }

    /// Goes from the sidebar to the project of that code, and waits for its issues.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn open_project(&self, code: &str) -> Result<()> {
        self.click(&format!("nav a[href='/projects/{code}']")).await?;
        self.element("[data-testid=issue-row]").await.map(drop)
    }

    /// Goes from the list to an issue's page.
    ///
    /// # Errors
    /// When the row is not there or the page does not come.
    pub async fn open_issue(&self, issue: &str) -> Result<()> {
        self.click(&format!("{} [data-testid=issue-title]", row(issue))).await?;
        self.element("h1[data-testid=issue-title]").await.map(drop)
    }

    /// The id of the issue in the first row.
    ///
    /// # Errors
    /// When there is no row.
    pub async fn first_issue(&self) -> Result<String> {
        self.issues().await?.into_iter().next().context("there is no row")
    }

    /// The ids of the issues in the document's rows, from the top.
    ///
    /// # Errors
    /// When no row comes.
    pub async fn issues(&self) -> Result<Vec<String>> {
        let script = "(() => { const ids = [...document.querySelectorAll('[data-testid=issue-row]')]
            .map((row) => [row.getBoundingClientRect().top, row.dataset.id]);
            return ids.length && ids.sort((a, b) => a[0] - b[0]).map((row) => row[1]); })()";
        Ok(serde_json::from_value(self.until("rows", script, Value::Null).await?)?)
    }

    /// Sets an issue's status (`done`) by the menu of its row.
    ///
    /// # Errors
    /// When the row or the menu is not there.
    pub async fn set_status(&self, issue: &str, status: &str) -> Result<()> {
        self.click(&format!("{} button[title='Change status']", row(issue))).await?;
        self.click(&format!("[data-testid=option-{status}]")).await
    }

    /// Sets the title on the issue's page.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn set_title(&self, title: &str) -> Result<()> {
        self.click("h1[data-testid=issue-title] button").await?;
        self.fill("[data-testid=issue-title-input]", title).await?;
        self.press("[data-testid=issue-title-input]", Key::Enter).await
    }

    /// Comments on the issue's page.
    ///
    /// # Errors
    /// When there is no place for it.
    pub async fn comment(&self, text: &str) -> Result<()> {
        self.fill("[data-testid=comment-input]", text).await?;
        self.click("[data-testid=comment-submit]").await
    }

    /// Makes an issue on the project's page.
    ///
    /// # Errors
    /// When there is no place for it.
    pub async fn create_issue(&self, title: &str) -> Result<()> {
        self.click("[data-testid=new-issue]").await?;
        self.fill("[data-testid=new-issue-title]", title).await?;
        self.click("[data-testid=new-issue-submit]").await
    }

    /// Deletes the issue on its page.
    ///
    /// # Errors
    /// When there is no way to.
    pub async fn delete_issue(&self) -> Result<()> {
        self.click("[data-testid=issue-delete]").await?;
        self.click("dialog[open] [data-testid=confirm-yes]").await
    }

    /// The id of the row with that title, once there is one.
    ///
    /// # Errors
    /// When none comes.
    pub async fn until_titled(&self, title: &str) -> Result<String> {
        let script = "[...document.querySelectorAll('[data-testid=issue-row]')]
            .find((row) => row.querySelector('[data-testid=issue-title]').textContent === a)?.dataset.id";
        let id = self.until(&format!("an issue {title:?}"), script, json!(title)).await?;
        id.as_str().map(ToOwned::to_owned).context("a row has an id")
    }

    /// Waits until an issue's row shows that status.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_status_of(&self, issue: &str, status: &str) -> Result<()> {
        let shown = format!("{} [data-testid=issue-status][data-status={status}]", row(issue));
        self.element(&shown).await.map(drop)
    }

    /// Waits until an issue's row has that sync mark (`synced`, `queued`, …).
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_mark_of(&self, issue: &str, mark: &str) -> Result<()> {
        self.element(&format!("{}[data-sync={mark}]", row(issue))).await.map(drop)
    }

    /// Waits until the connection's status is that.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_status(&self, status: &str) -> Result<()> {
        self.element(&format!("{BANNER}[data-status={status}]")).await.map(drop)
    }

    /// Waits until the server has confirmed all edits and everything on the page says so.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_drained(&self) -> Result<()> {
        self.element(&format!("{BANNER}[data-status=live][data-unsent='0']")).await?;
        let script = "![...document.querySelectorAll('[data-sync]')].some((row) => row.dataset.sync !== 'synced')";
        self.until("all rows synced", script, Value::Null).await.map(drop)
    }

    /// The connection's status now.
    ///
    /// # Errors
    /// When there is no banner.
    pub async fn status(&self) -> Result<String> {
        self.attribute(BANNER, "data-status").await?.context("there is no banner")
    }

    /// How many edits the banner says are unsent.
    ///
    /// # Errors
    /// When there is no banner.
    pub async fn unsent(&self) -> Result<u64> {
        let unsent = self.attribute(BANNER, "data-unsent").await?.context("there is no banner")?;
        unsent.parse().with_context(|| format!("data-unsent is {unsent:?}"))
    }
}

/// The CSS selector of an issue's row.
fn row(issue: &str) -> String {
    format!("[data-testid=issue-row][data-id='{issue}']")
}
