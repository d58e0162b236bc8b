//! The text forms: keys, scopes, ids, a log's marks, the keys of the outbox, a URL's filter.

use crate::text;
use holdfast_sync::{Mark, client};
use holdfast_tracker::{
    CommentId, IssueId, Key, LabelId, ProjectId, Scope, UserId, WorkspaceId,
    filter::{IssueQuery, fold},
};
use std::{fmt::Display, str::FromStr};

pub fn check(bytes: &[u8]) {
    for line in text(bytes).lines() {
        as_text::<Key>(line);
        as_text::<Scope>(line);
        as_text::<WorkspaceId>(line);
        as_text::<ProjectId>(line);
        as_text::<UserId>(line);
        as_text::<IssueId>(line);
        as_text::<CommentId>(line);
        as_text::<LabelId>(line);
        if let Some(seq) = client::outbox_seq(line) {
            assert_eq!(client::outbox_seq(&client::outbox_key(seq)), Some(seq), "its key is its number");
        }
        if let Ok(mark) = serde_json::from_value::<Mark>(line.into()) {
            assert_eq!(serde_json::from_value::<Mark>(mark.to_string().into()).ok(), Some(mark));
        }
        let query = IssueQuery::from_query(line);
        let url = query.to_query();
        assert_eq!(IssueQuery::from_query(&url), query, "a URL says all of a query");
        assert_eq!(IssueQuery::from_query(&format!("?{url}")), query);
        let folded = fold(line);
        assert_eq!(fold(&folded), folded, "folded text is folded");
    }
}

fn as_text<T: FromStr + Display + PartialEq + std::fmt::Debug>(line: &str) {
    let Ok(value) = line.parse::<T>() else { return };
    let written = value.to_string();
    let again = written.parse::<T>().ok();
    assert_eq!(again.as_ref(), Some(&value), "{written:?} is read as it was written");
    assert_eq!(again.map(|again| again.to_string()), Some(written), "it is written as it was");
}
