//! Facts about a file outside of its text: its project, the chart in its folder, and the known chart versions.

mod chart_cache;
mod parent_chart;
mod project;

use std::{
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use super::files;
use crate::{
    chart::{Chart, Requirement},
    source::{ChartFile, Hints},
};
use chart_cache::ChartCache;
use parent_chart::{FoundChart, ParentCharts};
pub use project::Project;

/// The project, parent charts and chart versions of values files.
#[derive(Default)]
pub struct Sources {
    pub project: Project,
    shelf: ChartCache,
    parent_charts: ParentCharts,
}

impl Sources {
    pub fn of(project: Project) -> Self {
        Self { project, ..Self::default() }
    }

    /// The hints for this file: hints of the caller for all files, and facts about this file.
    pub fn known(&self, file: &FilePath, hints: Hints) -> Hints {
        let standard = files::is_standard(file);
        let chart = if standard { None } else { self.parent_charts.chart(file).map(|found| found.chart) };
        let rule = if standard { None } else { self.project.rule(file) };
        let of_all = &self.project.config.lint;
        Hints {
            configured: rule.and_then(|rule| rule.chart_version.clone()).or_else(|| of_all.chart_version.clone()),
            project: self.project.config.chart_version.clone(),
            at: hints.at.or_else(|| rule.and_then(|rule| rule.at.clone())),
            cloud: hints.cloud.or_else(|| rule.and_then(|rule| rule.cloud)).or(of_all.cloud),
            chart,
            version: hints.version,
            installed: hints.installed,
            helm: hints.helm,
        }
    }

    /// The parent chart of a file, with its folder.
    pub fn chart_around(&self, file: &FilePath) -> Option<(PathBuf, Arc<ChartFile>)> {
        let FoundChart { chart, folder } = self.parent_charts.chart(file)?;
        let is_it =
            |above: &&FilePath| std::path::absolute(FilePath::new(".").join(above)).is_ok_and(|it| it == folder);
        let named = file.ancestors().skip(1).find(is_it).map(FilePath::to_owned);
        Some((named.unwrap_or(folder), chart))
    }

    /// The chart for a requirement, or the reason why none matches.
    ///
    /// # Errors
    ///
    /// When no version matches, or an imported version is unreadable.
    pub fn chart(&self, wanted: &Requirement) -> Result<Chart, String> {
        self.shelf.chart(wanted)
    }

    /// Notes about the charts, each once.
    pub fn talk(&self) -> Vec<String> {
        self.shelf.talk()
    }
}
