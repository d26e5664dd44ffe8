//! What happened to a key, version by version.

use semver::Version;

use super::step::{Moved, Transition, moved, steps};
use crate::{
    chart::{self, Key, Type},
    yaml::Value,
};

/// Something that is so from `version` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub version: Version,
    pub what: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// There is a key.
    Came {
        kind: Type,
        default: Option<Value>,
        declared: bool,
    },
    Type(Type),
    Default(Option<Value>),
    /// Whether `values.yaml` names it.
    Declared(bool),
    /// Whether it takes children of any name.
    Open(bool),
    /// There is no such key any more.
    Gone,
    /// It, or one that it was or became, is called otherwise.
    Step(Transition),
    /// Keys below it moved.
    Moved(Moved),
}

impl EventKind {
    /// What is gone is said before what takes its place, and what is there before where it came from.
    fn rank(&self) -> u8 {
        match self {
            Self::Gone => 0,
            Self::Came { .. } => 1,
            Self::Type(_) => 2,
            Self::Default(_) => 3,
            Self::Declared(_) => 4,
            Self::Open(_) => 5,
            Self::Step(_) => 6,
            Self::Moved(_) => 7,
        }
    }
}

/// What happened to this path in all embedded versions, oldest first.
pub fn events(path: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut before: Option<(Option<Version>, Key)> = None;
    for (since, until, key) in chart::key_history(path) {
        match before.take() {
            Some((Some(end), earlier)) if end == since => differences(&since, &earlier, &key, &mut events),
            gap => {
                events.extend(gap.and_then(|(end, _)| end).map(|version| Event { version, what: EventKind::Gone }));
                let what = EventKind::Came { kind: key.kind, default: key.default.clone(), declared: key.declared };
                events.push(Event { version: since, what });
            }
        }
        before = Some((until, key));
    }
    events.extend(before.and_then(|(end, _)| end).map(|version| Event { version, what: EventKind::Gone }));
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
        push(EventKind::Default(now.default.clone()));
    }
    if before.declared != now.declared {
        push(EventKind::Declared(now.declared));
    }
    if before.open != now.open {
        push(EventKind::Open(now.open));
    }
}
