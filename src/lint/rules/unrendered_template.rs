//! See `unrendered_template.md`: the help text, the web page and the test of this rule.

use crate::{lint::prelude::*, yaml::Span};

pub(super) static RULE: Rule = Rule {
    id: "unrendered-template",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "Go or Terraform template that must be rendered first",
    docs: include_str!("unrendered_template.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Template(check),
    ..Rule::DEFAULTS
};

fn check(kind: &str, place: Span) -> Finding {
    Finding::at(place, format!("found {kind}: expected plain YAML"))
        .help("render the template first and lint the result: use `helm template`, or the tool of this template")
}
