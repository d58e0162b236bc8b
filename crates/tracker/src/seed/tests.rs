//! What every made workspace must be like.

use super::*;
use crate::{
    Actor, Mutation, check,
    testing::{self, World},
};
use std::collections::BTreeMap;

fn issues(rows: &[Row]) -> Vec<&Issue> {
    rows.iter().filter_map(|row| if let Row::Issue(issue) = row { Some(issue) } else { None }).collect()
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_others() {
    let rows: Vec<Row> = seed(300, 1).collect();
    assert!(seed(300, 1).eq(rows.iter().cloned()));
    assert!(!seed(300, 2).eq(rows));
}

/// The rows of a seed never change: what was measured with them stays comparable.
#[test]
fn the_rows_of_a_seed_are_those_of_every_version() {
    let rows: Vec<Row> = seed(50, 42).collect();
    let bytes = serde_json::to_vec(&rows).expect("rows encode");
    assert_eq!(uuid::Uuid::new_v5(&uuid::Uuid::nil(), &bytes).to_string(), "d728c76d-88bf-53b8-a69b-fd29ce5b00e9");
}

#[test]
fn every_row_can_be_put_after_those_it_refers_to() {
    let mut world = World::default();
    for row in seed(200, 3) {
        assert_eq!(check::row(&row), Ok(()));
        if let Row::Issue(issue) = &row {
            let refers_to = [Some(issue.creator), issue.assignee].into_iter().flatten().map(crate::Key::User);
            let refers_to = refers_to.chain(issue.labels.iter().copied().map(crate::Key::Label));
            for key in refers_to.chain([crate::Key::Project(issue.project)]) {
                assert!(world.rows.contains_key(&key), "{key}");
            }
        }
        if let Some(parent) = row.parent().filter(|parent| *parent != crate::Key::PROJECTS) {
            assert!(world.rows.contains_key(&parent), "{parent}");
        }
        let changes = world.run(Actor::System, &Mutation::Put { row }).expect("it can be put");
        assert_eq!(changes.len(), 1, "no row comes twice");
    }
    let project = named::project("Web app");
    let last = world.counters[&format!("number/{project}")];
    let create = Mutation::CreateIssue {
        id: testing::issue(1),
        project,
        title: "Next".into(),
        status: Status::Todo,
        priority: Priority::None,
        assignee: None,
        labels: [].into(),
        description: String::new(),
    };
    world.run(Actor::User(named::user(USERS[0])), &create).expect("made");
    assert_eq!(world.issue(testing::issue(1)).number, Some(last + 1));
}

#[test]
fn times_and_numbers_are_in_order() {
    let rows: Vec<Row> = seed(1_000, 4).collect();
    let mut numbers: BTreeMap<ProjectId, (u64, i64)> = BTreeMap::new();
    let mut updated = BTreeMap::new();
    for issue in issues(&rows) {
        assert!((END_MS - SPAN_MS..=issue.updated_at).contains(&issue.created_at) && issue.updated_at <= END_MS);
        let (number, created_at) = numbers.entry(issue.project).or_default();
        assert_eq!(issue.number, Some(*number + 1));
        assert!(*created_at <= issue.created_at);
        (*number, *created_at) = (*number + 1, issue.created_at);
        updated.insert(issue.id, (issue.created_at, issue.updated_at));
    }
    assert_eq!(numbers.len(), PROJECTS.len());
    for row in &rows {
        if let Row::Comment(comment) = row {
            let (created_at, updated_at) = updated[&comment.issue];
            assert!((created_at..=updated_at).contains(&comment.created_at));
            assert!(comment.edited_at.is_none_or(|edited_at| (comment.created_at..=END_MS).contains(&edited_at)));
        }
    }
}

#[test]
fn the_mix_is_that_of_a_team() {
    let rows: Vec<Row> = seed(2_000, 5).collect();
    let issues = issues(&rows);
    let percent = |count: usize| count * 100 / issues.len();
    let of = |status| percent(issues.iter().filter(|issue| issue.status == status).count());
    for status in Status::ALL {
        assert!((2..60).contains(&of(status)), "{status:?}: {} %", of(status));
    }
    assert!((35..65).contains(&of(Status::Done)));
    for priority in Priority::ALL {
        assert!(issues.iter().any(|issue| issue.priority == priority), "{priority:?}");
    }
    assert!((40..80).contains(&percent(issues.iter().filter(|issue| issue.assignee.is_some()).count())));

    let titles: BTreeSet<_> = issues.iter().map(|issue| &issue.title).collect();
    assert!(percent(titles.len()) > 75, "{} titles", titles.len());
    let comments = rows.iter().filter(|row| matches!(row, Row::Comment(_))).count();
    assert!((100..250).contains(&percent(comments)), "{comments} comments");
    let texts: Vec<&str> = rows
        .iter()
        .filter_map(|row| if let Row::Description(row) = row { Some(row.text.as_str()) } else { None })
        .collect();
    assert!((5..20).contains(&percent(texts.iter().filter(|text| text.is_empty()).count())));
    for part in ["```", "- [ ]", "- [x]", "\n1. ", "|---|", "**", "> "] {
        assert!(texts.iter().any(|text| text.contains(part)), "no {part}");
    }
    let all_texts = rows.iter().filter_map(|row| match row {
        Row::Comment(row) => Some(&row.text),
        Row::Description(row) => Some(&row.text),
        Row::Issue(row) => Some(&row.title),
        _ => None,
    });
    for text in all_texts {
        assert!(!["{area}", "{name}", "{n}"].iter().any(|hole| text.contains(hole)), "{text}");
    }
}

#[test]
fn any_number_of_issues_will_do() {
    for count in [0, 1, 2] {
        let rows: Vec<Row> = seed(count, 6).collect();
        assert_eq!(issues(&rows).len(), count);
    }
}
