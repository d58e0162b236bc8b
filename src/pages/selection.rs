//! Between what the filter bar chooses and what the URL says.

use crate::components::{filters::Selection, menu::Choice};
use holdfast_tracker::filter::{Column, GroupBy, IssueQuery, IssueSort, IssueView, SortKey};

/// The words for "nobody" in a URL.
const NOBODY: &str = "none";

/// What the filter bar shows of a view.
pub(super) fn of_view(view: &IssueView) -> Selection {
    let IssueView { query, hidden } = view;
    let filter = &query.filter;
    Selection {
        status: filter.statuses.iter().map(|status| status.name().to_owned()).collect(),
        priority: filter.priorities.iter().map(|priority| priority.name().to_owned()).collect(),
        assignee: filter
            .assignees
            .iter()
            .map(|user| user.map_or_else(|| NOBODY.to_owned(), |user| user.to_string()))
            .collect(),
        label: filter.labels.iter().map(ToString::to_string).collect(),
        text: filter.text.clone(),
        sort: sort_value(query.sort),
        group: query.group.map(GroupBy::name).unwrap_or_default().to_owned(),
        hidden: hidden.iter().map(|column| column.name().to_owned()).collect(),
    }
}

/// The view that a choice means.
pub(super) fn to_view(selection: &Selection) -> IssueView {
    let Selection { status, priority, assignee, label, text, sort, group, hidden } = selection;
    let mut query = IssueQuery::from_query(&format!(
        "status={}&priority={}&assignee={}&label={}&sort={sort}&group={group}",
        status.join(","),
        priority.join(","),
        assignee.join(","),
        label.join(","),
    ));
    query.filter.text.clone_from(text);
    IssueView { query, hidden: hidden.iter().filter_map(|name| Column::from_name(name)).collect() }
}

/// The orders to choose from.
pub(super) fn sorts() -> Vec<Choice> {
    let choice = |key: SortKey, descending, label: &str| Choice {
        value: sort_value(IssueSort { key, descending }),
        label: label.to_owned(),
        mark: Default::default(),
    };
    vec![
        choice(SortKey::Updated, true, "Last updated"),
        choice(SortKey::Created, true, "Newest"),
        choice(SortKey::Created, false, "Oldest"),
        choice(SortKey::Priority, false, "Priority"),
        choice(SortKey::Status, false, "Status"),
        choice(SortKey::Number, false, "Number"),
        choice(SortKey::Title, false, "Title"),
    ]
}

/// What a list can be grouped by.
pub(super) fn groups() -> Vec<Choice> {
    let none = Choice::plain("", "No groups");
    std::iter::once(none).chain(GroupBy::ALL.map(|by| Choice::plain(by.name(), by.label()))).collect()
}

/// What of each issue a list can show.
pub(super) fn columns() -> Vec<Choice> {
    Column::ALL.map(|column| Choice::plain(column.name(), column.label())).into()
}

fn sort_value(sort: IssueSort) -> String {
    format!("{}{}", if sort.descending { "-" } else { "" }, sort.key.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn a_choice_survives_the_url() {
        let text = "status=todo,done&assignee=none&q=caf%C3%A9%20%26%20co&sort=-created&group=assignee&hide=number";
        let view = IssueView::from_query(text);
        assert_eq!(to_view(&of_view(&view)), view);
        assert_eq!(to_view(&of_view(&view)).to_query(), text);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn every_order_to_choose_is_one() {
        for choice in sorts() {
            let view = to_view(&Selection { sort: choice.value.clone(), ..Selection::default() });
            assert_eq!(of_view(&view).sort, choice.value);
        }
    }
}
