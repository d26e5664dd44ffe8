//! Reports are what their formats are, whatever the findings say, and hold no secret.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

mod diff;
mod junit;
mod secrets;

use crate::support::{
    generated::{file, hostile},
    pages,
};
use proptest::{prelude::*, test_runner::RngSeed};
use redisgen::{
    lint::{CheckedFile, Diagnostic, engine, rules},
    report::{Color, Format, TextReport, render, whole},
    source::Hints,
};

/// What is wrong with the report, by the format that it is.
fn wrong(format: Format, judged: &[CheckedFile]) -> Vec<String> {
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
        Format::Sarif => wrong.extend(wrong_log(&report, judged)),
        Format::Junit => wrong.extend(junit::wrong(&report)),
        Format::Github => wrong.extend(wrong_commands(&report, judged)),
        Format::Markdown => wrong.extend(wrong_markdown(&report, judged)),
    }
    wrong
}

/// The parts of a log that code scanning shows. Whether the whole is valid is asked of Microsoft's reader, in
/// `tests/report_readers.rs`.
fn wrong_log(report: &str, judged: &[CheckedFile]) -> Option<String> {
    let log: serde_json::Value = match serde_json::from_str(report) {
        Ok(log) => log,
        Err(error) => return Some(error.to_string()),
    };
    let Some(results) = log["runs"][0]["results"].as_array() else { return Some("no results".to_owned()) };
    let wanted: usize = judged.iter().map(|of| of.diagnostics.len()).sum();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_right = |result: &&serde_json::Value| {
        ["note", "warning", "error"].iter().any(|level| result["level"] == *level)
            && rules.iter().any(|rule| rule["id"] == result["ruleId"])
            && result["message"]["text"].is_string()
            && result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().is_some_and(|line| line > 0)
    };
    let wrong = results.iter().find(|result| !is_right(result)).map(ToString::to_string);
    wrong.or((results.len() != wanted || log["version"] != "2.1.0").then(|| format!("{} results", results.len())))
}

/// A line for each finding, which begins with its place and names its rule.
fn wrong_lines(report: &str, judged: &[CheckedFile]) -> Option<String> {
    let wanted: Vec<_> = judged.iter().flat_map(|of| of.diagnostics).collect();
    if report.lines().count() != wanted.len() {
        return Some(format!("{} lines for {} findings", report.lines().count(), wanted.len()));
    }
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok()).is_some_and(|number| number > 0);
    let right = |line: &str, found: &Diagnostic| {
        // The file name and the message can contain the separator.
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
fn wrong_quality(report: &str, judged: &[CheckedFile]) -> Option<String> {
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
fn wrong_commands(report: &str, judged: &[CheckedFile]) -> Option<String> {
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

/// Tables contain only their cells, and the text only the tags of the report.
fn wrong_markdown(report: &str, judged: &[CheckedFile]) -> Option<String> {
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
            let found = engine::lint_text(&text, &Hints::default(), &pages::charts).diagnostics;
            texts.push((text, found));
        }
    }
    let judged: Vec<CheckedFile> = texts
        .iter()
        .map(|(text, found)| CheckedFile {
            file: "charts/redis/values.yaml",
            text,
            document: None,
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

proptest! {
    // The findings are the same in each run: a failure then comes from a change.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_findings_say_reports_are_valid(files in prop::collection::vec(file(), 0..3)) {
        let judged: Vec<CheckedFile> = files
            .iter()
            .map(|(file, text, found)| CheckedFile { file, text, document: None, chart: None, diagnostics: found })
            .collect();
        for format in Format::ALL {
            prop_assert_eq!(wrong(format, &judged), [""; 0]);
            let parts: Vec<TextReport> = judged.iter().map(|judged| TextReport::of(format, judged, Color::Off)).collect();
            prop_assert_eq!(whole(format, &parts), render(format, &judged, Color::Off));
        }
    }
}
