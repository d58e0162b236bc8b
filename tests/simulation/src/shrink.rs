//! A failing plan made small: less weather, fewer devices, fewer acts, as long as the same
//! invariant breaks.

use crate::{
    check::Violation,
    plan::{DevicePlan, Plan},
    world::run,
};

/// Runs that shrinking may take.
const RUNS: usize = 3_000;

/// A smaller plan that breaks the same invariant, and what it breaks; none where the plan breaks none.
/// Each smaller one on the way is told.
pub fn shrink(plan: &Plan, tell: impl FnMut(&Plan)) -> Option<(Plan, Violation)> {
    let violation = run(plan).violation?;
    let mut shrinking = Shrinking { plan: plan.clone(), violation, runs: 0, tell };
    while shrinking.pass() {}
    Some((shrinking.plan, shrinking.violation))
}

struct Shrinking<T> {
    plan: Plan,
    violation: Violation,
    runs: usize,
    tell: T,
}

impl<T: FnMut(&Plan)> Shrinking<T> {
    /// Takes a plan that breaks the same.
    fn attempt(&mut self, plan: Plan) -> bool {
        if plan == self.plan || self.runs >= RUNS {
            return false;
        }
        self.runs += 1;
        match run(&plan).violation {
            Some(violation) if violation.invariant == self.violation.invariant => {
                (self.plan, self.violation) = (plan, violation);
                (self.tell)(&self.plan);
                true
            }
            _ => false,
        }
    }

    /// One round of everything; false where nothing helped.
    fn pass(&mut self) -> bool {
        let mut helped = self.fewer_acts_at_the_end();
        helped |= self.less_weather();
        helped |= self.plainer_devices();
        helped |= self.fewer_acts();
        helped && self.runs < RUNS
    }

    fn fewer_acts_at_the_end(&mut self) -> bool {
        let mut helped = false;
        let mut step = self.plan.acts / 2;
        while step > 0 {
            while self.plan.acts > step && self.attempt(Plan { acts: self.plan.acts - step, ..self.plan.clone() }) {
                helped = true;
            }
            step /= 2;
        }
        helped
    }

    fn less_weather(&mut self) -> bool {
        let mut helped = false;
        for index in (0..self.plan.weather.without_one().len()).rev() {
            if let Some((_, weather)) = self.plan.weather.without_one().into_iter().nth(index) {
                helped |= self.attempt(Plan { weather, ..self.plan.clone() });
            }
        }
        helped
    }

    fn plainer_devices(&mut self) -> bool {
        let mut helped = self.attempt(Plan { older_server: false, ..self.plan.clone() });
        for index in (0..self.plan.devices.len()).rev() {
            let with = |change: fn(&mut Vec<DevicePlan>, usize), plan: &Plan| {
                let mut devices = plan.devices.clone();
                if index < devices.len() {
                    change(&mut devices, index);
                }
                Plan { devices, ..plan.clone() }
            };
            if self.plan.devices.len() > 1 {
                helped |= self.attempt(with(|devices, index| _ = devices.remove(index), &self.plan));
            }
            helped |= self.attempt(with(|devices, index| devices[index].tabs = 1, &self.plan));
            helped |= self.attempt(with(|devices, index| devices[index].older = false, &self.plan));
        }
        helped
    }

    /// Leaves acts out, in ever smaller pieces.
    fn fewer_acts(&mut self) -> bool {
        let acts: Vec<u32> = (0..self.plan.acts).filter(|act| self.plan.has(*act)).collect();
        let mut kept = acts.clone();
        let mut piece = (kept.len() / 2).max(1);
        loop {
            let mut start = 0;
            while start < kept.len() {
                let end = (start + piece).min(kept.len());
                let rest: Vec<u32> = kept[..start].iter().chain(&kept[end..]).copied().collect();
                match self.attempt(Plan { only: Some(rest.clone()), ..self.plan.clone() }) {
                    true => kept = rest,
                    false => start = end,
                }
            }
            if piece == 1 {
                return kept.len() < acts.len();
            }
            piece /= 2;
        }
    }
}
