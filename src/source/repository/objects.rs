//! Objects that releases refer to: sources of charts, ConfigMaps and Secrets.

use std::sync::{Arc, LazyLock};

use crate::{
    source::{declaration::ObjectReference, embedded, search::Word, text_at},
    yaml::{Document, Path, Value, read_values},
};

/// An object of a manifest, with its place.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub reference: ObjectReference,
    pub file: usize,
    /// The number of the document in the file.
    pub number: usize,
    pub document: Arc<Document>,
    /// The line of the document in the file.
    pub line: usize,
}

/// Kinds that a release can refer to.
const KINDS: [(&str, &str); 5] = [
    ("source.toolkit.fluxcd.io/", "HelmRepository"),
    ("source.toolkit.fluxcd.io/", "OCIRepository"),
    ("source.toolkit.fluxcd.io/", "HelmChart"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
];

/// Whether a text can have an object to which a release can refer.
pub(super) fn may_be_in(text: &str) -> bool {
    static NAMES: LazyLock<Vec<Word>> = LazyLock::new(|| KINDS.iter().map(|(_, kind)| Word::of(kind)).collect());
    NAMES.iter().any(|name| name.is_in(text))
}

/// The objects in a text.
pub(super) fn objects(file: usize, whole: &Document) -> Vec<Object> {
    if !may_be_in(whole.text()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, (inset, document)) in embedded::documents(whole).into_iter().enumerate() {
        let Some(top) = document.documents().first().copied() else { continue };
        let text = |path: &str| text_at(&document, top, path);
        let (Some(api), Some(kind), Some(name)) = (text("apiVersion"), text("kind"), text("metadata.name")) else {
            continue;
        };
        if !KINDS.iter().any(|(group, known)| api.starts_with(group) && kind == *known) {
            continue;
        }
        let namespace = text("metadata.namespace");
        let line = inset.outer(whole, document.node(top).span).line;
        found.push(Object { reference: ObjectReference { kind, name, namespace }, file, number, document, line });
    }
    found
}

impl Object {
    pub fn text(&self, path: &str) -> Option<String> {
        text_at(&self.document, *self.document.documents().first()?, path)
    }

    /// The text below a key of a ConfigMap or Secret. The path is `None` for data in base64, which no edit can change.
    pub fn data(&self, key: &str) -> Option<(String, Option<Path>)> {
        let top = *self.document.documents().first()?;
        let plain = if self.reference.kind == "Secret" { "stringData" } else { "data" };
        let at = Path::of([plain, key]);
        let value = |path: &Path| match self.document.value(self.document.find_below(top, path)?.value) {
            Ok(Value::String(text)) => Some(text),
            _ => None,
        };
        if let Some(text) = value(&at) {
            return Some((text, Some(at)));
        }
        let encoded = value(&Path::of(["data", key])).filter(|_| self.reference.kind == "Secret")?;
        // The values are quoted text, and the YAML parser decodes base64.
        let decoded =
            read_values(&format!("data: !!binary {}", encoded.replace(['\n', ' '], ""))).ok()?.remove("data")?;
        Some((decoded.as_str()?.to_owned(), None))
    }

    /// The keys of a ConfigMap or Secret, sorted.
    pub fn keys(&self) -> Vec<String> {
        let Some(top) = self.document.documents().first() else { return Vec::new() };
        let Ok(Value::Map(map)) = self.document.value(*top) else { return Vec::new() };
        let blocks = ["data", "stringData"].into_iter().filter_map(|block| map.get(block)?.as_map());
        let mut keys: Vec<String> = blocks.flat_map(|block| block.keys().map(str::to_owned)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The line of a path in the file.
    pub fn line_of(&self, path: &Path) -> usize {
        let top = self.document.documents().first().copied();
        let found = top.and_then(|top| self.document.find_below(top, path));
        let inner = found.map_or(1, |found| self.document.node(found.key.unwrap_or(found.value)).span.line);
        // The first line of a document with `---` in front holds the mark.
        let first = top.map_or(1, |top| self.document.node(top).span.line);
        self.line + inner.saturating_sub(first)
    }
}

/// The object of a reference: of the namespace of the reference, or of `namespace`, or the only one of this name.
pub(super) fn find<'o>(
    objects: &'o [Object],
    reference: &ObjectReference,
    namespace: Option<&str>,
    near: usize,
) -> Option<&'o Object> {
    let same: Vec<&Object> = objects
        .iter()
        .filter(|object| object.reference.kind == reference.kind && object.reference.name == reference.name)
        .collect();
    let wanted = reference.namespace.as_deref().or(namespace);
    let in_namespace = || same.iter().filter(|object| object.reference.namespace.as_deref() == wanted);
    // A kustomization may set the namespace of all objects, so an object without one fits too.
    let fits = in_namespace().find(|object| object.file == near).or_else(|| in_namespace().next());
    let in_file = || same.iter().find(|object| object.file == near);
    let open = || same.iter().find(|object| object.reference.namespace.is_none() || wanted.is_none());
    fits.or_else(in_file).or_else(open).copied().or(match same.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}
