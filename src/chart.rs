//! Facts about the chart for each of its versions.
//!
//! The facts are: keys with type and default, renamed and removed keys, keys that each topology reads, effects of a
//! change, objects, and keys that express an option.
//!
//! The rows are in `data/`. The build script checks and packs them, and a lookup decodes only the rows of its
//! version. [`import`] adds a version that is not embedded: its keys are its own, and all facts that its files do not
//! show are assumed from the embedded version in [`Chart::assumed`].
//!
//! This module does not know why a user would set a key, and reads no files: callers pass the imported charts.

mod apis;
mod before;
mod catalogue;
mod changes;
pub mod condition;
mod dangling;
mod defects;
mod effects;
mod facts;
mod fallbacks;
mod helpers;
mod image_catalogue;
mod images;
pub mod import;
mod key;
mod key_mapping;
mod kubernetes;
mod manifests;
mod measured;
mod names;
mod objects;
mod order;
#[allow(dead_code, reason = "the build script writes with what the crate does not use")]
mod pack;
mod preset;
mod rdb;
mod release;
mod requirement;
mod schema;
mod security;
mod service_kind;
mod settings;
mod spelling;
mod templates;
mod text_fields;
mod version_facts;

pub use apis::GoneApi;
pub use before::{NewDefault, new_default};
pub use changes::{Change, changes, changes_until};
pub use dangling::MissingObject;
pub use defects::{Defect, Harm};
pub use effects::Effects;
pub use facts::{Chart, Exponent, Image, KeyUse, LEAST_EXPONENT, RenderFailure};
pub use fallbacks::PrecedenceGroup;
pub use helpers::Helper;
pub use image_catalogue::{CatalogueImage, Tags, catalogue_image, is_docker_hub, is_not_bitnami, newest_frozen};
pub use images::{LATEST, Recognition, WHEN_PUBLISHED};
pub use key::{
    Key, Trace, history as key_history, is_parent as is_key_parent, life as key_life, parent as above,
    paths as key_paths, trace as key_trace,
};
pub use key_mapping::{KeyMapping, KeyMappings, MappedKey};
pub use kubernetes::{kubernetes_today, parse_kubernetes};
pub use manifests::Manifest;
pub use measured::{Measured, MeasuredRead};
pub use names::Names;
pub use objects::{Difference, Object};
pub use pack::{ChangeKind, Effect, Encoding, FailedBy, Line, ObjectKind, TextForm, Transform, Type, Verdict};
pub use preset::Preset;
pub use rdb::{RdbFormat, rdb_format};
pub use release::{
    Knowledge, Release, equal_measured_version, is_measured, measured_versions, newest, newest_measured,
    newest_measured_in, number, oldest, published, version_numbers, versions,
};
pub use requirement::{ChosenVersion, Requirement, RequirementError};
pub use schema::Accepts;
pub use security::{Vulnerability, end_of_life, fixed_redis, vulnerabilities};
pub use service_kind::{ServiceKind, ServiceSetting};
pub use settings::{FactFamily, Places, Setting, SettingKey, setting_intervals};
pub use spelling::{Spelling, Suggestion};
pub use text_fields::TextField;

use serde::{Deserialize, Serialize};

/// Arrangement of the Redis pods.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// One pod.
    Standalone,
    /// One primary with replicas and without failover.
    Replication,
    /// Nodes with Sentinel, which promotes a new primary when the primary fails.
    Sentinel,
}

impl Topology {
    pub const ALL: [Self; 3] = [Self::Standalone, Self::Replication, Self::Sentinel];

    /// Bit in packed sets of topologies.
    fn bit(self) -> u8 {
        match self {
            Self::Standalone => 0b001,
            Self::Replication => 0b010,
            Self::Sentinel => 0b100,
        }
    }
}

impl std::fmt::Display for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Standalone => "standalone",
            Self::Replication => "replication",
            Self::Sentinel => "sentinel",
        })
    }
}
