//! Bad input at the WebSocket's door: each kind, its exact answer, and the server lives.

use crate::world::{Came, Client, Folder, Running, hello, make, new_client};
use futures::SinkExt;
use holdfast_sync::protocol::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};
use holdfast_tracker::Tracker;
use tokio_tungstenite::tungstenite::Message;

/// What is said and the close code behind it, for a frame sent on a fresh socket.
async fn answer_to(server: &Running, welcomed: bool, message: Message) -> (ErrorFrame, u16) {
    let cookie = server.sign_in("Ada").await;
    let mut client = server.connect(&cookie).await;
    if welcomed {
        client.hello(new_client(), None, &[]).await;
    }
    client.socket.send(message).await.expect("the socket takes a frame");
    client.farewell().await
}

#[tokio::test]
async fn every_bad_frame_has_its_answer() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let malformed = "the frame is not of the protocol: ";
    let cases: [(&str, bool, Message, ErrorCode, u16, String); 9] = [
        (
            "no JSON",
            true,
            Message::text("{\"push\":"),
            ErrorCode::Malformed,
            1002,
            format!("{malformed}EOF while parsing a value at line 1 column 8"),
        ),
        (
            "no object",
            true,
            Message::text("[1, 2]"),
            ErrorCode::Malformed,
            1002,
            format!(
                "{malformed}invalid type: sequence, expected a client's frame, {{\"kind\": {{…}}}} at line 1 column 0"
            ),
        ),
        (
            "an empty object",
            true,
            Message::text("{}"),
            ErrorCode::Malformed,
            1002,
            format!("{malformed}a frame without a kind at line 1 column 2"),
        ),
        (
            "a field of the wrong type",
            true,
            Message::text("{\"ping\":{\"nonce\":\"x\"}}"),
            ErrorCode::Malformed,
            1002,
            format!("{malformed}invalid type: string \"x\", expected u64 at line 1 column 20"),
        ),
        (
            "binary",
            true,
            Message::binary([1, 2, 3].as_slice()),
            ErrorCode::Malformed,
            1003,
            "Frames are text; this one was binary.".to_owned(),
        ),
        (
            "binary first",
            false,
            Message::binary([1, 2, 3].as_slice()),
            ErrorCode::Malformed,
            1003,
            "Frames are text; this one was binary.".to_owned(),
        ),
        (
            "first not hello",
            false,
            Message::text("{\"ping\":{\"nonce\":1}}"),
            ErrorCode::Malformed,
            1002,
            "The first frame must be hello.".to_owned(),
        ),
        (
            "too large by one",
            true,
            Message::text(" ".repeat((1 << 20) + 1)),
            ErrorCode::TooMuch,
            1009,
            "A frame may have at most 1048576 bytes.".to_owned(),
        ),
        (
            "far too large",
            true,
            Message::text(" ".repeat((1 << 21) + 1)),
            ErrorCode::TooMuch,
            1009,
            "A frame may have at most 1048576 bytes.".to_owned(),
        ),
    ];
    for (what, welcomed, message, code, close, says) in cases {
        let (error, closed) = answer_to(&server, welcomed, message).await;
        assert_eq!((error.code, closed, error.message), (code, close, says), "{what}");
    }
    assert_eq!(server.get("/readyz").await.status, 200, "the server lives");
}

#[tokio::test]
async fn a_frame_of_just_the_size_allowed_is_taken() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, welcome) = server.join("Ada", &[]).await;
    let ping = "{\"ping\":{\"nonce\":7}}";
    let padded = format!("{}{ping}", " ".repeat(welcome.limits.frame_bytes_max - ping.len()));
    ada.send_text(&padded).await;
    assert!(matches!(ada.frame().await, ServerFrame::Pong(pong) if pong.nonce == 7));
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_told_which_are() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    let cases = [
        (9, 8, "This app needs protocol version 8; the server speaks 1. Update the server."),
        (0, 0, "This app speaks protocol version 0; the server needs 1 or later. Reload to update."),
    ];
    for (version, version_min, says) in cases {
        let mut client = server.connect(&cookie).await;
        let hello = hello::<Tracker>(new_client(), None, &[]);
        client.send(&ClientFrame::Hello(holdfast_sync::protocol::Hello { version, version_min, ..hello })).await;
        let (error, code) = client.farewell().await;
        assert_eq!((error.code, code, error.message.as_str()), (ErrorCode::Version, 4426, says));
    }
}

#[tokio::test]
async fn what_a_newer_client_says_is_passed_over() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    ada.send_text("{\"wave\":{\"to\":\"everyone\"}}").await;
    ada.send_text("{\"ping\":{\"nonce\":3,\"mood\":\"fine\"},\"more\":1}").await;
    assert!(matches!(ada.frame().await, ServerFrame::Pong(pong) if pong.nonce == 3));
}

#[tokio::test]
async fn hello_comes_once() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    ada.send(&ClientFrame::Hello(hello(new_client(), None, &[]))).await;
    let (error, code) = ada.farewell().await;
    assert_eq!(
        (error.code, code, error.message.as_str()),
        (ErrorCode::Malformed, 1002, "hello comes once, and first.")
    );
}

#[tokio::test]
async fn too_many_mutations_in_one_push_are_refused_as_one() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, welcome) = server.join("Ada", &[]).await;
    let project = make::new_project();
    ada.push(1, (0..=welcome.limits.in_flight_max).map(|_| make::project(project))).await;
    let (error, code) = ada.farewell().await;
    assert_eq!((error.code, code), (ErrorCode::TooMuch, 1009));
    assert_eq!(error.message, "A push may hold at most 256 mutations.");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_so() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let never = format!("holdfast_session={}", "0".repeat(64));
    for cookie in [None, Some(never.as_str()), Some("holdfast_session=nonsense"), Some("other=1")] {
        let mut client = Client::<Tracker>::connect(&server.host, cookie).await;
        let (error, code) = client.farewell().await;
        assert_eq!((error.code, error.retry, code), (ErrorCode::SignIn, None, 4401), "{cookie:?}");
        assert_eq!(error.message, "Nobody is signed in, or the session has ended.");
    }
}

#[tokio::test]
async fn bytes_that_are_no_websocket_frame_end_only_their_own_socket() {
    use tokio::io::AsyncWriteExt;
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    let (mut other, _) = server.join("Bob", &[]).await;
    // A frame with a reserved opcode; then one that is not masked.
    ada.socket.get_mut().write_all(&[0x8b, 0x80, 0, 0, 0, 0]).await.expect("the socket takes bytes");
    let (error, code) = ada.farewell().await;
    assert_eq!((error.code, code), (ErrorCode::Malformed, 1002));
    assert!(other.drain().await.is_empty());
    other.socket.get_mut().write_all(&[0x81, 0x02, b'h', b'i']).await.expect("the socket takes bytes");
    let (error, code) = other.farewell().await;
    assert_eq!((error.code, code), (ErrorCode::Malformed, 1002));
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_mutation_of_a_newer_app_is_refused_and_the_rest_go_on() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    let project = make::new_project();
    let good = serde_json::to_string(&make::project(project)).expect("it encodes");
    ada.send_text(&format!(
        "{{\"push\":{{\"mutations\":[{{\"seq\":1,\"body\":{{\"mutate\":{{\"fold\":{{\"issue\":3}}}}}}}},{{\"seq\":2,\"body\":{{\"mutate\":{good}}}}}]}}}}"
    ))
    .await;
    let frames = ada.drain().await;
    let said: Vec<String> = frames
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Reject(reject) => Some(format!("reject {} {:?}", reject.seq, reject.refusal.code)),
            ServerFrame::Ack(ack) => Some(format!("ack {}", ack.seq)),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["reject 1 Unreadable", "ack 2"]);
}

#[tokio::test]
async fn a_client_that_just_leaves_is_no_matter() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (mut ada, _) = server.join("Ada", &[]).await;
    ada.socket.close(None).await.expect("it can be closed");
    assert!(matches!(ada.next().await, Came::Closed(_) | Came::Broken));
    let (mut bob, _) = server.join("Bob", &[]).await;
    assert!(bob.drain().await.is_empty());
}
