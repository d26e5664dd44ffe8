//! Declarations that an object generates, and those that it inherits from.

use super::one_document::plain_text;
use crate::{
    source::{
        ClaimSource, VersionClaim,
        declaration::{Declaration, Layer},
        forms::{Form, FormObject, Part},
        variables::substitute,
    },
    yaml::{Path, Value},
};

/// The objects from which an object inherits, the nearest last.
pub(super) fn templates_of<'d>(form: &Form, object: &FormObject<'d>) -> Vec<FormObject<'d>> {
    let mut templates = Vec::new();
    for field in form.fields(Part::Inherit) {
        let Some(Value::List(names)) = object.value(&field.at) else { continue };
        for name in &names {
            let name = name.as_map().and_then(|map| map.get("template")).unwrap_or(name);
            let at = name.as_str().map(|name| Path::of([field.how, name]));
            let found = at.and_then(|at| Some((object.document.find_below(object.top, &at)?, at)));
            templates.extend(found.map(|(found, at)| FormObject { at, node: found.value, ..object.clone() }));
        }
    }
    templates
}

/// The most elements of a list generator.
const MOST_ELEMENTS: usize = 100;

/// The parameters of each application that an ApplicationSet generates from a list. Empty if another generator decides.
pub(super) fn elements_of(object: &FormObject) -> Vec<Vec<(String, String)>> {
    let at = |path: &str| object.document.find_below(object.top, &path.parse().ok()?);
    let generators = at("spec.generators").and_then(|found| object.document.value(found.value).ok());
    let Some(Value::List(generators)) = generators else { return Vec::new() };
    let [Value::Map(generator)] = &*generators else { return Vec::new() };
    let list = generator.get("list").and_then(Value::as_map).and_then(|list| list.get("elements"));
    let Some(Value::List(elements)) = list else { return Vec::new() };
    let unmasked = |text: String| object.mask.map_or(text.clone(), |mask| mask.unmask(&text));
    let element = |element: &Value| {
        let element = element.as_map()?.iter();
        Some(element.filter_map(|(name, value)| Some((name.to_owned(), unmasked(plain_text(value)?)))).collect())
    };
    elements.iter().take(MOST_ELEMENTS).filter_map(element).collect()
}

/// A declaration with the parameters of one element.
pub(super) fn fill(declaration: &Declaration, element: &[(String, String)]) -> Declaration {
    let known = |inside: &str| {
        let inside = inside.trim();
        let name = inside.strip_prefix('.').unwrap_or(inside);
        element.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let fill = |text: &str| substitute(text, &known);
    let mut filled = declaration.clone();
    filled.chart.name = fill(&filled.chart.name);
    filled.chart.repository = fill(&filled.chart.repository);
    filled.release = filled.release.as_deref().map(fill);
    filled.namespace = filled.namespace.as_deref().map(fill);
    if let (Some(text), true) = (filled.version.text.as_deref().map(fill), filled.version.claims.is_empty()) {
        let claim = text
            .parse()
            .ok()
            .map(|requirement| VersionClaim { requirement, by: ClaimSource::Manifest { field: "targetRevision" } });
        filled.version.claims.extend(claim);
        filled.version.text = Some(text);
        // The version is a parameter of the element.
        filled.version.at = None;
    }
    for layer in &mut filled.layers {
        if let Layer::File(file) = layer {
            file.path = fill(&file.path);
        }
    }
    filled
}
