//! The app's files.

use crate::world::{Answer, Folder, Running};
use hyper::header;

async fn ask(server: &Running, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(server.request("GET", path), |request, (name, value)| request.header(*name, *value));
    server.send(request.body(Default::default()).expect("it is whole")).await
}

const PAGE: &[(&str, &str)] = &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

async fn serve(folder: &Folder) -> Running {
    let app = folder.path("dist");
    std::fs::create_dir_all(&app).expect("the folder takes a folder");
    std::fs::write(app.join("index.html"), "<!doctype html><title>Holdfast</title>").expect("it takes a file");
    std::fs::write(app.join("start.js"), "start()".repeat(1000)).expect("it takes a file");
    std::fs::write(app.join("holdfast-0123456789abcdef_bg.wasm"), vec![7; 100_000]).expect("it takes a file");
    std::fs::write(app.join("built-0123456789abcdef.js"), "as it is").expect("it takes a file");
    std::fs::write(app.join("built-0123456789abcdef.js.br"), "pressed before").expect("it takes a file");
    folder.write("secret", "not for anyone");
    Running::start_with(&folder.url("db"), &["--app", app.to_str().expect("a path in UTF-8")]).await
}

#[tokio::test]
async fn every_place_in_the_app_is_its_one_page() {
    let folder = Folder::new();
    let server = serve(&folder).await;
    for path in ["/", "/projects/web", "/issues/0123456789abcdef0123456789abcdef", "/?status=open"] {
        let answer = ask(&server, path, PAGE).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text.contains("<title>Holdfast</title>"), "{path}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache", "{path}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "text/html", "{path}");
    }
    let head = server.request("HEAD", "/projects/web").header("accept", "text/html");
    assert_eq!(server.send(head.body(Default::default()).expect("it is whole")).await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_not_the_page() {
    let folder = Folder::new();
    let server = serve(&folder).await;
    assert_eq!(ask(&server, "/old-0123456789abcdef.js", PAGE).await.status, 404);
    assert_eq!(ask(&server, "/projects/web", &[("accept", "application/json")]).await.status, 404);
    let missing = ask(&server, "/old-0123456789abcdef.js", &[]).await;
    assert_eq!(missing.headers[header::CACHE_CONTROL], "no-cache", "that it is not there is not kept for good");
    for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "//secret"] {
        let answer = ask(&server, path, &[]).await;
        assert!(!answer.text.contains("not for anyone"), "{path}");
    }
    let post = server.request("POST", "/start.js").header(header::ORIGIN, server.origin());
    let post = post.header(header::CONTENT_TYPE, "application/json").body(Default::default()).expect("it is whole");
    assert_eq!(server.send(post).await.status, 405);
}

#[tokio::test]
async fn hashed_files_are_kept_for_good_and_all_is_compressed() {
    let folder = Folder::new();
    let server = serve(&folder).await;
    let wasm = ask(&server, "/holdfast-0123456789abcdef_bg.wasm", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(wasm.headers[header::CONTENT_TYPE], "application/wasm");
    assert_eq!(wasm.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert_eq!(wasm.headers[header::CONTENT_ENCODING], "br");
    assert!(wasm.bytes.len() < 1000);
    let plain = ask(&server, "/holdfast-0123456789abcdef_bg.wasm", &[]).await;
    assert_eq!(plain.bytes, vec![7; 100_000]);

    let script = ask(&server, "/start.js", &[("accept-encoding", "gzip")]).await;
    assert_eq!(script.headers[header::CONTENT_ENCODING], "gzip");
    assert_eq!(script.headers[header::CACHE_CONTROL], "no-cache");
    let since = script.headers[header::LAST_MODIFIED].to_str().expect("a date is ASCII").to_owned();
    assert_eq!(ask(&server, "/start.js", &[("if-modified-since", &since)]).await.status, 304);

    let before = ask(&server, "/built-0123456789abcdef.js", &[("accept-encoding", "br")]).await;
    assert_eq!(
        (before.text.as_str(), &before.headers[header::CONTENT_ENCODING]),
        ("pressed before", &"br".parse().expect("ok"))
    );
}

#[tokio::test]
async fn without_an_app_it_says_so() {
    let folder = Folder::new();
    let server = Running::start(&folder.url("db")).await;
    let answer = server.get("/").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (404, "No app is served here; start the server with --app.\n")
    );
}
