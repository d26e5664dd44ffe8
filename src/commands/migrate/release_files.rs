//! Updates the chart version of migrated releases in the files that declare them.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use anyhow::anyhow;

use super::{ChangedFile, FileResult, Run};
use crate::{
    commands::{
        files,
        sources::{NamedRelease, Root},
        style,
    },
    migrate,
    source::{ClaimSource, repository::Release},
};

/// The files with versions of releases, and messages about them.
#[derive(Default)]
pub(super) struct ReleaseFiles {
    pub changed: Vec<ChangedFile>,
    pub notes: Vec<String>,
}

impl Run {
    /// Updates the versions of the releases whose values were migrated. A file that was migrated gets its new text.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub(super) fn release_files(&self, named: &[PathBuf], all: &mut [FileResult]) -> anyhow::Result<ReleaseFiles> {
        let mut found = ReleaseFiles::default();
        let releases = self.releases(named)?;
        let ids: BTreeSet<&str> = releases.iter().map(|(_, release)| release.id.as_str()).collect();
        for (root, release) in releases.iter().filter(|(_, release)| release.parent.is_none()) {
            let is_migrated = |file: &str| {
                let file = root.path_of(&root.shown(file));
                all.iter().any(|result| root.path_of(&result.changed.file) == file)
            };
            let Some(file) = release.version_file() else { continue };
            if !release.files_of_values().into_iter().all(is_migrated) {
                if !is_migrated(file) {
                    found.notes.push(format!(
                        "the chart version of `{}` is in {}, and other files have values of the release, too: \
                         `redisgen migrate {}` changes all",
                        release.id,
                        place(root, release, file),
                        release.id
                    ));
                }
                continue;
            }
            let path = root.shown(file);
            let is_it = |changed: &ChangedFile| root.path_of(&changed.file).as_deref() == Some(file);
            let of_result = all.iter_mut().map(|result| &mut result.changed).find(|changed| is_it(changed));
            let known = of_result.or_else(|| found.changed.iter_mut().find(|changed| is_it(changed)));
            let text = match &known {
                Some(changed) => changed.after.clone(),
                None => files::read_text(&path)?,
            };
            let charts = |wanted: &_| self.sources.chart(wanted);
            let hints = self.hints(&path, None);
            match migrate::bump_release(&text, &hints, release, &self.to()?, &charts) {
                Some(after) => {
                    let new = self.to()?.version().to_string();
                    if release.claims.first().is_some_and(|claim| claim.requirement.to_string() != new) {
                        let others =
                            root.repository().releases().iter().filter(|other| {
                                !ids.contains(other.id.as_str()) && has_same_version_place(other, release)
                            });
                        found.notes.extend(others.map(|other| {
                            let place = place(root, release, file);
                            format!("the chart version in {place} is also the version of `{}`", other.id)
                        }));
                    }
                    match known {
                        Some(changed) => changed.after = after,
                        None => found.changed.push(ChangedFile { file: path, before: text, after }),
                    }
                }
                None if release.claims.is_empty() && release.unread_version.is_none() => {}
                None => found.notes.push(format!(
                    "the chart version of `{}` is in {}, which `--bump` cannot change: change the version there",
                    release.id,
                    place(root, release, file)
                )),
            }
        }
        found.changed.retain(ChangedFile::is_changed);
        Ok(found)
    }

    /// The releases with values in these files.
    fn releases(&self, named: &[PathBuf]) -> anyhow::Result<Vec<(Arc<Root>, Release)>> {
        let mut releases: Vec<(Arc<Root>, Release)> = Vec::new();
        for file in named.iter().filter(|file| !files::is_standard(file)) {
            let found = match self.sources.release(file) {
                Some(named) => {
                    let NamedRelease { release, root, .. } = named?;
                    vec![(root, release)]
                }
                None => {
                    let root =
                        self.sources.repository(file).ok_or_else(|| anyhow!("{} has no folder", file.display()))?;
                    let path = root.path_of(file);
                    let has_values =
                        |release: &&Release| release.layers.iter().any(|layer| layer.file == path && path.is_some());
                    let of_file = root.repository().releases().iter().filter(has_values);
                    of_file.map(|release| (root.clone(), release.clone())).collect()
                }
            };
            for (root, release) in found {
                if !releases.iter().any(|(_, known)| known.id == release.id) {
                    releases.push((root, release));
                }
            }
        }
        Ok(releases)
    }
}

/// The file and the line of a version, for people.
fn place(root: &Root, release: &Release, file: &str) -> String {
    let (file, line) = match release.claims.first().map(|claim| &claim.by) {
        Some(ClaimSource::Declared { file, line, .. }) => (file.as_str(), *line),
        _ => (file, release.line),
    };
    format!("{}, line {line}", files::display_name(&root.shown(file)))
}

/// Whether two releases have their version from the same line of a file.
fn has_same_version_place(one: &Release, other: &Release) -> bool {
    let place = |release: &Release| match release.claims.first().map(|claim| &claim.by) {
        Some(ClaimSource::Declared { file, line, .. }) => Some((file.clone(), *line)),
        _ => None,
    };
    place(one).is_some() && place(one) == place(other)
}

impl ReleaseFiles {
    /// The messages. `is_written` is true if the files were written.
    pub(super) fn talk(&self, is_written: bool) -> Vec<String> {
        let note = style::note("note:");
        let of_files = self.changed.iter().map(|changed| {
            let file = files::display_name(&changed.file);
            match is_written {
                true => format!("{note} {file} has the new chart version"),
                false => format!("{note} `--in-place` changes the chart version in {file}"),
            }
        });
        of_files.chain(self.notes.iter().map(|text| format!("{note} {text}"))).collect()
    }
}
