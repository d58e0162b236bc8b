//! The little HTML that issues live on, cut out of what stays text.

/// A tag that has a meaning here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tag {
    Img,
    Br,
    Details,
    Summary,
    A,
    P,
}

impl Tag {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "img" => Self::Img,
            "br" => Self::Br,
            "details" => Self::Details,
            "summary" => Self::Summary,
            "a" => Self::A,
            "p" => Self::P,
            _ => return None,
        })
    }
}

/// A piece of HTML.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token<'a> {
    /// Anything that has no meaning here, as it was written.
    Text(&'a str),
    /// `<!-- … -->`
    Comment,
    /// `<tag …>`, with what it was written as.
    Open(Tag, Attributes, &'a str),
    /// `</tag>`, with what it was written as.
    Close(Tag, &'a str),
}

/// A tag's attributes, in order, names in lower case, values decoded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The first value of that name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A size in CSS pixels: `120` or `120px`, never a percentage.
    pub(super) fn size(&self, name: &str) -> Option<u32> {
        let value = self.value(name)?.trim();
        value.strip_suffix("px").unwrap_or(value).parse().ok().filter(|size| (1..=10_000).contains(size))
    }
}

/// Cuts HTML into tokens; joined again they are all there but the comments.
pub(super) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut text_from, mut at) = (0, 0);
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        let rest = &html[start..];
        let token = comment(rest).map(|size| (Token::Comment, size)).or_else(|| tag(rest));
        let Some((token, size_bytes)) = token else {
            at = start + 1;
            continue;
        };
        if text_from < start {
            tokens.push(Token::Text(&html[text_from..start]));
        }
        tokens.push(token);
        at = start + size_bytes;
        text_from = at;
    }
    if text_from < html.len() {
        tokens.push(Token::Text(&html[text_from..]));
    }
    tokens
}

fn comment(rest: &str) -> Option<usize> {
    rest.strip_prefix("<!--")?.find("-->").map(|end| "<!--".len() + end + "-->".len())
}

/// The tag at the start of `rest`, if it is whole and has a meaning here.
fn tag(rest: &str) -> Option<(Token<'_>, usize)> {
    let inner = &rest[1..];
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let name_bytes = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let tag = Tag::named(&inner[..name_bytes])?;
    let (attributes, after) = attributes(&inner[name_bytes..])?;
    let size_bytes = rest.len() - after.len();
    let written = &rest[..size_bytes];
    let token = if closing { Token::Close(tag, written) } else { Token::Open(tag, attributes, written) };
    Some((token, size_bytes))
}

/// Attributes up to and with the `>`, and what follows it.
fn attributes(mut rest: &str) -> Option<(Attributes, &str)> {
    let mut attributes = Attributes::default();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some((attributes, after));
        }
        let name_bytes = rest.find(|c: char| c.is_ascii_whitespace() || "=>/\"'<".contains(c))?;
        if name_bytes == 0 {
            return None;
        }
        let name = rest[..name_bytes].to_ascii_lowercase();
        rest = rest[name_bytes..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = attribute_value(after.trim_start())?;
        }
        attributes.0.push((name, decoded(value)));
    }
}

fn attribute_value(rest: &str) -> Option<(&str, &str)> {
    match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split_once(quote),
        _ => Some(rest.split_at(rest.find(|c: char| c.is_ascii_whitespace() || c == '>')?)),
    }
}

/// Decodes the references that addresses and alternative texts are written with.
fn decoded(value: &str) -> String {
    const REFERENCES: [(&str, char); 6] =
        [("&amp;", '&'), ("&quot;", '"'), ("&#39;", '\''), ("&lt;", '<'), ("&gt;", '>'), ("&nbsp;", '\u{a0}')];
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (written, meant) =
            REFERENCES.into_iter().find(|(written, _)| rest.starts_with(written)).unwrap_or(("&", '&'));
        text.push(meant);
        rest = &rest[written.len()..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test(unsupported = test)]
    fn an_image_as_github_writes_it() {
        let html = r#"a <img width="1030" alt="A &amp; B" src="https://a.example/b.png?c=1&amp;d=2"> b"#;
        let [Token::Text("a "), Token::Open(Tag::Img, attributes, _), Token::Text(" b")] = &tokens(html)[..] else {
            panic!("{:?}", tokens(html));
        };
        assert_eq!(attributes.size("width"), Some(1030));
        assert_eq!(attributes.value("alt"), Some("A & B"));
        assert_eq!(attributes.value("src"), Some("https://a.example/b.png?c=1&d=2"));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn other_tags_and_broken_ones_stay_text() {
        for html in ["<script>", "Promise<void>", "<img src=", "<a href='x", "<imgx>", "<", "</", "<a =>", "<!-- a"] {
            assert_eq!(tokens(html), [Token::Text(html)]);
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn comments_and_line_ends_inside_tags() {
        let html = "<!-- a > b --><details\n  open>\r\n<summary>x</summary></details>";
        let tokens = tokens(html);
        assert_eq!(tokens[0], Token::Comment);
        assert!(matches!(&tokens[1], Token::Open(Tag::Details, attributes, _) if attributes.value("open") == Some("")));
        assert_eq!(tokens.len(), 7);
    }
}
