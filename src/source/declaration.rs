//! A release that a text declares: its chart, and its values in the order in which they count.

use std::sync::Arc;

use super::{ClaimSource, Delivery, EmbeddedText, Origin, ValuesBlock, VersionClaim, embedded, forms::Scalars};
use crate::yaml::{Document, Path, Span};

/// A release that a text declares. Other files may hold its chart version and some of its values.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The form, for people: `Argo CD Application`.
    pub form: &'static str,
    pub delivery: Delivery,
    pub chart: ChartReference,
    pub version: StatedVersion,
    pub release: Option<String>,
    pub namespace: Option<String>,
    /// The values, lowest precedence first.
    pub layers: Vec<Layer>,
    /// Why the tool does not install the release: `spec.suspend` is true.
    pub off: Option<String>,
    /// The declaration in the whole text.
    pub span: Span,
    /// The Kubernetes object that declares the release.
    pub object: Option<ObjectReference>,
    /// The address of the Terraform call that makes the release, if the text is a module: `module.cache`.
    pub call: Option<String>,
}

/// The chart of a declaration, as far as its text names it.
#[derive(Debug, Clone, Default)]
pub struct ChartReference {
    /// The last part of the name: `redis`. Empty if only an object or a folder names the chart.
    pub name: String,
    /// The address or the alias of the repository. Empty if the text has none.
    pub repository: String,
    /// A chart in a folder of this repository.
    pub folder: Option<FileReference>,
    /// The object that names the chart and the version.
    pub object: Option<ObjectReference>,
    /// The object with the address of the repository.
    pub repository_object: Option<ObjectReference>,
}

/// The place of a scalar in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file. `None` for the text with the declaration.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// The number of the document in the file.
    pub document: usize,
    /// The path of the text in the document that is YAML and has the scalar.
    pub text: Option<Path>,
    /// The path of the scalar.
    pub path: Path,
}

/// The chart version of a declaration, with its place.
#[derive(Debug, Clone, Default)]
pub struct StatedVersion {
    pub claims: Vec<VersionClaim>,
    /// The text and the path of the version, for an edit. The path is the root if the text is the version alone.
    pub at: Option<(EmbeddedText, Path)>,
    /// The version as the text writes it, also if it is no version: `${VERSION}`.
    pub text: Option<String>,
    /// The place of the variable with the version.
    pub variable: Option<Place>,
    /// Why the variables of the version have no known value.
    pub unknown: Option<String>,
    /// The line of the version, from 1; 0 without a version.
    pub line: usize,
}

/// A part of the values of a release.
#[derive(Debug, Clone)]
pub enum Layer {
    /// Values in the text of the declaration.
    Block(Box<ValuesBlock>),
    /// A values file.
    File(FileReference),
    /// The values in a ConfigMap or Secret.
    Object(ObjectValues),
    /// The values that another object adds: a HelmChartConfig to a HelmChart of k3s.
    Extension,
    /// Values that cannot be known, with the reason.
    Unknown { what: String, span: Span },
}

/// A file or a folder that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReference {
    /// The path as written, or a glob.
    pub path: String,
    pub base: Base,
    /// How the tool reads the file.
    pub scalars: Scalars,
    /// Whether a null in the file removes a value of a lower layer.
    pub drops_null: bool,
    pub span: Span,
}

impl FileReference {
    /// A file that Helm reads.
    pub(super) fn new(path: impl Into<String>, base: Base, span: Span) -> Self {
        Self { path: path.into(), base, scalars: Scalars::default(), drops_null: false, span }
    }
}

/// The folder that a path starts at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The folder of the file that names the path.
    Here,
    /// The root of the repository.
    Root,
    /// The folder of the chart.
    Chart,
    /// The folder of the file that names the path, or else a folder above it: the place where a command runs.
    HereOrAbove,
}

/// A Kubernetes object that a text names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectReference {
    pub kind: String,
    pub name: String,
    pub namespace: Option<String>,
}

/// Values below a key of a ConfigMap or Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectValues {
    pub object: ObjectReference,
    pub key: String,
    /// The path of the values to which the text at `key` belongs. `None` if the text is YAML with values.
    pub target: Option<Path>,
    pub optional: bool,
    pub span: Span,
}

impl Declaration {
    /// The blocks of values in the text of the declaration.
    pub fn blocks(&self) -> impl Iterator<Item = &ValuesBlock> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Block(block) => Some(&**block),
            _ => None,
        })
    }
}

impl Declaration {
    /// Takes the facts that this declaration lacks from another one, and its values as lower layers.
    pub(super) fn inherit(&mut self, template: Self) {
        if self.chart.name.is_empty() && self.chart.folder.is_none() {
            self.chart = template.chart;
        }
        if self.version.text.is_none() {
            self.version = template.version;
        }
        self.namespace = self.namespace.take().or(template.namespace);
        self.off = self.off.take().or(template.off);
        self.layers.splice(..0, template.layers);
    }
}

impl ChartReference {
    /// The chart that a command names: an alias and a name, an address, or a folder.
    pub(super) fn named(text: &str, base: Base, span: Span) -> Self {
        let text = text.trim().trim_end_matches('/');
        let (before, last) = text.rsplit_once('/').unwrap_or(("", text));
        let name = version_in_name(last).map_or(last, |(name, _)| name).to_owned();
        // An alias has no slash.
        let is_folder = text.starts_with(['.', '/', '~']) || before.contains('/') && !before.contains("://");
        if is_folder || text.ends_with(".tgz") && !text.contains("://") {
            let folder = Some(FileReference::new(text, base, span));
            return Self { name, folder, ..Self::default() };
        }
        Self { name, repository: before.to_owned(), ..Self::default() }
    }
}

/// The name and the version in the name of a packed chart or in a reference with a tag: `redis-17.9.3.tgz`, `redis:17.9.3`.
pub(super) fn version_in_name(name: &str) -> Option<(&str, &str)> {
    let Some(packed) = name.strip_suffix(".tgz") else {
        let (name, tag) = name.split_once(':')?;
        return Some((name, tag.split('@').next().unwrap_or(tag)));
    };
    let dash = packed.match_indices('-').find(|(at, _)| packed[at + 1..].starts_with(|c: char| c.is_ascii_digit()))?.0;
    Some((&packed[..dash], &packed[dash + 1..]))
}

impl Place {
    /// A place that no edit can change.
    pub(super) fn without_edits(file: &str, line: usize) -> Self {
        Self { file: Some(file.to_owned()), line, document: usize::MAX, text: None, path: Path::root() }
    }

    /// The text around the scalar in a file, for an edit. `None` if the file has no such text.
    pub(super) fn inset(&self, text: &str) -> Option<EmbeddedText> {
        let (whole, document) = embedded::parsed(EmbeddedText::whole(text))?;
        let (inset, document) = embedded::documents(&document).into_iter().nth(self.document)?;
        let inset = inset.with_mask_of(&whole);
        match &self.text {
            None => Some(inset),
            Some(at) => {
                let (inner, _) = embedded::text_below(&document, *document.documents().first()?, at)?;
                Some(inner.rebased(&inset))
            }
        }
    }
}

impl StatedVersion {
    /// The version that a field sets in a line of the text, which has no place for an edit.
    pub(super) fn of(text: &str, field: &'static str, line: usize) -> Self {
        let claim =
            text.parse().ok().map(|requirement| VersionClaim { requirement, by: ClaimSource::Manifest { field } });
        Self { claims: claim.into_iter().collect(), text: Some(text.to_owned()), line, ..Self::default() }
    }
}

impl Layer {
    /// Values in a text that is no YAML as a whole.
    pub(super) fn block(
        inset: EmbeddedText,
        document: Arc<Document>,
        origin: &Origin,
        version: &StatedVersion,
    ) -> Self {
        // Helm and most chart authors enable a dependency with this key.
        let read_by_parent = if origin.parent_is_known { Vec::new() } else { vec![Path::of(["enabled"])] };
        let origin = Origin { at: origin.within.clone(), read_by_parent, ..origin.clone() };
        let (claims, version_at) = (version.claims.clone(), version.at.clone());
        Self::Block(Box::new(ValuesBlock { origin, inset, document, claims, version_at }))
    }
}
