//! The refusal of an option that the load balancer of a cloud does not support.

use super::{Cloud, LbController};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names of the options that a cloud can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestedOption {
    InternalLb,
    SourceRanges,
    StaticAddress,
    Subnet,
    IdleTimeout,
    LbController,
}

impl RequestedOption {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InternalLb => "internal-lb",
            Self::SourceRanges => "source-ranges",
            Self::StaticAddress => "static-address",
            Self::Subnet => "subnet",
            Self::IdleTimeout => "idle-timeout",
            Self::LbController => "lb-controller",
        }
    }
}

impl fmt::Display for RequestedOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why the load balancer of a cloud does not support an option, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why} (`{}` with `{}`). {instead}", word(*cloud), word(*controller))]
pub struct Refusal {
    pub wish: RequestedOption,
    pub cloud: Cloud,
    pub controller: LbController,
    pub why: String,
    pub instead: String,
    /// The source of the fact; none if no fact is known, or if the option is wrong for every cloud.
    pub evidence: Option<&'static str>,
}

/// The name of a value as users type it.
pub(super) fn word(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
