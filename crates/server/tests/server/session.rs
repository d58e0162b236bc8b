//! Signing in and out.

use crate::world::{Answer, Client, Folder, Running, new_client};
use holdfast_sync::protocol::ErrorCode;
use holdfast_tracker::Tracker;
use hyper::header;
use serde_json::{Value, json};

async fn post(server: &Running, body: impl Into<String>, cookie: Option<&str>) -> Answer {
    let mut request = server
        .request("POST", "/api/session")
        .header(header::ORIGIN, server.origin())
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    server.send(request.body(body.into().into()).expect("it is whole")).await
}

async fn who(server: &Running, cookie: &str) -> (u16, Value) {
    let request = server.request("GET", "/api/session").header(header::COOKIE, cookie);
    let answer = server.send(request.body(Default::default()).expect("it is whole")).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.text).expect("it is JSON"))
}

#[tokio::test]
async fn signing_in_makes_a_user_once() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let first = post(&server, json!({ "name": "  Ada Löwe " }).to_string(), None).await;
    let again = post(&server, json!({ "name": "ADA LÖWE" }).to_string(), None).await;
    assert_eq!(first.text, again.text, "a name is the same in capitals");
    let body: Value = serde_json::from_str(&first.text).expect("it is JSON");
    assert_eq!(body["user"]["name"], "Ada Löwe");
    assert_eq!(body["workspace"]["name"], "Holdfast");
    assert_ne!(first.headers[header::SET_COOKIE], again.headers[header::SET_COOKIE], "each has a session of its own");

    let other = post(&server, json!({ "name": "Bob" }).to_string(), None).await;
    let other: Value = serde_json::from_str(&other.text).expect("it is JSON");
    assert_ne!(other["user"]["id"], body["user"]["id"]);
}

#[tokio::test]
async fn the_cookie_is_for_the_browser_alone() {
    let folder = Folder::new();
    let server = Running::start_with(&folder.url("db"), &["--origin", "https://tracker.example.org"]).await;
    let answer = post(&server, "{\"name\":\"Ada\"}", None).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is ASCII");
    let (pair, attributes) = cookie.split_once("; ").expect("it has attributes");
    assert_eq!(attributes, "Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax");
    let token = pair.strip_prefix("holdfast_session=").expect("it is the session's");
    assert!(!answer.text.contains(token));
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");

    let behind = server
        .request("POST", "/api/session")
        .header(header::ORIGIN, "https://tracker.example.org")
        .header(header::CONTENT_TYPE, "application/json");
    let answer = server.send(behind.body("{\"name\":\"Ada\"}".into()).expect("it is whole")).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is ASCII");
    assert!(cookie.ends_with("; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_name_must_be_one() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let long = "x".repeat(65);
    let cases = [
        (json!({ "name": "  " }).to_string(), 422, "Choose a name to sign in with."),
        (json!({ "name": long }).to_string(), 422, "A name may have at most 64 characters."),
        (json!({ "name": "a\nb" }).to_string(), 422, "A name may hold no control characters."),
        (json!({ "name": "a\u{2028}b" }).to_string(), 422, "The user's name must be a single line."),
    ];
    for (body, status, says) in cases {
        let answer = post(&server, body.clone(), None).await;
        let said: Value = serde_json::from_str(&answer.text).expect("it is JSON");
        assert_eq!((answer.status.as_u16(), said["error"]["message"].as_str()), (status, Some(says)), "{body}");
    }
    for (body, status) in [("{", 400), ("{}", 422), ("[]", 422), ("{\"name\":7}", 422)] {
        let answer = post(&server, body, None).await;
        let said: Value = serde_json::from_str(&answer.text).expect("it is JSON");
        assert_eq!((answer.status.as_u16(), said["error"]["code"].as_str()), (status, Some("malformed")), "{body}");
    }
    let huge = post(&server, format!("{{\"name\":\"{}\"}}", "x".repeat(100_000)), None).await;
    assert_eq!(huge.status, 413);
}

#[tokio::test]
async fn someone_elsewhere_behind_a_proxy_here_cannot_pick_a_name() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cases = [
        ("x-forwarded-for", "203.0.113.9", 403),
        ("x-forwarded-for", "127.0.0.1, 203.0.113.9", 403),
        ("x-forwarded-for", "unknown", 403),
        ("forwarded", "for=203.0.113.9", 403),
        ("x-forwarded-for", "127.0.0.1", 200),
    ];
    for (name, value, expected) in cases {
        let request = server
            .request("POST", "/api/session")
            .header(header::ORIGIN, server.origin())
            .header(header::CONTENT_TYPE, "application/json")
            .header(name, value);
        let answer = server.send(request.body("{\"name\":\"Ada\"}".into()).expect("it is whole")).await;
        assert_eq!(answer.status, expected, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_session_lasts_over_a_restart_and_ends_by_signing_out() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let cookie = server.sign_in("Ada").await;
    server.kill().await;

    let server = Running::start(&folder.url("db")).await;
    let (status, body) = who(&server, &cookie).await;
    assert_eq!((status, body["user"]["name"].as_str()), (200, Some("Ada")));

    let mut live = server.connect(&cookie).await;
    live.hello(new_client(), None, &[]).await;
    let request = server.request("DELETE", "/api/session").header(header::COOKIE, &cookie);
    let answer =
        server.send(request.header(header::ORIGIN, server.origin()).body(Default::default()).expect("whole")).await;
    assert_eq!(answer.status, 204);
    let taken = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is ASCII");
    assert!(taken.starts_with("holdfast_session=; Max-Age=0"), "{taken}");

    let (error, code) = live.farewell().await;
    assert_eq!((error.code, code), (ErrorCode::SignIn, 4401), "the socket of that session ends with it");
    assert_eq!(who(&server, &cookie).await.0, 401);
    let mut again = Client::<Tracker>::connect(&server.host, Some(&cookie)).await;
    assert_eq!(again.farewell().await.1, 4401);
}

#[tokio::test]
async fn a_page_whose_session_is_anothers_by_now_is_not_let_in() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (ada, bob) = (server.sign_in("Ada").await, server.sign_in("Bob").await);
    let page = format!("/sync?user={}", who(&server, &ada).await.1["user"]["id"].as_str().expect("Ada has an id"));

    let mut own = Client::<Tracker>::connect_at(&server.host, &page, Some(&ada)).await;
    own.hello(new_client(), None, &[]).await;
    let mut anothers = Client::<Tracker>::connect_at(&server.host, &page, Some(&bob)).await;
    assert_eq!(anothers.farewell().await.1, 4401);
}

#[tokio::test]
async fn signing_in_anew_ends_the_session_before() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let old = server.sign_in("Ada").await;
    let answer = post(&server, "{\"name\":\"Bob\"}", Some(&old)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(who(&server, &old).await.0, 401);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_so() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let (status, body) = who(&server, "holdfast_session=nonsense").await;
    assert_eq!(status, 401);
    assert_eq!(body, json!({ "error": { "code": "sign_in", "message": "Nobody is signed in." } }));
}
