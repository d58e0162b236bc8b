//! What a word is.

use crate::filter::fold;
use std::{borrow::Cow, ops::Range};

/// A word of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// Where in the text it stands, in bytes.
    pub at: Range<usize>,
    /// As it is compared.
    pub folded: String,
}

/// The words of a text: runs of letters, digits and the accents on them. Where words are not written apart,
/// in Chinese and Japanese, each character is one.
///
/// ```
/// use holdfast_tracker::search::words;
///
/// let folded: Vec<String> = words("Größe_2 (日本)").map(|word| word.folded).collect();
/// assert_eq!(folded, ["grosse", "2", "日", "本"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let start = rest + text[rest..].find(is_part)?;
            let first = text[start..].chars().next()?;
            let end = match stands_alone(first) {
                true => start + first.len_utf8(),
                false => {
                    let end = text[start..].find(|c| !is_part(c) || stands_alone(c));
                    end.map_or(text.len(), |length| start + length)
                }
            };
            rest = end;
            let folded = fold(&text[start..end]);
            // An accent on nothing.
            if !folded.is_empty() {
                return Some(Word { at: start..end, folded });
            }
        }
    })
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || is_accent(c)
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn stands_alone(c: char) -> bool {
    let is_kana = matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}');
    let is_han = matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}');
    is_kana || is_han
}

/// Whether a text may have a word that begins with `folded`: false is certain.
pub(super) fn may_hold(text: &str, folded: &str) -> bool {
    let text = match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(fold(text)),
    };
    let Some((first, rest)) = folded.as_bytes().split_first() else { return true };
    let text = text.as_bytes();
    // Other than ASCII, `text` is folded already.
    let mut from = 0;
    while let Some(found) = text[from..].iter().position(|byte| byte.to_ascii_lowercase() == *first) {
        let behind = from + found + 1;
        if text.get(behind..behind + rest.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(rest)) {
            return true;
        }
        from = behind;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_told_apart_as_people_do() {
        let folded = |text| words(text).map(|word| word.folded).collect::<Vec<_>>();
        assert_eq!(folded("Don't panic! (v1.2-rc3)"), ["don", "t", "panic", "v1", "2", "rc3"]);
        assert_eq!(folded("snake_case::Path/to.rs"), ["snake", "case", "path", "to", "rs"]);
        assert_eq!(folded("re\u{301}sume\u{301} Łódź"), ["resume", "lodz"]);
        assert_eq!(folded("日本語のテスト ok"), ["日", "本", "語", "の", "テ", "ス", "ト", "ok"]);
        assert_eq!(folded("Привет, мир"), ["привет", "мир"]);
        assert_eq!(folded(" \u{301} — 🦀 "), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn every_word_is_where_it_says_and_none_is_overlooked(text in "\\PC{0,30}|[a-c _日é\u{301}]{0,20}") {
            let mut behind = 0;
            for word in words(&text) {
                prop_assert!(word.at.start >= behind && !word.folded.is_empty());
                prop_assert_eq!(fold(&text[word.at.clone()]), word.folded.clone());
                prop_assert!(may_hold(&text, &word.folded), "{word:?}");
                prop_assert!(!word.folded.contains(' '));
                behind = word.at.end;
            }
        }
    }
}
