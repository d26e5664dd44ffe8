//! See `unknown_key.md`: the help text, the web page and the test of this rule.

use std::cell::LazyCell;

use crate::{
    chart::{Spelling, Suggestion},
    encryption,
    lint::{
        keys::{self, UnknownBecause, unknown_keys},
        prelude::*,
    },
    yaml::{Path, Segment, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "unknown-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "unknown key: no version of the chart has it, and Helm ignores it",
    docs: include_str!("unknown_key.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Line,
    facts: Facts::Keys,
    target: Target::Key,
    in_subchart: InSubchart::AtMost(|subject, found| match &found.fix {
        // No parent chart reads a name with dots that spell a path, and here only such a key has a fix.
        Some(_) => Severity::Warning,
        None if is_block_of_another_part(subject, found) => Severity::Warning,
        None => Severity::Info,
    }),
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    let spelling = LazyCell::new(|| Spelling::of(&subject.chart));
    for unknown in unknown_keys(subject).iter().filter(|unknown| matches!(unknown.because, UnknownBecause::Never)) {
        let entry = unknown.entry(subject);
        let message = format!("unknown key `{}` (chart {})", entry.text, subject.chart.keys_of());
        let mut finding = unknown.finding(subject, message).labelled("Helm ignores this key");
        let meant = subject.value_of(entry).and_then(|value| spelling.meant(&entry.path, value, subject.topology));
        if let Some(Suggestion::Nested { .. }) = &meant {
            finding = finding.labelled("Helm reads a name with dots as one name, not as a path");
        }
        found.push(match &meant {
            Some(Suggestion::Near { to, is_sure }) => {
                let fix = Some(()).filter(|()| *is_sure && !unknown.is_empty(subject, entry));
                let finding = finding.help(format!("did you mean `{to}`?"));
                match fix.and_then(|()| rename(subject, entry, to)) {
                    Some(fix) => finding.fix(fix),
                    None => finding,
                }
            }
            Some(Suggestion::Nested { to, is_sure }) => nested(subject, entry, to, *is_sure, finding),
            Some(Suggestion::Elsewhere(places)) => {
                let places: Vec<_> = places.iter().map(|place| format!("`{place}`")).collect();
                finding.help(format!("the chart has this key at {}", places.join(", ")))
            }
            None => finding,
        });
    }
    found
}

/// Whether a finding is about a block that the chart has below its parts, such as `persistence` of the primary. A parent
/// chart that reads such a block of its dependency is rare.
fn is_block_of_another_part(subject: &Subject, found: &Diagnostic) -> bool {
    let Some(entry) = subject.entries.iter().find(|entry| entry.key.start == found.place().start) else { return false };
    let Some(value @ Value::Map(block)) = subject.value_of(entry) else { return false };
    let meant = Spelling::of(&subject.chart).meant(&entry.path, value, subject.topology);
    block.len() > 1 && matches!(meant, Some(Suggestion::Elsewhere(_)))
}

/// A rename to a key that is not set; none if a parent chart may read the key.
fn rename(subject: &Subject, entry: &Entry, to: &Path) -> Option<Fix> {
    let Some(Segment::Key(name)) = to.last() else { return None };
    let is_free = subject.written.get_at(to).is_none() && subject.origin.parent_is_known;
    (is_free && !is_encrypted(subject, entry)).then(|| {
        Fix::new(
            Applicability::Unsafe,
            format!("rename the key to `{to}`"),
            vec![Edit::Rename { path: entry.path.clone(), to: name.clone() }],
        )
    })
}

/// The path that the dots of a name spell, and the way there where nothing else is set at it.
fn nested(subject: &Subject, entry: &Entry, to: &Path, is_sure: bool, finding: Finding) -> Finding {
    let Some(value) = subject.value_of(entry) else { return finding };
    let finding = finding.help(format!("write the key nested: `{}`", flow(to)));
    if !is_sure || is_encrypted(subject, entry) {
        return finding;
    }
    if !keys::can_go(subject, value, to) {
        return finding;
    }
    match subject.written.get_at(to) {
        None => {}
        Some(there) if there == value => {
            let delete = Edit::Delete { path: entry.path.clone(), prune: true };
            let title = format!("delete `{}`: `{to}` sets the same value", entry.text);
            return finding.fix(Fix::new(Applicability::Unsafe, title, vec![delete]));
        }
        Some(Value::Map(there)) if matches!(value, Value::Map(map) if !there.keys().any(|key| map.contains_key(key))) =>
            {}
        Some(_) => return finding.help(format!("`{to}` is also set: keep only one of the two values")),
    }
    let edits = vec![Edit::Move { from: entry.path.clone(), to: to.clone() }];
    finding.fix(Fix::new(Applicability::Unsafe, format!("move the key to `{to}`"), edits))
}

/// A path as maps in braces: `auth: {password: ...}`.
fn flow(path: &Path) -> String {
    let mut text = String::new();
    for (at, step) in path.segments().iter().enumerate() {
        if let Segment::Key(key) = step {
            text.push_str(if at > 0 { "{" } else { "" });
            text.push_str(key);
            text.push_str(": ");
        }
    }
    text + "..." + &"}".repeat(path.len().saturating_sub(1))
}

fn is_encrypted(subject: &Subject, entry: &Entry) -> bool {
    subject.value_of(entry).is_some_and(encryption::is_in)
}
