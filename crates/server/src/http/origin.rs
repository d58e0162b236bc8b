//! Whose page asks.
//!
//! A browser sends the cookie along whatever page asked, so that each request says by its
//! `Origin` which it was. And a name on the internet may be made to point at this machine, so
//! that the `Host` must be one of ours too:
//! - `Host` (what a development proxy on this machine says the browser asked for, in
//!   `X-Forwarded-Host`, which no page can set) is a loopback name, an IP address, or the host
//!   of a configured origin;
//! - `Origin`, where there is one, is `http://` and that host, or a configured origin;
//! - a request that changes something has one, and so has a WebSocket with a cookie;
//! - such a request is of our own page by `Sec-Fetch-Site` too, and its body is JSON.

use super::{Peer, answer::Failure, cookie};
use crate::{application::Application, server::Server};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{net::IpAddr, sync::Arc};

/// The origins that pages may come from, beside the server's own address.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Origins as a browser writes them: `https://tracker.example.org`.
    ///
    /// # Errors
    /// A sentence that names the one which is not written so.
    pub fn parse(origins: &[String]) -> Result<Self, String> {
        for origin in origins {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let plain = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
            if !host.is_some_and(plain) || origin.to_lowercase() != *origin {
                return Err(format!("{origin:?} is no origin: write it like https://tracker.example.org"));
            }
        }
        Ok(Self(origins.to_vec()))
    }

    fn allow_host(&self, host: &str) -> bool {
        let name = host_name(host);
        name == "localhost"
            || name.ends_with(".localhost")
            || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
            || self.0.iter().any(|origin| origin.split_once("://").is_some_and(|(_, known)| known == host))
    }

    fn allow(&self, origin: &str, host: &str) -> bool {
        origin.strip_prefix("http://") == Some(host) || self.0.iter().any(|known| known == origin)
    }
}

/// The host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Lets a request pass whose page may ask.
pub(super) async fn guard<A: Application>(
    State(server): State<Arc<Server<A>>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    match check(&server.settings.origins, &peer, &request) {
        Ok(()) => next.run(request).await,
        Err(failure) => {
            tracing::debug!(path = request.uri().path(), ?failure, "a request was refused");
            failure.into_response()
        }
    }
}

fn check(origins: &Origins, peer: &Peer, request: &Request) -> Result<(), Failure> {
    let headers = request.headers();
    let forbid = |message: &'static str| Err(Failure::new(StatusCode::FORBIDDEN, "origin", message));
    let Some(host) = asked_host(headers, peer).filter(|host| origins.allow_host(host)) else {
        let message = "This server does not go by that name; start it with --origin to give it one.";
        return Err(Failure::new(StatusCode::MISDIRECTED_REQUEST, "host", message));
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let must_say = changes || (request.uri().path() == "/sync" && cookie::token(headers).is_some());
    match one(headers, header::ORIGIN.as_str()) {
        Err(()) => return forbid("The request's origin cannot be read."),
        Ok(Some(origin)) if !origins.allow(origin, host) => {
            return forbid("This page is not one of the server's.");
        }
        Ok(None) if must_say => return forbid("The request does not say its origin."),
        Ok(_) => {}
    }
    if changes {
        let site = one(headers, "sec-fetch-site");
        if !matches!(site, Ok(None | Some("same-origin" | "none"))) {
            return forbid("This page is not one of the server's.");
        }
        if *request.method() != Method::DELETE && !is_json(headers) {
            let message = "The body must be application/json.";
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "json", message));
        }
    }
    Ok(())
}

/// The page's origin, where the request says it: `https` behind a proxy that encrypts.
pub(crate) fn page_of(headers: &HeaderMap) -> Option<&str> {
    one(headers, header::ORIGIN.as_str()).ok().flatten()
}

/// The host that the browser asked for.
fn asked_host<'a>(headers: &'a HeaderMap, peer: &Peer) -> Option<&'a str> {
    if peer.address.ip().is_loopback()
        && let Some(host) = one(headers, "x-forwarded-host").ok()?
    {
        return Some(host);
    }
    one(headers, header::HOST.as_str()).ok()?
}

/// A header that may be there once; an error where it is there twice or unreadable.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_ours() {
        let origins = Origins::parse(&["https://tracker.example.org".to_owned()]).expect("it is one");
        for host in
            ["127.0.0.1:8080", "localhost", "localhost:1", "[::1]:8080", "app.localhost:8080", "tracker.example.org"]
        {
            assert!(origins.allow_host(host), "{host}");
        }
        for host in
            ["evil.com", "evil.com:8080", "localhost.evil.com", "127.0.0.1.evil.com", "tracker.example.org:81", ""]
        {
            assert!(!origins.allow_host(host), "{host}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for origin in ["tracker.example.org", "https://", "https://a/b", "ftp://a", "HTTPS://a", "https://A", "null"] {
            assert!(Origins::parse(&[origin.to_owned()]).is_err(), "{origin}");
        }
    }
}
