//! See `broken_yaml.md`: the help text, the web page and the test of this rule.

use crate::lint::{Group, Rule, Severity};

/// Found by the engine, before there are values to look at.
pub(super) static RULE: Rule = Rule {
    id: "broken-yaml",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "file that Helm cannot read as values",
    docs: include_str!("broken_yaml.md"),
    check: |_| Vec::new(),
};
