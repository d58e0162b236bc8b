//! What a text can say.

/// A block of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// Text without a paragraph's space around it, as in a tight list.
    Plain(Vec<Inline>),
    /// A heading of level 1 to 6.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A block quote.
    Quote(Vec<Block>),
    /// A list; numbered from `start`, or with bullets.
    List {
        /// The first number of a numbered list.
        start: Option<u64>,
        /// Its items.
        items: Vec<Item>,
    },
    /// A code block.
    Code {
        /// What its fence calls the language.
        language: Option<String>,
        /// As it was written.
        text: String,
    },
    /// A table.
    Table {
        /// The heading row.
        head: Vec<Cell>,
        /// The rows below.
        rows: Vec<Vec<Cell>>,
    },
    /// A part that can be folded.
    Details {
        /// Unfolded at first.
        open: bool,
        /// What is seen of it when folded.
        summary: Vec<Inline>,
        /// What is folded.
        body: Vec<Block>,
    },
    /// A horizontal rule.
    Rule,
}

/// An item of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Of a task list: whether it is ticked.
    pub done: Option<bool>,
    /// What it says.
    pub body: Vec<Block>,
}

/// A cell of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// How its column is aligned.
    pub align: Align,
    /// What it says.
    pub content: Vec<Inline>,
}

/// How a column is aligned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Align {
    /// At the start.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// At the end.
    End,
}

/// A piece of running text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Code.
    Code(String),
    /// Emphasised.
    Emphasis(Vec<Inline>),
    /// Strong.
    Strong(Vec<Inline>),
    /// Struck through.
    Strike(Vec<Inline>),
    /// A link to an address whose scheme is allowed.
    Link {
        /// `http`, `https` or `mailto`.
        href: String,
        /// Shown on hover.
        title: Option<String>,
        /// What is clicked.
        content: Vec<Inline>,
    },
    /// An image.
    Image(Image),
    /// A line break.
    Break,
}

/// An image from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    /// `http` or `https`.
    pub src: String,
    /// What it shows, in words.
    pub alt: String,
    /// Shown on hover.
    pub title: Option<String>,
    /// In CSS pixels, when the text says so.
    pub width: Option<u32>,
    /// In CSS pixels, when the text says so.
    pub height: Option<u32>,
}

/// The words of a running text, without what dresses them.
pub(super) fn words(content: &[Inline]) -> String {
    let mut text = String::new();
    for piece in content {
        match piece {
            Inline::Text(words) | Inline::Code(words) => text.push_str(words),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strike(inner) => text.push_str(&words(inner)),
            Inline::Link { content, .. } => text.push_str(&words(content)),
            Inline::Image(image) => text.push_str(&image.alt),
            Inline::Break => text.push(' '),
        }
    }
    text
}
