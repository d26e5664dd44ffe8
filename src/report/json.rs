//! Reports for programs: one JSON object with the version of its format.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    CheckedFile, TextReport, Totals,
    place::{Lines, Place},
};
use crate::lint::{Applicability, Diagnostic, Severity};

/// The version of the format. It increases with a change that can break a reader. A new field does not increase it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report {
    version: u32,
    /// The items of all parts.
    files: Vec<Box<RawValue>>,
    summary: Summary,
}

#[derive(Serialize)]
struct File<'a> {
    file: &'a str,
    chart: Option<&'a str>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    /// The marks, with the place of the finding first.
    marks: Vec<Mark<'a>>,
    help: &'a [String],
    fix: Option<Fix<'a>>,
    /// The chart version that the finding's facts come from, if the facts of the file's own version are not known.
    #[serde(rename = "factsOf", skip_serializing_if = "Option::is_none")]
    facts_of: Option<String>,
}

#[derive(Serialize)]
struct Mark<'a> {
    #[serde(flatten)]
    place: Place,
    label: &'a str,
}

/// A fix without its edits, because edits may contain values.
#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: Applicability,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    errors: usize,
    warnings: usize,
    infos: usize,
    /// The number of files with findings.
    files: usize,
    files_checked: usize,
}

pub(super) fn part(checked: &CheckedFile) -> String {
    let findings = match checked.diagnostics {
        [] => Vec::new(),
        found => {
            let lines = Lines::of(checked.text);
            found.iter().map(|diagnostic| finding(&lines, diagnostic)).collect()
        }
    };
    super::pretty(&File { file: checked.file, chart: checked.chart.as_deref(), findings })
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    let Totals { errors, warnings, infos, files, files_checked } = super::totals(parts);
    let summary = Summary { errors, warnings, infos, files, files_checked };
    let report = Report { version: VERSION, files: super::items(parts, 2), summary };
    super::pretty(&report) + "\n"
}

fn finding<'a>(lines: &Lines, diagnostic: &'a Diagnostic) -> Finding<'a> {
    let Diagnostic { rule, severity, message, marks, help, fix, facts_of } = diagnostic;
    Finding {
        rule,
        severity: *severity,
        message,
        place: lines.of_finding(diagnostic),
        marks: marks.iter().map(|mark| Mark { place: lines.place(mark.span), label: &mark.label }).collect(),
        help,
        fix: fix.as_ref().map(|fix| Fix { title: &fix.title, applicability: fix.applicability }),
        facts_of: facts_of.as_ref().map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::{
        Format,
        tests::{TEXT, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let report: serde_json::Value =
            serde_json::from_str(&rendered(Format::Json, TEXT, &samples()[1..2])).expect("JSON");
        let place = |label| serde_json::json!({"line": 5, "column": 3, "endLine": 5, "endColumn": 14, "label": label});
        let expected = serde_json::json!({
            "version": 1,
            "files": [{"file": "redis/values.yaml", "chart": "23.1.1", "findings": [{
                "rule": "unknown-key",
                "severity": "error",
                "message": "unknown key `master.persistance` (chart 23.1.1)",
                "line": 5, "column": 3, "endLine": 5, "endColumn": 14,
                "marks": [place("Helm ignores this key")],
                "help": ["did you mean `master.persistence`?"],
                "fix": {"title": "rename the key to `master.persistence`", "applicability": "unsafe"}
            }]}],
            "summary": {"errors": 1, "warnings": 0, "infos": 0, "files": 1, "filesChecked": 1}
        });
        assert_eq!(report, expected);
    }
}
