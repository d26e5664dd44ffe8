//! Which written settings do nothing: known keys that the chart does not read in this topology, or behind a switch
//! that is off.

use super::{Entry, Subject};
use crate::{
    effective::{Reason, Work},
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
    if *value == Value::Null || subject.is_default(&entry.path) {
        return None;
    }
    match subject.work(&entry.path, &entry.text) {
        Work::Works => Some(subject.needed_of_cluster(&entry.text).map(Reason::Switch)),
        Work::Dead(reason) => Some(Some(reason)),
        Work::Checked => subject.checks_nothing(&entry.text).then_some(Some(Reason::Check)),
        Work::Notes | Work::Stranger => None,
    }
}
