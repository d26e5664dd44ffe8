//! What a text is: values of the chart, where in it they stand, and for which version they were written.
//!
//! It looks at texts that a caller hands in, and touches no file.

mod detect;
pub mod directive;
mod embedded;
mod file;
mod head;
mod helmfile;
mod manifest;
mod origin;
mod parent_chart;
mod resolve;
mod template;
mod version;
pub mod version_from_keys;

pub use detect::is_generic;
pub use embedded::EmbeddedText;
pub use file::{File, FoundRelease, JoinedRelease, read};
pub use head::changed_head;
pub use origin::{Delivery, Origin};
use parent_chart::DependencyValues;
pub use parent_chart::{ChartDependency, ChartFile, chart_dependencies};
pub use resolve::{Charts, reconcile};
pub use version::{ClaimSource, VersionClaim, of_keys, update_version_comments};

use std::{rc::Rc, sync::Arc};

use crate::{
    chart::Requirement,
    cloud::Cloud,
    encryption,
    yaml::{Document, Error, Helm, Map, NodeId, Path, Span, Value},
};

/// What is known of a text from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The chart version that the caller asks for; nothing in the text stands against it.
    pub version: Option<Requirement>,
    /// The version of the release that is installed with these values; what the text says comes after it.
    pub installed: Option<Requirement>,
    /// The version that the project's configuration says; what the text says goes before it.
    pub configured: Option<Requirement>,
    /// The version that the project uses where nobody says another one. It makes no text values of the chart.
    pub project: Option<Requirement>,
    /// Where the values stand, from the top of a file or of the values of a release.
    pub at: Option<Path>,
    pub cloud: Option<Cloud>,
    pub helm: Helm,
    /// The chart in whose folder the text lies.
    pub chart: Option<Arc<ChartFile>>,
}

impl Hints {
    /// Whether somebody says that these are values of the chart.
    fn is_sure(&self) -> bool {
        let versions = [&self.version, &self.installed, &self.configured];
        versions.into_iter().any(Option::is_some) || self.at.is_some()
    }
}

/// Why a text has no values of the chart that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Helm cannot read the YAML.
    Broken(Error),
    /// Not for this chart, with what it is: `values of another chart`.
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

/// The values of the chart in one place or several, or what a text is instead.
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
    /// The values' own text, with its place in the whole.
    pub inset: EmbeddedText,
    pub document: Rc<Document>,
    /// What the text says of the chart version, nearest first.
    pub told: Vec<VersionClaim>,
    /// Where a manifest says the chart version: the text it stands in, and the path there.
    pub version_at: Option<(EmbeddedText, Path)>,
}

/// Finds the values of the chart in a text, for no chart version yet: at least one place.
///
/// # Errors
///
/// When the text holds none, or is no YAML that Helm reads.
pub fn places(text: &str, known: &Hints) -> Result<Vec<ValuesBlock>, Unread> {
    if let Some(tool) = encryption::of_file(text) {
        return Err(Unread::Foreign(format!("a file encrypted by {tool}")));
    }
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => match template::first(text) {
            Some((kind, at)) => return Err(Unread::Template { kind, at }),
            None => return Err(Unread::Broken(error)),
        },
    };
    match manifest::read(&document, known).or_else(|| helmfile::read(&document, known)) {
        Some(content) => content.map_err(Unread::Foreign),
        None => values(document, known),
    }
}

/// A values file, or that of a chart around this one.
fn values(document: Document, known: &Hints) -> Result<Vec<ValuesBlock>, Unread> {
    let values = match document.values(known.helm) {
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
    let told = version::of_comments(&document);
    let sure = known.is_sure() || !told.is_empty();
    let dependencies = known.chart.as_ref().map(|chart| chart.places()).unwrap_or_default();
    let is_set = |place: &&DependencyValues| place.at.is_root() || values.get_at(&place.at).is_some();
    let mut places: Vec<_> = dependencies.iter().filter(is_set).cloned().collect();
    if let Some(at) = &known.at {
        if values.get_at(at).is_none() {
            return Err(Unread::Foreign(format!("nothing at `{at}`")));
        }
        // What the chart around says of the place is known all the same.
        places.retain(|place| place.at == *at);
        if places.is_empty() {
            places.push(DependencyValues::at(at.clone()));
        }
    }
    // Keys of a parent chart are no values of the Redis chart, whoever names a version: a migration would drop them.
    if places.is_empty() && !dependencies.is_empty() && !detect::is_flat(&values) {
        return Err(Unread::NoBlock(missing_block(&dependencies)));
    }
    if places.is_empty() {
        places.push(detect::place(&values, sure).map_err(Unread::Foreign)?);
    }
    let (inset, document) = (EmbeddedText::whole(document.text()), Rc::new(document));
    let part = |DependencyValues { at, version, mut read_by_parent, parent_is_known }: DependencyValues| {
        read_by_parent.extend(sops(&values, &at));
        let told = told.iter().cloned().chain(version).collect();
        let origin = Origin {
            within: at.clone(),
            at,
            cloud: known.cloud,
            helm: known.helm,
            read_by_parent,
            parent_is_known,
            ..Origin::default()
        };
        ValuesBlock { origin, inset: inset.clone(), document: document.clone(), told, version_at: None }
    };
    Ok(places.into_iter().map(part).collect())
}

/// The block that SOPS adds to the values that it encrypts.
fn sops(values: &Map, at: &Path) -> Option<Path> {
    let is_there = values.get("sops").is_some_and(encryption::is_sops);
    (is_there && at.is_root()).then(|| Path::of(["sops"]))
}

/// The text at a path below a node, if there is one.
fn text_at(document: &Document, top: NodeId, path: &str) -> Option<String> {
    let path: Path = path.parse().ok()?;
    let found = document.find_below(top, &path)?;
    match document.value(found.value).ok()? {
        Value::String(text) => Some(text),
        // A version such as `1.10` without quotes is read as a number; as it is written it is nearer to the truth.
        Value::Int(_) | Value::Float(_) => Some(document.source(document.node(found.value).span).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
