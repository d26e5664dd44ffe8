//! All rules, one file and one page each.

use super::Rule;

mod auth_off;
mod maxmemory_above_limit;
mod maxmemory_unset;
mod password_changes_every_render;
mod plaintext_password;
mod preset_resources;
mod quorum_cannot_be_met;
mod quorum_without_majority;
mod rules_empty;
mod sentinel_too_few;
mod service_monitor_without_metrics;
mod unknown_key;

/// Sorted by id.
static RULES: [&Rule; 12] = [
    &auth_off::RULE,
    &maxmemory_above_limit::RULE,
    &maxmemory_unset::RULE,
    &password_changes_every_render::RULE,
    &plaintext_password::RULE,
    &preset_resources::RULE,
    &quorum_cannot_be_met::RULE,
    &quorum_without_majority::RULE,
    &rules_empty::RULE,
    &sentinel_too_few::RULE,
    &service_monitor_without_metrics::RULE,
    &unknown_key::RULE,
];

/// Sorted by id.
pub fn all() -> &'static [&'static Rule] {
    &RULES
}

/// The rule of this id.
pub fn named(id: &str) -> Option<&'static Rule> {
    RULES.binary_search_by(|rule| rule.id.cmp(id)).ok().map(|at| RULES[at])
}
