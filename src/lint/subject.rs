//! The values of one release in one text, with the chart that reads them.

use std::{cell::OnceCell, collections::HashMap, ops::Deref};

use super::{keys::unknown_key::UnknownKey, services::rendered::RenderedService};
use crate::{
    chart::Chart,
    effective::{
        EffectiveValues, UnknownValues,
        images::{self, PulledImage},
    },
    source::Origin,
    yaml::{Document, Error, FoundNode, Helm, Map, NodeId, Path, Segment, Span, Value, merge::Layers},
};

/// A key in the values, at any depth.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The path from the top of the values.
    pub path: Path,
    /// The path as text, as the catalogue writes it.
    pub text: String,
    /// The place of the key; for an item of a list, the place of its value.
    pub key: Span,
    pub value: Span,
    pub node: FoundNode,
}

/// The values that rules check.
pub struct Subject<'a> {
    pub document: &'a Document,
    pub origin: Origin,
    pub values: EffectiveValues,
    /// Every key that is written, parents before children, in the order of the text.
    pub entries: Vec<Entry>,
    /// The last entry of each path.
    places: HashMap<String, usize>,
    /// The positions of the entries that `keys::settings` returns. This and the next fields are empty until a rule needs
    /// them.
    pub(super) settings: OnceCell<Vec<usize>>,
    /// For `keys::unknown_keys`.
    pub(super) unknown_keys: OnceCell<Vec<UnknownKey>>,
    /// For `services::services`.
    pub(super) rendered_services: OnceCell<Vec<RenderedService>>,
    pulled: OnceCell<Vec<PulledImage>>,
}

/// The most bytes for the paths of all entries: the path of each entry repeats the keys above it.
const MOST_PATH_BYTES: usize = 128 << 20;

/// # Errors
///
/// When the paths need more memory than the paths of any real values.
fn entries(document: &Document, roots: &[NodeId]) -> Result<Vec<Entry>, Error> {
    let (mut entries, mut bytes) = (Vec::new(), 0_usize);
    let mut too_much = None;
    for root in roots {
        document.walk(*root, |path, node| {
            if path.is_root() || too_much.is_some() {
                return;
            }
            let value = document.node(node.value).span;
            let key = node.key.map_or(value, |key| document.node(key).span);
            let text = path.to_string();
            bytes += text.len() + size_of::<Entry>() + path.len() * size_of::<Segment>();
            if bytes > MOST_PATH_BYTES {
                let found =
                    "found too many keys, or keys that are too long or too deep: expected values of a normal size";
                too_much = Some(Error::new(key.line, key.column, found));
                return;
            }
            entries.push(Entry { path: path.clone(), text, key, value, node });
        });
    }
    too_much.map_or(Ok(entries), Err)
}

/// A subject dereferences to its effective values, which most rules read.
impl Deref for Subject<'_> {
    type Target = EffectiveValues;

    fn deref(&self) -> &EffectiveValues {
        &self.values
    }
}

impl<'a> Subject<'a> {
    /// # Errors
    ///
    /// When Helm cannot read the text as values. The values are empty if the text has none at the path.
    pub fn new(document: &'a Document, origin: Origin, chart: &Chart) -> Result<Self, Error> {
        let top = document.documents().first().copied();
        let found = top.and_then(|top| document.find_below(top, &origin.at));
        let whole = origin.at.is_root();
        let mut written = match found {
            _ if whole => document.values(origin.helm)?,
            Some(found) => match document.value(found.value)? {
                Value::Map(map) => map,
                _ => Map::new(),
            },
            None => Map::new(),
        };
        origin.settle(&mut written);
        let roots: Vec<NodeId> = match (origin.helm, whole) {
            (Helm::Four, true) => document.documents().to_vec(),
            _ => found.iter().map(|found| found.value).collect(),
        };
        let mut entries = entries(document, &roots)?;
        if let Some(only) = origin.only {
            let only = Path::of([only]);
            entries.retain(|entry| entry.path.starts_with(&only));
        }
        let places = entries.iter().enumerate().map(|(at, entry)| (entry.text.clone(), at)).collect();
        Ok(Self {
            document,
            values: origin.release(written, chart),
            origin,
            entries,
            places,
            settings: OnceCell::new(),
            unknown_keys: OnceCell::new(),
            rendered_services: OnceCell::new(),
            pulled: OnceCell::new(),
        })
    }

    /// The encrypted values of the release.
    pub(super) fn unknown(&self) -> UnknownValues {
        UnknownValues::of([&self.written, &self.other_layers.under, &self.other_layers.over], &self.chart)
    }

    /// The same text with several sets of values instead of the encrypted ones.
    pub(super) fn supposing<'u>(&'u self, unknown: &'u UnknownValues) -> impl Iterator<Item = Subject<'a>> + 'u {
        let under = unknown.combinations(&self.other_layers.under);
        let over = unknown.combinations(&self.other_layers.over);
        unknown.combinations(&self.written).zip(under.zip(over)).map(|(written, (under, over))| Self {
            document: self.document,
            origin: self.origin.clone(),
            values: self.values.with(written, Layers { under, over }, &self.chart),
            entries: self.entries.clone(),
            places: self.places.clone(),
            settings: OnceCell::new(),
            unknown_keys: OnceCell::new(),
            rendered_services: OnceCell::new(),
            pulled: OnceCell::new(),
        })
    }

    /// The entry that sets this path. Of several, the entry that Helm uses.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.places.get(path).map(|at| &self.entries[*at])
    }

    /// The entry that sets this path, or the nearest entry above it.
    pub fn nearest(&self, path: &str) -> Option<&Entry> {
        let mut path = path.parse::<Path>().ok()?;
        loop {
            if let Some(entry) = self.entry(&path.to_string()) {
                return Some(entry);
            }
            path.pop()?;
        }
    }

    /// The images that the chart pulls.
    pub(super) fn pulled(&self) -> &[PulledImage] {
        self.pulled.get_or_init(|| images::pulled(self))
    }

    /// The next entry in the text: the first child, if there is one.
    pub(super) fn behind(&self, entry: &Entry) -> Option<&Entry> {
        self.entries.get(self.places.get(&entry.text)? + 1)
    }

    /// Whether a parent chart reads a key below this one.
    pub(super) fn is_for_others_below(&self, path: &Path) -> bool {
        self.read_by_parent.iter().any(|read| read.starts_with(path) && read != path)
    }

    /// The byte ranges of these values in the text, one for each key at the top, in their order.
    pub fn stretches(&self) -> Vec<std::ops::Range<usize>> {
        let tops = self.entries.iter().filter(|entry| entry.path.len() == 1);
        tops.map(|entry| entry.key.start..entry.value.end.max(entry.key.end)).collect()
    }

    /// The value that Helm uses at the path of an entry.
    pub fn value_of(&self, entry: &Entry) -> Option<&Value> {
        self.written.get_at(&entry.path)
    }
}
