//! The built app's files.
//!
//! What Trunk names by a hash of its content never changes and is kept by the browser for
//! good; all else is asked for anew. A page of the app that is no file, like `/issues/7`, is
//! `index.html`.

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use std::path::Path;
use tower::ServiceExt;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
    services::{ServeDir, ServeFile},
};

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Answers below this are not worth compressing.
const COMPRESS_BYTES_MIN: u64 = 1024;

/// The files of that folder; without one, an answer that says so.
pub(super) fn files(folder: Option<&Path>) -> Router {
    let Some(folder) = folder else {
        return Router::new().fallback(any(|| async {
            (StatusCode::NOT_FOUND, "No app is served here; start the server with --app.\n")
        }));
    };
    // A build may bring files that are compressed already (`x.wasm.br`); the rest is on the way.
    let compress = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESS_BYTES_MIN).and(compressible));
    let index = ServeFile::new(folder.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    Router::new()
        .fallback(any(move |request: Request| serve(files.clone(), index.clone(), request)))
        .layer(compress)
        .layer(middleware::from_fn(cache))
}

/// A file, or the app's one page where a person goes to a place within it.
async fn serve(files: ServeDir, index: ServeFile, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let path = request.uri().path();
    let is_page = path == "/" || (accepts_html(&request) && !has_extension(path));
    let answered = if is_page {
        index.oneshot(request).await.map(|response| response.map(Body::new))
    } else {
        files.oneshot(request).await.map(|response| response.map(Body::new))
    };
    let response = answered.unwrap_or_else(|never| match never {});
    match response.status() {
        StatusCode::NOT_FOUND if is_page => {
            (StatusCode::NOT_FOUND, "The app has not been built yet.\n").into_response()
        }
        StatusCode::NOT_FOUND => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
        _ => response,
    }
}

async fn cache(request: Request, next: Next) -> Response {
    let hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let value = if hashed && found { IMMUTABLE } else { ASK_AGAIN };
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

fn accepts_html(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/html")
}

fn has_extension(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

/// Whether Trunk named the file by its content: `app-0123456789abcdef.js`, `app-…_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.contains('.')
        && name.split(['-', '.', '_']).any(|part| part.len() >= 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn compressible(
    _: StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.starts_with("text/")
        || matches!(
            kind,
            "application/wasm"
                | "application/javascript"
                | "application/json"
                | "application/manifest+json"
                | "image/svg+xml"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names() {
        for path in
            ["/holdfast-1a2b3c4d5e6f7a8b.js", "/holdfast-1a2b3c4d5e6f7a8b_bg.wasm", "/style/main-0123456789abcdef.css"]
        {
            assert!(is_hashed(path), "{path}");
        }
        for path in ["/", "/index.html", "/start.js", "/issues/0123456789abcdef", "/favicon.svg"] {
            assert!(!is_hashed(path), "{path}");
        }
    }
}
