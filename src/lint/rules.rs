//! All rules, one file and one page each.

use super::Rule;

mod unknown_key;

/// Sorted by id.
static RULES: [&Rule; 1] = [&unknown_key::RULE];

/// Sorted by id.
pub fn all() -> &'static [&'static Rule] {
    &RULES
}

/// The rule of this id.
pub fn named(id: &str) -> Option<&'static Rule> {
    RULES.binary_search_by(|rule| rule.id.cmp(id)).ok().map(|at| RULES[at])
}
