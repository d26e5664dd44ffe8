//! The history of a key as text.

use std::collections::HashSet;

use anstyle::Style;
use semver::Version;

use crate::{
    chart::{self, ChangeKind, Chart, FailedBy, Key, Knowledge, Topology, Transform, Type},
    effective::{KeyStatus, NoEffect},
    explain::{
        self, Event, EventKind, Failure, KeyHistory, KeyState, Moved, TopologyUse, Transition, in_words, requirements,
    },
    fold,
    lint::Rule,
    redact,
    report::chart::unpublished,
    yaml::Value,
};

/// The most keys below a map that are listed.
const MOST_CHILDREN: usize = 40;

/// The most events that a history shows.
const MOST_EVENTS: usize = 16;

/// The longest default that is shown in full.
const LONGEST: usize = 72;

/// The page of a rule with bold headings. With `width`, its paragraphs are folded.
pub fn page(rule: &Rule, width: Option<usize>) -> String {
    let mut within = false;
    let mut text = String::new();
    let mut paragraph = String::new();
    for line in rule.docs.lines() {
        let is_fence = line.starts_with("```");
        within ^= is_fence;
        let is_prose = !within && !is_fence && line.starts_with(|c: char| c.is_alphanumeric() || "`[*(\"".contains(c));
        if let (Some(_), true) = (width, is_prose) {
            paragraph += if paragraph.is_empty() { "" } else { " " };
            paragraph += line;
            continue;
        }
        end_paragraph(&mut paragraph, width, &mut text);
        // A line that starts with `#` in an example is a comment.
        if line.starts_with('#') && !within {
            text += &format!("{}\n", heading(line));
        } else {
            text += &format!("{line}\n");
        }
    }
    end_paragraph(&mut paragraph, width, &mut text);
    text
}

fn end_paragraph(paragraph: &mut String, width: Option<usize>, text: &mut String) {
    if let (Some(width), false) = (width, paragraph.is_empty()) {
        *text += &fold::hung(paragraph, width, 0);
        text.push('\n');
    }
    paragraph.clear();
}

/// A heading in bold.
fn heading(text: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// The text about a key. With `narrow`, its history shows only the events next to the version of the chart.
pub fn key_history(history: &KeyHistory, chart: &Chart, narrow: bool, flags: &[String]) -> String {
    let mut text = format!("{}\n", heading(&history.path));
    let version = chart.version();
    text += "\n";
    match &history.state {
        Some(state_now) => text += &state(&history.path, state_now, chart, flags),
        None => text += &format!("{} in chart {version}\n", NoEffect::UnknownKey),
    }
    let lines = grouped(history);
    if !lines.is_empty() {
        text += &section("History");
        text += &event_table(&lines, narrow.then_some(version));
    }
    if let Some(state_now) = &history.state {
        text += &children(&history.path, state_now);
    }
    text
}

fn section(name: &str) -> String {
    format!("\n{}\n", heading(name))
}

fn state(path: &str, state: &KeyState, chart: &Chart, flags: &[String]) -> String {
    let KeyState { key, exact, readings, schema, failures, children: _ } = state;
    let mut rows: Vec<(&str, String)> = Vec::new();
    let newest = if *chart.version() == chart::newest_measured() { "the newest measured version" } else { "" };
    let gone = chart::key_life(path).last().and_then(|(_, until)| until.clone());
    let note = match gone {
        Some(gone) if gone > *chart.version() => {
            let last = chart::version_numbers().rev().find(|version| *version < gone);
            if last.as_ref() == Some(chart.version()) { "the last version with this key" } else { newest }
        }
        _ => newest,
    };
    let note = if note.is_empty() { String::new() } else { format!(", {note}") };
    rows.push(("chart", format!("{}{note}", chart.version())));
    if let Some(known) = known(chart) {
        rows.push(("known", known));
    }
    if *exact {
        rows.push(("type", kind(key)));
        if let Some(default) = default(key) {
            rows.push(("default", default));
        }
        if !key.allowed.is_empty() {
            let allowed: Vec<_> = key.allowed.iter().map(|value| explain::json(value).to_string()).collect();
            rows.push(("allowed", allowed.join(", ")));
        }
        if let Some(accepts) = schema {
            rows.push(("schema", format!("accepts only {accepts}")));
        }
        if !key.declared {
            rows.push(("declared", "no: only the templates name this key, not values.yaml".to_owned()));
        }
    } else {
        rows.push(("within", format!("`{}`, which the chart passes on as a whole", key.path)));
    }
    if !flags.is_empty() {
        let flags: Vec<_> = flags.iter().map(|flag| format!("`{flag}`")).collect();
        rows.push(("flag", format!("{} of `redisgen values`", flags.join(", "))));
    }
    let mut text = table(&rows);
    text += &section("Use");
    let readings: Vec<_> = readings.iter().map(|reading| (names(&reading.topologies), read(reading))).collect();
    text += &table(&readings);
    if !failures.is_empty() {
        text += &section("Rendering fails");
        text += &failures.iter().map(failure).collect::<String>();
    }
    text
}

/// How the facts of the chart are known. `None` if all facts are measured and the registry has the same chart.
fn known(chart: &Chart) -> Option<String> {
    match chart.knowledge() {
        Knowledge::Measured => unpublished(chart),
        Knowledge::Alike { measured } | Knowledge::Recognised { measured } => {
            Some(format!("measured as chart {measured}"))
        }
        Knowledge::KeysOnly { facts } => Some(format!("keys only; the use of keys is assumed from chart {facts}")),
        Knowledge::NumberOnly { facts } => Some(format!("number only; all facts are assumed from chart {facts}")),
        Knowledge::Imported { facts } => Some(format!("imported; the use of keys is assumed from chart {facts}")),
        Knowledge::MeasuredHere { facts } => Some(format!(
            "imported; the use of keys was measured here, the effects of changes are assumed from chart {facts}"
        )),
        Knowledge::Unknown { facts } => Some(format!("unknown; all facts are assumed from chart {facts}")),
    }
}

/// A table with two columns.
fn table(rows: &[(impl AsRef<str>, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.as_ref().len()).max().unwrap_or_default();
    rows.iter().map(|(name, text)| format!("  {:width$}  {text}\n", name.as_ref())).collect()
}

fn kind(key: &Key) -> String {
    let kind = type_name(key.kind);
    let node = key.kind == Type::Map && key.default.is_none() && key.declared;
    match (key.kind, key.open, node) {
        (_, true, true) => format!("{kind} with its own keys, which accepts any other key"),
        (_, _, true) => format!("{kind} with its own keys"),
        (_, true, _) => format!("{kind} that accepts any key"),
        (Type::Null, _, _) => "unknown: the default is null".to_owned(),
        _ => kind.to_owned(),
    }
}

fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Map => "map",
        Type::String => "string",
        Type::Int => "int",
        Type::Float => "float",
        Type::Bool => "bool",
        Type::List => "list",
        Type::Null => "null",
    }
}

fn default(key: &Key) -> Option<String> {
    key.default.as_ref().map(|value| displayed(key.path, value))
}

/// A default in one line, shortened if it is too long.
fn displayed(path: &str, value: &Value) -> String {
    if redact::is_secret_key(path) && explain::json(value).as_str().is_some_and(|text| !text.is_empty()) {
        return "not shown".to_owned();
    }
    let text = explain::json(&redact::redact_value(&[], value, None, &HashSet::new())).to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

fn names(topologies: &[Topology]) -> String {
    if topologies.len() == Topology::ALL.len() {
        return "every topology".to_owned();
    }
    topologies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn read(reading: &TopologyUse) -> String {
    let TopologyUse { topologies, verdict, switches, below } = reading;
    if let Some((read, all)) = below {
        return match read {
            0 => "all keys below it are unused".to_owned(),
            _ => format!("{read} of {all} keys below it are used"),
        };
    }
    let required = requirements(switches);
    let required = if required.is_empty() { None } else { Some(format!("requires {}", required.join(" and "))) };
    let status = match KeyStatus::of_reading(*verdict, topologies) {
        Some(KeyStatus::Active) => return required.unwrap_or_else(|| KeyStatus::Active.to_string()),
        // The first column lists the topologies.
        Some(KeyStatus::NoEffect(NoEffect::NotReadInTopology(_))) => "unused".to_owned(),
        Some(status) => status.to_string(),
        None => "not measured".to_owned(),
    };
    match required {
        Some(required) => format!("{status}, {required}"),
        None => status,
    }
}

fn failure(failure: &Failure) -> String {
    let Failure { topologies, fail } = failure;
    let by = match fail.by {
        FailedBy::Template => "by a template",
        FailedBy::Schema => "by values.schema.json",
    };
    let topologies =
        if topologies.len() == Topology::ALL.len() { String::new() } else { format!(", {}", names(topologies)) };
    format!("  when {} ({by}{topologies})\n", in_words(fail.condition).join(" and "))
}

/// The events of a key, one line for each version.
fn grouped(history: &KeyHistory) -> Vec<(Version, String)> {
    let mut lines: Vec<(Version, String)> = Vec::new();
    for Event { version, what } in &history.events {
        let text = event(&history.path, what);
        match lines.last_mut() {
            Some((last, line)) if last == version => *line += &format!("; {text}"),
            _ => lines.push((version.clone(), text)),
        }
    }
    lines
}

fn event_table(lines: &[(Version, String)], near: Option<&Version>) -> String {
    let (first, last) = match near {
        // The last event up to the version, and the next event.
        Some(version) => {
            let next = lines.partition_point(|(at, _)| at <= version);
            (next.saturating_sub(1), (next + 1).min(lines.len()))
        }
        None if lines.len() > MOST_EVENTS => (lines.len() - MOST_EVENTS, lines.len()),
        None => (0, lines.len()),
    };
    let mut rows: Vec<(String, String)> = Vec::new();
    if first > 0 {
        rows.push(("...".to_owned(), format!("{first} earlier")));
    }
    for (version, text) in &lines[first..last] {
        if near.is_some_and(|near| near < version) && !rows.iter().any(|(_, text)| text.is_empty()) {
            rows.push((near.map(ToString::to_string).unwrap_or_default(), String::new()));
        }
        rows.push((version.to_string(), text.clone()));
    }
    for (_, text) in rows.iter_mut().filter(|(_, text)| text.is_empty()) {
        "the requested version".clone_into(text);
    }
    if last < lines.len() {
        rows.push(("...".to_owned(), format!("{} later", lines.len() - last)));
    }
    table(&rows)
}

fn event(path: &str, what: &EventKind) -> String {
    match what {
        EventKind::Added { kind, default, declared } => {
            let default = default.as_ref().map(|value| format!(", default {}", displayed(path, value)));
            let declared = if *declared { "" } else { ", not declared, but read by the templates" };
            format!("{}{}{declared}", type_name(*kind), default.unwrap_or_default())
        }
        EventKind::Type(kind) => format!("type {}", type_name(*kind)),
        EventKind::Default(Some(value)) => format!("default {}", displayed(path, value)),
        EventKind::Default(None) => "no longer a default".to_owned(),
        EventKind::Declared(true) => "declared in values.yaml".to_owned(),
        EventKind::Declared(false) => "no longer declared, but still read".to_owned(),
        EventKind::Open(true) => "accepts any key".to_owned(),
        EventKind::Open(false) => "accepts only its own keys".to_owned(),
        EventKind::Removed => "removed".to_owned(),
        EventKind::Step(step) => transition(path, step),
        EventKind::Moved(moved) => self::moved(moved),
    }
}

fn transition(path: &str, step: &Transition) -> String {
    let Transition { version: _, old, new, kind, transform } = step;
    let quoted: Vec<_> = new.iter().filter(|new| *new != path).map(|new| format!("`{new}`")).collect();
    let others = quoted.join(", ");
    let how = match transform {
        Transform::Same => "",
        Transform::BoolToArchitecture => ", where true becomes `replication` and false becomes `standalone`",
        Transform::SentinelPlusOne => ", with Sentinel one higher than before",
        Transform::StartProgram => "",
        Transform::ListToString => ", now a string instead of a list",
        Transform::TextToList => ", now a list of texts instead of one text",
        Transform::ListToJoined => ", now one item with commas instead of a list",
        Transform::JoinedToList => ", now a list instead of one item with commas",
        Transform::SentinelOnly => ", for pods that run Sentinel",
        Transform::Ask => ", which is not exactly the same",
    };
    if *transform == Transform::StartProgram {
        return format!("the command of the container; `{old}` was the program that the start script runs");
    }
    let text = match kind {
        ChangeKind::Removed if old == path => "no replacement".to_owned(),
        ChangeKind::Removed => format!("no replacement for `{old}`"),
        ChangeKind::Type => "accepts another type of value".to_owned(),
        ChangeKind::Semantic if old != path => format!("replaces `{old}`"),
        ChangeKind::Semantic if others.is_empty() => "changed meaning".to_owned(),
        ChangeKind::Semantic => format!("changed meaning: see {others}"),
        ChangeKind::Alias if old == path => format!("{others} does the same"),
        ChangeKind::Alias => format!("does the same as `{old}`"),
        ChangeKind::Merge if old == path => format!("merged with {others}"),
        ChangeKind::Merge if new.iter().any(|new| new == path) => format!("also replaces `{old}`"),
        _ if old == path => format!("now {others}"),
        _ if new.iter().any(|new| new == path) => format!("was `{old}`"),
        _ => format!("`{old}` is now {others}"),
    };
    text + how
}

fn moved(moved: &Moved) -> String {
    let Moved { version: _, maps, renamed, removed, is_outgoing } = moved;
    let mut parts: Vec<String> = maps.iter().map(|(map, keys)| format!("`{map}` ({keys})")).collect();
    if *renamed > 0 {
        parts.push(format!("keys with other names ({renamed})"));
    }
    if *removed > 0 {
        parts.push(format!("no replacement ({removed})"));
    }
    let verb = if *is_outgoing { "its keys moved to" } else { "has keys moved from" };
    format!("{verb} {}", parts.join(", "))
}

fn children(path: &str, state: &KeyState) -> String {
    if state.children.is_empty() {
        return String::new();
    }
    let rows: Vec<(&str, String)> = state
        .children
        .iter()
        .take(MOST_CHILDREN)
        .map(|key| {
            let default = default(key).map(|default| format!(", default {default}")).unwrap_or_default();
            let declared = if key.declared { "" } else { ", not declared" };
            (&key.path[path.len() + 1..], format!("{}{default}{declared}", type_name(key.kind)))
        })
        .collect();
    let mut text = section("Keys below") + &table(&rows);
    let more = state.children.len().saturating_sub(MOST_CHILDREN);
    if more > 0 {
        text += &format!("  and {more} more: `--output json` lists all\n");
    }
    text
}
