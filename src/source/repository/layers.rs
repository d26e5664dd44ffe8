//! The values of a release in all files of the repository, in their order.

use super::{
    LayerPlace, Release, ReleaseLayer,
    declared::Declared,
    files::{self, Target, resolve},
    kustomize::Generated,
    objects::{self, Object},
};
use crate::{
    placeholder,
    source::{
        declaration::{Layer, ObjectValues},
        forms::Scalars,
        variables,
    },
    yaml::{Document, Helm, Map, Path, Segment, set},
};

impl Declared<'_> {
    /// Adds a layer of a declaration. `chain` has the overlays around the declaration, outermost first.
    pub(super) fn add_layer(
        &self,
        (source, at, number): (usize, usize, usize),
        layer: &Layer,
        chain: &[String],
        release: &mut Release,
    ) {
        let file = &self.sources[source].path;
        let namespace =
            self.sources[source].declarations[at].object.as_ref().and_then(|object| object.namespace.clone());
        let unknown = |why: String, line: usize| ReleaseLayer {
            file: None,
            line,
            values: None,
            unknown: Some(why),
            at: None,
            scalars: Scalars::default(),
            drops_null: false,
            is_of_object: false,
            place: LayerPlace::Nowhere,
        };
        match layer {
            Layer::Block(block) if block.origin.is_dropped => {}
            Layer::Block(block) => {
                let mut values = block.document.values_at(&block.origin.at, block.origin.helm);
                variables::replace(&mut values, &block.origin.variables);
                let mask_adds_values = block.inset.mask().is_some_and(|mask| mask.adds_values);
                release.layers.push(ReleaseLayer {
                    file: Some(file.clone()),
                    line: block.first_line(&self.sources[source].whole),
                    values: Some(values),
                    unknown: mask_adds_values.then(|| "a template adds values".to_owned()),
                    at: None,
                    scalars: Scalars::default(),
                    drops_null: block.origin.drops_null,
                    is_of_object: false,
                    place: LayerPlace::Declared { declaration: at, layer: number },
                });
            }
            Layer::File(reference) => {
                let chart = release.parent.as_ref().map(|parent| parent.folder.as_str());
                match resolve(reference, file, chart, self.tree) {
                    Target::Files(found) => {
                        let line = reference.span.line;
                        release.layers.extend(found.iter().filter_map(|path| {
                            let layer = self.file_layer(path, line, reference.scalars)?;
                            Some(ReleaseLayer { drops_null: reference.drops_null, ..layer })
                        }));
                    }
                    Target::Missing(why) => release.layers.push(unknown(why, reference.span.line)),
                }
            }
            Layer::Object(values) => {
                for key in self.keys_of(source, values, namespace.as_deref()) {
                    let values = ObjectValues { key, ..values.clone() };
                    let found = self.object_layer(source, &values, namespace.as_deref(), chain);
                    let layer = found.unwrap_or_else(|why| unknown(why, values.span.line));
                    release.layers.push(ReleaseLayer { is_of_object: true, ..layer });
                }
            }
            Layer::Extension => self.extend(source, at, release),
            Layer::Unknown { what, span } => release.layers.push(unknown(what.clone(), span.line)),
        }
    }

    /// The layer of a values file.
    pub(super) fn file_layer(&self, path: &str, line: usize, scalars: Scalars) -> Option<ReleaseLayer> {
        let text = self.tree.text(path)?;
        let parse = |text: &str| {
            let document = Document::parse(text)?;
            let document = if scalars == Scalars::Core { document.with_core_scalars() } else { document };
            document.values(Helm::default())
        };
        let masked = placeholder::mask(&text);
        let read = parse(&text);
        let (values, unknown) = match (read, masked) {
            (Ok(values), _) => (Some(values), None),
            (Err(_), Some(masked)) => {
                let read = parse(&masked.text);
                let adds = masked.mask.adds_values || read.is_err();
                (read.ok(), adds.then(|| format!("`{path}` is a template")))
            }
            (Err(_), None) => (None, Some(format!("`{path}` cannot be read"))),
        };
        Some(ReleaseLayer {
            file: Some(path.to_owned()),
            line,
            values,
            unknown,
            at: None,
            scalars,
            drops_null: false,
            is_of_object: false,
            place: LayerPlace::File,
        })
    }

    /// The keys of a ConfigMap or Secret with values.
    fn keys_of(&self, source: usize, values: &ObjectValues, namespace: Option<&str>) -> Vec<String> {
        if values.key != "*" {
            return vec![values.key.clone()];
        }
        let found = objects::find(&self.objects, &values.object, namespace, source);
        found.map_or_else(|| vec![values.key.clone()], Object::keys)
    }

    /// The layer of a key of a ConfigMap or Secret.
    fn object_layer(
        &self,
        source: usize,
        values: &ObjectValues,
        namespace: Option<&str>,
        chain: &[String],
    ) -> Result<ReleaseLayer, String> {
        let ObjectValues { object, key, target, optional, span } = values;
        let parse = |text: &str| match target {
            None => Document::parse(text).and_then(|document| document.values(Helm::default())).ok(),
            Some(path) => {
                // Flux passes the text on as a value of `--set`; in quotes it stays a text.
                let quoted = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
                let mut map = Map::new();
                let set = match quoted {
                    Some(text) => set::set_string_into(&format!("{path}={text}"), &mut map),
                    None => set::set_into(&format!("{path}={}", text.trim_end_matches('\n')), &mut map),
                };
                set.ok()?;
                Some(map)
            }
        };
        // Each overlay can have an object of this name.
        let in_chain = chain.iter().find_map(|overlay| {
            self.objects.iter().find(|found| {
                found.reference.kind == object.kind
                    && found.reference.name == object.name
                    && files::folder_of(&self.sources[found.file].path) == files::folder_of(overlay)
            })
        });
        if let Some(found) = in_chain.or_else(|| objects::find(&self.objects, object, namespace, source)) {
            let (text, at) =
                found.data(key).ok_or_else(|| format!("{} `{}` has no key `{key}`", object.kind, object.name))?;
            let is_values = target.is_none();
            return Ok(ReleaseLayer {
                file: Some(self.sources[found.file].path.clone()),
                line: at.as_ref().map_or(found.line, |at| found.line_of(at)),
                values: parse(&text),
                unknown: None,
                at: None,
                scalars: Scalars::default(),
                drops_null: false,
                is_of_object: false,
                place: match at {
                    Some(at) if is_values => LayerPlace::Text { document: found.number, at, below: Path::root() },
                    _ => LayerPlace::Nowhere,
                },
            });
        }
        // An overlay can replace keys of what an inner overlay generates.
        let of_name =
            || self.overlays.generated().filter(|(_, one)| one.kind == object.kind && one.name == object.name);
        let has_key = |one: &Generated| one.files.contains_key(key) || one.literals.contains_key(key);
        let of_chain = chain.iter().find_map(|file| of_name().find(|(of, one)| of == file && has_key(one)));
        let generated = of_chain.or_else(|| of_name().find(|(_, one)| has_key(one))).or_else(|| of_name().next());
        if let Some((_, generated)) = generated {
            if let Some(path) = generated.files.get(key) {
                let mut layer = self
                    .file_layer(path, span.line, Scalars::default())
                    .ok_or_else(|| format!("`{path}` {}", files::missing_reason(path, self.tree)))?;
                if target.is_some() {
                    layer.values = self.tree.text(path).and_then(|text| parse(&text));
                    layer.place = LayerPlace::Nowhere;
                }
                return Ok(layer);
            }
            if let Some(text) = generated.literals.get(key) {
                return Ok(ReleaseLayer {
                    file: None,
                    line: span.line,
                    values: parse(text),
                    unknown: None,
                    at: None,
                    scalars: Scalars::default(),
                    drops_null: false,
                    is_of_object: false,
                    place: LayerPlace::Nowhere,
                });
            }
        }
        let why = if *optional { "may not exist" } else { "is not in this repository" };
        Err(format!("{} `{}` {why}", object.kind, object.name))
    }

    /// Adds the values of the objects that extend a declaration.
    fn extend(&self, source: usize, at: usize, release: &mut Release) {
        let Some(object) = &self.sources[source].declarations[at].object else { return };
        for (number, other) in self.sources.iter().enumerate() {
            for (at, extension) in other.declarations.iter().enumerate() {
                let Some(of) = &extension.object else { continue };
                let is_same = of.kind == format!("{}Config", object.kind)
                    && of.name == object.name
                    && (of.namespace == object.namespace || of.namespace.is_none() || object.namespace.is_none());
                if is_same {
                    for (layer_number, layer) in extension.layers.iter().enumerate() {
                        self.add_layer((number, at, layer_number), layer, &[], release);
                    }
                }
            }
        }
    }

    /// The `values.yaml` of a chart, and those of the charts inside of it on the way to the Redis chart.
    pub(super) fn own_values(&self, folder: &str, at: &Path) -> Vec<ReleaseLayer> {
        let mut layers = Vec::new();
        let mut folder = folder.to_owned();
        for step in 0..at.len() {
            let values = files::join(&folder, "values.yaml").unwrap_or_default();
            if let Some(mut layer) = self.file_layer(&values, 1, Scalars::default()) {
                let below = at.segments()[step..].iter().fold(Path::root(), |mut path, segment| {
                    path.push(segment.clone());
                    path
                });
                layer.at = Some(below);
                layers.insert(0, layer);
            }
            let Segment::Key(key) = &at.segments()[step] else { break };
            folder = files::join(&folder, &format!("charts/{key}")).unwrap_or_default();
        }
        layers
    }
}
