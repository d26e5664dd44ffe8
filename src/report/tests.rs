//! What all reports share.

use super::*;
use crate::{
    lint::{Applicability, Diagnostic, Fix, Mark, Severity},
    yaml::Span,
};

/// A mark on the first place of `needle`.
pub(super) fn mark(text: &str, needle: &str, label: &str) -> Mark {
    let start = text.find(needle).expect("the text has it");
    let lines = place::Lines::of(text);
    let mut span = Span { start, end: start + needle.len(), line: 0, column: 0 };
    let place = lines.place(span);
    (span.line, span.column) = (place.line, place.column);
    Mark { span, label: label.to_owned() }
}

pub(super) fn diagnostic(rule: &'static str, severity: Severity, message: &str, marks: Vec<Mark>) -> Diagnostic {
    Diagnostic { rule, severity, message: message.to_owned(), marks, help: Vec::new(), fix: None, facts_of: None }
}

pub(super) const TEXT: &str = "\
# redisgen: chart redis 23.1.1
auth:
  password: tr0ub4d
master:
  persistance:
    enabled: false
  configuration: |-
    appendonly yes
    requirepass tr0ub4d
replica:
  replicaCount: 2
";

pub(super) fn samples() -> Vec<Diagnostic> {
    let mut unknown = diagnostic(
        "unknown-key",
        Severity::Error,
        "unknown key `master.persistance` (chart 23.1.1)",
        vec![mark(TEXT, "persistance", "Helm ignores this key")],
    );
    unknown.help = vec!["did you mean `master.persistence`?".to_owned()];
    unknown.fix = Some(Fix::new(Applicability::Unsafe, "rename the key to `master.persistence`", Vec::new()));
    let plain = diagnostic(
        "plaintext-password",
        Severity::Warning,
        "password in the file",
        vec![mark(TEXT, "tr0ub4d", "in plain text"), mark(TEXT, "requirepass tr0ub4d", "and again")],
    );
    let few = diagnostic(
        "too-few",
        Severity::Info,
        "two replicas & <no> more",
        vec![mark(TEXT, "replicaCount", ""), mark(TEXT, "auth", "far above")],
    );
    vec![plain, unknown, few]
}

pub(super) fn rendered(format: Format, text: &str, diagnostics: &[Diagnostic]) -> String {
    let checked =
        CheckedFile { file: "redis/values.yaml", text, document: None, chart: Some("23.1.1".to_owned()), diagnostics };
    render(format, &[checked], Color::Off)
}

#[test]
fn the_summary_counts() {
    let samples = samples();
    let checked = |diagnostics| CheckedFile { file: "a", text: TEXT, document: None, chart: None, diagnostics };
    assert_eq!(summary(&[]), "no findings (0 files checked)");
    assert_eq!(summary(&[checked(&[])]), "no findings (1 file checked)");
    assert_eq!(
        summary(&[checked(&samples), checked(&[]), checked(&samples[1..])]),
        "2 errors, 1 warning, 2 info in 2 files (3 files checked)"
    );
}

#[test]
fn no_report_holds_a_secret() {
    for format in Format::ALL {
        for color in [Color::On, Color::Off] {
            let samples = samples();
            let checked = CheckedFile { file: "a", text: TEXT, document: None, chart: None, diagnostics: &samples };
            let report = render(format, &[checked], color);
            assert!(!report.contains("tr0ub4d") && report.contains("in the file"), "{format:?}: {report}");
            assert_eq!(report.contains('\u{1b}'), format == Format::Text && color == Color::On, "{format:?}");
            assert!(report.ends_with('\n'));
        }
    }
}
