//! Helper templates that values may include, if the chart renders these values as templates.

use super::{
    Chart, catalogue,
    pack::{HelperRow, Section},
};

/// Availability of a helper template in a chart version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helper {
    /// The chart has a helper of this name, or no version of the chart ever had one.
    Available,
    /// The chart has a helper of another name that gives the same text.
    Renamed(&'static str),
    /// The chart has no such helper, and other versions have one.
    Removed,
}

impl Chart {
    /// Availability of a helper template in this version. Source: `helpers.tsv`.
    pub fn helper(&self, name: &str) -> Helper {
        let table = catalogue::table(Section::Helpers);
        let mut rows = table.named(name).peekable();
        if rows.peek().is_none() {
            return Helper::Available;
        }
        let mut means = None;
        for entry in rows {
            if entry.holds(self.position()) {
                return Helper::Available;
            }
            means = Some(table.row::<HelperRow>(entry).means);
        }
        let other = table
            .entries()
            .find(|entry| entry.holds(self.position()) && Some(table.row::<HelperRow>(*entry).means) == means);
        other.map_or(Helper::Removed, |entry| Helper::Renamed(catalogue::names().name(entry.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_is_called_otherwise_or_gone() {
        let helper = |version: &str, name: &str| Chart::at(&version.parse().unwrap()).unwrap().helper(name);
        assert_eq!(helper("13.0.2", "redis.fullname"), Helper::Available);
        assert_eq!(helper("14.0.0", "redis.fullname"), Helper::Renamed("common.names.fullname"));
        assert_eq!(helper("10.9.0", "common.names.fullname"), Helper::Renamed("redis.fullname"));
        assert_eq!(helper("23.1.1", "redis.slave.storageClass"), Helper::Removed);
        assert_eq!(helper("23.1.1", "mine.name"), Helper::Available);
    }
}
