//! All rules, one file and one page each.

use super::Rule;
use crate::near::near;

mod acl_user_without_password;
mod annotation_not_a_string;
mod annotation_value;
mod auth_off;
mod autoscaler_under_sentinel;
mod broken_address_annotation;
mod broken_yaml;
mod chart_floating_image;
mod command_needed_by_sentinel;
mod dead_key;
mod deprecated_annotation;
mod duplicate_acl_user;
mod duplicate_key;
mod eviction_loses_data;
mod external_dns_prefix;
mod float_integer;
mod floating_tag;
mod idle_timeout;
mod image_architecture;
mod image_catalogue_moved;
mod image_not_from_bitnami;
mod images_mixed;
mod ingress_annotation_on_service;
pub(super) mod malformed_directive;
mod maxmemory_above_limit;
mod maxmemory_unset;
mod metrics_label_key;
mod min_replicas_blocks_writes;
mod missing_in_template;
mod missing_service_account;
mod misspelt_annotation;
mod module_not_in_image;
mod no_tls_across_load_balancer;
mod node_port_replaces_port;
mod not_yet_known_key;
mod null_value;
mod other_clouds_annotation;
mod parallel_without_persistence;
mod password_changes_every_render;
mod plaintext_password;
mod preset_resources;
mod primary_label_blocked;
mod proxy_protocol;
mod public_load_balancer;
mod quorum_cannot_be_met;
mod quorum_without_majority;
mod redis_with_known_holes;
mod redundant_default;
mod removed_key;
mod renamed_key;
mod render_failure;
mod replicas_without_disruption_budget;
mod restart_wipes_replicas;
mod rules_empty;
mod same_address_twice;
mod second_document_ignored;
mod secret_key_mismatch;
mod sentinel_answers_unreachable;
mod sentinel_service_reaches_replicas;
mod sentinel_too_few;
mod sentinel_user_without_rights;
mod sentinel_without_password;
mod service_monitor_not_selected;
mod service_monitor_without_metrics;
mod source_ranges_ignored;
mod start_script_replaced;
mod unknown_key;
mod unrendered_template;
pub(super) mod unused_ignore;
mod value_out_of_set;
mod wrong_type;
mod yaml_1_1_surprise;

/// Sorted by id.
static RULES: [&Rule; 72] = [
    &acl_user_without_password::RULE,
    &annotation_not_a_string::RULE,
    &annotation_value::RULE,
    &auth_off::RULE,
    &autoscaler_under_sentinel::RULE,
    &broken_address_annotation::RULE,
    &broken_yaml::RULE,
    &chart_floating_image::RULE,
    &command_needed_by_sentinel::RULE,
    &dead_key::RULE,
    &deprecated_annotation::RULE,
    &duplicate_acl_user::RULE,
    &duplicate_key::RULE,
    &eviction_loses_data::RULE,
    &external_dns_prefix::RULE,
    &float_integer::RULE,
    &floating_tag::RULE,
    &idle_timeout::RULE,
    &image_architecture::RULE,
    &image_catalogue_moved::RULE,
    &image_not_from_bitnami::RULE,
    &images_mixed::RULE,
    &ingress_annotation_on_service::RULE,
    &malformed_directive::RULE,
    &maxmemory_above_limit::RULE,
    &maxmemory_unset::RULE,
    &metrics_label_key::RULE,
    &min_replicas_blocks_writes::RULE,
    &missing_in_template::RULE,
    &missing_service_account::RULE,
    &misspelt_annotation::RULE,
    &module_not_in_image::RULE,
    &no_tls_across_load_balancer::RULE,
    &node_port_replaces_port::RULE,
    &not_yet_known_key::RULE,
    &null_value::RULE,
    &other_clouds_annotation::RULE,
    &parallel_without_persistence::RULE,
    &password_changes_every_render::RULE,
    &plaintext_password::RULE,
    &preset_resources::RULE,
    &primary_label_blocked::RULE,
    &proxy_protocol::RULE,
    &public_load_balancer::RULE,
    &quorum_cannot_be_met::RULE,
    &quorum_without_majority::RULE,
    &redis_with_known_holes::RULE,
    &redundant_default::RULE,
    &removed_key::RULE,
    &renamed_key::RULE,
    &render_failure::RULE,
    &replicas_without_disruption_budget::RULE,
    &restart_wipes_replicas::RULE,
    &rules_empty::RULE,
    &same_address_twice::RULE,
    &second_document_ignored::RULE,
    &secret_key_mismatch::RULE,
    &sentinel_answers_unreachable::RULE,
    &sentinel_service_reaches_replicas::RULE,
    &sentinel_too_few::RULE,
    &sentinel_user_without_rights::RULE,
    &sentinel_without_password::RULE,
    &service_monitor_not_selected::RULE,
    &service_monitor_without_metrics::RULE,
    &source_ranges_ignored::RULE,
    &start_script_replaced::RULE,
    &unknown_key::RULE,
    &unrendered_template::RULE,
    &unused_ignore::RULE,
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

/// The id that was probably meant by one that is none.
pub fn nearest(id: &str) -> Option<&'static str> {
    let near = near(id, RULES.iter().map(|rule| rule.id))?;
    named(&near).map(|rule| rule.id)
}
