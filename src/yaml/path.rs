//! Path to a value in a tree: keys and list indices.
//!
//! The text form is that of `--set`: `master.service.ports[0]`. A backslash precedes a `.`, `[` or `\` that is part
//! of a key. An empty key is written `""`, and a control character as `\u{7f}`. A path is therefore always one line.

use std::{borrow::Borrow, fmt, str::FromStr};

use super::{List, MAX_DEPTH, Map, Value, set::MAX_INDEX};

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    Key(String),
    Index(usize),
}

/// Keys and indices from the root of a tree to a value. The empty path is the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    segments: Vec<Segment>,
}

/// A set of paths finds a path by a part of another one.
impl Borrow<[Segment]> for Path {
    fn borrow(&self) -> &[Segment] {
        &self.segments
    }
}

impl Path {
    /// The path of the root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Builds a path from keys. The keys are used literally, without escapes.
    pub fn of<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self { segments: keys.into_iter().map(|key| Segment::Key(key.into())).collect() }
    }

    pub fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether this is the root; the counterpart of [`Path::len`].
    pub fn is_empty(&self) -> bool {
        self.is_root()
    }

    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub fn last(&self) -> Option<&Segment> {
        self.segments.last()
    }

    /// The path without its last step; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, parents) = self.segments.split_last()?;
        Some(Self { segments: parents.to_vec() })
    }

    /// The path of the entry `key` below this path.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut path = self.clone();
        path.push(Segment::Key(key.into()));
        path
    }

    /// The path of the item `index` below this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.push(Segment::Index(index));
        path
    }

    /// The path `below`, relative to this path, from the root.
    #[must_use]
    pub fn join(&self, below: &Self) -> Self {
        self.join_segments(&below.segments)
    }

    /// The path `below`, relative to this path, from the root.
    #[must_use]
    pub fn join_segments(&self, below: &[Segment]) -> Self {
        Self { segments: self.segments.iter().chain(below).cloned().collect() }
    }

    /// Whether this path equals `above` or is below it. Whole steps are compared: `ab` does not start with `a`.
    pub fn starts_with(&self, above: &Self) -> bool {
        self.segments.starts_with(&above.segments)
    }

    /// The first `steps` steps of this path.
    #[must_use]
    pub fn first(&self, steps: usize) -> Self {
        Self { segments: self.segments.iter().take(steps).cloned().collect() }
    }

    /// Number of steps at the start that both paths share.
    pub fn in_common(&self, other: &Self) -> usize {
        self.segments.iter().zip(&other.segments).take_while(|(a, b)| a == b).count()
    }

    /// The rest of this path below `above`, or `None` if the path does not start with `above`.
    pub fn strip_prefix(&self, above: &Self) -> Option<Self> {
        let below = self.segments.strip_prefix(above.segments.as_slice())?;
        Some(Self { segments: below.to_vec() })
    }

    pub fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
    }

    pub fn pop(&mut self) -> Option<Segment> {
        self.segments.pop()
    }

    /// Appends the last step to the text form of the steps before it.
    pub fn write_last(&self, text: &mut String) {
        if let Some(last) = self.segments.last() {
            // A text takes every write.
            let _ = write_segment(self.segments.len() - 1, last, text);
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut segments = self.segments.iter().enumerate();
        segments.try_for_each(|(at, segment)| write_segment(at, segment, f))
    }
}

/// Appends a key below the path in `path`, which is in text form.
pub fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    // A text takes every write.
    let _ = write_key(key, path);
}

/// Writes the step at a position of a path.
fn write_segment(at: usize, segment: &Segment, f: &mut impl fmt::Write) -> fmt::Result {
    match segment {
        Segment::Index(index) => write!(f, "[{index}]"),
        Segment::Key(key) => {
            if at > 0 {
                f.write_char('.')?;
            }
            write_key(key, f)
        }
    }
}

fn write_key(key: &str, f: &mut impl fmt::Write) -> fmt::Result {
    if key.is_empty() {
        return f.write_str("\"\"");
    }
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'.' | b'[' | b'\\' | b'"');
    if key.bytes().all(plain) {
        return f.write_str(key);
    }
    for (at, c) in key.chars().enumerate() {
        match c {
            '.' | '[' | '\\' => write!(f, "\\{c}")?,
            '"' if at == 0 => f.write_str("\\\"")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => write!(f, "\\u{{{:x}}}", c as u32)?,
            c => f.write_char(c)?,
        }
    }
    Ok(())
}

/// Reason why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("`{0}` has an empty key: expected a name on both sides of every `.`, or `\"\"` for a key without letters")]
    EmptyKey(String),
    #[error("`{0}` has a `[` without an index: expected a number and `]`, or `\\[` for a bracket in the key")]
    Index(String),
    #[error("`{0}` ends in a lone `\\`: write `\\\\` for a backslash")]
    Backslash(String),
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut path = Self::root();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(index) = rest.strip_prefix('[') {
                let (digits, after) = index.split_once(']').ok_or_else(|| PathError::Index(text.to_owned()))?;
                let is_number = digits.bytes().all(|b| b.is_ascii_digit());
                let index = digits.parse().ok().filter(|_| is_number);
                path.push(Segment::Index(index.ok_or_else(|| PathError::Index(text.to_owned()))?));
                // `]` is followed by the end, by the next index, or by `.` and a key.
                rest = match after.strip_prefix('.') {
                    Some("") => return Err(PathError::EmptyKey(text.to_owned())),
                    Some(after) if !after.starts_with('[') => after,
                    None if after.is_empty() || after.starts_with('[') => after,
                    _ => return Err(PathError::Index(text.to_owned())),
                };
                continue;
            }
            let (key, after) = read_key(rest, text)?;
            path.push(Segment::Key(key));
            rest = match after.strip_prefix('.') {
                Some(after) if after.is_empty() || after.starts_with(['.', '[']) => {
                    return Err(PathError::EmptyKey(text.to_owned()));
                }
                Some(after) => after,
                None => after,
            };
        }
        Ok(path)
    }
}

/// Reads one key up to an unescaped `.` or `[`. `whole` is the text for the error message.
fn read_key<'a>(text: &'a str, whole: &str) -> Result<(String, &'a str), PathError> {
    if let Some(after) = text.strip_prefix("\"\"")
        && (after.is_empty() || after.starts_with(['.', '[']))
    {
        return Ok((String::new(), after));
    }
    let end = text.bytes().position(|byte| matches!(byte, b'.' | b'[' | b'\\')).unwrap_or(text.len());
    let (plain, mut rest) = text.split_at(end);
    let mut key = plain.to_owned();
    while let Some(c) = rest.chars().next() {
        if matches!(c, '.' | '[') {
            break;
        }
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            key.push(c);
        } else if let Some((escaped, after)) = control_escape(rest) {
            key.push(escaped);
            rest = after;
        } else {
            let c = rest.chars().next().ok_or_else(|| PathError::Backslash(whole.to_owned()))?;
            key.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if key.is_empty() {
        return Err(PathError::EmptyKey(whole.to_owned()));
    }
    Ok((key, rest))
}

/// Reads `u{7f}`, the part of an escape after its backslash.
fn control_escape(text: &str) -> Option<(char, &str)> {
    let (digits, after) = text.strip_prefix("u{")?.split_once('}')?;
    Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, after))
}

/// Reason why a value cannot be inserted at a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathConflict {
    #[error("`{path}` is a {found}: expected a {expected}")]
    Kind { path: String, found: &'static str, expected: &'static str },
    #[error("`{path}` has an index above {MAX_INDEX}, the highest index in Helm")]
    Index { path: Path },
    #[error("the path has {0} steps: expected at most {MAX_DEPTH}")]
    Depth(usize),
}

/// What a map has at a path, or above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nearest<'v> {
    Value(&'v Value),
    /// Nothing, at the path or at a map above it.
    Missing,
    /// A value above the path is no map.
    NoMap,
}

impl Map {
    /// The value at `path`. The root is a map and not a [`Value`], and gives `None`.
    pub fn get_at(&self, path: &Path) -> Option<&Value> {
        let (first, rest) = path.segments.split_first()?;
        let Segment::Key(key) = first else { return None };
        rest.iter().try_fold(self.get(key)?, |value, segment| match (segment, value) {
            (Segment::Key(key), Value::Map(map)) => map.get(key),
            (Segment::Index(index), Value::List(list)) => list.get(*index),
            _ => None,
        })
    }

    /// The value at a path in text form, or `None` if the text is not a path.
    pub fn get_at_text(&self, path: &str) -> Option<&Value> {
        match self.nearest_at_text(path) {
            Some(Nearest::Value(value)) => Some(value),
            Some(Nearest::Missing | Nearest::NoMap) => None,
            None => self.get_at(&path.parse().ok()?),
        }
    }

    /// What is at a path in text form, or on the way to it. `None` for a path that leads over an escape, an index or an
    /// empty key.
    pub fn nearest_at_text(&self, path: &str) -> Option<Nearest<'_>> {
        let mut map = self;
        let mut rest = path;
        loop {
            let sign = rest.bytes().position(|byte| matches!(byte, b'.' | b'\\' | b'[' | b'"'));
            let Some(end) = sign else {
                return (!rest.is_empty()).then(|| map.get(rest).map_or(Nearest::Missing, Nearest::Value));
            };
            if end == 0 || rest.as_bytes()[end] != b'.' {
                return None;
            }
            match map.get(&rest[..end]) {
                Some(Value::Map(below)) => map = below,
                Some(_) => return Some(Nearest::NoMap),
                None => return Some(Nearest::Missing),
            }
            rest = &rest[end + 1..];
        }
    }

    pub fn get_at_mut(&mut self, path: &Path) -> Option<&mut Value> {
        let (first, rest) = path.segments.split_first()?;
        let Segment::Key(key) = first else { return None };
        rest.iter().try_fold(self.get_mut(key)?, |value, segment| match (segment, value) {
            (Segment::Key(key), Value::Map(map)) => map.get_mut(key),
            (Segment::Index(index), Value::List(list)) => list.get_mut(*index),
            _ => None,
        })
    }

    /// Sets the value at `path` and returns the previous value.
    ///
    /// Missing parents are created: maps for keys, and lists for indices, filled with nulls. A null on the way counts
    /// as missing.
    ///
    /// # Errors
    ///
    /// For the root, which is always a map; if a value other than a map or a list is on the way; and if the path is too
    /// deep or has an index that is too high. The values are unchanged then.
    pub fn insert_at(&mut self, path: &Path, value: Value) -> Result<Option<Value>, PathConflict> {
        self.check_way(path)?;
        let Some((Segment::Key(first), rest)) = path.segments.split_first() else {
            return Ok(None);
        };
        let mut place = self.value_or_null(first);
        for segment in rest {
            place = match segment {
                Segment::Key(key) => {
                    if !matches!(place, Value::Map(_)) {
                        *place = Value::Map(Self::new());
                    }
                    let Value::Map(map) = place else { return Ok(None) };
                    map.value_or_null(key)
                }
                Segment::Index(index) => {
                    if !matches!(place, Value::List(_)) {
                        *place = Value::List(List::default());
                    }
                    let Value::List(list) = place else { return Ok(None) };
                    let items = list.to_mut();
                    if items.len() <= *index {
                        items.resize(index + 1, Value::Null);
                    }
                    &mut items[*index]
                }
            };
        }
        let old = std::mem::replace(place, value);
        Ok((old != Value::Null).then_some(old))
    }

    /// Removes and returns the value at `path`. Empty parents stay. Later items of a list move up.
    pub fn remove_at(&mut self, path: &Path) -> Option<Value> {
        let (last, parents) = path.segments.split_last()?;
        if parents.is_empty() {
            let Segment::Key(key) = last else { return None };
            return self.remove(key);
        }
        match (self.get_at_mut(&Path { segments: parents.to_vec() })?, last) {
            (Value::Map(map), Segment::Key(key)) => map.remove(key),
            (Value::List(list), Segment::Index(index)) if *index < list.len() => Some(list.to_mut().remove(*index)),
            _ => None,
        }
    }

    fn check_way(&self, path: &Path) -> Result<(), PathConflict> {
        if path.len() > MAX_DEPTH {
            return Err(PathConflict::Depth(path.len()));
        }
        if path.segments.iter().any(|segment| matches!(segment, Segment::Index(index) if *index > MAX_INDEX)) {
            return Err(PathConflict::Index { path: path.clone() });
        }
        let mut above: Option<&Value> = None;
        for (at, segment) in path.segments.iter().enumerate() {
            let found = if at == 0 { Some("map") } else { above.map(Value::kind) };
            let expected = match segment {
                Segment::Key(_) => "map",
                Segment::Index(_) => "list",
            };
            match found {
                None | Some("null") => return Ok(()),
                Some(found) if found != expected => {
                    let path = if at == 0 { "the top".to_owned() } else { path.first(at).to_string() };
                    return Err(PathConflict::Kind { path, found, expected });
                }
                Some(_) => {}
            }
            above = match (segment, above) {
                (Segment::Key(key), None) => self.get(key),
                (Segment::Key(key), Some(Value::Map(map))) => map.get(key),
                (Segment::Index(index), Some(Value::List(list))) => list.get(*index),
                _ => None,
            };
        }
        if path.is_root() {
            return Err(PathConflict::Kind { path: "the top".to_owned(), found: "map", expected: "key" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::{arbitrary, read_values};

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    #[test]
    fn text_form() {
        let annotation = path(r"master.service.annotations.service\.beta\.kubernetes\.io/x");
        assert_eq!(annotation, Path::of(["master", "service", "annotations", "service.beta.kubernetes.io/x"]));
        assert_eq!(path("a[0][1].b"), Path::of(["a"]).index(0).index(1).key("b"));
        assert_eq!(path(""), Path::root());
        assert_eq!(path("\"\""), Path::of([""]));
        assert_eq!(path(r"a.\u{a}\[0]"), Path::of(["a", "\n[0]"]));
    }

    #[test]
    fn texts_that_are_no_path() {
        for text in ["a.", ".a", "a..b", "a[0].", ".", "a.[0]"] {
            assert_eq!(text.parse::<Path>(), Err(PathError::EmptyKey(text.to_owned())), "{text}");
        }
        for text in ["a[", "a[]", "a[x]", "a[-1]", "a[+1]", "a[0]b", "a[99999999999999999999999]"] {
            assert_eq!(text.parse::<Path>(), Err(PathError::Index(text.to_owned())), "{text}");
        }
        assert_eq!("a\\".parse::<Path>(), Err(PathError::Backslash("a\\".to_owned())));
    }

    #[test]
    fn above_and_below() {
        let port = path("master.service.ports[0]");
        assert!(port.starts_with(&path("master.service")));
        assert!(!port.starts_with(&path("master.serv")));
        assert_eq!(port.parent(), Some(path("master.service.ports")));
        assert_eq!(port.strip_prefix(&path("master")), Some(path("service.ports[0]")));
        assert_eq!(path("master").join(&path("service.ports[0]")), port);
        assert_eq!(Path::root().parent(), None);
    }

    #[test]
    fn values_at_paths() {
        let mut values = read_values("a: {b: [1, {c: 2}]}\nd: null\n").unwrap();
        assert_eq!(values.get_at(&path("a.b[1].c")), Some(&Value::Int(2)));
        assert_eq!(values.get_at(&path("a.b.c")), None);
        assert_eq!(values.insert_at(&path("a.b[3].e"), Value::from("x")), Ok(None));
        assert_eq!(values.insert_at(&path("d.f"), Value::Int(1)), Ok(None));
        assert_eq!(values.insert_at(&path("a.b[0]"), Value::Int(7)), Ok(Some(Value::Int(1))));
        assert_eq!(values, read_values("a: {b: [7, {c: 2}, null, {e: x}]}\nd: {f: 1}\n").unwrap());
        assert_eq!(values.remove_at(&path("a.b[2]")), Some(Value::Null));
        assert_eq!(values.remove_at(&path("a.b[2].e")), Some(Value::from("x")));
        assert_eq!(values.remove_at(&path("a.x")), None);
    }

    #[test]
    fn values_at_paths_as_text() {
        let values = read_values("a: {b: [1, {c: 2}], 'x.y': 3}\n'': 4\n").unwrap();
        for text in ["a", "a.b", "a.b[1].c", r"a.x\.y", "a.x.y", "b", "a.b.c", "\"\"", "a..b", "", ".", "a."] {
            assert_eq!(values.get_at_text(text), text.parse().ok().and_then(|path| values.get_at(&path)), "{text}");
        }
    }

    #[test]
    fn what_is_in_the_way_is_named_and_left() {
        let mut values = read_values("a: {b: 1}\n").unwrap();
        let before = values.clone();
        let error = values.insert_at(&path("a.b.c"), Value::Null).unwrap_err();
        assert_eq!(error.to_string(), "`a.b` is a number: expected a map");
        let error = values.insert_at(&path("a[0]"), Value::Null).unwrap_err();
        assert_eq!(error.to_string(), "`a` is a map: expected a list");
        assert!(values.insert_at(&path("x[65537]"), Value::Null).is_err());
        assert!(values.insert_at(&Path::root(), Value::Null).is_err());
        assert!(values.insert_at(&path("[0]"), Value::Null).is_err());
        assert!(values.insert_at(&Path::of(vec!["a"; 100_000]), Value::Null).is_err());
        assert_eq!(values, before);
    }

    fn any_path() -> impl Strategy<Value = Path> {
        let segment = prop_oneof![
            3 => arbitrary::text().prop_map(Segment::Key),
            1 => any::<usize>().prop_map(Segment::Index),
        ];
        proptest::collection::vec(segment, 0..6).prop_map(|segments| Path { segments })
    }

    proptest! {
        #[test]
        fn the_text_form_is_one_line_and_reads_back(path in any_path()) {
            let text = path.to_string();
            prop_assert!(!text.contains(|c: char| c.is_control()));
            prop_assert_eq!(text.parse::<Path>(), Ok(path));
        }

        #[test]
        fn any_text_is_a_path_or_an_error(text in any::<String>()) {
            let _ = text.parse::<Path>();
        }
    }
}
