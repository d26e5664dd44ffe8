//! See `shared_claim.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{self, Setting, Topology},
    lint::{locate::locate, prelude::*},
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "shared-claim",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "several Redis pods with one volume claim: they overwrite the data of each other",
    docs: include_str!("shared_claim.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The pods of one workload that mount a claim, and the key with the name of the claim.
struct Mounts {
    what: &'static str,
    key: String,
    claim: String,
    pods: i64,
}

fn check(subject: &Subject) -> Vec<Finding> {
    let switched = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    let primaries = mounts(subject, "primaries", Setting::ExistingClaim, Setting::PrimaryCount, 1);
    // An autoscaler decides the number of replicas.
    let replicas = mounts(subject, what(subject), Setting::ReplicaClaim, Setting::Replicas, 0)
        .filter(|_| !switched(Setting::Autoscaled));
    let both = match (&primaries, &replicas) {
        (Some(primaries), Some(replicas)) if primaries.claim == replicas.claim => {
            Some(together(subject, primaries, replicas))
        }
        _ => None,
    };
    if let Some(finding) = both {
        return vec![finding];
    }
    let several = primaries.iter().chain(&replicas).filter(|mounts| mounts.pods > 1);
    several.map(|mounts| alone(subject, mounts)).chain(created(subject)).collect()
}

fn what(subject: &Subject) -> &'static str {
    if subject.topology == Topology::Sentinel { "nodes" } else { "replicas" }
}

/// The pods that mount the claim of one key; none if the pods of the key have folders of their own on the volume.
fn mounts(subject: &Subject, what: &'static str, claim: Setting, count: Setting, usual: i64) -> Option<Mounts> {
    let key = subject.places(claim).into_iter().find(|key| subject.on(key) && subject.is_read(key))?;
    let claim = subject.text(key)?;
    let persistence = chart::above(key).unwrap_or_default();
    let expression = format!("{persistence}.subPathExpr");
    let has_folders =
        subject.chart.takes(&expression) && subject.text(&expression).is_some_and(|path| path.contains("$("));
    let pods = count_of(subject, count).unwrap_or(usual);
    let folder = subject.text(&format!("{persistence}.subPath")).unwrap_or_default();
    (pods > 0 && !has_folders).then(|| Mounts { what, claim: format!("{claim}/{folder}"), key: key.to_owned(), pods })
}

fn count_of(subject: &Subject, count: Setting) -> Option<i64> {
    let key = subject.places(count).into_iter().next()?;
    match subject.value(key)? {
        Value::Int(count) => Some(*count),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn alone(subject: &Subject, mounts: &Mounts) -> Finding {
    let Mounts { what, key, pods, .. } = mounts;
    let message = format!("all {pods} {what} mount the claim at `{key}`: they overwrite the data of each other");
    Finding::at(locate(subject, &[key]), message)
        .labelled("a volume for one node keeps all pods but the first from starting on other nodes")
        .help(format!("remove `{key}`: the chart then creates a claim for each pod"))
}

fn together(subject: &Subject, primaries: &Mounts, replicas: &Mounts) -> Finding {
    let message = format!(
        "the primary and its replicas mount one claim (`{}` and `{}`): they overwrite the data of each other",
        primaries.key, replicas.key
    );
    let finding = Finding::at(locate(subject, &[&replicas.key]), message);
    let finding = match subject.entry(&primaries.key) {
        Some(entry) => finding.mark(entry.key, "the claim of the primary"),
        None => finding,
    };
    finding.help(format!("remove `{}`: the chart then creates a claim for each replica", replicas.key))
}

/// The finding about a Deployment of primaries: the chart creates a single claim for all its pods.
fn created(subject: &Subject) -> Option<Finding> {
    let kind = subject.places(Setting::PrimaryClaimOfDeployment).into_iter().next()?;
    let volume = subject.places(Setting::Persistence).into_iter().next()?;
    let has_claim = subject.places(Setting::ExistingClaim).iter().any(|key| subject.on(key));
    let pods = count_of(subject, Setting::PrimaryCount)?;
    if subject.text(kind)? != "Deployment" || !subject.on(volume) || has_claim || pods < 2 {
        return None;
    }
    let message = format!("all {pods} primaries mount one claim: a Deployment has no claim for each pod");
    let count = subject.places(Setting::PrimaryCount);
    let finding = Finding::at(locate(subject, &count.into_iter().chain([kind]).collect::<Vec<_>>()), message);
    Some(finding.help(format!("set `{kind}: StatefulSet`, or run one primary")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    fn count(version: &str, text: &str) -> usize {
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        check(&Subject::new(&document, Origin::default(), &chart).unwrap()).len()
    }

    #[test]
    fn a_claim_is_shared_where_the_chart_mounts_it() {
        let claim = "replica:\n  persistence:\n    existingClaim: data\n";
        let sentinel = format!("sentinel:\n  enabled: true\n{claim}");
        let standalone = format!("architecture: standalone\n{claim}");
        let one = format!("{claim}  replicaCount: 1\n");
        let folders = "replica:\n  persistence:\n    existingClaim: data\n    subPathExpr: $(POD_NAME)\n";
        let off = "replica:\n  persistence:\n    existingClaim: data\n    enabled: false\n";
        let counts = ["16.13.2", "28.0.7"]
            .map(|version| [claim, &sentinel, &standalone, &one, folders, off].map(|text| count(version, text)));
        assert_eq!(counts, [[1, 0, 0, 0, 1, 0], [1, 1, 0, 0, 0, 0]]);
    }

    #[test]
    fn a_primary_and_a_replica_share_a_claim() {
        let both = |replica: &str| {
            format!(
                "master:\n  persistence:\n    existingClaim: data\nreplica:\n  replicaCount: 1\n  persistence:\n    existingClaim: {replica}\n"
            )
        };
        assert_eq!((count("28.0.7", &both("data")), count("28.0.7", &both("other"))), (1, 0));
    }

    #[test]
    fn a_deployment_has_one_claim() {
        let text = "architecture: standalone\nmaster:\n  kind: Deployment\n  count: 2\n";
        let volatile = format!("{text}  persistence:\n    enabled: false\n");
        assert_eq!((count("28.0.7", text), count("28.0.7", &volatile)), (1, 0));
    }
}
