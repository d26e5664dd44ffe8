//! Which written settings do nothing: known keys that the chart does not read in this topology, or behind a switch
//! that is off.

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
    /// How many settings that are.
    pub settings: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reason {
    /// Read in these topologies only; in none where it is read nowhere.
    Topology(Vec<Topology>),
    /// Read only where this holds, and it does not.
    Switch(Term<'static>),
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

/// The highest written key above a dead setting below which all settings are dead for its reason, and their number.
fn topmost<'a>(
    subject: &'a Subject,
    entry: &'a Entry,
    reason: &Reason,
    judged: &[(&'a Entry, Option<Reason>)],
) -> (&'a Entry, usize) {
    let mut top = (entry, 1);
    let mut path = entry.path.clone();
    while path.pop().is_some() && !path.is_root() {
        let below: Vec<_> = judged.iter().filter(|(entry, _)| entry.path.starts_with(&path)).collect();
        if below.iter().any(|(_, other)| other.as_ref() != Some(reason)) {
            break;
        }
        let Some(above) = subject.entry(&path.to_string()) else { break };
        top = (above, below.len());
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
    Some(match verdict {
        Verdict::Dead => {
            let read = |topology: &Topology| subject.chart.read(&entry.text, *topology).verdict == Verdict::Read;
            Some(Reason::Topology(Topology::ALL.into_iter().filter(read).collect()))
        }
        Verdict::Read => {
            let off = |term: &Term| subject.term_holds(term) == Some(false);
            condition::terms(switches)
                .find(off)
                .or_else(|| shared(subject, entry).into_iter().find(off))
                .map(Reason::Switch)
        }
        Verdict::Notes | Verdict::Error | Verdict::Unmeasured | Verdict::Unknown => None,
    })
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
