//! See `external_sentinel_without_addresses.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology},
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "external-sentinel-without-addresses",
    group: Group::Access,
    severity: Severity::Error,
    summary: "Service for each pod with Sentinel, without their addresses: Sentinel does not start",
    docs: include_str!("external_sentinel_without_addresses.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The directive that names the primary to Sentinel.
const MONITOR: &str = "sentinel monitor";

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).into_iter().find(|key| subject.on(key));
    let Some(switch) = on(Setting::PerPodEnabled).filter(|_| subject.topology == Topology::Sentinel) else {
        return Vec::new();
    };
    let mut texts = subject.places(Setting::SentinelConf).into_iter().filter_map(|key| subject.text(key));
    let has_addresses = on(Setting::PerPodAddresses).is_some() || on(Setting::PerPodAddressesOld).is_some();
    if has_addresses || texts.any(|text| text.contains(MONITOR)) || on(Setting::ExistingRedisConf).is_some() {
        return Vec::new();
    }
    let message =
        format!("Sentinel does not start: `{switch}` is on, but no address is set, and sentinel.conf names no primary");
    let finding = Finding::at(locate(subject, std::slice::from_ref(&switch)), message)
        .labelled("the chart leaves out the line `sentinel monitor` without addresses");
    vec![match subject.places(Setting::PerPodAddresses).first() {
        Some(key) => finding.help(format!("reserve an address for each pod, and set `{key}` to the list of addresses")),
        None => finding,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn addresses_or_a_monitor_are_enough() {
        let count = |version: &str, text: &str| {
            let document = Document::parse(text).unwrap();
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            check(&Subject::new(&document, Origin::default(), &chart).unwrap()).len()
        };
        let open = "sentinel:\n  enabled: true\n  externalAccess:\n    enabled: true\n";
        let service = |line: &str| format!("{open}    service:\n      {line}\n");
        let addresses = "[192.0.2.1, 192.0.2.2, 192.0.2.3]";
        for version in ["20.11.0", "23.1.1", "28.0.7"] {
            assert_eq!(count(version, open), 1);
            assert_eq!(count(version, &service(&format!("loadBalancerIP: {addresses}"))), 0);
            let monitor = format!("{open}  configuration: sentinel monitor mymaster 192.0.2.1 6379 2\n");
            assert_eq!(count(version, &monitor), 0);
            assert_eq!(count(version, "sentinel:\n  externalAccess:\n    enabled: true\n"), 0);
        }
        assert_eq!(count("28.0.7", &service(&format!("loadBalancerIPs: {addresses}"))), 0);
    }
}
