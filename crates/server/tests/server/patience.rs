//! How long a socket may take: each limit is set low here, and what it brings is waited for.

use crate::{
    notes::{Act, House, Note, note},
    world::{Came, Folder, new_client, soon},
};
use holdfast_server::{
    Settings,
    accounts::Token,
    clock::now_ms,
    store::{Progress, SessionRow, Store, sqlite::SqliteSettings},
};
use holdfast_sync::protocol::{ClientFrame, ErrorCode, Ping, ServerFrame, Unsubscribe};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

const SHORT: Duration = Duration::from_millis(150);

async fn house(folder: &Folder, settings: Settings) -> House {
    House::open(&folder.path("db"), SqliteSettings::default(), settings).await
}

#[tokio::test]
async fn whoever_says_no_hello_is_sent_away() {
    let folder = Folder::new();
    let house = house(&folder, Settings { hello_timeout: SHORT, ..Default::default() }).await;
    let cookie = house.sign_in("Ada").await;
    let (error, code) = house.connect(&cookie).await.farewell().await;
    assert_eq!((error.code, code, error.message.as_str()), (ErrorCode::Malformed, 1002, "No hello came in time."));
    house.close().await;
}

#[tokio::test]
async fn whoever_says_nothing_any_more_is_dropped() {
    let folder = Folder::new();
    let house = house(&folder, Settings { idle_timeout: SHORT, ..Default::default() }).await;
    let cookie = house.sign_in("Ada").await;
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    assert!(matches!(ada.next().await, Came::Broken), "there is nobody to be told");
    house.close().await;
}

#[tokio::test]
async fn whoever_reads_nothing_is_cut_and_nobody_else_feels_it() {
    let folder = Folder::new();
    let house = house(&folder, Settings { send_timeout: SHORT, ..Default::default() }).await;
    let cookie = house.sign_in("Ada").await;
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    let text = "x".repeat(200_000);
    for number in 1..=100 {
        ada.push(number.into(), [Act::Write(note(number, &text))]).await;
        ada.drain().await;
    }
    let mut sloth = house.connect(&cookie).await;
    sloth.hello(new_client(), None, &["hall".to_owned()]).await;
    // The sloth reads nothing of 20 MB, more than any socket's buffers take.
    soon("the cut", async { while house.count("slow_consumers_total").await == 0 {} }).await;
    ada.send(&holdfast_sync::protocol::ClientFrame::Ping(Ping { nonce: 1 })).await;
    assert!(matches!(ada.frame().await, ServerFrame::Pong(_)));
    house.close().await;
}

#[tokio::test]
async fn a_session_that_expires_ends_its_socket() {
    let folder = Folder::new();
    let house = house(&folder, Settings::default()).await;
    house.sign_in("Ada").await;
    let user = house.store.entity("user").await.expect("it answers")[0].key.clone();
    let token = Token::random();
    let user: Uuid = user.trim_start_matches("user/").parse().expect("it is an id");
    let session = SessionRow { token_hash: token.hash(), user, expires_ms: now_ms() + 400 };
    house.store.add_session(session).await.expect("it is kept");
    let cookie = format!("holdfast_session={}", token.reveal());
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, &[]).await;
    let (error, code) = ada.farewell().await;
    assert_eq!((error.code, code), (ErrorCode::SignIn, 4401));
    assert_eq!(house.connect(&cookie).await.farewell().await.1, 4401, "and is no session any more");
    assert_eq!(house.store.session(token.hash()).await.expect("it answers"), None);
    house.close().await;
}

#[tokio::test]
async fn dribbled_headers_are_cut_and_do_not_keep_others_out() {
    let folder = Folder::new();
    let settings = Settings { header_timeout: SHORT, sockets_max: 40, ..Default::default() };
    let house = house(&folder, settings).await;
    let mut dribblers = Vec::new();
    for _ in 0..200 {
        let mut socket = TcpStream::connect(&house.host).await.expect("the system takes a connection");
        socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").await.expect("it takes bytes");
        dribblers.push(socket);
    }
    assert!(soon("an upgrade", house.can_upgrade()).await, "a real client gets its turn");
    for mut socket in dribblers {
        let mut said = Vec::new();
        // Cut with or without a word.
        let _ = soon("the end", socket.read_to_end(&mut said)).await;
        assert!(!said.starts_with(b"HTTP/1.1 200"));
    }
    house.close().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for_at_the_end() {
    let folder = Folder::new();
    let house = house(&folder, Settings { stop_timeout: SHORT, ..Default::default() }).await;
    let mut socket = TcpStream::connect(&house.host).await.expect("the system takes a connection");
    let head = format!(
        "POST /api/session HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n",
        house.host
    );
    socket.write_all(head.as_bytes()).await.expect("it takes bytes");
    house.close().await;
}

#[tokio::test]
async fn what_a_client_says_is_heard_while_it_is_sent_very_much() {
    let folder = Folder::new();
    let house = House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await;
    let cookie = house.sign_in("Ada").await;
    // More than sockets take without being read: what is asked for is asked for while the server sends.
    let text = "x".repeat(200 << 10);
    let rows: Vec<Note> = (0..90).map(|number| note(number, &text)).collect();
    let room = rows[0].room.clone();
    house.store.put(rows, Progress::default()).await.expect("they are put");
    let mut ada = house.connect(&cookie).await;
    ada.hello(new_client(), None, std::slice::from_ref(&room)).await;
    ada.until(|frame| matches!(frame, ServerFrame::Snapshot(_)).then_some(())).await;
    ada.send(&ClientFrame::Unsubscribe(Unsubscribe { scope: room })).await;
    ada.send(&ClientFrame::Ping(Ping { nonce: 7 })).await;
    loop {
        match ada.frame().await {
            ServerFrame::Snapshot(page) => {
                assert!(page.next.is_some(), "all was sent before what the client said was heard");
            }
            ServerFrame::Pong(_) => break,
            _ => {}
        }
    }
    house.close().await;
}
