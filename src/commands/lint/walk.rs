//! Finds the files to check: the named files, and the files in the named folders.

use std::{
    collections::{BTreeSet, HashSet},
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::Context;
use ignore::{DirEntry, WalkBuilder};

use crate::commands::sources::{Listing, NamedRelease, Project, Sources};
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
        let walked = file.strip_prefix(here(folder)).unwrap_or(file);
        let whole = files::absolute(file).unwrap_or_default();
        let is_excluded =
            self.exclude.matches(walked) || self.project.config.lint.exclude.matches(self.project.within(file, &whole));
        let is_chart_file = file.file_name().is_some_and(|name| OF_CHARTS.iter().any(|known| name == *known));
        !is_excluded && !is_chart_file && (!has_choice || self.takes(file, walked))
    }

    /// Whether a file counts, by its path and the path from the named folder.
    fn takes(&self, file: &Path, walked: &Path) -> bool {
        let Lint { include, exclude, .. } = &self.project.config.lint;
        // Most projects have no patterns, and then the whole path is not needed.
        let in_project = |globs: &Globs| {
            let whole = files::absolute(file).unwrap_or_default();
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
            let walked = in_folder(path, choice, sources, keys_decide && !choice.project.has_rules());
            let more = in_releases(path, choice, sources, &walked);
            found.extend(walked);
            found.extend(more);
        }
    }
    if named.len() > 1 {
        let mut seen = HashSet::new();
        found.retain(|step| {
            step.as_ref().map_or(true, |found| seen.insert((found.path.clone(), found.release.clone())))
        });
    }
    found
}

/// The files of a folder in order. With `keys_decide`, files without a key of the chart are foreign.
///
/// The search for releases has listed most of them already.
fn in_folder(folder: &Path, choice: &FileFilter, sources: &Sources, keys_decide: bool) -> Vec<Step> {
    let Some(root) = sources.repository(folder) else { return walk(folder, choice) };
    let (Some(within), Some(listing)) = (root.path_of(folder), root.listing()) else { return walk(folder, choice) };
    let mut listed = listing.below(&within).peekable();
    if listed.peek().is_none() {
        // The folder is ignored, or in a folder that is not searched.
        return walk(folder, choice);
    }
    let (repository, here) = (root.repository(), here(folder));
    let start = if within.is_empty() { 0 } else { within.len() + 1 };
    let of_listed = |(path, is_without_keys): (&str, bool)| {
        let walked = &path[start..];
        let file = here.join(walked);
        let is_found =
            !is_hidden(walked) && choice.takes(&file, Path::new(walked)) && !is_template(path, start, listing);
        let is_foreign =
            || keys_decide && is_without_keys && repository.context(path).is_none() && !repository.is_in_parent(path);
        is_found.then(|| Ok(FoundFile { path: file, named: false, release: None, is_foreign: is_foreign() }))
    };
    let mut found: Vec<Step> = listed.filter_map(of_listed).collect();
    for skipped in listing.skipped.iter().filter_map(|path| path.strip_prefix(&within)) {
        let walked = skipped.trim_start_matches('/');
        if (start == 0 || skipped.len() > walked.len()) && !is_hidden(walked) {
            found.extend(walk(&here.join(walked), choice));
        }
    }
    found.sort_by(|one, other| path_of(one).cmp(path_of(other)));
    found
}

/// The path of a step. Errors come first.
fn path_of(step: &Step) -> &Path {
    step.as_ref().map_or(Path::new(""), |found| &found.path)
}

/// A folder as it is shown: paths in the current folder have no `./`, as a user would write them.
fn here(folder: &Path) -> &Path {
    folder.strip_prefix(".").unwrap_or(folder)
}

/// Whether a part of the path is hidden.
fn is_hidden(path: &str) -> bool {
    path.starts_with('.') || path.contains("/.")
}

/// Whether a file is in the folder with the templates of a chart, below the first `start` bytes of the path.
fn is_template(path: &str, start: usize, listing: &Listing) -> bool {
    let mut folders = path[start..].match_indices("templates/").map(|(at, _)| start + at);
    folders.any(|at| (at == 0 || path[..at].ends_with('/')) && listing.has(&format!("{}Chart.yaml", &path[..at])))
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

/// The files of a folder that the search for releases has not listed.
fn walk(folder: &Path, choice: &FileFilter) -> Vec<Step> {
    let mut walk = WalkBuilder::new(folder);
    walk.require_git(false).sort_by_file_path(Path::cmp).filter_entry(|entry| !is_templates(entry));
    let found = |step: Result<DirEntry, ignore::Error>| match step {
        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
            let path = here(entry.path()).to_owned();
            let takes = choice.takes(&path, path.strip_prefix(here(folder)).unwrap_or(&path));
            takes.then_some(Ok(FoundFile { path, named: false, release: None, is_foreign: false }))
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The files of a folder from the listing of the repository, and from a walk.
    fn both(root: &Path, folder: &str) -> [Vec<PathBuf>; 2] {
        let project = Project::default();
        let choice = FileFilter::new(&[], &[], &project).expect("no patterns");
        let folder = root.join(folder);
        let paths = |steps: Vec<Step>| steps.into_iter().map(|step| step.expect("readable").path).collect();
        [paths(in_folder(&folder, &choice, &Sources::default(), true)), paths(walk(&folder, &choice))]
    }

    #[test]
    fn the_listing_has_the_files_of_a_walk() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let files = [
            ".git/config.yaml",
            ".github/workflows/a.yaml",
            ".hidden.yaml",
            "a-b/values.yaml",
            "a/Chart.yaml",
            "a/templates/deployment.yaml",
            "a/templates.yaml",
            "a/values.yaml",
            "a.yaml",
            "built/out.yaml",
            "built/templates/x.yaml",
            "deep/vendor/x/values.yaml",
            "deep/vendor/x/.secret/values.yaml",
            "node_modules/y/values.yml",
            "readme.md",
            "vendor/z/Chart.yaml",
            "vendor/z/templates/x.yaml",
            "vendor/z/values.yaml",
        ];
        for file in files {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, "a: 1\n").expect("a file");
        }
        fs::write(root.path().join(".gitignore"), "built/\nnode_modules/\n").expect("a file");
        for folder in ["", "a", "a/templates", "deep", "deep/vendor", "built", ".github", "vendor/z", "node_modules"] {
            let [listed, walked] = both(root.path(), folder);
            assert!(!walked.is_empty(), "{folder}");
            assert_eq!(listed, walked, "{folder}");
        }
    }
}
