//! The tracker's pages, as a person uses them.

use crate::{Browser, PATIENCE};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::Key;

/// The banner's element.
const BANNER: &str = "[data-testid=connection-banner]";

/// Counts the rows in the app's database until there are enough.
const COUNT_STORED: &str = "
    const answer = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const database = await answer(indexedDB.open(localStorage.getItem('holdfast.database')));
    try {
        for (const begun_ms = performance.now();;) {
            const count = await answer(database.transaction('rows').objectStore('rows').count());
            if (count >= a[0]) return count;
            if (performance.now() > begun_ms + a[1]) throw `only ${count} of ${a[0]} rows are stored`;
            await new Promise((done) => setTimeout(done, 20));
        }
    } finally {
        database.close();
    }
";

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

    /// Signs in by the dialog behind the banner of a session that has ended, and waits until all is
    /// up to date.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn sign_in_again(&self, name: &str) -> Result<()> {
        self.until_status("needs-sign-in").await?;
        self.click("[data-testid=banner-action]").await?;
        self.fill("dialog[open] [data-testid=sign-in-name]", name).await?;
        self.click("dialog[open] [data-testid=sign-in-submit]").await?;
        self.until_user(name).await?;
        self.until_status("live").await
    }

    /// Waits until the page is that user's.
    ///
    /// # Errors
    /// When it does not become so.
    pub async fn until_user(&self, name: &str) -> Result<()> {
        let is_theirs = "document.querySelector('[data-testid=user-name]')?.textContent === a";
        self.until(&format!("the page of {name}"), is_theirs, json!(name)).await.map(drop)
    }

    /// Goes from the sidebar to the project of that code, and waits for its issues.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn open_project(&self, code: &str) -> Result<()> {
        self.click(&format!("nav a[href='/projects/{code}']")).await?;
        self.until_there("[data-testid=issue-row]").await
    }

    /// Goes from the list to an issue's page.
    ///
    /// # Errors
    /// When the row is not there or the page does not come.
    pub async fn open_issue(&self, issue: &str) -> Result<()> {
        self.click(&format!("{} [data-testid=issue-title]", row(issue))).await?;
        self.until_there("h1[data-testid=issue-title]").await
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

    /// Sets an issue's status to another one by the menu of its row; says to which.
    ///
    /// # Errors
    /// When the row or the menu is not there.
    pub async fn change_status(&self, issue: &str) -> Result<&'static str> {
        let shown = format!("{} [data-testid=issue-status]", row(issue));
        let now = self.attribute(&shown, "data-status").await?.with_context(|| format!("there is no row {issue}"))?;
        let other = if now == "todo" { "in_review" } else { "todo" };
        self.set_status(issue, other).await?;
        Ok(other)
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
        self.until_there(&shown).await
    }

    /// Waits until an issue's row has that sync mark (`synced`, `queued`, …).
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_mark_of(&self, issue: &str, mark: &str) -> Result<()> {
        self.until_there(&format!("{}[data-sync={mark}]", row(issue))).await
    }

    /// Waits until the connection's status is that.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_status(&self, status: &str) -> Result<()> {
        self.until_there(&format!("{BANNER}[data-status={status}]")).await
    }

    /// Waits until the server has confirmed all edits and everything on the page says so.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn until_drained(&self) -> Result<()> {
        self.until_there(&format!("{BANNER}[data-status=live][data-unsent='0']")).await?;
        let script = "![...document.querySelectorAll('[data-sync]')].some((row) => row.dataset.sync !== 'synced')";
        self.until("all rows synced", script, Value::Null).await.map(drop)
    }

    /// Waits until that many rows are on the device, which are written in the background.
    ///
    /// # Errors
    /// When fewer come.
    pub async fn until_stored(&self, rows: usize) -> Result<()> {
        self.eval_async(COUNT_STORED, json!([rows, PATIENCE.as_millis() as u64])).await.map(drop)
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
