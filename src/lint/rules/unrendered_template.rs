//! See `unrendered_template.md`: the help text, the web page and the test of this rule.

use crate::lint::{Group, Rule, Severity};

/// Found by the engine, before there are values to look at.
pub(super) static RULE: Rule = Rule {
    id: "unrendered-template",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "Go or Terraform template that must be rendered first",
    docs: include_str!("unrendered_template.md"),
    check: |_| Vec::new(),
};
