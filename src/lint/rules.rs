//! All rules, one file and one page each.

use super::Rule;

mod annotation_not_a_string;
mod auth_off;
mod dead_key;
mod duplicate_key;
mod float_integer;
mod floating_tag;
mod image_catalogue_moved;
mod images_mixed;
mod ingress_annotation_on_service;
mod maxmemory_above_limit;
mod maxmemory_unset;
mod metrics_label_key;
mod node_port_replaces_port;
mod not_yet_known_key;
mod null_value;
mod password_changes_every_render;
mod plaintext_password;
mod preset_resources;
mod proxy_protocol;
mod public_load_balancer;
mod quorum_cannot_be_met;
mod quorum_without_majority;
mod redundant_default;
mod removed_key;
mod renamed_key;
mod render_failure;
mod rules_empty;
mod second_document_ignored;
mod sentinel_answers_unreachable;
mod sentinel_service_reaches_replicas;
mod sentinel_too_few;
mod service_monitor_not_selected;
mod service_monitor_without_metrics;
mod unknown_key;
mod value_out_of_set;
mod wrong_type;
mod yaml_1_1_surprise;

/// Sorted by id.
static RULES: [&Rule; 37] = [
    &annotation_not_a_string::RULE,
    &auth_off::RULE,
    &dead_key::RULE,
    &duplicate_key::RULE,
    &float_integer::RULE,
    &floating_tag::RULE,
    &image_catalogue_moved::RULE,
    &images_mixed::RULE,
    &ingress_annotation_on_service::RULE,
    &maxmemory_above_limit::RULE,
    &maxmemory_unset::RULE,
    &metrics_label_key::RULE,
    &node_port_replaces_port::RULE,
    &not_yet_known_key::RULE,
    &null_value::RULE,
    &password_changes_every_render::RULE,
    &plaintext_password::RULE,
    &preset_resources::RULE,
    &proxy_protocol::RULE,
    &public_load_balancer::RULE,
    &quorum_cannot_be_met::RULE,
    &quorum_without_majority::RULE,
    &redundant_default::RULE,
    &removed_key::RULE,
    &renamed_key::RULE,
    &render_failure::RULE,
    &rules_empty::RULE,
    &second_document_ignored::RULE,
    &sentinel_answers_unreachable::RULE,
    &sentinel_service_reaches_replicas::RULE,
    &sentinel_too_few::RULE,
    &service_monitor_not_selected::RULE,
    &service_monitor_without_metrics::RULE,
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
