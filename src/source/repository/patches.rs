//! What the patches of an overlay change in a release.

use super::{
    LayerPlace, Release, ReleaseLayer,
    declared::Declared,
    kustomize::{Operation, Patch, Variant},
};
use crate::{
    source::{
        ClaimSource, Hints, VersionClaim,
        declaration::{Declaration, Layer, ObjectReference},
        declarations_of,
        embedded::{self, EmbeddedText},
        forms::Scalars,
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
            let operations = patch.operations();
            if !operations.is_empty() {
                self.operate(overlay, patch, &operations, release);
                continue;
            }
            let Some(text) = &patch.text else { continue };
            let path = patch.file.clone().unwrap_or_else(|| overlay.clone());
            let position = self.sources.iter().position(|source| source.path == path);
            let own =
                position.filter(|_| patch.file.is_some()).map(|number| (number, &self.sources[number].declarations));
            match own {
                Some((number, declarations)) => {
                    for (at, patch) in declarations.iter().enumerate() {
                        let is_it =
                            patch.object.as_ref().is_some_and(|of| of.kind == object.kind && of.name == object.name);
                        if is_it || declarations.len() == 1 {
                            self.override_by((number, at), patch, object, &variant.chain, release);
                        }
                    }
                }
                None => {
                    // The text of a patch in the kustomization is known, and no edit changes it.
                    let (declarations, document) = declarations_of(text, &Hints::default());
                    let whole = document.unwrap_or_else(|| Document::of_other_text(text));
                    for declaration in &declarations {
                        for block in declaration.blocks() {
                            release.layers.push(ReleaseLayer {
                                file: Some(path.clone()),
                                line: self.line_of_patch(overlay, patch, block.first_line(&whole)),
                                values: Some(block.document.values_at(&block.origin.at, block.origin.helm)),
                                unknown: None,
                                at: None,
                                scalars: Scalars::default(),
                                drops_null: false,
                                is_of_object: false,
                                place: LayerPlace::Nowhere,
                            });
                        }
                        let line = self.line_of_patch(overlay, patch, declaration.version.line);
                        self.override_version((&path, line), declaration, release);
                    }
                }
            }
        }
    }

    /// The line in the file of a patch that corresponds to a line of its text.
    fn line_of_patch(&self, overlay: &str, patch: &Patch, line: usize) -> usize {
        let first = || {
            let whole = Document::parse(&self.tree.text(overlay)?).ok()?;
            let paths = [patch.at.clone(), Path::of(["spec"]).join(&patch.at)];
            embedded::documents(&whole).iter().find_map(|(outer, document)| {
                let top = *document.documents().first()?;
                let node = paths.iter().find_map(|path| document.find_below(top, path))?;
                let inset = EmbeddedText::scalar(document, node.value)?.rebased(outer);
                Some(inset.outer(&whole, Span::default()).line)
            })
        };
        match &patch.file {
            Some(_) => line.max(1),
            None => first().unwrap_or(1) + line.saturating_sub(1),
        }
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
        self.override_version((&self.sources[source].path, patch.version.line.max(1)), patch, release);
    }

    fn override_version(&self, (path, line): (&str, usize), patch: &Declaration, release: &mut Release) {
        for claim in patch.version.claims.iter().rev() {
            let ClaimSource::Manifest { field } = claim.by else { continue };
            let by = ClaimSource::Declared { field, file: path.to_owned(), line };
            release.claims.insert(0, VersionClaim { by, ..claim.clone() });
        }
        if let Some(off) = &patch.off {
            release.off = Some(off.clone());
        }
    }

    /// Applies the operations of a JSON patch.
    fn operate(&self, overlay: &str, patch: &Patch, operations: &[Operation], release: &mut Release) {
        let file = patch.file.as_deref().unwrap_or(overlay);
        for Operation { path, value, line } in operations {
            let line = self.line_of_patch(overlay, patch, *line);
            let steps: Vec<String> =
                path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
            let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
            match (steps.as_slice(), value) {
                (["spec", "values", below @ ..], Some(value)) => {
                    let mut map = Map::new();
                    if below.is_empty() {
                        map = value.as_map().cloned().unwrap_or_default();
                    } else {
                        map.insert_at(&Path::of(below.iter().copied()), value.clone()).ok();
                    }
                    release.layers.push(ReleaseLayer {
                        file: Some(file.to_owned()),
                        line,
                        values: Some(map),
                        unknown: None,
                        at: None,
                        scalars: Scalars::default(),
                        drops_null: false,
                        is_of_object: false,
                        place: LayerPlace::Nowhere,
                    });
                }
                (["spec", "values", ..], None) => release.layers.push(ReleaseLayer {
                    file: Some(file.to_owned()),
                    line,
                    values: None,
                    unknown: Some(format!("a patch removes `{path}`")),
                    at: None,
                    scalars: Scalars::default(),
                    drops_null: false,
                    is_of_object: false,
                    place: LayerPlace::Nowhere,
                }),
                (["spec", "chart", "spec", "version"], Some(Value::String(version))) => {
                    if let Ok(requirement) = version.parse() {
                        let by = ClaimSource::Declared { field: "version", file: file.to_owned(), line };
                        release.claims.insert(0, VersionClaim { requirement, by });
                    }
                }
                _ => {}
            }
        }
    }
}
