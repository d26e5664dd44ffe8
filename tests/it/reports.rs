//! Reports are what their formats are, whatever the findings say, and hold no secret.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

mod diff;
mod secrets;
mod xsd;

use std::sync::LazyLock;

use crate::support::pages;
use jsonschema::Validator;
use proptest::{prelude::*, test_runner::RngSeed};
use redisgen::{
    lint::{Applicability, Diagnostic, Fix, Judged, Mark, Severity, judge, rules},
    report::{Color, Format, Part, render, whole},
    source::Known,
    yaml::Span,
};
use xsd::Schema;

static SARIF: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../data/schemas/sarif-schema-2.1.0.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

static JUNIT: LazyLock<Schema<'static>> = LazyLock::new(|| {
    let document = roxmltree::Document::parse(include_str!("../data/schemas/junit-10.xsd")).unwrap();
    Schema::of(Box::leak(Box::new(document)))
});

/// What is wrong with the report, by the format that it is.
fn wrong(format: Format, judged: &[Judged]) -> Vec<String> {
    let report = render(format, judged, Color::Off);
    assert!(report.is_empty() || report.ends_with('\n'));
    // JSON escapes those that it must, and no person reads it.
    let shows =
        report.chars().find(|c| c.is_control() && *c != '\n' && ![Format::Json, Format::Gitlab].contains(&format));
    let mut wrong: Vec<String> = shows.iter().map(|c| format!("{format:?} holds {c:?}")).collect();
    match format {
        Format::Text => {}
        Format::Concise => wrong.extend(wrong_lines(&report, judged)),
        Format::Gitlab => wrong.extend(wrong_quality(&report, judged)),
        Format::Json => wrong.extend(serde_json::from_str::<serde_json::Value>(&report).err().map(|e| e.to_string())),
        Format::Sarif => match serde_json::from_str(&report) {
            Ok(log) => wrong.extend(SARIF.iter_errors(&log).map(|e| format!("{e} at {}", e.instance_path()))),
            Err(error) => wrong.push(error.to_string()),
        },
        Format::Junit => wrong.extend(JUNIT.wrong(&report)),
        Format::Github => wrong.extend(wrong_commands(&report, judged)),
        Format::Markdown => wrong.extend(wrong_markdown(&report, judged)),
    }
    wrong
}

/// A line for each finding, which begins with its place and names its rule.
fn wrong_lines(report: &str, judged: &[Judged]) -> Option<String> {
    let wanted: Vec<_> = judged.iter().flat_map(|of| of.diagnostics).collect();
    if report.lines().count() != wanted.len() {
        return Some(format!("{} lines for {} findings", report.lines().count(), wanted.len()));
    }
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok()).is_some_and(|number| number > 0);
    let right = |line: &str, found: &Diagnostic| {
        // The name of a file and the message may hold what stands between them.
        line.match_indices(&format!(": {}: ", found.rule)).any(|(at, _)| {
            let mut place = line[..at].rsplitn(3, ':');
            number(place.next()) && number(place.next()) && place.next().is_some()
        })
    };
    report
        .lines()
        .zip(wanted)
        .find(|(line, found)| !right(line, found))
        .map(|(line, found)| format!("{line}: {found:?}"))
}

/// Reads a report as GitLab does, which drops a finding that has the fingerprint of another.
fn wrong_quality(report: &str, judged: &[Judged]) -> Option<String> {
    let found: Vec<serde_json::Value> = match serde_json::from_str(report) {
        Ok(found) => found,
        Err(error) => return Some(error.to_string()),
    };
    let wanted: usize = judged.iter().map(|of| of.diagnostics.len()).sum();
    let fingerprints: std::collections::BTreeSet<_> = found.iter().map(|one| one["fingerprint"].as_str()).collect();
    let files: std::collections::BTreeSet<_> = judged.iter().map(|of| of.file.trim_start_matches(['.', '/'])).collect();
    // No run judges a file twice.
    let is_unique = fingerprints.len() == wanted || files.len() < judged.len();
    if found.len() != wanted || !is_unique {
        return Some(format!("{} of {} for {wanted} findings", fingerprints.len(), found.len()));
    }
    let right = |one: &serde_json::Value| {
        ["info", "minor", "major", "critical", "blocker"].iter().any(|known| one["severity"] == *known)
            && one["description"].is_string()
            && one["check_name"].is_string()
            && one["location"]["path"].as_str().is_some_and(|path| !path.starts_with("./"))
            && one["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0)
    };
    found.iter().find(|one| !right(one)).map(ToString::to_string)
}

/// Reads commands as the runner does, and holds them against the findings.
fn wrong_commands(report: &str, judged: &[Judged]) -> Option<String> {
    let wanted: Vec<_> = judged.iter().flat_map(|of| of.diagnostics.iter().map(|found| (of.file, found))).collect();
    let lines: Vec<_> = report.lines().collect();
    if lines.len() != wanted.len() {
        return Some(format!("{} commands for {} findings", lines.len(), wanted.len()));
    }
    lines.iter().zip(wanted).find_map(|(line, (file, found))| {
        let (head, message) = line.strip_prefix("::")?.split_once("::")?;
        let (level, properties) = head.split_once(' ')?;
        let properties: Vec<_> = properties.split(',').map(|one| one.split_once('=').unwrap_or_default()).collect();
        let named = |name| properties.iter().find(|(known, _)| *known == name).map(|(_, value)| decoded(value));
        let right = ["error", "warning", "notice"].contains(&level)
            && named("title").as_deref() == Some(found.rule)
            // What does not show in a name is an escape.
            && named("file").is_some_and(|named| file.ends_with(&named) || !file.chars().all(|c| c.is_ascii_graphic()))
            && ["line", "endLine"].iter().all(|name| named(name).is_some_and(|it| it.parse::<usize>().is_ok()))
            && decoded(message).split('\n').count() == 1 + found.help.len() + usize::from(found.fix.is_some());
        (!right).then(|| format!("{line}: for {file}, {found:?}"))
    })
}

fn decoded(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
}

/// Nothing stands in a table but its cells, and no tag but those of the report.
fn wrong_markdown(report: &str, judged: &[Judged]) -> Option<String> {
    const TAGS: [&str; 8] =
        ["<details open>", "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<br>"];
    let mut rows = 0;
    for line in report.lines() {
        let bare = TAGS.iter().fold(line.to_owned(), |line, tag| line.replace(tag, ""));
        let pipes = bare.matches('|').count();
        rows += usize::from(pipes == 5);
        let title = bare.starts_with("**redisgen lint**: ");
        if bare.contains(['<', '>', '`', '[', ']', '\\']) || ![0, 5].contains(&pipes) || bare.contains('*') && !title {
            return Some(line.to_owned());
        }
    }
    let with = judged.iter().filter(|of| !of.diagnostics.is_empty());
    let wanted: usize = with.map(|of| of.diagnostics.len() + 2).sum();
    let cut = report.contains("not shown, because");
    (rows != wanted && !cut).then(|| format!("{rows} rows: expected {wanted} in\n{report}"))
}

#[test]
fn the_findings_of_the_pages_are_valid_in_each_format() {
    let mut texts = Vec::new();
    for rule in rules::all() {
        for text in ["Bad", "Good"].into_iter().flat_map(|section| pages::examples(rule, section)) {
            let found = judge::judge(&text, &Known::default(), &pages::charts).diagnostics;
            texts.push((text, found));
        }
    }
    let judged: Vec<Judged> = texts
        .iter()
        .map(|(text, found)| Judged {
            file: "charts/redis/values.yaml",
            text,
            chart: Some("23.1.1".to_owned()),
            diagnostics: found,
        })
        .collect();
    assert!(judged.iter().map(|judged| judged.diagnostics.len()).sum::<usize>() > 50);
    for format in Format::ALL {
        assert_eq!(wrong(format, &judged), [""; 0], "{format:?}");
        assert_eq!(wrong(format, &[]), [""; 0], "{format:?}");
    }
}

#[test]
fn what_is_not_valid_is_found() {
    let log = |text: &str| SARIF.is_valid(&serde_json::from_str(text).unwrap());
    assert!(log(r#"{"version": "2.1.0", "runs": []}"#));
    assert!(!log(
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a"}}, "results": [{"level": "info"}]}]}"#
    ));
    let suites = |inner: &str| JUNIT.wrong(&format!("<testsuites>{inner}</testsuites>")).is_empty();
    let suite = |inner: &str| {
        suites(&format!("<testsuite name='a' tests='1' failures='0' errors='0' time='0.1'>{inner}</testsuite>"))
    };
    assert!(suites("") && suite("") && suite("<testcase name='a'><failure type='b'>c</failure></testcase>"));
    assert!(!suites("<testcase name='a'/>") && !suites("<testsuite name='a'/>") && !suites("text"));
    assert!(!suite("<testcase/>") && !suite("<testcase name='a' line='1'/>") && !suite("<failure/>"));
    assert!(!suite("<testcase name='a'><system-out><b/></system-out></testcase>") && !suite("\u{1}"));
    assert!(!suites("<testsuite name='a' tests='1' failures='0' errors='0' time='soon'/>"));
}

/// Pieces that end, escape or open something in one of the formats.
const HOSTILE: [&str; 34] = [
    "`",
    "``",
    "|",
    "\\|",
    "\\",
    "]]>",
    "<![CDATA[",
    "<b>",
    "&amp;",
    "&",
    "\"",
    "'",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{1b}[31m",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{ffff}",
    "\u{1f980}",
    "%",
    "%0A",
    "::error::",
    ",",
    "[a](b)",
    "{{ x }}",
    "{0}",
    "@all",
    "\n\n",
    "-->",
    "word ",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A span between two characters of the text.
fn span(text: &str, from: usize, to: usize) -> Span {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (from, to) = (places[from % places.len()], places[to % places.len()]);
    Span { start: from.min(to), end: from.max(to), line: 1, column: 1 }
}

fn diagnostic(text: String) -> impl Strategy<Value = Diagnostic> {
    let severity = prop::sample::select(&[Severity::Info, Severity::Warning, Severity::Error][..]);
    let rule = prop::sample::select(&["unknown-key", "unreadable"][..]);
    let marks = prop::collection::vec((any::<usize>(), any::<usize>(), hostile()), 0..4);
    let applicability = prop::sample::select(&[Applicability::Safe, Applicability::Unsafe][..]);
    let fix = prop::option::of((hostile(), applicability));
    let help = prop::collection::vec(hostile(), 0..3);
    (rule, severity, hostile(), marks, help, fix).prop_map(move |(rule, severity, message, marks, help, fix)| {
        Diagnostic {
            rule,
            severity,
            message,
            marks: marks.into_iter().map(|(from, to, label)| Mark { span: span(&text, from, to), label }).collect(),
            help,
            fix: fix.map(|(title, applicability)| Fix::new(applicability, title, Vec::new())),
            facts_of: None,
        }
    })
}

fn file() -> impl Strategy<Value = (String, String, Vec<Diagnostic>)> {
    let read =
        prop::collection::vec("[a-c]{1,2}: ['\"]?[a-zä🦀]{0,9}['\"]? ?(# x)?\r?\n", 0..6).prop_map(|it| it.concat());
    (hostile(), prop_oneof![read, hostile()])
        .prop_flat_map(|(file, text)| (Just(file), Just(text.clone()), prop::collection::vec(diagnostic(text), 0..4)))
}

proptest! {
    // The same findings each time, so that a change is not blamed for what it has not done.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_findings_say_reports_are_valid(files in prop::collection::vec(file(), 0..3)) {
        let judged: Vec<Judged> = files
            .iter()
            .map(|(file, text, found)| Judged { file, text, chart: None, diagnostics: found })
            .collect();
        for format in Format::ALL {
            prop_assert_eq!(wrong(format, &judged), [""; 0]);
            let parts: Vec<Part> = judged.iter().map(|judged| Part::of(format, judged, Color::Off)).collect();
            prop_assert_eq!(whole(format, &parts), render(format, &judged, Color::Off));
        }
    }
}
