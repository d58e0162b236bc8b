//! Markdown, as the app reads it.

use crate::{
    app::{Block, DEPTH_MAX, Inline, parse},
    text,
};

pub fn check(bytes: &[u8]) {
    let text = text(bytes);
    let blocks = parse(&text);
    let mut size = 0;
    look(&blocks, 0, &mut size);
    // Reference definitions repeat an address at each use; what parses them bounds that.
    let bound = 64 * text.len() + 200_000;
    assert!(size <= bound, "{size} bytes come of {}", text.len());
}

fn look(blocks: &[Block], depth: usize, size: &mut usize) {
    // Each level of a list is two: the list, and its item.
    assert!(depth <= 2 * DEPTH_MAX + 4, "nesting ends");
    for block in blocks {
        *size += 1;
        match block {
            Block::Paragraph(content) | Block::Plain(content) | Block::Heading { content, .. } => {
                inline(content, depth, size);
            }
            Block::Quote(body) => look(body, depth + 1, size),
            Block::List { items, .. } => items.iter().for_each(|item| look(&item.body, depth + 1, size)),
            Block::Table { head, rows } => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| inline(&cell.content, depth, size));
            }
            Block::Details { summary, body, .. } => {
                inline(summary, depth, size);
                look(body, depth + 1, size);
            }
            Block::Code { language, text } => *size += language.as_ref().map_or(0, String::len) + text.len(),
            Block::Rule => {}
        }
    }
}

fn inline(content: &[Inline], depth: usize, size: &mut usize) {
    assert!(depth <= 2 * DEPTH_MAX + 4, "nesting ends");
    for piece in content {
        *size += 1;
        match piece {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strike(inner) => {
                self::inline(inner, depth + 1, size)
            }
            Inline::Link { href, title, content } => {
                *size += href.len() + title.as_ref().map_or(0, String::len);
                address(href, &["http://", "https://", "mailto:"]);
                inline(content, depth + 1, size);
            }
            Inline::Image(image) => {
                *size += image.src.len() + image.alt.len() + image.title.as_ref().map_or(0, String::len);
                address(&image.src, &["http://", "https://"]);
            }
            Inline::Text(text) | Inline::Code(text) => *size += text.len(),
            Inline::Break => {}
        }
    }
}

fn address(address: &str, allowed: &[&str]) {
    let lower = address.to_ascii_lowercase();
    assert!(allowed.iter().any(|scheme| lower.starts_with(scheme)), "{address:?} leads where it may not");
}
