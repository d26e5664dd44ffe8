//! All rules, one file and one page each.

use super::Rule;

mod annotation_not_a_string;
mod ingress_annotation_on_service;
mod node_port_replaces_port;
mod proxy_protocol;
mod public_load_balancer;
mod sentinel_answers_unreachable;
mod sentinel_service_reaches_replicas;
mod unknown_key;

/// Sorted by id.
static RULES: [&Rule; 8] = [
    &annotation_not_a_string::RULE,
    &ingress_annotation_on_service::RULE,
    &node_port_replaces_port::RULE,
    &proxy_protocol::RULE,
    &public_load_balancer::RULE,
    &sentinel_answers_unreachable::RULE,
    &sentinel_service_reaches_replicas::RULE,
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
