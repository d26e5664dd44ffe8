//! See `malformed_directive.md`: the help text, the web page and the test of this rule.

use crate::{lint::prelude::*, source::directive::InvalidDirective, yaml::Span};

pub(super) static RULE: Rule = Rule {
    id: "malformed-directive",
    group: Group::Comments,
    severity: Severity::Warning,
    summary: "`redisgen:` comment that redisgen does not understand",
    docs: include_str!("malformed_directive.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Directive(check),
    ..Rule::DEFAULTS
};

fn check(place: Span, unclear: &InvalidDirective) -> Finding {
    let InvalidDirective { message, help } = unclear;
    Finding::at(place, message.as_str()).labelled("this comment has no effect").help(help.as_str())
}
