//! Finds the files to check: the named files, and the files in the named folders.

use std::{
    collections::HashSet,
    ffi::OsStr,
    path::{Path, PathBuf, absolute},
};

use anyhow::Context;
use ignore::{DirEntry, WalkBuilder};

use crate::commands::sources::Project;
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

    fn takes(&self, file: &Path, folder: &Path) -> bool {
        let walked = file.strip_prefix(folder.strip_prefix(".").unwrap_or(folder)).unwrap_or(file);
        let whole = absolute(file).unwrap_or_default();
        let of_project = self.project.within(file, &whole);
        let Lint { include, exclude, .. } = &self.project.config.lint;
        let wanted = match (&self.include, include) {
            (Some(include), _) => include.matches(walked),
            (None, Some(include)) => include.matches(of_project),
            (None, None) => is_yaml(file),
        };
        wanted && !self.exclude.matches(walked) && !exclude.matches(of_project)
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
}

/// A file to check, or the error of an unreadable folder.
pub(super) type Step = Result<FoundFile, String>;

/// The files in the order of the arguments, each once. Files of a folder are sorted.
///
/// Links within a folder are not followed, because links can form a loop. Files in `.gitignore` and templates of charts
/// are left out.
pub(super) fn files(named: &[PathBuf], choice: &FileFilter) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    for path in named {
        if files::is_standard(path) || !path.is_dir() {
            found.push(Ok(FoundFile { path: path.clone(), named: true }));
        } else {
            found.extend(below(path, choice));
        }
    }
    let mut seen = HashSet::new();
    found.retain(|step| step.as_ref().map_or(true, |found| seen.insert(found.path.clone())));
    found
}

fn below(folder: &Path, choice: &FileFilter) -> Vec<Step> {
    let mut walk = WalkBuilder::new(folder);
    walk.require_git(false).sort_by_file_path(Path::cmp).filter_entry(|entry| !is_templates(entry));
    let found = |step: Result<DirEntry, ignore::Error>| match step {
        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
            let path = entry.into_path();
            // Paths in the current folder have no `./`, as a user would write them.
            let path = path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned);
            choice.takes(&path, folder).then_some(Ok(FoundFile { path, named: false }))
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
