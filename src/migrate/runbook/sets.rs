//! The StatefulSets of both charts, with their pods, their volume claims, and the fields that the API server refuses to
//! change.

use super::{ChartSide, Planner};
use crate::chart::{Difference, Object, Setting};

/// A StatefulSet that both charts make.
pub(super) struct RecreatedStatefulSet<'p> {
    pub name: String,
    pub old: &'p Object,
    pub new: &'p Object,
    /// The fields that the API server refuses to change.
    pub refused: Vec<String>,
    /// Whether the new StatefulSet does not select the old pods.
    pub loses_pods: bool,
    /// Whether the values change the size of the volume claims.
    pub resized: bool,
}

impl ChartSide<'_> {
    pub(super) fn name(&self, set: &Object) -> String {
        self.names.fill(set.name)
    }

    /// The pod that has the data first.
    pub(super) fn first_pod(&self) -> Option<String> {
        self.sets.first().map(|set| format!("{}-0", self.name(set)))
    }

    /// Whether the pods keep their data on volumes.
    pub(super) fn keeps_data(&self) -> bool {
        self.first_key(Setting::Persistence).is_some_and(|key| self.values.on(key))
    }

    /// Number of pods of a StatefulSet. The number in the values is for the last StatefulSet; the StatefulSet of a single
    /// primary is in front of it.
    pub(super) fn pods(&self, set: &Object) -> u16 {
        let (is_first, is_last) = (self.sets.first() == Some(set), self.sets.last() == Some(set));
        if is_first && !is_last {
            return 1;
        }
        let count = self.first_key(Setting::Replicas).and_then(|key| self.values.value(key)?.as_f64());
        // A larger number is a mistake in the values.
        count.filter(|count| (1.0..=100.0).contains(count)).map_or(1, |count| count as u16)
    }

    /// The volume claims of all pods of a StatefulSet.
    pub(super) fn claims(&self, set: &Object) -> Vec<String> {
        if !self.has_volumes(set) {
            return Vec::new();
        }
        let pods = 0..self.pods(set);
        pods.flat_map(|pod| set.claims(pod.into())).map(|claim| self.names.fill(&claim)).collect()
    }

    pub(super) fn size(&self, set: &Object) -> Option<String> {
        self.key_of(set, Setting::Size).and_then(|key| self.values.text(key)).map(str::to_owned)
    }

    fn has_volumes(&self, set: &Object) -> bool {
        self.key_of(set, Setting::Persistence).is_some_and(|key| self.values.on(key))
    }

    /// The key of a setting for the pods of a StatefulSet: keys and sets both begin with those of the primary.
    fn key_of(&self, set: &Object, setting: Setting) -> Option<&'static str> {
        let at = self.sets.iter().position(|known| known.name == set.name)?;
        let keys = self.values.places(setting);
        keys.iter().nth(at).or(keys.last())
    }
}

impl<'a> Planner<'a> {
    /// The StatefulSets that both charts make.
    pub(super) fn kept_sets(&self) -> Vec<RecreatedStatefulSet<'_>> {
        let pairs = self.old.sets.iter().filter_map(|old| {
            let name = self.old.name(old);
            let new = self.new.sets.iter().find(|new| self.new.name(new) == name)?;
            Some((name, old, new))
        });
        pairs.map(|(name, old, new)| self.kept_set(name, old, new)).collect()
    }

    fn kept_set<'p>(&self, name: String, old: &'p Object, new: &'p Object) -> RecreatedStatefulSet<'p> {
        let volumes = [self.old.has_volumes(old), self.new.has_volumes(new)];
        // Without a volume, the chart renders no claim template.
        let is_rendered =
            |difference: &Difference| volumes == [true, true] || !difference.field.starts_with("volumeClaimTemplates");
        let all = old.differences(new).into_iter().filter(|difference| difference.refused && is_rendered(difference));
        let mut refused: Vec<String> = all.map(|difference| difference.field.to_owned()).collect();
        let loses_pods = refused.iter().any(|field| field == "selector");
        let resized = volumes == [true, true] && self.old.size(old) != self.new.size(new);
        if resized || volumes[0] != volumes[1] {
            refused.push("volumeClaimTemplates".to_owned());
        }
        RecreatedStatefulSet { name, old, new, refused, loses_pods, resized }
    }

    pub(super) fn removed_sets(&self) -> Vec<&Object> {
        let kept = self.kept_sets();
        self.old.sets.iter().filter(|set| !kept.iter().any(|kept| kept.old.name == set.name)).collect()
    }

    pub(super) fn added_sets(&self) -> Vec<&Object> {
        let kept = self.kept_sets();
        self.new.sets.iter().filter(|set| !kept.iter().any(|kept| kept.name == self.new.name(set))).collect()
    }

    /// Whether old and new pods are connected during the upgrade, because the pods are replaced one by one.
    pub(super) fn overlaps(&self) -> bool {
        self.removed_sets().is_empty()
            && self.added_sets().is_empty()
            && !self.kept_sets().iter().any(|kept| kept.loses_pods)
    }
}
