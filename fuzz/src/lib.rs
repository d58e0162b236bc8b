//! Every decoder of Holdfast, given what nobody meant it to read.
//!
//! A [`Decoder`] takes any bytes and panics where one of its promises is broken: that it never panics
//! itself, that what it reads it writes so that it reads the same again, that what it needs of memory is
//! in proportion to what it was given. The inputs come from
//! - [`corpus`]: kept files, and the fixtures of every released version;
//! - [`mutate`]: small and large changes to these, by seed.
//!
//! `cargo test -p holdfast-fuzz` replays the corpus and some rounds; `holdfast-fuzz --rounds FROM..TO` does
//! as many as asked for.

#[allow(dead_code, missing_docs, unused_imports, reason = "the part that shows it uses the rest")]
mod app;
pub mod corpus;
mod device;
mod frames;
mod import;
mod markdown;
pub mod mutate;
pub mod round;
mod rows;
mod session;
mod store;
mod texts;

/// Something that reads what comes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// Names it and its folder in the corpus.
    pub name: &'static str,
    /// Reads, and panics where a promise is broken.
    pub check: fn(&[u8]),
}

/// All of them.
pub const DECODERS: &[Decoder] = &[
    Decoder { name: "client-frame", check: frames::client },
    Decoder { name: "server-frame", check: frames::server },
    Decoder { name: "device", check: device::check },
    Decoder { name: "store", check: store::check },
    Decoder { name: "session", check: session::check },
    Decoder { name: "rows", check: rows::check },
    Decoder { name: "texts", check: texts::check },
    Decoder { name: "import", check: import::check },
    Decoder { name: "markdown", check: markdown::check },
];

/// The text that bytes are, or the nearest to it.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
