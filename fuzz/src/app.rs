//! The app's Markdown, without the part that shows it and needs a browser.

#[path = "../../src/markdown/html.rs"]
mod html;
#[path = "../../src/markdown/link.rs"]
mod link;
#[path = "../../src/markdown/parse.rs"]
mod parse;
#[path = "../../src/markdown/tree.rs"]
mod tree;

pub use parse::{DEPTH_MAX, parse};
pub use tree::{Align, Block, Cell, Image, Inline, Item};
