//! The sections of a migration report, which the text and the Markdown format share.

use std::collections::BTreeMap;

use super::{OutcomeCounts, Report};
use crate::{
    chart::{Chart, Defect, MissingObject, condition},
    effective::NoEffect,
    escape::one_line,
    lint::Diagnostic,
    migrate::{
        ChangedDefault, ChartChange, Dropped, Incompatibility, KeepFailure, Migration, Outcome, RequiredSwitch,
        TightLimit, Unsupported, note,
    },
    redact,
    report::diff::flow,
    yaml::{Path, Value},
};

/// How important a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A render fails, or a setting is lost.
    Failure,
    /// A setting has another effect.
    Attention,
    Plain,
}

/// A group of lines with a common title.
pub(super) struct Section {
    pub weight: Weight,
    pub title: &'static str,
    pub lines: Vec<Line>,
}

/// One line of a section.
pub(super) struct Line {
    /// The line in the source file, counted from 1.
    pub at: Option<usize>,
    /// The key, and its new key if it moved.
    pub what: String,
    /// The reason, or the next step. Empty without either.
    pub why: String,
}

/// The number of moved keys from which on a group is shown in one line.
const MANY: usize = 3;

/// The reason for the outcome of a setting. Empty if there is none.
pub(super) fn why(migration: &Migration) -> String {
    match &migration.outcome {
        Outcome::Refused(why) => one_line(why).into_owned(),
        Outcome::Dropped(why) | Outcome::KeptForAnchor(why) => match &migration.suggestion {
            Some(meant) => format!("{}; did you mean `{}`?", dropped(why), display_path(meant)),
            None => dropped(why),
        },
        Outcome::Unsupported(_) => unsupported(migration),
        Outcome::Unchanged | Outcome::Activated | Outcome::Moved { .. } => String::new(),
    }
}

pub(super) fn sections(report: &Report) -> Vec<Section> {
    let line =
        |migration: &Migration| Line { at: migration.line, what: display_path(&migration.path), why: why(migration) };
    let of = |weight, title, is_selected: fn(&Outcome) -> bool| Section {
        weight,
        title,
        lines: report.migrations(is_selected).into_iter().map(line).collect(),
    };
    let (emptied, needs) = (report.migrated.removed_blocks.iter(), report.migrated.required_switches.iter());
    let all = [
        Section {
            weight: Weight::Failure,
            title: "does not render, or renders differently",
            lines: report.incompatibilities.iter().map(|why| broken(why, &report.migrated.to)).collect(),
        },
        Section {
            weight: Weight::Attention,
            title: "new or lower limits: a container above its limit is killed or slowed down",
            lines: report.limits.chunk_by(|a, b| a.container == b.container).map(limited).collect(),
        },
        Section {
            weight: Weight::Failure,
            title: "missing objects: the new release refers to them and creates none",
            lines: report.missing.iter().map(|missing| dangling(missing, &report.migrated.to)).collect(),
        },
        Section {
            weight: Weight::Failure,
            title: "broken in the new chart version",
            lines: report.defects.iter().map(|defect| broken_by(defect, &report.migrated.to)).collect(),
        },
        Section {
            weight: Weight::Failure,
            title: "new errors: lint finds them only with the new chart version",
            lines: report.errors.iter().map(new_error).collect(),
        },
        of(Weight::Failure, "not supported by the new chart", |outcome| matches!(outcome, Outcome::Unsupported(_))),
        of(Weight::Failure, "not changed: the text of the file does not allow the edit", |outcome| {
            matches!(outcome, Outcome::Refused(_))
        }),
        of(Weight::Attention, "takes effect now: unused before", |outcome| *outcome == Outcome::Activated),
        Section { weight: Weight::Plain, title: "moved, renamed or converted", lines: moved(report) },
        of(Weight::Plain, "dropped (unused, or equal to the default)", |outcome| {
            matches!(outcome, Outcome::Dropped(_))
        }),
        of(Weight::Plain, "kept although unused: other keys refer to the anchor", |outcome| {
            matches!(outcome, Outcome::KeptForAnchor(_))
        }),
        Section {
            weight: Weight::Plain,
            title: "removed with all comments: empty after the migration",
            lines: emptied.map(|path| Line { at: None, what: display_path(path), why: String::new() }).collect(),
        },
        Section {
            weight: Weight::Attention,
            title: "enabled: the chart does not render without these keys",
            lines: needs.map(needed).collect(),
        },
        Section {
            weight: Weight::Plain,
            title: "kept: defaults of the older chart, now set in the file",
            lines: report
                .pins
                .iter()
                .map(|pin| Line {
                    at: None,
                    what: display_path(&pin.path),
                    why: one_line(&flow(&pin.value)).into_owned(),
                })
                .collect(),
        },
        Section {
            weight: Weight::Attention,
            title: "not kept: defaults of the older chart",
            lines: report.not_kept.iter().map(given_up).collect(),
        },
    ];
    all.into_iter().filter(|section| !section.lines.is_empty()).collect()
}

/// The title of a report: the file, the chart versions and the topology.
pub(super) fn head(report: &Report) -> String {
    let migrated = &report.migrated;
    let at = if report.at.is_root() { String::new() } else { format!(" (at {})", display_path(&report.at)) };
    format!(
        "{}{at}: chart {} ({}) \u{2192} {}, {}",
        one_line(report.name),
        migrated.from.version(),
        report.by,
        migrated.to.version(),
        migrated.topology
    )
}

/// The summary of all settings: `24 settings: 10 unchanged, 11 moved, 1 unused, 2 need action`.
pub(super) fn sum(report: &Report) -> String {
    let OutcomeCounts { all, unchanged, moved, unused, need_action } = report.sum();
    let noun = if all == 1 { "setting" } else { "settings" };
    let unused = if unused == 0 { String::new() } else { format!(", {unused} unused") };
    let need = if need_action == 1 { "needs" } else { "need" };
    format!("{all} {noun}: {unchanged} unchanged, {moved} moved{unused}, {need_action} {need} action")
}

/// A path without the passwords that its keys may contain.
pub(super) fn display_path(path: &Path) -> String {
    one_line(&redact::hidden_path(path).to_string()).into_owned()
}

fn moved(report: &Report) -> Vec<Line> {
    // Keys that only changed their parent are grouped.
    let mut groups: BTreeMap<(String, Vec<String>), Vec<&Migration>> = BTreeMap::new();
    let mut order = Vec::new();
    for migration in report.migrations(|outcome| matches!(outcome, Outcome::Moved { .. })) {
        let Outcome::Moved { to, value, .. } = &migration.outcome else { continue };
        let group = match to.as_slice() {
            [to] if *value == migration.value => {
                let (old, new) = without_common_end(&migration.path, to);
                (old, vec![new])
            }
            to => (display_path(&migration.path), to.iter().map(display_path).collect()),
        };
        if !groups.contains_key(&group) {
            order.push(group.clone());
        }
        groups.entry(group).or_default().push(migration);
    }
    let mut lines = Vec::new();
    for group in order {
        let migrations = &groups[&group];
        if migrations.len() >= MANY {
            let (old, new) = &group;
            let what = format!("{old}.* \u{2192} {}.* ({} keys)", new.join(", "), migrations.len());
            lines.push(Line { at: migrations[0].line, what, why: String::new() });
            continue;
        }
        for migration in migrations {
            let Outcome::Moved { to, value, by } = &migration.outcome else { continue };
            let to: Vec<_> = to.iter().map(display_path).collect();
            let changed = if *value == migration.value { "" } else { ", converted" };
            let since = by.last().map(|step| format!("since {}{changed}", step.version)).unwrap_or_default();
            let (what, why) = match to.as_slice() {
                [to] if *to == display_path(&migration.path) => {
                    (to.clone(), if by.is_empty() { retyped(&migration.value, value) } else { since })
                }
                to => (format!("{} \u{2192} {}", display_path(&migration.path), to.join(", ")), since),
            };
            lines.push(Line { at: migration.line, what, why });
        }
    }
    lines
}

fn retyped(old: &Value, new: &Value) -> String {
    match old.kind() == new.kind() {
        true => "the value refers to a renamed key or template".to_owned(),
        false => format!("a {} instead of a {}, as the schema of the chart requires", new.kind(), old.kind()),
    }
}

fn broken(broken: &Incompatibility, chart: &Chart) -> Line {
    match broken {
        Incompatibility::Type { path, kind, takes } => Line {
            at: None,
            what: display_path(path),
            why: format!("the value is a {kind}, and the schema accepts {takes}"),
        },
        Incompatibility::Helper { path, name } => Line {
            at: None,
            what: display_path(path),
            why: format!("the template in the value uses `{}`, which the chart does not define", one_line(name)),
        },
        Incompatibility::Key { path, key } => Line {
            at: None,
            what: display_path(path),
            why: format!("the template in the value uses the unknown key `.Values.{}`", one_line(key)),
        },
        Incompatibility::Password { path } => Line {
            at: None,
            what: display_path(path),
            why: "the chart evaluates the password as a template, and rendering fails; put the password into a Secret"
                .to_owned(),
        },
        Incompatibility::Fail(fail) => {
            let terms = fail.terms(chart);
            let keys = fail.keys(chart);
            let words: Vec<_> = terms.iter().map(ToString::to_string).collect();
            let why = format!("{}: rendering fails if {}", fail.reason.replace('-', " "), words.join(" and "));
            Line { at: None, what: keys.join(", "), why }
        }
    }
}

/// The limits of one container: `memory limit 192Mi and CPU limit 150m`.
fn limited(limits: &[TightLimit]) -> Line {
    let container = limits.first().map(|limit| display_path(&limit.container)).unwrap_or_default();
    let each: Vec<String> = limits
        .iter()
        .map(|limit| {
            let resource = if limit.resource == "cpu" { "CPU" } else { &limit.resource };
            let before = limit.before.as_ref().map(|before| format!(" (was {before})")).unwrap_or_default();
            format!("{resource} limit {}{before}", limit.now)
        })
        .collect();
    let preset = limits.iter().find_map(|limit| limit.preset.as_ref());
    let from = match preset {
        Some(preset) => format!(", from `resourcesPreset: {preset}`; set `{container}.resources`"),
        None => String::new(),
    };
    Line { at: None, what: container, why: format!("{}{from}", listed(&each)) }
}

/// Words as a list: `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A line about an object that the release refers to and that nothing creates.
fn dangling(missing: &MissingObject, chart: &Chart) -> Line {
    let MissingObject { missing, by, condition, .. } = missing;
    let words: Vec<String> = condition::terms(condition).map(|term| term.to_string()).collect();
    let when = if words.is_empty() { String::new() } else { format!(" if {}", listed(&words)) };
    let why = format!("{by} refers to this object, and chart {} does not create one{when}", chart.version());
    Line { at: None, what: (*missing).to_owned(), why }
}

/// A line about a defect of the new chart version.
fn broken_by(defect: &Defect, chart: &Chart) -> Line {
    let why = format!("{}. To avoid the defect, {}", defect.message(chart), defect.way_round());
    Line { at: None, what: defect.id.to_owned(), why }
}

/// A line about an error of `lint`. Its place is in the new text, which the report does not show.
fn new_error(error: &Diagnostic) -> Line {
    let why = error.help.iter().fold(error.message.clone(), |why, help| format!("{why}; {help}"));
    Line { at: None, what: error.rule.to_owned(), why: one_line(&why).into_owned() }
}

fn given_up(given_up: &ChangedDefault) -> Line {
    let why = match given_up.why {
        KeepFailure::Fails(fail) => format!("the chart would not render ({})", fail.reason.replace('-', " ")),
        KeepFailure::Dangles(MissingObject { missing, by, .. }) => {
            format!("`{by}` would refer to a {missing} that the chart does not create")
        }
    };
    Line { at: None, what: display_path(&given_up.path), why }
}

fn needed(need: &RequiredSwitch) -> Line {
    Line { at: None, what: display_path(&need.path), why: need.reason.replace('-', " ") }
}

/// The different beginnings of two paths with a common end. At least one step of each path remains.
fn without_common_end(old: &Path, new: &Path) -> (String, String) {
    let (mut old, mut new) = (old.clone(), new.clone());
    while old.len() > 1 && new.len() > 1 && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    (display_path(&old), display_path(&new))
}

fn since(step: Option<&ChartChange>) -> String {
    step.map(|step| format!("removed in {}", step.version)).unwrap_or_else(|| "removed".to_owned())
}

fn dropped(why: &Dropped) -> String {
    match why {
        Dropped::NoEffect(NoEffect::UnknownKey) => "unknown key in both charts".to_owned(),
        Dropped::NoEffect(why) => why.to_string(),
        Dropped::WouldActivate => "unused before, and would take effect now".to_owned(),
        Dropped::Default(step) => format!("{}; the value was the default", since(step.as_ref())),
        Dropped::WasUnused(step) => format!("{}; unused in this topology", since(step.as_ref())),
        Dropped::AlreadySet { at } => format!("`{}` already has this value", display_path(at)),
        Dropped::Frozen => {
            "the frozen catalogue has no image for the newer chart, and the registry serves the images of that \
             chart"
                .to_owned()
        }
    }
}

fn unsupported(migration: &Migration) -> String {
    let Outcome::Unsupported(unsupported) = &migration.outcome else { return String::new() };
    match unsupported {
        Unsupported::Gone(step) => {
            let what = step.as_ref().and_then(|step| note(step.old)).map(|note| format!(": {note}"));
            format!("{}{}", since(step.as_ref()), what.unwrap_or_default())
        }
        Unsupported::Unread { at, reason: why } if *at == migration.path => format!("no longer used: {why}"),
        Unsupported::Unread { at, reason: why } => format!("renamed to `{}`, and unused: {why}", display_path(at)),
        Unsupported::Overruled { at, by } => {
            format!("`{}` moved to the same key `{}`, with another value", display_path(by), display_path(at))
        }
    }
}
