//! The place in a text that was found, with what was sought marked in it.

use super::{Sought, words};
use crate::filter::fold;
use std::ops::Range;

/// A piece of a text as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The characters.
    pub text: String,
    /// Whether it was sought.
    pub is_match: bool,
}

/// How many characters stand before the first match of a text that is cut.
const LEAD: usize = 24;

impl Sought {
    /// At most about `chars_max` characters of a text, on one line, around the first word that was sought;
    /// an ellipsis where something was cut off.
    ///
    /// ```
    /// use holdfast_tracker::search::Sought;
    ///
    /// let pieces = Sought::of("pan").excerpt("It *panics*\n  at once", 80);
    /// let shown: Vec<_> = pieces.iter().map(|piece| (piece.text.as_str(), piece.is_match)).collect();
    /// assert_eq!(shown, [("It *", false), ("pan", true), ("ics* at once", false)]);
    /// ```
    pub fn excerpt(&self, text: &str, chars_max: usize) -> Vec<Piece> {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let matches: Vec<Range<usize>> = words(&line)
            .filter_map(|word| {
                let begun = self.words().iter().filter(|sought| word.folded.starts_with(sought.as_str()));
                let length = begun.map(|sought| sought.len()).max()?;
                Some(word.at.start..end_of(&line, word.at, length))
            })
            .collect();
        let shown = window(&line, matches.first().map_or(0, |first| first.start), chars_max);
        let mut pieces = Pieces::default();
        if shown.start > 0 {
            pieces.push("… ", false);
        }
        let mut at = shown.start;
        for found in matches.into_iter().filter(|found| found.start >= shown.start && found.end <= shown.end) {
            pieces.push(&line[at..found.start], false);
            pieces.push(&line[found.clone()], true);
            at = found.end;
        }
        pieces.push(&line[at..shown.end], false);
        if shown.end < line.len() {
            pieces.push(" …", false);
        }
        pieces.0
    }
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, text: &str, is_match: bool) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.is_match == is_match => last.text.push_str(text),
            _ => self.0.push(Piece { text: text.to_owned(), is_match }),
        }
    }
}

/// Where the first `length` bytes of a word's folded form end in the text; accents belong to their letter.
fn end_of(line: &str, word: Range<usize>, length: usize) -> usize {
    let (mut folded, mut end) = (0, word.end);
    for (at, c) in line[word.clone()].char_indices() {
        if folded >= length && !fold(c.encode_utf8(&mut [0; 4])).is_empty() {
            end = word.start + at;
            break;
        }
        folded += fold(c.encode_utf8(&mut [0; 4])).len();
    }
    end
}

/// The part of a line to show: all where it fits, else from a word a little before `at` on.
fn window(line: &str, at: usize, chars_max: usize) -> Range<usize> {
    if line.chars().count() <= chars_max {
        return 0..line.len();
    }
    let back = line[..at].char_indices().rev().nth(LEAD.min(chars_max / 2)).map_or(0, |(at, _)| at);
    // From the next word on, where one begins before the match.
    let start = if back == 0 { 0 } else { line[back..at].find(' ').map_or(back, |space| back + space + 1) };
    let limit = line[start..].char_indices().nth(chars_max).map_or(line.len(), |(length, _)| start + length);
    if limit == line.len() {
        return start..limit;
    }
    let end = line[start..limit].rfind(' ').map(|space| start + space).filter(|end| *end > at);
    start..end.unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(sought: &str, text: &str, chars_max: usize) -> String {
        let pieces = Sought::of(sought).excerpt(text, chars_max);
        let marked = |piece: &Piece| if piece.is_match { format!("[{}]", piece.text) } else { piece.text.clone() };
        pieces.iter().map(marked).collect()
    }

    #[test]
    fn what_was_sought_is_marked_as_it_was_written() {
        assert_eq!(shown("cafe str", "Café in der Straße, STRAND", 80), "[Café] in der [Str]aße, [STR]AND");
        assert_eq!(shown("stras", "Straße", 80), "[Straß]e", "half of a letter is the letter");
        assert_eq!(shown("res resume", "re\u{301}sume\u{301}!", 80), "[re\u{301}sume\u{301}]!");
        assert_eq!(shown("日本", "(日本語)", 80), "([日本]語)", "neighbours are one mark");
        assert_eq!(shown("x", "nothing here", 80), "nothing here");
    }

    #[test]
    fn a_long_text_is_shown_around_the_first_match() {
        let text = format!("{} needle and more {}", "before ".repeat(40), "after ".repeat(40));
        let shown = shown("needle", &text, 60);
        assert_eq!(shown, "… before before before [needle] and more after after after …");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_a_part_of_the_line(
            text in "[a-c é日\u{301}\n]{0,60}|\\PC{0,40}", sought in "[a-cé ]{0,4}|\\PC{0,3}", chars_max in 1_usize..40,
        ) {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let pieces = Sought::of(&sought).excerpt(&text, chars_max);
            let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            let inner = whole.strip_prefix("… ").filter(|_| !line.starts_with("… ")).unwrap_or(&whole);
            let inner = inner.strip_suffix(" …").filter(|_| !line.ends_with(" …")).unwrap_or(inner);
            prop_assert!(line.contains(inner), "{inner:?} of {line:?}");
            prop_assert!(inner.chars().count() <= chars_max + LEAD + 2);
            prop_assert!(pieces.windows(2).all(|pair| pair[0].is_match != pair[1].is_match));
        }
    }
}
