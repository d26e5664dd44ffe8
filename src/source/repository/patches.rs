//! What the patches of an overlay change in a release.

use super::{
    LayerPlace, Release, ReleaseLayer,
    declared::Declared,
    kustomize::{Patch, Variant},
};
use crate::{
    source::{
        ClaimSource, EmbeddedText, Hints, ValuesBlock, VersionClaim,
        declaration::{Declaration, Layer, ObjectReference, Place},
        declarations_of, embedded,
        forms::Scalars,
        json_patch,
    },
    yaml::{Document, Map, Path, Span, Value},
};

impl Declared<'_> {
    /// Applies the patches of an overlay.
    pub(super) fn patch(&self, declaration: &Declaration, variant: &Variant, release: &mut Release) {
        let Some(object) = &declaration.object else { return };
        release.file.clone_from(&variant.overlay);
        if let Some(namespace) = &variant.namespace {
            release.namespace = Some(namespace.clone());
        }
        for (overlay, patch) in variant.patches.iter().filter(|(_, patch)| patch.is_for(object)) {
            let path = patch.file.as_ref().unwrap_or(overlay);
            let position = self.sources.iter().position(|source| source.path == *path);
            let own =
                position.filter(|_| patch.file.is_some()).map(|number| (number, &self.sources[number].declarations));
            match own.filter(|(_, declarations)| !declarations.is_empty()) {
                Some((number, declarations)) => {
                    for (at, patch) in declarations.iter().enumerate() {
                        let is_it =
                            patch.object.as_ref().is_some_and(|of| of.kind == object.kind && of.name == object.name);
                        if is_it || declarations.len() == 1 {
                            self.override_by((number, at), patch, object, &variant.chain, release);
                        }
                    }
                }
                None => drop(self.patch_text(path, patch, release)),
            }
        }
    }

    /// Applies a JSON patch, or a patch in the text of a kustomization. `None` if the patch cannot be read.
    fn patch_text(&self, path: &str, patch: &Patch, release: &mut Release) -> Option<()> {
        let text = self.tree.text(path)?;
        let whole = Document::of_other_text(&text);
        let place = |line: usize, at: Path| {
            let (document, text) = match patch.file {
                Some(_) => (0, None),
                None => (patch.at.0, Some(patch.at.1.clone())),
            };
            Place { file: Some(path.to_owned()), line, document, text, path: at }
        };
        let inset = place(1, Path::root()).inset(&text)?;
        let document = Document::parse(&inset.text).ok()?;
        let line = |span: Span| inset.outer(&whole, span).line.max(1);
        let layer = |line: usize, values: Option<Map>, unknown: Option<String>, place: LayerPlace| ReleaseLayer {
            file: Some(path.to_owned()),
            line,
            values,
            unknown,
            at: None,
            scalars: Scalars::default(),
            drops_null: false,
            is_of_object: false,
            place,
        };
        for operation in json_patch::operations(&document) {
            let number = operation.number;
            let [of_path, of_value] = operation.spans.map(line);
            let shown = operation.keys.join(".");
            match (operation.below_values(), &operation.value) {
                (Some(_), _) => {
                    let values = operation.values();
                    let unknown = values.is_none().then(|| match operation.value {
                        Some(_) => format!("a patch changes an item of `{shown}`"),
                        None => format!("a patch removes `{shown}`"),
                    });
                    let text = patch.file.is_none().then(|| patch.at.clone());
                    let place = match values {
                        Some(_) => LayerPlace::Operations { text, number },
                        None => LayerPlace::Nowhere,
                    };
                    release.layers.push(layer(of_path, values, unknown, place));
                }
                (None, Some(Value::String(version))) if VERSION_FIELDS.contains(&shown.as_str()) => {
                    let place = place(of_value, Path::root().index(number).key("value"));
                    override_version("version", version, place, release);
                }
                _ => {}
            }
        }
        let (declarations, _) = declarations_of(&inset.text, &Hints::default(), None);
        for declared in &declarations {
            for block in declared.blocks() {
                // A patch of several documents is known, and no edit changes it.
                let place = match (&patch.file, block.inset.is_part()) {
                    (None, false) => {
                        let (document, at) = patch.at.clone();
                        LayerPlace::Text { document, at, below: block.origin.at.clone() }
                    }
                    _ => LayerPlace::Nowhere,
                };
                let values = block.document.values_at(&block.origin.at, block.origin.helm);
                release.layers.push(layer(inset_line(block, &inset, &whole), Some(values), None, place));
            }
            let line = inset.outer(&whole, line_start(&document, declared.version.line)).line;
            let version = match &declared.version.at {
                Some((of_version, at)) if !of_version.is_part() => place(line, at.clone()),
                _ => Place::without_edits(path, line),
            };
            override_facts(declared, version, release);
        }
        Some(())
    }

    fn override_by(
        &self,
        (source, at): (usize, usize),
        patch: &Declaration,
        object: &ObjectReference,
        chain: &[String],
        release: &mut Release,
    ) {
        // A patch replaces lists as a whole.
        if patch.layers.iter().any(|layer| matches!(layer, Layer::Object(_))) {
            release.layers.retain(|layer| !layer.is_of_object);
        }
        for (number, layer) in patch.layers.iter().enumerate() {
            self.add_layer((source, at, number), layer, chain, release);
        }
        // The inline values of the base override the objects of the patch.
        release.layers.sort_by_key(|layer| !layer.is_of_object);
        if let Some(name) = patch.release.as_ref().filter(|name| **name != object.name) {
            release.name = Some(name.clone());
        }
        if let Some(namespace) =
            patch.namespace.as_ref().filter(|namespace| Some(*namespace) != object.namespace.as_ref())
        {
            release.namespace = Some(namespace.clone());
        }
        let path = &self.sources[source].path;
        let place = self.place_of(path, patch).unwrap_or_else(|| Place::without_edits(path, patch.version.line));
        override_facts(patch, place, release);
    }

    /// The place of the version in a declaration of a file.
    fn place_of(&self, path: &str, declaration: &Declaration) -> Option<Place> {
        let (inset, at) = declaration.version.at.as_ref()?;
        let text = self.tree.text(path)?;
        let (_, document) = embedded::parsed(EmbeddedText::whole(&text))?;
        let number = embedded::documents(&document).iter().position(|(one, _)| one.range() == inset.range())?;
        let (file, line) = (Some(path.to_owned()), declaration.version.line);
        Some(Place { file, line, document: number, text: None, path: at.clone() })
    }
}

/// The fields with the version of a release.
const VERSION_FIELDS: [&str; 2] = ["spec.chart.spec.version", "spec.chart.version"];

/// The line of the values of a block in a patch.
fn inset_line(block: &ValuesBlock, patch: &EmbeddedText, whole: &Document) -> usize {
    let inner = Document::of_other_text(&patch.text);
    patch.outer(whole, line_start(&inner, block.first_line(&inner))).line
}

/// The start of a line, from 1.
fn line_start(document: &Document, line: usize) -> Span {
    let lines = document.text().split_inclusive('\n').take(line.saturating_sub(1));
    let start = lines.map(str::len).sum();
    Span { start, end: start, ..Span::default() }
}

/// Takes the facts of a declaration that is a patch.
fn override_facts(patch: &Declaration, version: Place, release: &mut Release) {
    for claim in patch.version.claims.iter().rev() {
        if let ClaimSource::Manifest { field } = claim.by {
            override_version(field, &claim.requirement.to_string(), version.clone(), release);
        }
    }
    if let Some(off) = &patch.off {
        release.off = Some(off.clone());
    }
}

/// Takes the version of a patch.
fn override_version(field: &'static str, version: &str, place: Place, release: &mut Release) {
    let Ok(requirement) = version.parse() else { return };
    let file = place.file.clone().unwrap_or_default();
    let by = ClaimSource::Declared { field, file, line: place.line.max(1) };
    release.claims.insert(0, VersionClaim { requirement, by });
    release.version_place = Some(place);
}
