//! What users do, and what befalls them while they do it. Each act draws from a source of its
//! own: a plan that leaves one out has the others as they were.

use crate::{
    check::Checked,
    client::{Client, Happening},
    plan::{Rng, Weather},
    schedule::TabId,
    schema::{Act, Key, Mutation, Question, SHELVES, Scope, canary, clock},
    store::Store,
    world::World,
};
use holdfast_sync::{ClientId, Epoch};
use uuid::Uuid;

/// Copies of the server's data that are kept.
const COPIES: usize = 3;

/// Hours by which a clock may jump, in milliseconds.
const JUMP_MS: u64 = 2 * 3_600_000;

impl World {
    pub(crate) fn act(&mut self, act: u32) -> Checked {
        let mut rng = Rng::new(self.plan.seed.wrapping_mul(0x9e37_79b9).wrapping_add(u64::from(act)));
        let rng = &mut rng;
        let tab = rng.below(self.tabs.len() as u64) as usize;
        self.befall_server(rng);
        if self.befall_device(tab, rng)? || self.tabs[tab].client.is_none() {
            return Ok(());
        }
        self.befall_connection(tab, rng)?;
        if !self.tabs[tab].client.as_ref().is_some_and(|client| client.is_hydrated()) {
            return Ok(());
        }
        let weather = self.plan.weather.clone();
        if rng.chance(weather.resubscribe) {
            self.resubscribe(tab, rng)?;
        }
        if weather.watch > 0 {
            self.watch(tab, &mut Rng::new(self.plan.seed.wrapping_mul(0x51_7cc1).wrapping_add(u64::from(act))))?;
        }
        self.mutate(tab, u64::from(act) + 1, &weather, rng)?;
        if rng.chance(weather.cancel) {
            self.take_back(tab)?;
        }
        if rng.chance(100) {
            self.empty_tray(tab)?;
        }
        Ok(())
    }

    fn befall_server(&mut self, rng: &mut Rng) {
        let weather = self.plan.weather.clone();
        if weather.file_put_back + weather.restored > 0 && rng.chance(100) {
            self.copies.push((self.server.copy(), self.checker.present().clone()));
            if self.copies.len() > COPIES {
                self.copies.remove(0);
            }
        }
        let by_command = rng.chance(weather.restored);
        if by_command || rng.chance(weather.file_put_back) {
            let which = rng.below(self.copies.len() as u64) as usize;
            if let Some((copy, log)) = self.copies.get(which) {
                self.lives += 1;
                self.schedule.tell(|| format!("the server is put back to {}", log.len()));
                let epoch = by_command.then(|| Epoch(Uuid::from_u128(1 + u128::from(self.lives))));
                self.server.put_back(&**copy, epoch);
                self.checker.note_put_back(&log.clone(), epoch);
                self.stop_server();
            }
        }
        if rng.chance(weather.compact) {
            let through = rng.below(self.server.head().seq + 1);
            self.server.compact(through);
        }
    }

    /// Whether it takes the tab away from its user.
    fn befall_device(&mut self, tab: TabId, rng: &mut Rng) -> Result<bool, crate::Violation> {
        let weather = self.plan.weather.clone();
        let device = self.tabs[tab].device;
        if rng.chance(weather.clock_jump) {
            self.devices[device].skew_ms += rng.below(2 * JUMP_MS) as i64 - JUMP_MS as i64;
        }
        if weather.roll_back_profile > 0 && rng.chance(100) {
            self.devices[device].copy = Some(self.devices[device].store.clone());
        }
        if rng.chance(weather.robbed_lead)
            && self.devices[device].lock.is_some()
            && let Some(thief) = self.devices[device].waiting.pop_front()
        {
            self.take_over(device, thief)?;
        }
        if rng.chance(weather.evict) {
            self.profiles += 1;
            let store = Store::new(ClientId(Uuid::from_u128(u128::from(self.profiles))));
            self.checker.note_born(ClientId(Uuid::from_u128(u128::from(self.profiles))));
            self.replace_store(device, store);
        } else if rng.chance(weather.clone_profile) {
            let user = self.devices[device].user;
            let others: Vec<usize> =
                (0..self.devices.len()).filter(|other| *other != device && self.devices[*other].user == user).collect();
            let Some(other) = rng.pick(&others) else { return Ok(false) };
            let store = self.devices[device].store.clone();
            self.checker.note_copied(&store);
            self.replace_store(*other, store);
            return Ok(false);
        } else if rng.chance(weather.roll_back_profile)
            && let Some(copy) = self.devices[device].copy.clone()
        {
            self.checker.note_copied(&copy);
            self.replace_store(device, copy);
        } else if rng.chance(weather.upgrade) && self.devices[device].older {
            self.schedule.tell(|| format!("device {device} is brought up to date"));
            self.crash_device(device);
            self.devices[device].older = false;
        } else if rng.chance(weather.power_loss) {
            self.crash_device(device);
        } else if rng.chance(weather.tab_crash) && self.tabs[tab].client.is_some() {
            self.crash_tab(tab);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn befall_connection(&mut self, tab: TabId, rng: &mut Rng) -> Checked {
        let weather = self.plan.weather.clone();
        let wires = self.wires_of(tab);
        if rng.chance(weather.cut) {
            wires.iter().for_each(|wire| self.cut(*wire));
        }
        if rng.chance(weather.half_open) {
            wires.iter().for_each(|wire| self.wires[*wire].silent = true);
        }
        if rng.chance(weather.wake) {
            let input = match rng.below(3) {
                0 => Happening::Wake,
                1 => Happening::NetworkLost,
                _ => Happening::RetryNow,
            };
            self.feed(tab, input)?;
        }
        Ok(())
    }

    fn resubscribe(&mut self, tab: TabId, rng: &mut Rng) -> Checked {
        let scopes: Vec<Scope> = Scope::all().collect();
        let Some(scope) = rng.pick(&scopes).copied() else { return Ok(()) };
        let input = match self.tabs[tab].dropped.remove(&scope) {
            true => Happening::Subscribe(scope),
            false => {
                self.tabs[tab].dropped.insert(scope);
                Happening::Unsubscribe(scope)
            }
        };
        self.feed(tab, input)?;
        if rng.chance(300) {
            for wire in self.wires_of(tab) {
                self.cut_while_loading(wire, rng);
            }
        }
        Ok(())
    }

    /// Watches a query, more of it, or no longer; now and then its scope is not held beside.
    fn watch(&mut self, tab: TabId, rng: &mut Rng) -> Checked {
        if !rng.chance(self.plan.weather.watch) {
            return Ok(());
        }
        let shelf = rng.below(u64::from(SHELVES)) as u8;
        let tag = rng.chance(400).then(|| rng.below(5) as u8);
        let question = Question { shelf, tag, most: rng.chance(500) };
        let watched: Vec<Question> = self.tabs[tab].watched.keys().copied().collect();
        match (rng.below(5), rng.pick(&watched).copied()) {
            (0, Some(question)) => {
                self.tabs[tab].watched.remove(&question);
                self.feed(tab, Happening::Unwatch(question))?;
            }
            (1, Some(question)) => {
                let rows = self.tabs[tab].watched.entry(question).or_default();
                *rows += 1 + rng.below(6);
                let rows = *rows;
                self.feed(tab, Happening::Watch { query: question, rows })?;
            }
            _ => {
                let rows = 1 + rng.below(6);
                let wanted = self.tabs[tab].watched.entry(question).or_default();
                *wanted = rows.max(*wanted);
                self.feed(tab, Happening::Watch { query: question, rows })?;
                let scope = Scope::Shelf(question.shelf);
                if rng.chance(600) && self.tabs[tab].dropped.insert(scope) {
                    self.feed(tab, Happening::Unsubscribe(scope))?;
                }
            }
        }
        Ok(())
    }

    fn mutate(&mut self, tab: TabId, stamp: u64, weather: &Weather, rng: &mut Rng) -> Checked {
        let now = clock(self.schedule.now, self.devices[self.tabs[tab].device].skew_ms);
        let it = &mut self.tabs[tab];
        let Some(client) = &mut it.client else { return Ok(()) };
        let mutation = Mutation { stamp, act: draw(&**client, stamp, weather, rng) };
        // What makes no sense on the rows in view is refused at once and never saved.
        if let Some(Ok(())) = client.mutate(now, &mutation) {
            self.mutations += 1;
            self.checker.note_made(&mut it.seen, &mutation);
        }
        self.drain(tab)
    }

    /// The user takes the last unsent mutation back, if it can still be.
    fn take_back(&mut self, tab: TabId) -> Checked {
        let Some(client) = &mut self.tabs[tab].client else { return Ok(()) };
        let last = client.outbox().into_iter().rev().find_map(|entry| Some((entry.seq?, entry.stamp?)));
        let Some((seq, stamp)) = last else { return Ok(()) };
        let now = clock(self.schedule.now, 0);
        client.handle(now, Happening::Cancel { seq });
        if client.outbox().iter().all(|entry| entry.stamp != Some(stamp)) {
            self.checker.note_given_up(stamp);
        }
        self.drain(tab)
    }

    /// The user drops a refused mutation for good.
    fn empty_tray(&mut self, tab: TabId) -> Checked {
        let tray = self.tabs[tab].client.as_ref().map(|client| client.tray()).unwrap_or_default();
        let Some((id, stamp)) = tray.into_iter().next() else { return Ok(()) };
        stamp.into_iter().for_each(|stamp| self.checker.note_given_up(stamp));
        self.feed(tab, Happening::Discard { id })
    }
}

/// Something a user could do, on what is in view.
fn draw(client: &dyn Client, stamp: u64, weather: &Weather, rng: &mut Rng) -> Act {
    let shown = client.shown();
    let docs: Vec<u32> =
        shown.iter().filter_map(|(key, _)| if let Key::Doc(id) = key { Some(*id) } else { None }).collect();
    let notes: Vec<(u32, u32)> = shown
        .iter()
        .filter_map(|row| if let (Key::Note(id), Some(Key::Doc(doc))) = row { Some((*id, *doc)) } else { None })
        .collect();
    let (new, text) = (stamp as u32, canary(stamp));
    let (shelf, tag) = (rng.below(u64::from(SHELVES)) as u8, rng.below(5) as u8);
    if rng.chance(weather.rights) {
        return Act::SetLock { shelf, user: rng.below(2) as u8, closed: rng.chance(500) };
    }
    let Some(id) = rng.pick(&docs).copied().filter(|_| !rng.chance(150)) else {
        return Act::Create { id: new, shelf, title: text };
    };
    match rng.below(100) {
        0..25 => Act::SetTitle { id, title: text },
        25..36 => Act::Move { id, shelf },
        36..45 => Act::AddTag { id, tag },
        45..51 => Act::RemoveTag { id, tag },
        51..64 => Act::Vote { id },
        64..70 => Act::Delete { id },
        70..82 => Act::AddNote { id: new, doc: id, text },
        82..88 => match rng.pick(&notes) {
            Some((id, doc)) => Act::EditNote { id: *id, doc: *doc, text },
            None => Act::Vote { id },
        },
        88..93 => Act::Paint { id, color: text },
        93..96 => Act::AddPin { id: new, shelf, text },
        _ => Act::CountNotes { doc: id },
    }
}
