//! What is known of a file beside its text: the project that it belongs to, the chart in whose folder it lies, and the
//! chart versions that there are.

mod beside;
mod project;
mod shelf;

use std::path::Path as FilePath;

use super::files;
use crate::{
    chart::{Chart, Requirement},
    source::Known,
};
use beside::Beside;
pub use project::Project;
use shelf::Shelf;

/// Where values files are looked up.
#[derive(Default)]
pub struct Sources {
    pub project: Project,
    shelf: Shelf,
    beside: Beside,
}

impl Sources {
    pub fn of(project: Project) -> Self {
        Self { project, ..Self::default() }
    }

    /// What the caller says of all files, and what else is known of this one.
    pub fn known(&self, file: &FilePath, asked: Known) -> Known {
        let standard = files::is_standard(file);
        let chart = if standard { None } else { self.beside.chart(file) };
        let rule = if standard { None } else { self.project.rule(file) };
        let of_all = &self.project.config.lint;
        Known {
            configured: rule.and_then(|rule| rule.chart_version.clone()).or_else(|| of_all.chart_version.clone()),
            at: asked.at.or_else(|| rule.and_then(|rule| rule.at.clone())),
            cloud: asked.cloud.or_else(|| rule.and_then(|rule| rule.cloud)).or(of_all.cloud),
            chart,
            version: asked.version,
            helm: asked.helm,
        }
    }

    /// The chart that a requirement means, or why there is none.
    ///
    /// # Errors
    ///
    /// No version is meant, or an imported one cannot be read.
    pub fn chart(&self, wanted: &Requirement) -> Result<Chart, String> {
        self.shelf.chart(wanted)
    }

    /// What is to be said of the charts, each once.
    pub fn talk(&self) -> Vec<String> {
        self.shelf.talk()
    }
}
