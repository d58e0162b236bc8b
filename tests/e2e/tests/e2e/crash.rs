//! `kill -9` of either end: nothing that was said to be saved is lost, and nothing is done twice.

use anyhow::{Context, Result, ensure};
use holdfast_e2e::{Browser, Export, Stage, Way};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

/// Notes each status that the connection's banner shows, and when.
const NOTE_CONNECTION: &str = "
    const banner = document.querySelector('[data-testid=connection-banner]');
    window.connection = [];
    new MutationObserver(() => window.connection.push({ status: banner.dataset.status, at_ms: Date.now() }))
        .observe(banner, { attributes: true, attributeFilter: ['data-status'] });
";

/// Changes the status of row after row by its menu, as fast as the page can; `window.burst` counts.
const BURST: &str = "
    window.burst = 0;
    (async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        for (const id of a) {
            const row = document.querySelector(`[data-testid=issue-row][data-id='${id}']`);
            const now = row.querySelector('[data-testid=issue-status]').dataset.status;
            row.querySelector(\"button[title='Change status']\").click();
            const other = `[data-testid=option-${now === 'todo' ? 'in_review' : 'todo'}]`;
            while (!document.querySelector(other)) await frame();
            document.querySelector(other).click();
            window.burst += 1;
        }
    })();
";

/// The burst has made so many edits, and all of them are sent and not answered.
const IN_FLIGHT: &str = "window.burst === a
    && document.querySelectorAll('[data-testid=issue-row][data-sync=sending]').length >= a";

/// What each row on the screen says: by id, its status and its mark.
async fn rows(browser: &Browser) -> Result<BTreeMap<String, (String, String)>> {
    let rows = "return Object.fromEntries([...document.querySelectorAll('[data-testid=issue-row]')].map((row) =>
        [row.dataset.id, [row.querySelector('[data-testid=issue-status]').dataset.status, row.dataset.sync]]))";
    Ok(serde_json::from_value(browser.eval(rows, Value::Null).await?)?)
}

/// That no row claims the server has what it has not.
fn says_no_more_than_is_true(rows: &BTreeMap<String, (String, String)>, server: &Export) -> Result<()> {
    for (id, (status, mark)) in rows.iter().filter(|(_, (_, mark))| mark == "synced") {
        let held = &server.row("issue", id)?["status"];
        ensure!(held == status, "{id} is {status} and {mark} on the screen, but {held} on the server");
    }
    Ok(())
}

fn now_ms() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0)
}

/// Somebody who signed in yesterday, at work on a project, and the issues in sight.
async fn at_work(stage: &Stage, origin: &str) -> Result<(Browser, Vec<String>)> {
    let mut ada = stage.browser("ada").await?;
    ada.sign_in(origin, "Ada").await?;
    ada.close().await?;
    ada.reopen().await?;
    ada.goto(&format!("{origin}/projects/WEB")).await?;
    ada.until_there("[data-testid=issue-row]").await?;
    ada.until_drained().await?;
    let issues = ada.issues().await?;
    Ok((ada, issues))
}

#[tokio::test]
async fn a_server_killed_with_edits_in_flight_gets_each_once() -> Result<()> {
    let stage = Stage::new().await?;
    let mut server = stage.seeded_server(60).await?;
    let (ada, issues) = at_work(&stage, server.origin()).await?;
    let before = server.export().await?;
    ada.eval(NOTE_CONNECTION, Value::Null).await?;

    let burst = &issues[..20];
    ada.eval(BURST, json!(burst[..10])).await?;
    ada.until("some edits to be made", "window.burst > 5", Value::Null).await?;
    server.freeze()?;
    ada.until("the burst's end", "window.burst === 10", Value::Null).await?;
    ada.eval(BURST, json!(burst[10..])).await?;
    ada.until("edits on their way", IN_FLIGHT, json!(10)).await?;
    let killed_ms = now_ms()?;
    server.kill9().await?;
    let lost = ada.until("that the banner says so", "window.connection[0]", Value::Null).await?;
    let late_ms = lost["at_ms"].as_f64().context("a change has its time")? - killed_ms;
    println!("kill -9 of the server to the banner saying {}: {late_ms:.0} ms", lost["status"]);
    assert!(late_ms < 2000.0, "the banner says so after {late_ms} ms");
    assert_ne!(lost["status"], "live");

    ada.create_issue("Made while the server was dead").await?;
    let made = ada.until_titled("Made while the server was dead").await?;
    ada.until_mark_of(&made, "queued").await?;
    let late = &issues[20];
    ada.change_status(late).await?;
    ada.until_mark_of(late, "queued").await?;
    ada.until_gone("[data-sync=sending], [data-sync=saving]").await?;
    let (shown, held) = (rows(&ada).await?, server.export().await?);
    says_no_more_than_is_true(&shown, &held)?;
    let queued = shown.values().filter(|(_, mark)| mark == "queued").count() as u64;
    assert_eq!(ada.unsent().await?, queued, "each of these rows has one edit");
    assert!(queued >= 12, "ten edits were in flight when the server died");

    server.start().await?;
    ada.until_drained().await?;
    let after = server.export().await?;
    let edits = burst.len() + 2;
    assert_eq!(after.answers() - before.answers(), edits);
    assert_eq!(after.head()? - before.head()?, edits as u64);
    assert_eq!(after.count("issue", "title", "Made while the server was dead"), 1);
    for issue in burst.iter().chain([late]) {
        assert_eq!(after.row("issue", issue)?["status"], shown[issue].0, "{issue}");
        assert_ne!(after.row("issue", issue)?["status"], before.row("issue", issue)?["status"], "{issue}");
    }
    says_no_more_than_is_true(&rows(&ada).await?, &after)?;
    ada.is_well().await
}

#[tokio::test]
async fn a_server_that_dies_between_commit_and_ack_does_nothing_twice() -> Result<()> {
    let stage = Stage::new().await?;
    let mut server = stage.seeded_server(60).await?;
    let (ada, issues) = at_work(&stage, server.origin()).await?;
    ada.open_issue(&issues[0]).await?;
    let before = server.export().await?;
    server.kill9().await?;
    ada.comment("Said once.").await?;
    ada.until_there("[data-testid=comment][data-sync=queued]").await?;

    server.start_to_die("after-commit").await?;
    server.ended().await?;
    let committed = server.export().await?;
    assert_eq!(committed.count("comment", "text", "Said once."), 1, "it died after the commit");
    assert_eq!(ada.unsent().await?, 1, "and nobody was told");

    server.start().await?;
    ada.until_drained().await?;
    let after = server.export().await?;
    assert_eq!(after.count("comment", "text", "Said once."), 1);
    assert_eq!(after.answers() - before.answers(), 1);
    assert_eq!(after.head()?, committed.head()?, "the resend changed nothing");
    ada.is_well().await
}

#[tokio::test]
async fn a_browser_killed_after_queued_was_shown_has_lost_nothing() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let gate = stage.gate(&server).await?;
    let (mut ada, issues) = at_work(&stage, gate.origin()).await?;
    let issue = &issues[0];
    let before = server.export().await?;

    gate.set(Way::Shut);
    ada.until_status("reconnecting").await?;
    let status = ada.change_status(issue).await?;
    ada.create_issue("Made before the power went").await?;
    let made = ada.until_titled("Made before the power went").await?;
    ada.until_mark_of(issue, "queued").await?;
    ada.until_mark_of(&made, "queued").await?;
    ada.reopen().await?;

    ada.goto(&format!("{}/projects/WEB", gate.origin())).await?;
    ada.until_status_of(issue, status).await?;
    ada.until_mark_of(issue, "queued").await?;
    assert_eq!(ada.until_titled("Made before the power went").await?, made);
    ada.until_mark_of(&made, "queued").await?;
    assert_eq!(ada.unsent().await?, 2);
    assert_ne!(ada.status().await?, "live");

    gate.set(Way::Open);
    ada.until_drained().await?;
    let after = server.export().await?;
    assert_eq!(after.answers() - before.answers(), 2);
    assert_eq!(after.count("issue", "title", "Made before the power went"), 1);
    assert_eq!(after.row("issue", issue)?["status"], status);
    ada.is_well().await
}

#[tokio::test]
async fn a_browser_killed_while_a_burst_is_on_its_way_agrees_with_the_server_at_last() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let (mut ada, issues) = at_work(&stage, server.origin()).await?;
    let before = server.export().await?;
    let burst = &issues[..20];
    ada.eval(BURST, json!(burst[..10])).await?;
    ada.until("some edits to be made", "window.burst > 5", Value::Null).await?;
    server.freeze()?;
    ada.until("the burst's end", "window.burst === 10", Value::Null).await?;
    ada.eval(BURST, json!(burst[10..])).await?;
    ada.until("edits on their way", IN_FLIGHT, json!(10)).await?;
    let shown = rows(&ada).await?;
    ada.kill9()?;
    server.thaw()?;

    ada.reopen().await?;
    ada.goto(&format!("{}/projects/WEB", server.origin())).await?;
    ada.until_there("[data-testid=issue-row]").await?;
    ada.until_drained().await?;
    let after = server.export().await?;
    says_no_more_than_is_true(&rows(&ada).await?, &after)?;
    let mut changed = 0;
    for issue in burst {
        let (was, is) = (&before.row("issue", issue)?["status"], &after.row("issue", issue)?["status"]);
        changed += usize::from(was != is);
        let (status, mark) = &shown[issue];
        assert!(mark == "saving" || is == status, "{issue} was {status} and {mark} on the screen, and is {is}");
    }
    assert!(changed >= 16, "{changed} edits were made");
    assert_eq!(after.answers() - before.answers(), changed, "each once");
    ada.is_well().await
}

/// Chromium takes its time to write cookies and local storage to the disk: then it is as if nobody
/// had signed in, but the edits are there.
#[tokio::test]
async fn a_browser_killed_right_after_signing_in_keeps_the_edits_for_whoever_made_them() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let gate = stage.gate(&server).await?;
    let mut ada = stage.browser("ada").await?;
    ada.sign_in(gate.origin(), "Ada").await?;
    ada.open_project("WEB").await?;
    let issue = ada.first_issue().await?;
    gate.set(Way::Shut);
    ada.until_status("reconnecting").await?;
    let status = ada.change_status(&issue).await?;
    ada.until_mark_of(&issue, "queued").await?;
    ada.reopen().await?;

    gate.set(Way::Open);
    ada.goto(gate.origin()).await?;
    ada.until_there("[data-testid=sign-in], [data-testid=user-name]").await?;
    if ada.text("[data-testid=user-name]").await?.is_none() {
        ada.sign_in(gate.origin(), "Ada").await?;
    } else if ada.status().await? == "needs-sign-in" {
        ada.click("[data-testid=banner-action]").await?;
        ada.sign_in(gate.origin(), "Ada").await?;
    }
    ada.open_project("WEB").await?;
    ada.until_drained().await?;
    ada.until_status_of(&issue, status).await?;
    assert_eq!(server.export().await?.row("issue", &issue)?["status"], status);
    ada.is_well().await
}
