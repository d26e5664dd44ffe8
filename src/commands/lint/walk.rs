//! Which files are meant: those that are named, and what lies in the folders that are named.

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

/// What a folder is searched for.
const ENDINGS: [&str; 2] = ["yaml", "yml"];

/// Files of a chart that hold no values.
const OF_CHARTS: [&str; 4] = ["Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"];

/// Which files of a folder are taken; a file that is named itself is taken in any case.
pub(super) struct FileFilter<'a> {
    /// From the walked folder on; none leaves it to the project.
    include: Option<Globs>,
    /// Beside those of the project.
    exclude: Globs,
    project: &'a Project,
}

impl<'a> FileFilter<'a> {
    /// # Errors
    ///
    /// A text that is no glob.
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

/// A file to judge.
#[derive(Debug, Clone)]
pub(super) struct FoundFile {
    pub path: PathBuf,
    /// Whether a person has named it, and not a folder that it lies in.
    pub named: bool,
}

/// A file to judge, or why a folder could not be read.
pub(super) type Step = Result<FoundFile, String>;

/// The files in the order in which they were named, those of a folder sorted; each once.
///
/// Links are not followed within a folder, so that a loop of them ends; what `.gitignore` names is left out, and so
/// are the templates of charts.
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
            // What lies in this folder is named as a person would.
            let path = path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned);
            choice.takes(&path, folder).then_some(Ok(FoundFile { path, named: false }))
        }
        Ok(_) => None,
        Err(error) => Some(Err(error.to_string())),
    };
    walk.build().filter_map(found).collect()
}

/// The folder with the templates of a chart.
fn is_templates(entry: &DirEntry) -> bool {
    let beside = |name: &str| entry.path().parent().is_some_and(|above| above.join(name).is_file());
    entry.file_name() == OsStr::new("templates") && beside("Chart.yaml")
}
