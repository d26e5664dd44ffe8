//! The Services that the chart renders for clients.

use super::{Chart, Setting, SettingKey, Topology};

/// What clients find behind a Service of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    Primary,
    Replicas,
    /// All nodes, and their Sentinels.
    AllNodes,
    /// The node that is the primary at the time.
    CurrentPrimary,
    /// One pod for each Service.
    EachPod,
    /// The exporter, not Redis.
    Metrics,
}

/// What a setting decides about a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceSetting {
    /// The address of the load balancer.
    Address,
    Annotations,
    /// The class of the load balancer.
    Class,
    /// Whether the chart renders the Service.
    Enabled,
    RedisNodePort,
    SentinelNodePort,
    /// The addresses of clients that the load balancer accepts.
    SourceRanges,
    Type,
}

impl ServiceKind {
    pub const ALL: [Self; 6] =
        [Self::Primary, Self::Replicas, Self::AllNodes, Self::CurrentPrimary, Self::EachPod, Self::Metrics];

    /// The setting of the Service, if the catalogue has it. Source: `settings.tsv`.
    pub fn setting(self, part: ServiceSetting) -> Option<Setting> {
        use ServiceSetting::{
            Address, Annotations, Class, Enabled, RedisNodePort, SentinelNodePort, SourceRanges, Type,
        };
        Some(match (self, part) {
            (Self::Primary, Address) => Setting::PrimaryAddress,
            (Self::Primary, Annotations) => Setting::PrimaryAnnotations,
            (Self::Primary, Class) => Setting::PrimaryClass,
            (Self::Primary, RedisNodePort) => Setting::PrimaryRedisNodePort,
            (Self::Primary, SourceRanges) => Setting::PrimarySourceRanges,
            (Self::Primary, Type) => Setting::PrimaryType,
            (Self::Replicas, Address) => Setting::ReplicasAddress,
            (Self::Replicas, Annotations) => Setting::ReplicasAnnotations,
            (Self::Replicas, Class) => Setting::ReplicasClass,
            (Self::Replicas, RedisNodePort) => Setting::ReplicasRedisNodePort,
            (Self::Replicas, SourceRanges) => Setting::ReplicasSourceRanges,
            (Self::Replicas, Type) => Setting::ReplicasType,
            (Self::AllNodes, Address) => Setting::SentinelServiceAddress,
            (Self::AllNodes, Annotations) => Setting::SentinelServiceAnnotations,
            (Self::AllNodes, Class) => Setting::SentinelServiceClass,
            (Self::AllNodes, RedisNodePort) => Setting::SentinelServiceRedisNodePort,
            (Self::AllNodes, SentinelNodePort) => Setting::SentinelServiceSentinelNodePort,
            (Self::AllNodes, SourceRanges) => Setting::SentinelServiceSourceRanges,
            (Self::AllNodes, Type) => Setting::SentinelServiceType,
            (Self::CurrentPrimary, Address) => Setting::MasterServiceAddress,
            (Self::CurrentPrimary, Annotations) => Setting::MasterServiceAnnotations,
            (Self::CurrentPrimary, Class) => Setting::MasterServiceClass,
            (Self::CurrentPrimary, Enabled) => Setting::MasterServiceEnabled,
            (Self::CurrentPrimary, RedisNodePort) => Setting::MasterServiceRedisNodePort,
            (Self::CurrentPrimary, SourceRanges) => Setting::MasterServiceSourceRanges,
            (Self::CurrentPrimary, Type) => Setting::MasterServiceType,
            (Self::EachPod, Annotations) => Setting::PerPodAnnotations,
            (Self::EachPod, Class) => Setting::PerPodClass,
            (Self::EachPod, Enabled) => Setting::PerPodEnabled,
            (Self::EachPod, SourceRanges) => Setting::PerPodSourceRanges,
            (Self::EachPod, Type) => Setting::PerPodType,
            (Self::Metrics, Annotations) => Setting::MetricsServiceAnnotations,
            (Self::Metrics, Type) => Setting::MetricsServiceType,
            (Self::Primary | Self::Replicas | Self::Metrics, Enabled)
            | (
                Self::Primary | Self::Replicas | Self::CurrentPrimary | Self::EachPod | Self::Metrics,
                SentinelNodePort,
            )
            | (Self::EachPod | Self::Metrics, Address | RedisNodePort)
            | (Self::Metrics, Class | SourceRanges)
            | (Self::AllNodes, Enabled) => return None,
        })
    }

    /// What is behind the Service, in the middle of a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Primary => "the primary",
            Self::Replicas => "the replicas",
            Self::AllNodes => "all nodes and their Sentinels",
            Self::CurrentPrimary => "the current primary",
            Self::EachPod => "every pod",
            Self::Metrics => "the metrics",
        }
    }

    /// Whether Redis answers there.
    pub fn is_redis(self) -> bool {
        self != Self::Metrics
    }

    /// Whether Sentinel answers there, too.
    pub fn is_sentinel(self) -> bool {
        matches!(self, Self::AllNodes | Self::EachPod)
    }
}

impl Chart {
    /// Keys of a setting of the Service in this topology. Empty if this chart version has none.
    pub fn service_keys(&self, kind: ServiceKind, part: ServiceSetting, topology: Topology) -> &'static [SettingKey] {
        kind.setting(part).map(|setting| self.places(setting, topology)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::newest;

    const PARTS: [(ServiceSetting, &str); 8] = [
        (ServiceSetting::Address, "address"),
        (ServiceSetting::Annotations, "annotations"),
        (ServiceSetting::Class, "class"),
        (ServiceSetting::Enabled, "enabled"),
        (ServiceSetting::RedisNodePort, "redis-node-port"),
        (ServiceSetting::SentinelNodePort, "sentinel-node-port"),
        (ServiceSetting::SourceRanges, "source-ranges"),
        (ServiceSetting::Type, "type"),
    ];

    /// The match has the setting of each row, and each setting belongs to its Service.
    #[test]
    fn each_row_of_a_service_is_its_setting() {
        let names = ["primary", "replicas", "sentinel-service", "master-service", "per-pod", "metrics-service"];
        for (kind, name) in ServiceKind::ALL.into_iter().zip(names) {
            for (part, part_name) in PARTS {
                assert_eq!(kind.setting(part), Setting::named(&format!("{name}.{part_name}")), "{kind:?} {part:?}");
            }
        }
    }

    #[test]
    fn the_newest_chart_has_the_type_of_each_service() {
        let chart = Chart::at(&newest()).unwrap();
        for kind in ServiceKind::ALL {
            let has_type = |topology| !chart.service_keys(kind, ServiceSetting::Type, topology).is_empty();
            assert!(Topology::ALL.into_iter().any(has_type), "{kind:?}");
        }
    }
}
