//! A list that falls into groups, as one column of lines: a head, then its rows, unless it is folded away.

use std::ops::Range;

/// A group of rows under a head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Names it.
    pub name: String,
    /// Its rows' positions in the list; sections follow on one another.
    pub rows: Range<usize>,
    /// Whether its rows are folded away.
    pub is_folded: bool,
}

/// What stands on a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    /// The head of the section of that index.
    Head(usize),
    /// The list's row at that position.
    Row(usize),
}

/// Which line holds what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sections {
    sections: Vec<Section>,
    /// The line of each section's head.
    heads: Vec<usize>,
    lines: usize,
}

impl Sections {
    /// These sections, one under the other. None: a list without heads of that many rows.
    pub fn new(sections: Vec<Section>, rows: usize) -> Self {
        if sections.is_empty() {
            return Self { sections, heads: Vec::new(), lines: rows };
        }
        let mut lines = 0;
        let heads = sections.iter().map(|section| {
            let head = lines;
            lines += 1 + section.shown();
            head
        });
        let heads = heads.collect();
        Self { sections, heads, lines }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// The section of that index.
    pub fn section(&self, index: usize) -> Option<&Section> {
        self.sections.get(index)
    }

    /// The section of that name, and the line of its head.
    pub fn find(&self, name: &str) -> Option<(&Section, usize)> {
        let index = self.sections.iter().position(|section| section.name == name)?;
        Some((&self.sections[index], self.heads[index]))
    }

    /// What stands on a line.
    pub fn line(&self, line: usize) -> Option<Line> {
        if line >= self.lines {
            return None;
        }
        let Some(index) = self.heads.partition_point(|head| *head <= line).checked_sub(1) else {
            return Some(Line::Row(line));
        };
        Some(match line - self.heads[index] {
            0 => Line::Head(index),
            below => Line::Row(self.sections[index].rows.start + below - 1),
        })
    }

    /// The line of the list's row at that position; none where it is folded away.
    pub fn line_of(&self, row: usize) -> Option<usize> {
        if self.sections.is_empty() {
            return (row < self.lines).then_some(row);
        }
        let index = self.sections.partition_point(|section| section.rows.end <= row);
        let section = self.sections.get(index).filter(|section| section.rows.contains(&row) && !section.is_folded)?;
        Some(self.heads[index] + 1 + row - section.rows.start)
    }

    /// What stands on these lines, with neighbouring rows as one range.
    pub fn runs(&self, lines: Range<usize>) -> Vec<Run> {
        let mut runs = Vec::new();
        for line in lines {
            match (self.line(line), runs.last_mut()) {
                (None, _) => break,
                (Some(Line::Head(index)), _) => runs.push(Run::Head(index)),
                (Some(Line::Row(row)), Some(Run::Rows(rows))) if rows.end == row => rows.end += 1,
                (Some(Line::Row(row)), _) => runs.push(Run::Rows(row..row + 1)),
            }
        }
        runs
    }
}

impl Section {
    fn shown(&self) -> usize {
        if self.is_folded { 0 } else { self.rows.len() }
    }
}

/// Some lines in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Run {
    /// The head of the section of that index.
    Head(usize),
    /// The list's rows at these positions.
    Rows(Range<usize>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn three() -> Sections {
        let section = |name: &str, rows, is_folded| Section { name: name.to_owned(), rows, is_folded };
        Sections::new(vec![section("a", 0..2, false), section("b", 2..5, true), section("c", 5..6, false)], 6)
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn each_line_is_a_head_or_a_row() {
        let sections = three();
        let lines: Vec<_> = (0..8).map(|line| sections.line(line)).collect();
        use Line::{Head, Row};
        let expected = [Head(0), Row(0), Row(1), Head(1), Head(2), Row(5)].map(Some);
        assert_eq!((&lines[..6], &lines[6..]), (&expected[..], &[None, None][..]));
        assert_eq!(sections.len(), 6);
        assert_eq!(sections.runs(1..9), [Run::Rows(0..2), Run::Head(1), Run::Head(2), Run::Rows(5..6)]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_row_is_where_its_line_says_unless_it_is_folded_away() {
        let sections = three();
        let lines: Vec<_> = (0..8).map(|row| sections.line_of(row)).collect();
        assert_eq!(lines, [Some(1), Some(2), None, None, None, Some(5), None, None]);
        assert_eq!(sections.find("c").map(|(_, line)| line), Some(4));
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn without_sections_lines_are_rows() {
        let plain = Sections::new(Vec::new(), 3);
        assert_eq!((0..4).map(|line| plain.line(line)).collect::<Vec<_>>()[2..], [Some(Line::Row(2)), None]);
        assert_eq!((plain.line_of(2), plain.line_of(3)), (Some(2), None));
        assert_eq!(plain.runs(1..9), [Run::Rows(1..3)]);
    }
}
