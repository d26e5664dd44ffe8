//! All rules, one file and one page each.

use super::Rule;

mod annotation_not_a_string;
mod dead_key;
mod duplicate_key;
mod ingress_annotation_on_service;
mod node_port_replaces_port;
mod not_yet_known_key;
mod null_value;
mod proxy_protocol;
mod public_load_balancer;
mod redundant_default;
mod removed_key;
mod renamed_key;
mod render_failure;
mod second_document_ignored;
mod sentinel_answers_unreachable;
mod sentinel_service_reaches_replicas;
mod unknown_key;
mod value_out_of_set;
mod wrong_type;
mod yaml_1_1_surprise;

/// Sorted by id.
static RULES: [&Rule; 20] = [
    &annotation_not_a_string::RULE,
    &dead_key::RULE,
    &duplicate_key::RULE,
    &ingress_annotation_on_service::RULE,
    &node_port_replaces_port::RULE,
    &not_yet_known_key::RULE,
    &null_value::RULE,
    &proxy_protocol::RULE,
    &public_load_balancer::RULE,
    &redundant_default::RULE,
    &removed_key::RULE,
    &renamed_key::RULE,
    &render_failure::RULE,
    &second_document_ignored::RULE,
    &sentinel_answers_unreachable::RULE,
    &sentinel_service_reaches_replicas::RULE,
    &unknown_key::RULE,
    &value_out_of_set::RULE,
    &wrong_type::RULE,
    &yaml_1_1_surprise::RULE,
];

/// Sorted by id.
pub fn all() -> &'static [&'static Rule] {
    &RULES
}

/// The rule of this id.
pub fn named(id: &str) -> Option<&'static Rule> {
    RULES.binary_search_by(|rule| rule.id.cmp(id)).ok().map(|at| RULES[at])
}
