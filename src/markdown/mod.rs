//! Markdown, as people write it in issues, to view nodes.
//!
//! Two steps: [`parse`] turns the text into a small tree of [`Block`]s and
//! [`Inline`]s, and [`Markdown`] shows that tree. Nothing ever becomes markup by way
//! of a string, so a text can only show what the tree can say; what is not in it
//! (scripts, handlers, styles, frames) cannot be said.
//!
//! - GitHub's tables, task lists, strikethrough and bare addresses; a line break in the
//!   text is a line break on screen, as on GitHub.
//! - HTML is shown as the text it is, except for the few tags that issues live on:
//!   `<img>`, `<br>`, `<details>`, `<summary>`, `<a>`, `<p>`; comments are left out.
//! - Links lead to `http`, `https` and `mailto`, images come from `http` and `https`;
//!   anything else stays text.
//! - Nesting deeper than [`DEPTH_MAX`] goes on flat, so no text can exhaust the stack.

mod html;
mod link;
mod parse;
mod tree;
mod view;

#[cfg(test)]
mod hostile;

pub use parse::{DEPTH_MAX, parse};
pub use tree::{Align, Block, Cell, Image, Inline, Item};
pub use view::Markdown;
