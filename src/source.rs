//! Finds the values of the chart in a text, their path, and the chart version that they were written for.
//!
//! The module works on texts of its callers and reads no file.

mod blocks;
mod chart_name;
mod command_lines;
mod declaration;
mod declare;
mod detect;
pub mod directive;
mod embedded;
mod file;
mod forms;
mod head;
mod json_patch;
mod origin;
mod parent_chart;
mod paths;
pub mod repository;
mod resolve;
mod search;
mod sets;
mod template;
mod terraform;
mod variables;
mod version;
pub mod version_from_keys;
mod version_place;

use declaration::Declaration;
use detect::Trust;
pub use detect::{is_generic, may_have_own_keys};
pub use embedded::EmbeddedText;
pub use file::{File, FoundRelease, JoinedRelease, read};
pub use head::changed_head;
pub use origin::{Delivery, Origin};
use parent_chart::DependencyValues;
pub use parent_chart::{ChartDependency, ChartFile, chart_dependencies};
pub use resolve::{Charts, reconcile};
pub use terraform::FolderInputs;
use variables::Files;
pub use version::{ClaimSource, VersionClaim, of_keys, update_version_comments};

use std::sync::Arc;

use crate::{
    chart::Requirement,
    cloud::Cloud,
    encryption,
    yaml::{Document, Error, Helm, Map, NodeId, Path, Span, Value},
};

/// Facts about a text that come from outside of the text.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The chart version that the caller requests. It overrides every version in the text.
    pub version: Option<Requirement>,
    /// The chart version of the installed release with these values. It overrides the versions in the text.
    pub installed: Option<Requirement>,
    /// The chart version of the project's configuration for this file. A version in the text overrides it.
    pub configured: Option<Requirement>,
    /// The default chart version of the project. It does not make a text count as values of the chart.
    pub project: Option<Requirement>,
    /// The path of the values, from the root of a file or of the values of a release.
    pub at: Option<Path>,
    pub cloud: Option<Cloud>,
    pub helm: Helm,
    /// The chart whose folder contains the text.
    pub chart: Option<Arc<ChartFile>>,
    /// The path of the text, from the root of its repository. `None` for standard input.
    pub path: Option<String>,
    /// Whether the text is one of many files of a folder, and not named by the user.
    pub is_found: bool,
    /// The id of the only release that counts.
    pub release: Option<String>,
    /// The variables and calls from other Terraform files, while a repository is read.
    pub inputs: Option<Arc<FolderInputs>>,
    /// The releases of the repository with values in the text.
    pub context: Option<Arc<repository::FileContext>>,
}

impl Hints {
    /// The name of the file. `None` for standard input.
    fn file_name(&self) -> Option<&str> {
        let path = self.path.as_deref().filter(|path| *path != repository::STANDARD_INPUT)?;
        path.rsplit('/').next()
    }

    /// The variables and calls from other Terraform files.
    fn inputs(&self) -> &FolderInputs {
        static NONE: std::sync::LazyLock<FolderInputs> = std::sync::LazyLock::new(Default::default);
        match (&self.context, &self.inputs) {
            (_, Some(inputs)) => inputs,
            (Some(context), None) => context.inputs(),
            (None, None) => &NONE,
        }
    }

    /// Whether something else than the text shows that a file has values of the chart.
    fn is_named(&self) -> bool {
        let is_of_parent = self.chart.as_ref().is_some_and(|chart| !chart.places().is_empty());
        self.is_sure() || self.context.is_some() || is_of_parent
    }

    /// Whether the user declares that the text holds values of the chart.
    fn is_sure(&self) -> bool {
        let versions = [&self.version, &self.installed, &self.configured];
        versions.into_iter().any(Option::is_some) || self.at.is_some()
    }
}

/// Why a text has no readable values of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Helm cannot parse the YAML.
    Broken(Error),
    /// The text is something else, with a description: `values of another chart`.
    Foreign(String),
    /// The values of a parent chart without a block for its dependency on the Redis chart, with why.
    NoBlock(String),
    /// No YAML yet: somebody has to run a template first, at the place of its first mark.
    Template { kind: &'static str, at: Span },
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// The places with values of the chart, or a description of a text without such values.
type Content = Result<Vec<ValuesBlock>, String>;

/// Why the values of a parent chart hold none of the Redis chart: no key of a dependency is set.
fn missing_block(dependencies: &[DependencyValues]) -> String {
    let keys: Vec<_> = dependencies.iter().map(|dependency| format!("`{}`", dependency.at)).collect();
    let noun = if keys.len() == 1 { "dependency" } else { "dependencies" };
    format!("no key {} for the redis {noun} of the parent chart", keys.join(" or "))
}

/// The values of one release, in one place of a text.
#[derive(Debug, Clone)]
pub struct ValuesBlock {
    pub origin: Origin,
    /// The text of the values, with its position in the whole text.
    pub inset: EmbeddedText,
    pub document: Arc<Document>,
    /// The chart versions that the text names, nearest to the values first.
    pub claims: Vec<VersionClaim>,
    /// The text and the path of the chart version in a manifest.
    pub version_at: Option<(EmbeddedText, Path)>,
}

/// Finds the values of the chart in a text, in one place at least. Their chart version is not resolved yet.
///
/// # Errors
///
/// If the text holds no values of the chart, or Helm cannot parse its YAML.
pub fn places(text: &str, hints: &Hints) -> Result<Vec<ValuesBlock>, Unread> {
    let mut places = all_places(text, hints)?;
    places.retain(|place| place.origin.only.is_none());
    Ok(places)
}

/// The same places, and those of global values.
fn all_places(text: &str, hints: &Hints) -> Result<Vec<ValuesBlock>, Unread> {
    if let Some(tool) = encryption::of_file(text) {
        return Err(Unread::Foreign(format!("a file encrypted by {tool}")));
    }
    let parsed = Parsed::of(text, hints, None);
    if let Some(found) = blocks::of_releases(text, &parsed, hints) {
        return found.map_err(Unread::Foreign);
    }
    let read = match parsed.document {
        Ok(document) => values(document, hints),
        Err(error) => Err(match template::first(text) {
            Some((kind, at)) => Unread::Template { kind, at },
            None => Unread::Broken(error),
        }),
    };
    match read {
        // Most broken files of a folder belong to other programs.
        Err(Unread::Broken(_)) if hints.is_found && !hints.is_named() && !detect::has_own_line(text) => {
            Err(Unread::Foreign("no YAML, and without a key of the redis chart".to_owned()))
        }
        read => read,
    }
}

/// A text, with the releases that it declares.
struct Parsed {
    /// The text as YAML, without its templates if it declares releases.
    document: Result<Document, Error>,
    declarations: Vec<Declaration>,
}

impl Parsed {
    /// Reads a text. `files` has the files with variables of the text.
    fn of(text: &str, hints: &Hints, files: Option<&dyn Files>) -> Self {
        let is_yaml = hints.path.as_deref().is_none_or(repository::is_yaml);
        if !is_yaml {
            let declarations = match terraform::may_be_in(text, hints.file_name()) {
                true => terraform::declarations(text, hints, hints.inputs()),
                false if command_lines::may_be_in(text, hints.file_name()) => command_lines::declarations(text, hints),
                false => Vec::new(),
            };
            return Self { document: Ok(Document::of_other_text(text)), declarations };
        }
        if command_lines::may_be_in(text, hints.file_name()) {
            let declarations = command_lines::declarations(text, hints);
            if !declarations.is_empty() {
                return Self { document: Document::parse(text), declarations };
            }
        }
        if !forms::any_may_be_in(text, hints.file_name()) {
            return Self { document: Document::parse(text), declarations: Vec::new() };
        }
        match embedded::parsed(EmbeddedText::whole(text)) {
            Some((inset, document)) => {
                let declarations = declare::declarations(&inset, &document, hints, files);
                match declarations.is_empty() && inset.mask().is_some() {
                    true => Self { document: Document::parse(text), declarations },
                    false => Self { document: Ok(document), declarations },
                }
            }
            None => Self { document: Document::parse(text), declarations: Vec::new() },
        }
    }
}

/// Whether a text can declare a release: a cheap test.
fn may_declare(text: &str, hints: &Hints) -> bool {
    let is_yaml = hints.path.as_deref().is_none_or(repository::is_yaml);
    let may_hold_commands =
        command_lines::may_be_in(text, hints.file_name()) && !(is_yaml && command_lines::has_no_command(text));
    !is_yaml || may_hold_commands || forms::any_may_be_in(text, hints.file_name())
}

/// The limit of a Terraform file or a script that names the chart and exceeds it. redisgen does not read such a text.
fn exceeded_limit(text: &str, hints: &Hints) -> Option<String> {
    if !text.contains("redis") {
        return None;
    }
    if terraform::may_be_in(text, hints.file_name()) {
        return terraform::exceeded_limit(text);
    }
    command_lines::may_be_in(text, hints.file_name()).then(|| command_lines::exceeded_limit(text))?
}

/// Whether a text is YAML, apart from the templates in declarations of releases.
pub fn is_readable(text: &str, hints: &Hints) -> bool {
    Parsed::of(text, hints, None).document.is_ok()
}

/// The whole text as a document, for the positions in it.
fn document_of(text: &str, hints: &Hints) -> Document {
    Parsed::of(text, hints, None).document.unwrap_or_else(|_| Document::of_other_text(text))
}

/// The releases that a text declares, and its document. `files` has the files with variables of the text.
fn declarations_of(text: &str, hints: &Hints, files: Option<&dyn Files>) -> (Vec<Declaration>, Option<Document>) {
    let Parsed { document, declarations, .. } = Parsed::of(text, hints, files);
    (declarations, document.ok())
}

/// A values file, or that of a chart around this one.
fn values(document: Document, hints: &Hints) -> Result<Vec<ValuesBlock>, Unread> {
    let values = match document.values(hints.helm) {
        Ok(values) => values,
        Err(error) => {
            let top = document.documents().first().map(|top| document.value(*top));
            return match top {
                Some(Ok(Value::List(_))) => Err(Unread::Foreign("a list, not values".to_owned())),
                Some(Ok(Value::String(text))) if !text.contains(':') => {
                    Err(Unread::Foreign("a text, not values".to_owned()))
                }
                _ => Err(Unread::Broken(error)),
            };
        }
    };
    let claims = version::of_comments(&document);
    let sure = hints.is_sure() || !claims.is_empty();
    let dependencies = hints.chart.as_ref().map(|chart| chart.places()).unwrap_or_default();
    let is_set = |place: &&DependencyValues| place.at.is_root() || values.get_at(&place.at).is_some();
    let mut places: Vec<_> = dependencies.iter().filter(is_set).cloned().collect();
    if let Some(at) = &hints.at {
        if values.get_at(at).is_none() {
            return Err(Unread::Foreign(format!("nothing at `{at}`")));
        }
        // A place that the parent chart names keeps its version and its readers.
        places.retain(|place| place.at == *at);
        if places.is_empty() {
            places.push(DependencyValues::at(at.clone()));
        }
    }
    // The values of another chart, by the name of the chart in the same folder.
    if let (true, false, true, Some(chart)) = (hints.is_found, sure, dependencies.is_empty(), &hints.chart)
        && let Some(name) = chart.name_of_another()
    {
        return Err(Unread::Foreign(format!("values of the chart `{name}`")));
    }
    // Keys of a parent chart are not values of the Redis chart, even with a stated version: a migration would drop them.
    if places.is_empty() && !dependencies.is_empty() && !detect::is_flat(&values) {
        return Err(Unread::NoBlock(missing_block(&dependencies)));
    }
    if places.is_empty() {
        let trust = match (sure, hints.is_found) {
            (true, _) => Trust::Sure,
            (false, true) => Trust::OwnKeys,
            (false, false) => Trust::Likely,
        };
        places.push(detect::place(&values, trust).map_err(Unread::Foreign)?);
    }
    let (inset, document) = (EmbeddedText::whole(document.text()), Arc::new(document));
    let part = |DependencyValues { at, version, mut read_by_parent, parent_is_known, .. }: DependencyValues| {
        read_by_parent.extend(added_by_tools(&values, &at));
        let claims = claims.iter().cloned().chain(version).collect();
        let origin = Origin {
            within: at.clone(),
            at,
            cloud: hints.cloud,
            helm: hints.helm,
            read_by_parent,
            parent_is_known,
            ..Origin::default()
        };
        ValuesBlock { origin, inset: inset.clone(), document: document.clone(), claims, version_at: None }
    };
    Ok(places.into_iter().map(part).collect())
}

/// The paths that tools add to values: the block of SOPS, and the first line of `helm get values`.
fn added_by_tools(values: &Map, at: &Path) -> impl Iterator<Item = Path> + use<> {
    sops(values, at).into_iter().chain(header(values, at))
}

/// The path of the block that SOPS adds to the values that it encrypts.
fn sops(values: &Map, at: &Path) -> Option<Path> {
    let is_there = values.get("sops").is_some_and(encryption::is_sops);
    (is_there && at.is_root()).then(|| Path::of(["sops"]))
}

/// The first line of `helm get values`, which is no key.
fn header(values: &Map, at: &Path) -> Option<Path> {
    let (name, value) = values.iter().next()?;
    (at.is_root() && HEADERS.contains(&name) && *value == Value::Null).then(|| Path::of([name]))
}

/// What `helm get values` and `helm get values --all` print in front of the values.
const HEADERS: [&str; 2] = ["USER-SUPPLIED VALUES", "COMPUTED VALUES"];

/// The text at a path below a node.
fn text_at(document: &Document, top: NodeId, path: &str) -> Option<String> {
    let path: Path = path.parse().ok()?;
    let node = document.find_below(top, &path)?;
    match document.value(node.value).ok()? {
        Value::String(text) => Some(text),
        // A version such as `1.10` without quotes is read as a number. Its source text keeps the zero.
        Value::Int(_) | Value::Float(_) => Some(document.source(document.node(node.value).span).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
