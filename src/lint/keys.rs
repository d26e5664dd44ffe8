//! What the chart version makes of each key that is written: the ground that the rules of the structure group share.

use std::cell::LazyCell;

use semver::Version;

use super::{Entry, Finding, Severity, Subject};
use crate::{
    chart::{self, Change, Type, condition},
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

    /// A finding at its key; where nothing is said there nothing is lost, and it is only an information.
    pub fn finding(&self, subject: &Subject, message: String) -> Finding {
        let entry = self.entry(subject);
        let finding = Finding::at(entry.key, message);
        if self.says_nothing(subject, entry) { finding.severity(Severity::Info) } else { finding }
    }

    /// Whether nothing is set at it: the value is empty.
    pub fn says_nothing(&self, subject: &Subject, entry: &Entry) -> bool {
        let empty = match subject.value_of(entry) {
            Some(Value::Map(map)) => map.is_empty(),
            Some(Value::List(items)) => items.is_empty(),
            Some(Value::String(text)) => text.is_empty(),
            value => value.is_none_or(|value| *value == Value::Null),
        };
        // In the place of a default that says something, nothing is a word too.
        let takes_away = |to: &String| condition::says_something(subject.default(to).as_ref());
        empty && !matches!(&self.why, Why::Renamed { to, .. } if to.iter().any(takes_away))
    }

    /// Whether some version has a key of this path.
    pub fn was_or_will_be_a_key(&self, subject: &Subject) -> bool {
        !chart::key_life(&self.entry(subject).text).is_empty()
    }
}

pub(super) enum Why {
    /// An earlier version had it, and others have taken its place: those that this version has.
    Renamed { change: Change, to: Vec<String> },
    /// An earlier version had it: the first that does not.
    Removed { at: Version },
    /// A later version has it: the first.
    NotYet { since: Version },
    /// Labels of a monitor or of alerts, which this version takes at another key beside it.
    LabelKey { to: String },
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
    if let Some(to) = label_key(subject, entry) {
        return Why::LabelKey { to };
    }
    if let Some((change, to)) = subject.chart.carried(&entry.text, history) {
        return Why::Renamed { change: change.clone(), to };
    }
    let version = &chart::number(subject.chart.version());
    let life = chart::key_life(&entry.text);
    if let Some((_, Some(at))) = life.iter().rev().find(|(_, until)| until.as_ref().is_some_and(|at| at <= version)) {
        return Why::Removed { at: at.clone() };
    }
    match life.into_iter().find(|(since, _)| since > version) {
        Some((since, _)) => Why::NotYet { since },
        None => Why::Never,
    }
}

/// The names under which labels of an object of the Prometheus operator were or could be said.
const LABEL_NAMES: [&str; 3] = ["additionalLabels", "labels", "selector"];

/// Where the labels go that are meant by this key.
fn label_key(subject: &Subject, entry: &Entry) -> Option<String> {
    let above = chart::above(&entry.text)?;
    let name = entry.text.strip_prefix(above)?.strip_prefix('.')?;
    let words = ["service-monitor.labels", "pod-monitor.labels", "alerts.labels"];
    let places = words.iter().flat_map(|word| subject.places(word));
    places.filter(|_| LABEL_NAMES.contains(&name)).find(|place| chart::above(place) == Some(above))
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
        if is_block(subject, entry) {
            continue;
        }
        below = Some(&entry.path);
        if subject.chart.takes(&entry.text) && subject.entry(&entry.text).is_some_and(|last| last.node == entry.node) {
            found.push(at);
        }
    }
    found
}

/// Whether a value can stand at a path that nothing is set at: no value above it is one that has no keys, and the key
/// there does not take a map for a scalar or a scalar for a map.
pub(super) fn can_go(subject: &Subject, value: &Value, to: &Path) -> bool {
    let is_map = |value: &Value| matches!(value, Value::Map(_));
    let kind = subject.chart.key(&to.to_string()).map(|key| key.kind);
    let fits = match kind {
        // A text may be a template of the map.
        Some(Type::Map) => is_map(value) || matches!(value, Value::String(_)),
        Some(Type::Null) | None => true,
        Some(_) => !is_map(value),
    };
    fits && is_open(subject, to)
}

/// Whether all that is set above a path are maps: to set something below another value would take that one away.
pub(super) fn is_open(subject: &Subject, to: &Path) -> bool {
    let mut above = (1..to.len()).filter_map(|steps| subject.written.get_at(&to.first(steps)));
    above.all(|value| matches!(value, Value::Map(_)))
}

/// Whether an entry only leads to others: a map of which the chart, or nobody, knows the children.
fn is_block(subject: &Subject, entry: &Entry) -> bool {
    if !matches!(subject.value_of(entry), Some(Value::Map(map)) if !map.is_empty()) {
        return false;
    }
    match subject.chart.key(&entry.text) {
        // An open map may have children that the chart declares, each read for itself.
        Some(key) => key.kind == Type::Map && (!key.open || key.declared && key.default.is_none()),
        None => !subject.chart.takes(&entry.text),
    }
}
