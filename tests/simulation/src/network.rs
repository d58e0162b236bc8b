//! Connections: frames keep their order within one, and may be lost, come late or twice.

use crate::{
    check::Checked,
    client::Happening,
    plan::Rng,
    schedule::{Event, TabId},
    schema::clock,
    server::{Say, Trouble},
    world::World,
};

/// Names a connection.
pub(crate) type WireId = usize;

/// One connection.
pub(crate) struct Wire {
    pub(crate) tab: TabId,
    pub(crate) life: u32,
    generation: u64,
    user: u8,
    /// Nothing passes any more, and nobody is told.
    pub(crate) silent: bool,
    closed_at_client: bool,
    to_server_at: u64,
    pub(crate) to_client_at: u64,
}

impl World {
    fn wire(&self, tab: TabId, generation: u64) -> Option<WireId> {
        let life = self.tabs[tab].life;
        self.wires.iter().rposition(|wire| wire.tab == tab && wire.life == life && wire.generation == generation)
    }

    /// A tab's connections that the server knows.
    pub(crate) fn wires_of(&self, tab: TabId) -> Vec<WireId> {
        let life = self.tabs[tab].life;
        let is_its = |wire: &Wire| wire.tab == tab && wire.life == life;
        self.at_server.iter().copied().filter(|wire| is_its(&self.wires[*wire])).collect()
    }

    fn delay(&mut self) -> u64 {
        1 + self.rng.below(self.plan.weather.delay_ms)
    }

    pub(crate) fn connect(&mut self, tab: TabId, generation: u64) {
        let it = &self.tabs[tab];
        self.wires.push(Wire {
            tab,
            life: it.life,
            generation,
            user: self.devices[it.device].user,
            silent: false,
            closed_at_client: false,
            to_server_at: 0,
            to_client_at: 0,
        });
        self.schedule.tell(|| format!("tab {tab} opens connection {}", self.wires.len() - 1));
        let at = self.schedule.now + self.delay();
        self.schedule.add(at, Event::Opened(self.wires.len() - 1));
    }

    pub(crate) fn opened(&mut self, wire: WireId) -> Checked {
        let Wire { tab, life, generation, user, .. } = self.wires[wire];
        if !self.is_alive(tab, life) {
            return Ok(());
        }
        if !self.server_up {
            return self.feed(tab, Happening::SocketClosed { generation, code: 1006 });
        }
        self.at_server.insert(wire);
        self.server.connect(wire, user);
        self.feed(tab, Happening::SocketOpened { generation })
    }

    /// How often and when a frame arrives.
    fn passage(&mut self, wire: WireId, free_at: u64) -> Vec<u64> {
        if self.wires[wire].silent || self.fault(self.plan.weather.drop) {
            return Vec::new();
        }
        let at = (self.schedule.now + self.delay()).max(free_at);
        match self.fault(self.plan.weather.duplicate) {
            true => vec![at, at + self.delay()],
            false => vec![at],
        }
    }

    pub(crate) fn send_to_server(&mut self, tab: TabId, generation: u64, text: String) -> Checked {
        let Some(wire) = self.wire(tab, generation) else { return Ok(()) };
        self.checker.look_push(&text, &self.devices[self.tabs[tab].device].store)?;
        for at in self.passage(wire, self.wires[wire].to_server_at) {
            self.wires[wire].to_server_at = at;
            self.schedule.add(at, Event::ToServer(wire, text.clone()));
        }
        Ok(())
    }

    pub(crate) fn deliver_to_server(&mut self, wire: WireId, text: String) -> Checked {
        self.server.frame(wire, text);
        self.pump(wire)
    }

    pub(crate) fn deliver_to_client(&mut self, wire: WireId, text: String) -> Checked {
        let Wire { tab, life, generation, .. } = self.wires[wire];
        match self.is_alive(tab, life) {
            true => self.feed(tab, Happening::Frame { generation, text }),
            false => Ok(()),
        }
    }

    /// A client lets a connection go.
    pub(crate) fn disconnect(&mut self, tab: TabId, generation: u64) {
        if let Some(wire) = self.wire(tab, generation) {
            self.wires[wire].closed_at_client = true;
            self.close_at_server(wire);
        }
    }

    pub(crate) fn close_at_server(&mut self, wire: WireId) {
        let at = (self.schedule.now + self.delay()).max(self.wires[wire].to_server_at);
        self.schedule.add(at, Event::ClosedAtServer(wire));
    }

    pub(crate) fn closed_at_server(&mut self, wire: WireId) {
        self.at_server.remove(&wire);
        self.server.hang_up(wire);
    }

    /// A client hears that a connection is closed, behind what is under way to it.
    pub(crate) fn close_at_client(&mut self, wire: WireId) {
        if !self.wires[wire].silent {
            let at = (self.schedule.now + self.delay()).max(self.wires[wire].to_client_at);
            self.schedule.add(at, Event::ClosedAtClient(wire));
        }
    }

    pub(crate) fn closed_at_client(&mut self, wire: WireId) -> Checked {
        let Wire { tab, life, generation, .. } = self.wires[wire];
        if std::mem::replace(&mut self.wires[wire].closed_at_client, true) || !self.is_alive(tab, life) {
            return Ok(());
        }
        self.feed(tab, Happening::SocketClosed { generation, code: 1006 })
    }

    /// A connection is cut. What was under way to the client may still come, late, from the old socket.
    pub(crate) fn cut(&mut self, wire: WireId) {
        let at = self.schedule.now + self.delay();
        self.schedule.add(at, Event::ClosedAtClient(wire));
        self.close_at_server(wire);
    }

    /// A connection is lost while a scope loads, and its last pages come late, from the old socket.
    pub(crate) fn cut_while_loading(&mut self, wire: WireId, rng: &mut Rng) {
        let cut_at = self.schedule.now + rng.below(600);
        self.schedule.add(cut_at, Event::ClosedAtClient(wire));
        let late = cut_at + rng.below(4000);
        let free_at = &mut self.wires[wire].to_client_at;
        *free_at = late.max(*free_at);
    }

    /// Carries out what a session asks for.
    fn pump(&mut self, wire: WireId) -> Checked {
        while let Some(say) = self.server.poll(wire) {
            match say {
                Say::Send(text) => {
                    self.checker.look_sent(self.wires[wire].user, &text)?;
                    if self.fault(self.plan.weather.hold) {
                        let until = self.schedule.now + self.rng.below(5000);
                        let free_at = &mut self.wires[wire].to_client_at;
                        *free_at = until.max(*free_at);
                    }
                    for at in self.passage(wire, self.wires[wire].to_client_at) {
                        self.wires[wire].to_client_at = at;
                        self.schedule.add(at, Event::ToClient(wire, text.clone()));
                    }
                }
                Say::Read => {
                    let at = self.schedule.now + self.rng.below(5);
                    self.schedule.add(at, Event::Answer(wire));
                }
                Say::Close => {
                    self.closed_at_server(wire);
                    self.close_at_client(wire);
                }
            }
        }
        Ok(())
    }

    /// The server carries out what a session waits for.
    pub(crate) fn answer(&mut self, wire: WireId) -> Checked {
        if !self.at_server.contains(&wire) {
            return Ok(());
        }
        let weather = &self.plan.weather;
        let (crash, passing) = (weather.server_crash, weather.transient);
        let trouble = match self.server.is_settling(wire) {
            true if self.fault(crash) => Trouble::Crash,
            true if self.fault(passing) => Trouble::Passing,
            _ => Trouble::None,
        };
        let now_ms = clock(self.schedule.now, 0).wall_ms;
        self.server.answer(wire, now_ms, trouble, &mut self.rng);
        let grown = self.look_log()?;
        if matches!(trouble, Trouble::Crash) {
            self.stop_server();
            return Ok(());
        }
        self.pump(wire)?;
        if grown {
            for wire in self.at_server.clone() {
                self.server.head_moved(wire);
                self.pump(wire)?;
            }
        }
        Ok(())
    }

    fn look_log(&mut self) -> Result<bool, crate::Violation> {
        let known = self.checker.present().len();
        if self.server.head().seq == known {
            return Ok(false);
        }
        self.checker.look_log(self.server.log_behind(known))?;
        Ok(true)
    }

    /// The server stops: nobody is answered.
    pub(crate) fn stop_server(&mut self) {
        for wire in self.at_server.clone() {
            self.closed_at_server(wire);
            self.close_at_client(wire);
        }
        self.server_up = false;
        let at = self.schedule.now + self.rng.below(3000);
        self.schedule.add(at, Event::ServerUp);
    }
}
