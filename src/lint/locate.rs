//! The place of a finding, and the edit of its fix, for keys that the file may not set.

use super::{Subject, keys::is_open};
use crate::yaml::{Path, Span, Value, edit::Edit};

/// The first of these keys that the file sets, or else the nearest key above one of them, or else the first key of the
/// file.
pub(super) fn locate<K: AsRef<str>>(subject: &Subject, keys: &[K]) -> Span {
    let written = keys.iter().find_map(|key| subject.entry(key.as_ref()));
    let above = || keys.iter().find_map(|key| subject.nearest(key.as_ref()));
    written.or_else(above).or_else(|| subject.entries.first()).map_or_else(top, |entry| entry.key)
}

/// The start of the text, for a file without keys.
fn top() -> Span {
    Span { start: 0, end: 0, line: 1, column: 1 }
}

/// The edit that sets a key, in the file or not; none if a value above the key is not a map.
pub(super) fn set_value(subject: &Subject, key: &str, value: impl Into<Value>) -> Option<Edit> {
    let path = key.parse::<Path>().ok()?;
    let value = value.into();
    Some(match subject.entry(key) {
        Some(_) => Edit::Set { path, value },
        None if !is_open(subject, &path) => return None,
        None => Edit::Insert { path, value, comment: None },
    })
}
