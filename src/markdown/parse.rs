//! From text to tree.
//!
//! `pulldown-cmark` says what opens and closes; the [`Builder`] keeps a stack of what
//! is open and hangs each finished node on its parent. HTML tags open and close
//! frames of their own on the same stack, but never one that Markdown opened, so a
//! stray `</details>` does no harm.

use super::{
    Align, Block, Cell, Image, Inline, Item,
    html::{self, Attributes, Tag, Token},
    link::{self, Piece},
    tree::words,
};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag as Start, TextMergeStream};

/// How deep quotes, lists and emphasis may nest; what lies deeper goes on at this depth.
pub const DEPTH_MAX: usize = 24;

/// The tree of a Markdown text.
pub fn parse(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut builder = Builder { stack: vec![Frame::new(Kind::Root)], ..Builder::default() };
    for event in TextMergeStream::new(Parser::new_ext(text, options)) {
        builder.handle(event);
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    stack: Vec<Frame>,
    /// For each open tag of the Markdown: how high the stack was before it.
    heights: Vec<usize>,
    /// The code block or HTML block whose text is being gathered.
    raw: Option<Raw>,
}

enum Raw {
    Code { language: Option<String>, text: String },
    Html(String),
}

/// Something open, with what it holds so far.
struct Frame {
    kind: Kind,
    by_html: bool,
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
}

impl Frame {
    fn new(kind: Kind) -> Self {
        Self { kind, by_html: false, blocks: Vec::new(), inlines: Vec::new() }
    }
}

enum Kind {
    Root,
    Quote,
    List { start: Option<u64>, items: Vec<Item> },
    Item { done: Option<bool> },
    Details { open: bool, summary: Vec<Inline> },
    Summary,
    Paragraph,
    Heading(u8),
    Table { aligns: Vec<Align>, head: Vec<Cell>, rows: Vec<Vec<Cell>> },
    Row { is_head: bool, cells: Vec<Cell> },
    Cell,
    Emphasis,
    Strong,
    Strike,
    Link { href: Option<String>, title: Option<String> },
    Image { src: Option<String>, title: Option<String> },
}

impl Kind {
    fn holds_blocks(&self) -> bool {
        matches!(self, Self::Root | Self::Quote | Self::Item { .. } | Self::Details { .. })
    }
}

impl Builder {
    fn handle(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.push_inline(Inline::Code(text.into_string())),
            Event::Html(text) => match &mut self.raw {
                Some(Raw::Html(html)) => html.push_str(&text),
                _ => self.html(&text, true),
            },
            Event::InlineHtml(text) => self.html(&text, false),
            Event::SoftBreak | Event::HardBreak => self.push_inline(Inline::Break),
            Event::Rule => self.push_block(Block::Rule),
            Event::TaskListMarker(ticked) => {
                let item = self.stack.iter_mut().rev().find_map(|frame| match &mut frame.kind {
                    Kind::Item { done } => Some(done),
                    _ => None,
                });
                if let Some(done) = item {
                    *done = Some(ticked);
                }
            }
            // Not enabled; shown as they are should that change.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.push_inline(Inline::Text(text.into_string()));
            }
        }
    }

    fn start(&mut self, tag: Start<'_>) {
        self.heights.push(self.stack.len());
        let shallow = self.stack.len() < DEPTH_MAX;
        let kind = match tag {
            Start::Paragraph => Kind::Paragraph,
            Start::Heading { level, .. } => Kind::Heading(level as u8),
            Start::BlockQuote(_) if shallow => Kind::Quote,
            Start::List(start) if shallow => Kind::List { start, items: Vec::new() },
            Start::Item if matches!(self.top().kind, Kind::List { .. }) => Kind::Item { done: None },
            Start::CodeBlock(kind) => {
                self.raw = Some(Raw::Code { language: language(&kind), text: String::new() });
                return;
            }
            Start::HtmlBlock => {
                self.raw = Some(Raw::Html(String::new()));
                return;
            }
            Start::Table(aligns) => {
                Kind::Table { aligns: aligns.into_iter().map(align).collect(), head: Vec::new(), rows: Vec::new() }
            }
            Start::TableHead => Kind::Row { is_head: true, cells: Vec::new() },
            Start::TableRow => Kind::Row { is_head: false, cells: Vec::new() },
            Start::TableCell => Kind::Cell,
            Start::Emphasis if shallow => Kind::Emphasis,
            Start::Strong if shallow => Kind::Strong,
            Start::Strikethrough if shallow => Kind::Strike,
            Start::Link { link_type, dest_url, title, .. } if shallow => {
                let mail = matches!(link_type, LinkType::Email).then(|| format!("mailto:{dest_url}"));
                let href = link::allowed(mail.as_deref().unwrap_or(&dest_url)).filter(|_| !self.inside_link());
                Kind::Link { href, title: said(&title) }
            }
            Start::Image { dest_url, title, .. } if shallow => {
                Kind::Image { src: link::allowed_image(&dest_url), title: said(&title) }
            }
            _ => return,
        };
        self.stack.push(Frame::new(kind));
    }

    fn end(&mut self) {
        match self.raw.take() {
            Some(Raw::Code { language, text }) => self.push_block(Block::Code { language, text }),
            Some(Raw::Html(html)) => {
                self.heights.pop();
                self.html(&html, true);
                return;
            }
            None => {}
        }
        let height = self.heights.pop().unwrap_or(1).max(1);
        while self.stack.len() > height {
            self.close();
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.raw {
            Some(Raw::Code { text: code, .. }) => return code.push_str(text),
            Some(Raw::Html(html)) => return html.push_str(text),
            None => {}
        }
        let link_may_start = !self.inside_link();
        for piece in link::pieces(text) {
            self.push_inline(match piece {
                Piece::Address(address) if link_may_start => Inline::Link {
                    href: address.to_owned(),
                    title: None,
                    content: vec![Inline::Text(address.to_owned())],
                },
                Piece::Address(words) | Piece::Words(words) => Inline::Text(words.to_owned()),
            });
        }
    }

    fn html(&mut self, html: &str, block: bool) {
        for token in html::tokens(html) {
            match token {
                Token::Comment => {}
                Token::Text(text) if block => self.push_html_text(text),
                Token::Text(text) => self.push_inline(Inline::Text(text.to_owned())),
                Token::Open(tag, attributes, written) => self.html_open(tag, &attributes, written),
                Token::Close(tag, written) => self.html_close(tag, written),
            }
        }
        if block && self.top().kind.holds_blocks() {
            self.flush();
        }
    }

    fn html_open(&mut self, tag: Tag, attributes: &Attributes, written: &str) {
        let shallow = self.stack.len() < DEPTH_MAX;
        let in_blocks = self.top().kind.holds_blocks();
        match tag {
            Tag::Br => self.push_inline(Inline::Break),
            Tag::P if in_blocks => self.flush(),
            Tag::Img => {
                let alt = attributes.value("alt").unwrap_or_default().to_owned();
                let src = attributes.value("src").and_then(link::allowed_image);
                self.push_image(src, alt, attributes);
            }
            Tag::Details if in_blocks && shallow => {
                self.flush();
                let open = attributes.value("open").is_some();
                self.open_by_html(Kind::Details { open, summary: Vec::new() });
            }
            Tag::Summary if matches!(self.top().kind, Kind::Details { .. }) => {
                self.flush();
                self.open_by_html(Kind::Summary);
            }
            Tag::A if shallow && !self.inside_link() => {
                let href = attributes.value("href").and_then(link::allowed);
                let title = attributes.value("title").and_then(said);
                self.open_by_html(Kind::Link { href, title });
            }
            _ => self.push_inline(Inline::Text(written.to_owned())),
        }
    }

    fn html_close(&mut self, tag: Tag, written: &str) {
        let closes = |kind: &Kind| match tag {
            Tag::Details => matches!(kind, Kind::Details { .. }),
            Tag::Summary => matches!(kind, Kind::Summary),
            Tag::A => matches!(kind, Kind::Link { .. }),
            Tag::Img | Tag::Br | Tag::P => false,
        };
        let reachable = self.stack.iter().rev().take_while(|frame| frame.by_html);
        let depth = reachable.into_iter().position(|frame| closes(&frame.kind));
        match depth {
            Some(depth) => (0..=depth).for_each(|_| self.close()),
            None if tag == Tag::P && self.top().kind.holds_blocks() => self.flush(),
            None => self.push_inline(Inline::Text(written.to_owned())),
        }
    }

    fn open_by_html(&mut self, kind: Kind) {
        self.stack.push(Frame { by_html: true, ..Frame::new(kind) });
    }

    fn top(&mut self) -> &mut Frame {
        self.stack.last_mut().expect("the root stays open until the end")
    }

    fn inside_link(&self) -> bool {
        self.stack.iter().any(|frame| matches!(frame.kind, Kind::Link { .. }))
    }

    fn push_inline(&mut self, inline: Inline) {
        let inlines = &mut self.top().inlines;
        match (inlines.last_mut(), inline) {
            (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
            (_, inline) => inlines.push(inline),
        }
    }

    /// Text between the tags of an HTML block, where line ends are only white space.
    fn push_html_text(&mut self, text: &str) {
        let starts_piece = self.top().inlines.is_empty();
        let text = if starts_piece { text.trim_start() } else { text };
        if !text.trim().is_empty() {
            self.text(text);
        }
    }

    fn push_image(&mut self, src: Option<String>, alt: String, attributes: &Attributes) {
        let title = attributes.value("title").and_then(said);
        let (width, height) = (attributes.size("width"), attributes.size("height"));
        self.push_inline(match src {
            Some(src) => Inline::Image(Image { src, alt, title, width, height }),
            None => Inline::Text(alt),
        });
    }

    fn push_block(&mut self, block: Block) {
        if self.top().kind.holds_blocks() {
            self.flush();
        }
        self.top().blocks.push(block);
    }

    /// Makes a block of the loose text in the frame on top.
    fn flush(&mut self) {
        let top = self.top();
        let mut content = std::mem::take(&mut top.inlines);
        while matches!(content.last(), Some(Inline::Break)) {
            content.pop();
        }
        if content.iter().all(|piece| matches!(piece, Inline::Text(text) if text.trim().is_empty())) {
            return;
        }
        let tight = matches!(top.kind, Kind::Item { .. });
        top.blocks.push(if tight { Block::Plain(content) } else { Block::Paragraph(content) });
    }

    /// Closes the frame on top and hangs it on the one below.
    fn close(&mut self) {
        if self.top().kind.holds_blocks() {
            self.flush();
        }
        let Some(Frame { kind, blocks, inlines, .. }) = self.stack.pop() else { return };
        match kind {
            Kind::Root => {}
            Kind::Quote => self.push_block(Block::Quote(blocks)),
            Kind::List { start, items } => self.push_block(Block::List { start, items }),
            Kind::Item { done } => {
                if let Kind::List { items, .. } = &mut self.top().kind {
                    items.push(Item { done, body: blocks });
                }
            }
            Kind::Details { open, summary } => self.push_block(Block::Details { open, summary, body: blocks }),
            Kind::Summary => {
                if let Kind::Details { summary, .. } = &mut self.top().kind {
                    summary.extend(inlines);
                }
            }
            Kind::Paragraph => self.push_block(Block::Paragraph(inlines)),
            Kind::Heading(level) => self.push_block(Block::Heading { level, content: inlines }),
            Kind::Table { head, rows, .. } => self.push_block(Block::Table { head, rows }),
            Kind::Row { is_head, cells } => self.close_row(is_head, cells),
            Kind::Cell => self.close_cell(inlines),
            Kind::Emphasis => self.push_inline(Inline::Emphasis(inlines)),
            Kind::Strong => self.push_inline(Inline::Strong(inlines)),
            Kind::Strike => self.push_inline(Inline::Strike(inlines)),
            Kind::Link { href: Some(href), title } => self.push_inline(Inline::Link { href, title, content: inlines }),
            Kind::Link { href: None, .. } => inlines.into_iter().for_each(|piece| self.push_inline(piece)),
            Kind::Image { src: Some(src), title } => {
                let alt = words(&inlines);
                self.push_inline(Inline::Image(Image { src, alt, title, width: None, height: None }));
            }
            Kind::Image { src: None, .. } => self.push_inline(Inline::Text(words(&inlines))),
        }
    }

    fn close_row(&mut self, is_head: bool, cells: Vec<Cell>) {
        if let Kind::Table { head, rows, .. } = &mut self.top().kind {
            if is_head { *head = cells } else { rows.push(cells) }
        }
    }

    fn close_cell(&mut self, content: Vec<Inline>) {
        let [.., Frame { kind: Kind::Table { aligns, .. }, .. }, Frame { kind: Kind::Row { cells, .. }, .. }] =
            &mut self.stack[..]
        else {
            return;
        };
        let align = aligns.get(cells.len()).copied().unwrap_or_default();
        cells.push(Cell { align, content });
    }

    fn finish(mut self) -> Vec<Block> {
        while self.stack.len() > 1 {
            self.close();
        }
        self.flush();
        self.stack.pop().map(|root| root.blocks).unwrap_or_default()
    }
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().and_then(said),
        CodeBlockKind::Indented => None,
    }
}

fn align(alignment: Alignment) -> Align {
    match alignment {
        Alignment::None | Alignment::Left => Align::Start,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::End,
    }
}

fn said(text: &(impl AsRef<str> + ?Sized)) -> Option<String> {
    let text = text.as_ref().trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    fn paragraph(words: &str) -> Block {
        Block::Paragraph(vec![text(words)])
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn running_text() {
        let [Block::Paragraph(content)] = &parse("a *b* **c** ~~d~~ `e<f>` [g](https://h.example \"i\")\r\nj")[..]
        else {
            panic!("one paragraph");
        };
        assert_eq!(content[1], Inline::Emphasis(vec![text("b")]));
        assert_eq!(content[3], Inline::Strong(vec![text("c")]));
        assert_eq!(content[5], Inline::Strike(vec![text("d")]));
        assert_eq!(content[7], Inline::Code("e<f>".into()));
        let link = Inline::Link { href: "https://h.example".into(), title: Some("i".into()), content: vec![text("g")] };
        assert_eq!(content[9], link);
        assert_eq!(content[10..], [Inline::Break, text("j")]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn blocks_one_by_one() {
        assert_eq!(parse("## a"), [Block::Heading { level: 2, content: vec![text("a")] }]);
        assert_eq!(parse("> a"), [Block::Quote(vec![paragraph("a")])]);
        assert_eq!(parse("```ts {1}\r\na\r\n```"), [Block::Code { language: Some("ts".into()), text: "a\n".into() }]);
        assert_eq!(parse("---"), [Block::Rule]);
        assert_eq!(parse(""), []);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn lists_tight_loose_and_of_tasks() {
        let item = |done, body| Item { done, body };
        assert_eq!(
            parse("3. a\n4. b"),
            [Block::List {
                start: Some(3),
                items: vec![
                    item(None, vec![Block::Plain(vec![text("a")])]),
                    item(None, vec![Block::Plain(vec![text("b")])])
                ]
            }]
        );
        assert_eq!(
            parse("- [x] a\n- [ ] b\n\n  c"),
            [Block::List {
                start: None,
                items: vec![
                    item(Some(true), vec![paragraph("a")]),
                    item(Some(false), vec![paragraph("b"), paragraph("c")])
                ]
            }]
        );
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn tables_keep_their_alignment() {
        let [Block::Table { head, rows }] = &parse("| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |")[..] else {
            panic!("one table");
        };
        assert_eq!(head[1], Cell { align: Align::End, content: vec![text("b")] });
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1][0], Cell { align: Align::Start, content: vec![text("3")] });
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn bare_addresses_become_links_but_not_in_code_or_links() {
        let [Block::Paragraph(content)] = &parse("https://a.example/b_c_d. `https://e` [https://f](https://g)")[..]
        else {
            panic!("one paragraph");
        };
        assert!(matches!(&content[0], Inline::Link { href, .. } if href == "https://a.example/b_c_d"));
        assert_eq!(content[2], Inline::Code("https://e".into()));
        assert!(matches!(&content[4], Inline::Link { href, content, .. }
            if href == "https://g" && content[..] == [text("https://f")]));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn images_as_markdown_and_as_html() {
        let image = |alt: &str, width| {
            let (src, alt) = ("https://a.example/b.png".to_owned(), alt.to_owned());
            vec![Block::Paragraph(vec![Inline::Image(Image { src, alt, title: None, width, height: None })])]
        };
        assert_eq!(parse("![a *b*](https://a.example/b.png)"), image("a b", None));
        assert_eq!(parse("<img width=\"30\" alt=\"c\" src=\"https://a.example/b.png\">\r\n"), image("c", Some(30)));
        assert_eq!(parse("<IMG\n src='https://a.example/b.png' onerror=alert(1) />"), image("", None));
        assert_eq!(parse("![gone](blob:x)"), vec![paragraph("gone")]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn details_as_github_users_write_them() {
        let written = "<details>\r\n<summary><a href=\"https://a.example\">b</a></summary>\r\n<p>\r\n\r\n\
                       c *d*\r\n</p>\r\n</details>\r\n\r\nafter";
        let [Block::Details { open: false, summary, body }, after] = &parse(written)[..] else {
            panic!("{:#?}", parse(written));
        };
        assert!(matches!(&summary[..], [Inline::Link { href, .. }] if href == "https://a.example"));
        assert_eq!(body[..], [Block::Paragraph(vec![text("c "), Inline::Emphasis(vec![text("d")])])]);
        assert_eq!(*after, paragraph("after"));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn tags_left_open_or_closed_too_often_lose_no_text() {
        let shown = |written: &str| format!("{:?}", parse(written));
        for written in [
            "<details>\n\nword",
            "> <details>\n>\n> word\n\nrest",
            "</details>word</summary>",
            "a <a href='https://b'>word",
        ] {
            assert!(shown(written).contains("word"), "{}", shown(written));
        }
        assert!(matches!(&parse("> <details>\n>\n> word\n\nrest")[..], [Block::Quote(_), Block::Paragraph(_)]));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn comments_are_left_out_and_other_html_is_text() {
        assert_eq!(parse("<!-- fill in -->\n\na"), [paragraph("a")]);
        assert_eq!(parse("Promise<void> and <b>x</b>"), [paragraph("Promise<void> and <b>x</b>")]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn nesting_has_an_end_and_keeps_the_words() {
        fn depth(blocks: &[Block]) -> usize {
            let below = |block: &Block| match block {
                Block::Quote(body) | Block::Details { body, .. } => depth(body),
                Block::List { items, .. } => items.iter().map(|item| depth(&item.body)).max().unwrap_or(0),
                _ => 0,
            };
            1 + blocks.iter().map(below).max().unwrap_or(0)
        }
        let quotes = format!("{} word", ">".repeat(20_000));
        let lists: String = (0..200).map(|level| format!("{}- word\n", "  ".repeat(level))).collect();
        let folds = format!("{}word", "<details>\n".repeat(5_000));
        let stars = format!("{}word{}", "**".repeat(5_000), "**".repeat(5_000));
        for written in [quotes, lists, folds, stars, "[".repeat(20_000), "![".repeat(20_000)] {
            let blocks = parse(&written);
            assert!(depth(&blocks) <= DEPTH_MAX + 2);
            assert!(!written.contains("word") || format!("{blocks:?}").contains("word"));
        }
    }
}
