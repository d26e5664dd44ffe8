//! Lists of facts about one chart version, each made when it is first asked for and kept for the process.

use std::sync::{LazyLock, OnceLock};

use super::{
    Change, Defect, Image, Manifest, MissingObject, PrecedenceGroup, RenderFailure, SettingKey, Topology, catalogue,
    spelling::NameIndex,
};
use crate::{lazy::LazyFacts, yaml::Value};

/// Facts of one version that no topology changes.
#[derive(Debug, Default)]
pub(super) struct VersionFacts {
    pub images: OnceLock<Vec<Image>>,
    /// Text of the annotation `images`.
    pub listed_images: OnceLock<String>,
    pub names: OnceLock<NameIndex>,
    /// Changes of the oldest version and all later ones, up to this one.
    pub changes: OnceLock<Vec<Change>>,
    topologies: [TopologyFacts; 3],
}

/// Facts of one version in one topology.
#[derive(Debug, Default)]
pub(super) struct TopologyFacts {
    /// The keys of each setting, in the order of [`Setting::ALL`](super::Setting::ALL).
    pub settings: OnceLock<Box<[SettingKeys]>>,
    /// The facts about subjects, by the positions of their names among those of all facts.
    pub facts: OnceLock<Box<[SettingKeys]>>,
    pub fails: OnceLock<Vec<RenderFailure>>,
    pub dangling: OnceLock<Vec<MissingObject>>,
    pub defects: OnceLock<Vec<Defect>>,
    pub manifests: OnceLock<Vec<Manifest>>,
    pub slots: OnceLock<Vec<PrecedenceGroup>>,
    pub fallbacks: OnceLock<Vec<(&'static str, &'static [Value])>>,
}

/// The keys of one setting.
type SettingKeys = OnceLock<Box<[SettingKey]>>;

impl VersionFacts {
    /// Facts of the embedded version at a position.
    pub fn at(position: u16) -> &'static Self {
        static ALL: LazyLock<LazyFacts<VersionFacts>> =
            LazyLock::new(|| LazyFacts::new(catalogue::version_count().into()));
        ALL.get(position.into(), VersionFacts::default)
    }

    pub fn of(&self, topology: Topology) -> &TopologyFacts {
        &self.topologies[topology as usize]
    }
}
