//! The operations of a JSON patch (RFC 6902) that set values of a release.

use super::EmbeddedText;
use crate::yaml::{Document, Map, NodeId, Notes, Path, Segment, Span, Value, emit};

/// An operation that adds, replaces or removes a value.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// The position in the list of operations.
    pub number: usize,
    /// The keys of the path, outermost first.
    pub keys: Vec<String>,
    /// The new value. `None` if the operation removes the value or takes it from another place.
    pub value: Option<Value>,
    /// The path, and the value or else the path, in the text of the patch.
    pub spans: [Span; 2],
}

/// The operations of a patch. Empty for another kind of patch.
pub(super) fn operations(document: &Document) -> Vec<Operation> {
    let Some(top) = document.documents().first().copied() else { return Vec::new() };
    let Ok(Value::List(items)) = document.value(top) else { return Vec::new() };
    let operation = |(number, item): (usize, &Value)| {
        let item = item.as_map()?;
        let kind = item.get("op").and_then(Value::as_str).unwrap_or_default();
        let path = item.get("path")?.as_str()?;
        let keys = path.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
        let value = item.get("value").filter(|_| kind != "remove").cloned();
        let span = |key: &str| {
            let found = document.find_below(top, &Path::root().index(number).key(key))?;
            Some(document.node(found.value).span)
        };
        let of_path = span("path")?;
        let spans = [of_path, span("value").unwrap_or(of_path)];
        (kind != "test").then_some(Operation { number, keys, value, spans })
    };
    items.iter().enumerate().filter_map(operation).collect()
}

impl Operation {
    /// The keys below the values of a release of Flux. `None` if the operation is for another field.
    pub fn below_values(&self) -> Option<Path> {
        match self.keys.as_slice() {
            [spec, values, below @ ..] if spec == "spec" && values == "values" => {
                Some(Path::of(below.iter().map(String::as_str)))
            }
            _ => None,
        }
    }

    /// Whether the operation changes an item of a list, whose other items another file has.
    pub fn is_in_list(&self) -> bool {
        let is_index = |key: &String| key == "-" || !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit());
        self.keys.iter().any(is_index)
    }

    /// The values that the operation sets. `None` if they are not known.
    pub fn values(&self) -> Option<Map> {
        let (below, value) = (self.below_values()?, self.value.as_ref()?);
        if self.is_in_list() {
            return None;
        }
        if below.is_root() {
            return value.as_map().cloned();
        }
        let mut map = Map::new();
        map.insert_at(&below, value.clone()).ok()?;
        Some(map)
    }
}

/// The values of one operation as a text, whose nodes have the places of the operation. `outer` has the place in the
/// whole text of a place in the patch.
pub(super) fn text_of(
    patch: &Document,
    number: usize,
    outer: &dyn Fn(Span) -> Span,
) -> Option<(EmbeddedText, Document)> {
    let operation = operations(patch).into_iter().find(|operation| operation.number == number)?;
    let text = emit(&operation.values()?, &Notes::default());
    let document = Document::parse(&text).ok()?;
    let below = operation.below_values()?;
    let top = *patch.documents().first()?;
    let value = Path::root().index(number).key("value");
    let written = |path: &Path| {
        let rest =
            path.segments().get(below.len()..).filter(|_| path.starts_with(&below) && path.len() > below.len())?;
        let at = rest.iter().fold(value.clone(), |mut at, segment: &Segment| {
            at.push(segment.clone());
            at
        });
        let found = patch.find_below(top, &at)?;
        Some(node_span(patch, found.key.unwrap_or(found.value)))
    };
    let mut places = Vec::new();
    document.walk(*document.documents().first()?, |path, node| {
        let start = node_span(&document, node.key.unwrap_or(node.value)).start;
        places.push((start, outer(written(path).unwrap_or(operation.spans[0]))));
    });
    Some((EmbeddedText::derived(text, places), document))
}

fn node_span(document: &Document, node: NodeId) -> Span {
    document.node(node).span
}
