//! See `primary_label_blocked.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, setting_intervals},
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "primary-label-blocked",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "container that labels the primary cannot reach the API server, and the Service selects no pod",
    docs: include_str!("primary_label_blocked.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The key with the FIPS mode for this container.
const FIPS: Setting = Setting::PrimaryLabelFips;

fn check(subject: &Subject) -> Vec<Finding> {
    let first = |setting: Setting| subject.places(setting).into_iter().find(|key| subject.on(key));
    let Some(service) = first(Setting::MasterServiceEnabled) else { return Vec::new() };
    closed(subject, service).into_iter().chain(fips(subject, service)).collect()
}

/// The finding about a NetworkPolicy that allows egress only to DNS and to pods of the release.
fn closed(subject: &Subject, service: &str) -> Option<Finding> {
    let policy = subject.places(Setting::NetworkPolicy).into_iter().any(|key| subject.on(key));
    let open = subject.places(Setting::OpenEgress).into_iter().next().filter(|key| policy && !subject.on(key))?;
    let extra = subject.places(Setting::ExtraEgress).into_iter().next()?;
    if subject.on(extra) {
        return None;
    }
    let message = format!(
        "no pod gets the label that the Service at `{service}` selects: the network policy blocks the container from the API server"
    );
    let finding = Finding::at(locate(subject, &[open, service]), message);
    Some(finding.help(format!("allow the API server at `{extra}`, or set `{open}: true`")))
}

/// The finding about FIPS mode, in which the program cannot use TLS with the API server.
fn fips(subject: &Subject, service: &str) -> Option<Finding> {
    let key = subject.places(FIPS).into_iter().next()?;
    let word = subject.text(key).unwrap_or_default();
    if word == "relaxed" || word == "off" {
        return None;
    }
    let version = subject.chart.version();
    let message = format!(
        "no pod gets the label that the Service at `{service}` selects: in chart {version} its container uses the FIPS mode of the exporter and cannot use TLS with the API server"
    );
    let finding = Finding::at(locate(subject, &[key, service]), message).severity(Severity::Error);
    let mended = setting_intervals(FIPS, subject.topology)
        .into_iter()
        .filter_map(|(_, until)| until)
        .find(|until| until > version);
    let later = mended.map(|until| format!(", or use chart {until} or later")).unwrap_or_default();
    Some(finding.help(format!("set `{key}` to `relaxed`{later}")))
}
