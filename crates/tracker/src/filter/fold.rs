//! Text as it is compared: without case and accents.

/// Lower case without accents, for the Latin alphabets; letters that are two in
/// one come apart (`ß` is `ss`, `æ` is `ae`). Other scripts lose their case only.
///
/// ```
/// use holdfast_tracker::filter::fold;
///
/// assert_eq!(fold("Łódź, Ærø, Straße, Phở"), "lodz, aero, strasse, pho");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(|c| push_folded(&mut folded, c));
        }
    }
    folded
}

/// Takes a letter in lower case.
fn push_folded(folded: &mut String, c: char) {
    match c {
        // Accents that follow their letter.
        '\u{300}'..='\u{36f}' => {}
        'ß' => folded.push_str("ss"),
        'æ' | 'ǣ' | 'ǽ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ĳ' => folded.push_str("ij"),
        'þ' => folded.push_str("th"),
        'ǿ' => folded.push('o'),
        'ς' => folded.push('σ'),
        '\u{c0}'..='\u{24f}' => folded.push(base(LATIN, 0xc0, c)),
        '\u{1e00}'..='\u{1eff}' => folded.push(base(LATIN_ADDITIONAL, 0x1e00, c)),
        _ => folded.push(c),
    }
}

fn base(table: &[u8], first: u32, c: char) -> char {
    match table.get((u32::from(c) - first) as usize) {
        Some(b'.') | None => c,
        Some(letter) => char::from(*letter),
    }
}

/// The base letters of U+00C0 to U+024F, 64 a line; a dot for what has none.
const LATIN: &[u8] = b"\
aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllll\
lllnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs\
bbbb...ccdddd....ffg...ikkl..nnooo..pp......tttuu.vyyzz.........\
.............aaiioouuuuuuuuuu.aaaa..ggggkkoooo..j...gg..nnaa....\
aaaaeeeeiiiioooorrrruuuusstt..hh....zzaaeeooooooooyy............\
................";

/// The base letters of U+1E00 to U+1EFF, likewise.
const LATIN_ADDITIONAL: &[u8] = b"\
aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm\
mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv\
wwwwwwwwwwxxxxyyzzzzzzhtwya.ss..aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy....yy";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tables_are_as_long_as_their_ranges() {
        assert_eq!(LATIN.len(), 0x250 - 0xc0);
        assert_eq!(LATIN_ADDITIONAL.len(), 0x1f00 - 0x1e00);
    }

    #[test]
    fn names_of_many_countries_are_found_by_plain_letters() {
        for (name, plain) in [
            ("Zoë Ångström", "zoe angstrom"),
            ("Nguyễn Thị Hồng", "nguyen thi hong"),
            ("Čapek Dvořák", "capek dvorak"),
            ("İstanbul Işık", "istanbul isik"),
            ("Þórður Ægir", "thordur aegir"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("GROẞ groß", "gross gross"),
            ("re\u{301}sume\u{301}", "resume"),
            ("\u{212b}ngstr\u{f6}m \u{212a}elvin", "angstrom kelvin"),
            ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
            ("Привет 日本語 🦀", "привет 日本語 🦀"),
        ] {
            assert_eq!(fold(name), plain);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once_and_case_does_not_matter(text in "[ -~À-ɏḀ-ỿΑ-ω\u{300}-\u{36f}]{0,30}|\\PC{0,30}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert_eq!(fold(&text.to_lowercase()), folded);
        }
    }
}
