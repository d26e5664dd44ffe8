//! Which pods there are, and how many.

use semver::Version;

use super::{Draft, Refusal, Way, only_with};
use crate::{chart::Topology, intent::Intent};

/// The replicas beside the master where nobody says how many: Sentinel needs three nodes to lose one and still agree (redis.io, Sentinel: "at least three").
const SENTINEL_REPLICAS: u32 = 2;

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    kubernetes(intent, draft)?;
    let sentinel = draft.topology == Topology::Sentinel;
    let topology = &["topology"];
    draft.say("topology", !matches!(draft.topology, Topology::Standalone), topology, shape(draft.topology))?;
    draft.say("sentinel", sentinel, topology, shape(draft.topology))?;
    if draft.topology == Topology::Standalone {
        only_with(intent, &["replicas", "expose_replicas"], "topology", "a standalone Redis has no replicas")?;
    }
    if sentinel {
        sentinels(intent, draft)?;
    } else {
        only_with(
            intent,
            &["quorum", "master_service", "per_pod"],
            "topology",
            "there is no Sentinel in this topology",
        )?;
        if let Some(replicas) = intent.replicas {
            draft.say("replicas", i64::from(replicas), &["replicas"], format!("{replicas} beside the master"))?;
        }
    }
    if let Some(domain) = &intent.cluster_domain {
        draft.say("cluster-domain", domain.as_str(), &["cluster_domain"], "DNS domain of the cluster")?;
    }
    repairs(draft)
}

fn shape(topology: Topology) -> &'static str {
    match topology {
        Topology::Standalone => "one master alone",
        Topology::Replication => "one master with replicas, no automatic failover",
        Topology::Sentinel => "one master with replicas, Sentinel fails over",
    }
}

/// How many nodes there are with Sentinel.
pub(super) fn nodes(intent: &Intent) -> u32 {
    replicas(intent).saturating_add(1)
}

fn replicas(intent: &Intent) -> u32 {
    intent.replicas.unwrap_or(SENTINEL_REPLICAS)
}

fn sentinels(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let (replicas, nodes) = (replicas(intent), nodes(intent));
    let majority = nodes / 2 + 1;
    let quorum = intent.quorum.unwrap_or(majority);
    if quorum == 0 || quorum > nodes {
        let text = format!("a quorum of {quorum} cannot be met by {nodes} Sentinels; between 1 and {nodes} can");
        return Err(Refusal::new(&["quorum", "replicas"], text));
    }
    let wishes: &[_] = if intent.replicas.is_some() { &["replicas"] } else { &[] };
    draft.say("replicas", i64::from(replicas), wishes, format!("{nodes} nodes, each with a Sentinel"))?;
    let wishes: &[_] = if intent.quorum.is_some() { &["quorum"] } else { &[] };
    draft.say("quorum", i64::from(quorum), wishes, format!("{quorum} of {nodes} Sentinels agree on a failover"))?;
    if nodes < 3 {
        let noun = if nodes == 1 { "node" } else { "nodes" };
        let fact = format!("Sentinel cannot fail over with {nodes} {noun}: losing one leaves no majority");
        let way = Way {
            field: "replicas",
            says: "`replicas: 2` or more",
            take: |intent| intent.replicas = Some(SENTINEL_REPLICAS),
        };
        draft.advise("sentinel-too-few", fact, &[way], "");
    }
    if quorum < majority {
        let text =
            format!("a quorum of {quorum} is less than the majority of {nodes}: a failover may be started by too few");
        draft.note("quorum-without-majority", text);
    }
    Ok(())
}

/// Holds the Kubernetes of the cluster against the oldest that the chart supports.
fn kubernetes(intent: &Intent, draft: &Draft) -> Result<(), Refusal> {
    let Some(given) = &intent.kube_version else { return Ok(()) };
    let text = given.trim_start_matches('v');
    let padded = if text.matches('.').count() == 1 { format!("{text}.0") } else { text.to_owned() };
    let have = Version::parse(&padded).map_err(|_| {
        Refusal::new(&["kube_version"], format!("`{given}` is no Kubernetes version; expected one as `1.29`"))
    })?;
    for place in draft.chart.places("@kubernetes", draft.topology) {
        let need = place.path;
        if Version::parse(&format!("{need}.0")).is_ok_and(|need| have < need) {
            let text =
                format!("chart {} needs Kubernetes {need} or later, the cluster has {given}", draft.chart.version());
            return Err(Refusal::new(&["kube_version", "chart_version"], text));
        }
    }
    Ok(())
}

/// Mends what this very chart version breaks with its own defaults.
fn repairs(draft: &mut Draft) -> Result<(), Refusal> {
    for (word, why) in [
        ("repair.service-account", "this chart version names a ServiceAccount that it does not make"),
        ("repair.disruption-budget", "this chart version makes a disruption budget for pods that are not there"),
    ] {
        if draft.can(word) {
            draft.say(word, false, &[], why)?;
        }
    }
    Ok(())
}
