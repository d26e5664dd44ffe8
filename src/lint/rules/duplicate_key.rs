//! See `duplicate_key.md`: the help text, the web page and the test of this rule.

use crate::{lint::prelude::*, yaml::DuplicateKey};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that is set twice in the same map, and Helm ignores the first value",
    docs: include_str!("duplicate_key.md"),
    fix: FixAvailability::None,
    scope: Scope::Line,
    facts: Facts::Stable,
    target: Target::Key,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let document = subject.document;
    let stretches = subject.stretches();
    let (Some(from), Some(to)) = (stretches.first(), stretches.last()) else { return Vec::new() };
    // They come in the order in which they end. A text with values in many places has those of the others, too.
    let all = document.duplicates();
    let end = |duplicate: &DuplicateKey| document.node(duplicate.second.value).span.end;
    let first = all.partition_point(|duplicate| end(duplicate) < from.start);
    let mut found = Vec::new();
    for duplicate in all[first..].iter().take_while(|duplicate| end(duplicate) <= to.end) {
        let (first, second) = (document.node(duplicate.first.key).span, document.node(duplicate.second.key).span);
        let before = stretches.partition_point(|stretch| stretch.start <= second.start);
        if !before.checked_sub(1).is_some_and(|at| stretches[at].contains(&second.start)) {
            continue;
        }
        found.push(
            Finding::at(second, format!("`{}` is set twice in this map", duplicate.key))
                .labelled("Helm uses only this value")
                .mark(first, "Helm ignores everything below this key")
                .help("merge both blocks into one: Helm uses the later block and prints no message"),
        );
    }
    found
}
