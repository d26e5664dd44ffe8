//! Whether the data of the pods outlives them, and the restart of a container, as far as values tell.

use super::{
    Subject,
    redis_conf::{self, Directive},
};

/// What becomes of the data of the pods below one key.
pub(super) struct Kept {
    /// The key that puts the data on a volume of its own.
    pub volume: String,
    /// Whether it lies there, and not in the pod.
    pub on_volume: bool,
    /// Whether Redis writes it down at all: append-only file or snapshots.
    pub saved: bool,
    /// The directives that say so.
    pub because: Vec<Directive>,
}

/// None where values do not tell: a ConfigMap from elsewhere, two texts that contradict each other, another folder.
pub(super) fn of_pods(subject: &Subject, pods: &str) -> Option<Kept> {
    let directives = redis_conf::of_pods(subject, pods)?;
    if !redis_conf::said(&directives, &["dir"]).is_empty() {
        return None;
    }
    let (saved, because) = saved(&directives)?;
    let volume = volume(subject, pods)?;
    let on_volume = is_on_volume(subject, &volume);
    Some(Kept { volume, on_volume, saved, because })
}

/// The key that puts the data of these pods on a volume.
pub(super) fn volume(subject: &Subject, pods: &str) -> Option<String> {
    let keys = subject.places("persistence").into_iter();
    keys.into_iter().find(|key| key.strip_prefix(pods).is_some_and(|rest| rest.starts_with('.')))
}

/// A kind of workload that takes no volumes does not read the key.
pub(super) fn is_on_volume(subject: &Subject, volume: &str) -> bool {
    let switches = subject.chart.read(volume, subject.topology).switches;
    subject.on(volume) && subject.holds(switches) != Some(false)
}

/// Whether the values call it a cache: any key may go when the memory is full.
pub(super) fn is_cache(subject: &Subject, pods: &str) -> bool {
    let directives = redis_conf::of_pods(subject, pods).unwrap_or_default();
    let policies = redis_conf::said(&directives, &["maxmemory-policy"]);
    !policies.is_empty() && policies.iter().all(|policy| evicts_any(policy))
}

/// Whether this policy evicts also keys without an expiry.
pub(super) fn evicts_any(policy: &Directive) -> bool {
    policy.arguments.starts_with("allkeys-")
}

/// Whether Redis writes its data down, and the directives that decide it.
fn saved(directives: &[Directive]) -> Option<(bool, Vec<Directive>)> {
    let log = redis_conf::said(directives, &["appendonly"]);
    let logs = log.iter().filter(|directive| directive.arguments.eq_ignore_ascii_case("yes")).count();
    let snapshots = redis_conf::said(directives, &["save"]);
    let without = snapshots.iter().filter(|directive| is_empty(directive)).count();
    let because = log.iter().chain(&snapshots).map(|directive| (*directive).clone()).collect();
    // Redis takes snapshots by itself where nobody says `save`.
    match (logs, without) {
        (logs, _) if logs > 0 && logs == log.len() => Some((true, because)),
        (0, 0) => Some((true, because)),
        (0, without) if without == snapshots.len() => Some((false, because)),
        _ => None,
    }
}

/// `save ""` takes all rules away that were said before.
fn is_empty(directive: &Directive) -> bool {
    directive.arguments.trim_matches(['"', '\'', ' ']).is_empty()
}
