//! Reports for code scanning: the Static Analysis Results Interchange Format of OASIS, version 2.1.0 with errata 01.
//!
//! The report has no fixes. Fixes are edits of paths, which may contain values of the file. The messages contain the
//! titles of the fixes.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    CheckedFile, TextReport, fingerprint,
    place::{Lines, Place},
    uri::Reference,
};
use crate::{
    escape::one_line,
    lint::{Diagnostic, Mark, Rule, Severity, rules},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The conventional name of the root of the checked-out sources, which file names are relative to.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    /// The items of all parts.
    results: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

/// The description of a rule. A rule without a page, such as the rule of unreadable files, has only its identifier.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    #[serde(flatten)]
    description: Option<Description>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    short_description: Text<'static>,
    full_description: Text<'static>,
    default_configuration: Configuration,
    help: Help,
    properties: Properties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: [crate::lint::Group; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: &'a Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "ruleAndMessage/v1")]
    rule_and_message: String,
}

pub(super) fn part(checked: &CheckedFile) -> Vec<String> {
    if checked.diagnostics.is_empty() {
        return Vec::new();
    }
    let lines = Lines::of(checked.text);
    let artifact = match Reference::to(checked.file) {
        Reference::Relative(uri) => Artifact { uri, uri_base_id: Some(ROOT) },
        Reference::Absolute(uri) => Artifact { uri, uri_base_id: None },
    };
    let mut fingerprints = fingerprint::Fingerprints::default();
    let results = checked.diagnostics.iter().map(|diagnostic| {
        let fingerprint = fingerprints.next(&[diagnostic.rule, &diagnostic.message]);
        super::pretty(&finding(diagnostic, &artifact, &lines, fingerprint))
    });
    results.collect()
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    let mut ids: Vec<&'static str> = parts.iter().flat_map(|part| part.rules.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let rules = ids.into_iter().map(|id| Descriptor { id, description: rules::named(id).map(describe) }).collect();
    let driver = Driver { name: "redisgen", semantic_version: env!("CARGO_PKG_VERSION"), rules };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results: super::items(parts, 4) };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    super::pretty(&log) + "\n"
}

fn describe(rule: &Rule) -> Description {
    let Rule { group, severity, summary, docs, .. } = rule;
    let about = docs.split_once("\n\n").map_or(*docs, |(_, about)| about);
    let about = about.split("\n## ").next().unwrap_or_default().trim();
    Description {
        short_description: Text { text: Cow::Borrowed(*summary) },
        full_description: Text { text: Cow::Borrowed(about) },
        default_configuration: Configuration { level: level(*severity) },
        help: Help { text: docs, markdown: docs },
        properties: Properties { tags: [*group] },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn finding<'a>(diagnostic: &'a Diagnostic, artifact: &'a Artifact, lines: &Lines, fingerprint: String) -> Finding<'a> {
    let message_text = super::message_lines(diagnostic).join("\n");
    let label = diagnostic.marks.first().map(|mark| mark.label.as_str()).filter(|label| !label.is_empty());
    let place = Location {
        id: None,
        physical_location: Physical { artifact_location: artifact, region: region(lines.of_finding(diagnostic)) },
        message: label.map(message),
    };
    let related = diagnostic.marks.iter().enumerate().skip(1).map(|(at, mark)| Location {
        id: Some(at),
        physical_location: Physical { artifact_location: artifact, region: region(lines.place(mark.span)) },
        message: Some(message(label_of(mark))),
    });
    Finding {
        rule_id: diagnostic.rule,
        level: level(diagnostic.severity),
        message: Text { text: Cow::Owned(unlinked(&message_text).into_owned()) },
        locations: [place],
        related_locations: related.collect(),
        partial_fingerprints: Fingerprints { rule_and_message: fingerprint },
    }
}

/// The label of a related place. GitHub rejects a related place without a message.
fn label_of(mark: &Mark) -> &str {
    if mark.label.is_empty() { "related" } else { &mark.label }
}

fn region(Place { line, column, end_line, end_column }: Place) -> Region {
    Region { start_line: line, start_column: column, end_line, end_column }
}

fn message(text: &str) -> Text<'_> {
    let text = match one_line(text) {
        Cow::Borrowed(text) => unlinked(text),
        Cow::Owned(text) => Cow::Owned(unlinked(&text).into_owned()),
    };
    Text { text }
}

/// Escapes the brackets of a plain message, where `[text](target)` is a link (section 3.11.6 of the standard).
fn unlinked(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]"))
}

#[cfg(test)]
mod tests;
