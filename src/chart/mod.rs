//! Stands in for the chart catalogue.

use serde::{Deserialize, Serialize};

/// How the pods stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// One pod.
    Standalone,
    /// One primary, and replicas that never take over.
    Replication,
    /// Nodes that watch each other with Sentinel and choose a new primary.
    Sentinel,
}
