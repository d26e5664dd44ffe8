//! See `sentinel_user_without_rights.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{acl, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-user-without-rights",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "first ACL user without the permissions that Sentinels need for each other",
    docs: include_str!("sentinel_user_without_rights.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The channel on which Sentinels announce themselves. Source: redis.io, Sentinel.
const CHANNEL: &str = "__sentinel__:hello";

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    if !on(Setting::AclSentinel) {
        return Vec::new();
    }
    let required = acl::commands_of_sentinels(subject);
    let users = acl::users(subject);
    let (Some(first), false) = (users.first(), required.is_empty()) else { return Vec::new() };
    let name = &first.name;
    let lacks = first.missing_commands(&required);
    let why = if !first.enabled {
        format!("`{name}` is disabled")
    } else if !first.has_password && !on(Setting::AclSecret) {
        format!("`{name}` has no password: the chart omits such users from the ACL of Sentinel")
    } else if !lacks.is_empty() {
        format!("`{name}` cannot run {}", lacks.join(", "))
    } else if !first.may_use_channel(CHANNEL) {
        format!("`{name}` cannot use the channel `{CHANNEL}`")
    } else {
        return Vec::new();
    };
    let message = format!("Sentinels log in to each other as the first ACL user, and {why}; there is no failover");
    let finding = Finding::at(first.span, message).labelled("Sentinel logs in as this user");
    vec![finding.help("put a user with `+@all` first, and the user of the application after it")]
}
