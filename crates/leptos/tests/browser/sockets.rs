//! The browser's WebSocket.

use crate::page::{next_task, until_seen};
use holdfast_leptos::bridge::{Connector, SocketEvent, WebSocketConnector};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen_test::wasm_bindgen_test;

type Events = Rc<RefCell<Vec<SocketEvent>>>;

fn events() -> (Events, Rc<dyn Fn(SocketEvent)>) {
    let events = Events::default();
    let told = events.clone();
    (events, Rc::new(move |event| told.borrow_mut().push(event)))
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_closes_the_socket() {
    let (events, tell) = events();
    // Nothing listens on the discard port.
    let socket = WebSocketConnector::new("ws://127.0.0.1:9/sync").connect(tell);
    assert!(events.borrow().is_empty(), "nothing is told from within");
    until_seen(|| !events.borrow().is_empty()).await;
    assert_eq!(events.take(), [SocketEvent::Closed { code: 1006 }]);
    drop(socket);
}

#[wasm_bindgen_test]
async fn an_address_that_is_none_closes_the_socket() {
    let (events, tell) = events();
    let socket = WebSocketConnector::new("mailto:nobody").connect(tell);
    assert!(events.borrow().is_empty(), "nothing is told from within");
    next_task().await;
    assert_eq!(events.take(), [SocketEvent::Closed { code: 1006 }]);
    drop(socket);
}

#[wasm_bindgen_test]
async fn a_socket_let_go_tells_nothing_more() {
    let (events, tell) = events();
    let connector = WebSocketConnector::new("ws://127.0.0.1:9/sync");
    drop(connector.connect(tell.clone()));
    drop(WebSocketConnector::new("mailto:nobody").connect(tell.clone()));
    let (others, tell_other) = self::events();
    let other = connector.connect(tell_other);
    until_seen(|| !others.borrow().is_empty()).await;
    assert!(events.borrow().is_empty());
    assert_eq!(Rc::strong_count(&tell), 1, "its closures are gone with it");
    drop(other);
}
