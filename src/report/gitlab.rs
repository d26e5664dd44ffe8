//! Reports for GitLab: a Code Quality report, which is a list of findings.
//!
//! Source: the section "Code Quality report format" of the page "Code Quality" in GitLab's documentation.

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
    /// The fingerprint, which is unique in a report.
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    /// The path from the root of the repository, without a leading `./`.
    path: &'a str,
    lines: Begin,
}

/// A first line, counted from 1.
#[derive(Serialize)]
struct Begin {
    begin: usize,
}

pub(super) fn part(checked: &CheckedFile) -> Vec<String> {
    if checked.diagnostics.is_empty() {
        return Vec::new();
    }
    let (lines, path) = (Lines::of(checked.text), super::without_dot_slash(checked.file));
    let mut fingerprints = Fingerprints::default();
    let finding = |diagnostic: &Diagnostic| Finding {
        description: one_line(&diagnostic.message).into_owned(),
        check_name: diagnostic.rule,
        fingerprint: fingerprints.next(&[path, diagnostic.rule, &diagnostic.message]),
        severity: severity(diagnostic.severity),
        location: Location { path, lines: Begin { begin: lines.of_finding(diagnostic).line } },
    };
    checked.diagnostics.iter().map(finding).map(|finding| super::pretty(&finding)).collect()
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    super::pretty(&super::items(parts, 1)) + "\n"
}

/// The severity in the terms of GitLab, which has five of them.
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
        let expected = json!({
            "description": "unknown key `master.persistance` (chart 23.1.1)",
            "check_name": "unknown-key",
            "fingerprint": fingerprint,
            "severity": "major",
            "location": {"path": "redis/values.yaml", "lines": {"begin": 5}},
        });
        assert_eq!(report[1], expected);
        let severities: Vec<_> = report.as_array().unwrap().iter().map(|diagnostic| &diagnostic["severity"]).collect();
        assert_eq!(severities, ["minor", "major", "info"]);
        assert_eq!(rendered(Format::Gitlab, TEXT, &[]), "[]\n");
    }

    #[test]
    fn no_two_findings_of_a_report_have_one_fingerprint() {
        let twice: Vec<_> = samples().into_iter().chain(samples()).collect();
        let checked = |file, diagnostics| CheckedFile { file, text: TEXT, document: None, chart: None, diagnostics };
        let report = render(Format::Gitlab, &[checked("./a.yaml", &twice), checked("b.yaml", &twice)], Color::Off);
        let report: Vec<Json> = serde_json::from_str(&report).unwrap();
        let distinct: BTreeSet<_> = report.iter().map(|finding| finding["fingerprint"].as_str().unwrap()).collect();
        assert_eq!((report.len(), distinct.len()), (12, 12));
        assert_eq!(report[0]["location"]["path"], "a.yaml");
    }
}
