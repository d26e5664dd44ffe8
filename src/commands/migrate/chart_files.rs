//! The files beside the values that ask for a version of the chart.

use std::path;

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
    /// What it asked for before, and what it asks for after.
    versions: Vec<(String, String)>,
    /// Whether a lock file beside it names another version than the new one.
    lock_is_old: bool,
}

impl Run {
    /// The files in which the charts around ask for the chart whose values were carried.
    ///
    /// # Errors
    ///
    /// When one does not allow to say another version.
    pub(super) fn chart_files(&self, all: &[FileResult]) -> anyhow::Result<Vec<ChartFile>> {
        let to = self.to()?;
        let mut found: Vec<ChartFile> = Vec::new();
        for done in all {
            let Some((folder, chart)) = self.sources.chart_around(&done.changed.file) else { continue };
            let is_migrated = |asked: &ChartDependency| done.places.iter().any(|place| place.at == asked.at);
            let is_old = |version: &str| version != to.version().to_string();
            let lock_is_old = source::chart_dependencies(&chart.lock).iter().any(|locked| is_old(&locked.version));
            for (name, text) in [("Chart.yaml", &chart.chart), ("requirements.yaml", &chart.requirements)] {
                let file = folder.join(name);
                let asked: Vec<_> = source::chart_dependencies(text).into_iter().filter(is_migrated).collect();
                if asked.is_empty() {
                    continue;
                }
                let is_it =
                    |other: &&mut ChartFile| path::absolute(&other.changed.file).ok() == path::absolute(&file).ok();
                let before = found.iter_mut().find(is_it);
                let now = before.as_ref().map_or(text, |known| &known.changed.after);
                let charts = |wanted: &_| self.sources.chart(wanted);
                let Bumped { text: after, versions } = migrate::bump_dependencies(now, &asked, &to, &charts)
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
                        found.push(ChartFile { changed, versions, lock_is_old });
                    }
                }
            }
        }
        Ok(found)
    }
}

impl ChartFile {
    /// What is to be said of it; `written` where it was.
    pub(super) fn note(&self, written: bool) -> Option<String> {
        let (note, shown) = (style::note("note:"), files::display_name(&self.changed.file));
        let words = |pick: fn(&(String, String)) -> &String| {
            let words: Vec<_> = self.versions.iter().map(|pair| format!("`{}`", pick(pair))).collect();
            words.join(" and ")
        };
        let (old, new) = (words(|(old, _)| old), words(|(_, new)| new));
        let fetches = "`helm dependency update` fetches the chart";
        match (self.changed.is_changed(), written) {
            (true, true) => Some(format!("{note} {shown} now requires {new}: {fetches}")),
            (true, false) => Some(format!("{note} {shown} requires {old}: `--in-place` changes the version to {new}")),
            (false, _) if self.lock_is_old => {
                Some(format!("{note} {shown} requires {old}, and the lock file has another version: {fetches}"))
            }
            (false, _) => None,
        }
    }
}
