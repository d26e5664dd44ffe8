//! The difference of two values in a form that is short enough to read.

use std::fmt::Write as _;

use similar::{Algorithm, capture_diff_slices};

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

impl ValueDiff {
    pub fn of(old: Option<&Value>, new: Option<&Value>) -> Self {
        let lines = match (old, new) {
            _ if is_pair_of(old, new, Value::as_list) => of_lists(list(old), list(new)),
            _ if is_pair_of(old, new, Value::as_map) => {
                of_maps(old.and_then(Value::as_map), new.and_then(Value::as_map))
            }
            _ if is_pair_of(old, new, |value| value.as_str().filter(|text| text.contains('\n'))) => of_texts(old, new),
            _ => {
                let display = |value: Option<&Value>| value.map_or_else(|| NOTHING.to_owned(), flow);
                let (old, new) = (display(old), display(new));
                if old.chars().count() <= WIDEST && new.chars().count() <= WIDEST {
                    return Self::Line { old, new };
                }
                vec![(Mark::Removed, old), (Mark::Added, new)]
            }
        };
        Self::cut(lines)
    }

    /// Both values in one line, shortened if they are too long.
    pub fn flat(old: Option<&Value>, new: Option<&Value>) -> Self {
        let display = |value: Option<&Value>| value.map_or_else(|| NOTHING.to_owned(), flow);
        let (old, new) = (display(old), display(new));
        let same = in_common(&old, &new);
        Self::Line { old: window(&old, same, WIDEST), new: window(&new, same, WIDEST) }
    }

    fn cut(mut lines: Vec<(Mark, String)>) -> Self {
        let omitted = lines.len().saturating_sub(MOST_LINES);
        lines.truncate(MOST_LINES);
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

fn of_lists(old: &[Value], new: &[Value]) -> Vec<(Mark, String)> {
    let mut lines = Vec::new();
    for item in items(old, new) {
        lines.extend(match item {
            ItemChange::Unchanged(_) => None,
            ItemChange::Added(value) => Some((Mark::Added, flow(value))),
            ItemChange::Removed(value) => Some((Mark::Removed, flow(value))),
            ItemChange::Moved { value, from, to } => {
                Some((Mark::Changed, format!("{} (place {} \u{2192} {})", flow(value), from + 1, to + 1)))
            }
        });
    }
    lines
}

fn of_maps(old: Option<&Map>, new: Option<&Map>) -> Vec<(Mark, String)> {
    let line = |key: &str, value: &Value| format!("{}: {}", scalar(key), flow(value));
    let mut lines = Vec::new();
    for (key, value) in old.into_iter().flat_map(Map::iter) {
        let other = new.and_then(|new| new.get(key));
        if other != Some(value) {
            lines.push((Mark::Removed, line(key, value)));
            lines.extend(other.map(|other| (Mark::Added, line(key, other))));
        }
    }
    for (key, value) in new.into_iter().flat_map(Map::iter) {
        if old.is_none_or(|old| !old.contains_key(key)) {
            lines.push((Mark::Added, line(key, value)));
        }
    }
    lines
}

fn of_texts(old: Option<&Value>, new: Option<&Value>) -> Vec<(Mark, String)> {
    let split = |value: Option<&Value>| -> Vec<String> {
        let text = value.and_then(Value::as_str).filter(|text| !text.is_empty());
        text.into_iter().flat_map(|text| text.split('\n')).map(str::to_owned).collect()
    };
    let (old, new) = (split(old), split(new));
    let mut lines = Vec::new();
    for op in capture_diff_slices(Algorithm::Histogram, &old, &new) {
        if op.tag() != similar::DiffTag::Equal {
            lines.extend(op.old_range().map(|at| (Mark::Removed, one_line(&old[at]).into_owned())));
            lines.extend(op.new_range().map(|at| (Mark::Added, one_line(&new[at]).into_owned())));
        }
    }
    lines
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
    use super::*;
    use crate::yaml::read_values;

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
