//! Devices and their tabs: each tab a client on the device's one store, started and driven as
//! `crates/leptos/src/bridge` does it. One tab holds the lock and leads.

use crate::{
    check::{self, Checked, Seen, Who, Wishes},
    client::{self, Ask, Client, Happening},
    schedule::{Boot, Event, TabId},
    schema::{Notes, Question, Scope, clock, older::Older},
    store::{Records, Store},
    world::World,
};
use holdfast_sync::{
    ClientId,
    client::{Batch, StoreFault, Table, outbox_key},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Rows read at once.
const PAGE: usize = 7;

/// Milliseconds a store takes at most.
const STORE_MS: u64 = 40;

/// Milliseconds in which a lock goes to the next.
const LOCK_MS: u64 = 52;

/// One browser profile.
pub(crate) struct Device {
    pub(crate) user: u8,
    pub(crate) older: bool,
    pub(crate) store: Store,
    pub(crate) skew_ms: i64,
    /// What was copied of the profile some time ago.
    pub(crate) copy: Option<Store>,
    /// Until then the store answers nothing.
    pub(crate) stuck_until: u64,
    /// The tab that leads.
    pub(crate) lock: Option<TabId>,
    pub(crate) waiting: VecDeque<TabId>,
}

/// One tab.
pub(crate) struct Tab {
    pub(crate) device: usize,
    /// None while it is down.
    pub(crate) client: Option<Box<dyn Client>>,
    pub(crate) life: u32,
    pub(crate) seen: Seen,
    /// What others left it when it took the lead; none where it does not lead.
    inherited: Option<BTreeSet<u64>>,
    timer: Option<u64>,
    /// What other tabs told before the store was read; none once it was.
    early: Option<Vec<Records>>,
    jobs: VecDeque<Job>,
    is_working: bool,
    /// The store was stuck: what waited fails.
    fails: bool,
    /// Scopes it does not want.
    pub(crate) dropped: BTreeSet<Scope>,
    /// The queries it watches, and how many rows of each.
    pub(crate) watched: BTreeMap<Question, u64>,
}

/// What a tab wants of the store, one after the other.
enum Job {
    Commit(Batch),
    ReadOutbox,
}

impl Tab {
    pub(crate) fn wishes(&self) -> Wishes<'_> {
        Wishes { dropped: &self.dropped, watched: &self.watched }
    }

    pub(crate) fn new(device: usize, dropped: BTreeSet<Scope>) -> Self {
        Self {
            device,
            client: None,
            life: 0,
            seen: Seen::default(),
            inherited: None,
            timer: None,
            early: None,
            jobs: VecDeque::new(),
            is_working: false,
            fails: false,
            dropped,
            watched: BTreeMap::new(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }
}

impl World {
    pub(crate) fn is_alive(&self, tab: TabId, life: u32) -> bool {
        self.tabs[tab].client.is_some() && self.tabs[tab].life == life
    }

    pub(crate) fn tabs_of(&self, device: usize) -> Vec<TabId> {
        (0..self.tabs.len()).filter(|tab| self.tabs[*tab].device == device).collect()
    }

    /// Opens a tab: the lead if it is free, the store, its rows in pages, then the wait for the lead.
    pub(crate) fn start(&mut self, tab: TabId) {
        if self.tabs[tab].client.is_some() {
            return;
        }
        let (user, older) = (self.devices[self.tabs[tab].device].user, self.devices[self.tabs[tab].device].older);
        let seed = self.rng.draw();
        let mut client = if older { client::start::<Older>(user, seed) } else { client::start::<Notes>(user, seed) };
        if let Some(bug) = self.plan.planted {
            client.plant(bug);
        }
        let it = &mut self.tabs[tab];
        let (device, dropped) = (it.device, std::mem::take(&mut it.dropped));
        let watched = std::mem::take(&mut it.watched);
        *it = Tab {
            client: Some(client),
            life: it.life + 1,
            early: Some(Vec::new()),
            watched,
            ..Tab::new(device, dropped)
        };
        let device = &mut self.devices[device];
        if device.lock.is_none() && device.waiting.is_empty() {
            device.lock = Some(tab);
            self.tabs[tab].inherited = Some(BTreeSet::new());
        }
        self.boot_next(tab, Boot::Open);
    }

    fn boot_next(&mut self, tab: TabId, step: Boot) {
        let at = self.schedule.now + self.rng.below(STORE_MS);
        self.schedule.add(at, Event::Boot { tab, life: self.tabs[tab].life, step });
    }

    pub(crate) fn boot(&mut self, tab: TabId, step: Boot) -> Checked {
        let device = self.tabs[tab].device;
        match step {
            Boot::Open => {
                let restored = self.devices[device].store.restored();
                self.feed(tab, Happening::Restored(restored))?;
                for records in self.tabs[tab].early.take().into_iter().flatten() {
                    self.feed(tab, Happening::OutboxGrew(records))?;
                }
                if self.devices[device].lock == Some(tab) {
                    let lead = self.devices[device].store.claim_lead();
                    self.feed(tab, Happening::Lead(Some(lead)))?;
                }
                self.boot_next(tab, Boot::Rows(None));
                Ok(())
            }
            Boot::Rows(after) => {
                let page = self.devices[device].store.page(Table::Rows, after.as_deref(), PAGE);
                if let Some((last, _)) = page.last() {
                    let after = Some(last.clone());
                    self.feed(tab, Happening::Hydrated(page))?;
                    self.boot_next(tab, Boot::Rows(after));
                    return Ok(());
                }
                for scope in Scope::all() {
                    if !self.tabs[tab].dropped.contains(&scope) {
                        self.feed(tab, Happening::Subscribe(scope))?;
                    }
                }
                for (query, rows) in self.tabs[tab].watched.clone() {
                    self.feed(tab, Happening::Watch { query, rows })?;
                }
                let meta = self.devices[device].store.table(Table::Meta);
                self.feed(tab, Happening::HydrateDone(meta))?;
                if self.devices[device].lock != Some(tab) {
                    self.wait_for_lock(tab);
                }
                Ok(())
            }
        }
    }

    fn wait_for_lock(&mut self, tab: TabId) {
        let device = self.tabs[tab].device;
        if !self.devices[device].waiting.contains(&tab) {
            self.devices[device].waiting.push_back(tab);
        }
        self.schedule.add(self.schedule.now + LOCK_MS, Event::LockFree { device });
    }

    /// The lock goes to the tab that waits longest, if nobody has it.
    pub(crate) fn lock_free(&mut self, device: usize) -> Checked {
        if self.devices[device].lock.is_some() {
            return Ok(());
        }
        let Some(tab) = self.devices[device].waiting.pop_front() else { return Ok(()) };
        self.take_over(device, tab)
    }

    /// A tab leads from here on.
    pub(crate) fn take_over(&mut self, device: usize, tab: TabId) -> Checked {
        self.schedule.tell(|| format!("tab {tab} leads"));
        self.devices[device].lock = Some(tab);
        let lead = self.devices[device].store.claim_lead();
        let outbox = self.tabs[tab].client.iter().flat_map(|client| client.outbox());
        let here = outbox.filter_map(|entry| entry.stamp);
        self.tabs[tab].inherited = Some(self.devices[device].store.stamps().chain(here).collect());
        self.feed(tab, Happening::Lead(Some(lead)))
    }

    /// A tab ends in the middle of whatever it does.
    pub(crate) fn crash_tab(&mut self, tab: TabId) {
        for wire in self.wires_of(tab) {
            self.close_at_server(wire);
        }
        let device = self.tabs[tab].device;
        let is_stuck = self.devices[device].stuck_until > self.schedule.now;
        if let Some(Job::Commit(batch)) = self.tabs[tab].jobs.pop_front()
            && !is_stuck
            && self.rng.chance(500)
            && self.devices[device].store.write(&batch).is_ok()
        {
            batch.enqueue.iter().for_each(|record| _ = self.checker.note_stored(record));
        }
        self.tabs[tab].jobs.clear();
        self.tabs[tab].client = None;
        let it = &mut self.devices[device];
        it.waiting.retain(|waiting| *waiting != tab);
        if it.lock == Some(tab) {
            it.lock = None;
            self.schedule.add(self.schedule.now + LOCK_MS, Event::LockFree { device });
        }
        let at = self.schedule.now + self.rng.below(2000);
        self.schedule.add(at, Event::Restart { tab });
    }

    /// All tabs of a device end, and commits that were not strict may be lost.
    pub(crate) fn crash_device(&mut self, device: usize) {
        for tab in self.tabs_of(device) {
            if self.tabs[tab].client.is_some() {
                self.crash_tab(tab);
            }
        }
        let loose = self.devices[device].store.loose() as u64;
        let lost = self.rng.below(loose + 1) as usize;
        self.devices[device].store.lose(lost);
    }

    /// A device's store is another from here on: what it alone had is gone.
    pub(crate) fn replace_store(&mut self, device: usize, store: Store) {
        self.schedule.tell(|| format!("device {device} has another store"));
        self.crash_device(device);
        let had: BTreeSet<u64> = self.devices[device].store.stamps().collect();
        self.devices[device].store = store;
        let kept = self.kept();
        self.checker.excuse(&had, &kept);
    }

    /// The mutations that all stores keep.
    pub(crate) fn kept(&self) -> BTreeSet<u64> {
        self.devices.iter().flat_map(|device| device.store.stamps()).collect()
    }

    pub(crate) fn feed(&mut self, tab: TabId, input: Happening) -> Checked {
        let now = clock(self.schedule.now, self.devices[self.tabs[tab].device].skew_ms);
        if let Some(client) = &mut self.tabs[tab].client {
            client.handle(now, input);
        }
        self.drain(tab)
    }

    /// Carries out what a client asks for, then looks at it.
    pub(crate) fn drain(&mut self, tab: TabId) -> Checked {
        let mut changed = BTreeSet::new();
        let mut outbox_changed = false;
        while let Some(ask) = self.tabs[tab].client.as_mut().and_then(|client| client.poll()) {
            match ask {
                Ask::Connect { generation } => self.connect(tab, generation),
                Ask::Send { generation, text } => self.send_to_server(tab, generation, text)?,
                Ask::Disconnect { generation } => self.disconnect(tab, generation),
                Ask::Persist(batch) => {
                    batch.enqueue.iter().for_each(|record| self.checker.note_enqueued(record));
                    self.tabs[tab].jobs.push_back(Job::Commit(batch));
                    self.work(tab);
                }
                Ask::ReadOutbox => {
                    self.tabs[tab].jobs.push_back(Job::ReadOutbox);
                    self.work(tab);
                }
                Ask::Changed(keys) => changed.extend(keys),
                Ask::OutboxChanged => outbox_changed = true,
                Ask::Other => {}
            }
        }
        self.look(tab, &changed, outbox_changed)
    }

    fn look(&mut self, tab: TabId, changed: &BTreeSet<crate::schema::Key>, outbox_changed: bool) -> Checked {
        let it = &mut self.tabs[tab];
        let Some(client) = &it.client else { return Ok(()) };
        let life = it.life;
        if let Some(at) = client.timeout()
            && it.timer.is_none_or(|set| at < set)
        {
            it.timer = Some(at);
            self.schedule.add(at, Event::Timer { tab, life });
        }
        if !client.is_hydrated() {
            return Ok(());
        }
        let device = &self.devices[it.device];
        it.inherited.take_if(|_| device.lock != Some(tab));
        let who = Who { user: device.user, store: &device.store, inherited: it.inherited.as_ref() };
        let mut looked = self.checker.look_client(&**client, &mut it.seen, changed, outbox_changed, who);
        if looked.is_ok() && !changed.is_empty() && self.schedule.handled.is_multiple_of(8) {
            looked = client.look_view();
        }
        looked.map_err(|violation| violation.at(tab))
    }

    pub(crate) fn tick(&mut self, tab: TabId) -> Checked {
        self.tabs[tab].timer = None;
        self.feed(tab, Happening::Tick)?;
        let timeout = self.tabs[tab].client.as_ref().and_then(|client| client.timeout());
        check::look_timer(timeout, self.schedule.now).map_err(|violation| violation.at(tab))
    }

    /// Starts on the next thing a tab wants of the store.
    fn work(&mut self, tab: TabId) {
        if self.tabs[tab].jobs.is_empty() || std::mem::replace(&mut self.tabs[tab].is_working, true) {
            return;
        }
        let at = self.schedule.now + 1 + self.rng.below(STORE_MS);
        self.schedule.add(at, Event::Store { tab, life: self.tabs[tab].life });
    }

    pub(crate) fn store_done(&mut self, tab: TabId, life: u32) -> Checked {
        if !self.is_alive(tab, life) {
            return Ok(());
        }
        let device = self.tabs[tab].device;
        if self.fault(self.plan.weather.store_stuck) {
            self.devices[device].stuck_until = self.schedule.now + self.rng.below(8_000);
        }
        let stuck_until = self.devices[device].stuck_until;
        if stuck_until > self.schedule.now {
            self.tabs[tab].fails = true;
            self.schedule.add(stuck_until, Event::Store { tab, life });
            return Ok(());
        }
        let fails = std::mem::take(&mut self.tabs[tab].fails) || self.fault(self.plan.weather.store_fault);
        self.tabs[tab].is_working = false;
        match self.tabs[tab].jobs.pop_front() {
            Some(Job::Commit(batch)) => {
                let id = batch.id;
                let result = match fails {
                    true => Err(if self.rng.chance(300) { StoreFault::Full } else { StoreFault::Broken }),
                    false => self.devices[device].store.write(&batch),
                };
                if let Ok(committed) = result {
                    self.tell_name(tab, batch.new_client());
                    for record in &batch.enqueue {
                        self.checker.note_stored(record);
                        self.checker.note_saved(record);
                    }
                    let keys = (committed.first_seq..).map(outbox_key);
                    self.tell_others(tab, keys.zip(batch.enqueue).collect());
                }
                if result == Err(StoreFault::NotLeading) {
                    self.wait_for_lock(tab);
                }
                self.feed(tab, Happening::Persisted { batch: id, result })?;
            }
            Some(Job::ReadOutbox) => {
                let read =
                    if fails { Err(StoreFault::Broken) } else { Ok(self.devices[device].store.table(Table::Outbox)) };
                if let (Ok(records), Some(_)) = (&read, &self.tabs[tab].inherited) {
                    self.tabs[tab].seen.note_read(records);
                }
                self.feed(tab, Happening::OutboxRead(read))?;
            }
            None => {}
        }
        self.work(tab);
        Ok(())
    }

    /// The others must go by a new id too.
    fn tell_name(&mut self, tab: TabId, client: Option<ClientId>) {
        let Some(client) = client else { return };
        for other in self.tabs_of(self.tabs[tab].device).into_iter().filter(|other| *other != tab) {
            let life = self.tabs[other].life;
            self.schedule.add(self.schedule.now + 1, Event::Renamed { tab: other, life, client });
        }
    }

    fn tell_others(&mut self, tab: TabId, records: Vec<(String, Vec<u8>)>) {
        if records.is_empty() {
            return;
        }
        for other in self.tabs_of(self.tabs[tab].device) {
            if other != tab && self.tabs[other].client.is_some() {
                let at = self.schedule.now + 1;
                let life = self.tabs[other].life;
                self.schedule.add(at, Event::Told { tab: other, life, records: records.clone() });
            }
        }
    }

    pub(crate) fn told(&mut self, tab: TabId, records: Vec<(String, Vec<u8>)>) -> Checked {
        match &mut self.tabs[tab].early {
            Some(early) => {
                early.push(records);
                Ok(())
            }
            None => self.feed(tab, Happening::OutboxGrew(records)),
        }
    }
}
