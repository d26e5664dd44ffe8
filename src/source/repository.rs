//! The releases of the chart in a repository, from all its files.

mod charts;
mod declared;
mod files;
mod found_chart;
mod kustomize;
mod layers;
mod objects;
mod patches;
mod releases;
mod terraform_folders;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{Delivery, VersionClaim, declaration::Place, forms::Scalars, terraform::FolderInputs};
use crate::yaml::{Map, Path, Value};

pub use files::{CHART_FILE, STANDARD_INPUT, Tree, is_candidate, is_yaml, may_concern, parent_names};

/// The releases of the chart in the files of a folder.
#[derive(Debug, Default)]
pub struct Repository {
    releases: Arc<Vec<Release>>,
    /// The folders of charts that depend on the Redis chart.
    parents: Vec<String>,
    contexts: HashMap<String, Arc<FileContext>>,
    unread: Vec<UnreadFile>,
}

/// A file that names the chart and was not searched for releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadFile {
    pub path: String,
    /// The limit that the file exceeds, as a sentence: `it is larger than 1 MiB`.
    pub why: String,
}

/// A release of the chart, with its values in the order in which they count.
#[derive(Debug, Clone)]
pub struct Release {
    /// `PATH#NAME`, and `PATH#NAMESPACE/NAME` if the path has several releases of this name.
    pub id: String,
    /// The form of the declaration, for people.
    pub form: &'static str,
    pub delivery: Delivery,
    /// The file that declares the release.
    pub file: String,
    /// The line of the declaration, from 1.
    pub line: usize,
    /// The file and the number of the declaration. `None` for a chart that no file deploys.
    pub(super) declaration: Option<(String, usize)>,
    /// The address or the name of the chart's repository. Empty if no file has one.
    pub repository: String,
    /// The chart versions that files name, nearest to the release first.
    pub claims: Vec<VersionClaim>,
    /// The place of the version, if it is not in the declaration.
    pub(super) version_place: Option<Place>,
    /// The version as the file writes it, if it is no version: `${VERSION}`.
    pub unread_version: Option<String>,
    /// Why the variables of the version have no known value.
    pub unknown_version: Option<String>,
    /// The values of the texts with variables in the values.
    pub(super) variables: Arc<BTreeMap<String, Value>>,
    pub name: Option<String>,
    pub namespace: Option<String>,
    /// The address of the Terraform call that makes the release: `module.cache`.
    pub(super) call: Option<String>,
    /// Why the tool does not install the release.
    pub off: Option<String>,
    /// Whether the condition of a dependency is false: the chart is not rendered.
    pub is_off_by_condition: bool,
    /// The chart around, if the chart is a dependency of it.
    pub parent: Option<ParentChart>,
    /// The values, lowest precedence first.
    pub layers: Vec<ReleaseLayer>,
}

/// A chart with a dependency on the Redis chart.
#[derive(Debug, Clone)]
pub struct ParentChart {
    /// The folder of the chart, from the root of the repository.
    pub folder: String,
    /// The path of the dependency's values in the values of the parent chart.
    pub at: Path,
    /// The paths of these values that the parent chart reads.
    pub read_by_parent: Vec<Path>,
    /// The paths of these values that turn the dependency off.
    pub conditions: Vec<Path>,
    /// Whether all readers of the values are known.
    pub is_known: bool,
}

/// One layer of the values of a release.
#[derive(Debug, Clone)]
pub struct ReleaseLayer {
    /// The file with the values. `None` if no file of the repository has them.
    pub file: Option<String>,
    /// The line of the values in the file, or of the words that name the file.
    pub line: usize,
    /// The values of the whole release. `None` if they cannot be known.
    pub values: Option<Map>,
    /// Why the values, or some of them, cannot be known.
    pub unknown: Option<String>,
    /// The path of the chart's values in this layer, if it is another one than in the values of the parent chart.
    pub(super) at: Option<Path>,
    /// How the tool reads the file.
    pub(super) scalars: Scalars,
    /// Whether a null removes a value of a lower layer.
    pub(super) drops_null: bool,
    /// Whether the values are those of a ConfigMap or Secret.
    pub(super) is_of_object: bool,
    pub(super) place: LayerPlace,
}

/// Where a file holds the values of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LayerPlace {
    /// A declaration of a file, and its layer.
    Declared {
        declaration: usize,
        layer: usize,
    },
    /// The whole file.
    File,
    /// The text at a path of a document of the file, such as a key of a ConfigMap.
    Text {
        document: usize,
        at: Path,
        /// The path of the values in the text.
        below: Path,
    },
    /// The operations of a JSON patch, in a whole file or in the text at a path of a document of the file.
    Operations {
        text: Option<(usize, Path)>,
        /// The number of the operation.
        number: usize,
    },
    Nowhere,
}

/// The releases with values in one file.
#[derive(Debug)]
pub struct FileContext {
    releases: Arc<Vec<Release>>,
    /// The positions of the releases with a layer in the file.
    used_by: Vec<usize>,
    /// The variables and calls from other Terraform files.
    inputs: Arc<FolderInputs>,
    /// The declarations of other charts, with the name of the chart.
    others: Vec<(usize, String)>,
    /// The other chart whose release alone has the values of the file.
    of_other: Option<String>,
}

impl ReleaseLayer {
    /// Whether an edit can change the values.
    fn can_change(&self) -> bool {
        !matches!(self.place, LayerPlace::Nowhere | LayerPlace::Operations { .. })
    }

    /// Whether the layer is a values file.
    pub fn is_whole_file(&self) -> bool {
        self.place == LayerPlace::File
    }
}

impl Repository {
    /// Reads the files of a repository.
    pub fn of(tree: &dyn Tree) -> Self {
        releases::find(tree)
    }

    /// The releases, in the order of the files.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The files that name the chart and were not searched for releases.
    pub fn unread(&self) -> &[UnreadFile] {
        &self.unread
    }

    /// Adds a file that the tree left out because of its size.
    pub(crate) fn add_unread(&mut self, file: UnreadFile) {
        self.unread.push(file);
    }

    /// Whether a file is in the folder of a chart that depends on the Redis chart.
    pub fn is_in_parent(&self, path: &str) -> bool {
        self.parents.iter().any(|folder| folder.is_empty() || path.starts_with(folder.as_str()))
    }

    /// The releases with values in a file. `None` if there are none.
    pub fn context(&self, path: &str) -> Option<Arc<FileContext>> {
        self.contexts.get(path).cloned()
    }
}

impl FileContext {
    /// The releases with a layer in the file.
    pub(super) fn releases(&self) -> impl Iterator<Item = &Release> {
        self.used_by.iter().map(|at| &self.releases[*at])
    }

    /// The variables and calls from other Terraform files.
    pub(super) fn inputs(&self) -> &FolderInputs {
        &self.inputs
    }

    /// The other chart whose release alone has the values of the file.
    pub(super) fn of_other(&self) -> Option<&str> {
        self.of_other.as_deref()
    }

    /// The other chart of a declaration.
    pub(super) fn other_chart(&self, declaration: usize) -> Option<&str> {
        self.others.iter().find(|(at, _)| *at == declaration).map(|(_, chart)| chart.as_str())
    }
}
