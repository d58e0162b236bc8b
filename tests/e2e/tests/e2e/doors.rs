//! Bad input at the socket's door: a clear answer, and the server goes on for everybody else.

use anyhow::{Context, Result};
use holdfast_e2e::{Answer, Server, Session, Socket, Stage};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A client's first frame, in that version of the protocol.
fn hello(version: u32) -> Message {
    let hello = json!({
        "version": version, "version_min": version, "schema": 1,
        "client": "0190f0c6-6d8a-7c31-9d9e-2b8a3d1c4e5f", "oldest_unsettled": 1,
    });
    Message::text(json!({ "hello": hello }).to_string())
}

async fn answer_to(server: &Server, session: &Session, frames: Vec<Message>) -> Result<Answer> {
    let mut socket = Socket::connect(server, session, server.origin()).await?;
    for frame in frames {
        socket.send(frame).await?;
    }
    socket.farewell().await
}

/// That somebody else is welcome as before, and the server holds itself to be ready.
async fn still_serves(server: &Server, session: &Session) -> Result<()> {
    let mut socket = Socket::connect(server, session, server.origin()).await?;
    socket.send(hello(1)).await?;
    let welcome = socket.frame().await?;
    assert_eq!(welcome["welcome"]["version"], 1, "{welcome}");
    assert_eq!(server.get("/readyz").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn each_bad_frame_has_a_clear_answer_and_the_server_goes_on() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(5).await?;
    let session = server.sign_in("Ada").await?;
    let cases = [
        ("binary", vec![hello(1), Message::binary(vec![1, 2, 3])], "malformed", 1003),
        ("oversized", vec![hello(1), Message::text(" ".repeat((1 << 20) + 1))], "too_much", 1009),
        ("far oversized", vec![hello(1), Message::text(" ".repeat(5 << 20))], "too_much", 1009),
        ("malformed", vec![hello(1), Message::text("{\"push\":")], "malformed", 1002),
        ("of another shape", vec![hello(1), Message::text("{\"push\":{\"mutations\":7}}")], "malformed", 1002),
        ("of an unknown version", vec![hello(99)], "version", 4426),
        ("before hello", vec![Message::text("{\"ping\":{\"nonce\":1}}")], "malformed", 1002),
        ("a second hello", vec![hello(1), hello(1)], "malformed", 1002),
    ];
    for (what, frames, code, close) in cases {
        let answer = answer_to(&server, &session, frames).await.with_context(|| format!("a frame {what}"))?;
        println!("{what}: {} {:?}: {}", answer.code, answer.close, answer.message);
        assert_eq!((answer.code.as_str(), answer.close), (code, Some(close)), "{what}: {}", answer.message);
        assert!(answer.message.ends_with('.') || code == "malformed", "{what}: {}", answer.message);
        still_serves(&server, &session).await.with_context(|| format!("after a frame {what}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_mutation_for_a_row_that_is_not_there_is_refused_and_the_next_is_not() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(5).await?;
    let session = server.sign_in("Ada").await?;
    let issue = server.export().await?.rows("issue")[0]["id"].clone();
    let mut socket = Socket::connect(&server, &session, server.origin()).await?;
    socket.send(hello(1)).await?;
    socket.frame().await?;
    let title = |issue: &Value, title: &str| json!({ "mutate": { "set_title": { "issue": issue, "title": title } } });
    let nowhere = json!("0190f0c6-6d8a-7c31-9d9e-000000000000");
    let mutations = json!([
        { "seq": 1, "body": title(&nowhere, "Nothing") },
        { "seq": 2, "body": title(&issue, "Something") },
    ]);
    socket.send(Message::text(json!({ "push": { "mutations": mutations } }).to_string())).await?;
    let (mut refused, mut acked) = (Value::Null, Value::Null);
    while acked.is_null() {
        let frame = socket.frame().await?;
        if let Some(reject) = frame.get("reject") {
            refused = reject.clone();
        }
        if let Some(ack) = frame.get("ack") {
            acked = ack.clone();
        }
    }
    println!("a mutation for a row that is not there: {refused}");
    assert_eq!((&refused["seq"], &acked["seq"]), (&json!(1), &json!(2)));
    assert!(refused["refusal"]["message"].as_str().is_some_and(|message| message.ends_with('.')), "{refused}");
    assert_eq!(server.export().await?.count("issue", "title", "Something"), 1);
    still_serves(&server, &session).await
}

#[tokio::test]
async fn a_page_of_elsewhere_gets_no_socket() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(5).await?;
    let session = server.sign_in("Ada").await?;
    let near = format!("{}.evil.example", server.origin());
    for origin in ["https://evil.example", near.as_str(), "null", "http://127.0.0.1"] {
        match Socket::connect(&server, &session, origin).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{origin}"),
            Err(error) => return Err(error).with_context(|| format!("from {origin}")),
            Ok(_) => panic!("a page of {origin} got a socket"),
        }
    }
    still_serves(&server, &session).await
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_so() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(5).await?;
    let nobody = Session { cookie: "holdfast_session=nobody".to_owned() };
    let answer = answer_to(&server, &nobody, Vec::new()).await?;
    assert_eq!((answer.code.as_str(), answer.close), ("sign_in", Some(4401)), "{}", answer.message);
    still_serves(&server, &server.sign_in("Ada").await?).await
}

#[tokio::test]
async fn a_browser_at_work_notices_nothing_of_bad_input() -> Result<()> {
    let stage = Stage::new().await?;
    let server = stage.seeded_server(60).await?;
    let ada = stage.at_web(&server, "Ada").await?;
    let mallory = server.sign_in("Mallory").await?;
    let left = "window.left = 0; const banner = document.querySelector('[data-testid=connection-banner]');
        new MutationObserver(() => window.left += banner.dataset.status !== 'live')
            .observe(banner, { attributes: true, attributeFilter: ['data-status'] });";
    ada.eval(left, Value::Null).await?;
    for frame in [Message::binary(vec![0; 64]), Message::text("{"), Message::text("x".repeat(3 << 20))] {
        answer_to(&server, &mallory, vec![hello(1), frame]).await?;
    }
    let issue = ada.first_issue().await?;
    let status = ada.change_status(&issue).await?;
    ada.until_drained().await?;
    assert_eq!(server.export().await?.row("issue", &issue)?["status"], status);
    assert_eq!(ada.eval("return window.left", Value::Null).await?, 0);
    ada.is_well().await
}
