//! What is imported from GitHub is on the screen as it was there: numbers, titles, labels, people,
//! Markdown. The real issues of `shared/data`, where they are, else a few of our own.

use anyhow::{Context, Result};
use holdfast_e2e::{Browser, Server, Stage};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// GitHub's files, and what they say.
struct Source {
    issues_file: PathBuf,
    comments_file: PathBuf,
    issues: Vec<Value>,
    comments: Vec<Value>,
}

impl Source {
    fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let real = here.join("../../../shared/data/github-issues");
        let folder = if real.is_dir() { real } else { here.join("tests/e2e/github-issues") };
        let (issues_file, comments_file) = (folder.join("issues.json"), folder.join("comments.json"));
        let [issues, comments] =
            [&issues_file, &comments_file].map(|file| anyhow::Ok(serde_json::from_str(&fs::read_to_string(file)?)?));
        Ok(Self { issues: issues?, comments: comments?, issues_file, comments_file })
    }

    /// The first issue whose description has a line that starts so.
    fn issue_with_line(&self, start: &str) -> Result<&Value> {
        let has = |issue: &&Value| body(issue).lines().any(|line| line.trim_start().starts_with(start));
        self.issues.iter().find(has).with_context(|| format!("some description has a line that starts with {start:?}"))
    }

    fn comments_on(&self, issue: &Value) -> Vec<&Value> {
        let end = format!("/issues/{}", issue["number"]);
        self.comments.iter().filter(|it| it["issue_url"].as_str().is_some_and(|url| url.ends_with(&end))).collect()
    }
}

fn body(issue: &Value) -> &str {
    issue["body"].as_str().unwrap_or_default()
}

/// The imported project, open in a browser.
struct Imported {
    source: Source,
    ada: Browser,
    server: Server,
    _stage: Stage,
}

impl Imported {
    async fn new() -> Result<Self> {
        let source = Source::find()?;
        let stage = Stage::new().await?;
        let mut server = stage.server_at_rest()?;
        server.import(&source.issues_file, &source.comments_file, "Mono").await?;
        server.start().await?;
        let ada = stage.browser("ada").await?;
        ada.sign_in(server.origin(), "Ada").await?;
        ada.open_project("MON").await?;
        ada.until_drained().await?;
        Ok(Self { source, ada, server, _stage: stage })
    }

    /// Goes to the page of an issue of the source.
    async fn open(&self, issue: &Value) -> Result<()> {
        let export = self.server.export().await?;
        let row = export.rows("issue").into_iter().find(|row| row["number"] == issue["number"]);
        let id = row.and_then(|row| row["id"].as_str()).context("the issue was imported")?;
        self.ada.goto(&format!("{}/issues/{id}", self.server.origin())).await?;
        self.ada.until_there("h1[data-testid=issue-title]").await?;
        self.ada.until_there("[data-testid=issue-description] .markdown").await
    }

    /// What an expression over the description `it` is.
    async fn description(&self, expression: &str) -> Result<Value> {
        let body = format!("const it = document.querySelector('[data-testid=issue-description]'); return {expression}");
        self.ada.eval(&body, Value::Null).await
    }
}

#[tokio::test]
async fn every_issue_is_in_the_list_with_its_number_title_and_labels() -> Result<()> {
    let imported = Imported::new().await?;
    let Imported { source, ada, .. } = &imported;
    let count = source.issues.len();
    let note = "document.querySelector('.page-note').textContent === a";
    ada.until("the count", note, json!(format!("{count} issues"))).await?;

    ada.click("[data-testid=filter-sort]").await?;
    ada.click("[data-testid=option-number]").await?;
    ada.until_there("[data-testid=filter-sort][data-value=number]").await?;
    let listed = ada.eval_async(WALK, json!(count)).await?;
    let listed = listed.as_array().context("a list of rows")?;
    let mut wanted: Vec<&Value> = source.issues.iter().collect();
    wanted.sort_by_key(|issue| issue["number"].as_u64());
    assert_eq!(listed.len(), wanted.len());
    for (row, issue) in listed.iter().zip(wanted) {
        assert_eq!(row["number"], format!("MON-{}", issue["number"]));
        assert_eq!(row["title"], issue["title"], "{}", issue["number"]);
        let mut labels: Vec<_> = issue["labels"].as_array().into_iter().flatten().map(|label| &label["name"]).collect();
        labels.sort_by_key(|label| label.as_str());
        let shown: Vec<_> = row["labels"].as_array().into_iter().flatten().collect();
        assert_eq!(shown, labels[..labels.len().min(3)], "{}", issue["number"]);
        let is_open = !["done", "cancelled"].contains(&row["status"].as_str().unwrap_or_default());
        assert_eq!(is_open, issue["state"] == "open", "{}", issue["number"]);
    }
    ada.is_well().await
}

/// Scrolls through the list and collects its rows, each once, in their order.
const WALK: &str = "
    const list = document.querySelector('[data-testid=issue-list]');
    const rows = new Map();
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let top = 0; ; top += list.clientHeight / 2) {
        list.scrollTop = top;
        await frame(); await frame();
        const seen = [...list.querySelectorAll('[data-testid=issue-row]')]
            .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top);
        for (const row of seen) {
            rows.set(row.dataset.id, {
                number: row.querySelector('.row-number').textContent,
                title: row.querySelector('[data-testid=issue-title]').textContent,
                status: row.querySelector('[data-testid=issue-status]').dataset.status,
                labels: [...row.querySelectorAll('.row-labels .label-chip-name')].map((label) => label.textContent),
            });
        }
        if (top + list.clientHeight >= list.scrollHeight) return [...rows.values()];
    }
";

#[tokio::test]
async fn an_issues_people_and_comments_are_those_of_the_files() -> Result<()> {
    let imported = Imported::new().await?;
    let Imported { source, ada, .. } = &imported;
    let most = source.issues.iter().max_by_key(|issue| source.comments_on(issue).len()).context("there are issues")?;
    let comments = source.comments_on(most);
    imported.open(most).await?;
    let all = "document.querySelectorAll('[data-testid=comment]').length === a";
    ada.until("all comments", all, json!(comments.len())).await?;
    let authors =
        "return [...document.querySelectorAll('[data-testid=comment] .comment-author')].map((it) => it.textContent)";
    let authors = ada.eval(authors, Value::Null).await?;
    let mut in_order = comments.clone();
    in_order.sort_by_key(|comment| comment["created_at"].as_str());
    let wanted: Vec<_> = in_order.iter().map(|comment| &comment["user"]["login"]).collect();
    assert_eq!(json!(authors), json!(wanted));
    let creator = most["user"]["login"].as_str().context("an issue has an author")?;
    let properties = ada.text(".properties").await?.unwrap_or_default();
    assert!(properties.contains(creator), "{creator} in {properties}");
    assert_eq!(ada.text("h1[data-testid=issue-title]").await?.as_deref(), most["title"].as_str());
    ada.is_well().await
}

#[tokio::test]
async fn code_is_shown_as_it_was_written() -> Result<()> {
    let imported = Imported::new().await?;
    let issue = imported.source.issue_with_line("```")?;
    imported.open(issue).await?;
    let mut lines = body(issue).lines().skip_while(|line| !line.starts_with("```")).skip(1);
    let first = lines.find(|line| !line.trim().is_empty()).context("the code has a line")?;
    let code = imported.description("it.querySelector('pre code').textContent").await?;
    assert!(code.as_str().is_some_and(|code| code.contains(first)), "{first:?} in {code}");
    imported.ada.is_well().await
}

#[tokio::test]
async fn headings_are_headings() -> Result<()> {
    let imported = Imported::new().await?;
    let issue = imported.source.issue_with_line("# ").or_else(|_| imported.source.issue_with_line("## "))?;
    imported.open(issue).await?;
    let line = body(issue).lines().find(|line| line.starts_with("# ") || line.starts_with("## ")).unwrap_or_default();
    let headings =
        imported.description("[...it.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => h.textContent)").await?;
    let wanted = line.trim_matches(['#', ' ', '*']);
    let found =
        headings.as_array().into_iter().flatten().any(|text| text.as_str().is_some_and(|text| text.contains(wanted)));
    assert!(found, "{wanted:?} in {headings}");
    imported.ada.is_well().await
}

#[tokio::test]
async fn task_lists_have_their_boxes_ticked_as_they_were() -> Result<()> {
    let imported = Imported::new().await?;
    let issue = imported.source.issue_with_line("- [ ] ")?;
    imported.open(issue).await?;
    let ticks = body(issue).lines().map(str::trim_start).filter_map(|line| match line.get(..5) {
        Some("- [ ]") => Some(false),
        Some("- [x]") => Some(true),
        _ => None,
    });
    let boxes =
        imported.description("[...it.querySelectorAll('input[type=checkbox]')].map((box) => box.checked)").await?;
    assert_eq!(boxes, json!(ticks.collect::<Vec<_>>()));
    imported.ada.is_well().await
}

#[tokio::test]
async fn images_are_images_of_either_spelling() -> Result<()> {
    let imported = Imported::new().await?;
    for start in ["![", "<img"] {
        let issue = imported.source.issue_with_line(start)?;
        imported.open(issue).await?;
        let line = body(issue).lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
        let address =
            line.split(['(', ')', '"']).find(|part| part.starts_with("https://")).context("an image has one")?;
        let images = imported.description("[...it.querySelectorAll('img')].map((image) => image.src)").await?;
        assert!(images.as_array().is_some_and(|images| images.contains(&json!(address))), "{address} in {images}");
    }
    Ok(())
}

#[tokio::test]
async fn importing_again_changes_nothing() -> Result<()> {
    let imported = Imported::new().await?;
    let Imported { source, ada, server, .. } = &imported;
    let before = server.export().await?.lines();
    let first = ada.text("[data-testid=issue-list]").await?;
    let said = server.import(&source.issues_file, &source.comments_file, "Mono").await?;
    assert!(said.starts_with("0 changed, "), "{said}");
    assert_eq!(server.export().await?.lines(), before);
    assert_eq!(ada.text("[data-testid=issue-list]").await?, first);
    ada.is_well().await
}
