//! One key of one chart version.

use std::ops::Range;

use semver::Version;

use super::{
    catalogue,
    pack::{Json, KeyRow, OPEN_END, Section, Type},
};
use crate::yaml::{Map, Value};

/// A key path with what the chart says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Key<'a> {
    /// As [`crate::yaml::Path`] writes it.
    pub path: &'a str,
    /// The type of the default; for an undeclared key the one that the templates take.
    pub kind: Type,
    /// What the chart takes where nothing is said. None for an undeclared key and for a map that has declared
    /// children: its default is theirs.
    pub default: Option<Value>,
    /// Does `values.yaml` name it? An undeclared key works all the same.
    pub declared: bool,
    /// A map that takes children of any name.
    pub open: bool,
    /// The default is a text with comments, of which only the directive lines are known.
    pub text: bool,
    /// The only values that the chart's schema takes; empty where it takes any. Known of imported versions only.
    pub allowed: Vec<Value>,
    /// Its place in the order of the chart's own file.
    pub rank: u32,
}

impl Key<'static> {
    pub(super) fn embedded(path: &'static str, row: KeyRow<'static>, tag: impl Fn() -> Option<&'static str>) -> Self {
        let KeyRow { kind, declared, node: _, open, text, tag: is_tag, rank, default } = row;
        let default = if is_tag { tag().map(Value::from) } else { default.map(Value::from) };
        Self { path, kind, default, declared, open, text, allowed: Vec::new(), rank: rank.into() }
    }
}

impl From<Json<'_>> for Value {
    fn from(json: Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(b),
            Json::Int(i) => Self::Int(i),
            Json::Float(f) => Self::Float(f),
            Json::String(s) => Self::from(s),
            Json::List(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Json::Map(map) => Self::Map(map.into_iter().map(|(k, v)| (k.to_owned(), Self::from(v))).collect::<Map>()),
        }
    }
}

/// From which embedded version on there is a key at this path, and from which on (if any) there is none any more.
///
/// Ascending, with a gap between any two. Empty for a path that no version has.
pub fn life(path: &str) -> Vec<(Version, Option<Version>)> {
    catalogue::life(catalogue::table(Section::Keys).named(path))
}

/// A path over all embedded versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The positions of the versions that have the key, in the order of [`super::version_numbers`]; ascending, with a
    /// gap between any two. Empty for a path that no version has.
    pub held: Vec<Range<usize>>,
    /// Whether some version takes children of any name below it.
    pub open: bool,
    /// Whether some version has a key below it.
    pub parent: bool,
}

/// What becomes of a path over all embedded versions: cheaper than a [`super::Chart`] for each of them.
pub fn trace(path: &str) -> Trace {
    let table = catalogue::table(Section::Keys);
    let (mut held, mut open) = (Vec::<Range<usize>>::new(), false);
    for entry in table.named(path) {
        let until = if entry.until == OPEN_END { catalogue::version_count() } else { entry.until };
        let (since, until) = (usize::from(entry.since), usize::from(until));
        open |= table.row::<KeyRow>(entry).open;
        match held.last_mut() {
            Some(last) if last.end >= since => last.end = last.end.max(until),
            _ => held.push(since..until),
        }
    }
    let below = |mark| table.of(catalogue::names().with_prefix(&format!("{path}{mark}"))).next().is_some();
    Trace { held, open, parent: below('.') || below('[') }
}

/// The path without its last segment: a key, or an index such as `[0]`.
pub(super) fn parent(path: &str) -> Option<&str> {
    let bytes = path.as_bytes();
    let escaped = |at: usize| bytes[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1;
    let end = (1..bytes.len()).rev().find(|&at| matches!(bytes[at], b'.' | b'[') && !escaped(at))?;
    Some(&path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_point_parts_nothing() {
        assert_eq!(parent(r"metrics.podAnnotations.prometheus\.io/port"), Some("metrics.podAnnotations"));
        assert_eq!(parent(r"a\\.b"), Some(r"a\\"));
        assert_eq!(parent("extraDeploy[0].kind"), Some("extraDeploy[0]"));
        assert_eq!(parent("extraDeploy[0]"), Some("extraDeploy"));
        assert_eq!(parent("metrics"), None);
        assert_eq!(parent(""), None);
    }
}
