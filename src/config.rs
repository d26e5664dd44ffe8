//! The configuration of a project: `redisgen.toml`.
//!
//! The file sets the chart version of values files and the severity of rules. The caller finds and reads the file.

mod error;
mod globs;
mod read;

use std::path::Path as FilePath;

use crate::{
    chart::Requirement,
    cloud::Cloud,
    lint::{FailOn, Levels},
    yaml::Path,
};

pub use error::{ConfigError, Fault};
pub use globs::{GlobError, Globs};

/// The configuration of one project; all fields are optional.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The chart version of the project: for new values files, and for files without another source of their version.
    pub chart_version: Option<Requirement>,
    /// `[[files]]`, in their order.
    pub files: Vec<FileRule>,
    pub lint: Lint,
    /// `[rules]`
    pub levels: Levels,
}

/// The settings for some files.
#[derive(Debug, Clone)]
pub struct FileRule {
    pub globs: Globs,
    pub chart_version: Option<Requirement>,
    /// The path of the values in the file.
    pub at: Option<Path>,
    pub cloud: Option<Cloud>,
}

/// Settings for all other files.
#[derive(Debug, Clone, Default)]
pub struct Lint {
    /// The files of a folder to check; empty for all YAML files.
    pub include: Option<Globs>,
    pub exclude: Globs,
    pub fail_on: Option<FailOn>,
    pub chart_version: Option<Requirement>,
    pub cloud: Option<Cloud>,
}

impl Config {
    /// The settings for a file, by its path from the folder of `redisgen.toml`: the first match.
    pub fn for_file(&self, path: &FilePath) -> Option<&FileRule> {
        self.files.iter().find(|rule| rule.globs.matches(path))
    }
}

#[cfg(test)]
mod tests;
