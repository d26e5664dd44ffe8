//! For programs: one object, with the version of its shape.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    CheckedFile, TextReport, Totals,
    place::{Lines, Place},
};
use crate::lint::{Applicability, Diagnostic, Severity};

/// Grows with a change that a reader must know of; a new field is none.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report {
    version: u32,
    /// The parts.
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
    /// The first is the place of the finding.
    marks: Vec<Mark<'a>>,
    help: &'a [String],
    fix: Option<Fix<'a>>,
    /// The version whose facts it hangs on, where the chart is another one of which they are not known.
    #[serde(rename = "factsOf", skip_serializing_if = "Option::is_none")]
    facts_of: Option<String>,
}

#[derive(Serialize)]
struct Mark<'a> {
    #[serde(flatten)]
    place: Place,
    label: &'a str,
}

/// Without its edits: they may hold values.
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
    /// Files that have findings.
    files: usize,
    files_checked: usize,
}

pub(super) fn part(judged: &CheckedFile) -> String {
    let findings = match judged.diagnostics {
        [] => Vec::new(),
        found => {
            let lines = Lines::of(judged.text);
            found.iter().map(|found| finding(&lines, found)).collect()
        }
    };
    super::pretty(&File { file: judged.file, chart: judged.chart.as_deref(), findings })
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    let Totals { errors, warnings, infos, files, files_judged } = super::totals(parts);
    let summary = Summary { errors, warnings, infos, files, files_checked: files_judged };
    let report = Report { version: VERSION, files: super::items(parts, 2), summary };
    super::pretty(&report) + "\n"
}

fn finding<'a>(lines: &Lines, found: &'a Diagnostic) -> Finding<'a> {
    let Diagnostic { rule, severity, message, marks, help, fix, facts_of } = found;
    Finding {
        rule,
        severity: *severity,
        message,
        place: lines.of_finding(found),
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
        let wanted = serde_json::json!({
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
        assert_eq!(report, wanted);
    }
}
