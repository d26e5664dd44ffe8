//! The chart of a declaration, from all files of the repository.

use super::{
    ParentChart, charts,
    declared::Declared,
    files::{self, folder_of},
    objects::{self, Object},
};
use crate::source::{
    ClaimSource, VersionClaim, chart_dependencies,
    chart_name::{self, ChartOwner, last_of},
    declaration::{Declaration, FileReference, ObjectReference, Place},
};
use crate::yaml::{Document, Path, Segment};

/// The fields of the sources of Flux with a version.
const VERSION_FIELDS: [&str; 3] = ["spec.ref.tag", "spec.ref.semver", "spec.version"];

/// The chart of a declaration, from all files.
pub(super) enum FoundChart {
    Redis {
        repository: String,
        claims: Vec<VersionClaim>,
    },
    /// Charts in a folder of the repository with a dependency on the Redis chart.
    Parent(Vec<(ParentChart, Option<VersionClaim>)>),
    Other(String),
    /// Nothing names the chart.
    Unknown,
}

impl Declared<'_> {
    pub(super) fn chart(&self, source: usize, declaration: &Declaration) -> FoundChart {
        let file = &self.sources[source].path;
        let chart = &declaration.chart;
        let namespace = declaration.object.as_ref().and_then(|object| object.namespace.as_deref());
        if let Some(folder) = &chart.folder {
            let parents = self.folder(folder, file).map(|folder| self.parents_in(&folder)).unwrap_or_default();
            if !parents.is_empty() {
                return FoundChart::Parent(parents);
            }
            if let Some(found) = self.local_chart(folder, file) {
                return found;
            }
            let is_of_bitnami = chart.repository.contains("bitnami/charts") && last_of(&folder.path) == "redis";
            if is_of_bitnami {
                return FoundChart::Redis { repository: chart.repository.clone(), claims: Vec::new() };
            }
            if chart.name.is_empty() || chart.name != "redis" {
                return if chart.name.is_empty() { FoundChart::Unknown } else { FoundChart::Other(chart.name.clone()) };
            }
        }
        let mut claims = declaration.version.claims.clone();
        let (mut name, mut repository) = (chart.name.clone(), chart.repository.clone());
        if let Some(object) = chart.object.as_ref()
            && name.is_empty()
        {
            match objects::find(&self.objects, object, namespace, source) {
                Some(found) => {
                    let (of_object, address) = self.chart_of_object(found);
                    name = last_of(&address).to_owned();
                    repository = address;
                    claims.extend(of_object);
                    if found.reference.kind == "HelmChart" {
                        name = found.text("spec.chart").as_deref().map(last_of).unwrap_or_default().to_owned();
                        repository = self.repository_of(found, source).unwrap_or_default();
                    }
                }
                // The object is not in this repository, and its name is all that is known.
                None => name = object.name.clone(),
            }
        }
        if let Some(object) = &chart.repository_object {
            let found = objects::find(&self.objects, object, namespace, source);
            repository = found.and_then(|found| found.text("spec.url")).unwrap_or_else(|| object.name.clone());
        }
        if name.is_empty() {
            return FoundChart::Unknown;
        }
        match chart_name::owner(&name, &repository, claims.first().map(|claim| &claim.requirement)) {
            ChartOwner::Bitnami => FoundChart::Redis { repository, claims },
            ChartOwner::Other(what) => FoundChart::Other(what),
        }
    }

    /// A chart in a folder of this repository, or in the repository of the charts of Bitnami.
    fn local_chart(&self, folder: &FileReference, file: &str) -> Option<FoundChart> {
        let whole = self.folder(folder, file)?;
        let chart = charts::load(&whole, self.tree)?;
        Some(match chart.name_of_another() {
            Some(name) => FoundChart::Other(name),
            None => {
                let claims = chart.places().into_iter().filter_map(|place| place.version).collect();
                FoundChart::Redis { repository: String::new(), claims }
            }
        })
    }

    /// The place of the version in a variable, or in the source that a release of Flux names.
    pub(super) fn version_place(&self, source: usize, declaration: &Declaration) -> Option<Place> {
        if let Some(place) = &declaration.version.variable {
            let file = place.file.clone().unwrap_or_else(|| self.sources[source].path.clone());
            return Some(Place { file: Some(file), ..place.clone() });
        }
        if declaration.version.text.is_some() {
            return None;
        }
        let reference = declaration.chart.object.as_ref()?;
        let namespace = declaration.object.as_ref().and_then(|object| object.namespace.as_deref());
        let object = objects::find(&self.objects, reference, namespace, source)?;
        let field = VERSION_FIELDS.iter().find(|field| object.text(field).is_some())?;
        let path: Path = field.parse().ok()?;
        let line = object.line_of(&path);
        let file = Some(self.sources[object.file].path.clone());
        Some(Place { file, line, document: object.number, text: None, path })
    }

    /// The version and the address that a source of Flux names.
    fn chart_of_object(&self, object: &Object) -> (Option<VersionClaim>, String) {
        let file = self.sources[object.file].path.clone();
        let claim = VERSION_FIELDS.iter().find_map(|field| {
            let requirement = object.text(field)?.parse().ok()?;
            let line = object.line_of(&field.parse().ok()?);
            Some(VersionClaim { requirement, by: ClaimSource::Declared { field, file: file.clone(), line } })
        });
        let address = object.text("spec.url").or_else(|| object.text("spec.chart")).unwrap_or_default();
        (claim, address)
    }

    fn repository_of(&self, object: &Object, near: usize) -> Option<String> {
        let reference = ObjectReference {
            kind: object.text("spec.sourceRef.kind").unwrap_or_else(|| "HelmRepository".to_owned()),
            name: object.text("spec.sourceRef.name")?,
            namespace: object.text("spec.sourceRef.namespace"),
        };
        let namespace = object.reference.namespace.as_deref();
        objects::find(&self.objects, &reference, namespace, near)?.text("spec.url")
    }

    fn folder(&self, folder: &FileReference, from: &str) -> Option<String> {
        let base = match folder.base {
            crate::source::declaration::Base::Root => "",
            _ => folder_of(from),
        };
        files::join(base, &folder.path)
    }

    /// The file and the line with the version of a dependency, at the path of its values in those of a chart.
    fn dependency_version(&self, folder: &str, at: &Path) -> (String, usize) {
        let mut folder = folder.to_owned();
        let (inner, last) = (at.first(at.len().saturating_sub(1)), at.last());
        for step in inner.segments() {
            let Segment::Key(name) = step else { break };
            folder = files::join(&folder, &format!("charts/{name}")).unwrap_or_default();
        }
        let place = |name: &str| {
            let file = files::join(&folder, name)?;
            let text = self.tree.text(&file)?;
            let found = chart_dependencies(&text).into_iter().find(|dependency| dependency.at.last() == last)?;
            let document = Document::parse(&text).ok()?;
            let node = document.find_below(*document.documents().first()?, &found.version_at)?;
            Some((file, document.node(node.value).span.line))
        };
        let found = place(files::CHART_FILE).or_else(|| place("requirements.yaml"));
        found.unwrap_or_else(|| (files::join(&folder, files::CHART_FILE).unwrap_or_default(), 1))
    }

    /// The dependencies on the Redis chart of the chart in a folder.
    pub(super) fn parents_in(&self, folder: &str) -> Vec<(ParentChart, Option<VersionClaim>)> {
        let Some(chart) = charts::load(folder, self.tree) else { return Vec::new() };
        let places = chart.places().into_iter().filter(|place| !place.at.is_root());
        places
            .map(|place| {
                let (file, line) = self.dependency_version(folder, &place.at);
                let claim = place.version.map(|claim| VersionClaim {
                    by: match claim.by {
                        ClaimSource::LockFile => ClaimSource::LockFile,
                        _ => ClaimSource::Declared { field: "version", file, line },
                    },
                    ..claim
                });
                let parent = ParentChart {
                    folder: folder.to_owned(),
                    at: place.at,
                    read_by_parent: place.read_by_parent,
                    conditions: place.conditions,
                    is_known: place.parent_is_known,
                };
                (parent, claim)
            })
            .collect()
    }
}
