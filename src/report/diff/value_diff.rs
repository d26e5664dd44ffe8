//! The difference of two values in a form that is short enough to read.

use std::{collections::HashMap, fmt::Write as _, ops::Range};

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::{
    escape::one_line,
    yaml::{self, ItemChange, Map, Value, items},
};

/// The text for a missing value.
pub(super) const NOTHING: &str = "nothing";

/// The widest value that is shown in one line with the other value.
const WIDEST: usize = 56;

/// The width that longer lines are cut to.
const WIDTH: usize = 96;

/// The most lines that are shown.
const MOST_LINES: usize = 12;

/// The most bytes of a value that are read for one line.
const MOST_BYTES: usize = 4096;

/// The difference of two values, as texts without newlines and control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ValueDiff {
    Line { old: String, new: String },
    Lines { lines: Vec<(Mark, String)>, omitted: usize },
}

/// The kind of change of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Removed,
    Added,
    Changed,
}

impl Mark {
    pub fn sign(self) -> char {
        match self {
            Self::Removed => '-',
            Self::Added => '+',
            Self::Changed => '~',
        }
    }
}

/// The first lines of a difference, and how many there are.
#[derive(Default)]
struct Lines {
    first: Vec<(Mark, String)>,
    count: usize,
}

impl Lines {
    /// Adds a line, whose text is made only if it is shown.
    fn push(&mut self, mark: Mark, text: impl FnOnce() -> String) {
        if self.count < MOST_LINES {
            self.first.push((mark, text()));
        }
        self.count += 1;
    }
}

impl ValueDiff {
    pub fn of(old: Option<&Value>, new: Option<&Value>) -> Self {
        let mut lines = Lines::default();
        match (old, new) {
            _ if is_pair_of(old, new, Value::as_list) => of_lists(list(old), list(new), &mut lines),
            _ if is_pair_of(old, new, Value::as_map) => {
                of_maps(old.and_then(Value::as_map), new.and_then(Value::as_map), &mut lines);
            }
            _ if is_pair_of(old, new, |value| value.as_str().filter(|text| text.contains('\n'))) => {
                of_texts(old, new, &mut lines);
            }
            _ => {
                let display = |value: Option<&Value>| value.map_or_else(|| NOTHING.to_owned(), flow);
                let (old, new) = (display(old), display(new));
                if old.chars().count() <= WIDEST && new.chars().count() <= WIDEST {
                    return Self::Line { old, new };
                }
                lines.push(Mark::Removed, || old);
                lines.push(Mark::Added, || new);
            }
        }
        Self::cut(lines)
    }

    /// Both values in one line, shortened if they are too long.
    pub fn flat(old: Option<&Value>, new: Option<&Value>) -> Self {
        let display = |value: Option<&Value>| value.map_or_else(|| NOTHING.to_owned(), flow);
        let (old, new) = (display(old), display(new));
        let same = in_common(&old, &new);
        Self::Line { old: window(&old, same, WIDEST), new: window(&new, same, WIDEST) }
    }

    fn cut(Lines { first: mut lines, count }: Lines) -> Self {
        let omitted = count - lines.len();
        let mut at = 0;
        while at < lines.len() {
            let run = |from: usize, mark: Mark| lines[from..].iter().take_while(|(is, _)| *is == mark).count();
            let removed = run(at, Mark::Removed);
            let added = run(at + removed, Mark::Added);
            for nth in at..at + removed.min(added) {
                let other = nth + removed;
                let same = in_common(&lines[nth].1, &lines[other].1);
                lines[nth].1 = window(&lines[nth].1, same, WIDTH);
                lines[other].1 = window(&lines[other].1, same, WIDTH);
            }
            at += (removed + added).max(1);
        }
        for (_, line) in &mut lines {
            *line = window(line, 0, WIDTH);
        }
        Self::Lines { lines, omitted }
    }
}

/// Whether one side has this kind, and the other side has it too or is empty.
fn is_pair_of<'a, T: 'a>(
    old: Option<&'a Value>,
    new: Option<&'a Value>,
    kind: impl Fn(&'a Value) -> Option<T>,
) -> bool {
    let fits_kind = |value: Option<&'a Value>| value.is_none_or(|value| kind(value).is_some() || is_bare(value));
    let has_kind = |value: Option<&'a Value>| value.is_some_and(|value| kind(value).is_some() && !is_bare(value));
    // A text with one line can be compared with a text with several lines.
    let is_text = |value: Option<&Value>| value.is_some_and(|value| value.as_str().is_some());
    (has_kind(old) || has_kind(new)) && (fits_kind(old) && fits_kind(new) || is_text(old) && is_text(new))
}

fn is_bare(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_list).unwrap_or_default()
}

fn of_lists(old: &[Value], new: &[Value], lines: &mut Lines) {
    for item in items(old, new) {
        match item {
            ItemChange::Unchanged(_) => {}
            ItemChange::Added(value) => lines.push(Mark::Added, || flow(value)),
            ItemChange::Removed(value) => lines.push(Mark::Removed, || flow(value)),
            ItemChange::Moved { value, from, to } => {
                let line = || format!("{} (place {} \u{2192} {})", flow(value), from + 1, to + 1);
                lines.push(Mark::Changed, line);
            }
        }
    }
}

fn of_maps(old: Option<&Map>, new: Option<&Map>, lines: &mut Lines) {
    let line = |key: &str, value: &Value| format!("{}: {}", scalar(key), flow(value));
    for (key, value) in old.into_iter().flat_map(Map::iter) {
        let other = new.and_then(|new| new.get(key));
        if other != Some(value) {
            lines.push(Mark::Removed, || line(key, value));
            if let Some(other) = other {
                lines.push(Mark::Added, || line(key, other));
            }
        }
    }
    for (key, value) in new.into_iter().flat_map(Map::iter) {
        if old.is_none_or(|old| !old.contains_key(key)) {
            lines.push(Mark::Added, || line(key, value));
        }
    }
}

fn of_texts(old: Option<&Value>, new: Option<&Value>, lines: &mut Lines) {
    fn split(value: Option<&Value>) -> Vec<&str> {
        let text = value.and_then(Value::as_str).filter(|text| !text.is_empty());
        text.into_iter().flat_map(|text| text.split('\n')).collect()
    }
    let (old, new) = (split(old), split(new));
    for (removed, added) in changed_ranges(&old, &new) {
        removed.for_each(|at| lines.push(Mark::Removed, || one_line(old[at]).into_owned()));
        added.for_each(|at| lines.push(Mark::Added, || one_line(new[at]).into_owned()));
    }
}

/// The ranges of lines of the old text, each with the lines that replace them.
fn changed_ranges(old: &[&str], new: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    if let Some(pairs) = unique_pairs(old, new) {
        let ends = pairs.into_iter().chain([(old.len(), new.len())]);
        let mut start = (0, 0);
        let ranges = ends.map(|end| {
            let range = (start.0..end.0, start.1..end.1);
            start = (end.0 + 1, end.1 + 1);
            range
        });
        return ranges.filter(|(removed, added)| !removed.is_empty() || !added.is_empty()).collect();
    }
    let operations = capture_diff_slices(Algorithm::Histogram, old, new);
    let changed = operations.iter().filter(|operation| operation.tag() != DiffTag::Equal);
    changed.map(|operation| (operation.old_range(), operation.new_range())).collect()
}

/// Least number of equal lines for [`unique_pairs`]. With fewer, the search of `similar` replaces a whole text.
const MANY: usize = 100;

/// The positions of many equal lines, if each of them is in both texts once and in the same order: then only one
/// comparison is possible, and no search is needed, which takes the square of the lines. `None` for other texts.
fn unique_pairs(old: &[&str], new: &[&str]) -> Option<Vec<(usize, usize)>> {
    if old.len().min(new.len()) < MANY {
        return None;
    }
    let mut places: HashMap<&str, (usize, usize)> = HashMap::with_capacity(old.len());
    for (at, line) in old.iter().enumerate() {
        let place = places.entry(line).or_insert((at, 0));
        place.1 += 1;
    }
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (at, line) in new.iter().enumerate() {
        let Some((other, count)) = places.get(line) else { continue };
        let is_next = pairs.last().is_none_or(|(last, _)| last < other);
        if *count != 1 || !is_next {
            return None;
        }
        pairs.push((*other, at));
    }
    (pairs.len() >= MANY).then_some(pairs)
}

/// A value in one line.
pub(in crate::report) fn flow(value: &Value) -> String {
    let mut line = String::new();
    write(value, true, &mut line);
    line
}

fn write(value: &Value, outermost: bool, line: &mut String) {
    if line.len() > MOST_BYTES {
        return;
    }
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Null => write!(line, "null"),
        Value::Bool(on) => write!(line, "{on}"),
        Value::Int(number) => write!(line, "{number}"),
        Value::Float(number) => write!(line, "{number}"),
        Value::String(text) => {
            let ends_inside = !outermost && text.contains(['[', ']', '{', '}', ',']) && !text.contains("<redacted");
            let text = if ends_inside { one_line(&quoted(text)).into_owned() } else { scalar(text) };
            write!(line, "{text}")
        }
        Value::List(list) => {
            line.push('[');
            for (at, item) in list.iter().enumerate() {
                line.push_str(if at > 0 { ", " } else { "" });
                write(item, false, line);
            }
            write!(line, "]")
        }
        Value::Map(map) => {
            line.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                line.push_str(if at > 0 { ", " } else { "" });
                let _ = write!(line, "{}: ", scalar(key));
                write(value, false, line);
            }
            write!(line, "}}")
        }
    };
}

/// A string with quotes only if it could be read as something else.
fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text != NOTHING
        && !text.contains(['\u{2192}', '\n'])
        && text.len() <= MOST_BYTES
        && yaml::read_values(&format!("a: {text}\n"))
            .is_ok_and(|map| map.get("a").and_then(Value::as_str) == Some(text));
    one_line(&if plain { text.to_owned() } else { quoted(text) }).into_owned()
}

fn quoted(text: &str) -> String {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (text, more) = (&text[..end], if end < text.len() { "\u{2026}" } else { "" });
    let written = yaml::scalar(text);
    if written.starts_with('"') { format!("{written}{more}") } else { format!("\"{written}\"{more}") }
}

/// The length of the common beginning of two texts, in characters.
fn in_common(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// The part of a long line around a position.
fn window(line: &str, place: usize, width: usize) -> String {
    let length = line.chars().count();
    if length <= width {
        return line.to_owned();
    }
    let start = if place < width * 3 / 4 { 0 } else { place - width / 4 };
    let (ahead, behind) =
        (if start > 0 { "\u{2026}" } else { "" }, if start + width < length { "\u{2026}" } else { "" });
    format!("{ahead}{}{behind}", line.chars().skip(start).take(width).collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::read_values;

    proptest! {
        #[test]
        fn unique_lines_are_compared_as_by_a_search(
            changes in prop::collection::vec(prop::sample::select(&["", "", "-", "+", "~", "~~", "-+"][..]), 110..160),
        ) {
            let number = |at: usize| format!("line {at}");
            let (mut old, mut new) = (Vec::new(), Vec::new());
            for (at, change) in changes.iter().enumerate() {
                let is_same = change.is_empty();
                old.extend((is_same || change.contains(['-', '~'])).then(|| number(at)));
                new.extend((is_same).then(|| number(at)));
                new.extend(change.chars().filter(|sign| *sign != '-').map(|sign| format!("new {sign}")));
            }
            let [old, new] = [&old, &new].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
            let searched = capture_diff_slices(Algorithm::Histogram, &old, &new);
            let searched = searched.iter().filter(|operation| operation.tag() != DiffTag::Equal);
            let searched: Vec<_> = searched.map(|operation| (operation.old_range(), operation.new_range())).collect();
            prop_assert_eq!(changed_ranges(&old, &new), searched);
        }
    }

    fn shape(text: &str) -> ValueDiff {
        let values = read_values(text).unwrap();
        ValueDiff::of(values.get("old"), values.get("new"))
    }

    /// The lines with their signs.
    fn lines(text: &str) -> Vec<String> {
        match shape(text) {
            ValueDiff::Lines { lines, omitted } => {
                let mut signed_lines: Vec<_> =
                    lines.iter().map(|(mark, line)| format!("{} {line}", mark.sign())).collect();
                signed_lines.extend((omitted > 0).then(|| format!("{omitted} left")));
                signed_lines
            }
            line => panic!("{line:?}"),
        }
    }

    fn line(text: &str) -> String {
        match shape(text) {
            ValueDiff::Line { old, new } => format!("{old} -> {new}"),
            lines => panic!("{lines:?}"),
        }
    }

    #[test]
    fn ambiguous_strings_are_quoted() {
        assert_eq!(line("old: 'true'\nnew: true\n"), "\"true\" -> true");
        assert_eq!(line("old: 5Gi\nnew: ''\n"), "5Gi -> \"\"");
        assert_eq!(line("new: nothing\n"), "nothing -> \"nothing\"");
        assert_eq!(line("old: 'a # b'\nnew: \"a\\u2192b\"\n"), "\"a # b\" -> \"a\u{2192}b\"");
        assert_eq!(line("old: ' a'\nnew: \"a\\e[31m\"\n"), "\" a\" -> \"a\\x1b[31m\"");
        assert_eq!(line("old: 1.5\nnew: null\n"), "1.5 -> null");
    }

    #[test]
    fn only_the_differences_of_lists_maps_and_texts_are_shown() {
        assert_eq!(lines("old: [a, {b: [1, 'x,y']}]\nnew: [c, a]\n"), ["+ c", "- {b: [1, \"x,y\"]}"]);
        assert_eq!(lines("old: {}\nnew: {a.b: 'on', c: 1}\n"), ["+ a.b: \"on\"", "+ c: 1"]);
        assert_eq!(lines("old: {a: 1, b: 2}\nnew: {b: 3, a: 1}\n"), ["- b: 2", "+ b: 3"]);
        assert_eq!(lines("old: |\n  a\n  b\nnew: |\n  a\n  c\n"), ["- b", "+ c"]);
        assert_eq!(lines("old: a\nnew: |-\n  a\n  c\n"), ["+ c"]);
        assert_eq!(line("old: [a]\nnew: text\n"), "[a] -> text");
    }

    #[test]
    fn long_values_are_cut() {
        let many: Vec<String> = (0..100).map(|at| format!("item {at}")).collect();
        let shown = lines(&format!("new: [{}]\n", many.join(", ")));
        assert_eq!((shown.len(), shown.last().unwrap().as_str()), (MOST_LINES + 1, "88 left"));
        let long = "x".repeat(100_000);
        let shown = lines(&format!("old: {long}a\nnew: {long}b\n"));
        assert!(shown.iter().all(|line| line.chars().count() < WIDTH + 10), "{shown:?}");
        let near = "x".repeat(200);
        let shown = lines(&format!("old: {near}ab\nnew: {near}cd\n"));
        assert!(shown[0].ends_with("xab") && shown[1].ends_with("xcd"), "{shown:?}");
    }
}
