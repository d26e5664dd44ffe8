//! See `sentinel_without_password.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{acl, locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-without-password",
    group: Group::Security,
    severity: Severity::Warning,
    summary: "Sentinel does not require a password although `auth.sentinel` is on",
    docs: include_str!("sentinel_without_password.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let first = |setting: Setting| subject.places(setting).into_iter().find(|key| subject.on(key));
    let (Some(switch), Some(auth)) = (first(Setting::AclSentinel), first(Setting::AuthSentinel)) else {
        return Vec::new();
    };
    if acl::commands_of_sentinels(subject).is_empty() || acl::users(subject).is_empty() {
        return Vec::new();
    }
    let message = format!("Sentinel requires no password although `{auth}` is on: its ACL replaces the password");
    let finding = Finding::at(locate(subject, &[switch, auth]), message);
    vec![finding.help(format!(
        "clients that send a password to Sentinel get an error: set `{auth}: false` and send no password, or turn off the \
         ACL of Sentinel"
    ))]
}
