//! The second application: it gets from the libraries what the tracker gets.

use anyhow::{Context, Result};
use holdfast_e2e::{Browser, Programs, Server, Stage};
use serde_json::{Value, json};

/// Two people at one poll with one answer.
struct Two {
    ada: Browser,
    bob: Browser,
    answer: String,
    server: Server,
    _stage: Stage,
}

impl Two {
    async fn new() -> Result<Self> {
        let stage = Stage::with(Programs::find_poll()?).await?;
        let server = stage.server().await?;
        let (ada, bob) = (stage.browser("ada").await?, stage.browser("bob").await?);
        ada.sign_in(server.origin(), "Ada").await?;
        bob.sign_in(server.origin(), "Bob").await?;
        ada.fill("[data-testid=suggestion]", "Night trains").await?;
        ada.click("[data-testid=suggest]").await?;
        let shown = "[...document.querySelectorAll('[data-testid=answer]')]
            .find((row) => row.querySelector('.text').textContent === 'Night trains')?.dataset.id";
        let answer = ada.until("the answer", shown, Value::Null).await?;
        assert_eq!(bob.until("the answer, at the other's", shown, Value::Null).await?, answer);
        let answer = answer.as_str().context("an id is text")?.to_owned();
        Ok(Self { ada, bob, answer, server, _stage: stage })
    }

    fn of_answer(&self, selector: &str) -> String {
        format!("[data-id='{}'] {selector}", self.answer)
    }

    async fn vote(&self, browser: &Browser, times: usize) -> Result<()> {
        for _ in 0..times {
            browser.click(&self.of_answer("[data-testid=vote]")).await?;
        }
        Ok(())
    }

    async fn until_votes(&self, browser: &Browser, votes: usize) -> Result<()> {
        let shown = "document.querySelector(a[0])?.textContent === a[1]";
        let args = json!([self.of_answer("[data-testid=votes]"), votes.to_string()]);
        browser.until(&format!("{votes} votes"), shown, args).await.map(drop)
    }

    async fn are_well(&self) -> Result<()> {
        for browser in [&self.ada, &self.bob] {
            browser.until_drained().await?;
            browser.is_well().await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn votes_and_hands_are_seen_in_the_other_window_and_survive_a_reload() -> Result<()> {
    let two = Two::new().await?;
    two.vote(&two.ada, 3).await?;
    two.vote(&two.bob, 2).await?;
    two.ada.click(&two.of_answer("[data-testid=raise]")).await?;
    for browser in [&two.ada, &two.bob] {
        two.until_votes(browser, 5).await?;
        browser.until_there(&two.of_answer("abbr[title=Ada]")).await?;
    }
    two.are_well().await?;
    two.bob.reload().await?;
    two.until_votes(&two.bob, 5).await?;
    two.bob.until_there(&two.of_answer("abbr[title=Ada]")).await?;
    two.are_well().await
}

#[tokio::test]
async fn votes_without_a_server_survive_a_kill_and_a_reload_and_add_up() -> Result<()> {
    let mut two = Two::new().await?;
    two.are_well().await?;
    two.server.kill9().await?;
    two.vote(&two.ada, 3).await?;
    two.vote(&two.bob, 2).await?;
    two.until_votes(&two.ada, 3).await?;
    two.until_votes(&two.bob, 2).await?;
    // Saved on their devices; only then may a page go.
    for browser in [&two.ada, &two.bob] {
        browser.until_there(&format!("[data-id='{}'][data-sync=queued]", two.answer)).await?;
    }
    two.server.start().await?;
    two.ada.reload().await?;
    for browser in [&two.ada, &two.bob] {
        two.until_votes(browser, 5).await?;
    }
    two.are_well().await
}

#[tokio::test]
async fn the_last_question_asked_stands() -> Result<()> {
    let two = Two::new().await?;
    for (browser, text) in [(&two.ada, "Where do we go?"), (&two.bob, "How do we get there?")] {
        browser.fill("[data-testid=question]", text).await?;
        browser.press("[data-testid=question]", thirtyfour::Key::Enter).await?;
        let shown = "document.querySelector('[data-testid=question]').value === a";
        for browser in [&two.ada, &two.bob] {
            browser.until(text, shown, json!(text)).await?;
        }
    }
    two.are_well().await
}
