//! What the chart version makes of each key that is written: the ground that the rules of the structure group share.

use std::cell::LazyCell;

use semver::Version;

use super::{Entry, Subject};
use crate::{
    chart::{self, Change, ChangeKind, Type},
    yaml::{Kind, Path, Segment, Value},
};

/// A written key that the chart version does not have.
pub(super) struct Stranger {
    /// The position of its entry.
    at: usize,
    pub why: Why,
}

impl Stranger {
    pub fn entry<'a>(&self, subject: &'a Subject) -> &'a Entry {
        &subject.entries[self.at]
    }
}

pub(super) enum Why {
    /// An earlier version had it, and others have taken its place: those that this version has.
    Renamed { change: Change, to: Vec<String> },
    /// An earlier version had it: the first that does not.
    Removed { at: Version },
    /// A later version has it: the first.
    NotYet { since: Version },
    /// No version has it.
    Never,
}

/// What [`Subject::strangers`] gives.
pub(super) fn strangers(subject: &Subject) -> Vec<Stranger> {
    // Most files need none of it.
    let history = LazyCell::new(|| chart::changes(&chart::oldest(), subject.chart.version()));
    let mut found = Vec::new();
    let mut below: Option<&Path> = None;
    for (at, entry) in subject.entries.iter().enumerate() {
        if below.is_some_and(|above| entry.path.starts_with(above)) {
            continue;
        }
        if subject.is_for_others(&entry.path) || !is_key(entry) {
            below = Some(&entry.path);
            continue;
        }
        if let Some(key) = subject.chart.key(&entry.text) {
            // What hangs below an open map or a value is not the chart's to name.
            if key.open || key.kind != Type::Map || is_leaf(subject, entry) {
                below = Some(&entry.path);
            }
            continue;
        }
        if subject.chart.takes(&entry.text) {
            below = Some(&entry.path);
            continue;
        }
        let why = why(subject, entry, &history);
        let told_below = has_history_below(entry, &history) || subject.is_for_others_below(&entry.path);
        if matches!(why, Why::Never | Why::Removed { .. }) && told_below {
            continue;
        }
        below = Some(&entry.path);
        found.push(Stranger { at, why });
    }
    found
}

fn is_key(entry: &Entry) -> bool {
    matches!(entry.path.last(), Some(Segment::Key(_)))
}

fn is_leaf(subject: &Subject, entry: &Entry) -> bool {
    let document = subject.document;
    !matches!(document.node(document.target(entry.node.value)).kind, Kind::Map { .. })
}

/// Whether something below this key was carried elsewhere, so that each of its children has a story of its own.
fn has_history_below(entry: &Entry, history: &[Change]) -> bool {
    let above = format!("{}.", entry.text);
    history.iter().any(|change| change.old.starts_with(&above))
}

fn why(subject: &Subject, entry: &Entry, history: &[Change]) -> Why {
    if let Some((change, to)) = carried(subject, &entry.text, history) {
        return Why::Renamed { change, to };
    }
    let version = subject.chart.version();
    let life = chart::key_life(&entry.text);
    if let Some((_, Some(at))) = life.iter().rev().find(|(_, until)| until.as_ref().is_some_and(|at| at <= version)) {
        return Why::Removed { at: at.clone() };
    }
    match life.into_iter().find(|(since, _)| since > version) {
        Some((since, _)) => Why::NotYet { since },
        None => Why::Never,
    }
}

/// The last change that took this key away, and where it leads in this version.
fn carried(subject: &Subject, path: &str, history: &[Change]) -> Option<(Change, Vec<String>)> {
    let moves = |change: &&Change| {
        !matches!(change.kind, ChangeKind::Removed | ChangeKind::Type | ChangeKind::Semantic | ChangeKind::Alias)
    };
    let (change, rest) =
        history.iter().rev().filter(moves).find_map(|change| Some((change, below(path, change.old)?)))?;
    let mut to: Vec<String> = Vec::new();
    for new in &change.new {
        let new = format!("{new}{rest}");
        if subject.chart.takes(&new) {
            to.push(new);
        } else if let Some((_, further)) = carried(subject, &new, history) {
            to.extend(further);
        }
    }
    (!to.is_empty()).then(|| (change.clone(), to))
}

/// What follows `above` in `path`, where it is that key or lies below it.
fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The positions of the entries that [`Subject::settings`] gives.
pub(super) fn settings(subject: &Subject) -> Vec<usize> {
    let mut found = Vec::new();
    let mut below: Option<&Path> = None;
    for (at, entry) in subject.entries.iter().enumerate() {
        if below.is_some_and(|above| entry.path.starts_with(above)) {
            continue;
        }
        if subject.is_for_others(&entry.path) || !is_key(entry) {
            below = Some(&entry.path);
            continue;
        }
        let key = subject.chart.key(&entry.text);
        let open = key.as_ref().is_some_and(|key| key.open);
        let block = !open && matches!(subject.value_of(entry), Some(Value::Map(map)) if !map.is_empty());
        if block && key.is_none_or(|key| key.kind == Type::Map) {
            continue;
        }
        below = Some(&entry.path);
        if subject.chart.takes(&entry.text) && subject.entry(&entry.text).is_some_and(|last| last.node == entry.node) {
            found.push(at);
        }
    }
    found
}

/// Whether an entry says what the chart takes where nothing is said.
pub(super) fn is_default(subject: &Subject, entry: &Entry) -> bool {
    subject.value_of(entry).is_some_and(|value| repeats(subject, &entry.path, value))
}

fn repeats(subject: &Subject, path: &Path, value: &Value) -> bool {
    let Some(key) = subject.chart.key(&path.to_string()) else { return false };
    match (value, key.default) {
        // Of a text with comments only the directives are known.
        (Value::String(written), Some(Value::String(default))) if key.text => {
            directives(written).eq(directives(&default))
        }
        (written, Some(default)) => *written == default,
        (Value::Map(written), None) => written.iter().all(|(name, value)| repeats(subject, &path.key(name), value)),
        _ => false,
    }
}

/// The lines of a configuration that are no comments.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}
