//! Scopes that are kept on the device whether or not they are read, within a budget of rows.
//!
//! They are taken in the order in which they are given, each whole or not at all: one that would exceed the budget
//! is left out, and what comes behind it may still fit. How many rows a scope has is known with its first page;
//! [`SIZED_AT_ONCE`] of unknown size are begun at a time. What the device holds already waits for none of them.
//!
//! What the device holds of scopes that are neither kept nor read, as of those that were opened once and have been
//! left out since, is let go of [`COLLECTED_AFTER_MS`] after the last change of what is kept, where all of that has
//! come by then; else by the next page. Edits that wait to be sent are never touched: the outbox is no scope's.

use super::{QueryState, local_memo, scope::LiveScope};
use crate::{bridge::Guard, status::use_sync};
use holdfast_sync::{Schema, client::Coverage};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Scopes of unknown size that are begun at a time.
pub const SIZED_AT_ONCE: usize = 8;

/// How long what is neither kept nor read stays on the device.
pub const COLLECTED_AFTER_MS: u64 = 60_000;

/// What is kept of what was to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replication<S: Schema> {
    /// The scopes that are kept, loaded or not yet.
    pub kept: BTreeSet<S::Scope>,
    /// Those that are beyond the budget, or wait until it is known what is left of that.
    pub left_out: BTreeSet<S::Scope>,
    /// Those of the kept that have come.
    pub complete: BTreeSet<S::Scope>,
    /// Rows of what is kept, as far as it is known.
    pub rows: u64,
}

impl<S: Schema> Replication<S> {
    fn nothing() -> Self {
        let none = BTreeSet::new;
        Self { kept: none(), left_out: none(), complete: none(), rows: 0 }
    }
}

/// Keeps the `scopes`, the first ones first, as long as they have `rows_max` rows together, for as long as the
/// component that calls this lives.
pub fn replicate<S: Schema>(
    scopes: impl Fn() -> Vec<S::Scope> + 'static,
    rows_max: u64,
) -> Signal<Replication<S>, LocalStorage> {
    let sync = use_sync::<S>();
    let registry = sync.registry();
    let sizes = RefCell::new(BTreeMap::<S::Scope, u64>::new());
    let replication = RwSignal::new_local(Replication::<S>::nothing());
    // What is held is let go of when the next round holds what it needs, so that nothing is dropped in between.
    Effect::new(move |_held: Option<SendWrapper<Vec<Rc<LiveScope<S>>>>>| {
        let mut sizes = sizes.borrow_mut();
        let mut round = Replication::nothing();
        let (mut held, mut unsized_scopes) = (Vec::new(), 0);
        for scope in scopes() {
            let known = sizes.get(&scope).copied().unwrap_or_default();
            let is_begun = sync.read(|client| client.coverage(&scope)) != Coverage::None;
            let waits = unsized_scopes >= SIZED_AT_ONCE && !is_begun;
            if waits || round.rows + known > rows_max {
                round.left_out.insert(scope);
                continue;
            }
            let live = untrack(|| registry.scope(scope.clone()));
            let state = live.state.get();
            let size = match state {
                QueryState::Loading { total, .. } => total,
                QueryState::Refused => Some(0),
                QueryState::Ready | QueryState::Partial => Some(sync.read(|client| client.rows_in(&scope)) as u64),
            };
            match size {
                None => unsized_scopes += 1,
                Some(size) => {
                    sizes.insert(scope.clone(), size);
                    if round.rows + size > rows_max {
                        round.left_out.insert(scope);
                        continue;
                    }
                    round.rows += size;
                }
            }
            if state == QueryState::Ready {
                round.complete.insert(scope.clone());
            }
            round.kept.insert(scope);
            held.push(live);
        }
        if replication.with_untracked(|before| *before != round) {
            replication.set(round);
        }
        SendWrapper::new(held)
    });
    let collection = SendWrapper::new(RefCell::new(None::<Guard>));
    let kept = local_memo(move || replication.with(|replication| replication.kept.clone()));
    Effect::new(move |_| {
        let kept = kept.get();
        let timer = sync.after(COLLECTED_AFTER_MS, move || {
            // What is wanted may follow from rows that have not come yet.
            let has_come = |coverage| matches!(coverage, Coverage::Complete | Coverage::Refused);
            if sync.read(|client| client.is_hydrated() && kept.iter().all(|scope| has_come(client.coverage(scope)))) {
                sync.registry().let_go_unread();
            }
        });
        *collection.borrow_mut() = Some(timer);
    });
    replication.into()
}
