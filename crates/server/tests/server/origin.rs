//! Whose page may ask: every way to say an origin, and its answer.

use crate::world::{Folder, Running, upgrade};
use hyper::header;
use tokio_tungstenite::tungstenite::Error;

async fn status(host: &str, headers: &[(&'static str, &str)]) -> u16 {
    match upgrade(host, headers).await {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_websocket_is_for_pages_of_ours() {
    let folder = Folder::new();
    let server = Running::start_with(&folder.url("db"), &["--origin", "https://tracker.example.org"]).await;
    let cookie = server.sign_in("Ada").await;
    let port = server.host.rsplit(':').next().expect("it has a port");
    let own = server.origin();
    let cases = [
        ("our own", own.clone(), 101),
        ("the configured one", "https://tracker.example.org".to_owned(), 101),
        ("evil", "http://evil.example".to_owned(), 403),
        ("ours as a prefix", format!("{own}.evil.example"), 403),
        ("ours as a suffix", format!("http://evil.{}", server.host), 403),
        ("the configured one as a prefix", "https://tracker.example.org.evil.example".to_owned(), 403),
        ("null", "null".to_owned(), 403),
        ("empty", String::new(), 403),
        ("another port", "http://127.0.0.1:1".to_owned(), 403),
        ("no port", "http://127.0.0.1".to_owned(), 403),
        ("another scheme", format!("https://{}", server.host), 403),
        ("the configured one, not encrypted", "http://tracker.example.org".to_owned(), 403),
        ("another name of the same machine", format!("http://localhost:{port}"), 403),
        ("with a path", format!("{own}/"), 403),
        ("in capitals", own.to_uppercase(), 403),
    ];
    for (what, origin, expected) in cases {
        let got = status(&server.host, &[("origin", &origin), ("cookie", &cookie)]).await;
        assert_eq!(got, expected, "{what}: {origin:?}");
    }
    assert_eq!(status(&server.host, &[("cookie", &cookie)]).await, 403, "absent, with a cookie");
    assert_eq!(status(&server.host, &[]).await, 101, "absent, without a cookie: it is told to sign in");
    let twice = [("origin", own.as_str()), ("origin", own.as_str()), ("cookie", cookie.as_str())];
    assert_eq!(status(&server.host, &twice).await, 403, "twice");
}

#[tokio::test]
async fn a_name_that_is_not_ours_gets_nothing() {
    let folder = Folder::new();
    let server = Running::start_with(&folder.url("db"), &["--origin", "https://tracker.example.org"]).await;
    let port = server.host.rsplit(':').next().expect("it has a port").to_owned();
    let names = [
        (server.host.clone(), 200),
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("tracker.example.org".to_owned(), 200),
        (format!("evil.example:{port}"), 421),
        (format!("127.0.0.1.evil.example:{port}"), 421),
        ("localhost.evil.example".to_owned(), 421),
    ];
    for (name, expected) in names {
        let request = hyper::Request::get("/healthz").header(header::HOST, &name);
        let answer = server.send(request.body(Default::default()).expect("it is whole")).await;
        assert_eq!(answer.status, expected, "{name}: {}", answer.text);
    }
    // A rebound name is same-origin to a browser; here it is nobody's.
    let evil = format!("evil.example:{port}");
    let request = hyper::Request::post("/api/session")
        .header(header::HOST, &evil)
        .header(header::ORIGIN, format!("http://{evil}"))
        .header(header::CONTENT_TYPE, "application/json");
    let answer = server.send(request.body("{\"name\":\"Eve\"}".into()).expect("it is whole")).await;
    assert_eq!(answer.status, 421);
}

#[tokio::test]
async fn what_changes_something_must_come_from_a_page_of_ours_as_json() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let own = server.origin();
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    type Said<'a> = Option<&'a str>;
    let cases: [(&str, Said<'_>, Said<'_>, Said<'_>, u16); 11] = [
        ("ours", Some(&own), Some("same-origin"), Some(json), 200),
        ("ours, by an old browser", Some(&own), None, Some(json), 200),
        ("ours, with a charset", Some(&own), None, Some("application/json; charset=utf-8"), 200),
        ("no origin", None, Some("same-origin"), Some(json), 403),
        ("evil", Some("http://evil.example"), Some("cross-site"), Some(json), 403),
        ("null", Some("null"), Some("cross-site"), Some(json), 403),
        ("another site by its own word", Some(&own), Some("cross-site"), Some(json), 403),
        ("the same site, another origin", Some(&own), Some("same-site"), Some(json), 403),
        ("a form", Some(&own), Some("same-origin"), Some(form), 415),
        ("plain text", Some(&own), Some("same-origin"), Some("text/plain"), 415),
        ("of no kind", Some(&own), Some("same-origin"), None, 415),
    ];
    for (what, origin, site, kind, expected) in cases {
        let mut request = server.request("POST", "/api/session");
        for (name, value) in [("origin", origin), ("sec-fetch-site", site), ("content-type", kind)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let answer = server.send(request.body("{\"name\":\"Ada\"}".into()).expect("it is whole")).await;
        assert_eq!(answer.status, expected, "{what}: {}", answer.text);
        assert_eq!(answer.headers.contains_key(header::SET_COOKIE), expected == 200, "{what}");
    }
}

#[tokio::test]
async fn a_form_reaches_no_endpoint_at_all() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    for (method, path) in [("PUT", "/api/session"), ("POST", "/api/nothing"), ("PATCH", "/healthz")] {
        let form = server.request(method, path).header(header::ORIGIN, server.origin());
        let form = form.header(header::CONTENT_TYPE, "text/plain").body("{}".into()).expect("it is whole");
        assert_eq!(server.send(form).await.status, 415, "{method} {path}");
    }
}

#[tokio::test]
async fn there_is_no_cors() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let preflight = server
        .request("OPTIONS", "/api/session")
        .header(header::ORIGIN, "http://evil.example")
        .header("access-control-request-method", "POST");
    let answer = server.send(preflight.body(Default::default()).expect("it is whole")).await;
    assert_eq!(answer.status, 403);
    let own = server.request("OPTIONS", "/api/session").header(header::ORIGIN, server.origin());
    let answer = server.send(own.body(Default::default()).expect("it is whole")).await;
    assert!(!answer.status.is_success());
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn a_development_proxy_on_this_machine_may_say_what_the_browser_asked_for() {
    // What `trunk serve` sends on: its own host without a port, the browser's as forwarded.
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let request = hyper::Request::post("/api/session")
        .header(header::HOST, "127.0.0.1")
        .header("x-forwarded-host", "127.0.0.1:8081")
        .header(header::ORIGIN, "http://127.0.0.1:8081")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/json");
    let answer = server.send(request.body("{\"name\":\"Ada\"}".into()).expect("it is whole")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
