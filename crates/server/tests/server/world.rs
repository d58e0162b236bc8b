//! What the tests are made of: the program, an HTTP client, a WebSocket client.
//!
//! Waiting is for something to come, never for time to pass; [`PATIENCE`] only turns a test
//! that would hang into one that fails.

use axum::body::Bytes;
use futures::{SinkExt, StreamExt};
use holdfast_sync::{
    ClientId, Schema, SyncCursor,
    protocol::{
        Body, ClientFrame, Held, Hello, Ping, Push, Pushed, ServerFrame, Subscribe, VERSION, VERSION_MIN, Welcome,
    },
};
use holdfast_tracker::{Mutation, Scope, Tracker};
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, header, http::request::Builder};
use hyper_util::rt::TokioIo;
use std::{
    marker::PhantomData,
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::CloseFrame},
};
use uuid::Uuid;

/// How long anything may take before a test is held to hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for what must come.
pub async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(PATIENCE, coming).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// A folder with a database.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder for temporary files"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn url(&self, name: &str) -> String {
        format!("sqlite:{}", self.path(name).display())
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("the folder takes a file");
        path
    }
}

/// Runs one of the program's commands to its end.
pub async fn run(args: &[&str], input: Option<&[u8]>) -> Output {
    let mut child = program().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.as_mut().map_err(|error| error.to_string()).expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut stderr = child.stderr.take().expect("it is piped");
    let feed = async move {
        // A program that refuses does not read to the end.
        let _ = stdin.write_all(input.unwrap_or_default()).await;
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let read = async {
        use tokio::io::AsyncReadExt;
        tokio::try_join!(stdout.read_to_end(&mut out), stderr.read_to_end(&mut err)).expect("pipes can be read");
    };
    let (status, (), ()) = soon("the program's end", async { tokio::join!(child.wait(), feed, read) }).await;
    Output { status: status.expect("it can be waited for"), stdout: out, stderr: err }
}

/// What the program says on standard error where it refuses: one line, exit code 1.
pub async fn refusal(args: &[&str], input: Option<&[u8]>) -> String {
    let output = run(args, input).await;
    let said = String::from_utf8(output.stderr).expect("it speaks UTF-8");
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("holdfast-server: ")).collect();
    assert_eq!(lines.len(), 1, "one line says what is wrong: {said}");
    lines[0]["holdfast-server: ".len()..].to_owned()
}

/// Runs a command that must succeed; its standard output.
pub async fn succeed(args: &[&str], input: Option<&[u8]>) -> String {
    let output = run(args, input).await;
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it speaks UTF-8")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast-server"));
    command.env("RUST_LOG", "warn").env_remove("HOLDFAST_FAILPOINT").kill_on_drop(true);
    command
}

/// A server that runs.
pub struct Running {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub host: String,
}

impl Running {
    /// Starts one on a free port.
    pub async fn start(database: &str) -> Self {
        Self::start_with(database, &[]).await
    }

    pub async fn start_with(database: &str, args: &[&str]) -> Self {
        let mut command = program();
        command.args(["serve", "--db", database, "--listen", "127.0.0.1:0"]).args(args);
        Self::launch(command).await
    }

    /// Starts one whose files can be held to a size, as if the disk were full.
    pub async fn start_holdable(database: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_holdfast-server");
        let mut command = Command::new("sh");
        // Without that, the signal for a file grown too large would end it.
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", program, "serve", "--db", database]);
        command.args(["--listen", "127.0.0.1:0"]).env("RUST_LOG", "off").kill_on_drop(true);
        Self::launch(command).await
    }

    /// How large its files may be: `unlimited`, or a number of bytes.
    pub async fn hold(&self, size_bytes: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        let limit = format!("--fsize={size_bytes}:unlimited");
        let status = Command::new("prlimit").args(["--pid", &pid, &limit]).status().await;
        assert!(status.expect("util-linux has a prlimit").success());
    }

    async fn launch(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = soon("the server's address", lines.next_line()).await.expect("a pipe can be read");
        let line = line.expect("it says where it listens before it ends");
        let host = line.strip_prefix("Holdfast listens on http://").expect("it says where it listens").to_owned();
        Self { child, host }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Kills it, as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Asks it to end.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await.expect("there is a kill command");
        assert!(status.success());
    }

    /// Waits for its end.
    pub async fn ended(mut self) -> ExitStatus {
        soon("the server's end", self.child.wait()).await.expect("it can be waited for")
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        soon("an answer", send(&self.host, request)).await
    }

    /// A request that says its host, and otherwise nothing.
    pub fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder().method(method).uri(path).header(header::HOST, &self.host)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Full::default()).expect("it is whole")).await
    }

    /// Signs in; the cookie as a browser sends it back.
    pub async fn sign_in(&self, name: &str) -> String {
        let body = serde_json::json!({ "name": name }).to_string();
        let request = self
            .request("POST", "/api/session")
            .header(header::ORIGIN, self.origin())
            .header(header::CONTENT_TYPE, "application/json");
        let answer = self.send(request.body(body.into()).expect("it is whole")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is ASCII");
        cookie.split(';').next().expect("a split has a first").to_owned()
    }

    /// A tracker's client of that person, which has said nothing yet.
    pub async fn connect(&self, cookie: &str) -> Client<Tracker> {
        Client::connect(&self.host, Some(cookie)).await
    }

    /// A new person's client that was welcomed.
    pub async fn join(&self, name: &str, scopes: &[Scope]) -> (Client<Tracker>, Welcome) {
        let cookie = self.sign_in(name).await;
        let mut client = self.connect(&cookie).await;
        let welcome = client.hello(new_client(), None, scopes).await;
        (client, welcome)
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: hyper::HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

pub async fn send(host: &str, request: Request<Full<Bytes>>) -> Answer {
    let stream = TcpStream::connect(host).await.expect("the server takes a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP needs no handshake");
    tokio::spawn(connection);
    let response = sender.send_request(request).await.expect("the server answers");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("the answer is whole").to_bytes().to_vec();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: parts.status, headers: parts.headers, text, bytes }
}

pub fn new_client() -> ClientId {
    ClientId(Uuid::now_v7())
}

/// What comes over a WebSocket.
#[derive(Debug)]
pub enum Came<S: Schema> {
    Frame(ServerFrame<S>),
    Closed(Option<(u16, String)>),
    /// The socket ended without a close.
    Broken,
}

/// A WebSocket client of any schema.
pub struct Client<S: Schema> {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    schema: PhantomData<S>,
}

/// Asks for a WebSocket with exactly these headers beside those it takes.
pub async fn upgrade(host: &str, headers: &[(&'static str, &str)]) -> Upgraded {
    upgrade_at(host, "/sync", headers).await
}

pub type Upgraded = Result<WebSocketStream<MaybeTlsStream<TcpStream>>, tungstenite::Error>;

pub async fn upgrade_at(host: &str, path: &str, headers: &[(&'static str, &str)]) -> Upgraded {
    let mut request = format!("ws://{host}{path}").into_client_request().expect("it is a URL");
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().expect("it is a header"));
    }
    soon("an answer to the upgrade", tokio_tungstenite::connect_async(request)).await.map(|(socket, _)| socket)
}

impl<S: Schema> Client<S> {
    /// Connects as a page of the server's own does.
    pub async fn connect(host: &str, cookie: Option<&str>) -> Self {
        Self::connect_at(host, "/sync", cookie).await
    }

    /// Connects at that path, as a page of the server's own does.
    pub async fn connect_at(host: &str, path: &str, cookie: Option<&str>) -> Self {
        let origin = format!("http://{host}");
        let mut headers = vec![("origin", origin.as_str())];
        headers.extend(cookie.map(|cookie| ("cookie", cookie)));
        let socket = upgrade_at(host, path, &headers).await.expect("the server upgrades");
        Self { socket, schema: PhantomData }
    }

    pub async fn send(&mut self, frame: &ClientFrame<S>) {
        self.send_text(&frame.encode()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("the socket takes a frame");
    }

    pub async fn hello(&mut self, client: ClientId, cursor: Option<SyncCursor>, scopes: &[S::Scope]) -> Welcome {
        self.send(&ClientFrame::Hello(hello(client, cursor, scopes))).await;
        match self.frame().await {
            ServerFrame::Welcome(welcome) => welcome,
            other => panic!("instead of a welcome came {other:?}"),
        }
    }

    pub async fn subscribe(&mut self, scope: S::Scope) {
        self.send(&ClientFrame::Subscribe(Subscribe { scope, id: 1, held: Held::Nothing })).await;
    }

    /// Pushes mutations under consecutive places.
    pub async fn push(&mut self, first: u64, mutations: impl IntoIterator<Item = S::Mutation>) {
        let mutations = mutations.into_iter().zip(first..).map(|(mutation, seq)| Pushed {
            seq,
            nonce: 0,
            body: Body::Mutate(mutation),
            bases: Vec::new(),
        });
        self.send(&ClientFrame::Push(Push { mutations: mutations.collect() })).await;
    }

    /// Whatever comes next; what WebSockets say among themselves is passed over.
    pub async fn next(&mut self) -> Came<S> {
        loop {
            match soon("a frame", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    return Came::Frame(ServerFrame::decode(&text).expect("the server speaks the protocol"));
                }
                Some(Ok(Message::Close(frame))) => return Came::Closed(frame.map(code_and_reason)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Came::Broken,
            }
        }
    }

    pub async fn frame(&mut self) -> ServerFrame<S> {
        match self.next().await {
            Came::Frame(frame) => frame,
            other => panic!("instead of a frame came {other:?}"),
        }
    }

    /// The next frame of which `pick` makes something; others are passed over.
    pub async fn until<T>(&mut self, pick: impl Fn(ServerFrame<S>) -> Option<T>) -> T {
        loop {
            if let Some(picked) = pick(self.frame().await) {
                return picked;
            }
        }
    }

    /// All frames up to the answer to a ping sent now.
    pub async fn drain(&mut self) -> Vec<ServerFrame<S>> {
        let nonce = 4242;
        self.send(&ClientFrame::Ping(Ping { nonce })).await;
        let mut frames = Vec::new();
        loop {
            match self.frame().await {
                ServerFrame::Pong(pong) if pong.nonce == nonce => return frames,
                frame => frames.push(frame),
            }
        }
    }

    /// The error frame and the close code that must come now.
    pub async fn farewell(&mut self) -> (holdfast_sync::protocol::ErrorFrame, u16) {
        let error = match self.next().await {
            Came::Frame(ServerFrame::Error(error)) => error,
            other => panic!("instead of an error came {other:?}"),
        };
        match self.next().await {
            Came::Closed(Some((code, reason))) => {
                assert!(error.message.starts_with(&reason), "{reason}");
                (error, code)
            }
            other => panic!("instead of a close came {other:?}"),
        }
    }
}

pub fn hello<S: Schema>(client: ClientId, cursor: Option<SyncCursor>, scopes: &[S::Scope]) -> Hello<S> {
    let scopes = scopes.iter().map(|scope| Subscribe {
        scope: scope.clone(),
        id: 1,
        held: if cursor.is_some() { Held::All } else { Held::Nothing },
    });
    Hello {
        version: VERSION,
        version_min: VERSION_MIN,
        schema: S::VERSION,
        client,
        cursor,
        seen: None,
        scopes: scopes.collect(),
        queries: Vec::new(),
        oldest_unsettled: 1,
        access: 0,
    }
}

fn code_and_reason(frame: CloseFrame) -> (u16, String) {
    (frame.code.into(), frame.reason.to_string())
}

/// Some mutations of the tracker.
pub mod make {
    use super::*;
    use holdfast_tracker::{IssueId, Priority, ProjectId, Status};

    pub fn project(id: ProjectId) -> Mutation {
        Mutation::CreateProject { id, code: "WEB".to_owned(), name: "Web".to_owned() }
    }

    pub fn issue(id: IssueId, project: ProjectId, title: &str) -> Mutation {
        Mutation::CreateIssue {
            id,
            project,
            title: title.to_owned(),
            status: Status::Todo,
            priority: Priority::None,
            assignee: None,
            labels: Default::default(),
            description: format!("About **{title}**\n"),
        }
    }

    pub fn title(issue: IssueId, title: &str) -> Mutation {
        Mutation::SetTitle { issue, title: title.to_owned() }
    }

    pub fn new_project() -> ProjectId {
        ProjectId(Uuid::now_v7())
    }

    pub fn new_issue() -> IssueId {
        IssueId(Uuid::now_v7())
    }
}

/// Whether two files are the same, byte for byte.
pub fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}
