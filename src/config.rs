//! What a project says of its values files: `redisgen.toml`.
//!
//! It says for which chart version a file is written, and how much the project makes of each rule. The text is handed
//! in; which file it stands in, and where in the folders that is searched for, the caller knows.

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

/// One project's wishes; all of them may be left out.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The chart version of the project, which all who share the file use: for what is written anew, and for files of
    /// which nothing else tells the version.
    pub chart_version: Option<Requirement>,
    /// `[[files]]`, in their order.
    pub files: Vec<FileRule>,
    pub lint: Lint,
    /// `[rules]`
    pub levels: Levels,
}

/// What is known of some files.
#[derive(Debug, Clone)]
pub struct FileRule {
    pub globs: Globs,
    pub chart_version: Option<Requirement>,
    /// Where in the file the values stand.
    pub at: Option<Path>,
    pub cloud: Option<Cloud>,
}

/// What holds for all files that say nothing else.
#[derive(Debug, Clone, Default)]
pub struct Lint {
    /// Which files of a folder are taken; none takes every YAML file.
    pub include: Option<Globs>,
    pub exclude: Globs,
    pub fail_on: Option<FailOn>,
    pub chart_version: Option<Requirement>,
    pub cloud: Option<Cloud>,
}

impl Config {
    /// What is known of a file, by its path from the folder of `redisgen.toml` on: the first that matches.
    pub fn for_file(&self, path: &FilePath) -> Option<&FileRule> {
        self.files.iter().find(|rule| rule.globs.matches(path))
    }
}

#[cfg(test)]
mod tests;
