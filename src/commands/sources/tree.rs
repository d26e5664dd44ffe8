//! The files of a repository on disk, as far as they can tell something about a release of the chart.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    path::{Path, PathBuf, absolute},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::{
    commands::files,
    source::may_have_own_keys,
    source::repository::{CHART_FILE, Repository, Tree, is_candidate, parent_names},
};

/// Largest number of bytes of a file that can declare a release.
const MOST_BYTES: usize = 4 << 20;

/// Folders without files of the repository itself.
const SKIPPED: [&str; 4] = [".git", "node_modules", ".terraform", "vendor"];

/// The text files below the root of a repository.
pub(super) struct FolderTree {
    root: PathBuf,
    /// The root without links.
    real_root: PathBuf,
    paths: Vec<String>,
    texts: HashMap<String, Arc<str>>,
    /// The files that were read and have no key of the chart.
    without_keys: HashSet<String>,
    /// Files that are read only because another file names them.
    named: Mutex<HashMap<String, Option<Arc<str>>>>,
}

/// A file of the folder.
struct FoundFile {
    /// The path from the root.
    path: String,
    /// The text, if it can tell something.
    text: Option<Arc<str>>,
    /// Whether the text has no key of the chart. False for a file that was not read.
    is_without_keys: bool,
}

impl FoundFile {
    /// Reads a file, if it can tell something. `None` for a folder, and for a name that is not UTF-8.
    fn of(entry: &DirEntry, root: &Path) -> Option<Self> {
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return None;
        }
        let path = entry.path().strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
        let text = may_declare(&path).then(|| files::read_text(entry.path()).ok()).flatten();
        let text = text.filter(|text| text.len() <= MOST_BYTES);
        let is_without_keys = text.as_ref().is_some_and(|text| !may_have_own_keys(text));
        let text = text.filter(|text| is_candidate(&path, text, &[])).map(Arc::from);
        Some(Self { path, text, is_without_keys })
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl FolderTree {
    /// Lists the files below `root`, and reads those that can tell something. With `deep`, folders below count too.
    pub fn read(root: &Path, deep: bool) -> Self {
        let mut walk = WalkBuilder::new(root);
        walk.hidden(false)
            .require_git(false)
            .max_depth(if deep { None } else { Some(1) })
            .threads(rayon::current_num_threads())
            .filter_entry(|entry| !SKIPPED.iter().any(|name| entry.file_name() == OsStr::new(name)));
        let (sender, receiver) = mpsc::channel();
        walk.build_parallel().run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                let found = entry.ok().and_then(|entry| FoundFile::of(&entry, root));
                // The receiver lives as long as the walk.
                found.into_iter().for_each(|found| drop(sender.send(found)));
                WalkState::Continue
            })
        });
        drop(sender);
        let files: Vec<FoundFile> = receiver.into_iter().collect();
        let charts = files.iter().filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)));
        let parents = parent_names(charts.filter(|(path, _)| name_of(path) == CHART_FILE));
        let without_keys = files.iter().filter(|file| file.is_without_keys).map(|file| file.path.clone()).collect();
        // A release of a chart around the Redis chart need not name Redis.
        let reread = |file: &FoundFile| {
            let is_of_interest = !parents.is_empty() && file.text.is_none() && may_declare(&file.path);
            let text = is_of_interest.then(|| files::read_text(&root.join(&file.path)).ok()).flatten()?;
            is_candidate(&file.path, &text, &parents).then(|| Arc::from(text))
        };
        let text = |file: &FoundFile| Some((file.path.clone(), file.text.clone().or_else(|| reread(file))?));
        let texts = files.par_iter().filter_map(text).collect();
        let mut paths: Vec<String> = files.into_iter().map(|file| file.path).collect();
        paths.sort_unstable();
        let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self { root: root.to_owned(), real_root, paths, texts, without_keys, named: Mutex::default() }
    }

    /// The releases in these files, and the files without a key of the chart.
    pub fn into_repository(self) -> (Repository, HashSet<String>) {
        (Repository::of(&self), self.without_keys)
    }

    /// The path of a file from the root. `None` for a file outside of it.
    pub fn path_of(root: &Path, file: &Path) -> Option<String> {
        let whole = absolute(file).ok()?;
        Some(clean(&whole).strip_prefix(root).ok()?.to_str()?.replace('\\', "/"))
    }
}

/// A path without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(clean.pop()),
            std::path::Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

/// Endings and names of files that can declare a release.
fn may_declare(path: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["yaml", "yml", "tpl", "gotmpl", "j2", "tf", "tofu", "tfvars", "sh", "bash", "ps1", "mk"];
    const NAMES: [&str; 7] =
        ["Kustomization", "Makefile", "GNUmakefile", "Dockerfile", "Tiltfile", "Jenkinsfile", "Taskfile"];
    let name = name_of(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.contains(&ending)) || NAMES.contains(&name) || name.starts_with("Dockerfile")
}

impl Tree for FolderTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn candidates(&self) -> Vec<String> {
        let mut candidates: Vec<String> = self.texts.keys().cloned().collect();
        candidates.sort_unstable();
        candidates
    }

    fn text(&self, path: &str) -> Option<Arc<str>> {
        if let Some(text) = self.texts.get(path) {
            return Some(text.clone());
        }
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let file = self.root.join(path);
            // A link may lead out of the root.
            let real = file.canonicalize().ok().filter(|real| real.starts_with(&self.real_root))?;
            real.is_file().then(|| files::read_found(&file)).flatten().map(Arc::from)
        };
        named.entry(path.to_owned()).or_insert_with(read).clone()
    }
}
