//! I4 and I7 for queries: at rest a client holds of each query that it watches as many rows as it wants,
//! each as the server has it, and no others up to where it says it reaches; and it knows how many there are.

use super::{Checked, broken};
use crate::schema::{Kept, Key, Question, Version};
use holdfast_sync::{client::SyncClient, protocol::Reach, schema::Query};
use std::collections::BTreeMap;

/// The question, how many rows of it are wanted, and whether they may be read.
pub(crate) struct Wish {
    pub(crate) question: Question,
    pub(crate) rows: u64,
    pub(crate) may_read: bool,
}

pub(crate) fn look<S: Version>(sync: &SyncClient<S>, log: &BTreeMap<Key, Kept>, wish: &Wish) -> Checked {
    let Wish { question, rows, may_read } = wish;
    let Some(state) = sync.watch_state(question) else {
        return broken("I4", format!("{question:?} is not watched"));
    };
    let scope = Query::<S>::scope(question);
    let meets = |row: &S::Row| S::scope(row) == scope && Query::<S>::meets(question, row);
    if !may_read {
        let holds = |key: &&Key| sync.confirmed(key).is_some_and(|held| S::scope(&held.row) == scope);
        return match sync.confirmed_keys().find(holds) {
            Some(key) => broken("I7", format!("{key} is held for {question:?}, and may not be read any more")),
            None if !state.is_refused => broken("I4", format!("{question:?} may not be read, and is {state:?}")),
            None => Ok(()),
        };
    }
    let met: Vec<&Kept> = log.values().filter(|kept| meets(&S::row(&kept.row))).collect();
    if state.is_refused || state.is_loading || state.total != Some(met.len() as u64) {
        return broken("I4", format!("{question:?} has {} rows, and is {state:?}", met.len()));
    }
    let reached = |row: &S::Row| match &state.reach {
        Reach::All => true,
        reach => reach.holds(&Query::<S>::place(question, row)),
    };
    let due: Vec<&&Kept> = met.iter().filter(|kept| reached(&S::row(&kept.row))).collect();
    if due.len() < met.len().min(*rows as usize) {
        return broken("I4", format!("of {question:?} {rows} rows are wanted, {} held of {}", due.len(), met.len()));
    }
    for kept in due {
        let key = S::key(&S::row(&kept.row));
        if sync.confirmed(&key).map(|held| (held.seq, &held.row)) != Some((kept.seq, &*S::row(&kept.row))) {
            let held = sync.confirmed(&key);
            return broken("I4", format!("{key} is {held:?} for {question:?}, at the server {kept:?}"));
        }
    }
    let stray = |key: &&Key| {
        let held = sync.confirmed(key).filter(|held| meets(&held.row) && reached(&held.row));
        held.is_some_and(|held| log.get(*key).is_none_or(|kept| kept.seq != held.seq))
    };
    match sync.confirmed_keys().find(stray) {
        Some(key) => broken("I4", format!("{key} is held for {question:?}, and is not there so")),
        None => Ok(()),
    }
}
