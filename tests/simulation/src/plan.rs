//! What one seed does. A plan is data: it prints as JSON, and a shrunk one is kept as such.

use holdfast_sync::planted::Planted;
use serde::{Deserialize, Serialize};

/// A seeded source of numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The source of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    /// True in so many of a thousand cases.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }
}

/// Who takes part, how much they do, and how bad the weather is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The seed of everything drawn.
    pub seed: u64,
    /// Each a browser profile with a store of its own.
    pub devices: Vec<DevicePlan>,
    /// The server runs the version before.
    #[serde(default)]
    pub older_server: bool,
    /// Moments at which somebody does something: most make a mutation.
    pub acts: u32,
    /// Milliseconds between two of them at most.
    pub pace_ms: u64,
    /// Of those, only these happen: what shrinking left. None: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<u32>>,
    /// What goes wrong.
    pub weather: Weather,
    /// A known mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planted: Option<Planted>,
}

/// One browser profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DevicePlan {
    /// Whose.
    pub user: u8,
    /// Tabs open on it.
    pub tabs: u8,
    /// It runs the version before.
    #[serde(default)]
    pub older: bool,
}

macro_rules! weather {
    ($($(#[$doc:meta])* $kind:ident,)+) => {
        /// What goes wrong, by kind. Rates are per mille.
        #[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Weather {
            $($(#[$doc])* #[serde(skip_serializing_if = "is_calm")] pub $kind: u64,)+
        }

        impl Weather {
            /// The rate of a kind.
            pub fn rate_mut(&mut self, kind: &str) -> Option<&mut u64> {
                match kind {
                    $(stringify!($kind) => Some(&mut self.$kind),)+
                    _ => None,
                }
            }

            /// The same without one kind each, where there is that kind.
            pub fn without_one(&self) -> Vec<(&'static str, Self)> {
                let mut all = Vec::new();
                $(if self.$kind > 0 { all.push((stringify!($kind), Self { $kind: 0, ..self.clone() })); })+
                all
            }
        }
    };
}

fn is_calm(rate: &u64) -> bool {
    *rate == 0
}

weather! {
    /// Per frame: it is lost within a connection.
    drop,
    /// Per frame: it comes twice.
    duplicate,
    /// Milliseconds a frame takes at most.
    delay_ms,
    /// Per frame to a client: it hangs for seconds, and all behind it.
    hold,
    /// Per act: a tab's connection is cut.
    cut,
    /// Per act: a tab's connection goes silent without closing.
    half_open,
    /// Per act: a tab crashes.
    tab_crash,
    /// Per act: a device goes down, with what it had not written through.
    power_loss,
    /// Per act: the lead goes to another tab though its holder lives.
    robbed_lead,
    /// Per act: a device's clock jumps by up to two hours.
    clock_jump,
    /// Per batch: the store fails.
    store_fault,
    /// Per batch: the store answers nothing for seconds, then fails.
    store_stuck,
    /// Per act: a store comes back empty.
    evict,
    /// Per act: a profile is copied over another of the same user.
    clone_profile,
    /// Per act: a profile is put back to what it was some time ago.
    roll_back_profile,
    /// Per act: a device goes on in the newest version.
    upgrade,
    /// Per pushed batch: the server crashes, before or behind the commit.
    server_crash,
    /// Per pushed batch: the server refuses for the moment.
    transient,
    /// Per act: the server's file is put back to what it was some time ago.
    file_put_back,
    /// Per act: the server is restored from a backup, by command.
    restored,
    /// Per act: the log is cut off.
    compact,
    /// Per act: a tab drops a scope, or takes it up again.
    resubscribe,
    /// Per act: a user is kept out of a shelf, or let in.
    rights,
    /// Per act: the last unsent mutation is taken back.
    cancel,
    /// Per act: a tab watches a query, or more of it, or no longer.
    watch,
    /// Per act: the machine wakes, or says that the network is gone.
    wake,
}

impl Weather {
    /// Drawn: a third of all kinds does not happen at all.
    fn draw(rng: &mut Rng) -> Self {
        let mut rate = |most: u64| if rng.chance(350) { 0 } else { 1 + rng.below(most) };
        Self {
            drop: rate(300),
            duplicate: rate(300),
            delay_ms: 1 + rate(400),
            hold: rate(60),
            cut: rate(50),
            half_open: rate(25),
            tab_crash: rate(50),
            power_loss: rate(20),
            robbed_lead: rate(15),
            clock_jump: rate(20),
            store_fault: rate(100),
            store_stuck: rate(20),
            evict: rate(5),
            clone_profile: rate(5),
            roll_back_profile: rate(6),
            upgrade: rate(6),
            server_crash: rate(40),
            transient: rate(60),
            file_put_back: rate(6),
            restored: rate(4),
            compact: rate(20),
            resubscribe: rate(40),
            rights: rate(50),
            cancel: rate(50),
            wake: rate(20),
            watch: rate(150),
        }
    }
}

impl Plan {
    /// The plan of a seed: five devices of two users, the weather drawn.
    pub fn of(seed: u64, acts: u32) -> Self {
        let mut rng = Rng::new(seed ^ 0xabcd);
        let device = |rng: &mut Rng, index: u8| DevicePlan {
            user: index % 2,
            tabs: [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][rng.below(10) as usize],
            older: rng.chance(250),
        };
        let devices = (0..5).map(|index| device(&mut rng, index)).collect();
        let older_server = rng.chance(150);
        let pace_ms = [120, 500, 2000][rng.below(3) as usize];
        Self { seed, devices, older_server, acts, pace_ms, only: None, weather: Weather::draw(&mut rng), planted: None }
    }

    /// The same with a known mistake.
    #[must_use]
    pub fn planted(mut self, bug: Planted) -> Self {
        self.planted = Some(bug);
        self
    }

    /// Whether that act happens.
    pub(crate) fn has(&self, act: u32) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&act))
    }

    /// As text: what a regression keeps.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a plan is made of numbers and lists")
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// Where it is no plan.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}
