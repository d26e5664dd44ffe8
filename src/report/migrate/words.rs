//! A report in sections of lines, which text and Markdown show each in its way.

use std::collections::BTreeMap;

use super::{OutcomeCounts, Report};
use crate::{
    chart::{Chart, MissingObject, condition},
    effective::NoEffect,
    escape::one_line,
    migrate::{
        ChangedDefault, ChartChange, Dropped, Incompatibility, Migration, Outcome, RequiredSwitch, TightLimit,
        Unsupported, Why, note,
    },
    redact,
    report::diff::flow,
    yaml::{Path, Value},
};

/// How much a section matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Something fails, or is lost.
    Failure,
    /// Something behaves in another way.
    Attention,
    Plain,
}

/// What belongs together.
pub(super) struct Section {
    pub weight: Weight,
    pub title: &'static str,
    pub lines: Vec<Line>,
}

/// One thing that is told.
pub(super) struct Line {
    /// Of the source, counted from 1.
    pub at: Option<usize>,
    /// Keys and what became of them.
    pub what: String,
    /// Why, or what to do; empty where there is nothing to say.
    pub why: String,
}

/// A group of so many keys is told as one.
const MANY: usize = 3;

/// Why it became of a setting what it did; empty where there is nothing to say.
pub(super) fn why(fate: &Migration) -> String {
    match &fate.outcome {
        Outcome::Refused(why) => one_line(why).into_owned(),
        Outcome::Dropped(why) | Outcome::KeptForAnchor(why) => match &fate.meant {
            Some(meant) => format!("{}; did you mean `{}`?", dropped(why), shown(meant)),
            None => dropped(why),
        },
        Outcome::Unsupported(_) => lost(fate),
        Outcome::Unchanged | Outcome::Activated | Outcome::Moved { .. } => String::new(),
    }
}

pub(super) fn sections(report: &Report) -> Vec<Section> {
    let line = |fate: &Migration| Line { at: fate.line, what: shown(&fate.path), why: why(fate) };
    let of = |weight, title, wanted: fn(&Outcome) -> bool| Section {
        weight,
        title,
        lines: report.fates(wanted).into_iter().map(line).collect(),
    };
    let (emptied, needs) = (report.migrated.emptied.iter(), report.migrated.needs.iter());
    let all = [
        Section {
            weight: Weight::Failure,
            title: "does not render, or renders differently",
            lines: report.breaks.iter().map(|why| broken(why, &report.migrated.to)).collect(),
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
        of(Weight::Failure, "not supported by the new chart", |outcome| matches!(outcome, Outcome::Unsupported(_))),
        of(Weight::Failure, "not changed: the text of the file does not allow the edit", |outcome| {
            matches!(outcome, Outcome::Refused(_))
        }),
        of(Weight::Attention, "takes effect now: unused before", |outcome| *outcome == Outcome::Activated),
        Section { weight: Weight::Plain, title: "moved, renamed or converted", lines: moved(report) },
        of(Weight::Plain, "dropped: unused, or the same as the default", |outcome| {
            matches!(outcome, Outcome::Dropped(_))
        }),
        of(Weight::Plain, "kept although unused: other keys refer to the anchor", |outcome| {
            matches!(outcome, Outcome::KeptForAnchor(_))
        }),
        Section {
            weight: Weight::Plain,
            title: "removed with all comments: empty after the migration",
            lines: emptied.map(|path| Line { at: None, what: shown(path), why: String::new() }).collect(),
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
                .map(|pin| Line { at: None, what: shown(&pin.path), why: one_line(&flow(&pin.value)).into_owned() })
                .collect(),
        },
        Section {
            weight: Weight::Attention,
            title: "not kept: defaults of the older chart",
            lines: report.given_up.iter().map(given_up).collect(),
        },
    ];
    all.into_iter().filter(|section| !section.lines.is_empty()).collect()
}

/// The head: who goes where.
pub(super) fn head(report: &Report) -> String {
    let migrated = &report.migrated;
    let at = if report.at.is_root() { String::new() } else { format!(" (at {})", shown(&report.at)) };
    format!(
        "{}{at}: chart {} ({}) \u{2192} {}, {}",
        one_line(report.name),
        migrated.from.version(),
        report.by,
        migrated.to.version(),
        migrated.topology
    )
}

/// The summary of all settings: `24 settings: 10 unchanged, 12 moved, 2 need action`.
pub(super) fn sum(report: &Report) -> String {
    let OutcomeCounts { all, kept, moved, told } = report.sum();
    let noun = if all == 1 { "setting" } else { "settings" };
    format!("{all} {noun}: {kept} unchanged, {moved} moved, {told} need action")
}

/// A path without the passwords that its keys may hold.
pub(super) fn shown(path: &Path) -> String {
    one_line(&redact::hidden_path(path).to_string()).into_owned()
}

fn moved(report: &Report) -> Vec<Line> {
    // Keys that only changed what stands before them go together.
    let mut groups: BTreeMap<(String, Vec<String>), Vec<&Migration>> = BTreeMap::new();
    let mut order = Vec::new();
    for fate in report.fates(|outcome| matches!(outcome, Outcome::Moved { .. })) {
        let Outcome::Moved { to, value, .. } = &fate.outcome else { continue };
        let group = match to.as_slice() {
            [to] if *value == fate.value => {
                let (old, new) = without_common_end(&fate.path, to);
                (old, vec![new])
            }
            to => (shown(&fate.path), to.iter().map(shown).collect()),
        };
        if !groups.contains_key(&group) {
            order.push(group.clone());
        }
        groups.entry(group).or_default().push(fate);
    }
    let mut lines = Vec::new();
    for group in order {
        let fates = &groups[&group];
        if fates.len() >= MANY {
            let (old, new) = &group;
            let what = format!("{old}.* \u{2192} {}.* ({} keys)", new.join(", "), fates.len());
            lines.push(Line { at: fates[0].line, what, why: String::new() });
            continue;
        }
        for fate in fates {
            let Outcome::Moved { to, value, by } = &fate.outcome else { continue };
            let to: Vec<_> = to.iter().map(shown).collect();
            let changed = if *value == fate.value { "" } else { ", converted" };
            let since = by.last().map(|step| format!("since {}{changed}", step.version)).unwrap_or_default();
            let (what, why) = match to.as_slice() {
                [to] if *to == shown(&fate.path) => {
                    (to.clone(), if by.is_empty() { retyped(&fate.value, value) } else { since })
                }
                to => (format!("{} \u{2192} {}", shown(&fate.path), to.join(", ")), since),
            };
            lines.push(Line { at: fate.line, what, why });
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
        Incompatibility::Type { path, kind, takes } => {
            Line { at: None, what: shown(path), why: format!("the value is a {kind}, and the schema accepts {takes}") }
        }
        Incompatibility::Helper { path, name } => Line {
            at: None,
            what: shown(path),
            why: format!("the template in the value uses `{}`, which the chart does not define", one_line(name)),
        },
        Incompatibility::Key { path, key } => Line {
            at: None,
            what: shown(path),
            why: format!("the template in the value uses the unknown key `.Values.{}`", one_line(key)),
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
    let container = limits.first().map(|limit| shown(&limit.container)).unwrap_or_default();
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

/// `a, b and c`
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What is named and made by nothing.
fn dangling(missing: &MissingObject, chart: &Chart) -> Line {
    let MissingObject { missing, by, condition } = missing;
    let words: Vec<String> = condition::terms(condition).map(|term| term.to_string()).collect();
    let when = if words.is_empty() { String::new() } else { format!(" if {}", listed(&words)) };
    let why = format!("{by} refers to this object, and chart {} does not create one{when}", chart.version());
    Line { at: None, what: (*missing).to_owned(), why }
}

fn given_up(given_up: &ChangedDefault) -> Line {
    let why = match given_up.why {
        Why::Fails(fail) => format!("the chart would not render ({})", fail.reason.replace('-', " ")),
        Why::Dangles(MissingObject { missing, by, condition: _ }) => {
            format!("`{by}` would refer to a {missing} that the chart does not create")
        }
    };
    Line { at: None, what: shown(&given_up.path), why }
}

fn needed(need: &RequiredSwitch) -> Line {
    Line { at: None, what: shown(&need.path), why: need.reason.replace('-', " ") }
}

/// What differs of two paths before an end that is the same; each keeps a step at least.
fn without_common_end(old: &Path, new: &Path) -> (String, String) {
    let (mut old, mut new) = (old.clone(), new.clone());
    while old.len() > 1 && new.len() > 1 && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    (shown(&old), shown(&new))
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
        Dropped::AlreadySet { at } => format!("`{}` already has this value", shown(at)),
        Dropped::Frozen => {
            "the frozen catalogue has no image for the newer chart, and the registry serves the images of that \
             chart"
                .to_owned()
        }
    }
}

fn lost(fate: &Migration) -> String {
    let Outcome::Unsupported(lost) = &fate.outcome else { return String::new() };
    match lost {
        Unsupported::Gone(step) => {
            let what = step.as_ref().and_then(|step| note(step.old)).map(|note| format!(": {note}"));
            format!("{}{}", since(step.as_ref()), what.unwrap_or_default())
        }
        Unsupported::Unread { at, reason: why } if *at == fate.path => format!("no longer used: {why}"),
        Unsupported::Unread { at, reason: why } => format!("renamed to `{}`, and unused: {why}", shown(at)),
        Unsupported::Overruled { at, by } => {
            format!("`{}` moved to the same key `{}`, with another value", shown(by), shown(at))
        }
    }
}
