//! The run of one plan: a phase with faults, then one without, in which all must come to rest.

use crate::{
    check::{Checked, Checker, Violation, branch::Branch},
    client::{Client, Happening},
    device::{Device, Tab},
    network::{Wire, WireId},
    plan::{Plan, Rng},
    schedule::{Event, Schedule},
    schema::{Notes, Scope, older::Older},
    server::{self, Server},
    store::Store,
};
use holdfast_sync::ClientId;
use std::{
    any::Any,
    collections::{BTreeSet, VecDeque},
};
use uuid::Uuid;

/// Simulated milliseconds in which all must come to rest after the last fault.
const LIVENESS_MS: u64 = 240_000;

/// What became of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// A hash over every event, in order.
    pub trace: u64,
    /// Events handled.
    pub events: u64,
    /// Mutations made.
    pub mutations: usize,
    /// Log entries at the end.
    pub settled: usize,
    /// The first broken invariant.
    pub violation: Option<Violation>,
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) rng: Rng,
    pub(crate) schedule: Schedule,
    pub(crate) devices: Vec<Device>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) wires: Vec<Wire>,
    /// The connections that the server knows.
    pub(crate) at_server: BTreeSet<WireId>,
    pub(crate) server: Box<dyn Server>,
    pub(crate) server_up: bool,
    /// Copies of the server's data, with the log they hold.
    pub(crate) copies: Vec<(Box<dyn Any>, Branch)>,
    /// Lives the log has had, beyond the first.
    pub(crate) lives: u64,
    /// Profiles made.
    pub(crate) profiles: u64,
    pub(crate) calm: bool,
    pub(crate) checker: Checker,
    pub(crate) mutations: usize,
}

/// Runs a plan to its end, or to the first broken invariant.
pub fn run(plan: &Plan) -> Report {
    play(World::new(plan.clone()))
}

/// The same, with each event told on standard error.
pub fn run_aloud(plan: &Plan) -> Report {
    let mut world = World::new(plan.clone());
    world.schedule.is_aloud = true;
    play(world)
}

fn play(mut world: World) -> Report {
    let violation = world.play().err();
    for (index, tab) in world.tabs.iter().enumerate() {
        let outbox = tab.client.iter().map(|client| client.described_outbox());
        world.schedule.tell(|| format!("tab {index} ends with {}", outbox.collect::<String>()));
    }
    Report {
        trace: world.schedule.trace(),
        events: world.schedule.handled,
        mutations: world.mutations,
        settled: world.checker.present().len() as usize,
        violation,
    }
}

impl World {
    fn new(plan: Plan) -> Self {
        let users = plan.devices.iter().map(|device| device.user + 1).max().unwrap_or_default();
        let server = match plan.older_server {
            true => server::start::<Older>(plan.planted),
            false => server::start::<Notes>(plan.planted),
        };
        Self {
            rng: Rng::new(plan.seed),
            checker: Checker::new(users, server.head().epoch),
            plan,
            schedule: Schedule::new(),
            devices: Vec::new(),
            tabs: Vec::new(),
            wires: Vec::new(),
            at_server: BTreeSet::new(),
            server,
            server_up: true,
            copies: Vec::new(),
            lives: 0,
            profiles: 100,
            calm: false,
            mutations: 0,
        }
    }

    /// Whether a fault happens, of such a rate.
    pub(crate) fn fault(&mut self, per_mille: u64) -> bool {
        !self.calm && self.rng.chance(per_mille)
    }

    fn play(&mut self) -> Checked {
        self.set_up();
        let mut rng = Rng::new(self.plan.seed ^ 0x7a11);
        let mut at = 0;
        for act in 0..self.plan.acts {
            at += rng.below(self.plan.pace_ms);
            if self.plan.has(act) {
                self.schedule.add(at, Event::Act(act));
            }
        }
        self.run_until(at + 1, false)?;
        self.calm = true;
        for tab in 0..self.tabs.len() {
            self.start(tab);
        }
        self.run_until(self.schedule.now + LIVENESS_MS, true)?;
        self.look_at_rest()
    }

    fn set_up(&mut self) {
        for (index, plan) in self.plan.devices.clone().into_iter().enumerate() {
            // Each device draws for itself, so that leaving one out leaves the others as they were.
            let mut rng = Rng::new(self.plan.seed ^ (0xde << 32) ^ index as u64);
            self.profiles += 1;
            let client = ClientId(Uuid::from_u128(u128::from(self.profiles)));
            self.checker.note_born(client);
            self.devices.push(Device {
                user: plan.user,
                older: plan.older,
                store: Store::new(client),
                skew_ms: rng.below(14_400_000) as i64 - 7_200_000,
                copy: None,
                stuck_until: 0,
                lock: None,
                waiting: VecDeque::new(),
            });
            for _ in 0..plan.tabs {
                let dropped: BTreeSet<Scope> = Scope::all().filter(|_| rng.chance(80)).collect();
                self.tabs.push(Tab::new(index, dropped));
                self.start(self.tabs.len() - 1);
            }
        }
    }

    fn run_until(&mut self, end: u64, to_rest: bool) -> Checked {
        while let Some(event) = self.schedule.next(end) {
            self.carry_out(event)?;
            if to_rest && self.schedule.handled.is_multiple_of(64) && self.is_at_rest() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, event: Event) -> Checked {
        match event {
            Event::Act(act) => self.act(act),
            Event::Timer { tab, life } if self.is_alive(tab, life) => self.tick(tab),
            Event::Store { tab, life } => self.store_done(tab, life),
            Event::Boot { tab, life, step } if self.is_alive(tab, life) => self.boot(tab, step),
            Event::Told { tab, life, records } if self.is_alive(tab, life) => self.told(tab, records),
            Event::Renamed { tab, life, client } if self.is_alive(tab, life) => {
                self.feed(tab, Happening::Renamed(client))
            }
            Event::Timer { .. } | Event::Boot { .. } | Event::Told { .. } | Event::Renamed { .. } => Ok(()),
            Event::LockFree { device } => self.lock_free(device),
            Event::Restart { tab } => {
                let kept = self.kept();
                self.checker.look_saved(&kept)?;
                self.start(tab);
                Ok(())
            }
            Event::Opened(wire) => self.opened(wire),
            Event::ToServer(wire, text) => self.deliver_to_server(wire, text),
            Event::ToClient(wire, text) => self.deliver_to_client(wire, text),
            Event::ClosedAtClient(wire) => self.closed_at_client(wire),
            Event::ClosedAtServer(wire) => {
                self.closed_at_server(wire);
                Ok(())
            }
            Event::Answer(wire) => self.answer(wire),
            Event::ServerUp => {
                self.server_up = true;
                Ok(())
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        let is_idle = |tab: &Tab| {
            let user = self.devices[tab.device].user;
            let rests = |client: &dyn Client| self.checker.look_rest(client, user, tab.wishes()).is_ok();
            tab.is_idle() && tab.client.as_deref().is_some_and(rests)
        };
        self.server_up && self.tabs.iter().all(is_idle) && self.look_stores().is_ok()
    }

    fn look_at_rest(&self) -> Checked {
        for (index, tab) in self.tabs.iter().enumerate() {
            let Some(client) = &tab.client else {
                return Err(Violation { invariant: "I8", what: format!("tab {index} is still down") });
            };
            let user = self.devices[tab.device].user;
            let at_rest = self.checker.look_rest(&**client, user, tab.wishes()).and_then(|()| client.look_view());
            at_rest.map_err(|violation| violation.at(index))?;
        }
        self.look_stores()?;
        self.checker.look_saved(&self.kept())
    }

    /// No store keeps what no tab has sent.
    fn look_stores(&self) -> Checked {
        self.devices.iter().try_for_each(|device| self.checker.look_kept(&device.store))
    }
}
