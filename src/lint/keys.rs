//! The keys in the values, and what the chart version does with each: what the rules of the structure group share.

pub(super) mod unknown_key;
pub(super) mod unused;

use std::{cell::LazyCell, collections::HashSet};

use super::{Diagnostic, Entry, Finding, Severity, Subject};
use crate::{
    chart::{self, Change, Setting, Spelling, Suggestion, Topology, Type, condition},
    source,
    yaml::{Kind, Path, Segment, Value},
};
pub(super) use unknown_key::{UnknownBecause, UnknownKey};

impl UnknownKey {
    pub fn entry<'a>(&self, subject: &'a Subject) -> &'a Entry {
        &subject.entries[self.at]
    }

    /// A finding at the key. An empty value loses nothing, and the finding is only info.
    pub fn finding(&self, subject: &Subject, message: String) -> Finding {
        let entry = self.entry(subject);
        let finding = Finding::at(entry.key, message);
        if self.is_empty(subject, entry) { finding.severity(Severity::Info) } else { finding }
    }

    /// Whether the key sets nothing: its value is empty.
    pub fn is_empty(&self, subject: &Subject, entry: &Entry) -> bool {
        let is_empty = match subject.value_of(entry) {
            Some(Value::Map(map)) => map.is_empty(),
            Some(Value::List(items)) => items.is_empty(),
            Some(Value::String(text)) => text.is_empty(),
            value => value.is_none_or(|value| *value == Value::Null),
        };
        // An empty value that overrides a default with content is a setting.
        let has_default = |to: &String| condition::is_truthy(subject.default(to));
        is_empty && !matches!(&self.because, UnknownBecause::Renamed { to, .. } if to.iter().any(has_default))
    }

    /// Whether some other chart version has a key with this path.
    pub fn is_in_another_version(&self, subject: &Subject) -> bool {
        !chart::key_life(&self.entry(subject).text).is_empty()
    }
}

/// The keys that this version does not have, each the topmost of its kind, in the order of the text.
pub(super) fn unknown_keys<'a>(subject: &'a Subject) -> &'a [UnknownKey] {
    subject.unknown_keys.get_or_init(|| find_unknown_keys(subject))
}

fn find_unknown_keys(subject: &Subject) -> Vec<UnknownKey> {
    // Most files have no unknown key and do not need the history.
    let history = LazyCell::new(|| chart::changes_until(subject.chart.version()));
    let spelling = LazyCell::new(|| Spelling::of(&subject.chart));
    let mut found = Vec::new();
    let mut below: Option<&Path> = None;
    for (at, entry) in subject.entries.iter().enumerate() {
        if below.is_some_and(|above| entry.path.starts_with(above)) {
            continue;
        }
        let is_for_others = subject.is_for_others(&entry.path) && !is_meant_global(subject, entry, &spelling);
        if is_for_others || !is_key(entry) {
            below = Some(&entry.path);
            continue;
        }
        if let Some((change, to)) = left_behind(subject, entry, || *history) {
            below = Some(&entry.path);
            found.push(UnknownKey { at, because: UnknownBecause::Renamed { change: change.clone(), to } });
            continue;
        }
        if let Some(key) = subject.chart.key(&entry.text) {
            // The chart does not define the keys below an open map or a value.
            if key.open || key.kind != Type::Map || is_leaf(subject, entry) {
                below = Some(&entry.path);
            }
            continue;
        }
        if subject.chart.takes(&entry.text) {
            below = Some(&entry.path);
            continue;
        }
        let because = why_unknown(subject, entry, &history);
        // A value has nothing below it.
        let is_reported_below =
            has_history_below(entry, &history) && !is_leaf(subject, entry) || subject.is_for_others_below(&entry.path);
        if matches!(because, UnknownBecause::Never | UnknownBecause::Removed { .. }) && is_reported_below {
            continue;
        }
        below = Some(&entry.path);
        found.push(UnknownKey { at, because });
    }
    found
}

/// The change that renamed a key, if the chart version still mentions the old name but no object depends on the key. The
/// notes after an install can show such a key.
fn left_behind<'h>(
    subject: &Subject,
    entry: &Entry,
    history: impl FnOnce() -> &'h [Change],
) -> Option<(&'h Change, Vec<String>)> {
    is_undeclared_and_unused(subject, entry).then(|| subject.chart.last_move(&entry.text, history()))?
}

/// Whether the chart mentions a key that its values do not have, and no object depends on the key in any topology.
fn is_undeclared_and_unused(subject: &Subject, entry: &Entry) -> bool {
    let is_unused = |topology| {
        matches!(subject.chart.read(&entry.text, topology).verdict, chart::Verdict::Notes | chart::Verdict::Dead)
    };
    subject.chart.key(&entry.text).is_some_and(|key| !key.declared) && Topology::ALL.into_iter().all(is_unused)
}

/// Whether a key below `global` is meant for this chart: it is in the block of this chart, some version has it, or it is
/// a near miss of such a key. All charts of a release share the other keys.
fn is_meant_global(subject: &Subject, entry: &Entry, spelling: &Spelling) -> bool {
    let is_read = subject.read_by_parent.iter().any(|read| entry.path.starts_with(read));
    if is_read || !is_key(entry) {
        return false;
    }
    let is_own = entry.path.len() > 2 && entry.path.starts_with(&Path::of(["global", "redis"]));
    let is_near = || {
        let value = subject.value_of(entry)?;
        spelling.meant(&entry.path, value, subject.topology)
    };
    is_own || !chart::key_life(&entry.text).is_empty() || matches!(is_near(), Some(Suggestion::Near { .. }))
}

/// The highest severity of a finding about a key of an older version in a subchart: info for a name that charts in
/// general use at the top of their values, such as `password`.
pub(super) fn severity_of_old_key(subject: &Subject, found: &Diagnostic) -> Severity {
    let mut entries = subject.entries.iter().filter(|entry| entry.path.len() == 1);
    let entry = entries.find(|entry| entry.key.start == found.place().start);
    let is_general =
        |entry: &Entry| source::is_generic(&entry.text) && !matches!(subject.value_of(entry), Some(Value::Map(_)));
    if entry.is_some_and(is_general) { Severity::Info } else { Severity::Warning }
}

fn is_key(entry: &Entry) -> bool {
    matches!(entry.path.last(), Some(Segment::Key(_)))
}

fn is_leaf(subject: &Subject, entry: &Entry) -> bool {
    let document = subject.document;
    !matches!(document.node(document.target(entry.node.value)).kind, Kind::Map { .. })
}

/// Whether keys below this key were moved: then each child has its own history.
fn has_history_below(entry: &Entry, history: &[Change]) -> bool {
    let above = format!("{}.", entry.text);
    history.iter().any(|change| change.old.starts_with(&above))
}

fn why_unknown(subject: &Subject, entry: &Entry, history: &[Change]) -> UnknownBecause {
    if let Some(to) = label_key(subject, entry) {
        return UnknownBecause::LabelKey { to };
    }
    if let Some((change, to)) = subject.chart.last_move(&entry.text, history) {
        return UnknownBecause::Renamed { change: change.clone(), to };
    }
    let version = &chart::number(subject.chart.version());
    let life = chart::key_life(&entry.text);
    if let Some((_, Some(at))) = life.iter().rev().find(|(_, until)| until.as_ref().is_some_and(|at| at <= version)) {
        return UnknownBecause::Removed { at: at.clone() };
    }
    match life.into_iter().find(|(since, _)| since > version) {
        Some((since, _)) => UnknownBecause::NotYet { since },
        None => UnknownBecause::Never,
    }
}

/// The names of keys for labels of objects of the Prometheus operator, in some version.
const LABEL_NAMES: [&str; 3] = ["additionalLabels", "labels", "selector"];

/// The key from which this version reads the labels at this key.
fn label_key(subject: &Subject, entry: &Entry) -> Option<String> {
    let above = chart::above(&entry.text)?;
    let name = entry.text.strip_prefix(above)?.strip_prefix('.')?;
    let settings = [Setting::ServiceMonitorLabels, Setting::PodMonitorLabels, Setting::AlertsLabels];
    let places = settings.into_iter().flat_map(|setting| subject.places(setting));
    let mut named = places.filter(|_| LABEL_NAMES.contains(&name));
    named.find(|place| chart::above(place) == Some(above)).map(str::to_owned)
}

/// The entries that set a value, or a map that the chart passes on as a whole, at a key of the chart version. Of a key
/// that is set twice, the entry that Helm uses.
pub(super) fn settings<'a>(subject: &'a Subject) -> impl Iterator<Item = &'a Entry> {
    subject.settings.get_or_init(|| find_settings(subject)).iter().map(|at| &subject.entries[*at])
}

fn find_settings(subject: &Subject) -> Vec<usize> {
    let unknown: HashSet<&Path> = unknown_keys(subject).iter().map(|unknown| &unknown.entry(subject).path).collect();
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
        if is_block(subject, entry) {
            continue;
        }
        below = Some(&entry.path);
        if unknown.contains(&entry.path) {
            continue;
        }
        if subject.chart.takes(&entry.text) && subject.entry(&entry.text).is_some_and(|last| last.node == entry.node) {
            found.push(at);
        }
    }
    found
}

/// Whether a fix can write a value at a path: all values above are maps, and the key there accepts a map, or a scalar.
pub(super) fn can_go(subject: &Subject, value: &Value, to: &Path) -> bool {
    let is_map = |value: &Value| matches!(value, Value::Map(_));
    let kind = subject.chart.key(&to.to_string()).map(|key| key.kind);
    let fits = match kind {
        // A text can be a template of the map.
        Some(Type::Map) => is_map(value) || matches!(value, Value::String(_)),
        Some(Type::Null) | None => true,
        Some(_) => !is_map(value),
    };
    fits && is_open(subject, to)
}

/// Whether all values above a path are maps: a key below another value would replace that value.
pub(super) fn is_open(subject: &Subject, to: &Path) -> bool {
    let mut above = (1..to.len()).filter_map(|steps| subject.written.get_at(&to.first(steps)));
    above.all(|value| matches!(value, Value::Map(_)))
}

/// Whether an entry only contains other entries: a map with children that the chart knows, or that nothing knows.
fn is_block(subject: &Subject, entry: &Entry) -> bool {
    if !matches!(subject.value_of(entry), Some(Value::Map(map)) if !map.is_empty()) {
        return false;
    }
    match subject.chart.key(&entry.text) {
        // An open map can have children that the chart declares: each of them is a setting.
        Some(key) => key.kind == Type::Map && (!key.open || key.declared && key.default.is_none()),
        None => !subject.chart.takes(&entry.text),
    }
}
