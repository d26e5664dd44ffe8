//! The Services that the chart renders for clients.

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

impl ServiceKind {
    pub const ALL: [Self; 6] =
        [Self::Primary, Self::Replicas, Self::AllNodes, Self::CurrentPrimary, Self::EachPod, Self::Metrics];

    /// The setting for a part of the Service: `primary.type`, `per-pod.annotations`. Source: `settings.tsv`.
    pub fn setting(self, part: &str) -> String {
        let service = match self {
            Self::Primary => "primary",
            Self::Replicas => "replicas",
            Self::AllNodes => "sentinel-service",
            Self::CurrentPrimary => "master-service",
            Self::EachPod => "per-pod",
            Self::Metrics => "metrics-service",
        };
        format!("{service}.{part}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Chart, Topology, newest};

    #[test]
    fn the_newest_chart_has_the_type_of_each_service() {
        let chart = Chart::at(&newest()).unwrap();
        for kind in ServiceKind::ALL {
            let has_type = |topology| !chart.places(&kind.setting("type"), topology).is_empty();
            assert!(Topology::ALL.into_iter().any(has_type), "{kind:?}");
        }
    }
}
