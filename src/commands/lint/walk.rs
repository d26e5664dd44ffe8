//! Finds the files to check: the named files, and the files in the named folders.

use std::{
    collections::{BTreeSet, HashSet},
    ffi::OsStr,
    path::{Path, PathBuf, absolute},
};

use anyhow::Context;
use ignore::{DirEntry, WalkBuilder};

use crate::commands::sources::{NamedRelease, Project, Sources};
use crate::{
    commands::files,
    config::{Globs, Lint},
};

/// Endings of the files to check in a folder.
const ENDINGS: [&str; 2] = ["yaml", "yml"];

/// Files of a chart without values.
const OF_CHARTS: [&str; 4] = ["Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"];

/// Selects files of a folder. A file that the user names is always checked.
pub(super) struct FileFilter<'a> {
    /// Patterns below the named folder. `None` uses the patterns of the project.
    include: Option<Globs>,
    /// Patterns in addition to those of the project.
    exclude: Globs,
    project: &'a Project,
}

impl<'a> FileFilter<'a> {
    /// Reads the patterns of the flags.
    ///
    /// # Errors
    ///
    /// When a pattern is invalid.
    pub(super) fn new(include: &[String], exclude: &[String], project: &'a Project) -> anyhow::Result<Self> {
        let include = if include.is_empty() { None } else { Some(Globs::new(include).context("`--include`")?) };
        Ok(Self { include, exclude: Globs::new(exclude).context("`--exclude`")?, project })
    }

    /// Whether a file with values of a release counts. It may have any name.
    fn takes_release(&self, file: &Path, folder: &Path) -> bool {
        let has_choice = self.include.is_some() || self.project.config.lint.include.is_some();
        let walked = file.strip_prefix(folder.strip_prefix(".").unwrap_or(folder)).unwrap_or(file);
        let whole = absolute(file).unwrap_or_default();
        let is_excluded =
            self.exclude.matches(walked) || self.project.config.lint.exclude.matches(self.project.within(file, &whole));
        let is_chart_file = file.file_name().is_some_and(|name| OF_CHARTS.iter().any(|known| name == *known));
        !is_excluded && !is_chart_file && (!has_choice || self.takes(file, folder))
    }

    fn takes(&self, file: &Path, folder: &Path) -> bool {
        let walked = file.strip_prefix(folder.strip_prefix(".").unwrap_or(folder)).unwrap_or(file);
        let Lint { include, exclude, .. } = &self.project.config.lint;
        // Most projects have no patterns, and then the whole path is not needed.
        let in_project = |globs: &Globs| {
            let whole = absolute(file).unwrap_or_default();
            globs.matches(self.project.within(file, &whole))
        };
        let wanted = match (&self.include, include) {
            (Some(include), _) => include.matches(walked),
            (None, Some(include)) => in_project(include),
            (None, None) => is_yaml(file),
        };
        wanted && !self.exclude.matches(walked) && (exclude.is_empty() || !in_project(exclude))
    }
}

fn is_yaml(file: &Path) -> bool {
    let of_chart = file.file_name().is_some_and(|name| OF_CHARTS.iter().any(|known| name == *known));
    file.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) && !of_chart
}

/// A file to check.
#[derive(Debug, Clone)]
pub(super) struct FoundFile {
    pub path: PathBuf,
    /// Whether the user names the file itself, and not its folder.
    pub named: bool,
    /// The id of the only release that counts.
    pub release: Option<String>,
    /// Whether the file is known to have no values of the chart.
    pub is_foreign: bool,
}

/// A file to check, or the error of an unreadable folder.
pub(super) type Step = Result<FoundFile, String>;

/// The files in the order of the arguments, each once. Files of a folder are sorted.
///
/// Links within a folder are not followed, because links can form a loop. Files in `.gitignore` and templates of charts
/// are left out.
///
/// With `keys_decide`, no option declares values of the chart.
pub(super) fn files(named: &[PathBuf], choice: &FileFilter, sources: &Sources, keys_decide: bool) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    for path in named {
        if let Some(release) = sources.release(path) {
            found.extend(of_release(release));
        } else if files::is_standard(path) || !path.is_dir() {
            found.push(Ok(FoundFile { path: path.clone(), named: true, release: None, is_foreign: false }));
        } else {
            let mut walked = below(path, choice);
            if keys_decide && !choice.project.has_rules() {
                mark_foreign(path, sources, &mut walked);
            }
            let more = in_releases(path, choice, sources, &walked);
            found.extend(walked);
            found.extend(more);
        }
    }
    let mut seen = HashSet::new();
    found.retain(|step| step.as_ref().map_or(true, |found| seen.insert((found.path.clone(), found.release.clone()))));
    found
}

/// Marks the files of a folder that cannot have values of the chart, which the search for releases has read already.
fn mark_foreign(folder: &Path, sources: &Sources, walked: &mut [Step]) {
    let Some(root) = sources.repository(folder) else { return };
    let Some(within) = root.path_of(folder) else { return };
    for found in walked.iter_mut().filter_map(|step| step.as_mut().ok()) {
        let below = found.path.strip_prefix(folder).unwrap_or(&found.path);
        let Some(below) = below.to_str() else { continue };
        let path = if within.is_empty() { below.to_owned() } else { format!("{within}/{below}") };
        found.is_foreign = root.is_without_keys(&path)
            && root.repository().context(&path).is_none()
            && !root.repository().is_in_parent(&path);
    }
}

/// The files of a folder that have values of releases and that the walk left out: scripts, Terraform, hidden folders.
fn in_releases(folder: &Path, choice: &FileFilter, sources: &Sources, walked: &[Step]) -> Vec<Step> {
    let Some(root) = sources.repository(folder) else { return Vec::new() };
    let known: HashSet<&Path> = walked.iter().filter_map(|step| Some(step.as_ref().ok()?.path.as_path())).collect();
    let Some(within) = root.path_of(folder) else { return Vec::new() };
    let mut files: BTreeSet<&str> = BTreeSet::new();
    for release in root.repository().releases() {
        files.extend(release.files().filter(|path| {
            let below = path.strip_prefix(within.as_str());
            within.is_empty() || below.is_some_and(|below| below.starts_with('/'))
        }));
    }
    let paths = files.into_iter().map(|path| root.shown(path));
    let wanted = paths.filter(|path| !known.contains(path.as_path()) && choice.takes_release(path, folder));
    wanted.map(|path| Ok(FoundFile { path, named: false, release: None, is_foreign: false })).collect()
}

/// The files with values of a release.
fn of_release(release: anyhow::Result<NamedRelease>) -> Vec<Step> {
    match release {
        Ok(NamedRelease { id, files, .. }) => files
            .into_iter()
            .map(|path| Ok(FoundFile { path, named: true, release: Some(id.clone()), is_foreign: false }))
            .collect(),
        Err(why) => vec![Err(format!("{why:#}"))],
    }
}

fn below(folder: &Path, choice: &FileFilter) -> Vec<Step> {
    let mut walk = WalkBuilder::new(folder);
    walk.require_git(false).sort_by_file_path(Path::cmp).filter_entry(|entry| !is_templates(entry));
    let found = |step: Result<DirEntry, ignore::Error>| match step {
        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
            let path = entry.into_path();
            // Paths in the current folder have no `./`, as a user would write them.
            let path = path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned);
            choice.takes(&path, folder).then_some(Ok(FoundFile {
                path,
                named: false,
                release: None,
                is_foreign: false,
            }))
        }
        Ok(_) => None,
        Err(error) => Some(Err(error.to_string())),
    };
    walk.build().filter_map(found).collect()
}

/// Whether the entry is the folder with the templates of a chart.
fn is_templates(entry: &DirEntry) -> bool {
    let has_sibling = |name: &str| entry.path().parent().is_some_and(|above| above.join(name).is_file());
    entry.file_name() == OsStr::new("templates") && has_sibling("Chart.yaml")
}
