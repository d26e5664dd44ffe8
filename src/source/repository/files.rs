//! The files of a repository: which can hold a release, and where a path leads.

use std::sync::Arc;

use crate::{
    placeholder,
    source::{
        HEADERS, command_lines,
        declaration::{Base, FileReference},
        forms,
        search::{Word, Words, holds},
        variables::Files,
    },
};

pub(super) use crate::source::paths::{folder_of, join};

/// The files of a folder, read only where they are asked for.
pub trait Tree: Sync {
    /// The paths of all files from the root, with `/` between, in order.
    fn paths(&self) -> &[String];

    /// The paths of the files that [`is_candidate`] is true for, in order.
    fn candidates(&self) -> Vec<String> {
        let charts = self.paths().iter().filter(|path| name_of(path) == CHART_FILE);
        let charts = charts.filter_map(|path| Some((path.as_str(), self.text(path)?)));
        let parents = parent_names(charts.collect::<Vec<_>>().iter().map(|(path, text)| (*path, &**text)));
        let is_it = |path: &&String| self.text(path).is_some_and(|text| is_candidate(path, &text, &parents));
        self.paths().iter().filter(is_it).cloned().collect()
    }

    /// The text of a file. `None` if the file is not there, is no text, or is outside of the root.
    fn text(&self, path: &str) -> Option<Arc<str>>;

    /// Whether a path leads out of the root, through a link or with `..`.
    fn is_outside(&self, path: &str) -> bool {
        path.starts_with('/') || join("", path).is_none()
    }
}

/// Why a file of the tree has no text.
pub(super) fn missing_reason(path: &str, tree: &dyn Tree) -> &'static str {
    if tree.is_outside(path) { OUTSIDE } else { "does not exist" }
}

const OUTSIDE: &str = "is outside of the root, and redisgen does not read it";

impl Files for &dyn Tree {
    fn text(&self, path: &str) -> Option<Arc<str>> {
        Tree::text(*self, path)
    }

    fn matching(&self, glob: &str) -> Vec<String> {
        matching(glob, *self)
    }
}

/// The name of the file that describes a chart.
pub const CHART_FILE: &str = "Chart.yaml";

/// The names of the folders of charts that depend on a chart called redis.
pub fn parent_names<'c>(charts: impl Iterator<Item = (&'c str, &'c str)>) -> Vec<String> {
    let parents = charts.filter(|(_, text)| text.contains("redis"));
    let names = parents.map(|(path, _)| name_of(folder_of(path)).to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

/// The path of a text that is no file.
pub const STANDARD_INPUT: &str = "-";

/// A text that declares a release has one of these words.
const SIGN_WORDS: [&str; 3] = ["redis", "HelmChartConfig", "Generator"];
static SIGNS: Words = Words::of(&SIGN_WORDS);

/// Kinds of objects to which a release can refer, and which need not name the chart.
const OBJECT_WORDS: [&str; 5] = ["HelmRepository", "OCIRepository", "kustomize.toolkit", "ConfigMap", "kind: Secret"];
static OBJECTS: Words = Words::of(&OBJECT_WORDS);

static DUMPS: Words = Words::of(&HEADERS);

const FLUX_RELEASE_WORD: &str = "HelmRelease";
static FLUX_RELEASE: Word = Word::of(FLUX_RELEASE_WORD);

/// All words of [`is_candidate`], apart from the names of parents.
static ANY: Words = Words::of(&joined::<{ SIGN_WORDS.len() + 1 + HEADERS.len() + OBJECT_WORDS.len() }>(&[
    &SIGN_WORDS,
    &[FLUX_RELEASE_WORD],
    &HEADERS,
    &OBJECT_WORDS,
]));

/// The words of several lists.
const fn joined<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let (mut all, mut count, mut list) = ([""; N], 0, 0);
    while list < lists.len() {
        let mut word = 0;
        while word < lists[list].len() {
            all[count] = lists[list][word];
            count += 1;
            word += 1;
        }
        list += 1;
    }
    assert!(count == N, "the lists have another number of words");
    all
}

/// Whether a file may declare a release of the chart or an object that a release needs. Other files are not parsed.
///
/// `parents` has the names of the folders with a chart around the Redis chart: a release of such a chart need not name
/// Redis.
pub fn is_candidate(path: &str, text: &str, parents: &[String]) -> bool {
    let name = name_of(path);
    if is_kustomization(name) || name == CHART_FILE {
        return true;
    }
    // Most files have no word at all, and are read once.
    if !ANY.any_in(text) && parents.is_empty() {
        return false;
    }
    let file_name = Some(name).filter(|name| *name != STANDARD_INPUT);
    (SIGNS.any_in(text) || is_open_release(text) || parents.iter().any(|name| holds(text, name)))
        && (!is_yaml(name) || forms::any_may_be_in(text, file_name) || command_lines::may_be_in(text, file_name))
        || DUMPS.any_in(text)
        || OBJECTS.any_in(text)
}

/// Whether the releases of a tree can have something to do with a file. False only where nothing leads to the file: the
/// file itself declares nothing, and each candidate is a manifest of YAML that lacks the name of the file, globs,
/// variables and templates.
pub fn may_concern(path: &str, tree: &dyn Tree) -> bool {
    let name = name_of(path);
    let stem = name.split('.').next().unwrap_or(name);
    let may_lead_to = |other: &String| {
        let (of_other, text) = (name_of(other), tree.text(other));
        // These files lead to others by their places alone.
        let leads_by_place = is_kustomization(of_other) || of_other == CHART_FILE || !is_yaml(of_other);
        let text = text.filter(|_| !leads_by_place && other != path);
        text.is_none_or(|text| {
            holds(&text, stem)
                || memchr::memchr3(b'*', b'?', b'[', text.as_bytes()).is_some()
                || memchr::memchr3(b'{', b'$', b'\\', text.as_bytes()).is_some()
                || command_lines::may_be_in(&text, Some(of_other))
        })
    };
    stem.is_empty() || tree.candidates().iter().any(may_lead_to)
}

/// Whether a text has a release of Flux that does not name its chart: another object does, or the text is a patch.
fn is_open_release(text: &str) -> bool {
    FLUX_RELEASE.is_in(text) && (holds(text, "chartRef") || !holds(text, "chart:"))
}

/// Whether a text only has objects to which releases can refer.
pub(super) fn has_only_objects(path: &str, text: &str, parents: &[String]) -> bool {
    let name = name_of(path);
    let has_sign = SIGNS.any_in(text) || is_open_release(text);
    let is_special = is_kustomization(name) || name == CHART_FILE || text.contains("kustomize.toolkit");
    !is_special && !has_sign && !parents.iter().any(|name| text.contains(name.as_str()))
}

pub(super) fn is_kustomization(name: &str) -> bool {
    ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(&name)
}

/// Endings and names of files in another syntax than YAML.
const OTHER_ENDINGS: [&str; 7] = [".tf", ".tofu", ".tfvars", ".sh", ".bash", ".ps1", ".mk"];
const OTHER_NAMES: [&str; 5] = ["Makefile", "GNUmakefile", "Dockerfile", "Tiltfile", "Jenkinsfile"];

/// Whether a file may be YAML or a template of YAML. A file that the user names may have any name.
pub fn is_yaml(path: &str) -> bool {
    let name = name_of(path);
    !OTHER_ENDINGS.iter().any(|ending| name.ends_with(ending))
        && !OTHER_NAMES.contains(&name)
        && !name.starts_with("Dockerfile.")
}

pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Files(Vec<String>),
    /// Why no file is found.
    Missing(String),
}

/// The files that a reference names, from the file with the reference.
pub(super) fn resolve(reference: &FileReference, from: &str, chart: Option<&str>, tree: &dyn Tree) -> Target {
    let FileReference { path, base, .. } = reference;
    let missing = |why: &str| Target::Missing(format!("`{path}` {why}"));
    if placeholder::of(path).is_some() {
        return missing("is not known yet");
    }
    if path.starts_with('/') && *base != Base::Root {
        return missing(OUTSIDE);
    }
    let folders: Vec<&str> = match base {
        // The folder of another repository may be a folder of this one.
        Base::Root => vec![""].into_iter().chain(above(folder_of(from))).collect(),
        Base::Here => vec![folder_of(from)],
        Base::Chart => match chart {
            Some(folder) => vec![folder],
            None => return missing("is a file in the chart"),
        },
        Base::HereOrAbove => above(folder_of(from)),
    };
    // The first folder is the likely one.
    let mut is_outside = folders.first().is_some_and(|folder| join(folder, path).is_none());
    for folder in folders {
        let Some(whole) = join(folder, path) else { continue };
        let found = matching(&whole, tree);
        if !found.is_empty() {
            return Target::Files(found);
        }
        is_outside |= tree.is_outside(&whole);
    }
    missing(if is_outside { OUTSIDE } else { "does not exist" })
}

/// A folder, and the folders above it up to the root.
fn above(folder: &str) -> Vec<&str> {
    let mut folders = vec![folder];
    while let Some(folder) = folders.last().filter(|folder| !folder.is_empty()) {
        folders.push(folder_of(folder));
    }
    folders
}

/// The files of a path or a glob, in order.
fn matching(path: &str, tree: &dyn Tree) -> Vec<String> {
    if !path.contains(['*', '?', '[', '{']) {
        let found =
            tree.paths().binary_search_by(|known| known.as_str().cmp(path)).is_ok() || tree.text(path).is_some();
        return if found { vec![path.to_owned()] } else { Vec::new() };
    }
    let Ok(glob) = globset::GlobBuilder::new(path).literal_separator(true).build() else { return Vec::new() };
    let glob = glob.compile_matcher();
    tree.paths().iter().filter(|path| glob.is_match(path)).cloned().collect()
}
