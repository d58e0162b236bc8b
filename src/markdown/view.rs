//! From tree to view nodes.

use super::{Align, Block, Cell, Image, Inline, Item, parse};
use leptos::prelude::*;

/// A Markdown text, shown.
#[component]
pub fn Markdown(
    /// The text as it was written.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let tree = Memo::new(move |_| text.with(|text| parse(text)));
    view! { <div class="markdown">{move || tree.with(|tree| blocks(tree))}</div> }
}

fn blocks(blocks: &[Block]) -> Vec<AnyView> {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> AnyView {
    match block {
        Block::Paragraph(content) => view! { <p>{inlines(content)}</p> }.into_any(),
        Block::Plain(content) => inlines(content).into_any(),
        Block::Heading { level, content } => heading(*level, inlines(content)),
        Block::Quote(body) => view! { <blockquote>{blocks(body)}</blockquote> }.into_any(),
        Block::List { start: None, items } => view! { <ul>{list_items(items)}</ul> }.into_any(),
        Block::List { start: Some(start), items } => {
            view! { <ol start=start.to_string()>{list_items(items)}</ol> }.into_any()
        }
        Block::Code { language, text } => view! {
            <pre class="markdown-code" tabindex="0" data-language=language.clone()>
                <code>{text.clone()}</code>
            </pre>
        }
        .into_any(),
        Block::Table { head, rows } => table(head, rows),
        Block::Details { open, summary, body } => {
            let summary = if summary.is_empty() { "Details".into_any() } else { inlines(summary).into_any() };
            view! { <details open=*open><summary>{summary}</summary>{blocks(body)}</details> }.into_any()
        }
        Block::Rule => view! { <hr/> }.into_any(),
    }
}

fn heading(level: u8, content: Vec<AnyView>) -> AnyView {
    match level {
        1 => view! { <h1>{content}</h1> }.into_any(),
        2 => view! { <h2>{content}</h2> }.into_any(),
        3 => view! { <h3>{content}</h3> }.into_any(),
        4 => view! { <h4>{content}</h4> }.into_any(),
        5 => view! { <h5>{content}</h5> }.into_any(),
        _ => view! { <h6>{content}</h6> }.into_any(),
    }
}

fn list_items(items: &[Item]) -> Vec<AnyView> {
    items
        .iter()
        .map(|item| match item.done {
            None => view! { <li>{blocks(&item.body)}</li> }.into_any(),
            Some(done) => view! {
                <li class="markdown-task">
                    <input type="checkbox" disabled checked=done aria-label=if done { "Done" } else { "Not done" }/>
                    {blocks(&item.body)}
                </li>
            }
            .into_any(),
        })
        .collect()
}

fn table(head: &[Cell], rows: &[Vec<Cell>]) -> AnyView {
    let heads: Vec<_> = head
        .iter()
        .map(|cell| view! { <th scope="col" data-align=align(cell.align)>{inlines(&cell.content)}</th> })
        .collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let cells: Vec<_> = row
                .iter()
                .map(|cell| view! { <td data-align=align(cell.align)>{inlines(&cell.content)}</td> })
                .collect();
            view! { <tr>{cells}</tr> }
        })
        .collect();
    view! {
        <div class="markdown-table" tabindex="0" role="group" aria-label="Table">
            <table>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn align(align: Align) -> Option<&'static str> {
    match align {
        Align::Start => None,
        Align::Center => Some("center"),
        Align::End => Some("end"),
    }
}

fn inlines(content: &[Inline]) -> Vec<AnyView> {
    content.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> AnyView {
    match inline {
        Inline::Text(text) => text.clone().into_any(),
        Inline::Code(text) => view! { <code>{text.clone()}</code> }.into_any(),
        Inline::Emphasis(content) => view! { <em>{inlines(content)}</em> }.into_any(),
        Inline::Strong(content) => view! { <strong>{inlines(content)}</strong> }.into_any(),
        Inline::Strike(content) => view! { <del>{inlines(content)}</del> }.into_any(),
        Inline::Link { href, title, content } => link(href, title.as_deref(), inlines(content)),
        Inline::Image(image) => show_image(image),
        Inline::Break => view! { <br/> }.into_any(),
    }
}

fn link(href: &str, title: Option<&str>, content: Vec<AnyView>) -> AnyView {
    view! {
        <a href=href.to_owned() title=title.map(str::to_owned) target="_blank" rel="noopener noreferrer nofollow">
            {content}
        </a>
    }
    .into_any()
}

/// The content security policy loads images over `https` alone: one over `http` is a link.
fn show_image(image: &Image) -> AnyView {
    if image.src.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) {
        return view! {
            <img
                loading="lazy"
                decoding="async"
                referrerpolicy="no-referrer"
                src=image.src.clone()
                alt=image.alt.clone()
                title=image.title.clone()
                width=image.width.map(|width| width.to_string())
                height=image.height.map(|height| height.to_string())
            />
        }
        .into_any();
    }
    let name = if image.alt.is_empty() { &image.src } else { &image.alt };
    link(&image.src, image.title.as_deref(), vec![name.clone().into_any()])
}
