//! See `duplicate_key.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Finding, Group, Rule, Severity, Subject},
    yaml::Duplicate,
};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that stands twice in one map, so that only one of its values counts",
    docs: include_str!("duplicate_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let document = subject.document;
    let stretches = subject.stretches();
    let (Some(from), Some(to)) = (stretches.first(), stretches.last()) else { return Vec::new() };
    // They come in the order in which they end. A text with values in many places has those of the others, too.
    let all = document.duplicates();
    let end = |duplicate: &Duplicate| document.node(duplicate.second.value).span.end;
    let first = all.partition_point(|duplicate| end(duplicate) < from.start);
    let mut found = Vec::new();
    for duplicate in all[first..].iter().take_while(|duplicate| end(duplicate) <= to.end) {
        let (first, second) = (document.node(duplicate.first.key).span, document.node(duplicate.second.key).span);
        let before = stretches.partition_point(|stretch| stretch.start <= second.start);
        if !before.checked_sub(1).is_some_and(|at| stretches[at].contains(&second.start)) {
            continue;
        }
        found.push(
            Finding::at(second, format!("`{}` stands twice in this map", duplicate.key))
                .labelled("only this one counts")
                .mark(first, "all that is said here is dropped")
                .help("make one of both: Helm reads the later one and says nothing of the other"),
        );
    }
    found
}
