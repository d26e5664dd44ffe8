//! See `network_policy_blocks_clients.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{locate::locate, prelude::*, services::services},
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "network-policy-blocks-clients",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "NetworkPolicy that blocks the clients of a load balancer or a node port",
    docs: include_str!("network_policy_blocks_clients.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).into_iter().any(|key| subject.on(key));
    if !on(Setting::NetworkPolicy) || on(Setting::ExtraIngress) || has_another_policy(subject) {
        return Vec::new();
    }
    clients(subject).into_iter().collect()
}

/// Whether the release deploys a NetworkPolicy of the user, which can allow more.
fn has_another_policy(subject: &Subject) -> bool {
    let manifests = subject.places(Setting::Manifests).into_iter().filter_map(|key| subject.value(key));
    manifests.into_iter().any(mentions_policy)
}

fn mentions_policy(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("NetworkPolicy"),
        Value::List(items) => items.iter().any(mentions_policy),
        Value::Map(map) => map.iter().any(|(_, value)| mentions_policy(value)),
        _ => false,
    }
}

/// The finding about clients outside the cluster.
fn clients(subject: &Subject) -> Option<Finding> {
    let key = subject.places(Setting::AllowExternal).into_iter().next().filter(|key| !subject.on(key))?;
    let mut open = services(subject).filter(|service| service.kind.is_redis() && service.is_external());
    let service = open.next()?;
    let what = if service.is_load_balancer() { "the load balancer" } else { "the node port" };
    let message = format!("the NetworkPolicy blocks every client of {what}: only labelled pods can connect");
    let finding = Finding::at(locate(subject, std::slice::from_ref(&key)), message)
        .mark(service.span("type"), "clients come through this Service");
    Some(match subject.places(Setting::ExtraIngress).first() {
        Some(extra) => finding.help(format!("allow the addresses of the clients at `{extra}`, or set `{key}: true`")),
        None => finding.help(format!("set `{key}: true`")),
    })
}
