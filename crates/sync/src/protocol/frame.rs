//! The frames of both directions, and the limits both ends know.

use super::{
    Ack, ErrorFrame, Grant, Hello, Patch, Ping, Pong, Purge, Push, Reject, Results, Snapshot, Subscribe, Unsubscribe,
    Unwatch, Watch, Welcome,
};
use crate::schema::Schema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IgnoredAny, MapAccess, Visitor},
};
use std::{fmt, marker::PhantomData};

/// Limits that both ends know; more is answered by an [`ErrorFrame`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// The largest frame either end sends.
    pub frame_bytes_max: usize,
    /// Mutations pushed and not yet answered, per client.
    pub in_flight_max: usize,
    /// Scopes subscribed and queries watched, of each as many, per connection.
    pub subscriptions_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { frame_bytes_max: 1 << 20, in_flight_max: 256, subscriptions_max: 1000 }
    }
}

/// A frame that is not of the protocol.
#[derive(Debug, thiserror::Error)]
#[error("the frame is not of the protocol: {0}")]
pub struct DecodeError(#[from] serde_json::Error);

macro_rules! frames {
    ($(#[$doc:meta])* $name:ident $(<$schema:ident>)?, $expecting:literal,
     $($(#[$frame_doc:meta])* $variant:ident($body:ty) = $kind:literal,)+) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Serialize)]
        #[serde(bound = "", rename_all = "snake_case")]
        pub enum $name<S: Schema> {
            $($(#[$frame_doc])* $variant($body),)+
            /// A kind that a newer version knows.
            #[serde(skip)]
            Unknown(String),
        }

        impl<S: Schema> $name<S> {
            /// The frame's text.
            pub fn encode(&self) -> String {
                serde_json::to_string(self).expect("frames are made of strings, numbers, lists and string-keyed maps")
            }

            /// Reads a frame's text.
            ///
            /// # Errors
            /// Where it is not JSON, or not of the shape its kind has.
            pub fn decode(text: &str) -> Result<Self, DecodeError> {
                Ok(serde_json::from_str(text)?)
            }
        }

        impl<'de, S: Schema> Deserialize<'de> for $name<S> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Kind<S>(PhantomData<S>);

                impl<'de, S: Schema> Visitor<'de> for Kind<S> {
                    type Value = $name<S>;

                    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let kind: String = map.next_key()?.ok_or_else(|| de::Error::custom("a frame without a kind"))?;
                        let frame = match kind.as_str() {
                            $($kind => $name::$variant(map.next_value()?),)+
                            _ => {
                                map.next_value::<IgnoredAny>()?;
                                $name::Unknown(kind)
                            }
                        };
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                        Ok(frame)
                    }
                }

                deserializer.deserialize_map(Kind(PhantomData))
            }
        }
    };
}

frames! {
    /// What a client says.
    ClientFrame, "a client's frame, {\"kind\": {…}}",
    /// Who it is and where it stands: the first frame.
    Hello(Hello<S>) = "hello",
    /// Load a scope and keep it live.
    Subscribe(Subscribe<S>) = "subscribe",
    /// No longer.
    Unsubscribe(Unsubscribe<S>) = "unsubscribe",
    /// Carry a query, and send more of it.
    Watch(Watch<S>) = "watch",
    /// No longer.
    Unwatch(Unwatch) = "unwatch",
    /// Mutations to settle.
    Push(Push<S>) = "push",
    /// Are you there?
    Ping(Ping) = "ping",
    /// Something is wrong.
    Error(ErrorFrame) = "error",
}

frames! {
    /// What a server says.
    ServerFrame, "a server's frame, {\"kind\": {…}}",
    /// The answer to `hello`.
    Welcome(Welcome) = "welcome",
    /// What changed, in log order.
    Patch(Patch<S>) = "patch",
    /// One page of a scope's rows.
    Snapshot(Snapshot<S>) = "snapshot",
    /// One page of the rows that meet a query.
    Results(Results<S>) = "results",
    /// A scope may not be read.
    Purge(Purge<S>) = "purge",
    /// A scope that was refused may be read now.
    Grant(Grant<S>) = "grant",
    /// A mutation is in the log.
    Ack(Ack) = "ack",
    /// A mutation was not carried out.
    Reject(Reject) = "reject",
    /// The answer to `ping`.
    Pong(Pong) = "pong",
    /// Something is wrong.
    Error(ErrorFrame) = "error",
}
