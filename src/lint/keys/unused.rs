//! Unused keys: keys of the chart that this topology ignores, or that another key turns off.

use super::settings;
use crate::{
    effective::{KeyStatus, NoEffect, repeats_at},
    lint::{Entry, Subject},
    yaml::Value,
};

/// An unused key, or a block of keys that are unused for the same reason.
pub(in crate::lint) struct UnusedKey<'a> {
    /// The topmost key of the block.
    pub entry: &'a Entry,
    pub reason: NoEffect,
    /// The settings in the block, at least one.
    pub settings: Vec<&'a Entry>,
}

/// All comments, in the order of the text.
pub(in crate::lint) fn unused_keys<'a>(subject: &'a Subject) -> Vec<UnusedKey<'a>> {
    // The reason is none for a setting in use.
    let checked: Vec<(&Entry, Option<NoEffect>)> =
        settings(subject).filter_map(|entry| Some((entry, why_unused(subject, entry)?))).collect();
    let mut found: Vec<UnusedKey> = Vec::new();
    for (entry, reason) in &checked {
        let Some(reason) = reason else { continue };
        if found.last().is_some_and(|last| entry.path.starts_with(&last.entry.path)) {
            continue;
        }
        let (top, settings) = topmost(subject, entry, reason, &checked);
        found.push(UnusedKey { entry: top, reason: reason.clone(), settings });
    }
    found
}

/// Whether a setting is unused, apart from the keys around it.
pub(in crate::lint) fn is_unused(subject: &Subject, entry: &Entry) -> bool {
    matches!(why_unused(subject, entry), Some(Some(_)))
}

/// The highest key above an unused setting with only settings below that are unused for the same reason, and these
/// settings.
fn topmost<'a>(
    subject: &'a Subject,
    entry: &'a Entry,
    reason: &NoEffect,
    checked: &[(&'a Entry, Option<NoEffect>)],
) -> (&'a Entry, Vec<&'a Entry>) {
    let mut top = (entry, vec![entry]);
    let mut path = entry.path.clone();
    while path.pop().is_some() && !path.is_root() {
        let below: Vec<_> = checked.iter().filter(|(entry, _)| entry.path.starts_with(&path)).collect();
        if below.iter().any(|(_, other)| other.as_ref() != Some(reason)) {
            break;
        }
        let Some(above) = subject.entry(&path.to_string()) else { break };
        top = (above, below.iter().map(|(entry, _)| *entry).collect());
    }
    top
}

/// The reason why a setting is unused, if there is one; none for a setting equal to its default, which is not checked.
fn why_unused(subject: &Subject, entry: &Entry) -> Option<Option<NoEffect>> {
    let value = subject.value_of(entry)?;
    if *value == Value::Null || repeats_at(&subject.chart, &entry.path, &entry.text, value) {
        return None;
    }
    match subject.status_as_set(&entry.path, &entry.text)? {
        KeyStatus::Active => Some(None),
        KeyStatus::NoEffect(reason) if reason.is_unused() || reason == NoEffect::ValidationOnly => Some(Some(reason)),
        KeyStatus::NoEffect(_) => None,
    }
}
