//! What one does, the other sees.

use anyhow::{Context, Result};
use holdfast_e2e::{Browser, Server, Stage, figures};
use serde_json::{Value, json};
use std::time::Duration;

/// Two people on the same project.
struct Two {
    ada: Browser,
    bob: Browser,
    server: Server,
    _stage: Stage,
}

impl Two {
    async fn on(project: &str) -> Result<Self> {
        let stage = Stage::new().await?;
        let server = stage.seeded_server(60).await?;
        let (ada, bob) = (stage.browser("ada").await?, stage.browser("bob").await?);
        for (browser, name) in [(&ada, "Ada"), (&bob, "Bob")] {
            browser.sign_in(server.origin(), name).await?;
            browser.open_project(project).await?;
        }
        Ok(Self { ada, bob, server, _stage: stage })
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
async fn a_status_changes_in_both_lists() -> Result<()> {
    let two = Two::on("WEB").await?;
    let issue = two.ada.first_issue().await?;
    let status = two.ada.change_status(&issue).await?;
    two.ada.until_status_of(&issue, status).await?;
    two.bob.until_status_of(&issue, status).await?;
    two.are_well().await
}

#[tokio::test]
async fn a_title_changes_on_the_other_ones_page_and_list() -> Result<()> {
    let two = Two::on("WEB").await?;
    let issue = two.ada.first_issue().await?;
    two.ada.open_issue(&issue).await?;
    two.ada.set_title("Both see this: ünï “code”").await?;
    assert_eq!(two.bob.until_titled("Both see this: ünï “code”").await?, issue);
    two.bob.open_issue(&issue).await?;
    two.ada.set_title("And this").await?;
    let shown = "document.querySelector('h1[data-testid=issue-title]').textContent.trim() === 'And this'";
    two.bob.until("the title on the page", shown, Value::Null).await?;
    two.are_well().await
}

#[tokio::test]
async fn a_comment_comes_to_whoever_reads_the_issue() -> Result<()> {
    let two = Two::on("WEB").await?;
    let issue = two.ada.first_issue().await?;
    two.ada.open_issue(&issue).await?;
    two.bob.open_issue(&issue).await?;
    two.ada.comment("I can see it **too**.").await?;
    let comment = "[...document.querySelectorAll('[data-testid=comment]')].find((comment) =>
        comment.querySelector('.comment-author').textContent === 'Ada'
        && comment.querySelector('strong')?.textContent === 'too')?.dataset.id";
    let own = two.ada.until("the comment, where it was made", comment, Value::Null).await?;
    let seen = two.bob.until("the comment, at the other's", comment, Value::Null).await?;
    assert_eq!(own, seen);
    two.are_well().await
}

#[tokio::test]
async fn a_description_comes_to_whoever_reads_the_issue() -> Result<()> {
    let two = Two::on("WEB").await?;
    let issue = two.ada.first_issue().await?;
    two.ada.open_issue(&issue).await?;
    two.bob.open_issue(&issue).await?;
    two.ada.click("[data-testid=description-edit]").await?;
    two.ada.fill("[data-testid=description-input]", "## Anew\n\nWritten again.").await?;
    two.ada.click("[data-testid=description-input-save]").await?;
    let shown = "document.querySelector('[data-testid=issue-description] h2')?.textContent === 'Anew'
        || [...document.querySelectorAll('[data-testid=issue-description] :is(h1,h2,h3,h4,h5,h6)')]
            .some((heading) => heading.textContent === 'Anew')";
    two.bob.until("the description", shown, Value::Null).await?;
    two.are_well().await
}

#[tokio::test]
async fn a_new_issue_appears_with_the_number_the_server_gives() -> Result<()> {
    let two = Two::on("WEB").await?;
    let before = two.server.export().await?;
    let project =
        before.rows("project").into_iter().find(|project| project["code"] == "WEB").context("it is seeded")?;
    let in_project = before.rows("issue").into_iter().filter(|issue| issue["project"] == project["id"]);
    let last = in_project.filter_map(|issue| issue["number"].as_u64()).max().context("it has issues")?;

    two.ada.create_issue("Made while the other one looked").await?;
    let own = two.ada.until_titled("Made while the other one looked").await?;
    let seen = two.bob.until_titled("Made while the other one looked").await?;
    assert_eq!(own, seen);
    let number =
        "document.querySelector(`[data-testid=issue-row][data-id='${a[0]}'] .row-number`).textContent === a[1]";
    for browser in [&two.ada, &two.bob] {
        browser.until("the number", number, json!([own, format!("WEB-{}", last + 1)])).await?;
    }
    two.are_well().await
}

#[tokio::test]
async fn a_deleted_issue_goes_from_the_list_and_from_under_its_reader() -> Result<()> {
    let two = Two::on("WEB").await?;
    let issues = two.ada.issues().await?;
    let (first, second) = (&issues[0], &issues[1]);
    two.ada.open_issue(first).await?;
    two.ada.delete_issue().await?;
    two.bob.until_gone(&format!("[data-testid=issue-row][data-id='{first}']")).await?;

    two.bob.open_issue(second).await?;
    two.ada.open_issue(second).await?;
    two.ada.delete_issue().await?;
    two.bob.until("that it is gone", "document.body.innerText.includes('This issue was deleted')", Value::Null).await?;
    two.are_well().await
}

/// The figures of this are for people; that all hundred arrive is what is tested.
#[tokio::test]
async fn a_hundred_edits_arrive() -> Result<()> {
    let two = Two::on("WEB").await?;
    let latencies_ms = holdfast_e2e::latency::measure(&two.ada, &two.bob, 100).await?;
    println!("click to remote DOM: {}", figures::spread(&latencies_ms));
    assert_eq!(latencies_ms.len(), 100);
    two.are_well().await
}

#[tokio::test]
async fn rows_do_not_move_under_the_pointer_until_one_wants_it() -> Result<()> {
    let two = Two::on("WEB").await?;
    let before = two.bob.issues().await?;
    let (first, second) = (&before[0], &before[1]);
    let changed = two.ada.issues().await?.into_iter().nth(4).context("there are rows enough")?;
    let meanwhile = async {
        let status = two.ada.change_status(&changed).await?;
        two.bob.until_status_of(&changed, status).await?;
        let pill = "document.querySelector('[data-testid=updates-pill]')?.textContent === '1 update'";
        two.bob.until("the pill", pill, Value::Null).await?;
        two.bob.issues().await
    };
    let shown = with_a_restless_hand(&two.bob, first, meanwhile).await?;
    assert_eq!(shown[..2], [first.clone(), second.clone()], "nothing has moved");

    two.bob.click("[data-testid=updates-pill]").await?;
    let is_first = format!("{FIRST_ROW} === a");
    two.bob.until("the changed issue at the top", &is_first, json!(changed)).await?;
    two.bob.until_gone("[data-testid=updates-pill]").await?;

    // Whoever leaves the list sees what there is.
    let meanwhile = async {
        two.ada.change_status(second).await?;
        two.bob.until_there("[data-testid=updates-pill]").await
    };
    with_a_restless_hand(&two.bob, &changed, meanwhile).await?;
    point(&two.bob, 5, 5).await?;
    two.bob.until("the other issue at the top", &is_first, json!(second)).await?;
    two.bob.until_gone("[data-testid=updates-pill]").await?;
    two.are_well().await
}

/// The id of the row that stands first.
const FIRST_ROW: &str = "[...document.querySelectorAll('[data-testid=issue-row]')]
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0]?.dataset.id";

/// Does something while the pointer moves about on an issue's row: a hand that rests lets the rows go.
async fn with_a_restless_hand<T>(
    browser: &Browser,
    issue: &str,
    meanwhile: impl Future<Output = Result<T>>,
) -> Result<T> {
    point_at(browser, issue, 0).await?;
    let moving = async {
        for step in 1.. {
            tokio::time::sleep(Duration::from_millis(300)).await;
            point_at(browser, issue, step % 2).await?;
        }
        Ok(())
    };
    tokio::select! {
        done = meanwhile => done,
        failed = moving => failed.and_then(|()| anyhow::bail!("the hand rests")),
    }
}

/// Moves the pointer over an issue's row.
async fn point_at(browser: &Browser, issue: &str, aside_px: i64) -> Result<()> {
    let place = "const box = document.querySelector(`[data-testid=issue-row][data-id='${a}']`).getBoundingClientRect();
        return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)];";
    let [x, y]: [i64; 2] = serde_json::from_value(browser.eval(place, json!(issue)).await?)?;
    point(browser, x + aside_px, y).await
}

async fn point(browser: &Browser, x: i64, y: i64) -> Result<()> {
    let moved = json!({ "type": "mouseMoved", "x": x, "y": y });
    browser.devtools("Input.dispatchMouseEvent", moved).await.map(drop)
}

/// Name and count of each group, from the top.
const GROUPS: &str = "[...document.querySelectorAll('[data-testid=group-head]')]
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map((head) => [head.dataset.value, +head.querySelector('.group-count').textContent])";

#[tokio::test]
async fn groups_are_counted_live_and_can_be_folded() -> Result<()> {
    let two = Two::on("WEB").await?;
    two.bob.click("[data-testid=filter-group]").await?;
    two.bob.click("[data-testid=option-status]").await?;
    let all = format!("document.querySelector('[data-testid=group-head]') && {GROUPS}");
    let groups: Vec<(String, u64)> = serde_json::from_value(two.bob.until("groups", &all, Value::Null).await?)?;
    let order = ["backlog", "todo", "in_progress", "in_review", "done", "cancelled"];
    let place = |name: &str| order.iter().position(|other| *other == name);
    assert!(groups.windows(2).all(|pair| place(&pair[0].0) < place(&pair[1].0)), "{groups:?}");
    let project = two.server.export().await?;
    let web = project.rows("project").into_iter().find(|row| row["code"] == "WEB").context("there is a project")?;
    for (name, count) in &groups {
        let in_status = |row: &Value| row["project"] == web["id"] && row["status"] == *name;
        assert_eq!(project.rows("issue").iter().filter(|row| in_status(row)).count() as u64, *count, "{name}");
    }

    // Ada moves an issue into another group.
    let issue = two.ada.first_issue().await?;
    let before = two.ada.attribute(&status_of(&issue), "data-status").await?.context("it has a status")?;
    let after = two.ada.change_status(&issue).await?;
    let count = |name: &str| groups.iter().find(|(group, _)| group == name).map_or(0, |(_, count)| *count);
    let moved =
        format!("((counts) => (counts[a[0]] ?? 0) === a[1] && counts[a[2]] === a[3])(Object.fromEntries({GROUPS}))");
    let counts = json!([before, count(&before) - 1, after, count(after) + 1]);
    point(&two.bob, 5, 5).await?;
    two.bob.until("the issue in its new group", &moved, counts).await?;

    let (first, rows) = (&groups[0].0, two.bob.issues().await?.len());
    two.bob.click(&format!("[data-testid=group-head][data-value={first}] button")).await?;
    let folded = "document.querySelector(`[data-testid=group-head][data-value=${a}] button`).ariaExpanded === 'false'";
    two.bob.until("the group to be folded", folded, json!(first)).await?;
    let hidden = format!("document.querySelector('[data-testid=issue-status][data-status={first}]') === null");
    two.bob.until("its rows to go", &hidden, Value::Null).await?;
    assert!(rows > 0);
    two.are_well().await
}

fn status_of(issue: &str) -> String {
    format!("[data-testid=issue-row][data-id='{issue}'] [data-testid=issue-status]")
}
