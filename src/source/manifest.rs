//! Values inside of manifests: an Argo CD `Application` or `ApplicationSet`, a Flux `HelmRelease`, a k3s `HelmChart`.

use std::{collections::HashMap, rc::Rc};

use super::{
    Content, Delivery, Hints, Origin, ValuesBlock,
    embedded::{self, EmbeddedText},
    parent_chart::is_from_bitnami,
    text_at,
    version::{ClaimSource, VersionClaim},
};
use crate::{
    encryption,
    yaml::{
        Document, FoundNode, Map, Node, NodeId, Notes, Path, Value, emit,
        merge::{Layers, merge_into},
        set,
    },
};

/// A manifest in a text with one or more documents.
struct Manifest {
    inset: EmbeddedText,
    document: Rc<Document>,
    top: NodeId,
    kind: String,
    api: String,
}

impl Manifest {
    fn text(&self, path: &str) -> Option<String> {
        text_at(&self.document, self.top, path)
    }

    /// The chart version at a path. `None` if the path is missing.
    fn version(&self, path: &str, field: &'static str) -> Option<Version> {
        let at: Path = path.parse().ok()?;
        self.document.find_below(self.top, &at)?;
        let requirement = self.text(path).and_then(|text| text.parse().ok());
        let claims = requirement.map(|requirement| VersionClaim { requirement, by: ClaimSource::Manifest { field } });
        Some(Version { claims: claims.into_iter().collect(), at: Some((self.inset.clone(), at)) })
    }

    fn value(&self, path: &str) -> Option<Value> {
        let node = self.document.find_below(self.top, &path.parse().ok()?)?;
        self.document.value(node.value).ok()
    }
}

/// The chart version in a manifest, with its place.
#[derive(Clone, Default)]
struct Version {
    claims: Vec<VersionClaim>,
    at: Option<(EmbeddedText, Path)>,
}

/// Reads the values of all manifests in a text. `None` if the text has no manifest.
pub(super) fn read(document: &Document, hints: &Hints) -> Option<Content> {
    let is_manifest =
        |top: &NodeId| text_at(document, *top, "apiVersion").is_some() && text_at(document, *top, "kind").is_some();
    if !document.documents().iter().any(is_manifest) {
        return None;
    }
    let mut manifests = Vec::new();
    for (inset, inner) in embedded::documents(document) {
        let Some(top) = inner.documents().first().copied() else { continue };
        let (Some(api), Some(kind)) = (text_at(&inner, top, "apiVersion"), text_at(&inner, top, "kind")) else {
            continue;
        };
        manifests.push(Manifest { inset, document: inner, top, kind, api });
    }
    let mut sources = HashMap::new();
    for manifest in manifests.iter().filter(|manifest| manifest.api.starts_with("source.toolkit.fluxcd.io/")) {
        if let Some(name) = manifest.text("metadata.name") {
            sources.entry((manifest.kind.clone(), name)).or_insert(manifest);
        }
    }
    let (mut parts, mut charts) = (Vec::new(), Vec::new());
    for manifest in &manifests {
        match (manifest.api.split('/').next().unwrap_or_default(), manifest.kind.as_str()) {
            ("argoproj.io", "Application") => argo(manifest, "spec", hints, &mut parts, &mut charts),
            ("argoproj.io", "ApplicationSet") => argo(manifest, "spec.template.spec", hints, &mut parts, &mut charts),
            ("helm.toolkit.fluxcd.io", "HelmRelease") => flux(manifest, &sources, hints, &mut parts, &mut charts),
            ("helm.cattle.io", "HelmChart") => k3s(manifest, hints, &mut parts, &mut charts),
            _ => {}
        }
    }
    if !parts.is_empty() {
        return Some(Ok(parts));
    }
    Some(Err(match charts.first() {
        Some(Chart::Ours) if encryption::find(document.text()).is_some() => {
            "a manifest with encrypted values of the chart".to_owned()
        }
        Some(Chart::Ours) => "a manifest of the chart without values".to_owned(),
        Some(Chart::Other(chart)) => format!("values of the chart `{chart}`"),
        None => "a Kubernetes manifest, not values".to_owned(),
    }))
}

/// The chart that a manifest installs.
enum Chart {
    Ours,
    Other(String),
}

/// Whether a manifest installs the Redis chart. `None` if its values are not searched.
///
/// `hints.at` is the path of the Redis chart's values in the values of a parent chart, whose version does not apply.
fn is_ours(name: &str, repository: &str, hints: &Hints, charts: &mut Vec<Chart>) -> Option<bool> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let ours = last == "redis" && is_from_bitnami(repository);
    charts.push(if ours { Chart::Ours } else { Chart::Other(last.to_owned()) });
    (ours || hints.at.is_some()).then_some(ours)
}

fn argo(manifest: &Manifest, spec: &str, hints: &Hints, parts: &mut Vec<ValuesBlock>, charts: &mut Vec<Chart>) {
    let several = match manifest.value(&format!("{spec}.sources")) {
        Some(Value::List(sources)) => (0..sources.len()).map(|at| format!("{spec}.sources[{at}]")).collect(),
        _ => Vec::new(),
    };
    for source in several.into_iter().chain([format!("{spec}.source")]) {
        let repository = manifest.text(&format!("{source}.repoURL")).unwrap_or_default();
        // The URL names a chart in an OCI registry.
        let named = manifest.text(&format!("{source}.chart"));
        let of_url = || repository.strip_prefix("oci://").map(str::to_owned);
        let Some(name) = named.or_else(of_url) else { continue };
        let Some(ours) = is_ours(&name, &repository, hints, charts) else { continue };
        let version = manifest.version(&format!("{source}.targetRevision"), "targetRevision");
        let version = version.filter(|_| ours).unwrap_or_default();
        let origin = Origin {
            delivery: Delivery::ArgoCd,
            release: manifest
                .text(&format!("{source}.helm.releaseName"))
                .or_else(|| manifest.text("metadata.name").filter(|_| spec == "spec")),
            namespace: manifest.text(&format!("{spec}.destination.namespace")),
            has_unread_values: manifest
                .value(&format!("{source}.helm.valueFiles"))
                .is_some_and(|files| is_some(&files)),
            ..of(hints)
        };
        // Argo CD drops `values` if there is a `valuesObject`, even an empty one.
        let object = manifest.value(&format!("{source}.helm.valuesObject"));
        let is_dropped = object.is_some_and(|object| object != Value::Null);
        let mut text = below(manifest, &format!("{source}.helm.values"), &origin, hints, &version);
        // The places are ordered by precedence, lowest first.
        let places = [
            text.take_if(|_| !is_dropped),
            below(manifest, &format!("{source}.helm.valuesObject"), &origin, hints, &version),
            parameters(manifest, &format!("{source}.helm.parameters"), &origin, &version),
        ];
        let places: Vec<ValuesBlock> = places.into_iter().flatten().collect();
        if let Some(mut dropped) = text {
            let mut over = Map::new();
            places.iter().for_each(|part| merge_into(&mut over, part.values()));
            dropped.origin.other_layers.over = over;
            dropped.origin.is_dropped = true;
            parts.push(dropped);
        }
        group_release(places, parts);
    }
}

fn is_some(value: &Value) -> bool {
    !matches!(value, Value::Null) && !matches!(value, Value::List(items) if items.is_empty())
}

/// The sources of charts in Flux, by kind and name.
type Sources<'a> = HashMap<(String, String), &'a Manifest>;

fn flux(manifest: &Manifest, sources: &Sources, hints: &Hints, parts: &mut Vec<ValuesBlock>, charts: &mut Vec<Chart>) {
    let reference = manifest.text("spec.chartRef.name").map(|name| {
        let kind = manifest.text("spec.chartRef.kind").unwrap_or_else(|| "OCIRepository".to_owned());
        (name.clone(), sources.get(&(kind, name)).copied())
    });
    let (chart, repository, version) = match (&reference, manifest.text("spec.chart.spec.chart")) {
        (_, Some(chart)) => {
            (chart, String::new(), manifest.version("spec.chart.spec.version", "spec.chart.spec.version"))
        }
        (Some((_, Some(source))), None) => {
            let url = source.text("spec.url").or_else(|| source.text("spec.chart")).unwrap_or_default();
            let fields = ["spec.ref.tag", "spec.ref.semver", "spec.version"];
            (url.clone(), url, fields.iter().find_map(|field| source.version(field, field)))
        }
        // The source is not in this text, and its name is all that is known.
        (Some((name, None)), None) => (name.clone(), String::new(), None),
        (None, None) => return,
    };
    let Some(ours) = is_ours(&chart, &repository, hints, charts) else { return };
    let version = version.filter(|_| ours).unwrap_or_default();
    // Flux prefixes the name of a release with the target namespace.
    let of_target = |name| match manifest.text("spec.targetNamespace") {
        Some(target) => format!("{target}-{name}"),
        None => name,
    };
    let origin = Origin {
        delivery: Delivery::Flux,
        release: manifest.text("spec.releaseName").or_else(|| manifest.text("metadata.name").map(of_target)),
        namespace: manifest.text("spec.targetNamespace").or_else(|| manifest.text("metadata.namespace")),
        has_unread_values: manifest.value("spec.valuesFrom").is_some_and(|from| is_some(&from)),
        ..of(hints)
    };
    parts.extend(below(manifest, "spec.values", &origin, hints, &version));
}

fn k3s(manifest: &Manifest, hints: &Hints, parts: &mut Vec<ValuesBlock>, charts: &mut Vec<Chart>) {
    let Some(chart) = manifest.text("spec.chart") else { return };
    let repository = manifest.text("spec.repo").unwrap_or_default();
    let Some(ours) = is_ours(&chart, &repository, hints, charts) else { return };
    let version = manifest.version("spec.version", "spec.version").filter(|_| ours).unwrap_or_default();
    let origin = Origin {
        release: manifest.text("metadata.name"),
        namespace: manifest.text("spec.targetNamespace"),
        has_unread_values: manifest.value("spec.set").is_some_and(|set| is_some(&set)),
        ..of(hints)
    };
    let places = [
        below(manifest, "spec.valuesContent", &origin, hints, &version),
        below(manifest, "spec.values", &origin, hints, &version),
    ];
    group_release(places.into_iter().flatten().collect(), parts);
}

pub(super) fn of(hints: &Hints) -> Origin {
    Origin {
        within: hints.at.clone().unwrap_or_else(Path::root),
        cloud: hints.cloud,
        helm: hints.helm,
        parent_is_known: hints.at.is_none(),
        ..Origin::default()
    }
}

/// The values at a path of the manifest, which is a map or a text with a map.
fn below(manifest: &Manifest, path: &str, origin: &Origin, hints: &Hints, version: &Version) -> Option<ValuesBlock> {
    let path: Path = path.parse().ok()?;
    let node = manifest.document.find_below(manifest.top, &path)?;
    let inside = &origin.within;
    let (inset, document, at) = match manifest.document.value(node.value).ok()? {
        Value::Map(_) => (manifest.inset.clone(), manifest.document.clone(), path.join(inside)),
        // The text is encrypted as a whole.
        Value::String(text) if encryption::of(&text).is_some() => return None,
        Value::String(_) => {
            let (inset, document) = embedded::text_below(&manifest.document, manifest.top, &path)?;
            (inset.rebased(&manifest.inset), Rc::new(document), inside.clone())
        }
        _ => return None,
    };
    let read_by_parent = hints.at.iter().map(|_| Path::of(["enabled"])).collect();
    Some(ValuesBlock {
        origin: Origin { at, read_by_parent, ..origin.clone() },
        inset,
        document,
        claims: version.claims.clone(),
        version_at: version.at.clone(),
    })
}

/// The most parameters that are read. Each one is merged into the values before it, which takes time.
const MOST_PARAMETERS: usize = 1_000;

/// The values that Argo CD passes to `--set`.
fn parameters(manifest: &Manifest, path: &str, origin: &Origin, version: &Version) -> Option<ValuesBlock> {
    let node = manifest.document.find_below(manifest.top, &path.parse().ok()?)?;
    let Value::List(items) = manifest.document.value(node.value).ok()? else { return None };
    let mut values = Map::new();
    let mut places: Vec<(Path, &Node)> = Vec::new();
    for (at, item) in items.iter().enumerate().take(MOST_PARAMETERS) {
        let Value::Map(item) = item else { continue };
        let (Some(name), Some(value)) = (item.get("name").and_then(Value::as_str), item.get("value")) else { continue };
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(on) => on.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            _ => continue,
        };
        // Argo CD treats a comma as a separator only in a list.
        let list = value.starts_with('{') && value.ends_with('}');
        let value = if list { value } else { value.replace(',', "\\,") };
        let force = item.get("forceString") == Some(&Value::Bool(true));
        let set = if force { set::set_string_into } else { set::set_into };
        let place = found_below(&manifest.document, node.value, at);
        if let (Ok(()), Ok(path), Some(place)) = (set(&format!("{name}={value}"), &mut values), name.parse(), place) {
            places.push((path, manifest.document.node(place)));
        }
    }
    let text = emit(&values, &Notes::default());
    let document = Document::parse(&text).ok()?;
    let mut starts: Vec<_> = Vec::new();
    if let Some(top) = document.documents().first() {
        document.walk(*top, |path, node| {
            let from = places.iter().rev().find(|(name, _)| name.starts_with(path) || path.starts_with(name));
            if let Some((_, place)) = from {
                starts.push((document.node(node.key.unwrap_or(node.value)).span.start, place.span));
            }
        });
    }
    let at = origin.within.clone();
    let inset = EmbeddedText::derived(text, starts).rebased(&manifest.inset);
    let has_unread_values = origin.has_unread_values || items.len() > MOST_PARAMETERS;
    let document = Rc::new(document);
    Some(ValuesBlock {
        origin: Origin { at, has_unread_values, ..origin.clone() },
        inset,
        document,
        claims: version.claims.clone(),
        version_at: version.at.clone(),
    })
}

/// The name of one parameter, or the whole item if it has no name.
fn found_below(document: &Document, list: NodeId, at: usize) -> Option<NodeId> {
    let item = Path::root().index(at);
    let name = document.find_below(list, &item.key("name"));
    name.or_else(|| document.find_below(list, &item)).map(|node| node.value)
}

/// The most places of one release that are merged, because each place is merged with all others.
const MOST_PLACES: usize = 50;

/// Adds the values of one release in several places, each with the others as its layers.
pub(super) fn group_release(mut of_one: Vec<ValuesBlock>, parts: &mut Vec<ValuesBlock>) {
    let release_group = (of_one.len() > 1).then_some(parts.len());
    of_one.iter_mut().for_each(|part| part.origin.release_group = release_group);
    if of_one.len() > MOST_PLACES {
        of_one.iter_mut().for_each(|part| part.origin.has_unread_values = true);
        parts.append(&mut of_one);
        return;
    }
    let values: Vec<Map> = of_one.iter().map(ValuesBlock::values).collect();
    for (at, part) in of_one.iter_mut().enumerate() {
        part.origin.other_layers = Layers::of(&values, at);
    }
    parts.append(&mut of_one);
}

impl ValuesBlock {
    /// The values of this place alone.
    pub fn values(&self) -> Map {
        self.document.values_at(&self.origin.at, self.origin.helm)
    }

    /// The line of a node of this place in the whole text.
    pub fn line(&self, whole: &Document, node: FoundNode) -> usize {
        let node = self.document.node(node.key.unwrap_or(node.value));
        self.inset.outer(whole, node.span).line
    }
}
