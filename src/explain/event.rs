//! The events of a key in the history of the chart.

use semver::Version;

use super::step::{Moved, Transition, moved, steps};
use crate::{
    chart::{self, Key, Type},
    yaml::Value,
};

/// A change of a key in one chart version.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub version: Version,
    pub what: EventKind,
}

/// The kind of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// The chart adds the key.
    Added {
        kind: Type,
        default: Option<Value>,
        declared: bool,
    },
    Type(Type),
    Default(Option<Value>),
    /// Whether `values.yaml` declares the key.
    Declared(bool),
    /// Whether the key takes children of any name.
    Open(bool),
    /// The chart removes the key.
    Removed,
    /// The key, a predecessor or a successor is renamed or changes its meaning.
    Step(Transition),
    /// Keys below the path move from or to another map.
    Moved(Moved),
}

impl EventKind {
    /// The order of the events of one version: a removal precedes a replacement, and a new key precedes its origin.
    fn rank(&self) -> u8 {
        match self {
            Self::Removed => 0,
            Self::Added { .. } => 1,
            Self::Type(_) => 2,
            Self::Default(_) => 3,
            Self::Declared(_) => 4,
            Self::Open(_) => 5,
            Self::Step(_) => 6,
            Self::Moved(_) => 7,
        }
    }
}

/// The events of a path in all embedded versions, oldest first.
pub fn events(path: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut before: Option<(Option<Version>, Key)> = None;
    for (since, until, key) in chart::key_history(path) {
        match before.take() {
            Some((Some(end), earlier)) if end == since => differences(&since, &earlier, &key, &mut events),
            gap => {
                events.extend(gap.and_then(|(end, _)| end).map(|version| Event { version, what: EventKind::Removed }));
                let what = EventKind::Added { kind: key.kind, default: key.default.cloned(), declared: key.declared };
                events.push(Event { version: since, what });
            }
        }
        before = Some((until, key));
    }
    events.extend(before.and_then(|(end, _)| end).map(|version| Event { version, what: EventKind::Removed }));
    events.extend(
        steps(path).into_iter().map(|step| Event { version: step.version.clone(), what: EventKind::Step(step) }),
    );
    events.extend(moved(path).into_iter().map(|at| Event { version: at.version.clone(), what: EventKind::Moved(at) }));
    events.sort_by(|a, b| (&a.version, a.what.rank()).cmp(&(&b.version, b.what.rank())));
    events
}

fn differences(version: &Version, before: &Key, now: &Key, events: &mut Vec<Event>) {
    let mut push = |what| events.push(Event { version: version.clone(), what });
    if before.kind != now.kind {
        push(EventKind::Type(now.kind));
    }
    if before.default != now.default {
        push(EventKind::Default(now.default.cloned()));
    }
    if before.declared != now.declared {
        push(EventKind::Declared(now.declared));
    }
    if before.open != now.open {
        push(EventKind::Open(now.open));
    }
}
