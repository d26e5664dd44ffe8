//! See `second_document_ignored.md`: the help text, the web page and the test of this rule.

use crate::lint::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "second-document-ignored",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "values after a `---`, which Helm 3 ignores",
    docs: include_str!("second_document_ignored.md"),
    fix: FixAvailability::None,
    scope: Scope::Line,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    if !subject.origin.is_whole_file() {
        return Vec::new();
    }
    let mut documents = subject.document.documents().iter().map(|top| subject.document.node(*top).span);
    let first = documents.next().unwrap_or_default();
    let behind = documents.filter(|span| !subject.document.source(*span).trim().is_empty());
    let message = "Helm 3 ignores this document, Helm 4 merges it over the first one";
    behind
        .map(|span| {
            let head = crate::yaml::Span { end: (span.start + 1).min(span.end), ..span };
            let first = crate::yaml::Span { end: (first.start + 1).min(first.end), ..first };
            Finding::at(head, message)
                .labelled("only Helm 4 reads this document")
                .mark(first, "the first document")
                .help("use one document, or two files with `-f` for each")
        })
        .collect()
}
