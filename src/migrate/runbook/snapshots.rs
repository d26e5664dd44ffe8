//! Compares the snapshot formats of two versions of Redis: which version can read the data of the other.

use std::cmp::Ordering;

use semver::Version;

use super::Planner;
use crate::chart::{self, Chart, RdbFormat};

/// Names the Redis of a chart: `Redis 8.2.1`, or with a moving tag `the Redis of chart 28.0.7 (8.10.1 when the chart was
/// published)`.
pub(super) fn redis_of(chart: &Chart) -> String {
    match chart.has_moving_images() {
        true => format!("the Redis of chart {} ({})", chart.version(), chart.redis()),
        false => format!("Redis {}", chart.redis()),
    }
}

/// The change of the snapshot format from one chart to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Snapshots {
    Same,
    /// The new Redis writes a newer format, which the old Redis cannot read.
    Newer,
    Older,
    /// One of the formats is unknown, and the new Redis is newer.
    PerhapsNewer,
    PerhapsOlder,
}

impl Snapshots {
    pub(super) fn between(before: &Chart, after: &Chart) -> Self {
        let redis = [before, after].map(|chart| chart.app_version().parse::<Version>().ok());
        let formats = redis.each_ref().map(|redis| redis.as_ref().map_or(RdbFormat::Unknown, chart::rdb_format));
        match (formats, &redis) {
            ([RdbFormat::Known(old), RdbFormat::Known(new)], _) => match old.cmp(&new) {
                Ordering::Less => Self::Newer,
                Ordering::Equal => Self::Same,
                Ordering::Greater => Self::Older,
            },
            // The format does not change within a minor version.
            (_, [Some(old), Some(new)]) => match (old.major, old.minor).cmp(&(new.major, new.minor)) {
                Ordering::Less => Self::PerhapsNewer,
                Ordering::Equal => Self::Same,
                Ordering::Greater => Self::PerhapsOlder,
            },
            _ if before.app_version() == after.app_version() => Self::Same,
            _ if before.version() <= after.version() => Self::PerhapsNewer,
            _ => Self::PerhapsOlder,
        }
    }

    /// Whether the old Redis cannot read the data of the new Redis, or perhaps cannot.
    pub(super) fn may_be_newer(self) -> bool {
        matches!(self, Self::Newer | Self::PerhapsNewer)
    }

    /// Whether the new Redis cannot read the existing data, or perhaps cannot.
    pub(super) fn may_be_older(self) -> bool {
        matches!(self, Self::Older | Self::PerhapsOlder)
    }

    pub(super) fn is_known(self) -> bool {
        !matches!(self, Self::PerhapsNewer | Self::PerhapsOlder)
    }
}

impl Planner<'_> {
    pub(super) fn snapshots(&self) -> Snapshots {
        Snapshots::between(&self.old.values.chart, &self.new.values.chart)
    }
}
