//! Number and roles of the pods.

use semver::Version;

use super::{Draft, RecommendedOption, Refusal, only_with};
use crate::{
    chart::{self, Setting, Topology},
    intent::{Field, Intent},
};

/// The default number of replicas with Sentinel, which needs three nodes: after the loss of one, two still agree.
/// Source: redis.io, Sentinel: "at least three".
const SENTINEL_REPLICAS: u32 = 2;

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    kubernetes(intent, draft)?;
    let sentinel = draft.topology == Topology::Sentinel;
    let topology = &[Field::Topology];
    draft.say(Setting::Topology, !matches!(draft.topology, Topology::Standalone), topology, shape(draft.topology))?;
    draft.say(Setting::Sentinel, sentinel, topology, shape(draft.topology))?;
    if draft.topology == Topology::Standalone {
        only_with(
            intent,
            &[Field::Replicas, Field::ExposeReplicas, Field::MinReplicasToWrite, Field::MinReplicasMaxLag],
            Field::Topology,
            "no effect in `standalone` topology, which has no replicas",
        )?;
    }
    if sentinel {
        sentinels(intent, draft)?;
    } else {
        only_with(
            intent,
            &[Field::Quorum, Field::DownAfter, Field::FailoverTimeout, Field::MasterService, Field::PerPod],
            Field::Topology,
            "requires `topology: sentinel`",
        )?;
        if let Some(replicas) = intent.replicas {
            draft.say(
                Setting::Replicas,
                i64::from(replicas),
                &[Field::Replicas],
                format!("{replicas} replicas and one primary"),
            )?;
        }
    }
    min_replicas(intent, draft)?;
    if let Some(domain) = &intent.cluster_domain {
        draft.say(Setting::ClusterDomain, domain.as_str(), &[Field::ClusterDomain], "DNS domain of the cluster")?;
    }
    repairs(draft)
}

/// When the primary refuses writes because too few replicas follow it.
fn min_replicas(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(lag) = intent.min_replicas_max_lag {
        if intent.min_replicas_to_write.is_none() {
            let text = "no effect alone. Set `min-replicas-to-write`";
            return Err(Refusal::new(&[Field::MinReplicasMaxLag, Field::MinReplicasToWrite], text));
        }
        draft.conf("min-replicas-max-lag", lag.to_string(), &[Field::MinReplicasMaxLag]);
    }
    let Some(needed) = intent.min_replicas_to_write else { return Ok(()) };
    let replicas = match draft.topology {
        Topology::Sentinel => Some(replicas(intent)),
        _ => intent.replicas,
    };
    if let Some(replicas) = replicas.filter(|replicas| needed > *replicas) {
        let text = format!("a write needs {needed} replicas, and there are {replicas}: Redis refuses every write");
        return Err(Refusal::new(&[Field::MinReplicasToWrite, Field::Replicas], text));
    }
    if needed > 0 && replicas == Some(needed) {
        let ways = [RecommendedOption {
            field: Field::MinReplicasToWrite,
            says: "`min-replicas-to-write: 0`",
            take: |intent| intent.min_replicas_to_write = Some(0),
        }];
        draft.advise("min-replicas-blocks-writes", &ways, "");
    }
    draft.conf("min-replicas-to-write", needed.to_string(), &[Field::MinReplicasToWrite]);
    Ok(())
}

fn shape(topology: Topology) -> &'static str {
    match topology {
        Topology::Standalone => "one primary, no replicas",
        Topology::Replication => "one primary with replicas, no automatic failover",
        Topology::Sentinel => "one primary with replicas, failover by Sentinel",
    }
}

/// The number of nodes with Sentinel.
pub(super) fn nodes(intent: &Intent) -> u32 {
    replicas(intent).saturating_add(1)
}

fn replicas(intent: &Intent) -> u32 {
    intent.replicas.unwrap_or(SENTINEL_REPLICAS)
}

/// The number of Sentinels that start a failover: the quorum, and the majority that elects the leader.
pub(super) fn sentinels_needed(intent: &Intent) -> u32 {
    let majority = nodes(intent) / 2 + 1;
    intent.quorum.map_or(majority, |quorum| quorum.max(majority))
}

fn sentinels(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let (replicas, nodes) = (replicas(intent), nodes(intent));
    let majority = nodes / 2 + 1;
    let quorum = intent.quorum.unwrap_or(majority);
    if quorum == 0 || quorum > nodes {
        let text = format!("{nodes} Sentinels cannot meet a quorum of {quorum}: expected 1 to {nodes}");
        return Err(Refusal::new(&[Field::Quorum, Field::Replicas], text));
    }
    let options: &[_] = if intent.replicas.is_some() { &[Field::Replicas] } else { &[] };
    draft.say(Setting::Replicas, i64::from(replicas), options, format!("{nodes} nodes, one Sentinel each"))?;
    let options: &[_] = if intent.quorum.is_some() { &[Field::Quorum] } else { &[] };
    draft.say(
        Setting::Quorum,
        i64::from(quorum),
        options,
        format!("quorum: {quorum} of {nodes} Sentinels start a failover"),
    )?;
    for (setting, time, field, why) in [
        (Setting::DownAfter, intent.down_after, Field::DownAfter, "time until a silent primary counts as lost"),
        (Setting::FailoverTimeout, intent.failover_timeout, Field::FailoverTimeout, "time of one attempt to fail over"),
    ] {
        if let Some(time) = time {
            draft.say(setting, i64::from(time.0), &[field], format!("{time}: {why}"))?;
        }
    }
    if nodes < 3 {
        let way = RecommendedOption {
            field: Field::Replicas,
            says: "`replicas: 2` or more",
            take: |intent| intent.replicas = Some(SENTINEL_REPLICAS),
        };
        draft.advise("sentinel-too-few", &[way], "");
    }
    if quorum < majority {
        draft.advise("quorum-without-majority", &[], "");
    }
    Ok(())
}

/// Refuses a Kubernetes version that the chart does not support.
fn kubernetes(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let Some(given) = &intent.kube_version else { return apis(intent, draft) };
    let have = chart::parse_kubernetes(given).ok_or_else(|| {
        Refusal::new(
            &[Field::KubeVersion],
            format!("`{given}` is not a Kubernetes version: expected a version such as `1.29`"),
        )
    })?;
    for place in draft.chart.places(Setting::Kubernetes, draft.topology) {
        let need = place.path;
        if Version::parse(&format!("{need}.0")).is_ok_and(|need| have < need) {
            let text = format!(
                "chart {} requires Kubernetes {need} or later, and the cluster has {given}",
                draft.chart.version()
            );
            return Err(Refusal::new(&[Field::KubeVersion, Field::ChartVersion], text));
        }
    }
    apis(intent, draft)
}

/// The version of the cluster: the given version, or the assumed one.
pub(super) fn cluster(intent: &Intent) -> Version {
    let assumed = || chart::parse_kubernetes(&chart::kubernetes_today());
    intent.kube_version.as_deref().and_then(chart::parse_kubernetes).or_else(assumed).unwrap_or(Version::new(1, 0, 0))
}

/// The id of the warning about an API version that the cluster does not serve.
pub(super) const API_GONE: &str = "api-gone";

/// Warns of objects that the chart always creates and that the cluster does not accept. Refuses a given version of the
/// cluster.
fn apis(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let all = draft.chart.gone_apis(draft.topology, &cluster(intent));
    if intent.kube_version.is_some() {
        // Lint assumes a cluster of today.
        draft.accepted.push((API_GONE, Field::KubeVersion));
    }
    let Some(gone) = all.iter().find(|gone| gone.condition.is_empty()) else { return Ok(()) };
    let fixed = gone.fixed_in().map(|version| format!(". Use chart {version} or later")).unwrap_or_default();
    let text = format!("{}{fixed}", gone.message(draft.chart));
    if intent.kube_version.is_some() {
        return Err(Refusal::new(&[Field::KubeVersion, Field::ChartVersion], text));
    }
    draft.warn(API_GONE, &[]);
    Ok(())
}

/// Turns off default features that are broken in this chart version.
fn repairs(draft: &mut Draft) -> Result<(), Refusal> {
    for (setting, why) in [
        (Setting::RepairServiceAccount, "this chart version uses a ServiceAccount that it does not create"),
        (Setting::RepairDisruptionBudget, "this chart version creates a disruption budget for pods that do not exist"),
    ] {
        if draft.can(setting) {
            draft.say(setting, false, &[], why)?;
        }
    }
    Ok(())
}
