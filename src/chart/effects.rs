//! Set of effects of a change.

use std::{fmt, ops::BitOr};

use super::pack::Effect;

/// Effects that a change of a key can have. A change from one value to another may have fewer effects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Effects(u8);

impl Effects {
    pub(super) fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    pub fn contains(self, effect: Effect) -> bool {
        self.0 & effect.bit() != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set without `effect`.
    #[must_use]
    pub fn without(self, effect: Effect) -> Self {
        Self(self.0 & !effect.bit())
    }

    /// The effects, worst first.
    pub fn iter(self) -> impl Iterator<Item = Effect> {
        Effect::ALL.into_iter().filter(move |effect| self.contains(*effect))
    }
}

impl fmt::Display for Effect {
    /// Name of the effect as in the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::Workload => "workload",
            Self::Immutable => "immutable",
            Self::Password => "password",
            Self::Reach => "reach",
            Self::Scale => "scale",
            Self::Pods => "pods",
            Self::AtRestart => "at-restart",
        })
    }
}

impl FromIterator<Effect> for Effects {
    fn from_iter<T: IntoIterator<Item = Effect>>(effects: T) -> Self {
        Self(effects.into_iter().fold(0, |bits, effect| bits | effect.bit()))
    }
}

impl BitOr for Effects {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Chart, Topology, Type, Verdict, version_numbers};

    fn of(version: &str, path: &str, topology: Topology) -> Vec<Effect> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        chart.effects(path, topology).iter().collect()
    }

    /// Every expected effect was checked in the output of `helm template` before and after the change.
    #[test]
    fn a_change_does_what_helm_shows() {
        use Effect::{Data, Immutable, Password, Pods, Reach, Scale, Workload};
        use Topology::{Replication, Sentinel, Standalone};
        let facts: [(&str, &str, Topology, &[Effect]); 24] = [
            ("10.5.6", "slave.persistence.size", Replication, &[Data, Immutable]),
            ("10.5.6", "password", Standalone, &[Password, Pods]),
            ("10.5.6", "cluster.slaveCount", Replication, &[Scale]),
            ("10.5.6", "sentinel.usePassword", Sentinel, &[Password, Pods]),
            ("10.5.6", "metrics.serviceMonitor.enabled", Standalone, &[]),
            ("11.3.4", "sentinel.usePassword", Sentinel, &[Password]),
            ("13.0.1", "persistence.existingClaim", Standalone, &[Data, Immutable, Pods]),
            ("13.0.1", "slave.persistence.path", Replication, &[Data, Pods]),
            ("13.0.1", "slave.statefulset.volumeClaimTemplates.labels", Replication, &[Immutable]),
            ("14.0.0", "commonAnnotations", Standalone, &[Pods]),
            ("23.1.1", "commonAnnotations", Standalone, &[]),
            ("23.1.1", "commonLabels", Replication, &[Pods]),
            ("23.1.1", "master.persistence.size", Standalone, &[Data, Immutable]),
            ("23.1.1", "master.service.type", Replication, &[Reach]),
            ("23.1.1", "master.service.clusterIP", Replication, &[Immutable, Reach]),
            ("23.1.1", "networkPolicy.allowExternal", Sentinel, &[Reach]),
            ("23.1.1", "replica.podManagementPolicy", Replication, &[Immutable]),
            ("23.1.1", "replica.autoscaling.maxReplicas", Replication, &[Scale]),
            ("23.1.1", "master.pdb.create", Standalone, &[]),
            ("23.1.1", "fullnameOverride", Replication, &[Data, Workload, Password, Reach]),
            ("23.1.1", "auth.sentinel", Sentinel, &[Password, Pods]),
            ("23.1.1", "auth.sentinel", Replication, &[]),
            ("23.1.1", "tls.enabled", Sentinel, &[Reach, Pods]),
            ("23.1.1", "image.tag", Standalone, &[Pods]),
        ];
        for (version, path, topology, effects) in facts {
            assert_eq!(of(version, path, topology), effects, "{path} in {version}, {topology}");
        }
    }

    #[test]
    fn a_map_does_what_its_children_do() {
        let of = |path| of("23.1.1", path, Topology::Replication);
        assert_eq!(of("master.podAnnotations.a"), [Effect::Pods], "a child of an open map");
        assert_eq!(of(r"metrics.podAnnotations.a\.b/c"), [Effect::Pods], "the map has declared children too");
        assert_eq!(of("master.service.annotations.a"), [Effect::Reach]);
        assert_eq!(of("networkPolicy"), [Effect::Reach]);
        assert!(
            of("master.persistence").starts_with(&[Effect::Data])
                && of("master.persistence").ends_with(&[Effect::Pods])
        );
        assert!(of("slave.persistence.size").is_empty(), "no key of this version");
    }

    #[test]
    fn nothing_comes_of_a_key_that_is_not_read() {
        for version in version_numbers().step_by(29) {
            let chart = Chart::at(&version).unwrap();
            for key in chart.keys().filter(|key| key.kind != Type::Map) {
                for topology in Topology::ALL {
                    let read = chart.read(key.path, topology).verdict == Verdict::Read;
                    assert!(read || chart.effects(key.path, topology).is_empty(), "{} in {version}", key.path);
                }
            }
        }
    }

    #[test]
    fn a_set_is_told_from_the_worst_to_the_least() {
        let set: Effects = [Effect::Pods, Effect::Data].into_iter().collect();
        assert!(
            set.iter().eq([Effect::Data, Effect::Pods]) && set.contains(Effect::Pods) && !set.contains(Effect::Reach)
        );
        assert_eq!(set | set, set);
        assert!(Effects::default().is_empty() && !set.is_empty());
    }
}
