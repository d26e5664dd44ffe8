//! For GitLab: a Code Quality report, a list of findings.
//!
//! Source: the page "Code Quality", section "Code Quality report format", of GitLab's documentation.

use serde::Serialize;

use super::{CheckedFile, TextReport, fingerprint::Fingerprints, place::Lines};
use crate::{
    escape::one_line,
    lint::{Diagnostic, Severity},
};

#[derive(Serialize)]
struct Finding<'a> {
    description: String,
    check_name: &'static str,
    /// No two of a report have the same.
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    /// From the top of the repository, without `./` ahead.
    path: &'a str,
    lines: Begin,
}

/// Counted from 1.
#[derive(Serialize)]
struct Begin {
    begin: usize,
}

pub(super) fn part(judged: &CheckedFile) -> Vec<String> {
    if judged.diagnostics.is_empty() {
        return Vec::new();
    }
    let (lines, path) = (Lines::of(judged.text), super::short(judged.file));
    let mut fingerprints = Fingerprints::default();
    let finding = |found: &Diagnostic| Finding {
        description: one_line(&found.message).into_owned(),
        check_name: found.rule,
        fingerprint: fingerprints.next(&[path, found.rule, &found.message]),
        severity: severity(found.severity),
        location: Location { path, lines: Begin { begin: lines.of_finding(found).line } },
    };
    judged.diagnostics.iter().map(finding).map(|finding| super::pretty(&finding)).collect()
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    super::pretty(&super::items(parts, 1)) + "\n"
}

/// One of the five that GitLab knows.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value as Json, json};

    use crate::report::{
        CheckedFile, Color, Format, render,
        tests::{TEXT, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let report: Json = serde_json::from_str(&rendered(Format::Gitlab, TEXT, &samples())).unwrap();
        let fingerprint = report[1]["fingerprint"].clone();
        let wanted = json!({
            "description": "unknown key `master.persistance` (chart 23.1.1)",
            "check_name": "unknown-key",
            "fingerprint": fingerprint,
            "severity": "major",
            "location": {"path": "redis/values.yaml", "lines": {"begin": 5}},
        });
        assert_eq!(report[1], wanted);
        let severities: Vec<_> = report.as_array().unwrap().iter().map(|found| &found["severity"]).collect();
        assert_eq!(severities, ["minor", "major", "info"]);
        assert_eq!(rendered(Format::Gitlab, TEXT, &[]), "[]\n");
    }

    #[test]
    fn no_two_findings_of_a_report_have_one_fingerprint() {
        let twice: Vec<_> = samples().into_iter().chain(samples()).collect();
        let judged = |file, diagnostics| CheckedFile { file, text: TEXT, chart: None, diagnostics };
        let report = render(Format::Gitlab, &[judged("./a.yaml", &twice), judged("b.yaml", &twice)], Color::Off);
        let report: Vec<Json> = serde_json::from_str(&report).unwrap();
        let distinct: BTreeSet<_> = report.iter().map(|found| found["fingerprint"].as_str().unwrap()).collect();
        assert_eq!((report.len(), distinct.len()), (12, 12));
        assert_eq!(report[0]["location"]["path"], "a.yaml");
    }
}
