//! What every HTTP answer has, and the doors that are none.

use crate::world::{Folder, Running, make};
use holdfast_server::http::CONTENT_SECURITY_POLICY;
use hyper::header;
use serde_json::{Value, json};

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    assert_eq!(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' https: data:; \
         connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    for path in ["/", "/healthz", "/api/session", "/api/nothing", "/nothing.js", "/sync"] {
        let answer = server.get(path).await;
        assert_eq!(answer.headers[header::CONTENT_SECURITY_POLICY], CONTENT_SECURITY_POLICY, "{path}");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(answer.headers[header::REFERRER_POLICY], "same-origin", "{path}");
        assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin", "{path}");
    }
}

#[tokio::test]
async fn what_is_no_endpoint_is_told_in_json() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    for path in ["/api", "/api/", "/api/nothing", "/api/nothing/here"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let body: Value = serde_json::from_str(&answer.text).expect("it is JSON");
        assert_eq!(body, json!({ "error": { "code": "not_found", "message": "There is no such endpoint." } }));
    }

    let put = server.request("PUT", "/api/session").header(header::ORIGIN, server.origin());
    let put = put.header(header::CONTENT_TYPE, "application/json");
    assert_eq!(server.send(put.body(Default::default()).expect("it is whole")).await.status, 405);
    assert!(server.get("/sync").await.status.is_client_error(), "a WebSocket is asked for by an upgrade");
}

#[tokio::test]
async fn health_and_counts() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    assert_eq!(server.get("/healthz").await.text, "ok\n");
    assert_eq!(server.get("/readyz").await.text, "ok\n");
    let (mut ada, welcome) = server.join("Ada", &[]).await;
    ada.push(1, [make::project(make::new_project()), make::title(make::new_issue(), "Nowhere")]).await;
    ada.drain().await;
    let text = server.get("/metrics").await.text;
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("holdfast_{name} ")));
        line.unwrap_or_else(|| panic!("{name} is in {text}")).to_owned()
    };
    assert_eq!(value("connections"), "1");
    assert_eq!(value("log_head"), (welcome.head + 2).to_string());
    assert_eq!((value("mutations_settled_total"), value("mutations_refused_total")), ("1".into(), "1".into()));
    assert_eq!(value("frames_received_total"), "3", "hello, push, ping");
}
