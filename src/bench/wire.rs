//! The page's frames, which change single fields, as the engine's, which hold whole rows.

use super::schema::{Board, Id, Item, Labels, Text};
use holdfast_sync::{
    Mark, Seq, Stored,
    protocol::{Change, Patch},
};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// What `window.bench.message` takes.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// The position it starts after.
    pub from: Seq,
    /// The position it brings to.
    pub to: Seq,
    changes: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    seq: Seq,
    id: Id,
    #[serde(default)]
    patch: Option<Edit>,
    #[serde(default)]
    row: Option<Item>,
}

/// Fields that are others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Edit {
    title: Option<Text>,
    status: Option<Text>,
    priority: Option<Text>,
    #[serde(deserialize_with = "given")]
    assignee: Option<Option<Text>>,
    labels: Option<Labels>,
    updated_at: Option<i64>,
    project: Option<Text>,
}

/// What is given is given, `null` too.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Text>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Message {
    /// The engine's frame, given the rows as they are held, `behind` positions before the page's. A change of
    /// a row that is not there is none.
    pub fn into_patch<'a>(self, held: impl Fn(&Id) -> Option<&'a Item>, behind: Seq) -> Patch<Board> {
        let mut changes: Vec<Change<Board>> = Vec::with_capacity(self.changes.len());
        for Entry { seq, id, patch, row } in self.changes {
            let seq = seq - behind;
            // A row that is changed twice is as the second change leaves it.
            let earlier = changes.iter().position(|change| key_of(change) == id);
            let row = row.or_else(|| {
                let edit = patch?;
                let before = match earlier.map(|at| &changes[at]) {
                    Some(Change::Put(stored)) => Some(&stored.row),
                    Some(Change::Remove { .. }) => None,
                    None => held(&id),
                };
                before.map(|before| edit.on(before))
            });
            let change = match row {
                Some(row) => Change::Put(Stored { seq, born: seq, versions: BTreeMap::new(), row }),
                None => Change::Remove { key: id, seq },
            };
            match earlier {
                Some(at) => changes[at] = change,
                None => changes.push(change),
            }
        }
        let (from, to) = (self.from - behind, self.to - behind);
        Patch { from, to, mark: Mark(to.into()), rights: 0, settled: None, changes, totals: Vec::new() }
    }
}

fn key_of(change: &Change<Board>) -> Id {
    match change {
        Change::Put(stored) => stored.row.id,
        Change::Remove { key, .. } => *key,
    }
}

impl Edit {
    fn on(self, before: &Item) -> Item {
        let Self { title, status, priority, assignee, labels, updated_at, project } = self;
        Item {
            id: before.id,
            title: title.unwrap_or_else(|| before.title.clone()),
            status: status.unwrap_or_else(|| before.status.clone()),
            priority: priority.unwrap_or_else(|| before.priority.clone()),
            assignee: assignee.unwrap_or_else(|| before.assignee.clone()),
            labels: labels.unwrap_or_else(|| before.labels.clone()),
            updated_at: updated_at.unwrap_or(before.updated_at),
            project: project.or_else(|| before.project.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn item(id: u64, title: &str) -> Item {
        let text = format!(
            r#"{{"id":{id},"title":"{title}","status":"todo","priority":"high","assignee":"ada",
                "labels":["a","b"],"updated_at":1700000000000,"project":3}}"#
        );
        serde_json::from_str(&text).expect("it is a row")
    }

    fn rows(text: &str) -> Vec<Change<Board>> {
        let held = item(1, "held");
        let message: Message = serde_json::from_str(text).expect("it is a frame");
        message.into_patch(|id| (*id == Id(1)).then_some(&held), 10).changes
    }

    fn put(seq: Seq, row: Item) -> Change<Board> {
        Change::Put(Stored { seq, born: seq, versions: BTreeMap::new(), row })
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn fields_are_laid_on_what_is_held() {
        let changed = rows(
            r#"{"from":10,"to":13,"changes":[{"seq":11,"id":1,"patch":{"title":"one","assignee":null}},
                {"seq":12,"id":1,"patch":{"labels":["c"],"updated_at":1700000000001}}]}"#,
        );
        let labels = Labels("c".into());
        let after = Item { assignee: None, labels, updated_at: 1_700_000_000_001, ..item(1, "one") };
        assert_eq!(changed, [put(2, after)]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn rows_come_and_go() {
        let text = format!(
            r#"{{"from":10,"to":12,"changes":[{{"seq":11,"id":2,"row":{}}},{{"seq":12,"id":1,"delete":true}}]}}"#,
            serde_json::to_string(&item(2, "new")).expect("it is JSON")
        );
        assert_eq!(rows(&text), [put(1, item(2, "new")), Change::Remove { key: Id(1), seq: 2 }]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn what_is_not_held_is_not_made_up() {
        let changed = rows(r#"{"from":10,"to":11,"changes":[{"seq":11,"id":9,"patch":{"title":"nine"}}]}"#);
        assert_eq!(changed, [Change::Remove { key: Id(9), seq: 1 }]);
    }
}
