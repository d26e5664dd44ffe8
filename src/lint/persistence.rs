//! Whether the data of the pods survives the restart of a container, if the values decide it.

use super::{
    Subject,
    redis_conf::{self, Directive},
};
use crate::{chart::Setting, effective::directives};

/// How the pods below one key keep their data.
pub(super) struct Persistence {
    /// The key that puts the data on a volume.
    pub volume: String,
    /// Whether the data is on that volume, and not in the pod.
    pub on_volume: bool,
    /// Whether Redis saves its data: append-only file or snapshots.
    pub saved: bool,
    /// The directives that decide whether Redis saves its data.
    pub because: Vec<Directive>,
}

/// None if the values do not decide: a ConfigMap outside the values, two texts with contradictions, another folder.
pub(super) fn of_pods(subject: &Subject, pods: &str) -> Option<Persistence> {
    let directives = redis_conf::of_pods(subject, pods)?;
    if !redis_conf::in_effect(directives, &["dir"]).is_empty() {
        return None;
    }
    let (saved, because) = saved(directives)?;
    let volume = volume(subject, pods)?;
    let on_volume = is_on_volume(subject, &volume);
    Some(Persistence { volume, on_volume, saved, because })
}

/// The key that puts the data of these pods on a volume.
pub(super) fn volume(subject: &Subject, pods: &str) -> Option<String> {
    let keys = subject.places(Setting::Persistence).into_iter();
    let of_pods = |key: &&str| key.strip_prefix(pods).is_some_and(|rest| rest.starts_with('.'));
    keys.into_iter().find(of_pods).map(str::to_owned)
}

/// Whether the volume is used: it is on, and this kind of workload reads the key.
pub(super) fn is_on_volume(subject: &Subject, volume: &str) -> bool {
    subject.on(volume) && subject.all_hold(subject.chart.read(volume, subject.topology).terms) != Some(false)
}

/// Whether Redis is a cache: it may evict any key if the memory is full.
pub(super) fn is_cache(subject: &Subject, pods: &str) -> bool {
    let directives = redis_conf::of_pods(subject, pods).unwrap_or_default();
    let policies = redis_conf::in_effect(directives, &["maxmemory-policy"]);
    !policies.is_empty() && policies.iter().all(|policy| evicts_any(policy))
}

/// Whether this policy also evicts keys without an expiry.
pub(super) fn evicts_any(policy: &Directive) -> bool {
    policy.arguments.starts_with("allkeys-")
}

/// Whether Redis saves its data, and the directives that decide it.
fn saved(directives: &[Directive]) -> Option<(bool, Vec<Directive>)> {
    let saves = directives::saves(directives)?;
    let deciding = ["appendonly", "save"].into_iter().flat_map(|name| redis_conf::in_effect(directives, &[name]));
    Some((saves, deciding.cloned().collect()))
}
