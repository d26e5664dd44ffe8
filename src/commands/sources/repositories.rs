//! The repositories of the files that a command reads, each searched once for releases.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::tree::{FolderTree, Found, Listing};
use crate::{
    commands::{files, style},
    escape,
    source::repository::{FileContext, Repository, UnreadFile},
};

/// Names that only the root of a repository or of a project has.
const MARKS: [&str; 2] = [".git", "redisgen.toml"];

/// The repositories found so far.
#[derive(Default)]
pub(super) struct Repositories {
    found: Mutex<Vec<Arc<Root>>>,
}

/// The root of a repository.
pub struct Root {
    folder: PathBuf,
    /// Whether folders below count. A single file of no repository has only its own folder.
    deep: bool,
    /// The files that were read and not searched.
    unsearched: Mutex<Option<FolderTree>>,
    /// How many files were asked for before the search.
    asked: AtomicUsize,
    found: OnceLock<Found>,
}

/// Of the first files, the texts of a folder are asked whether a search is needed: most commands are about one or two
/// files. For many files, one search is faster.
const FEW: usize = 2;

impl Root {
    /// The root of a file or a folder: the nearest folder above with a mark, or else the folder itself.
    fn of(named: &Path) -> Option<Self> {
        let whole = files::absolute(named).ok()?;
        let is_folder = whole.is_dir();
        let start = if is_folder { whole.as_path() } else { whole.parent()? };
        let marked = start.ancestors().find(|folder| MARKS.iter().any(|mark| folder.join(mark).exists()));
        let deep = marked.is_some() || is_folder;
        let folder = marked.unwrap_or(start).to_owned();
        let (unsearched, asked, found) = (Mutex::default(), AtomicUsize::new(0), OnceLock::new());
        Some(Self { folder: folder.components().collect(), deep, unsearched, asked, found })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of a file from the root. `None` for a file outside of it.
    pub fn path_of(&self, file: &Path) -> Option<String> {
        FolderTree::path_of(&self.folder, file)
    }

    /// A file of the repository, by its path from the current folder if it is below it.
    pub fn shown(&self, path: &str) -> PathBuf {
        let whole = self.folder.join(path);
        let here = std::env::current_dir().unwrap_or_default();
        whole.strip_prefix(&here).map(Path::to_owned).unwrap_or(whole)
    }

    /// The releases of the repository that have a file, by its path from the root.
    pub fn context(&self, path: &str) -> Option<Arc<FileContext>> {
        let is_searched = || self.found.get().is_some();
        if !is_searched() && self.asked.fetch_add(1, Ordering::Relaxed) < FEW {
            let mut unsearched = self.unsearched.lock().unwrap_or_else(PoisonError::into_inner);
            if !is_searched() && !unsearched.get_or_insert_with(|| self.read()).may_concern(path) {
                debug_assert!(self.has_nothing_about(path), "the search has something about {path}");
                return None;
            }
        }
        self.repository().context(path)
    }

    /// The releases of the repository, which are searched at the first call.
    pub fn repository(&self) -> &Repository {
        &self.found().repository
    }

    /// The files of the repository. `None` if a folder could not be read, or a name is not UTF-8.
    pub fn listing(&self) -> Option<&Listing> {
        self.found().listing.as_ref()
    }

    fn found(&self) -> &Found {
        self.found.get_or_init(|| {
            let unsearched = self.unsearched.lock().unwrap_or_else(PoisonError::into_inner).take();
            unsearched.unwrap_or_else(|| self.read()).search()
        })
    }

    /// Whether a search finds no release that has a file, and has no note.
    fn has_nothing_about(&self, path: &str) -> bool {
        let Found { repository, .. } = self.read().search();
        repository.context(path).is_none() && repository.unread().is_empty()
    }

    fn read(&self) -> FolderTree {
        FolderTree::read(&self.folder, self.deep)
    }
}

impl Repositories {
    /// A note for each file of a repository that names the chart and was not searched for releases.
    pub fn notes(&self) -> Vec<String> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let searched = found.iter().filter_map(|root| Some((root, root.found.get()?)));
        let notes = searched.flat_map(|(root, Found { repository, .. })| {
            repository.unread().iter().map(|UnreadFile { path, why }| {
                let path = escape::one_line(&root.shown(path).display().to_string()).into_owned();
                format!("{} {path} was not searched for releases: {why}\n", style::note("note:"))
            })
        });
        notes.collect()
    }

    /// The repository of a file or a folder.
    pub fn of(&self, named: &Path) -> Option<Arc<Root>> {
        let whole = files::absolute(named).ok()?;
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let parent = whole.parent().unwrap_or(&whole);
        let is_above = |root: &&Arc<Root>| {
            if root.deep { whole.starts_with(&root.folder) } else { !whole.is_dir() && parent == root.folder }
        };
        if let Some(root) = found.iter().filter(is_above).max_by_key(|root| root.folder.components().count()) {
            return Some(root.clone());
        }
        let root = Arc::new(Root::of(named)?);
        found.push(root.clone());
        Some(root)
    }
}
