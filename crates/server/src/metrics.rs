//! Counts for `/metrics`, in Prometheus' text format.

use holdfast_sync::{Seq, authority::PushAnswer};
use std::{
    fmt::Write,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
};

/// What is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    connections: AtomicI64,
    frames_received: AtomicU64,
    frames_sent: AtomicU64,
    settled: AtomicU64,
    refused: AtomicU64,
    transient: AtomicU64,
    slow_consumers: AtomicU64,
}

/// A WebSocket connection that is counted while it lives.
#[derive(Debug)]
pub struct Connected<'a>(&'a Metrics);

impl Metrics {
    /// Counts a connection until the value is dropped.
    pub fn connect(&self) -> Connected<'_> {
        self.connections.fetch_add(1, Relaxed);
        Connected(self)
    }

    /// A frame came.
    pub fn count_received(&self) {
        self.frames_received.fetch_add(1, Relaxed);
    }

    /// A frame went out.
    pub fn count_sent(&self) {
        self.frames_sent.fetch_add(1, Relaxed);
    }

    /// A connection was cut for being too slow.
    pub fn count_slow(&self) {
        self.slow_consumers.fetch_add(1, Relaxed);
    }

    /// Mutations were answered.
    pub fn count_answers(&self, answers: &[PushAnswer]) {
        for answer in answers {
            let counter = match answer {
                PushAnswer::Settled(answer) if answer.refusal.is_none() => &self.settled,
                PushAnswer::Settled(_) | PushAnswer::IdReused => &self.refused,
                PushAnswer::Transient(_) | PushAnswer::Gap { .. } => &self.transient,
            };
            counter.fetch_add(1, Relaxed);
        }
    }

    /// The text for Prometheus.
    pub fn render(&self, head: Seq) -> String {
        let rows: [(&str, &str, &str, i128); 8] = [
            ("connections", "gauge", "WebSocket connections.", self.connections.load(Relaxed).into()),
            ("log_head", "gauge", "The change log's newest position.", head.into()),
            ("frames_received_total", "counter", "Frames from clients.", self.frames_received.load(Relaxed).into()),
            ("frames_sent_total", "counter", "Frames to clients.", self.frames_sent.load(Relaxed).into()),
            ("mutations_settled_total", "counter", "Mutations carried out.", self.settled.load(Relaxed).into()),
            ("mutations_refused_total", "counter", "Mutations refused for good.", self.refused.load(Relaxed).into()),
            ("mutations_put_off_total", "counter", "Mutations to be sent again.", self.transient.load(Relaxed).into()),
            (
                "slow_consumers_total",
                "counter",
                "Connections cut for slowness.",
                self.slow_consumers.load(Relaxed).into(),
            ),
        ];
        let mut text = String::new();
        for (name, kind, help, value) in rows {
            writeln!(text, "# HELP holdfast_{name} {help}\n# TYPE holdfast_{name} {kind}\nholdfast_{name} {value}")
                .expect("a string takes everything");
        }
        text
    }
}

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Relaxed);
    }
}
