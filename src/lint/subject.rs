//! The values of one release in one text, with the chart that reads them.

use std::{borrow::Cow, cell::OnceCell, ops::Deref};

use super::{
    conf_lines::refused_line::RefusedLine, keys::unknown_key::UnknownKey, redis_conf::directive::PodDirectives,
    services::rendered::RenderedService,
};
use crate::{
    chart::{self, Chart},
    effective::{
        EffectiveValues, UnknownValues,
        images::{self, PulledImage},
    },
    source::{FoundRelease, Origin},
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
    pub origin: Cow<'a, Origin>,
    pub values: Cow<'a, EffectiveValues>,
    /// Every key that is written, parents before children, in the order of the text.
    pub entries: Vec<Entry>,
    /// The positions of the entries by their texts, and of one text by their order.
    places: Vec<u32>,
    /// The positions of the entries that `keys::settings` returns. This and the next fields are empty until a rule needs
    /// them.
    pub(super) settings: OnceCell<Vec<usize>>,
    /// For `keys::unknown_keys`.
    pub(super) unknown_keys: OnceCell<Vec<UnknownKey>>,
    /// For `services::services`.
    pub(super) rendered_services: OnceCell<Vec<RenderedService>>,
    pulled: OnceCell<Vec<PulledImage>>,
    /// For `redis_conf::of_pods`.
    pub(super) directives: OnceCell<Vec<PodDirectives>>,
    /// For `conf_lines::refused`.
    pub(super) refused_lines: OnceCell<Vec<RefusedLine>>,
}

/// The most bytes for the paths of all entries: the path of each entry repeats the keys above it.
const MOST_PATH_BYTES: usize = 128 << 20;

/// # Errors
///
/// When the paths need more memory than the paths of any real values.
fn entries(document: &Document, roots: &[NodeId]) -> Result<Vec<Entry>, Error> {
    let (mut entries, mut bytes) = (Vec::new(), 0_usize);
    let mut too_much = None;
    // The text of the path to the last entry, and where each of its steps ends.
    let (mut above, mut ends) = (String::new(), Vec::new());
    for root in roots {
        document.walk(*root, |path, node| {
            if path.is_root() || too_much.is_some() {
                return;
            }
            let value = document.node(node.value).span;
            let key = node.key.map_or(value, |key| document.node(key).span);
            ends.truncate(path.len() - 1);
            above.truncate(ends.last().copied().unwrap_or_default());
            path.write_last(&mut above);
            ends.push(above.len());
            let text = above.clone();
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

/// The positions of the entries by their texts, and of one text by their order.
fn places(entries: &[Entry]) -> Vec<u32> {
    let mut places: Vec<u32> = (0..entries.len()).filter_map(|at| u32::try_from(at).ok()).collect();
    places.sort_by(|one, other| entries[*one as usize].text.cmp(&entries[*other as usize].text));
    places
}

/// The node of the values.
fn find_top(document: &Document, origin: &Origin) -> Option<FoundNode> {
    document.documents().first().and_then(|top| document.find_below(*top, &origin.at))
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
        let mut written = match find_top(document, &origin) {
            _ if origin.at.is_root() => document.values(origin.helm)?,
            Some(found) => match document.value(found.value)? {
                Value::Map(map) => map,
                _ => Map::new(),
            },
            None => Map::new(),
        };
        origin.settle(&mut written);
        let values = origin.release(written, chart);
        Self::with_values(document, Cow::Owned(origin), Cow::Owned(values))
    }

    /// The values of a release of a file, which are read already.
    ///
    /// # Errors
    ///
    /// As [`Subject::new`].
    pub fn of(found: &'a FoundRelease) -> Result<Self, Error> {
        let FoundRelease { part, release, .. } = found;
        // Values that Helm refuses are empty there.
        if release.written.is_empty() {
            return Self::new(&part.document, part.origin.clone(), &release.chart);
        }
        Self::with_values(&part.document, Cow::Borrowed(&part.origin), Cow::Borrowed(release))
    }

    fn with_values(
        document: &'a Document,
        origin: Cow<'a, Origin>,
        values: Cow<'a, EffectiveValues>,
    ) -> Result<Self, Error> {
        let roots: Vec<NodeId> = match (origin.helm, origin.at.is_root()) {
            (Helm::Four, true) => document.documents().to_vec(),
            _ => find_top(document, &origin).iter().map(|found| found.value).collect(),
        };
        let mut entries = entries(document, &roots)?;
        if let Some(only) = origin.only {
            let only = Path::of([only]);
            entries.retain(|entry| entry.path.starts_with(&only));
        }
        Ok(Self {
            document,
            values,
            origin,
            places: places(&entries),
            entries,
            settings: OnceCell::new(),
            unknown_keys: OnceCell::new(),
            rendered_services: OnceCell::new(),
            pulled: OnceCell::new(),
            directives: OnceCell::new(),
            refused_lines: OnceCell::new(),
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
            values: Cow::Owned(self.values.with(written, Layers { under, over }, &self.chart)),
            entries: self.entries.clone(),
            places: self.places.clone(),
            settings: OnceCell::new(),
            unknown_keys: OnceCell::new(),
            rendered_services: OnceCell::new(),
            pulled: OnceCell::new(),
            directives: OnceCell::new(),
            refused_lines: OnceCell::new(),
        })
    }

    /// The entry that sets this path. Of several, the entry that Helm uses.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.position(path).map(|at| &self.entries[at])
    }

    fn position(&self, path: &str) -> Option<usize> {
        let behind = self.places.partition_point(|at| self.entries[*at as usize].text.as_str() <= path);
        let last = *self.places.get(behind.checked_sub(1)?)? as usize;
        (self.entries[last].text == path).then_some(last)
    }

    /// The entry that sets this path, or the nearest entry above it.
    pub fn nearest(&self, path: &str) -> Option<&Entry> {
        std::iter::successors(Some(path), |path| chart::above(path)).find_map(|path| self.entry(path))
    }

    /// The images that the chart pulls.
    pub(super) fn pulled(&self) -> &[PulledImage] {
        self.pulled.get_or_init(|| images::pulled(self))
    }

    /// The next entry in the text: the first child, if there is one.
    pub(super) fn behind(&self, entry: &Entry) -> Option<&Entry> {
        self.entries.get(self.position(&entry.text)? + 1)
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
