//! One connection: carries out what its [`Session`] says, and holds it to its time.
//!
//! Nothing is queued. A frame is read only when the session has nothing left to do; a socket
//! that takes nothing holds up its own session alone, which is then merely behind in the log.

use crate::{
    accounts::Account, application::Application, clock::now_ms, http::Activity, server::Server, store::StoreError,
};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::FutureExt;
use holdfast_sync::{
    Seq,
    authority::{PushAnswer, Request, Session, SessionInput, SessionOutput, close},
    protocol::{ErrorCode, ErrorFrame},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

/// How many bytes a close frame's reason has at most: <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>.
const REASON_BYTES_MAX: usize = 123;

/// How long to wait for the other end's close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a send that waits is looked at.
const SEND_LOOK: Duration = Duration::from_millis(500);

pub(super) struct Connection<'a, A: Application> {
    server: &'a Server<A>,
    socket: WebSocket,
    activity: Arc<Activity>,
    account: Option<Account>,
    begun: Instant,
}

/// The connection is over, nothing more to be said.
struct Over;

/// What a connection waits for.
enum Event {
    Socket(Option<Result<Message, axum::Error>>),
    Head(Seq),
    Stopping,
    SessionsEnded,
    TimeIsUp,
}

impl<'a, A: Application> Connection<'a, A> {
    pub fn new(server: &'a Server<A>, socket: WebSocket, activity: Arc<Activity>, account: Option<Account>) -> Self {
        Self { server, socket, activity, account, begun: Instant::now() }
    }

    /// Runs until either end closes.
    pub async fn run(mut self) {
        let server = self.server;
        let _counted = server.metrics.connect();
        let Some(account) = self.account.clone() else {
            // Its end is the same either way.
            let _ = self.turn_away().await;
            return;
        };
        tracing::debug!(user = %account.user.id, "connected");
        let session = Session::new(A::user(account.user.id), server.settings.limits);
        let Over = self.drive(session, &account).await;
        tracing::debug!(user = %account.user.id, "disconnected");
    }

    async fn drive(&mut self, mut session: Session<A::Schema>, account: &Account) -> Over {
        let mut head = self.server.store.head();
        let mut stopping = self.server.stopping.subscribe();
        let mut ended = self.server.accounts.ended();
        loop {
            while let Some(output) = session.poll() {
                match output {
                    SessionOutput::Send(text) => {
                        if let Err(over) = self.send(text).await {
                            return over;
                        }
                    }
                    SessionOutput::Read(request) => session.handle(carry_out(self.server, account, request).await),
                    SessionOutput::Close { code, reason } => return self.close(code, reason).await,
                }
                // There may be very much to send: what the client says meanwhile is heard.
                if session.is_loading()
                    && let Some(message) = self.socket.recv().now_or_never()
                    && let Err(over) = self.hear(&mut session, message).await
                {
                    return over;
                }
            }
            match self.wait(&session, account, &mut head, &mut stopping, &mut ended).await {
                Event::Socket(message) => {
                    if let Err(over) = self.hear(&mut session, message).await {
                        return over;
                    }
                }
                Event::Head(seq) => session.handle(SessionInput::Head(seq)),
                Event::Stopping => session.restart(),
                Event::SessionsEnded => match self.server.accounts.is_valid(&account.session).await {
                    Ok(false) => session.fail(close::SIGN_IN, signed_out()),
                    Ok(true) => {}
                    Err(error) => tracing::error!(%error, "a session could not be read"),
                },
                Event::TimeIsUp => {
                    if now_ms() >= account.session.expires_ms {
                        session.fail(close::SIGN_IN, signed_out());
                    } else if !session.is_open() && self.begun.elapsed() >= self.server.settings.hello_timeout {
                        let message = "No hello came in time.";
                        session.fail(close::PROTOCOL, error(ErrorCode::Malformed, message));
                    } else if self.activity.last_read().elapsed() >= self.server.settings.idle_timeout {
                        // Nobody is there: nothing to be said.
                        return Over;
                    }
                }
            }
        }
    }

    /// Takes in what came over the socket.
    async fn hear(
        &mut self,
        session: &mut Session<A::Schema>,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<(), Over> {
        match message {
            Some(Ok(Message::Text(text))) => {
                self.server.metrics.count_received();
                session.handle(SessionInput::Frame(text.as_str().to_owned()));
            }
            Some(Ok(Message::Binary(_))) => {
                let message = "Frames are text; this one was binary.";
                session.fail(close::UNSUPPORTED, error(ErrorCode::Malformed, message));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_))) | None => return Err(self.leave().await),
            Some(Err(broken)) => match self.unreadable(&broken) {
                Some((code, frame)) => session.fail(code, frame),
                None => return Err(Over),
            },
        }
        Ok(())
    }

    async fn wait(
        &mut self,
        session: &Session<A::Schema>,
        account: &Account,
        head: &mut watch::Receiver<Seq>,
        stopping: &mut watch::Receiver<bool>,
        ended: &mut watch::Receiver<u64>,
    ) -> Event {
        let settings = &self.server.settings;
        let mut deadline = self.activity.last_read() + settings.idle_timeout;
        if !session.is_open() {
            deadline = deadline.min(self.begun + settings.hello_timeout);
        }
        let valid_ms = u64::try_from(account.session.expires_ms - now_ms()).unwrap_or(0);
        deadline = deadline.min(Instant::now() + Duration::from_millis(valid_ms));
        tokio::select! {
            message = self.socket.recv() => Event::Socket(message),
            Ok(()) = head.changed() => Event::Head(*head.borrow_and_update()),
            () = stopped(stopping) => Event::Stopping,
            Ok(()) = ended.changed() => Event::SessionsEnded,
            () = sleep_until(deadline) => Event::TimeIsUp,
        }
    }

    /// Sends a frame, for as long as the socket takes any of it.
    async fn send(&mut self, text: String) -> Result<(), Over> {
        self.server.metrics.count_sent();
        match send_patiently(&mut self.socket, text, &self.activity, self.server.settings.send_timeout).await {
            Some(Ok(())) => return Ok(()),
            Some(Err(_)) => return Err(Over),
            None => {}
        }
        self.server.metrics.count_slow();
        tracing::info!("a connection took nothing for too long; it is cut");
        // It will not take this either, unless it just woke up: it has its time, as any other frame.
        let frame = CloseFrame { code: close::TRY_AGAIN, reason: "The receiver was too slow.".into() };
        let _ = timeout(CLOSE_TIMEOUT, self.socket.send(Message::Close(Some(frame)))).await;
        Err(Over)
    }

    /// Closes, and waits a moment for the other end to close too.
    async fn close(&mut self, code: u16, reason: String) -> Over {
        let frame = CloseFrame { code, reason: cut(reason).into() };
        let closing = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        // Whether it closed or not, it is dropped.
        let _ = timeout(CLOSE_TIMEOUT, closing).await;
        Over
    }

    /// The other end closed: the answer to that goes out with the next read.
    async fn leave(&mut self) -> Over {
        let _ = timeout(CLOSE_TIMEOUT, self.socket.recv()).await;
        Over
    }

    /// Tells a client that nobody is signed in.
    async fn turn_away(&mut self) -> Result<(), Over> {
        let mut session = Session::<A::Schema>::new(A::system(), self.server.settings.limits);
        session.fail(close::SIGN_IN, signed_out());
        while let Some(output) = session.poll() {
            match output {
                SessionOutput::Send(text) => self.send(text).await?,
                SessionOutput::Close { code, reason } => return Err(self.close(code, reason).await),
                SessionOutput::Read(_) => {}
            }
        }
        Ok(())
    }

    /// What to say to a frame that could not be read; none where the socket is broken.
    fn unreadable(&self, broken: &axum::Error) -> Option<(u16, ErrorFrame)> {
        // The WebSocket crate's error is behind axum's and not of a type that axum shows.
        let text = broken.to_string();
        if text.starts_with("Space limit exceeded") {
            let message = format!("A frame may have at most {} bytes.", self.server.settings.limits.frame_bytes_max);
            return Some((close::TOO_BIG, error(ErrorCode::TooMuch, message)));
        }
        if text.starts_with("WebSocket protocol error") || text.starts_with("UTF-8 encoding error") {
            let message = "The bytes sent are no WebSocket frame with text.";
            return Some((close::PROTOCOL, error(ErrorCode::Malformed, message)));
        }
        None
    }
}

/// Asks the store what the session wants to know.
async fn carry_out<A: Application>(
    server: &Server<A>,
    account: &Account,
    request: Request<A::Schema>,
) -> SessionInput<A::Schema> {
    let store = &server.store;
    let actor = A::user(account.user.id);
    let answered: Result<_, StoreError> = match request {
        Request::Hello(hello) => store.greet(hello, actor, server.settings.limits).await.map(SessionInput::Greeted),
        Request::Settle { client, mutations } => {
            let answers: Vec<PushAnswer> = store.settle(actor, client, mutations).await;
            server.metrics.count_answers(&answers);
            Ok(SessionInput::Settled(answers))
        }
        Request::Rights { scopes } => store.rights(actor, scopes).await.map(SessionInput::Rights),
        Request::Log { after, limit, watched } => store.log(actor, after, limit, watched).await.map(SessionInput::Log),
        Request::Page { scope, after, limit } => store.page(actor, scope, after, limit).await.map(SessionInput::Page),
        Request::Query { query, after, limit, count } => {
            store.query(actor, query, after, limit, count).await.map(SessionInput::Query)
        }
    };
    answered.unwrap_or_else(|error| {
        tracing::error!(%error, "a connection's request failed");
        SessionInput::Failed(error.to_string())
    })
}

/// Sends, for as long as the socket takes any of it: `None` where it took nothing for too long.
async fn send_patiently(
    socket: &mut WebSocket,
    text: String,
    activity: &Activity,
    patience: Duration,
) -> Option<Result<(), axum::Error>> {
    let begun = Instant::now();
    let mut sending = std::pin::pin!(socket.send(Message::text(text)));
    loop {
        tokio::select! {
            sent = &mut sending => return Some(sent),
            () = sleep(SEND_LOOK.min(patience)) => {
                if activity.last_written().max(begun).elapsed() >= patience {
                    return None;
                }
            }
        }
    }
}

/// The server stops, or is gone.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn error(code: ErrorCode, message: impl Into<String>) -> ErrorFrame {
    ErrorFrame { code, message: message.into(), retry: None }
}

fn signed_out() -> ErrorFrame {
    error(ErrorCode::SignIn, "Nobody is signed in, or the session has ended.")
}

/// As much of a reason as a close frame takes.
fn cut(mut reason: String) -> String {
    let mut end = REASON_BYTES_MAX.min(reason.len());
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(cut("short".to_owned()), "short");
        let long = cut("é".repeat(100));
        assert_eq!(long.len(), 122);
        assert!(long.chars().all(|char| char == 'é'));
    }
}
