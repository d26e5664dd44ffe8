//! The values of one release as they stand in one text, with the chart that will read them.

use std::{cell::OnceCell, collections::HashMap};

use super::{
    keys::{self, Stranger},
    services::{self, Rendered},
};
use crate::{
    chart::{Chart, Form, Topology, condition},
    cloud::Cloud,
    yaml::{Document, Error, Found, Helm, Map, NodeId, Path, Segment, Span, Value},
};

/// Who hands the values to the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// `helm install` and `helm upgrade`, or nobody knows.
    #[default]
    Helm,
    ArgoCd,
    Flux,
    Helmfile,
}

/// Where the values stand in a text.
#[derive(Debug, Clone)]
pub struct Origin {
    /// From the top of the document to the values: `redis` in a wrapper chart, empty in a flat file.
    pub at: Path,
    pub delivery: Delivery,
    pub cloud: Option<Cloud>,
    pub helm: Helm,
    /// The release and its namespace, where the file says them.
    pub release: Option<String>,
    pub namespace: Option<String>,
    /// Paths of the values that a parent chart reads, as the condition of a dependency.
    pub read_by_parent: Vec<Path>,
    /// Whether nobody else than those that are known reads these values: no chart around, or its templates are known.
    pub parent_is_known: bool,
    /// What other values of the same release say, that stand with these.
    pub around: Map,
    /// Whether there are further values that nobody has looked at.
    pub others: bool,
}

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
    pub chart: &'a Chart,
    /// The values as written, without the chart's defaults.
    pub written: Map,
    /// Every key that is written, parents before children, in the order of the text.
    pub entries: Vec<Entry>,
    pub topology: Topology,
    /// The last entry of each path.
    places: HashMap<String, usize>,
    /// Those of the entries that set something, once a rule has asked.
    settings: OnceCell<Vec<usize>>,
    strangers: OnceCell<Vec<Stranger>>,
    rendered: OnceCell<Vec<Rendered>>,
}

impl Default for Origin {
    /// A flat file for `helm`.
    fn default() -> Self {
        Self {
            at: Path::root(),
            delivery: Delivery::default(),
            cloud: None,
            helm: Helm::default(),
            release: None,
            namespace: None,
            read_by_parent: Vec::new(),
            parent_is_known: true,
            around: Map::new(),
            others: false,
        }
    }
}

impl Origin {
    /// Whether the values are a file of their own, and not a part of one.
    pub fn is_whole_file(&self) -> bool {
        self.at.is_root()
    }
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
                    "found more keys than can be judged, or longer and deeper ones: expected values of a sane size";
                too_much = Some(Error::new(key.line, key.column, found));
                return;
            }
            entries.push(Entry { path: path.clone(), text, key, value, node });
        });
    }
    too_much.map_or(Ok(entries), Err)
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
        let topology = Topology::Standalone;
        let mut subject = Self {
            document,
            origin,
            chart,
            written,
            entries,
            topology,
            places,
            settings: OnceCell::new(),
            strangers: OnceCell::new(),
            rendered: OnceCell::new(),
        };
        subject.topology = subject.told_topology();
        Ok(subject)
    }

    fn told_topology(&self) -> Topology {
        // Sentinel only comes with replicas, in each version that has it.
        let replicated = self.chart.places("topology", Topology::Replication).iter().all(|place| {
            let value = self.value(&place.path);
            match place.form {
                Form::Architecture => value.as_ref().and_then(Value::as_str) == Some("replication"),
                _ => condition::says_something(value.as_ref()),
            }
        });
        match (replicated, self.on("sentinel.enabled")) {
            (true, true) => Topology::Sentinel,
            (true, false) => Topology::Replication,
            (false, _) => Topology::Standalone,
        }
    }

    /// What the chart takes at this path: what is written, else its default; none for null and for no value.
    pub fn value(&self, path: &str) -> Option<Value> {
        match self.said(path) {
            Some(Value::Null) => None,
            Some(value) => Some(value.clone()),
            None => self.default(path),
        }
    }

    /// What these values, or others of the same release, say at this path.
    fn said(&self, path: &str) -> Option<&Value> {
        self.written.get_at_text(path).or_else(|| self.origin.around.get_at_text(path))
    }

    /// The chart's own value at this path.
    pub fn default(&self, path: &str) -> Option<Value> {
        self.chart.key(path)?.default.filter(|value| *value != Value::Null)
    }

    /// Whether the templates' `if` takes the value at this path for true.
    pub fn on(&self, path: &str) -> bool {
        condition::says_something(self.value(path).as_ref())
    }

    /// The text at this path; none where there is none or it is empty.
    pub fn text(&self, path: &str) -> Option<String> {
        self.value(path)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
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

    /// The entries that set something the chart version knows: a value, or a map that is taken as it is. Of a key that
    /// stands twice, the one that counts.
    pub fn settings(&self) -> impl Iterator<Item = &Entry> {
        self.settings.get_or_init(|| keys::settings(self)).iter().map(|at| &self.entries[*at])
    }

    /// The keys that this version does not have, each the topmost of its kind, in the order of the text.
    pub(super) fn strangers(&self) -> &[Stranger] {
        self.strangers.get_or_init(|| keys::strangers(self))
    }

    /// The Services that the chart renders.
    pub(super) fn rendered(&self) -> &[Rendered] {
        self.rendered.get_or_init(|| services::rendered(self))
    }

    /// The entry behind this one in the text: its first child, where it has one.
    pub(super) fn behind(&self, entry: &Entry) -> Option<&Entry> {
        self.entries.get(self.places.get(&entry.text)? + 1)
    }

    /// The paths that say a word of the catalogue in this version and topology.
    pub fn places(&self, word: &str) -> Vec<String> {
        self.chart.places(word, self.topology).into_iter().map(|place| place.path).collect()
    }

    /// Whether all terms of a condition of the catalogue hold; none where values do not tell.
    pub fn holds(&self, written: &str) -> Option<bool> {
        let mut known = true;
        for term in condition::terms(written) {
            match self.term_holds(&term) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => known = false,
            }
        }
        known.then_some(true)
    }

    pub fn term_holds(&self, term: &condition::Term) -> Option<bool> {
        if let condition::Term::AnyOf(terms) = term {
            let each: Vec<_> = terms.iter().map(|term| self.term_holds(term)).collect();
            let all_known = each.iter().all(Option::is_some);
            return if each.contains(&Some(true)) { Some(true) } else { all_known.then_some(false) };
        }
        let path = term.key()?;
        let key = self.chart.key(path);
        let said = self.said(path);
        // A map without a default of its own is not empty where one of its children is.
        let of_children = key.as_ref().is_some_and(|key| key.default.is_none() && key.declared);
        if of_children && said.is_none_or(|said| *said == Value::Null) {
            return None;
        }
        let default = key.and_then(|key| key.default).filter(|value| *value != Value::Null);
        let value = said.or(default.as_ref()).filter(|value| **value != Value::Null);
        term.holds(value, default.as_ref())
    }

    /// Whether this key, with what is below, is read by others than the chart: by every chart, or by a parent.
    pub fn is_for_others(&self, path: &Path) -> bool {
        let global = Path::of(["global"]);
        let in_global = path.starts_with(&global) && *path != global && !self.chart.takes(&path.to_string());
        in_global || self.origin.read_by_parent.iter().any(|read| path.starts_with(read))
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
