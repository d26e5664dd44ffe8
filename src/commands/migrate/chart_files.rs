//! Updates the chart version in the Chart.yaml files of parent charts.

use anyhow::anyhow;

use super::{ChangedFile, FileResult, Run};
use crate::{
    commands::{files, style},
    migrate::{self, Bumped},
    source::{self, ChartDependency},
};

/// A Chart.yaml or requirements.yaml that depends on the chart.
pub(super) struct ChartFile {
    pub changed: ChangedFile,
    /// The old and the new version of each dependency.
    versions: Vec<(String, String)>,
    /// Whether the lock file next to it has another version than the new one.
    lock_is_old: bool,
}

impl Run {
    /// Updates the dependencies of the parent charts whose values were migrated.
    ///
    /// # Errors
    ///
    /// If the version in a file cannot be replaced.
    pub(super) fn chart_files(&self, all: &[FileResult]) -> anyhow::Result<Vec<ChartFile>> {
        let to = self.to()?;
        let mut chart_files: Vec<ChartFile> = Vec::new();
        for result in all {
            let Some((folder, chart)) = self.sources.chart_around(&result.changed.file) else { continue };
            let is_migrated =
                |dependency: &ChartDependency| result.places.iter().any(|place| place.at == dependency.at);
            let is_old = |version: &str| version != to.version().to_string();
            let lock_is_old = source::chart_dependencies(&chart.lock).iter().any(|locked| is_old(&locked.version));
            for (name, text) in [("Chart.yaml", &chart.chart), ("requirements.yaml", &chart.requirements)] {
                let file = folder.join(name);
                let dependencies: Vec<_> = source::chart_dependencies(text).into_iter().filter(is_migrated).collect();
                if dependencies.is_empty() {
                    continue;
                }
                let is_it =
                    |other: &&mut ChartFile| files::absolute(&other.changed.file).ok() == files::absolute(&file).ok();
                let before = chart_files.iter_mut().find(is_it);
                let now = before.as_ref().map_or(text, |known| &known.changed.after);
                let charts = |wanted: &_| self.sources.chart(wanted);
                let Bumped { text: after, versions } = migrate::bump_dependencies(now, &dependencies, &to, &charts)
                    .map_err(|why| anyhow!("{}: {why}", files::display_name(&file)))?;
                match before {
                    Some(known) => {
                        known.changed.after = after;
                        for pair in versions {
                            if !known.versions.contains(&pair) {
                                known.versions.push(pair);
                            }
                        }
                    }
                    None => {
                        let changed = ChangedFile { file, before: text.clone(), after };
                        chart_files.push(ChartFile { changed, versions, lock_is_old });
                    }
                }
            }
        }
        Ok(chart_files)
    }
}

impl ChartFile {
    /// The message about the file. `written` is true if the file was written.
    pub(super) fn note(&self, written: bool) -> Option<String> {
        let (note, file) = (style::note("note:"), files::display_name(&self.changed.file));
        let words = |pick: fn(&(String, String)) -> &String| {
            let words: Vec<_> = self.versions.iter().map(|pair| format!("`{}`", pick(pair))).collect();
            words.join(" and ")
        };
        let (old, new) = (words(|(old, _)| old), words(|(_, new)| new));
        let fetches = "`helm dependency update` fetches the chart";
        match (self.changed.is_changed(), written) {
            (true, true) => Some(format!("{note} {file} now requires {new}: {fetches}")),
            (true, false) => Some(format!("{note} {file} requires {old}: `--in-place` changes the version to {new}")),
            (false, _) if self.lock_is_old => {
                Some(format!("{note} {file} requires {old}, and the lock file has another version: {fetches}"))
            }
            (false, _) => None,
        }
    }
}
