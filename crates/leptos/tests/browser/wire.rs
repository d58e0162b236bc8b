//! The wire between bridge and connector, over a connector that only keeps what it is given.

use crate::page::next_task;
use holdfast_leptos::{
    bridge::{Connector, OnEvent, Socket, SocketEvent},
    inspect::{Count, Direction, Fate, Faults, Traffic, Wire},
    testing::FakeClock,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen_test::wasm_bindgen_test;

/// The far end of one socket at a time.
#[derive(Clone, Default)]
struct FarEnd(Rc<Far>);

#[derive(Default)]
struct Far {
    tell: RefCell<Option<OnEvent>>,
    arrived: RefCell<Vec<String>>,
    opened: Cell<usize>,
    let_go: Cell<usize>,
}

struct NearEnd(Rc<Far>);

impl Connector for FarEnd {
    fn connect(&self, on_event: OnEvent) -> Box<dyn Socket> {
        *self.0.tell.borrow_mut() = Some(on_event);
        self.0.opened.set(self.0.opened.get() + 1);
        Box::new(NearEnd(self.0.clone()))
    }
}

impl Socket for NearEnd {
    fn send(&self, text: &str) {
        self.0.arrived.borrow_mut().push(text.to_owned());
    }
}

impl Drop for NearEnd {
    fn drop(&mut self) {
        self.0.let_go.set(self.0.let_go.get() + 1);
    }
}

impl FarEnd {
    fn tell(&self, event: SocketEvent) {
        let tell = self.0.tell.borrow().clone().unwrap();
        tell(event);
    }

    fn send(&self, text: &str) {
        self.tell(SocketEvent::Text(text.to_owned()));
    }

    fn arrived(&self) -> Vec<String> {
        self.0.arrived.take()
    }
}

/// A wire with one socket on it, and what is told at its near end.
struct Line {
    wire: Wire,
    far: FarEnd,
    clock: FakeClock,
    told: Rc<RefCell<Vec<String>>>,
    socket: Option<Box<dyn Socket>>,
}

impl Line {
    fn new() -> Self {
        Self::with(Faults::NONE)
    }

    fn with(faults: Faults) -> Self {
        let (far, clock) = (FarEnd::default(), FakeClock::default());
        let wire = Wire::around_by(Rc::new(clock.clone()), far.clone());
        wire.set_faults(faults);
        let told = Rc::new(RefCell::new(Vec::new()));
        let keep = told.clone();
        let socket = wire.connect(Rc::new(move |event| {
            keep.borrow_mut().push(match event {
                SocketEvent::Opened => "opened".to_owned(),
                SocketEvent::Text(text) => text,
                SocketEvent::Closed { code } => format!("closed {code}"),
            });
        }));
        Self { wire, far, clock, told, socket: Some(socket) }
    }

    fn send(&self, text: &str) {
        self.socket.as_ref().unwrap().send(text);
    }

    fn told(&self) -> Vec<String> {
        self.told.take()
    }
}

fn delay(delay_ms: u32) -> Faults {
    Faults { delay_ms, ..Faults::NONE }
}

#[wasm_bindgen_test]
fn without_faults_all_passes_at_once_and_is_counted_and_kept() {
    let line = Line::new();
    line.far.tell(SocketEvent::Opened);
    line.send(r#"{"hello":{"version":1}}"#);
    line.far.send(r#"{ "welcome" : "ö" }"#);
    assert_eq!(line.far.arrived(), [r#"{"hello":{"version":1}}"#]);
    assert_eq!(line.told(), ["opened", r#"{ "welcome" : "ö" }"#]);
    let traffic = Traffic { sent: Count { frames: 1, bytes: 23 }, received: Count { frames: 1, bytes: 20 } };
    assert_eq!(line.wire.traffic(), traffic);
    let frames = line.wire.frames();
    let kept: Vec<_> = frames.iter().map(|frame| (frame.number, frame.direction, frame.kind.as_str())).collect();
    assert_eq!(kept, [(2, Direction::Received, "welcome"), (1, Direction::Sent, "hello")], "the newest first");
    assert_eq!((frames[0].size_bytes, frames[0].fate), (20, Fate::Passed));
}

#[wasm_bindgen_test]
fn of_frames_the_last_200_are_kept_and_of_a_frame_two_kib() {
    let line = Line::new();
    for _ in 0..250 {
        line.send(&"ö".repeat(2_000));
    }
    let frames = line.wire.frames();
    assert_eq!((frames.len(), frames[0].number, frames[199].number), (200, 250, 51));
    assert_eq!((frames[0].size_bytes, frames[0].text.len(), frames[0].kind.as_str()), (4_000, 2_048, ""));
}

#[wasm_bindgen_test]
fn a_delay_keeps_the_order_also_of_what_has_less_to_wait() {
    let line = Line::with(delay(100));
    line.send("a");
    line.far.send("A");
    line.clock.advance(60);
    line.wire.set_faults(delay(10));
    line.send("b");
    line.far.send("B");
    line.wire.set_faults(Faults::NONE);
    line.send("c");
    line.far.tell(SocketEvent::Closed { code: 1001 });
    line.clock.advance(39);
    assert_eq!((line.far.arrived().len(), line.told().len()), (0, 0), "nothing overtakes");
    line.clock.advance(1);
    assert_eq!(line.far.arrived(), ["a", "b", "c"]);
    assert_eq!(line.told(), ["A", "B", "closed 1001"]);
    line.send("d");
    assert_eq!(line.far.arrived(), ["d"], "nothing waits any more");
}

#[wasm_bindgen_test]
fn what_is_delayed_by_the_same_arrives_when_it_is_due() {
    let line = Line::with(delay(100));
    line.send("a");
    line.clock.advance(50);
    line.send("b");
    line.clock.advance(50);
    assert_eq!(line.far.arrived(), ["a"]);
    line.clock.advance(50);
    assert_eq!(line.far.arrived(), ["b"]);
}

#[wasm_bindgen_test]
fn frames_are_dropped_and_doubled_both_ways_and_nothing_else_is() {
    let line = Line::with(Faults { drop_percent: 100, duplicate_percent: 100, ..Faults::NONE });
    line.far.tell(SocketEvent::Opened);
    line.send("lost");
    line.far.send("lost too");
    line.wire.set_faults(Faults { duplicate_percent: 100, ..Faults::NONE });
    line.send("a");
    line.send("b");
    line.far.send("A");
    line.far.tell(SocketEvent::Closed { code: 1000 });
    assert_eq!(line.far.arrived(), ["a", "a", "b", "b"]);
    assert_eq!(line.told(), ["opened", "A", "A", "closed 1000"]);
    let fates: Vec<_> = line.wire.frames().iter().rev().map(|frame| frame.fate.name()).collect();
    assert_eq!(fates, ["dropped", "dropped", "twice", "twice", "twice"]);
}

#[wasm_bindgen_test]
async fn a_cut_loses_what_is_under_way_and_closes_once() {
    let line = Line::with(delay(100));
    line.far.tell(SocketEvent::Opened);
    line.send("under way");
    line.wire.cut();
    line.wire.cut();
    assert_eq!(line.far.0.let_go.get(), 1);
    line.clock.advance(1_000);
    assert_eq!(line.told(), [""; 0], "nothing is told from within, and what was under way is lost");
    line.far.send("from the dead");
    next_task().await;
    assert_eq!(line.told(), ["closed 1006"]);
    line.send("after the end");
    line.clock.advance(1_000);
    assert_eq!((line.far.arrived(), line.told()), (vec![], vec![]));
}

#[wasm_bindgen_test]
async fn a_socket_let_go_tells_nothing_more() {
    let mut line = Line::with(delay(100));
    line.far.send("under way");
    line.send("under way");
    line.socket = None;
    assert_eq!(line.far.0.let_go.get(), 1, "it is closed at once");
    line.far.send("late");
    line.wire.cut();
    line.clock.advance(1_000);
    next_task().await;
    assert_eq!((line.far.arrived(), line.told()), (vec![], vec![]));

    let mut cut = Line::new();
    cut.wire.cut();
    cut.socket = None;
    next_task().await;
    assert_eq!(cut.told(), [""; 0], "not even of a cut that came before");
}

#[wasm_bindgen_test]
fn a_socket_let_go_while_a_doubled_frame_arrives_is_not_told_the_second() {
    let far = FarEnd::default();
    let wire = Wire::around(far.clone());
    wire.set_faults(Faults { duplicate_percent: 100, ..Faults::NONE });
    let (told, socket) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(None)));
    let (count, held) = (told.clone(), socket.clone());
    *socket.borrow_mut() = Some(wire.connect(Rc::new(move |_| {
        count.set(count.get() + 1);
        let gone = held.take();
        drop(gone);
    })));
    far.send("a");
    assert_eq!(told.get(), 1);
}

#[wasm_bindgen_test]
async fn a_blocked_wire_opens_no_socket_and_leaves_those_that_are() {
    let line = Line::new();
    line.wire.set_faults(Faults { is_blocked: true, ..Faults::NONE });
    line.send("a");
    assert_eq!(line.far.arrived(), ["a"]);
    let blocked = Line::with(Faults { is_blocked: true, ..Faults::NONE });
    assert_eq!(blocked.told(), [""; 0], "nothing is told from within");
    next_task().await;
    assert_eq!((blocked.told(), blocked.far.0.opened.get()), (vec!["closed 1006".to_owned()], 0));
}

#[wasm_bindgen_test]
fn on_a_silent_wire_nothing_arrives_not_even_the_end() {
    let line = Line::with(Faults { is_silent: true, ..Faults::NONE });
    line.far.tell(SocketEvent::Opened);
    line.send("a");
    line.far.send("A");
    line.far.tell(SocketEvent::Closed { code: 1000 });
    assert_eq!((line.far.arrived(), line.told()), (vec![], vec![]));
    assert_eq!(line.wire.frames()[0].fate, Fate::Dropped);
}
