//! The values of one release as they stand in one text, with the chart that will read them.

use std::{cell::OnceCell, collections::HashMap, ops::Deref};

use super::{keys::UnknownKey, services::RenderedService};
use crate::{
    chart::{Chart, Verdict},
    effective::{
        self, Effective, Unknown,
        images::{self, Pulled},
    },
    source::Origin,
    yaml::{Document, Error, Found, Helm, Map, NodeId, Path, Segment, Span, Value, merge::Layers},
};

/// A key of the values as it is written, above or below others.
#[derive(Debug, Clone)]
pub struct Entry {
    /// From the top of the values.
    pub path: Path,
    /// The same as text, the way the catalogue writes it.
    pub text: String,
    /// The key; for an item of a list its value.
    pub key: Span,
    pub value: Span,
    pub node: Found,
}

/// What rules look at.
pub struct Subject<'a> {
    pub document: &'a Document,
    pub origin: Origin,
    pub values: Effective<'a>,
    /// Every key that is written, parents before children, in the order of the text.
    pub entries: Vec<Entry>,
    /// The last entry of each path.
    places: HashMap<String, usize>,
    /// The positions of the entries that `keys::settings` returns. This and the next fields are empty until a rule asks.
    pub(super) settings: OnceCell<Vec<usize>>,
    /// For `keys::unknown_keys`.
    pub(super) unknown_keys: OnceCell<Vec<UnknownKey>>,
    /// For `services::services`.
    pub(super) rendered_services: OnceCell<Vec<RenderedService>>,
    pulled: OnceCell<Vec<Pulled>>,
}

/// The most bytes that the paths of all entries may take: long keys with much below them stand in the path of each.
const MOST_PATH_BYTES: usize = 128 << 20;

/// # Errors
///
/// When their paths would take more memory than those of any values of a sane size.
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

/// A subject is its values first: what they say, and which chart takes them.
impl<'a> Deref for Subject<'a> {
    type Target = Effective<'a>;

    fn deref(&self) -> &Effective<'a> {
        &self.values
    }
}

impl<'a> Subject<'a> {
    /// # Errors
    ///
    /// When the text is no values of Helm's. Where nothing stands at the place, the values are empty.
    pub fn new(document: &'a Document, origin: Origin, chart: &'a Chart) -> Result<Self, Error> {
        let top = document.documents().first().copied();
        let found = top.and_then(|top| document.find_below(top, &origin.at));
        let whole = origin.at.is_root();
        let written = match found {
            _ if whole => document.values(origin.helm)?,
            Some(found) => match document.value(found.value)? {
                Value::Map(map) => map,
                _ => Map::new(),
            },
            None => Map::new(),
        };
        let roots: Vec<NodeId> = match (origin.helm, whole) {
            (Helm::Four, true) => document.documents().to_vec(),
            _ => found.iter().map(|found| found.value).collect(),
        };
        let entries = entries(document, &roots)?;
        let places = entries.iter().enumerate().map(|(at, entry)| (entry.text.clone(), at)).collect();
        let around = origin.around.clone();
        Ok(Self {
            document,
            origin,
            values: Effective::new(written, around, chart),
            entries,
            places,
            settings: OnceCell::new(),
            unknown_keys: OnceCell::new(),
            rendered_services: OnceCell::new(),
            pulled: OnceCell::new(),
        })
    }

    /// Those of its values, and of what stands with them, that are encrypted.
    pub(super) fn unknown(&self) -> Unknown {
        Unknown::of([&self.written, &self.around.under, &self.around.over], self.chart)
    }

    /// The same text with other values in the place of the encrypted ones, several times.
    pub(super) fn supposing<'u>(&'u self, unknown: &'u Unknown) -> impl Iterator<Item = Subject<'a>> + 'u {
        let under = unknown.supposed(&self.around.under);
        let over = unknown.supposed(&self.around.over);
        unknown.supposed(&self.written).zip(under.zip(over)).map(|(written, (under, over))| Self {
            document: self.document,
            origin: self.origin.clone(),
            values: Effective::new(written, Layers { under, over }, self.chart),
            entries: self.entries.clone(),
            places: self.places.clone(),
            settings: OnceCell::new(),
            unknown_keys: OnceCell::new(),
            rendered_services: OnceCell::new(),
            pulled: OnceCell::new(),
        })
    }

    /// The entry that says this path, where the file does: the one that counts, if several do.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.places.get(path).map(|at| &self.entries[*at])
    }

    /// The entry itself, or the nearest written one above it.
    pub fn nearest(&self, path: &str) -> Option<&Entry> {
        let mut path = path.parse::<Path>().ok()?;
        loop {
            if let Some(entry) = self.entry(&path.to_string()) {
                return Some(entry);
            }
            path.pop()?;
        }
    }

    /// Whether the chart reads a key with these switches, or whether no facts tell.
    pub(super) fn is_read(&self, path: &str) -> bool {
        let read = self.chart.read(path, self.topology);
        matches!(read.verdict, Verdict::Read | Verdict::Unmeasured) && self.holds(read.switches) != Some(false)
    }

    /// The images that the chart pulls.
    pub(super) fn pulled(&self) -> &[Pulled] {
        self.pulled.get_or_init(|| images::pulled(self))
    }

    /// The entry behind this one in the text: its first child, where it has one.
    pub(super) fn behind(&self, entry: &Entry) -> Option<&Entry> {
        self.entries.get(self.places.get(&entry.text)? + 1)
    }

    /// Whether this key, with what is below, is read by others than the chart: by every chart, or by a parent.
    pub fn is_for_others(&self, path: &Path) -> bool {
        effective::is_for_others(self.chart, &self.origin.read_by_parent, path)
    }

    /// Whether something below this key is read by a parent.
    pub(super) fn is_for_others_below(&self, path: &Path) -> bool {
        self.origin.read_by_parent.iter().any(|read| read.starts_with(path) && read != path)
    }

    /// The bytes of the text that are about these values, a stretch for each entry at the top, in their order.
    pub fn stretches(&self) -> Vec<std::ops::Range<usize>> {
        let tops = self.entries.iter().filter(|entry| entry.path.len() == 1);
        tops.map(|entry| entry.key.start..entry.value.end.max(entry.key.end)).collect()
    }

    /// The value that counts at the path of an entry.
    pub fn value_of(&self, entry: &Entry) -> Option<&Value> {
        self.written.get_at(&entry.path)
    }
}
