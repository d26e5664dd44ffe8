//! See `auth_off.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        locate::{locate, set_value},
        prelude::*,
        services::{Service, ServiceKind, services},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "auth-off",
    group: Group::Security,
    severity: Severity::Warning,
    summary: "Redis or Sentinel does not require a password",
    docs: include_str!("auth_off.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let open: Vec<Service> =
        services(subject).filter(|service| service.kind.is_redis() && service.is_external()).collect();
    let off = |setting: Setting| subject.places(setting).into_iter().find(|key| !subject.on(key));
    if let Some(key) = off(Setting::Auth) {
        return vec![redis(subject, key, &open)];
    }
    let has_sentinel = |service: &Service| matches!(service.kind, ServiceKind::AllNodes | ServiceKind::EachPod);
    let sentinels: Vec<Service> = open.into_iter().filter(has_sentinel).collect();
    match off(Setting::AuthSentinel) {
        Some(key) if !sentinels.is_empty() => vec![sentinel(subject, key, &sentinels)],
        _ => Vec::new(),
    }
}

fn redis(subject: &Subject, key: &str, open: &[Service]) -> Finding {
    let at = locate(subject, &[key]);
    let finding = match open.first() {
        Some(service) => {
            let message = format!(
                "Redis requires no password and is reachable from outside the cluster through a {}",
                service.service_type
            );
            Finding::at(at, message).severity(Severity::Error)
        }
        None => Finding::at(at, "Redis requires no password: every pod that can reach Redis has full access"),
    };
    let finding =
        marked(subject, open, finding).help(format!("set `{key}: true` and the name of the Secret with the password"));
    let Some(edit) = set_value(subject, key, true) else { return finding };
    finding.fix(Fix::new(Applicability::Unsafe, format!("set `{key}: true`"), vec![edit]))
}

fn sentinel(subject: &Subject, key: &str, open: &[Service]) -> Finding {
    let message = "Sentinel requires no password and is reachable from outside the cluster";
    marked(subject, open, Finding::at(locate(subject, &[key]), message))
        .help("anyone who can reach Sentinel can start a failover and set another primary")
        .help(format!("set `{key}: true`: Sentinel then uses the password of Redis"))
}

fn marked(subject: &Subject, open: &[Service], finding: Finding) -> Finding {
    let mut types: Vec<String> = open.iter().filter_map(|service| service.field("type")).collect();
    // One key can set the type of two Services.
    types.dedup();
    let written = types.iter().filter_map(|key| subject.entry(key));
    written.fold(finding, |finding, entry| finding.mark(entry.value, "reachable from outside the cluster"))
}
