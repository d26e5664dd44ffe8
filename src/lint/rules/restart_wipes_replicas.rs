//! See `restart_wipes_replicas.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology},
    lint::{
        locate::locate,
        persistence::{self, Persistence},
        prelude::*,
        replicas,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "restart-wipes-replicas",
    group: Group::Availability,
    severity: Severity::Warning,
    summary: "primary that can restart without data, and its replicas then lose their data",
    docs: include_str!("restart_wipes_replicas.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.places(Setting::PrimaryElsewhere).iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    // Without primaries in the release, the replicas follow another one.
    let is_zero = |key: &str| subject.value(key).and_then(|count| count.as_f64()) == Some(0.0);
    if subject.places(Setting::PrimaryCount).iter().any(is_zero) {
        return Vec::new();
    }
    let pods = replicas::pod_keys(subject);
    // The pods of the primary are first, and pods of replicas follow.
    let Some(primary) = pods.first() else { return Vec::new() };
    let Some(kept) = persistence::of_pods(subject, primary) else { return Vec::new() };
    let found = match subject.topology {
        Topology::Standalone => None,
        // Without replicas, no copy is lost.
        Topology::Replication if replicas::count_nodes(subject).is_some_and(|nodes| nodes.count < 2) => None,
        Topology::Replication => alone(subject, &kept, pods.get(1)),
        Topology::Sentinel => watched(subject, &kept),
    };
    let severity = if persistence::is_cache(subject, primary) { Severity::Info } else { Severity::Warning };
    found.map(|finding| finding.severity(severity)).into_iter().collect()
}

/// Without Sentinel, the primary always restarts as the primary.
fn alone(subject: &Subject, kept: &Persistence, replicas: Option<&&str>) -> Option<Finding> {
    let finding = match kept {
        Persistence { on_volume: true, saved: true, .. } => return None,
        Persistence { on_volume: true, saved: false, .. } => {
            because(subject, kept, "the primary writes nothing to its volume: it is empty after every restart")
                .help("turn on an append-only file or snapshots")
        }
        Persistence { volume, .. } => {
            let message = "the data of the primary is lost with its pod: the next pod starts empty";
            Finding::at(locate(subject, &[volume]), message)
                .help(format!("keep the data on a volume with `{volume}`, or use Sentinel for failover"))
        }
    };
    let theirs = replicas.and_then(|pods| persistence::volume(subject, pods));
    let finding = finding.help("the replicas copy the empty primary and lose their data");
    Some(match theirs {
        Some(key) if persistence::is_on_volume(subject, &key) => {
            finding.help("volumes of the replicas do not help: the replicas empty them too")
        }
        _ => finding,
    })
}

/// The finding under Sentinel: the primary can restart before Sentinel fails over, because Sentinel waits for a
/// configured time.
///
/// Data in the pod survives the restart of a container, and a new pod takes longer.
fn watched(subject: &Subject, kept: &Persistence) -> Option<Finding> {
    let key = subject.places(Setting::DownAfter).into_iter().next()?;
    let patience = subject.value(key)?.as_f64()?;
    if kept.saved || patience < restart_milliseconds(subject)? {
        return None;
    }
    let message = format!(
        "Redis writes no data to disk: a primary that restarts before Sentinel notices (`{key}`, {patience} ms) is empty"
    );
    Some(
        because(subject, kept, &message)
            .help("the replicas copy the empty primary and lose their data")
            .help("turn on the append-only file: it survives the restart of a container even without a volume"),
    )
}

/// The milliseconds from the kill of Redis until its restarted container is back, if the chart runs Sentinel.
fn restart_milliseconds(subject: &Subject) -> Option<f64> {
    let seconds = subject.chart.places(Setting::RestartSeconds, subject.topology).iter().next()?;
    Some(seconds.path.parse::<f64>().ok()? * 1000.0)
}

fn because(subject: &Subject, kept: &Persistence, message: &str) -> Finding {
    let mut spans = kept.because.iter().filter_map(|directive| directive.span);
    let first = spans.next().unwrap_or_else(|| locate(subject, &[&kept.volume]));
    spans.fold(Finding::at(first, message), |finding, span| finding.mark(span, "together with this"))
}
