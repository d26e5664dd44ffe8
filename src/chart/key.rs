//! One key of one chart version.

use std::{ops::Range, sync::LazyLock};

use semver::Version;

use super::{
    catalogue::{self, RowsOfVersion},
    images, pack,
    pack::{Entry, Json, KeyRow, OPEN_END, Section, Type},
};
use crate::{
    lazy::LazyFacts,
    yaml::{Map, Value},
};

/// Key with its facts from the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key<'a> {
    /// Path in the text form of [`crate::yaml::Path`].
    pub path: &'a str,
    /// Type of the default. For an undeclared key, the type that the templates expect.
    pub kind: Type,
    /// Default value. `None` for an undeclared key, and for a map with declared children, whose defaults are those of
    /// the children.
    pub default: Option<&'a Value>,
    /// Whether `values.yaml` has the key. An undeclared key works all the same.
    pub declared: bool,
    /// Whether the key is a map with arbitrary children.
    pub open: bool,
    /// Whether the default is a configuration text with comments. Only its directives are stored.
    pub text: bool,
    /// Values that the chart's schema allows; empty if any value is allowed. Known for imported versions only.
    pub allowed: &'a [Value],
    /// Position in the order of the chart's own values file.
    pub rank: u32,
    /// Digest of the whole default, if only its directives are stored.
    pub(super) digest: Option<u64>,
}

impl Key<'_> {
    /// Whether `text` equals the chart's own default byte by byte. Comments of a configuration count, because they
    /// appear in the manifests.
    pub fn is_default_text(&self, text: &str) -> bool {
        match (self.digest, self.default) {
            (Some(digest), _) => pack::digest(text) == digest,
            (None, Some(Value::String(default))) => default == text,
            (None, _) => false,
        }
    }
}

impl Key<'static> {
    /// The key of a row, for a chart whose images have this tag at `key`.
    fn embedded(row: &'static KeyFacts, tag: impl Fn() -> Option<&'static Value>) -> Self {
        let KeyFacts { path, kind, declared, open, digest, is_tag, rank, ref default } = *row;
        let default = if is_tag { tag() } else { default.as_ref() };
        Self { path, kind, default, declared, open, text: digest.is_some(), allowed: &[], rank, digest }
    }

    /// The key at a position among the names of the catalogue, in the embedded version at a position.
    pub(super) fn at(name: u16, version: u16) -> Option<Self> {
        let rows = ROWS.get(version.into(), || KEYS.rows_of(version));
        let row = KEYS.row_of(name, rows)?;
        Some(Self::embedded(row, || images::tag(parent(row.path)?, version)))
    }

    /// The keys of a range of names in the embedded version at a position.
    pub(super) fn all(names: Range<u16>, version: u16) -> impl Iterator<Item = Self> {
        let rows = KEYS.holding(names, version);
        rows.map(move |row| Self::embedded(row, || images::tag(parent(row.path)?, version)))
    }

    /// The same key for a chart whose `values.yaml` does not have it.
    pub(super) fn undeclared(self) -> Self {
        Self { default: None, declared: false, text: false, digest: None, ..self }
    }
}

/// The row of a key.
struct KeyFacts {
    path: &'static str,
    kind: Type,
    declared: bool,
    open: bool,
    digest: Option<u64>,
    /// Whether the default is the tag of the image of the version.
    is_tag: bool,
    rank: u32,
    default: Option<Value>,
}

static KEYS: LazyLock<catalogue::Decoded<KeyFacts>> = LazyLock::new(|| {
    catalogue::Decoded::new(Section::Keys, |entry, table| {
        let KeyRow { kind, declared, node: _, open, text, tag, rank, default } = table.row(entry);
        let (path, default) = (catalogue::names().name(entry.name), default.map(Value::from));
        KeyFacts { path, kind, declared, open, digest: text, is_tag: tag, rank: rank.into(), default }
    })
});

/// The rows of the keys of each version, made when the version is first asked for.
static ROWS: LazyLock<LazyFacts<RowsOfVersion>> = LazyLock::new(|| LazyFacts::new(catalogue::version_count().into()));

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

/// Intervals of embedded versions that have a key at `path`. Each interval has its first version, and the first
/// version after it, if any.
///
/// The intervals are ascending and not adjacent. Empty for a path that no version has.
pub fn life(path: &str) -> Vec<(Version, Option<Version>)> {
    catalogue::life(catalogue::table(Section::Keys).named(path))
}

/// All states of the key at `path`, ascending: first version, first version after the state (if any), and the key.
///
/// Adjacent states differ. The default of an image tag has one state for each image version.
pub fn history(path: &str) -> Vec<(Version, Option<Version>, Key<'static>)> {
    let mut states: Vec<(Entry, Key<'static>)> = Vec::new();
    for (entry, row) in KEYS.of(catalogue::names().named(path)) {
        let Some(image) = row.is_tag.then(|| parent(row.path)).flatten() else {
            states.push((entry, Key::embedded(row, || None)));
            continue;
        };
        for (of, tag) in images::tags(image).filter(|(of, _)| of.since < entry.until && entry.since < of.until) {
            let part = Entry { since: of.since.max(entry.since), until: of.until.min(entry.until), ..entry };
            states.push((part, Key::embedded(row, || Some(tag))));
        }
    }
    states.dedup_by(|(later, key), (earlier, before)| {
        let same = earlier.until == later.since && before == key;
        if same {
            earlier.until = later.until;
        }
        same
    });
    let version = |at: u16| (at != OPEN_END).then(|| catalogue::version(at));
    states.into_iter().map(|(entry, key)| (catalogue::version(entry.since), version(entry.until), key)).collect()
}

/// Paths of all keys of all versions, sorted.
pub fn paths() -> Vec<&'static str> {
    let names = catalogue::names();
    let mut paths: Vec<&str> = catalogue::table(Section::Keys).entries().map(|entry| names.name(entry.name)).collect();
    paths.dedup();
    paths
}

/// Summary of a path over all embedded versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Ranges of positions in [`super::version_numbers`] of the versions that have the key; ascending and not
    /// adjacent. Empty for a path that no version has.
    pub held: Vec<Range<usize>>,
    /// Whether some version accepts arbitrary children below the path.
    pub open: bool,
}

/// The summaries by the positions of the names, each made when it is first asked for.
static TRACES: LazyLock<LazyFacts<Trace>> = LazyLock::new(|| LazyFacts::new(catalogue::names().len()));

/// Summarizes a path over all embedded versions. This is cheaper than a [`super::Chart`] for each version.
pub fn trace(path: &str) -> &'static Trace {
    const UNKNOWN: &Trace = &Trace { held: Vec::new(), open: false };
    catalogue::names().position(path).map_or(UNKNOWN, |name| TRACES.get(name.into(), || trace_of(name)))
}

fn trace_of(name: u16) -> Trace {
    let (mut held, mut open) = (Vec::<Range<usize>>::new(), false);
    for (entry, row) in KEYS.of(name..name + 1) {
        let until = if entry.until == OPEN_END { catalogue::version_count() } else { entry.until };
        let (since, until) = (usize::from(entry.since), usize::from(until));
        open |= row.open;
        match held.last_mut() {
            Some(last) if last.end >= since => last.end = last.end.max(until),
            _ => held.push(since..until),
        }
    }
    Trace { held, open }
}

/// Whether some version has a key below `path`.
pub fn is_parent(path: &str) -> bool {
    let table = catalogue::table(Section::Keys);
    let below = |mark| table.of(catalogue::names().below(path, mark)).next().is_some();
    below(b'.') || below(b'[')
}

/// The path without its last segment, which is a key or an index such as `[0]`.
pub fn parent(path: &str) -> Option<&str> {
    let bytes = path.as_bytes();
    let escaped = |at: usize| bytes[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1;
    let end = (1..bytes.len()).rev().find(|&at| matches!(bytes[at], b'.' | b'[') && !escaped(at))?;
    Some(&path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Chart, version_numbers};

    #[test]
    fn the_history_of_a_key_is_what_each_version_says() {
        let versions: Vec<_> = version_numbers().collect();
        for path in paths() {
            let states = history(path);
            for version in versions.iter().step_by(23).chain(versions.last()) {
                let now = states
                    .iter()
                    .find(|(since, until, _)| since <= version && until.as_ref().is_none_or(|until| version < until));
                let chart = Chart::at(version).unwrap();
                assert_eq!(now.map(|(_, _, key)| key), chart.key(path).as_ref(), "{path} in {version}");
            }
            assert!(
                states.windows(2).all(|pair| pair[0].1.as_ref() != Some(&pair[1].0) || pair[0].2 != pair[1].2),
                "{path} says the same twice"
            );
        }
    }

    #[test]
    fn a_text_is_the_default_to_the_byte() {
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        let key = chart.key("commonConfiguration").unwrap();
        // That it is the digest of the chart's own text, `tests/helm/catalogue_charts.rs` holds against the charts.
        assert!(key.text && !key.is_default_text("appendonly yes\nsave \"\""), "only the lines that are known");
        let digests = [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)];
        for (text, digest) in digests {
            assert_eq!(pack::digest(text), digest);
            assert!(Key { digest: Some(digest), ..key }.is_default_text(text));
        }
        let name = chart.key("sentinel.masterSet").unwrap();
        assert!(name.is_default_text("mymaster") && !name.is_default_text("other"));
        assert!(!chart.key("master.count").unwrap().is_default_text("1"), "a number is no text");
    }

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
