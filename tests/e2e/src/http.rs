//! A client of the server that is no browser.

use crate::Server;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Somebody signed in, without a browser.
pub struct Session {
    /// The cookie as a browser sends it back.
    pub cookie: String,
}

impl Server {
    /// Signs somebody in.
    ///
    /// # Errors
    /// When the server says no.
    pub async fn sign_in(&self, name: &str) -> Result<Session> {
        let request = reqwest::Client::new().post(format!("{}/api/session", self.origin()));
        let answer = request.header("origin", self.origin()).json(&json!({ "name": name })).send().await?;
        ensure!(answer.status().is_success(), "signing in as {name}: {}", answer.status());
        let cookie = answer.headers().get("set-cookie").context("signing in gives a cookie")?.to_str()?;
        Ok(Session { cookie: cookie.split(';').next().unwrap_or_default().to_owned() })
    }

    /// The status and the body of a GET.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn get(&self, path: &str) -> Result<(u16, Value)> {
        let answer = reqwest::get(format!("{}{path}", self.origin())).await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }
}
