//! Ranked full-text search over titles, descriptions and comments.
//!
//! What a [word](words) is, and how two are [compared](crate::filter::fold), both ends say with the same
//! functions: the server indexes the [`indexed`](Text::indexed) words of each row's [`Text`]; the browser looks
//! at the rows it holds, [ranks](Sought::rank) what both have found, and [marks](Sought::excerpt) the places.
//!
//! A row is found where each word sought begins one of its words: what is sought while it is typed is found
//! before its last word is whole.

mod excerpt;
mod word;

pub use excerpt::Piece;
pub use word::{Word, words};

use crate::Row;

/// How many words are sought at most; those behind are not.
pub const WORDS_MAX: usize = 8;

/// The words of what is sought, folded, each once.
///
/// ```
/// use holdfast_tracker::search::{Sought, Text};
///
/// let issue = Text { title: "Café: the till crashes", number: Some(12), body: "" };
/// assert!(Sought::of("crash CAFE").rank(&issue).is_some());
/// assert!(Sought::of("#12").rank(&issue).is_some());
/// assert!(Sought::of("crash tea").rank(&issue).is_none(), "every word must be there");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sought(Vec<String>);

/// The text by which a row is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Text<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Its number, which is a word of its title.
    pub number: Option<u64>,
    /// What is written in it.
    pub body: &'a str,
}

impl<'a> Text<'a> {
    /// The text of a row. None where it is found by none: it is looked at where it is chosen from.
    pub fn of(row: &'a Row) -> Option<Self> {
        let body = |body| Self { title: "", number: None, body };
        match row {
            Row::Issue(issue) => Some(Self { title: &issue.title, number: issue.number, body: "" }),
            Row::Description(description) => Some(body(&description.text)),
            Row::Comment(comment) => Some(body(&comment.text)),
            _ => None,
        }
    }

    /// The words of title and body as an index takes them: folded, a space between two.
    pub fn indexed(&self) -> (String, String) {
        let mut title = joined(self.title);
        if let Some(number) = self.number {
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(&number.to_string());
        }
        (title, joined(self.body))
    }
}

fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for word in words(text) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(&word.folded);
    }
    joined
}

/// What a sought word counts for where it stands.
mod weight {
    /// It is the row's number.
    pub const NUMBER: u32 = 24;
    /// It is a word of the title.
    pub const TITLE_WHOLE: u32 = 16;
    /// It begins a word of the title.
    pub const TITLE_BEGUN: u32 = 10;
    /// That word is the title's first.
    pub const TITLE_FIRST: u32 = 2;
    /// It is a word of the body.
    pub const BODY_WHOLE: u32 = 4;
    /// It begins a word of the body.
    pub const BODY_BEGUN: u32 = 2;
    /// It stands in the body once more.
    pub const BODY_AGAIN: u32 = 1;
    /// How often that counts.
    pub const BODY_AGAIN_MAX: u32 = 3;
}

impl Sought {
    /// The words of that text.
    pub fn of(text: &str) -> Self {
        let mut sought: Vec<String> = Vec::new();
        for Word { folded, .. } in words(text) {
            if sought.len() < WORDS_MAX && !sought.contains(&folded) {
                sought.push(folded);
            }
        }
        Self(sought)
    }

    /// Whether nothing is sought.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// How well a row meets it, more is better. None where a word is missing, or where none is sought.
    pub fn rank(&self, text: &Text<'_>) -> Option<u32> {
        if self.is_empty() || !self.may_be_in(text) {
            return None;
        }
        let title: Vec<Word> = words(text.title).collect();
        let body: Vec<Word> = words(text.body).collect();
        let number = text.number.map(|number| number.to_string());
        self.0.iter().map(|sought| rank_of(sought, &title, number.as_deref(), &body)).sum()
    }

    /// A look that is quick, and sends away most of what does not meet it.
    fn may_be_in(&self, text: &Text<'_>) -> bool {
        self.0.iter().all(|sought| {
            word::may_hold(text.title, sought)
                || word::may_hold(text.body, sought)
                || (text.number.is_some() && sought.bytes().all(|byte| byte.is_ascii_digit()))
        })
    }
}

fn rank_of(sought: &str, title: &[Word], number: Option<&str>, body: &[Word]) -> Option<u32> {
    let begins = |word: &str, whole, begun| match word.strip_prefix(sought) {
        Some("") => Some(whole),
        Some(_) => Some(begun),
        None => None,
    };
    let in_number = number.and_then(|number| begins(number, weight::NUMBER, weight::TITLE_BEGUN));
    let in_title = title.iter().enumerate().filter_map(|(at, word)| {
        let first = if at == 0 { weight::TITLE_FIRST } else { 0 };
        Some(first + begins(&word.folded, weight::TITLE_WHOLE, weight::TITLE_BEGUN)?)
    });
    let in_body = body.iter().filter_map(|word| begins(&word.folded, weight::BODY_WHOLE, weight::BODY_BEGUN));
    let (best, count) = in_body.fold((None, 0_u32), |(best, count), found| (best.max(Some(found)), count + 1));
    let again = weight::BODY_AGAIN * count.saturating_sub(1).min(weight::BODY_AGAIN_MAX);
    in_title.chain(in_number).chain(best.map(|best| best + again)).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::prelude::*;

    fn title(title: &str) -> Text<'_> {
        Text { title, number: Some(1200), body: "" }
    }

    fn body(body: &str) -> Text<'_> {
        Text { title: "", number: None, body }
    }

    fn rank(sought: &str, text: Text<'_>) -> u32 {
        Sought::of(sought).rank(&text).unwrap_or_default()
    }

    #[test]
    fn the_better_found_ranks_higher() {
        let falling = [
            rank("login", title("Login fails")),
            rank("login", title("The login fails")),
            rank("log", title("Login fails")),
            rank("log", title("The login fails")),
            rank("login", body("The login, and the login again")),
            rank("login", body("The login")),
            rank("log", body("The login")),
            rank("login", body("The logs")),
        ];
        assert!(falling.windows(2).all(|pair| pair[0] > pair[1]), "{falling:?}");
        assert_eq!(falling.last(), Some(&0));
        assert!(rank("1200", title("Port 1200")) > rank("120", title("Port 1200")), "its number is found whole");
    }

    #[test]
    fn every_word_must_begin_one() {
        let text = title("Straße: das Café läuft über");
        for found in ["strasse", "cafe STR", "lauft_uber l", "uber", "#1200", "12"] {
            assert!(Sought::of(found).rank(&text).is_some(), "{found:?}");
        }
        for other in ["afe", "cafe tee", "", " - ", "1201"] {
            assert!(Sought::of(other).rank(&text).is_none(), "{other:?}");
        }
    }

    #[test]
    fn rows_are_found_by_what_people_wrote_in_them() {
        let issue = Row::Issue(testing::sample_issue(1));
        assert_eq!(Text::of(&issue).map(|text| text.indexed()), Some(("crash on start 7".into(), String::new())));
        let description = crate::Description {
            issue: testing::issue(1),
            project: testing::project(1),
            text: "It *panics* in `read_all()`".into(),
        };
        let (title, body) = Text::of(&Row::Description(description)).map(|text| text.indexed()).expect("it is found");
        assert_eq!((title.as_str(), body.as_str()), ("", "it panics in read all"));
    }

    #[test]
    fn of_many_words_the_first_are_sought() {
        let many: Vec<String> = (0..20).map(|n| format!("w{n} w{n}")).collect();
        assert_eq!(Sought::of(&many.join(" ")).words().len(), WORDS_MAX);
    }

    proptest! {
        /// What the server's index finds is what the browser finds: both go by the same words.
        #[test]
        fn a_row_is_found_exactly_where_its_indexed_words_begin_so(
            title in "[a-c éÉ日-]{0,12}|\\PC{0,12}",
            body in "[a-c _ß]{0,20}|\\PC{0,12}",
            number in proptest::option::of(0_u64..30),
            sought in "[a-cé日12 ]{0,5}|\\PC{0,4}",
        ) {
            let text = Text { title: &title, number, body: &body };
            let (title, body) = text.indexed();
            let indexed: Vec<&str> = title.split(' ').chain(body.split(' ')).collect();
            let sought = Sought::of(&sought);
            let is_found = !sought.is_empty()
                && sought.words().iter().all(|word| indexed.iter().any(|indexed| indexed.starts_with(word.as_str())));
            prop_assert_eq!(sought.rank(&text).is_some(), is_found);
        }
    }
}
