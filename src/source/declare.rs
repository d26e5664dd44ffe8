//! Reads the releases and other objects that a YAML text declares, by the table of forms.

mod generated;
mod one_document;
mod values;

use std::{collections::BTreeMap, sync::Arc};

use generated::{elements_of, fill, templates_of};
use one_document::OneDocument;
use values::target_paths_last;

use super::declaration::version_in_name;
use super::{
    ClaimSource, Hints, Origin, VersionClaim,
    chart_name::last_of,
    declaration::{Base, ChartReference, Declaration, FileReference, ObjectReference, Place, StatedVersion},
    embedded::{self, EmbeddedText},
    forms::{self, At, Form, FormObject, Part, Scalars, scalar},
    variables::{Files, Filled, FormVariables},
};
use crate::{
    placeholder,
    yaml::{Document, FoundNode, Path, Value},
};

/// The releases that a YAML text declares, of all charts. `outer` has the mask of a text with templates.
///
/// `files` has the files with variables of the text. Without them, the releases are the same, and facts are missing.
pub(super) fn declarations(
    outer: &EmbeddedText,
    whole: &Document,
    hints: &Hints,
    files: Option<&dyn Files>,
) -> Vec<Declaration> {
    let text = whole.text();
    let mut found = Vec::new();
    let candidates: Vec<&Form> = forms::possible_in(text, hints.file_name()).collect();
    if candidates.is_empty() {
        return found;
    }
    for (number, (inset, document)) in embedded::documents(whole).into_iter().enumerate() {
        let inset = inset.with_mask_of(outer);
        let Some(top) = document.documents().first().copied() else { continue };
        for form in &candidates {
            // The document reads its scalars as the tool of the form does.
            let document = match form.scalars {
                Scalars::Helm => document.clone(),
                Scalars::Core => Arc::new(Document::clone(&document).with_core_scalars()),
            };
            let of_document = (&inset, &document, number);
            let variables = FormVariables::new(form, of_document, whole, hints.path.as_deref(), files);
            let part = OneDocument { inset: &inset, document: &document, whole, variables: &variables };
            let objects = form.objects(&document, top, inset.mask(), hints.file_name());
            let objects = objects.into_iter().map(|object| FormObject { variables: Some(&variables), ..object });
            for object in &objects.collect::<Vec<_>>() {
                let mut declaration = part.declaration(form, object, hints);
                for template in templates_of(form, object) {
                    declaration.inherit(part.declaration(form, &template, hints));
                }
                let elements = elements_of(object).into_iter();
                let filled: Vec<_> = elements.map(|element| fill(&declaration, &element)).collect();
                match filled.is_empty() {
                    true => found.push(declaration),
                    false => found.extend(filled),
                }
            }
        }
    }
    found
}

impl OneDocument<'_> {
    fn declaration(&self, form: &'static Form, object: &FormObject, hints: &Hints) -> Declaration {
        let first = |part: Part| form.fields(part).find_map(|field| object.text(&field.at));
        let span = self.outer(match self.document.find_below(object.top, &object.at) {
            Some(found) => found,
            None => FoundNode { key: None, value: object.node },
        });
        let chart = self.chart(form, object);
        let version = self.version(form, object);
        let release = form.fields(Part::Release).find_map(|field| match field.how.split_once(':') {
            Some(("prefixed", before)) => {
                let name = object.text(&field.at)?;
                let before = before
                    .parse()
                    .ok()
                    .and_then(|path| scalar(object.document, object.document.find_below(object.node, &path)?.value));
                Some(before.map_or_else(|| name.clone(), |before| format!("{before}-{name}")))
            }
            _ if field.how == "captured" => object.captured.clone(),
            _ => object.text(&field.at),
        });
        let namespace = first(Part::Namespace);
        let origin = Origin {
            delivery: form.delivery,
            release: release.clone(),
            namespace: namespace.clone(),
            ..origin_of(hints)
        };
        let off = form.fields(Part::Off).find_map(|field| {
            let text = object.text(&field.at)?;
            let is_off = field.how == "*" || field.how == text;
            is_off.then(|| match field.how {
                "*" => format!("`{}` decides", field.at.text),
                _ => format!("`{}: {text}`", field.at.text),
            })
        });
        let mut declaration = Declaration {
            form: form.name,
            delivery: form.delivery,
            chart,
            version,
            release,
            namespace,
            layers: Vec::new(),
            off,
            span,
            object: object_reference(object),
            call: None,
        };
        let origin = Origin { variables: Arc::new(self.values_of_variables(form, object)), ..origin };
        for field in form.fields(Part::Values) {
            self.layers(field, object, &origin, &declaration.version, &mut declaration.layers);
        }
        self.reorder(form, object, &mut declaration.layers);
        target_paths_last(&mut declaration.layers);
        declaration
    }

    fn chart(&self, form: &Form, object: &FormObject) -> ChartReference {
        let mut chart = ChartReference::default();
        for field in form.fields(Part::Chart) {
            match field.how.split_once(':') {
                Some(("object", kind)) if chart.name.is_empty() => chart.object = reference_at(object, &field.at, kind),
                _ => {
                    let Some(text) = object.text(&field.at).filter(|_| chart.name.is_empty()) else { continue };
                    match field.how {
                        "oci-url" => {
                            if let Some(address) = text.strip_prefix("oci://") {
                                chart.name = last_of(address).to_owned();
                                chart.repository = text;
                            }
                        }
                        "alias" => self.alias(&text, object, &field.at, &mut chart),
                        _ => {
                            let is_path = text.starts_with(['.', '/']);
                            match text.rsplit_once('/') {
                                // A chart in a folder of a git repository.
                                _ if is_path => {
                                    chart.folder = self.file(&text, Base::Root, object, &field.at);
                                    last_of(&text).clone_into(&mut chart.name);
                                }
                                Some((before, name)) if text.starts_with("oci://") || text.contains("://") => {
                                    before.clone_into(&mut chart.repository);
                                    name.clone_into(&mut chart.name);
                                }
                                Some((_, name)) => name.clone_into(&mut chart.name),
                                None => chart.name = text,
                            }
                        }
                    }
                }
            }
        }
        for field in form.fields(Part::Repository) {
            match field.how.split_once(':') {
                Some(("object", kind)) => chart.repository_object = reference_at(object, &field.at, kind),
                _ => {
                    if let Some(text) = object.text(&field.at).filter(|_| !chart.repository.contains("://")) {
                        chart.repository = text;
                        break;
                    }
                }
            }
        }
        let alias = chart.repository.clone();
        for field in form.fields(Part::Repositories) {
            let Some(Value::List(list)) = object.value(&field.at) else { continue };
            let urls = list.iter().filter_map(|one| {
                let one = one.as_map()?;
                Some((one.get("name")?.as_str()?, one.get("url")?.as_str()?))
            });
            if let Some((_, url)) = urls.into_iter().find(|(name, _)| *name == alias) {
                url.clone_into(&mut chart.repository);
            }
        }
        if chart.name.is_empty() {
            for field in form.fields(Part::Folder) {
                let base = if field.how == "root" { Base::Root } else { Base::Here };
                if let Some(path) = object.text(&field.at) {
                    chart.folder = self.file(&path, base, object, &field.at);
                }
            }
        }
        chart
    }

    /// A chart by an alias and a name, an address, or a folder.
    fn alias(&self, text: &str, object: &FormObject, at: &At, chart: &mut ChartReference) {
        let name = text.trim_end_matches('/');
        if name.starts_with('.') || name.starts_with('/') {
            chart.folder = self.file(name, Base::Here, object, at);
        }
        match name.rsplit_once('/') {
            Some((before, name)) => {
                before.clone_into(&mut chart.repository);
                name.clone_into(&mut chart.name);
            }
            None => name.clone_into(&mut chart.name),
        }
        if let Some((name, _)) = version_in_name(&chart.name).filter(|_| chart.name.ends_with(".tgz")) {
            chart.name = name.to_owned();
        }
    }

    fn version(&self, form: &'static Form, object: &FormObject) -> StatedVersion {
        for field in form.fields(Part::Version) {
            let Some(written) = object.written(&field.at) else { continue };
            let Filled { text, place, unknown, .. } = self.variables.fill(&written, object);
            let path = object.path(&field.at);
            let name = match field.at.path.last() {
                Some(crate::yaml::Segment::Key(_)) => field.at.text.rsplit(['.', '/']).next().unwrap_or_default(),
                _ => field.at.text,
            };
            let name = if form.id == "flux" { field.at.text } else { name };
            let known = placeholder::of(&text).and_then(|placeholder| placeholder.default).unwrap_or(&text);
            let by = match &place {
                Some(Place { file: Some(file), line, .. }) => {
                    ClaimSource::Declared { field: name, file: file.clone(), line: *line }
                }
                _ => ClaimSource::Manifest { field: name },
            };
            let claims = known.parse().ok().map(|requirement| VersionClaim { requirement, by });
            let line = place.as_ref().filter(|place| place.file.is_none()).map(|place| place.line);
            return StatedVersion {
                claims: claims.into_iter().collect(),
                at: Some((self.inset.clone(), path)),
                text: Some(text),
                line: line.or_else(|| Some(self.outer(object.find(&field.at)?).line)).unwrap_or(1),
                variable: place,
                unknown,
            };
        }
        // The name of a packed chart has its version.
        let packed = form.fields(Part::Chart).find_map(|field| Some((object.text(&field.at)?, field)));
        let Some((packed, field)) = packed else { return StatedVersion::default() };
        let line = object.find(&field.at).map_or(0, |found| self.outer(found).line);
        match version_in_name(packed.rsplit('/').next().unwrap_or_default()).filter(|_| packed.ends_with(".tgz")) {
            Some((_, version)) => StatedVersion::of(version, "chart", line),
            None => StatedVersion::default(),
        }
    }

    /// The values of the texts with variables in the values of an object, by the text.
    fn values_of_variables(&self, form: &Form, object: &FormObject) -> BTreeMap<String, Value> {
        let mut filled = BTreeMap::new();
        if self.variables.are_in_values() {
            for field in form.fields(Part::Values) {
                if let Some(value) = object.value(&field.at) {
                    self.variables.fill_values(&value, object, &mut filled);
                }
            }
        }
        filled
    }

    fn file(&self, path: &str, base: Base, object: &FormObject, at: &At) -> Option<FileReference> {
        let span = object.find(at).map(|found| self.outer(FoundNode { key: None, ..found })).unwrap_or_default();
        Some(FileReference::new(path, base, span))
    }
}

/// The origin of values in a declaration.
pub(super) fn origin_of(hints: &Hints) -> Origin {
    Origin {
        within: hints.at.clone().unwrap_or_else(Path::root),
        cloud: hints.cloud,
        helm: hints.helm,
        parent_is_known: hints.at.is_none(),
        ..Origin::default()
    }
}

/// The object of a manifest itself.
fn object_reference(object: &FormObject) -> Option<ObjectReference> {
    let text = |path: &[&str]| {
        scalar(object.document, object.document.find_below(object.top, &Path::of(path.iter().copied()))?.value)
    };
    Some(ObjectReference {
        kind: text(&["kind"])?,
        name: text(&["metadata", "name"])?,
        namespace: text(&["metadata", "namespace"]),
    })
}

/// The object that a map with `kind`, `name` and `namespace` names.
fn reference_at(object: &FormObject, at: &At, default_kind: &str) -> Option<ObjectReference> {
    let Value::Map(map) = object.value(at)? else { return None };
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(ObjectReference {
        kind: text("kind").unwrap_or_else(|| default_kind.to_owned()),
        name: text("name")?,
        namespace: text("namespace"),
    })
}
