//! Where a finding points to, and how its fix writes, where the key it is about need not stand in the file.

use super::{Subject, keys::is_open};
use crate::yaml::{Path, Span, Value, edit::Edit};

/// The first of these keys that is written, else the nearest key above one of them, else the first key of all.
pub(super) fn place<K: AsRef<str>>(subject: &Subject, keys: &[K]) -> Span {
    let written = keys.iter().find_map(|key| subject.entry(key.as_ref()));
    let above = || keys.iter().find_map(|key| subject.nearest(key.as_ref()));
    written.or_else(above).or_else(|| subject.entries.first()).map_or_else(top, |entry| entry.key)
}

/// The beginning of the text: nothing is written.
fn top() -> Span {
    Span { start: 0, end: 0, line: 1, column: 1 }
}

/// Says a value at a key, whether it is written or not; none where a value that is no map stands above it.
pub(super) fn put(subject: &Subject, key: &str, value: impl Into<Value>) -> Option<Edit> {
    let path = key.parse::<Path>().ok()?;
    let value = value.into();
    Some(match subject.entry(key) {
        Some(_) => Edit::Set { path, value },
        None if !is_open(subject, &path) => return None,
        None => Edit::Insert { path, value, comment: None },
    })
}
