//! The files of a repository on disk, as far as they can tell something about a release of the chart.

use std::{
    collections::HashMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::{
    commands::{files, threads},
    source::may_have_own_keys,
    source::repository::{CHART_FILE, Repository, Tree, UnreadFile, is_candidate, may_concern, parent_names},
};

/// Largest number of bytes of a file that can declare a release.
const MOST_BYTES: usize = 4 << 20;

/// Folders without files of the repository itself. They are not searched.
const SKIPPED: [&str; 4] = [".git", "node_modules", ".terraform", "vendor"];

/// The text files below the root of a repository.
pub(super) struct FolderTree {
    root: PathBuf,
    /// The root without links.
    real_root: PathBuf,
    paths: Vec<String>,
    texts: HashMap<String, Arc<str>>,
    /// One for each path: whether the file was read and has no key of the chart.
    without_keys: Vec<bool>,
    skipped: Vec<String>,
    is_whole: bool,
    /// The files that are too large to be searched, and name the chart.
    too_large: Vec<String>,
    /// Files that are read only because another file names them.
    named: Mutex<HashMap<String, Option<Arc<str>>>>,
}

/// What the search found in a repository.
pub(super) struct Found {
    pub repository: Repository,
    /// The files below the root, hidden ones too. `None` if a folder could not be read, or a name is not UTF-8.
    pub listing: Option<Listing>,
}

/// The files of a repository on disk.
pub struct Listing {
    /// The paths from the root, with `/` between, in order of their bytes.
    paths: Vec<String>,
    /// One for each path: whether the file was read and has no key of the chart.
    without_keys: Vec<bool>,
    /// The folders that were not searched.
    pub skipped: Vec<String>,
}

impl Listing {
    /// The paths in a folder (the root is empty), each with whether the file was read and has no key of the chart.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&str, bool)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let start = self.paths.partition_point(|path| path.as_str() < prefix.as_str());
        let both = self.paths[start..].iter().zip(&self.without_keys[start..]);
        both.map(|(path, is_without)| (path.as_str(), *is_without))
            .take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// Whether the root has a file.
    pub fn has(&self, path: &str) -> bool {
        self.paths.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
    }
}

/// One step of the walk.
enum Step {
    File(FoundFile),
    /// A folder that is not searched.
    Skipped(String),
    /// A folder that cannot be read, or a name that is not UTF-8.
    Unreadable,
}

impl Step {
    /// `None` for a folder that is searched.
    fn of(entry: Result<DirEntry, ignore::Error>, root: &Path, buffer: &mut Vec<u8>) -> Option<Self> {
        let Ok(entry) = entry else { return Some(Self::Unreadable) };
        let kind = entry.file_type()?;
        let is_skipped =
            kind.is_dir() && entry.depth() > 0 && SKIPPED.iter().any(|name| entry.file_name() == OsStr::new(name));
        if !is_skipped && !kind.is_file() {
            return None;
        }
        let path = entry.path().strip_prefix(root).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
        Some(match path {
            None => Self::Unreadable,
            Some(path) if is_skipped => Self::Skipped(path),
            Some(path) => Self::File(FoundFile::read(entry.path(), path, buffer)),
        })
    }
}

/// A file of the folder.
struct FoundFile {
    /// The path from the root.
    path: String,
    /// The text, if it can tell something.
    text: Option<Arc<str>>,
    /// Whether the text has no key of the chart. False for a file that was not read.
    is_without_keys: bool,
    /// Whether the file can declare a release, but is too large.
    is_too_large: bool,
}

impl FoundFile {
    /// Reads a file, if it can tell something.
    fn read(file: &Path, path: String, buffer: &mut Vec<u8>) -> Self {
        let text = may_declare(&path).then(|| files::read_text_into(file, buffer).ok()).flatten();
        let is_too_large = text
            .is_some_and(|text| text.len() > MOST_BYTES && text.contains("redis") && is_candidate(&path, text, &[]));
        let text = text.filter(|text| text.len() <= MOST_BYTES);
        let is_without_keys = text.is_some_and(|text| !may_have_own_keys(text));
        let text = text.filter(|text| is_candidate(&path, text, &[])).map(Arc::from);
        Self { path, text, is_without_keys, is_too_large }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl FolderTree {
    /// Lists the files below `root`, and reads those that can tell something. With `deep`, folders below count too.
    pub fn read(root: &Path, deep: bool) -> Self {
        let (mut files, mut skipped, mut is_whole) = (Vec::new(), Vec::new(), true);
        for step in if deep { Self::walk(root) } else { Self::list(root) } {
            match step {
                Step::File(file) => files.push(file),
                Step::Skipped(folder) => skipped.push(folder),
                Step::Unreadable => is_whole = false,
            }
        }
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        let charts = files.iter().filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)));
        let parents = parent_names(charts.filter(|(path, _)| name_of(path) == CHART_FILE));
        // A release of a chart around the Redis chart need not name Redis.
        let reread = |file: &FoundFile| {
            let is_of_interest = !parents.is_empty() && file.text.is_none() && may_declare(&file.path);
            let text = is_of_interest.then(|| files::read_text(&root.join(&file.path)).ok()).flatten()?;
            is_candidate(&file.path, &text, &parents).then(|| Arc::from(text))
        };
        let too_large = files.iter().filter(|file| file.is_too_large).map(|file| file.path.clone()).collect();
        let text = |file: &FoundFile| Some((file.path.clone(), file.text.clone().or_else(|| reread(file))?));
        let texts = match parents.is_empty() {
            true => files.iter().filter_map(text).collect(),
            false => files.par_iter().filter_map(text).collect(),
        };
        let (paths, without_keys) = files.into_iter().map(|file| (file.path, file.is_without_keys)).unzip();
        let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self {
            root: root.to_owned(),
            real_root,
            paths,
            texts,
            without_keys,
            skipped,
            is_whole,
            too_large,
            named: Mutex::default(),
        }
    }

    /// The files of a folder alone.
    fn list(root: &Path) -> Vec<Step> {
        let mut buffer = Vec::new();
        let entries = Self::walk_options(root).max_depth(Some(1)).build();
        entries.filter_map(|entry| Step::of(entry, root, &mut buffer)).collect()
    }

    /// The files of a folder and of all folders below, in no order.
    fn walk(root: &Path) -> Vec<Step> {
        let (sender, receiver) = mpsc::channel();
        Self::walk_options(root).threads(threads::count()).build_parallel().run(|| {
            let sender = sender.clone();
            let mut buffer = Vec::new();
            Box::new(move |entry| {
                let Some(step) = Step::of(entry, root, &mut buffer) else { return WalkState::Continue };
                let next = if matches!(step, Step::Skipped(_)) { WalkState::Skip } else { WalkState::Continue };
                // The receiver lives as long as the walk.
                let _ = sender.send(step);
                next
            })
        });
        drop(sender);
        receiver.into_iter().collect()
    }

    fn walk_options(root: &Path) -> WalkBuilder {
        let mut walk = WalkBuilder::new(root);
        walk.hidden(false).require_git(false);
        walk
    }

    /// Whether a release of these files can have this file, or a note is needed about a file that is not searched. A
    /// search finds nothing about other files.
    pub fn may_concern(&self, path: &str) -> bool {
        !self.too_large.is_empty() || may_concern(path, self)
    }

    /// The releases in these files, and the list of the files.
    pub fn search(self) -> Found {
        let mut repository = Repository::of(&self);
        let Self { paths, without_keys, skipped, is_whole, too_large, .. } = self;
        let why = format!("it is larger than {} MiB", MOST_BYTES >> 20);
        too_large.into_iter().for_each(|path| repository.add_unread(UnreadFile { path, why: why.clone() }));
        Found { repository, listing: is_whole.then_some(Listing { paths, without_keys, skipped }) }
    }

    /// The path of a file from the root. `None` for a file outside of it.
    pub fn path_of(root: &Path, file: &Path) -> Option<String> {
        let whole = files::absolute(file).ok()?;
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

    fn is_outside(&self, path: &str) -> bool {
        let file = self.root.join(path);
        clean(&file).strip_prefix(&self.root).is_err()
            || file.canonicalize().is_ok_and(|real| !real.starts_with(&self.real_root))
    }
}
