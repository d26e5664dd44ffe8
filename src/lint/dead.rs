//! Which written settings do nothing: known keys that the chart does not read in this topology, or behind a switch
//! that is off.

use std::cmp::Reverse;

use super::{Entry, Subject, keys};
use crate::{
    chart::{
        Read, Topology, Verdict,
        condition::{self, Term},
    },
    yaml::Value,
};

/// A setting, or a block of them, that changes nothing.
pub(super) struct Dead<'a> {
    /// The topmost key below which every setting is dead for the same reason.
    pub entry: &'a Entry,
    pub reason: Reason,
    /// These settings, one at least.
    pub settings: Vec<&'a Entry>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reason {
    /// Read in these topologies only; in none where no template looks at it.
    Topology(Vec<Topology>),
    /// Read only where this holds, and it does not.
    Switch(Term<'static>),
}

impl Reason {
    /// Whether it is read only where there is more than in this topology: replicas, or Sentinel.
    pub fn needs_more_than(&self, topology: Topology) -> bool {
        matches!(self, Self::Topology(read) if !read.is_empty() && read.iter().all(|read| *read > topology))
    }
}

/// In the order of the text.
pub(super) fn dead<'a>(subject: &'a Subject) -> Vec<Dead<'a>> {
    // None for a setting that works.
    let judged: Vec<(&Entry, Option<Reason>)> =
        subject.settings().filter_map(|entry| Some((entry, judge(subject, entry)?))).collect();
    let mut found: Vec<Dead> = Vec::new();
    for (entry, reason) in &judged {
        let Some(reason) = reason else { continue };
        if found.last().is_some_and(|last| entry.path.starts_with(&last.entry.path)) {
            continue;
        }
        let (top, settings) = topmost(subject, entry, reason, &judged);
        found.push(Dead { entry: top, reason: reason.clone(), settings });
    }
    found
}

/// Whether a setting does nothing, by itself.
pub(super) fn is_dead(subject: &Subject, entry: &Entry) -> bool {
    matches!(judge(subject, entry), Some(Some(_)))
}

/// Whether what is written at this byte does nothing, with the block around it or in part.
pub(super) fn is_dead_at(subject: &Subject, start: usize) -> bool {
    let Some(at) = subject.entries.iter().find(|entry| entry.key.start == start) else { return false };
    let mut dead = dead(subject).into_iter();
    dead.any(|dead| at.path.starts_with(&dead.entry.path) || dead.entry.path.starts_with(&at.path))
}

/// The highest written key above a dead setting below which all settings are dead for its reason, and these settings.
fn topmost<'a>(
    subject: &'a Subject,
    entry: &'a Entry,
    reason: &Reason,
    judged: &[(&'a Entry, Option<Reason>)],
) -> (&'a Entry, Vec<&'a Entry>) {
    let mut top = (entry, vec![entry]);
    let mut path = entry.path.clone();
    while path.pop().is_some() && !path.is_root() {
        let below: Vec<_> = judged.iter().filter(|(entry, _)| entry.path.starts_with(&path)).collect();
        if below.iter().any(|(_, other)| other.as_ref() != Some(reason)) {
            break;
        }
        let Some(above) = subject.entry(&path.to_string()) else { break };
        top = (above, below.iter().map(|(entry, _)| *entry).collect());
    }
    top
}

/// Whether it does nothing; none where that is not asked: the setting says what the chart would take anyway.
fn judge(subject: &Subject, entry: &Entry) -> Option<Option<Reason>> {
    let value = subject.value_of(entry)?;
    if *value == Value::Null || keys::is_default(subject, entry) {
        return None;
    }
    let Read { verdict, switches } = subject.chart.read(&entry.text, subject.topology);
    match verdict {
        Verdict::Dead => Some(Some(Reason::Topology(read_in(subject, entry)))),
        // What the text after an install says of it is no effect, where another topology would have one.
        Verdict::Notes => {
            Some(read_in(subject, entry)).filter(|read| !read.is_empty()).map(|read| Some(Reason::Topology(read)))
        }
        Verdict::Read => {
            let off = |term: &Term| subject.term_holds(term) == Some(false);
            // Of several switches that of its own block: it is what the writer has in view.
            let near = |term: &Term| Reverse(term.key().map_or(0, |key| keys::in_common(key, &entry.path)));
            let nearest = condition::terms(switches).filter(off).min_by_key(near);
            Some(nearest.or_else(|| shared(subject, entry).into_iter().find(off)).map(|term| match term.key() {
                Some(key) if is_of_sentinel(key) && subject.topology != Topology::Sentinel => {
                    Reason::Topology(read_in(subject, entry))
                }
                _ => Reason::Switch(term),
            }))
        }
        Verdict::Error | Verdict::Unmeasured | Verdict::Unknown => None,
    }
}

/// The topologies in which the chart reads a setting. One behind a switch of Sentinel is read with Sentinel only,
/// whatever is rendered of it without.
fn read_in(subject: &Subject, entry: &Entry) -> Vec<Topology> {
    let is_read = |topology: &Topology| {
        let Read { verdict, switches } = subject.chart.read(&entry.text, *topology);
        let mut keys = condition::terms(switches).filter_map(|term| term.key());
        verdict == Verdict::Read && (*topology == Topology::Sentinel || !keys.any(is_of_sentinel))
    };
    Topology::ALL.into_iter().filter(is_read).collect()
}

fn is_of_sentinel(key: &str) -> bool {
    key.starts_with("sentinel.")
}

/// Of a child that the chart does not name, in an open map of which it names others: the switches that all those
/// need, and so this one, since what takes any child takes them all the same way.
fn shared(subject: &Subject, entry: &Entry) -> Vec<Term<'static>> {
    let above = entry.path.parent().map(|path| path.to_string()).unwrap_or_default();
    if subject.chart.key(&entry.text).is_some() || !subject.chart.key(&above).is_some_and(|key| key.open) {
        return Vec::new();
    }
    let below = format!("{above}.");
    let named = subject.chart.keys().filter(|key| key.path.starts_with(&below)).filter_map(|key| {
        let Read { verdict, switches } = subject.chart.read(key.path, subject.topology);
        let terms: Vec<Term> = condition::terms(switches).collect();
        (verdict == Verdict::Read).then_some((key.path, terms))
    });
    let named: Vec<_> = named.collect();
    // The switch itself does not need itself.
    let is_switch = |path: &str| named.iter().any(|(_, terms)| terms.iter().any(|term| term.names(path)));
    let mut rest = named.iter().filter(|(path, _)| !is_switch(path)).map(|(_, terms)| terms);
    let Some(first) = rest.next() else { return Vec::new() };
    let mut shared = first.clone();
    for terms in rest {
        shared.retain(|term| terms.contains(term));
    }
    shared
}
