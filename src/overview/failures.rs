//! What fails when: how many nodes a release can lose, how long clients wait, and which data is lost.
//!
//! A ConfigMap outside of the values, a template, and the scheduler of the cluster are not known: events then leave out
//! what depends on them.

use serde::Serialize;

use crate::{
    chart::{Setting, Topology},
    effective::{
        EffectiveValues,
        directives::{self, Directive},
    },
    objects::{Object, Objects, Role, Workload},
};

/// What happens if parts of a release fail.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    /// The failover by Sentinel. None without Sentinel, or if the values do not decide the number of nodes.
    pub failover: Option<Failover>,
    /// The seconds until Redis answers again in a restarted container.
    pub restart_seconds: Option<f64>,
    /// The seconds after a restart until the Services lead to the pod again: the delay of the readiness probe.
    pub ready_seconds: Option<f64>,
    /// The events, from the smallest to the largest.
    pub events: Vec<Event>,
}

/// The failover by Sentinel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failover {
    pub nodes: u32,
    /// The nodes that must agree on a failover.
    pub majority: u32,
    /// The Sentinels that must miss the primary.
    pub quorum: u32,
    /// The nodes that may be lost at a time with a failover afterwards.
    pub may_lose: u32,
    /// The seconds until Sentinels miss the primary: `down-after-milliseconds`.
    pub down_after_seconds: f64,
    /// The seconds from the loss of the primary until another node takes writes.
    pub seconds: f64,
}

/// What clients see if something fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What fails: `the pod of the primary is lost`.
    pub what: String,
    /// What then happens to reads and writes.
    pub then: String,
    /// What happens to the data. None if nothing is lost.
    pub data: Option<String>,
}

/// How the pods of the primary keep their data.
struct Kept {
    /// Whether the data is on a volume that outlives the pod.
    on_volume: bool,
    /// Whether Redis saves its data. None if the values do not decide.
    saves: Option<bool>,
    /// What is lost of saved data when Redis stops: `the last second of writes`.
    window: String,
}

impl Failures {
    pub(super) fn of(objects: &Objects, values: &EffectiveValues) -> Self {
        let pods_key = values.pod_keys().next().unwrap_or_default();
        let directives = values.directives(pods_key);
        let primary = objects.workloads.iter().find(|workload| workload.role != Role::Replica);
        let Some(primary) = primary else { return Self::default() };
        let kept = Kept::of(primary, directives.as_deref());
        let probe = format!("{pods_key}.readinessProbe");
        let delay = values.value(&format!("{probe}.initialDelaySeconds")).and_then(|delay| delay.as_f64());
        let facts = Facts {
            nodes: primary.pods.fewest().filter(|_| primary.pods.is_fixed()),
            replicas: replicas(objects),
            kept: &kept,
            failover: failover(primary, values),
            restart: number(values, Setting::RestartSeconds),
            ready: delay.filter(|_| values.on(&format!("{probe}.enabled"))),
            needed: directives.as_deref().and_then(directives::required_replicas).map(|(_, number)| number),
        };
        let mut events = match values.topology {
            Topology::Standalone => facts.standalone(),
            Topology::Replication => facts.replication(),
            Topology::Sentinel => facts.sentinel(),
        };
        events.extend(facts.missing_replicas());
        events.extend(drain(objects));
        Self { failover: facts.failover, restart_seconds: facts.restart, ready_seconds: facts.ready, events }
    }
}

/// What the events of a release depend on.
struct Facts<'a> {
    /// The pods of the primary, or the nodes. None if an autoscaler decides.
    nodes: Option<u32>,
    replicas: Option<u32>,
    kept: &'a Kept,
    failover: Option<Failover>,
    restart: Option<f64>,
    ready: Option<f64>,
    /// The connected replicas that a write requires.
    needed: Option<i64>,
}

/// A number of the values or of the facts of a chart version.
fn number(values: &EffectiveValues, setting: Setting) -> Option<f64> {
    let place = values.places(setting).into_iter().next()?;
    place.parse().ok().or_else(|| values.value(place)?.as_f64())
}

fn failover(nodes: &Workload, values: &EffectiveValues) -> Option<Failover> {
    if values.topology != Topology::Sentinel || !nodes.pods.is_fixed() {
        return None;
    }
    let nodes = nodes.pods.fewest()?;
    let quorum = number(values, Setting::Quorum).filter(|quorum| *quorum >= 1.0)? as u32;
    let down_after = number(values, Setting::DownAfter)? / 1000.0;
    let majority = nodes / 2 + 1;
    let may_lose = nodes.saturating_sub(majority.max(quorum));
    // A failover needs another node.
    let may_lose = if nodes < 2 { 0 } else { may_lose.min(nodes - 1) };
    let seconds = down_after + number(values, Setting::FailoverSeconds).unwrap_or_default();
    Some(Failover { nodes, majority, quorum, may_lose, down_after_seconds: down_after, seconds })
}

fn replicas(objects: &Objects) -> Option<u32> {
    let replicas = objects.workloads.iter().filter(|workload| workload.role == Role::Replica);
    replicas.map(|workload| workload.pods.fewest().filter(|_| workload.pods.is_fixed())).sum()
}

impl Kept {
    fn of(primary: &Workload, directives: Option<&[Directive]>) -> Self {
        let in_effect = |name: &str| {
            let found = directives.map(|directives| directives::in_effect(directives, &[name])).unwrap_or_default();
            found.into_iter().map(|directive| directive.arguments.clone()).collect::<Vec<_>>()
        };
        let logs = in_effect("appendonly").iter().any(|word| word.eq_ignore_ascii_case("yes"));
        let window = match in_effect("appendfsync").first().map(String::as_str) {
            Some("always") if logs => "no write that was answered".to_owned(),
            Some("no") if logs => "the writes that the system has not flushed, up to about 30 seconds".to_owned(),
            _ if logs => "the last second of writes".to_owned(),
            _ => "the writes since the last snapshot".to_owned(),
        };
        Self { on_volume: !primary.claims.is_empty(), saves: directives.and_then(directives::saves), window }
    }

    /// What is lost if the container restarts in its pod.
    fn at_restart(&self) -> Option<String> {
        match self.saves {
            Some(true) => Some(format!("a killed Redis loses {}", self.window)),
            Some(false) => Some("all data of this pod is lost: Redis saves nothing".to_owned()),
            None => None,
        }
    }

    /// What is lost if the pod is replaced.
    fn at_replacement(&self) -> Option<String> {
        match (self.on_volume, self.saves) {
            (true, Some(true)) => Some(format!("a killed Redis loses {}", self.window)),
            (true, Some(false)) => Some("all data is lost: Redis writes nothing to its volume".to_owned()),
            (false, _) => Some("all data is lost: it is in the pod, without a volume".to_owned()),
            (true, None) => None,
        }
    }
}

/// Seconds for people: `62 s`, `0.9 s`.
fn seconds(seconds: f64) -> String {
    let rounded = (seconds * 10.0).round() / 10.0;
    format!("{rounded} s")
}

impl Facts<'_> {
    /// How long the restart of a container takes.
    fn restart(&self) -> String {
        let back =
            self.restart.map_or_else(|| "in a few seconds".to_owned(), |time| format!("after {}", seconds(time)));
        match self.ready {
            Some(ready) if ready > 0.0 => {
                format!("Redis answers again {back}, and Services lead to the pod again {} later", seconds(ready))
            }
            _ => format!("Redis answers again {back}"),
        }
    }

    fn standalone(&self) -> Vec<Event> {
        let several = self.nodes.is_some_and(|nodes| nodes > 1);
        let whose = if several { "the keys of this pod" } else { "all keys" };
        vec![
            Event {
                what: "the container of Redis restarts".to_owned(),
                then: format!("reads and writes of {whose} fail meanwhile: {}", self.restart()),
                data: self.kept.at_restart(),
            },
            Event {
                what: "the pod or its node is lost".to_owned(),
                then: format!("reads and writes of {whose} fail until Kubernetes has started the pod elsewhere"),
                data: self.kept.at_replacement(),
            },
        ]
    }

    fn replication(&self) -> Vec<Event> {
        let reads = if self.replicas == Some(0) { "reads fail too" } else { "replicas answer reads" };
        let copies = |data: Option<String>| match &data {
            Some(text) if text.starts_with("all") && self.replicas != Some(0) => {
                Some(format!("{text}, and the replicas copy the empty primary"))
            }
            _ => data,
        };
        let mut events = vec![
            Event {
                what: "the container of the primary restarts".to_owned(),
                then: format!("writes fail meanwhile, {reads}: {}", self.restart()),
                data: copies(self.kept.at_restart()),
            },
            Event {
                what: "the pod of the primary or its node is lost".to_owned(),
                then: format!(
                    "no replica takes over: writes fail until Kubernetes has started the pod elsewhere, {reads}"
                ),
                data: copies(self.kept.at_replacement()),
            },
        ];
        if self.replicas != Some(0) {
            let left = match self.replicas {
                Some(1) => "writes continue, and no replica answers reads".to_owned(),
                _ => "writes continue, and the other replicas answer reads".to_owned(),
            };
            events.push(Event { what: "a replica is lost".to_owned(), then: left, data: None });
        }
        events
    }

    fn sentinel(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let failover = self.failover.as_ref();
        let is_first = failover.zip(self.restart).map(|(failover, restart)| failover.down_after_seconds > restart);
        let (then, data) = match (is_first, self.kept.saves) {
            (Some(true), Some(false)) => (
                format!("no failover, because Redis is back before Sentinel misses it: {}", self.restart()),
                Some("all data is lost: Redis saves nothing, and the replicas copy the empty primary".to_owned()),
            ),
            (Some(true), _) => (
                format!("no failover, because Redis is back before Sentinel misses it: {}", self.restart()),
                self.kept.at_restart(),
            ),
            _ => ("writes fail until Redis is back or Sentinel has failed over".to_owned(), Some(LAG.to_owned())),
        };
        events.push(Event { what: "the container of the primary restarts".to_owned(), then, data });
        let Some(failover) = failover else { return events };
        let Failover { nodes, majority, quorum, may_lose, down_after_seconds, seconds: total } = failover;
        if *may_lose > 0 {
            let then = format!(
                "writes fail for about {} (Sentinel waits {}), then another node is the primary",
                seconds(*total),
                seconds(*down_after_seconds)
            );
            events.push(Event { what: "the node of the primary is lost".to_owned(), then, data: Some(LAG.to_owned()) });
        }
        events.push(Event {
            what: "another node is lost".to_owned(),
            then: "reads and writes continue".to_owned(),
            data: None,
        });
        let many = match may_lose {
            0 => "the node of the primary is lost".to_owned(),
            lost => format!("{} nodes are lost", lost + 1),
        };
        let why = match quorum > majority {
            true => format!("the quorum is {quorum} of {nodes} Sentinels"),
            false => format!("a failover needs a majority, {majority} of {nodes} Sentinels"),
        };
        events.push(Event {
            what: many,
            then: match may_lose {
                0 => format!("no failover ({why}): writes fail until the node is back"),
                _ => format!("no failover ({why}): writes fail if the primary is lost, until enough nodes are back"),
            },
            data: None,
        });
        let all = match (self.kept.on_volume, self.kept.saves) {
            (true, Some(true)) => "the data is on the volumes",
            (true, None) => "the volumes keep what Redis has saved",
            (true, Some(false)) => "all data is lost: Redis saves nothing",
            (false, _) => "all data is lost: it is in the pods, without volumes",
        };
        events.push(Event {
            what: "all pods are lost".to_owned(),
            then: "reads and writes fail until the pods are back".to_owned(),
            data: Some(all.to_owned()),
        });
        events
    }

    /// The event in which too few replicas are connected for a write.
    fn missing_replicas(&self) -> Option<Event> {
        let needed = self.needed.filter(|needed| *needed > 0)?;
        let noun = if needed == 1 { "replica is" } else { "replicas are" };
        Some(Event {
            what: format!("fewer than {needed} {noun} connected"),
            then: "the primary refuses writes (`min-replicas-to-write`)".to_owned(),
            data: None,
        })
    }
}

/// What a failover can lose: replication does not wait for replicas.
const LAG: &str = "writes that no replica had received are lost";

/// What a drain of a node of the cluster respects.
fn drain(objects: &Objects) -> Option<Event> {
    let budgets: Vec<String> =
        objects.others.iter().filter(|object| object.kind == "PodDisruptionBudget").filter_map(allowed).collect();
    let then = match budgets.as_slice() {
        [] => "no budget limits a drain: it may evict all pods at once".to_owned(),
        budgets => format!("a drain evicts pods only within the budget: {}", budgets.join("; ")),
    };
    Some(Event { what: "nodes of the cluster are drained".to_owned(), then, data: None })
}

/// `minAvailable: 2` of a budget, with its name.
fn allowed(budget: &Object) -> Option<String> {
    let limit = ["minAvailable", "maxUnavailable"]
        .into_iter()
        .find_map(|field| Some(format!("{field}: {}", budget.fields.get(field)?)))?;
    Some(format!("`{}` has `{limit}`", budget.name))
}
