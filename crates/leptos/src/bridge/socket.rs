//! The WebSocket.

use super::clock::window;
use futures::future::{AbortHandle, abortable};
use std::rc::Rc;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// The close code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

/// What happened on a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// A frame came.
    Text(String),
    /// It closed, or could not be opened: the last event.
    Closed {
        /// The WebSocket close code.
        code: u16,
    },
}

/// Is told what happens on a socket.
pub type OnEvent = Rc<dyn Fn(SocketEvent)>;

/// Opens sockets.
pub trait Connector {
    /// Begins to open a socket. What happens on it is told later, never from within.
    fn connect(&self, on_event: OnEvent) -> Box<dyn Socket>;
}

/// A socket. Dropping it lets it go: nothing of it is told any more, and it closes.
pub trait Socket {
    /// Sends a text frame. On a socket that is not open nothing happens; its end is told.
    fn send(&self, text: &str);
}

/// The browser's WebSocket.
#[derive(Clone, Debug)]
pub struct WebSocketConnector {
    url: String,
}

impl WebSocketConnector {
    /// Connects to that `ws:` or `wss:` address.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }

    /// Connects to a path on the server that the page came from.
    pub fn same_origin(path: &str) -> Self {
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
        Self::new(format!("{scheme}://{}{path}", location.host().unwrap_or_default()))
    }
}

impl Connector for WebSocketConnector {
    fn connect(&self, on_event: OnEvent) -> Box<dyn Socket> {
        match WebSocket::new(&self.url) {
            Ok(socket) => Box::new(BrowserSocket::new(socket, on_event)),
            // The address is no address, or the page's policy forbids it.
            Err(_) => {
                let (telling, abort) = abortable(async move { on_event(SocketEvent::Closed { code: ABNORMAL }) });
                spawn_local(async { _ = telling.await });
                Box::new(Stillborn(abort))
            }
        }
    }
}

/// A socket whose closures live as long as it.
struct BrowserSocket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

impl BrowserSocket {
    fn new(socket: WebSocket, on_event: OnEvent) -> Self {
        socket.set_binary_type(BinaryType::Arraybuffer);
        let tell = on_event.clone();
        let opened = Closure::new(move || tell(SocketEvent::Opened));
        let tell = on_event.clone();
        let message = Closure::new(move |event: MessageEvent| {
            // A binary frame is none of the protocol: the engine finds no frame in it and says so.
            tell(SocketEvent::Text(event.data().as_string().unwrap_or_default()));
        });
        let closed = Closure::new(move |event: CloseEvent| on_event(SocketEvent::Closed { code: event.code() }));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Self { socket, _opened: opened, _message: message, _closed: closed }
    }
}

impl Socket for BrowserSocket {
    fn send(&self, text: &str) {
        // It fails only before the socket is open, when the engine sends nothing.
        let _ = self.socket.send_with_str(text);
    }
}

impl Drop for BrowserSocket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

/// A socket that could not be made.
struct Stillborn(AbortHandle);

impl Socket for Stillborn {
    fn send(&self, _text: &str) {}
}

impl Drop for Stillborn {
    fn drop(&mut self) {
        self.0.abort();
    }
}
