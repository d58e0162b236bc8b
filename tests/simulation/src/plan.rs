//! What one seed does.

use holdfast_sync::planted::Planted;

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
}

/// How many take part, how much they do, and how bad the weather is. Rates are per mille.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The seed of everything drawn.
    pub seed: u64,
    /// Clients, each with a store of its own.
    pub clients: usize,
    /// Mutations made in all.
    pub mutations: usize,
    /// Frames lost within a connection.
    pub drop: u64,
    /// Frames that come twice.
    pub duplicate: u64,
    /// Milliseconds a frame takes at most.
    pub delay_ms: u64,
    /// Frames to a client that hang for seconds, and all behind them.
    pub hold: u64,
    /// Per user action: the connection is cut.
    pub cut: u64,
    /// Per user action: the connection goes silent without closing.
    pub half_open: u64,
    /// Per user action: the client crashes.
    pub client_crash: u64,
    /// Per pushed batch: the server crashes, before or behind the commit.
    pub server_crash: u64,
    /// Per batch: the store fails.
    pub store_fault: u64,
    /// Per user action: the client drops a scope, or takes it up again.
    pub resubscribe: u64,
    /// A known mistake.
    pub planted: Option<Planted>,
}

impl Plan {
    /// The plan of a seed: four clients, the weather drawn.
    pub fn of(seed: u64, mutations: usize) -> Self {
        let mut rng = Rng::new(seed ^ 0xabcd);
        let mut rate = |most: u64| if rng.chance(300) { 0 } else { rng.below(most + 1) };
        Self {
            seed,
            clients: 4,
            mutations,
            drop: rate(200),
            duplicate: rate(200),
            delay_ms: 1 + rate(400),
            hold: rate(60),
            cut: rate(60),
            half_open: rate(30),
            client_crash: rate(60),
            server_crash: rate(40),
            store_fault: rate(60),
            resubscribe: rate(40),
            planted: None,
        }
    }

    /// The same with a known mistake.
    #[must_use]
    pub fn planted(mut self, bug: Planted) -> Self {
        self.planted = Some(bug);
        self
    }
}
