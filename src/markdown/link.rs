//! Which addresses may be followed, and where a bare one stands in a text.

/// The address, if a link may lead there.
pub(super) fn allowed(href: &str) -> Option<String> {
    let href = href.trim();
    (starts_with(href, "http://") || starts_with(href, "https://") || starts_with(href, "mailto:"))
        .then(|| href.to_owned())
}

/// The address, if an image may come from there.
pub(super) fn allowed_image(src: &str) -> Option<String> {
    let src = src.trim();
    (starts_with(src, "http://") || starts_with(src, "https://")).then(|| src.to_owned())
}

/// A text, cut at its bare addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// An `http` or `https` address.
    Address(&'a str),
}

/// Cuts a text at its bare addresses, by GitHub's rules: an address ends at white
/// space or `<`, and does not take in the punctuation that closes a sentence or an
/// unopened parenthesis.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut words_from, mut look_from) = (0, 0);
    while let Some(at) = text[look_from..].find(['h', 'H']).map(|found| look_from + found) {
        let rest = &text[at..];
        let scheme = ["https://", "http://"].into_iter().find(|scheme| starts_with(rest, scheme));
        let in_word = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let size_bytes = scheme.filter(|_| !in_word).map_or(0, |scheme| address_size_bytes(rest, scheme.len()));
        if size_bytes == 0 {
            look_from = at + 1;
            continue;
        }
        if words_from < at {
            pieces.push(Piece::Words(&text[words_from..at]));
        }
        pieces.push(Piece::Address(&rest[..size_bytes]));
        words_from = at + size_bytes;
        look_from = words_from;
    }
    if words_from < text.len() {
        pieces.push(Piece::Words(&text[words_from..]));
    }
    pieces
}

/// How long the address at the start of `rest` is; 0 without a host.
fn address_size_bytes(rest: &str, scheme_bytes: usize) -> usize {
    if !rest[scheme_bytes..].starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return 0;
    }
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
    let mut address = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let count = |address: &str, c: char| address.matches(c).count();
    let (mut opened, mut closed) = (count(address, '('), count(address, ')'));
    while let Some(last) = address.chars().next_back() {
        match last {
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '_' | '~' | ']' | '(' => {
                opened -= usize::from(last == '(')
            }
            ')' if closed > opened => closed -= 1,
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    if address.len() > scheme_bytes { address.len() } else { 0 }
}

fn starts_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn addresses(text: &str) -> Vec<&str> {
        pieces(text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Address(address) => Some(address),
                Piece::Words(_) => None,
            })
            .collect()
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn bare_addresses_end_where_a_reader_would_end_them() {
        assert_eq!(addresses("see https://a.example/b_c?d=1#e."), ["https://a.example/b_c?d=1#e"]);
        assert_eq!(
            addresses("(https://a.example/x_(y)) and http://b.example, too"),
            ["https://a.example/x_(y)", "http://b.example"]
        );
        assert_eq!(addresses("HTTPS://A.example/ü"), ["HTTPS://A.example/ü"]);
        assert_eq!(addresses("xhttps://a.example https:// https://."), Vec::<&str>::new());
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn cutting_loses_nothing() {
        for text in ["", "h", "ähttp://", "a https://b c", "https://a https://b", "https://a((((", "hhttp://x"] {
            let again: String = pieces(text)
                .iter()
                .map(|piece| match piece {
                    Piece::Words(text) | Piece::Address(text) => *text,
                })
                .collect();
            assert_eq!(again, text);
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn only_the_schemes_of_the_list_are_followed() {
        assert!(allowed("https://a.example").is_some());
        assert!(allowed(" HTTP://a.example ").is_some());
        assert!(allowed("mailto:a@b.example").is_some());
        for href in ["javascript:alert(1)", "data:text/html,x", "//a.example", "/a", "#a", "", "file:///etc"] {
            assert_eq!(allowed(href), None, "{href}");
        }
        assert_eq!(allowed_image("mailto:a@b.example"), None);
        assert_eq!(allowed_image("data:image/svg+xml,<svg/>"), None);
    }
}
