//! Facts about a file outside of its text: its project, the chart in its folder, and the known chart versions.

mod chart_cache;
mod parent_chart;
mod project;
mod repositories;
mod tree;

use std::{
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use anyhow::anyhow;

use super::files;
use crate::{
    chart::{Chart, Requirement},
    source::{ChartFile, Hints, repository::Release},
};
use chart_cache::ChartCache;
use parent_chart::{FoundChart, ParentCharts};
pub use project::Project;
use repositories::Repositories;
pub use repositories::Root;
pub use tree::Listing;

/// The project, parent charts and chart versions of values files.
#[derive(Default)]
pub struct Sources {
    pub project: Project,
    shelf: ChartCache,
    parent_charts: ParentCharts,
    repositories: Repositories,
}

/// A release that the user names by its id.
pub struct NamedRelease {
    /// The id, with the path from the root of the repository.
    pub id: String,
    /// The files with values of the release, lowest precedence first; or the file that declares it, if there are none.
    pub files: Vec<PathBuf>,
    /// Files with values of the release that no edit can change.
    pub fixed: Vec<PathBuf>,
    pub release: Release,
    /// The root of the repository.
    pub root: Arc<Root>,
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
        let root = if standard { None } else { self.repository(file) };
        let path = root.as_ref().and_then(|root| root.path_of(file));
        let context = path.as_deref().and_then(|path| root.as_ref()?.context(path));
        Hints {
            configured: rule.and_then(|rule| rule.chart_version.clone()).or_else(|| of_all.chart_version.clone()),
            project: self.project.config.chart_version.clone(),
            at: hints.at.clone().or_else(|| rule.and_then(|rule| rule.at.clone())),
            cloud: hints.cloud.or_else(|| rule.and_then(|rule| rule.cloud)).or(of_all.cloud),
            chart,
            path,
            context,
            ..hints
        }
    }

    /// The repository of a file or a folder, whose releases are searched when they are asked for.
    pub fn repository(&self, named: &FilePath) -> Option<Arc<Root>> {
        self.repositories.of(named)
    }

    /// The release of an argument `PATH#NAME`. `None` if the argument is a file or a folder.
    pub fn release(&self, named: &FilePath) -> Option<anyhow::Result<NamedRelease>> {
        let (path, name) = named.to_str()?.rsplit_once('#')?;
        let path = FilePath::new(path);
        if named.exists() || !path.is_file() {
            return None;
        }
        // `redisgen releases` shows the ids of the current folder.
        let here = std::env::current_dir().ok().and_then(|here| self.repository(&here));
        let root = here.filter(|root| root.path_of(path).is_some()).or_else(|| self.repository(path))?;
        let id = format!("{}#{name}", root.path_of(path)?);
        let releases = root.repository().releases();
        Some(match releases.iter().find(|release| release.id == id) {
            Some(release) => {
                let mut files: Vec<PathBuf> = Vec::new();
                for file in release.files_of_values() {
                    let file = root.shown(file);
                    if !files.contains(&file) {
                        files.push(file);
                    }
                }
                let fixed = release.files_without_edits().into_iter().map(|file| root.shown(file)).collect();
                Ok(NamedRelease { id, files, fixed, release: release.clone(), root: root.clone() })
            }
            None => {
                let in_file = releases.iter().filter(|release| release.id.starts_with(&id[..id.len() - name.len()]));
                let known: Vec<String> =
                    in_file.map(|release| format!("`{}`", &release.id[id.len() - name.len()..])).collect();
                let known = match known.as_slice() {
                    [] => "it declares no release of the redis chart".to_owned(),
                    known => format!("it has {}", known.join(", ")),
                };
                Err(anyhow!("found no release `{name}` in {}: {known}", files::display_name(path)))
            }
        })
    }

    /// The file with the values of highest precedence of a release, for an argument `PATH#NAME`, or the file itself. The
    /// second value is the id of the release.
    ///
    /// # Errors
    ///
    /// If the file declares no such release.
    pub fn file_of(&self, named: &FilePath) -> anyhow::Result<(PathBuf, Option<String>)> {
        match self.release(named).transpose()? {
            Some(NamedRelease { id, mut files, .. }) => Ok((files.pop().unwrap_or_default(), Some(id))),
            None => Ok((named.to_owned(), None)),
        }
    }

    /// The parent chart of a file, with its folder.
    pub fn chart_around(&self, file: &FilePath) -> Option<(PathBuf, Arc<ChartFile>)> {
        let FoundChart { chart, folder } = self.parent_charts.chart(file)?;
        let is_it = |above: &&FilePath| files::absolute(&FilePath::new(".").join(above)).is_ok_and(|it| it == folder);
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

    /// Notes about the charts and about files that were not read, each once.
    pub fn talk(&self) -> Vec<String> {
        let mut notes = self.shelf.talk();
        notes.extend(self.repositories.notes());
        notes
    }
}
