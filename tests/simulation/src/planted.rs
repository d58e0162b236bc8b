//! The known mistakes there are, which checker is to find each, and in what weather.

use crate::{
    plan::{Plan, Weather},
    world::run,
};
use holdfast_sync::planted::Planted;
use std::sync::atomic::{AtomicU64, Ordering};

/// A known mistake and what finds it.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// The mistake.
    pub bug: Planted,
    /// The invariant whose checker names it.
    pub found_by: &'static str,
    /// What its plans have beyond what is drawn.
    pub weather: fn(&mut Weather),
}

/// Seeds in which a mistake must be found.
pub const SEEDS: u64 = 1000;

fn any(_: &mut Weather) {}

/// All of them.
pub const BUGS: [Bug; 24] = [
    Bug { bug: Planted::EntryDroppedOnAck, found_by: "I5", weather: any },
    Bug { bug: Planted::CursorApartFromRows, found_by: "I6", weather: |weather| weather.tab_crash = 100 },
    Bug { bug: Planted::NoDedupeRow, found_by: "I2", weather: any },
    Bug {
        bug: Planted::OldSocketAccepted,
        found_by: "I6",
        weather: |weather| (weather.resubscribe, weather.hold, weather.delay_ms) = (250, 50, 200),
    },
    Bug { bug: Planted::EntryKeptOverItsEffect, found_by: "I5", weather: |weather| weather.drop = 150 },
    Bug { bug: Planted::DedupeRowApart, found_by: "I2", weather: |weather| weather.server_crash = 100 },
    Bug {
        bug: Planted::OneIdForTwoEdits,
        found_by: "I1",
        weather: |weather| (weather.clone_profile, weather.roll_back_profile) = (20, 20),
    },
    Bug { bug: Planted::AfterTheWrongEdit, found_by: "I5", weather: any },
    Bug { bug: Planted::MarkNotCompared, found_by: "I6", weather: |weather| weather.file_put_back = 40 },
    Bug { bug: Planted::UnheldPatchDropped, found_by: "I6", weather: |weather| weather.resubscribe = 150 },
    Bug { bug: Planted::DeleteOvertaken, found_by: "I6", weather: |weather| weather.resubscribe = 150 },
    Bug { bug: Planted::PageSkipsMoved, found_by: "I4", weather: |weather| weather.resubscribe = 150 },
    Bug { bug: Planted::RemovalToStranger, found_by: "I7", weather: any },
    Bug { bug: Planted::WatermarkIgnored, found_by: "I8", weather: |weather| weather.resubscribe = 100 },
    Bug { bug: Planted::TransientPassedOver, found_by: "I3", weather: |weather| weather.transient = 100 },
    Bug { bug: Planted::BackoffNeverFires, found_by: "I8", weather: |weather| weather.server_crash = 100 },
    Bug { bug: Planted::RebaseSkipsChildren, found_by: "I5", weather: any },
    Bug { bug: Planted::PurgeIgnored, found_by: "I7", weather: |weather| weather.rights = 100 },
    Bug { bug: Planted::KeptTooEarly, found_by: "I9", weather: any },
    Bug { bug: Planted::ResyncDropsOutbox, found_by: "I1", weather: |weather| weather.compact = 60 },
    Bug { bug: Planted::RightsNotFollowed, found_by: "I7", weather: |weather| weather.rights = 100 },
    Bug { bug: Planted::QueryReadAhead, found_by: "I4", weather: |weather| weather.watch = 300 },
    Bug { bug: Planted::StrayKept, found_by: "I4", weather: |weather| weather.watch = 300 },
    Bug { bug: Planted::TotalsWithheld, found_by: "I4", weather: |weather| weather.watch = 300 },
];

impl Bug {
    /// The plan in which a seed looks for it.
    pub fn plan(&self, seed: u64, acts: u32) -> Plan {
        let mut plan = Plan::of(seed, acts).planted(self.bug);
        (self.weather)(&mut plan.weather);
        plan
    }

    /// The first seed whose run its checker ends, by name; looked for on all cores.
    pub fn first_seed(&self, acts: u32) -> Option<u64> {
        let next = AtomicU64::new(0);
        let found = AtomicU64::new(SEEDS);
        let look = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= found.load(Ordering::Relaxed) {
                    return;
                }
                let violation = run(&self.plan(seed, acts)).violation;
                if violation.is_some_and(|violation| violation.invariant == self.found_by) {
                    found.fetch_min(seed, Ordering::Relaxed);
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(look)));
        Some(found.into_inner()).filter(|seed| *seed < SEEDS)
    }
}
