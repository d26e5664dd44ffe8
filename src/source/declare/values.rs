//! The values of a declaration: each field that holds some, as a layer.

use std::sync::Arc;

use super::one_document::{OneDocument, is_nothing, plain_text};
use crate::{
    encryption,
    source::{
        Origin, ValuesBlock,
        declaration::{Base, FileReference, Layer, ObjectReference, ObjectValues, StatedVersion},
        embedded::{self, EmbeddedText},
        forms::{At, Field, Form, FormObject, Part, Scalars, scalar},
        sets::{self, Escape, SetWord},
    },
    yaml::{Document, FoundNode, Kind, Map, NodeId, Path, Span, Value},
};

impl OneDocument<'_> {
    /// Adds the layers of one field.
    pub(super) fn layers(
        &self,
        field: &'static Field,
        object: &FormObject,
        origin: &Origin,
        version: &StatedVersion,
        layers: &mut Vec<Layer>,
    ) {
        let mut words = field.how.split(',');
        let kind = words.next().unwrap_or_default();
        let flags: Vec<&str> = words.collect();
        if kind == "extension" {
            layers.push(Layer::Extension);
            return;
        }
        let Some(found) = object.find(&field.at) else { return };
        let Ok(value) = self.document.value(found.value) else { return };
        if is_nothing(&value) {
            return;
        }
        let path = object.path(&field.at);
        let span = self.outer(found);
        let block = |at: Path| self.block(object.top, &at, origin, version);
        match kind {
            "map" | "yaml" => match block(path) {
                Some(mut block) => {
                    block.origin.drops_null = flags.contains(&"no-null") && is_merged_by_kustomize(object);
                    layers.push(Layer::Block(Box::new(block)));
                }
                None => layers.push(Layer::Unknown { what: format!("`{}` cannot be read", field.at.text), span }),
            },
            "file" | "files" => {
                let base = if flags.contains(&"chart") { Base::Chart } else { Base::Here };
                let is_merged = flags.contains(&"merged") && is_merged_by_kustomize(object);
                let scalars = if is_merged { Scalars::Core } else { Scalars::Helm };
                let is_argo = flags.contains(&"argo-cd");
                for (text, span) in self.texts(object, &path) {
                    let text = object.filled(text);
                    let mut layer = file_layer(&text, base, is_argo, span);
                    if let Layer::File(file) = &mut layer {
                        file.scalars = scalars;
                    }
                    layers.push(layer);
                }
            }
            "mixed" => {
                let Value::List(items) = &value else { return };
                for (at, item) in items.iter().enumerate() {
                    let at = path.index(at);
                    match item {
                        Value::Map(_) => layers.extend(block(at).map(|block| Layer::Block(Box::new(block)))),
                        Value::String(text) => {
                            let span = self.document.find_below(object.top, &at).map(|found| self.outer(found));
                            let text = object.filled(text.clone());
                            layers.push(file_layer(&text, Base::Here, false, span.unwrap_or(span_of(self))));
                        }
                        _ => {}
                    }
                }
            }
            "sets" | "set-map" | "ansible-sets" => {
                let words = self.set_words(kind, object, &path, &value, &flags);
                let too_many = words.len() > sets::MOST_WORDS;
                if let Some((inset, document)) = sets::text_of(&words) {
                    layers.push(Layer::Block(Box::new(self.derived(inset, document, origin, version))));
                }
                if too_many {
                    let what = format!("`{}` has more than {} entries", field.at.text, sets::MOST_WORDS);
                    layers.push(Layer::Unknown { what, span });
                }
            }
            "objects" | "object-keys" => {
                let key = if flags.contains(&"all") { "*" } else { "values.yaml" };
                self.object_layers(kind, key, object, &path, &value, layers);
            }
            _ => layers.push(Layer::Unknown { what: format!("`{}`", field.at.text), span }),
        }
    }

    /// The values at a path of the document, which is a map or a text with a map.
    fn block(&self, top: NodeId, path: &Path, origin: &Origin, version: &StatedVersion) -> Option<ValuesBlock> {
        let found = self.document.find_below(top, path)?;
        let inside = &origin.within;
        let (inset, document, at) = match self.document.value(found.value).ok()? {
            Value::Map(_) => (self.inset.clone(), self.document.clone(), path.join(inside)),
            // The text is encrypted as a whole.
            Value::String(text) if encryption::of(&text).is_some() => return None,
            Value::String(_) => {
                let (inset, document) = embedded::text_below(self.document, top, path)?;
                (inset.rebased(self.inset), Arc::new(document), inside.clone())
            }
            _ => return None,
        };
        Some(self.of_values(inset, document, at, origin, version))
    }

    fn derived(
        &self,
        inset: EmbeddedText,
        document: Arc<Document>,
        origin: &Origin,
        version: &StatedVersion,
    ) -> ValuesBlock {
        self.of_values(inset, document, origin.within.clone(), origin, version)
    }

    fn of_values(
        &self,
        inset: EmbeddedText,
        document: Arc<Document>,
        at: Path,
        origin: &Origin,
        version: &StatedVersion,
    ) -> ValuesBlock {
        let read_by_parent = if origin.parent_is_known { Vec::new() } else { vec![Path::of(["enabled"])] };
        ValuesBlock {
            origin: Origin { at, read_by_parent, ..origin.clone() },
            inset,
            document,
            claims: version.claims.clone(),
            version_at: version.at.clone(),
        }
    }

    /// The texts of a scalar or of a list, with their places.
    fn texts(&self, object: &FormObject, path: &Path) -> Vec<(String, Span)> {
        let Some(found) = self.document.find_below(object.top, path) else { return Vec::new() };
        let nodes = match self.document.node(self.document.target(found.value)).kind {
            Kind::List { items, .. } => items.to_vec(),
            _ => vec![found.value],
        };
        let text =
            |node: NodeId| Some((scalar(self.document, node)?, self.outer(FoundNode { key: None, value: node })));
        nodes.into_iter().filter_map(text).collect()
    }

    fn set_words(&self, kind: &str, object: &FormObject, path: &Path, value: &Value, flags: &[&str]) -> Vec<SetWord> {
        let escape = match (flags.contains(&"escape"), flags.contains(&"escape-all")) {
            (_, true) => Escape::All,
            (true, _) => Escape::Commas,
            _ => Escape::Nothing,
        };
        let texts = flags.contains(&"texts");
        let place = |path: &Path| {
            let found = self.document.find_below(object.top, path);
            // A map holds the name as a key, a list as a value.
            let found = found.map(|found| if kind == "set-map" { found } else { FoundNode { key: None, ..found } });
            found.map(|found| self.outer(found)).unwrap_or_default()
        };
        let mut words = Vec::new();
        match (kind, value) {
            ("set-map", Value::Map(map)) => {
                for (name, value) in map.iter() {
                    // The controller of k3s passes these words with `--set`, and all other texts with `--set-string`.
                    let is_word = matches!(value, Value::String(text) if ["true", "false", "null"].contains(&&**text));
                    let is_text = texts && matches!(value, Value::String(_)) && !is_word;
                    if let Some(value) = plain_text(value) {
                        words.push(SetWord::new(name, &value, escape, is_text, place(&path.key(name))));
                    }
                }
            }
            ("ansible-sets", Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    let Some(item) = item.as_map() else { continue };
                    let kind = item.get("value_type").and_then(Value::as_str).unwrap_or("raw");
                    if let Some(word) = item.get("value").and_then(Value::as_str).filter(|_| kind != "file") {
                        let span = place(&path.index(at).key("value"));
                        words.push(SetWord { word: word.to_owned(), is_text: kind == "string", span });
                    }
                }
            }
            (_, Value::List(items)) => {
                for (at, item) in items.iter().enumerate().take(sets::MOST_WORDS + 1) {
                    let at = path.index(at);
                    match item {
                        Value::String(word) => {
                            words.push(SetWord { word: word.clone(), is_text: texts, span: place(&at) });
                        }
                        Value::Map(item) => {
                            words.extend(self.named_set(item, self.written(object, &at), escape, texts, || {
                                let name = at.key("name");
                                let has_name = self.document.find_below(object.top, &name).is_some();
                                place(if has_name { &name } else { &at })
                            }))
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        words
    }

    /// The text of the value of an entry as it is written: the tools read it as a text.
    fn written(&self, object: &FormObject, at: &Path) -> Option<String> {
        let found = self.document.find_below(object.top, &at.key("value"))?;
        scalar(self.document, found.value)
    }

    /// `name` and `value` of one entry. A list of values is `{a,b}`.
    fn named_set(
        &self,
        item: &Map,
        written: Option<String>,
        escape: Escape,
        texts: bool,
        place: impl Fn() -> Span,
    ) -> Option<SetWord> {
        let name = item.get("name").and_then(Value::as_str)?;
        let is_text = texts || item.get("forceString") == Some(&Value::Bool(true));
        let value = match (item.get("value"), item.get("values")) {
            // helmfile drops an empty value.
            (Some(value), _) if escape == Escape::All && (*value == Value::Null || written.as_deref() == Some("")) => {
                return None;
            }
            (Some(value), _) => written.or_else(|| plain_text(value))?,
            (None, Some(Value::List(values))) => {
                let values: Vec<_> = values.iter().filter_map(plain_text).collect();
                format!("{{{}}}", values.join(","))
            }
            // The value comes from elsewhere.
            _ if item.get("valueFrom").is_some() || item.get("file").is_some() => "${value}".to_owned(),
            _ => return None,
        };
        Some(SetWord::new(name, &value, escape, is_text, place()))
    }

    /// Adds the values in ConfigMaps and Secrets. `default_key` is the key of the values, `*` for all keys.
    fn object_layers(
        &self,
        kind: &str,
        default_key: &str,
        object: &FormObject,
        path: &Path,
        value: &Value,
        layers: &mut Vec<Layer>,
    ) {
        let Value::List(items) = value else { return };
        for (at, item) in items.iter().enumerate() {
            let Some(item) = item.as_map() else { continue };
            let span = self.document.find_below(object.top, &path.index(at)).map(|found| self.outer(found));
            let span = span.unwrap_or_default();
            let text = |map: &Map, key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
            let (kind, reference) = match kind {
                "objects" => (text(item, "kind").unwrap_or_else(|| "Secret".to_owned()), Some(item)),
                _ => {
                    let keys = [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"), ("secretRef", "Secret")];
                    let found = keys.into_iter().find_map(|(key, kind)| Some((kind, item.get(key)?.as_map()?)));
                    let Some((kind, reference)) = found else {
                        layers.push(Layer::Unknown { what: "values from another source".to_owned(), span });
                        continue;
                    };
                    (kind.to_owned(), Some(reference))
                }
            };
            let Some((reference, name)) = reference.and_then(|reference| Some((reference, text(reference, "name")?)))
            else {
                continue;
            };
            let key = text(reference, "valuesKey").or_else(|| text(reference, "key"));
            layers.push(Layer::Object(ObjectValues {
                object: ObjectReference { kind, name, namespace: text(reference, "namespace") },
                key: key.unwrap_or_else(|| default_key.to_owned()),
                target: text(reference, "targetPath").and_then(|path| path.parse().ok()),
                optional: reference.get("optional") == Some(&Value::Bool(true)),
                span,
            }));
        }
    }

    /// Marks values that the tool drops, and moves values that the tool reads first.
    pub(super) fn reorder(&self, form: &Form, object: &FormObject, layers: &mut Vec<Layer>) {
        let holds_one = |how: &str| match how.split_once('=') {
            Some((at, word)) => {
                let path: Option<Path> = at.parse().ok();
                let found = path.and_then(|path| self.document.find_below(object.node, &path));
                found.and_then(|found| scalar(self.document, found.value)).as_deref() == Some(word)
            }
            None => {
                let path: Option<Path> = how.parse().ok();
                let found = path.and_then(|path| self.document.find_below(object.node, &path));
                let value = found.and_then(|found| self.document.value(found.value).ok());
                value.is_some_and(|value| !is_nothing(&value))
            }
        };
        let holds = |how: &str| how.split('&').all(holds_one);
        let span_at = |at: &At| object.find(at).map(|found| self.document.node(found.value).span);
        let is_at = |layer: &Layer, at: &At| match layer {
            Layer::Block(block) => {
                let path = object.path(at);
                block.origin.at.starts_with(&path)
                    && !block.inset.is_text()
                    && Arc::ptr_eq(&block.document, self.document)
                    || block.inset.is_text()
                        && span_at(at).is_some_and(|span| {
                            let outer = self.inset.outer(self.whole, span);
                            block.inset.range().is_some_and(|range| range.start <= outer.end && outer.start < range.end)
                        })
            }
            Layer::File(file) => {
                span_at(at).is_some_and(|span| self.inset.outer(self.whole, span).start == file.span.start)
            }
            _ => false,
        };
        for field in form.fields(Part::Replaced).filter(|field| holds(field.how)) {
            for layer in layers.iter_mut().filter(|layer| is_at(layer, &field.at)) {
                match layer {
                    Layer::Block(block) => block.origin.is_dropped = true,
                    other => {
                        let span = match other {
                            Layer::File(file) => file.span,
                            _ => Span::default(),
                        };
                        *other = Layer::Unknown { what: String::new(), span };
                    }
                }
            }
            layers.retain(|layer| !matches!(layer, Layer::Unknown { what, .. } if what.is_empty()));
        }
        for field in form.fields(Part::FirstIf).filter(|field| holds(field.how)) {
            layers.sort_by_key(|layer| !is_at(layer, &field.at));
            // A null of the values on top removes a value.
            let [Layer::Block(block), Layer::File(file), ..] = layers.as_mut_slice() else { continue };
            if block.origin.drops_null && file.scalars == Scalars::Core {
                (block.origin.drops_null, file.drops_null) = (false, true);
            }
        }
    }
}

fn span_of(part: &OneDocument) -> Span {
    part.inset.outer(part.whole, Span::default())
}

/// Moves values at a target path behind the inline values, over which Flux sets them. Other objects with values that
/// follow in the list override them.
pub(super) fn target_paths_last(layers: &mut [Layer]) {
    let is_target = |layer: &Layer| matches!(layer, Layer::Object(values) if values.target.is_some());
    let is_map = |layer: &Layer| matches!(layer, Layer::Object(values) if values.target.is_none());
    let from = layers.iter().rposition(is_map).map_or(0, |at| at + 1);
    layers[from..].sort_by_key(is_target);
}

/// Whether Kustomize reads the values file itself, and writes the values again before Helm reads them.
///
/// Source: `kubernetes-sigs/kustomize`, `HelmChartInflationGenerator.go`.
fn is_merged_by_kustomize(object: &FormObject) -> bool {
    let at = |key: &str| object.document.find_below(object.node, &Path::of([key]));
    let inline = at("valuesInline").and_then(|found| object.document.value(found.value).ok());
    let has_inline = matches!(inline, Some(Value::Map(map)) if !map.is_empty());
    let merge = at("valuesMerge").and_then(|found| scalar(object.document, found.value));
    has_inline && merge.as_deref() != Some("replace")
}

/// A values file that a text names.
fn file_layer(path: &str, base: Base, is_argo: bool, span: Span) -> Layer {
    if path.contains("://") {
        return Layer::Unknown { what: format!("`{path}` is elsewhere"), span };
    }
    let (path, base) = match path.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
        // `$name/path` starts at the root of the repository of the source `name`.
        Some((_, rest)) if is_argo => (rest, Base::Root),
        _ if is_argo && path.starts_with('/') => (path.trim_start_matches('/'), Base::Root),
        _ if is_argo => (path, Base::Chart),
        _ => (path, base),
    };
    Layer::File(FileReference::new(path, base, span))
}
