//! How long an edit takes from the click to the other's document.

use crate::Browser;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The order in which an edited row stays where it is.
const BY_NUMBER: &str = "[data-testid=option-number]";

/// Notes when each choice in a menu is clicked.
const NOTE_CLICKS: &str = "
    window.clicked = [];
    addEventListener('click', (event) => {
        if (event.target.closest('[data-testid^=option-]')) window.clicked.push(Date.now());
    }, true);
";

/// Notes when each status in the list becomes which.
const NOTE_STATUSES: &str = "
    window.seen = [];
    new MutationObserver((records) => {
        for (const { target } of records) {
            const issue = target.closest('[data-testid=issue-row]')?.dataset.id;
            window.seen.push({ issue, status: target.dataset.status, at_ms: Date.now() });
        }
    }).observe(document.querySelector('[data-testid=issue-list]'),
        { subtree: true, attributes: true, attributeFilter: ['data-status'] });
";

/// Changes `count` statuses by the rows' menus, one after the other, in the one browser, and waits
/// for all in the other, in milliseconds from the click on the choice to the change of the other's
/// document. Both show the same project's list. The browsers are on one machine, so one clock times both
/// ends.
///
/// # Errors
/// When one of the edits does not arrive.
pub async fn measure(here: &Browser, there: &Browser, count: usize) -> Result<Vec<f64>> {
    for browser in [here, there] {
        browser.click("[data-testid=filter-sort]").await?;
        browser.click(BY_NUMBER).await?;
        browser.until_there("[data-testid=filter-sort][data-value=number]").await?;
    }
    let issues = here.issues().await?;
    ensure!(there.issues().await? == issues, "the two lists are not the same");
    here.eval(NOTE_CLICKS, Value::Null).await?;
    there.eval(NOTE_STATUSES, Value::Null).await?;

    let mut edits = Vec::new();
    for issue in issues.iter().take(12).cycle().take(count) {
        edits.push((issue.clone(), here.change_status(issue).await?));
    }
    let arrived = there.until("all edits", "window.seen.length >= a && window.seen", json!(count)).await?;
    let clicked: Vec<f64> = serde_json::from_value(here.eval("return window.clicked", Value::Null).await?)?;
    ensure!(clicked.len() == count, "{} clicks for {count} edits", clicked.len());
    latencies_ms(&edits, &clicked, &arrived)
}

/// Each edit's own arrival: those on one issue arrive in the order in which they were made.
fn latencies_ms(edits: &[(String, &str)], clicked: &[f64], arrived: &Value) -> Result<Vec<f64>> {
    let mut of_issue = BTreeMap::<&str, Vec<&Value>>::new();
    for change in arrived.as_array().context("a list of changes")?.iter().rev() {
        of_issue.entry(change["issue"].as_str().unwrap_or_default()).or_default().push(change);
    }
    let latency = |((issue, status), clicked_ms): (&(String, &str), &f64)| {
        let change = of_issue.get_mut(issue.as_str()).and_then(Vec::pop);
        let change = change.with_context(|| format!("an edit of {issue} did not arrive"))?;
        ensure!(change["status"] == *status, "{issue} became {} instead of {status}", change["status"]);
        Ok(change["at_ms"].as_f64().context("a change has its time")? - clicked_ms)
    };
    edits.iter().zip(clicked).map(latency).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_edit_has_its_own_arrival() {
        let edits = [("a".to_owned(), "todo"), ("b".to_owned(), "todo"), ("a".to_owned(), "done")];
        let change =
            |issue: &str, status: &str, at_ms: u32| json!({ "issue": issue, "status": status, "at_ms": at_ms });
        let arrived = json!([change("a", "todo", 12), change("a", "done", 45), change("b", "todo", 28)]);
        let latencies = latencies_ms(&edits, &[10.0, 20.0, 40.0], &arrived).expect("all arrived");
        assert_eq!(latencies, [2.0, 8.0, 5.0]);
        let swapped = json!([change("a", "done", 12), change("a", "todo", 45), change("b", "todo", 28)]);
        assert!(latencies_ms(&edits, &[10.0, 20.0, 40.0], &swapped).is_err());
        assert!(latencies_ms(&edits, &[10.0, 20.0, 40.0], &json!([change("a", "todo", 12)])).is_err());
    }
}
