//! All rules, one file and one page each.

use super::Rule;
use crate::suggest::near;

/// Declares the module of each rule, and the list of all rules.
macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        static RULES: &[&Rule] = &[$(&$name::RULE),*];
    };
}

// Sorted. Each name is a file and a page in the folder `rules`.
rules! {
    acl_user_without_password,
    annotation_not_a_string,
    annotation_value,
    api_gone,
    auth_off,
    autoscaler_under_sentinel,
    broken_address_annotation,
    broken_in_this_version,
    broken_yaml,
    certificates_change_every_render,
    chart_floating_image,
    cluster_mode_with_replicas,
    command_needed_by_sentinel,
    dead_key,
    deprecated_annotation,
    duplicate_acl_user,
    duplicate_key,
    eviction_loses_data,
    external_dns_prefix,
    external_sentinel_without_addresses,
    float_integer,
    floating_tag,
    idle_timeout,
    image_architecture,
    image_catalogue_moved,
    image_not_from_bitnami,
    images_mixed,
    independent_primaries,
    ingress_annotation_on_service,
    load_balancer_condition,
    malformed_directive,
    maxmemory_above_limit,
    maxmemory_unset,
    metrics_label_key,
    metrics_port_open,
    min_replicas_blocks_writes,
    missing_in_template,
    missing_service_account,
    misspelt_annotation,
    module_not_in_image,
    network_policy_blocks_clients,
    no_node_to_promote,
    no_tls_across_load_balancer,
    node_port_replaces_port,
    not_yet_known_key,
    null_value,
    other_clouds_annotation,
    parallel_without_persistence,
    password_changes_every_render,
    plaintext_password,
    preset_resources,
    primary_label_blocked,
    prometheus_operator,
    proxy_protocol,
    public_load_balancer,
    quorum_cannot_be_met,
    quorum_without_majority,
    redis_with_known_holes,
    redundant_default,
    refused_acl_rule,
    refused_by_kubernetes,
    refused_directive,
    refused_rename,
    removed_key,
    renamed_key,
    render_failure,
    replica_data_outside_volume,
    replicas_without_disruption_budget,
    restart_wipes_replicas,
    rules_empty,
    same_address_twice,
    second_document_ignored,
    secret_key_mismatch,
    sentinel_answers_unreachable,
    sentinel_node_ports,
    sentinel_service_reaches_replicas,
    sentinel_too_few,
    sentinel_user_without_rights,
    sentinel_without_password,
    service_monitor_not_selected,
    service_monitor_without_metrics,
    services_share_keys,
    shared_claim,
    source_ranges_ignored,
    start_script_replaced,
    unknown_directive,
    unknown_key,
    unrendered_template,
    unused_ignore,
    value_out_of_set,
    wrong_type,
    yaml_1_1_surprise,
}

// The rules that commands treat on their own.
pub static API_GONE: &Rule = &api_gone::RULE;
pub static CHART_FLOATING_IMAGE: &Rule = &chart_floating_image::RULE;
pub static FLOAT_INTEGER: &Rule = &float_integer::RULE;
pub static FLOATING_TAG: &Rule = &floating_tag::RULE;
pub static IMAGE_CATALOGUE_MOVED: &Rule = &image_catalogue_moved::RULE;
pub static PLAINTEXT_PASSWORD: &Rule = &plaintext_password::RULE;
pub static REDIS_WITH_KNOWN_HOLES: &Rule = &redis_with_known_holes::RULE;

/// All rules, sorted by id.
pub fn all() -> &'static [&'static Rule] {
    RULES
}

/// The rule with this id.
pub fn named(id: &str) -> Option<&'static Rule> {
    RULES.binary_search_by(|rule| rule.id.cmp(id)).ok().map(|at| RULES[at])
}

/// The id of the rule that was probably meant by an id without a rule.
pub fn nearest(id: &str) -> Option<&'static str> {
    let near = near(id, RULES.iter().map(|rule| rule.id))?;
    named(&near).map(|rule| rule.id)
}
