//! See `services_share_keys.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{self, Chart, Topology},
    lint::{
        prelude::*,
        services::{Service, ServiceKind, ServiceSetting, services},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "services-share-keys",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "two Services with the same keys, and both are reachable from outside",
    docs: include_str!("services_share_keys.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let external = |kind| services(subject).find(|service| service.kind == kind && service.is_external());
    let (Some(primary), Some(nodes)) = (external(ServiceKind::CurrentPrimary), external(ServiceKind::AllNodes)) else {
        return Vec::new();
    };
    if primary.base != nodes.base {
        return Vec::new();
    }
    vec![finding(subject, &nodes)]
}

fn finding(subject: &Subject, nodes: &Service) -> Finding {
    let what = if nodes.is_load_balancer() { "two load balancers" } else { "two node ports" };
    let message = format!(
        "`{}.type: {}` creates {what}: the Service of the current primary and the Service of all nodes have the same \
         keys",
        nodes.base, nodes.service_type
    );
    let finding = Finding::at(nodes.span("type"), message)
        .labelled("the Service of all nodes leads writes to read-only replicas");
    match apart(&subject.chart, subject.topology) {
        Some(version) => finding.help(format!("use chart {version} or later, which has separate keys for each")),
        None => finding,
    }
}

/// The next chart version with separate keys for both Services.
fn apart(chart: &Chart, topology: Topology) -> Option<String> {
    let mut later = chart::version_numbers().filter(|later| later > chart.version());
    let types = |chart: &Chart, kind| chart.service_keys(kind, ServiceSetting::Type, topology);
    let version = later.find(|later| {
        Chart::at(later).is_some_and(|chart| {
            let primary = types(&chart, ServiceKind::CurrentPrimary);
            !primary.is_empty() && primary != types(&chart, ServiceKind::AllNodes)
        })
    })?;
    Some(version.to_string())
}
