//! Resource sizes of the presets of `resources`.

use super::{
    Chart, catalogue,
    pack::{PresetRow, Section},
};

/// Requests and limits of a container, with the name and quantity of each resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    pub requests: Vec<(&'static str, &'static str)>,
    pub limits: Vec<(&'static str, &'static str)>,
}

impl Preset {
    /// Limit of a resource.
    pub fn limit(&self, resource: &str) -> Option<&'static str> {
        self.limits.iter().find(|(name, _)| *name == resource).map(|(_, much)| *much)
    }
}

impl Chart {
    /// Resource sizes of a preset in this version. `None` for `none` and for a name that the version does not have.
    ///
    /// Source: `presets.tsv`, from the library chart `common`.
    pub fn preset(&self, name: &str) -> Option<Preset> {
        let table = catalogue::table(Section::Presets);
        let entry = table.named(name).find(|entry| entry.holds(self.position()))?;
        let PresetRow { requests, limits } = table.row(entry);
        Some(Preset { requests, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_version() {
        let limit = |version: &str, preset: &str, resource: &str| {
            Chart::at(&version.parse().unwrap()).unwrap().preset(preset).and_then(|preset| preset.limit(resource))
        };
        assert_eq!(limit("18.13.0", "nano", "memory"), None);
        assert_eq!(limit("18.14.0", "nano", "memory"), Some("192Mi"));
        assert_eq!(limit("18.14.0", "nano", "ephemeral-storage"), None);
        assert_eq!(limit("23.1.1", "nano", "cpu"), Some("150m"));
        assert_eq!(limit("23.1.1", "nano", "ephemeral-storage"), Some("2Gi"));
        assert_eq!(limit("23.1.1", "none", "memory"), None);
    }
}
