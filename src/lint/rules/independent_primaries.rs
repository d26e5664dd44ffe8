//! See `independent_primaries.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology},
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "independent-primaries",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "several primaries behind one Service, without replication between them",
    docs: include_str!("independent_primaries.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let Some(key) = subject.places(Setting::PrimaryCount).into_iter().next() else { return Vec::new() };
    let count = subject.value(key).and_then(|count| count.as_f64()).filter(|count| *count > 1.0);
    let Some(count) = count.filter(|_| subject.is_read(key)) else { return Vec::new() };
    let message =
        format!("`{key}: {count}` creates {count} primaries with different data: nothing replicates between them");
    let finding = Finding::at(locate(subject, std::slice::from_ref(&key)), message)
        .labelled("the Service leads each connection to any of the primaries");
    vec![match subject.topology {
        Topology::Replication => finding
            .help("each replica copies the primary that the Service selects when the replica connects")
            .help(format!("set `{key}: 1`, and use Sentinel for failover")),
        Topology::Standalone | Topology::Sentinel => finding
            .severity(Severity::Warning)
            .help(format!("set `{key}: 1`, and use replicas with Sentinel for failover")),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn the_topology_decides() {
        let severity = |text: &str| {
            let document = Document::parse(text).unwrap();
            let chart = Chart::at(&"28.0.7".parse().unwrap()).unwrap();
            let found = check(&Subject::new(&document, Origin::default(), &chart).unwrap());
            found.first().map(|finding| finding.severity.unwrap_or(RULE.severity))
        };
        assert_eq!(severity("master:\n  count: 2\n"), Some(Severity::Error));
        assert_eq!(severity("architecture: standalone\nmaster:\n  count: 2\n"), Some(Severity::Warning));
        // The chart ignores the number.
        assert_eq!(severity("sentinel:\n  enabled: true\nmaster:\n  count: 2\n"), None);
        assert_eq!(severity("master:\n  kind: DaemonSet\n  count: 2\n"), None);
        assert_eq!(severity("master:\n  count: 1\n"), None);
    }
}
