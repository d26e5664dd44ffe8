//! See `unused_ignore.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Diagnostic, Finding, Group, Rule, Severity},
    yaml::Span,
};

pub(in crate::lint) static RULE: Rule = Rule {
    id: "unused-ignore",
    group: Group::Comments,
    severity: Severity::Warning,
    summary: "ignore comment for a rule that finds nothing here",
    docs: include_str!("unused_ignore.md"),
    // It is known once all rules have said of all values in the file what they find: `lint::ignore` asks it then.
    check: |_| Vec::new(),
};

/// Says it of the place where a comment names the rule.
pub(in crate::lint) fn at(place: Span, rule: &str) -> Diagnostic {
    let finding = Finding::at(place, format!("`ignore[{rule}]` ignores nothing"))
        .labelled("the rule finds nothing here")
        .help("remove the comment, or put it on the line of the finding or directly above that line");
    Diagnostic::of(&RULE, finding)
}
