//! See `malformed_directive.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Diagnostic, Finding, Group, Rule, Severity},
    source::directive::Unclear,
    yaml::Span,
};

pub(in crate::lint) static RULE: Rule = Rule {
    id: "malformed-directive",
    group: Group::Comments,
    severity: Severity::Warning,
    summary: "`redisgen:` comment that redisgen does not understand",
    docs: include_str!("malformed_directive.md"),
    // The comments of a file are read once, for all values in it: `lint::ignore` does.
    check: |_| Vec::new(),
};

/// Says it of a comment, or of a word in it.
pub(in crate::lint) fn at(place: Span, unclear: &Unclear) -> Diagnostic {
    let Unclear { message, help } = unclear;
    let finding = Finding::at(place, message.as_str()).labelled("this comment has no effect").help(help.as_str());
    Diagnostic::of(&RULE, finding)
}
