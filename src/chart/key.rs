//! One key of one chart version.

use std::ops::Range;

use semver::Version;

use super::{
    catalogue, pack,
    pack::{Entry, ImageRow, Json, KeyRow, OPEN_END, Section, Type},
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
    /// The digest of the whole default, where only some of its lines are known.
    pub(super) digest: Option<u64>,
}

impl Key<'_> {
    /// Whether a text is the chart's own default, byte by byte: also the comments of a configuration reach the
    /// manifests.
    pub fn is_default_text(&self, text: &str) -> bool {
        match (self.digest, &self.default) {
            (Some(digest), _) => pack::digest(text) == digest,
            (None, Some(Value::String(default))) => default == text,
            (None, _) => false,
        }
    }
}

impl Key<'static> {
    pub(super) fn embedded(path: &'static str, row: KeyRow<'static>, tag: impl Fn() -> Option<&'static str>) -> Self {
        let KeyRow { kind, declared, node: _, open, text, tag: is_tag, rank, default } = row;
        let default = if is_tag { tag().map(Value::from) } else { default.map(Value::from) };
        let (digest, text) = (text, text.is_some());
        Self { path, kind, default, declared, open, text, allowed: Vec::new(), rank: rank.into(), digest }
    }

    /// The same key in a chart whose `values.yaml` does not name the key.
    pub(super) fn undeclared(self) -> Self {
        Self { default: None, declared: false, text: false, digest: None, ..self }
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

/// All that was ever said of this path, ascending: from which version on, to before which (if any), and what.
///
/// Two neighbours differ in something; only the default of an image's tag may have many, one for each image.
pub fn history(path: &str) -> Vec<(Version, Option<Version>, Key<'static>)> {
    let table = catalogue::table(Section::Keys);
    let mut told: Vec<(Entry, Key<'static>)> = Vec::new();
    for entry in table.named(path) {
        let row: KeyRow<'static> = table.row(entry);
        let name = catalogue::names().name(entry.name);
        let Some(image) = row.tag.then(|| parent(name)).flatten() else {
            told.push((entry, Key::embedded(name, row, || None)));
            continue;
        };
        let images = catalogue::table(Section::Images);
        for of in images.named(image).filter(|of| of.since < entry.until && entry.since < of.until) {
            let tag = images.row::<ImageRow>(of).tag;
            let part = Entry { since: of.since.max(entry.since), until: of.until.min(entry.until), ..entry };
            told.push((part, Key::embedded(name, row.clone(), || Some(tag))));
        }
    }
    told.dedup_by(|(later, key), (earlier, before)| {
        let same = earlier.until == later.since && before == key;
        if same {
            earlier.until = later.until;
        }
        same
    });
    let version = |at: u16| (at != OPEN_END).then(|| catalogue::version(at));
    told.into_iter().map(|(entry, key)| (catalogue::version(entry.since), version(entry.until), key)).collect()
}

/// The paths of all keys of all versions, sorted.
pub fn paths() -> Vec<&'static str> {
    let names = catalogue::names();
    let mut paths: Vec<&str> = catalogue::table(Section::Keys).entries().map(|entry| names.name(entry.name)).collect();
    paths.dedup();
    paths
}

/// A path over all embedded versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The positions of the versions that have the key, in the order of [`super::version_numbers`]; ascending, with a
    /// gap between any two. Empty for a path that no version has.
    pub held: Vec<Range<usize>>,
    /// Whether some version takes children of any name below it.
    pub open: bool,
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
    Trace { held, open }
}

/// Whether some version has a key below this path.
pub fn is_parent(path: &str) -> bool {
    let table = catalogue::table(Section::Keys);
    let below = |mark| table.of(catalogue::names().with_prefix(&format!("{path}{mark}"))).next().is_some();
    below('.') || below('[')
}

/// The path without its last segment: a key, or an index such as `[0]`.
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
            let told = history(path);
            for version in versions.iter().step_by(23).chain(versions.last()) {
                let now = told
                    .iter()
                    .find(|(since, until, _)| since <= version && until.as_ref().is_none_or(|until| version < until));
                let chart = Chart::at(version).unwrap();
                assert_eq!(now.map(|(_, _, key)| key), chart.key(path).as_ref(), "{path} in {version}");
            }
            assert!(
                told.windows(2).all(|pair| pair[0].1.as_ref() != Some(&pair[1].0) || pair[0].2 != pair[1].2),
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
            assert!(Key { digest: Some(digest), ..key.clone() }.is_default_text(text));
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
