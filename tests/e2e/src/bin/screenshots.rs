//! Pictures of every page and state, on a desktop and on a phone, light and dark:
//! `cargo run -p holdfast-e2e --bin screenshots -- FOLDER`.

use anyhow::{Context, Result};
use holdfast_e2e::{Browser, Gate, Server, Stage, Way};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// A screen to show things on.
#[derive(Clone, Copy)]
struct Screen {
    name: &'static str,
    width_px: u32,
    height_px: u32,
    is_phone: bool,
    scheme: &'static str,
}

const SCREENS: [Screen; 4] = [
    Screen { name: "desktop", width_px: 1280, height_px: 800, is_phone: false, scheme: "light" },
    Screen { name: "desktop-dark", width_px: 1280, height_px: 800, is_phone: false, scheme: "dark" },
    Screen { name: "phone", width_px: 390, height_px: 844, is_phone: true, scheme: "light" },
    Screen { name: "phone-dark", width_px: 390, height_px: 844, is_phone: true, scheme: "dark" },
];

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(env::args().nth(1).context("say into which folder")?);
    fs::create_dir_all(&folder).context("the folder cannot be made")?;
    let stage = Stage::new().await?;
    let server = stage.seeded_server(2000).await?;
    for screen in SCREENS {
        let gate = stage.gate(&server).await?;
        let browser = stage.browser(screen.name).await?;
        browser.set_screen(screen.width_px, screen.height_px, screen.is_phone).await?;
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": screen.scheme }] });
        browser.devtools("Emulation.setEmulatedMedia", scheme).await?;
        let camera = Camera { browser: &browser, folder: &folder, screen };
        camera.tour(&server, &gate).await.with_context(|| format!("on {}", screen.name))?;
        for line in browser.severe().await? {
            println!("{}: {line:?}", screen.name);
        }
    }
    Ok(())
}

struct Camera<'a> {
    browser: &'a Browser,
    folder: &'a Path,
    screen: Screen,
}

impl Camera<'_> {
    async fn tour(&self, server: &Server, gate: &Gate) -> Result<()> {
        self.signed_out(gate).await?;
        self.pages(server, gate).await?;
        self.connections(gate).await
    }

    async fn signed_out(&self, gate: &Gate) -> Result<()> {
        self.browser.goto(gate.origin()).await?;
        self.browser.until_there("[data-testid=sign-in-name]").await?;
        self.take("sign-in").await?;
        self.browser.sign_in(gate.origin(), "Ada Lovelace").await
    }

    async fn pages(&self, server: &Server, gate: &Gate) -> Result<()> {
        let browser = self.browser;
        browser.until_there("[data-testid=project]").await?;
        self.take("projects").await?;
        self.go(gate, "/projects/WEB").await?;
        browser.until_there("[data-testid=issue-row]").await?;
        self.take("list").await?;
        browser.click("[data-testid=filter-status]").await?;
        browser.until_there("[data-testid=option-done]").await?;
        self.take("list-menu").await?;
        self.go(gate, "/projects/WEB?status=todo,in_progress&q=the").await?;
        browser.until_there("[data-testid=issue-row]").await?;
        self.take("list-filtered").await?;
        self.go(gate, "/projects/WEB?q=nothing%20is%20called%20so").await?;
        browser.until("an empty list", "document.body.innerText.includes('Clear')", Value::Null).await?;
        self.take("list-no-match").await?;
        browser.click("[data-testid=search-instead]").await?;
        browser.fill("[data-testid=search-everywhere]", "memory page").await?;
        browser.until_there("[data-testid=search-hit]").await?;
        self.take("search").await?;
        self.go(gate, "/projects/WEB").await?;
        browser.click("[data-testid=new-issue]").await?;
        browser.fill("[data-testid=new-issue-title]", "Search forgets what was typed").await?;
        self.take("new-issue").await?;
        self.go(gate, &format!("/issues/{}", richest_issue(server).await?)).await?;
        browser.until_there("[data-testid=comment]").await?;
        self.take("issue").await?;
        browser.click("[data-testid=issue-status]").await?;
        browser.until_there("[data-testid=option-done]").await?;
        self.take("issue-menu").await?;
        self.go(gate, "/nowhere").await?;
        self.take("not-found").await
    }

    /// The banner in each state that can be had.
    async fn connections(&self, gate: &Gate) -> Result<()> {
        let browser = self.browser;
        self.go(gate, "/projects/WEB").await?;
        browser.until_status("live").await?;
        self.take("banner-live").await?;
        gate.set(Way::Silent);
        browser.reload().await?;
        browser.until_status("connecting").await?;
        browser.until_there("[data-testid=issue-row]").await?;
        self.take("banner-connecting").await?;
        gate.set(Way::Shut);
        browser.until_status("reconnecting").await?;
        self.take("banner-reconnecting").await?;
        for title in ["Say when the next train leaves", "Keep the tea warm", "Water the plant on the sill"] {
            browser.create_issue(title).await?;
            browser.until_mark_of(&browser.until_titled(title).await?, "queued").await?;
        }
        self.take("banner-reconnecting-unsent").await?;
        browser.click("[data-testid=unsent]").await?;
        browser.until_there("[data-testid=outbox] [data-testid=outbox-entry]").await?;
        self.take("outbox").await?;
        browser.click("[data-testid=outbox-close]").await?;
        browser.set_offline(true).await?;
        browser.until_status("offline").await?;
        self.take("banner-offline").await?;
        gate.set(Way::Open);
        browser.set_offline(false).await?;
        browser.until_drained().await?;
        browser.eval_async("await fetch('/api/session', { method: 'DELETE' });", Value::Null).await?;
        browser.until_status("needs-sign-in").await?;
        self.take("banner-needs-sign-in").await
    }

    /// Goes to a path as a link does that is opened in a new tab.
    async fn go(&self, gate: &Gate, path: &str) -> Result<()> {
        self.browser.goto(&format!("{}{path}", gate.origin())).await?;
        self.browser.until_there("[data-testid=user-name]").await
    }

    async fn take(&self, name: &str) -> Result<()> {
        // Two frames: what is in the document has been painted then, and motion goes on from there.
        let painted = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            await Promise.all(document.getAnimations().filter((it) => it.effect.getComputedTiming().endTime < 1000)
                .map((it) => it.finished.catch(() => {})));";
        self.browser.eval_async(painted, Value::Null).await?;
        let path = self.folder.join(format!("{}-{name}.png", self.screen.name));
        fs::write(&path, self.browser.screenshot().await?)
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// The issue with the longest description among those with three comments or more.
async fn richest_issue(server: &Server) -> Result<String> {
    let export = server.export().await?;
    let comments = export.rows("comment");
    let of = |issue: &Value| comments.iter().filter(|comment| comment["issue"] == *issue).count();
    let mut texts = export.rows("description");
    texts.sort_by_key(|text| std::cmp::Reverse(text["text"].as_str().map_or(0, str::len)));
    let found = texts.into_iter().find(|text| of(&text["issue"]) >= 3).context("there is an issue with comments")?;
    found["issue"].as_str().map(ToOwned::to_owned).context("a description names its issue")
}
