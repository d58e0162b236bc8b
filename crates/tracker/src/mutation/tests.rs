//! Every mutation, settled as the server settles it and beside that as a browser
//! shows it.

use super::Mutation;
use crate::{
    Actor, Comment, Description, Issue, Key, Label, Priority, Project, Row, Status, User, View,
    testing::{self, NOW_MS, World},
};
use holdfast_sync::{RefusalCode, Write, authority::Outcome};
use proptest::prelude::*;
use serde_json::json;

const ANA: fn() -> Actor = || Actor::User(testing::user(1));
const BEN: fn() -> Actor = || Actor::User(testing::user(2));

/// A project with one issue, its description and Ana's comment; two people, two labels.
fn world() -> World {
    let (issue, project) = (testing::issue(1), testing::project(1));
    World::of([
        Row::Project(Project { id: project, code: "WEB".into(), name: "Web app".into(), created_at: 0 }),
        Row::User(User { id: testing::user(1), name: "Ana".into() }),
        Row::User(User { id: testing::user(2), name: "Ben".into() }),
        Row::Label(Label { id: testing::label(1), name: "bug".into(), color: "d73a4a".into() }),
        Row::Label(Label { id: testing::label(2), name: "docs".into(), color: "0075ca".into() }),
        Row::Issue(testing::sample_issue(1)),
        Row::Description(Description { issue, project, text: "It crashes.".into() }),
        Row::Comment(Comment {
            id: testing::comment(1),
            issue,
            project,
            author: testing::user(1),
            text: "Same here.".into(),
            created_at: 5,
            edited_at: None,
        }),
    ])
}

fn refused(world: &mut World, actor: Actor, mutation: Mutation) -> RefusalCode {
    world.run(actor, &mutation).expect_err("it is refused").code
}

fn create(n: u128) -> Mutation {
    Mutation::CreateIssue {
        id: testing::issue(n),
        project: testing::project(1),
        title: " Slow list ".into(),
        status: Status::Backlog,
        priority: Priority::High,
        assignee: Some(testing::user(2)),
        labels: [testing::label(1)].into(),
        description: "Scroll it.\r\n".into(),
    }
}

#[test]
fn an_issue_is_made_with_its_description_and_the_projects_next_number() {
    let mut world = world();
    world.run(Actor::System, &Mutation::Put { row: Row::Issue(testing::sample_issue(1)) }).expect("put");
    world.run(ANA(), &create(2)).expect("it is made");
    assert_eq!(
        world.issue(testing::issue(2)),
        &Issue {
            id: testing::issue(2),
            project: testing::project(1),
            number: Some(8),
            title: "Slow list".into(),
            status: Status::Backlog,
            priority: Priority::High,
            assignee: Some(testing::user(2)),
            labels: [testing::label(1)].into(),
            creator: testing::user(1),
            created_at: NOW_MS,
            updated_at: NOW_MS,
        }
    );
    let text = &world.rows[&Key::Description(testing::issue(2))].row;
    assert!(
        matches!(text, Row::Description(row) if row.text == "Scroll it.\r\n" && row.project == testing::project(1))
    );
    world.run(BEN(), &create(3)).expect("it is made");
    assert_eq!(world.issue(testing::issue(3)).number, Some(9));
}

#[test]
fn an_issue_is_not_made_over_another_or_of_what_is_not_there() {
    let changed = |edit: fn(&mut Mutation)| {
        let mut mutation = create(2);
        edit(&mut mutation);
        refused(&mut world(), ANA(), mutation)
    };
    assert_eq!(refused(&mut world(), ANA(), create(1)), RefusalCode::Exists);
    assert_eq!(refused(&mut world(), Actor::System, create(2)), RefusalCode::NotAllowed);
    let project = changed(|m| {
        if let Mutation::CreateIssue { project, .. } = m {
            *project = testing::project(2)
        }
    });
    assert_eq!(project, RefusalCode::NotFound);
    let user = changed(|m| {
        if let Mutation::CreateIssue { assignee, .. } = m {
            *assignee = Some(testing::user(3))
        }
    });
    assert_eq!(user, RefusalCode::NotFound);
    let label = changed(|m| {
        if let Mutation::CreateIssue { labels, .. } = m {
            *labels = [testing::label(3)].into()
        }
    });
    assert_eq!(label, RefusalCode::NotFound);
    let title = changed(|m| {
        if let Mutation::CreateIssue { title, .. } = m {
            title.clear()
        }
    });
    assert_eq!(title, RefusalCode::Invalid);
    let status = changed(|m| {
        if let Mutation::CreateIssue { status, .. } = m {
            *status = Status::Unknown
        }
    });
    assert_eq!(status, RefusalCode::Unreadable);
}

#[test]
fn a_refused_issue_takes_no_number() {
    let mut world = world();
    world.run(ANA(), &create(2)).expect("it is made");
    assert_eq!(refused(&mut world, ANA(), create(2)), RefusalCode::Exists);
    world.run(ANA(), &create(3)).expect("it is made");
    assert_eq!(world.issue(testing::issue(3)).number, Some(2));
}

#[test]
fn an_edit_of_an_issue_sets_its_field_and_its_time_and_no_other() {
    let issue = testing::issue(1);
    let before = testing::sample_issue(1);
    let stamped = Issue { updated_at: NOW_MS, ..before.clone() };
    let cases = [
        (Mutation::SetTitle { issue, title: "Crash ".into() }, Issue { title: "Crash".into(), ..stamped.clone() }),
        (Mutation::SetStatus { issue, status: Status::Done }, Issue { status: Status::Done, ..stamped.clone() }),
        (
            Mutation::SetPriority { issue, priority: Priority::Low },
            Issue { priority: Priority::Low, ..stamped.clone() },
        ),
        (
            Mutation::SetAssignee { issue, assignee: Some(testing::user(2)) },
            Issue { assignee: Some(testing::user(2)), ..stamped.clone() },
        ),
        (
            Mutation::AddLabel { issue, label: testing::label(2) },
            Issue { labels: [testing::label(2)].into(), ..stamped.clone() },
        ),
        (Mutation::EditDescription { issue, text: "New".into() }, stamped.clone()),
        (Mutation::AddComment { id: testing::comment(2), issue, text: "And?".into() }, stamped.clone()),
        (Mutation::EditComment { comment: testing::comment(1), issue, text: "No.".into() }, stamped.clone()),
        (Mutation::DeleteComment { comment: testing::comment(1), issue }, stamped.clone()),
    ];
    for (mutation, after) in cases {
        let mut world = world();
        world.run(ANA(), &mutation).expect("it is carried out");
        assert_eq!(world.issue(issue), &after, "{mutation:?}");
    }
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let issue = testing::issue(1);
    for mutation in [
        Mutation::SetTitle { issue, title: "Crash on start".into() },
        Mutation::SetStatus { issue, status: Status::Todo },
        Mutation::SetPriority { issue, priority: Priority::None },
        Mutation::SetAssignee { issue, assignee: None },
        Mutation::RemoveLabel { issue, label: testing::label(1) },
        Mutation::EditDescription { issue, text: "It crashes.".into() },
        Mutation::EditComment { comment: testing::comment(1), issue, text: "Same here.".into() },
        Mutation::RenameProject { project: testing::project(1), name: "Web app".into() },
        Mutation::EditLabel { label: testing::label(1), name: None, color: None },
    ] {
        assert_eq!(world().run(ANA(), &mutation).expect("it is carried out"), [], "{mutation:?}");
    }
}

#[test]
fn labels_are_added_and_taken_off_one_by_one() {
    let (mut world, issue) = (world(), testing::issue(1));
    world.run(ANA(), &Mutation::AddLabel { issue, label: testing::label(1) }).expect("added");
    world.run(BEN(), &Mutation::AddLabel { issue, label: testing::label(2) }).expect("added");
    world.run(BEN(), &Mutation::RemoveLabel { issue, label: testing::label(1) }).expect("taken off");
    assert_eq!(world.issue(issue).labels, [testing::label(2)].into());
    let unknown = Mutation::AddLabel { issue, label: testing::label(3) };
    assert_eq!(refused(&mut world, ANA(), unknown), RefusalCode::NotFound);
}

#[test]
fn a_view_is_everyones_and_each_part_of_it_is_changed_by_itself() {
    let (mut world, id) = (world(), testing::view(1));
    let create = |project| Mutation::CreateView { id, project, name: " Open ".into(), query: "status=todo".into() };
    assert_eq!(refused(&mut world, ANA(), create(testing::project(2))), RefusalCode::NotFound);
    world.run(ANA(), &create(testing::project(1))).expect("it is saved");
    assert_eq!(refused(&mut world, ANA(), create(testing::project(1))), RefusalCode::Exists);
    let rename = Mutation::EditView { view: id, name: Some("To do".into()), query: None };
    world.run(BEN(), &rename).expect("it is renamed");
    let change = |query: &str| Mutation::EditView { view: id, name: None, query: Some(query.into()) };
    world.run(ANA(), &change("sort=title")).expect("it is changed");
    let saved = View {
        id,
        project: testing::project(1),
        name: "To do".into(),
        query: "sort=title".into(),
        creator: testing::user(1),
    };
    assert_eq!(world.rows[&Key::View(id)].row, Row::View(saved));
    for query in ["a\nb".to_owned(), "x".repeat(10_001)] {
        assert_eq!(refused(&mut world, ANA(), change(&query)), RefusalCode::Invalid);
    }
    world.run(BEN(), &Mutation::DeleteView { view: id }).expect("it is deleted");
    assert_eq!(refused(&mut world, BEN(), rename), RefusalCode::NotFound);
    // Taken back, it is the same one.
    world.run(BEN(), &create(testing::project(1))).expect("it is saved again");
}

#[test]
fn an_issue_goes_with_its_description_and_comments() {
    let (mut world, issue) = (world(), testing::issue(1));
    let changes = world.run(BEN(), &Mutation::DeleteIssue { issue }).expect("it is deleted");
    assert_eq!(changes.len(), 3);
    assert!(!world.rows.values().any(|stored| stored.row.parent() == Some(Key::Issue(issue))));
    for late in [
        Mutation::SetStatus { issue, status: Status::Done },
        Mutation::AddComment { id: testing::comment(2), issue, text: "Late".into() },
        Mutation::EditDescription { issue, text: "Late".into() },
        Mutation::DeleteIssue { issue },
    ] {
        assert_eq!(refused(&mut world, ANA(), late), RefusalCode::NotFound);
    }
}

#[test]
fn only_its_author_changes_a_comment_and_only_on_its_issue() {
    let (comment, issue) = (testing::comment(1), testing::issue(1));
    let edit = Mutation::EditComment { comment, issue, text: "Solved.".into() };
    assert_eq!(refused(&mut world(), BEN(), edit.clone()), RefusalCode::NotAllowed);
    assert_eq!(refused(&mut world(), BEN(), Mutation::DeleteComment { comment, issue }), RefusalCode::NotAllowed);

    let mut world = world();
    world.run(ANA(), &create(2)).expect("it is made");
    let elsewhere = Mutation::EditComment { comment, issue: testing::issue(2), text: "Solved.".into() };
    assert_eq!(refused(&mut world, ANA(), elsewhere), RefusalCode::NotFound);
    world.run(ANA(), &edit).expect("it is edited");
    let Row::Comment(row) = &world.rows[&Key::Comment(comment)].row else { panic!("no comment") };
    assert_eq!((row.text.as_str(), row.created_at, row.edited_at), ("Solved.", 5, Some(NOW_MS)));
}

#[test]
fn a_row_is_put_by_the_server_alone_and_stays_where_it_is() {
    let put = Mutation::Put { row: Row::Issue(Issue { number: Some(40), ..testing::sample_issue(2) }) };
    assert_eq!(refused(&mut world(), ANA(), put.clone()), RefusalCode::NotAllowed);
    let mut world = world();
    world.run(Actor::System, &put).expect("it is put");
    world.run(ANA(), &create(3)).expect("it is made");
    assert_eq!(world.issue(testing::issue(3)).number, Some(41));
    let moved = Row::Issue(Issue { project: testing::project(2), ..testing::sample_issue(2) });
    assert_eq!(refused(&mut world, Actor::System, Mutation::Put { row: moved }), RefusalCode::Invalid);
}

#[test]
fn no_two_projects_have_one_code() {
    let named =
        |n, code: &str| Mutation::CreateProject { id: testing::project(n), code: code.into(), name: "New".into() };
    let put = |n, code: &str| {
        let (id, code) = (testing::project(n), code.into());
        Mutation::Put { row: Row::Project(Project { id, code, name: "New".into(), created_at: 0 }) }
    };
    let mut world = world();
    assert_eq!(refused(&mut world, ANA(), named(2, "WEB")), RefusalCode::Exists);
    assert_eq!(refused(&mut world, Actor::System, put(2, "WEB")), RefusalCode::Exists);
    world.run(Actor::System, &put(1, "WEB")).expect("it is its own");
    world.run(ANA(), &named(2, "APP")).expect("nobody has that");
    assert_eq!(refused(&mut world, BEN(), named(3, "APP")), RefusalCode::Exists);
}

#[test]
fn bad_values_are_refused_with_a_sentence() {
    let (issue, project) = (testing::issue(1), testing::project(1));
    for mutation in [
        Mutation::SetTitle { issue, title: "  ".into() },
        Mutation::EditDescription { issue, text: "x".repeat(200_001) },
        Mutation::AddComment { id: testing::comment(2), issue, text: "".into() },
        Mutation::RenameProject { project, name: "".into() },
        Mutation::CreateProject { id: testing::project(2), code: "web".into(), name: "Web".into() },
        Mutation::CreateLabel { id: testing::label(3), name: "ux".into(), color: "#fff".into() },
        Mutation::EditLabel { label: testing::label(1), name: None, color: Some("red".into()) },
    ] {
        let refusal = world().run(ANA(), &mutation).expect_err("it is refused");
        assert_eq!(refusal.code, RefusalCode::Invalid, "{mutation:?}");
        assert!(refusal.message.ends_with('.'), "{}", refusal.message);
    }
}

#[test]
fn mutations_have_the_names_and_form_of_the_wire() {
    let mutation = Mutation::SetStatus { issue: testing::issue(1), status: Status::InReview };
    let json = json!({"set_status": {"issue": testing::issue(1), "status": "in_review"}});
    assert_eq!(serde_json::to_value(&mutation).expect("it encodes"), json);
    assert_eq!(serde_json::from_value::<Mutation>(json).expect("it decodes"), mutation);
}

#[test]
fn what_a_newer_version_sends_is_read_passed_on_and_refused() {
    let later = json!({"merge_issues": {"from": "a", "into": ["b", {"c": null}]}});
    let mutation: Mutation = serde_json::from_value(later.clone()).expect("it decodes");
    assert_eq!(mutation, Mutation::Unknown(later.clone()));
    assert_eq!(serde_json::to_value(&mutation).expect("it encodes"), later);
    assert_eq!(refused(&mut world(), ANA(), mutation), RefusalCode::Unreadable);

    let more = json!({"set_title": {"issue": testing::issue(1), "title": "T", "why": "clearer"}});
    let mutation: Mutation = serde_json::from_value(more).expect("an unknown field decodes");
    assert_eq!(mutation, Mutation::SetTitle { issue: testing::issue(1), title: "T".into() });

    let status = json!({"set_status": {"issue": testing::issue(1), "status": "parked"}});
    let mutation: Mutation = serde_json::from_value(status).expect("an unknown status decodes");
    assert_eq!(refused(&mut world(), ANA(), mutation), RefusalCode::Unreadable);

    let bad = json!({"set_title": {"issue": "no id", "title": 3}});
    let mutation: Mutation = serde_json::from_value(bad.clone()).expect("a bad body is kept as it is");
    assert_eq!(mutation, Mutation::Unknown(bad));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// An access outside the footprint panics; one to a row that the footprint does
    /// not bring would give another result than with all rows at hand.
    #[test]
    fn the_footprint_is_all_that_a_mutation_touches(
        world in testing::any_world(),
        mutations in prop::collection::vec((testing::any_actor(), testing::any_mutation()), 1..8),
    ) {
        let mut world = world;
        for (actor, mutation) in mutations {
            let settlement = world.settlement(actor, &mutation);
            let shown = world.optimistic(actor, &mutation);
            match settlement.entry.outcome {
                Outcome::Refused(refusal) => prop_assert_eq!(shown, Err(refusal)),
                _ => {
                    let confirmed = settlement.entry.changes.iter().map(|change| {
                        let write = match &change.after {
                            Some(after) => Write::Put(unnumbered(&mutation, after.row.clone())),
                            None => Write::Delete,
                        };
                        (change.key.clone(), write)
                    });
                    prop_assert_eq!(shown, Ok(confirmed.collect()));
                }
            }
            let _ = world.run(actor, &mutation);
        }
    }

    #[test]
    fn what_a_mutation_changes_leaves_its_issue_stamped(
        world in testing::any_world(),
        actor in testing::any_actor(),
        mutation in testing::any_mutation(),
    ) {
        let changes = world.settlement(actor, &mutation).entry.changes;
        if let Some(key @ Key::Issue(_)) = mutation.target()
            && !changes.is_empty()
            && !matches!(mutation, Mutation::Put { .. })
        {
            let change = changes.iter().find(|change| change.key == key).expect("the issue is among the changes");
            if let Some(after) = &change.after {
                prop_assert!(matches!(&after.row, Row::Issue(issue) if issue.updated_at == NOW_MS));
            }
        }
    }

    #[test]
    fn mutations_keep_their_form_on_the_wire(mutation in testing::any_mutation()) {
        let text = serde_json::to_string(&mutation).expect("a mutation encodes");
        prop_assert_eq!(&serde_json::from_str::<Mutation>(&text).expect("it decodes again"), &mutation);
        prop_assert!(!mutation.describe().is_empty());
    }

    #[test]
    fn a_refusal_says_why_in_a_full_sentence(
        world in testing::any_world(),
        actor in testing::any_actor(),
        mutation in testing::any_mutation(),
    ) {
        if let Outcome::Refused(refusal) = world.settlement(actor, &mutation).entry.outcome {
            prop_assert!(refusal.message.ends_with('.') && refusal.message.starts_with(char::is_uppercase));
        }
    }
}

/// Only the server numbers a new issue.
fn unnumbered(mutation: &Mutation, row: Row) -> Row {
    match (mutation, row) {
        (Mutation::CreateIssue { .. }, Row::Issue(issue)) => Row::Issue(Issue { number: None, ..issue }),
        (_, row) => row,
    }
}
