//! A raw WebSocket to the server's `/sync`.

use crate::{PATIENCE, Server, Session};
use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// How the server ended a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The `error` frame's code; empty where there was none.
    pub code: String,
    /// The `error` frame's sentence.
    pub message: String,
    /// The close code; none where the connection just ended.
    pub close: Option<u16>,
}

impl Socket {
    /// Connects as a page of `origin` does.
    ///
    /// # Errors
    /// [`tungstenite::Error::Http`] where the server does not upgrade.
    pub async fn connect(server: &Server, session: &Session, origin: &str) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}/sync", server.address()).into_client_request()?;
        let value = |text: &str| HeaderValue::from_str(text).map_err(tungstenite::http::Error::from);
        request.headers_mut().insert("origin", value(origin)?);
        request.headers_mut().insert("cookie", value(&session.cookie)?);
        Ok(Self(connect_async(request).await?.0))
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn send(&mut self, message: Message) -> Result<()> {
        self.0.send(message).await.context("the socket takes no frame")
    }

    /// The next text frame.
    ///
    /// # Errors
    /// When none comes.
    pub async fn frame(&mut self) -> Result<Value> {
        match self.next().await? {
            Some(Message::Text(text)) => Ok(serde_json::from_str(text.as_str())?),
            other => bail!("no frame came but {other:?}"),
        }
    }

    /// What the server says before it ends the connection.
    ///
    /// # Errors
    /// When it does not end it.
    pub async fn farewell(&mut self) -> Result<Answer> {
        let mut answer = Answer { code: String::new(), message: String::new(), close: None };
        loop {
            match self.next().await? {
                Some(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(text.as_str())?;
                    if let Some(error) = frame.get("error") {
                        answer.code = error["code"].as_str().unwrap_or_default().to_owned();
                        answer.message = error["message"].as_str().unwrap_or_default().to_owned();
                    }
                }
                Some(Message::Close(close)) => {
                    answer.close = close.map(|close| close.code.into());
                    return Ok(answer);
                }
                Some(_) => {}
                None => return Ok(answer),
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Message>> {
        let next = timeout(PATIENCE, self.0.next()).await.context("the server says nothing")?;
        Ok(next.and_then(Result::ok))
    }
}
