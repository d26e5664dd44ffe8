//! The number of Redis pods, if the values decide it.

use super::Subject;
use crate::chart::{Encoding, Setting};

/// The number of pods, and the key that sets it.
pub(super) struct NodeCount {
    pub count: i64,
    /// Whether the key counts the primary too.
    pub with_primary: bool,
    pub key: String,
}

impl NodeCount {
    pub fn majority(&self) -> i64 {
        self.count / 2 + 1
    }

    /// The value of the key for a number of pods.
    pub fn key_value(&self, count: i64) -> i64 {
        if self.with_primary { count } else { count - 1 }
    }
}

/// The pods of the release; none without replicas, with an autoscaler, or if some pods are outside the release.
pub(super) fn count_nodes(subject: &Subject) -> Option<NodeCount> {
    if decided_elsewhere(subject) {
        return None;
    }
    let [place] = subject.chart.places(Setting::Replicas, subject.topology) else { return None };
    let value = whole(subject.value(place.path)?.as_f64()?)?;
    let with_primary = place.form == Encoding::PlusOne;
    let count = if with_primary { value } else { value + 1 };
    Some(NodeCount { count, with_primary, key: place.path.to_owned() })
}

/// The quorum of Sentinel, and the key that sets it.
pub(super) fn quorum(subject: &Subject) -> Option<(i64, String)> {
    let key = subject.places(Setting::Quorum).into_iter().next()?;
    let quorum = whole(subject.value(key)?.as_f64()?)?;
    Some((quorum, key.to_owned()))
}

/// The keys above the values of the pods: `master`, `replica`.
pub(super) fn pod_keys(subject: &Subject) -> Vec<&'static str> {
    subject.pod_keys().collect()
}

fn decided_elsewhere(subject: &Subject) -> bool {
    [Setting::Autoscaled, Setting::PrimaryElsewhere]
        .into_iter()
        .any(|setting| subject.places(setting).iter().any(|key| subject.on(key)))
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e9).then_some(number as i64)
}
