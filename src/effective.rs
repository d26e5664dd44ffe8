//! The effective values of one release: its written values merged with the defaults of its chart.
//!
//! This module decides for each key whether it has an effect in the topology and with the switches of the release. It
//! does not know the text of the values.

mod dangling;
mod defaults;
mod defects;
pub mod directives;
mod failing;
pub mod images;
mod key_status;
mod names;
mod unknown;

use std::borrow::Cow;

use crate::{
    chart::{self, Chart, Encoding, FactFamily, Places, Recognition, Setting, Topology, Verdict, condition},
    yaml::{Helm, Map, Nearest, Path, Segment, Value, merge::Layers},
};
pub use defaults::{defaults, repeats, repeats_at};
pub use failing::Refusal;
pub use key_status::{KeyStatus, NoEffect};
pub use names::{ReferenceSource, references_in};
pub use unknown::UnknownValues;

/// The values of one release and the chart that reads them.
#[derive(Debug, Clone)]
pub struct EffectiveValues {
    pub chart: Chart,
    /// The values as written, without the chart's defaults.
    pub written: Map,
    /// The other layers of values of the same release.
    pub other_layers: Layers,
    /// The paths that a parent chart reads, such as the condition of a dependency.
    pub read_by_parent: Vec<Path>,
    /// The path of the values in their text. Empty if the text holds nothing else.
    pub at: Path,
    /// The major version of Helm that merges the values.
    pub helm: Helm,
    pub topology: Topology,
}

impl EffectiveValues {
    /// Creates values at the root of their own text that only the chart reads.
    pub fn new(written: Map, other_layers: Layers, chart: &Chart) -> Self {
        let (at, helm) = (Path::root(), Helm::default());
        let chart = chart.clone();
        let mut values =
            Self { chart, written, other_layers, read_by_parent: Vec::new(), at, helm, topology: Topology::Standalone };
        values.topology = values.derive_topology();
        values
    }

    /// Creates values without other layers, at the root of their own text.
    pub fn of(written: Map, chart: &Chart) -> Self {
        Self::new(written, Layers::default(), chart)
    }

    /// Replaces the written values, the layers and the chart, and keeps the place.
    #[must_use]
    pub fn with(&self, written: Map, other_layers: Layers, chart: &Chart) -> Self {
        let (read_by_parent, at) = (self.read_by_parent.clone(), self.at.clone());
        Self { read_by_parent, at, helm: self.helm, ..Self::new(written, other_layers, chart) }
    }

    /// Keeps the values and replaces the chart.
    #[must_use]
    pub fn for_chart(&self, chart: &Chart) -> Self {
        self.with(self.written.clone(), self.other_layers.clone(), chart)
    }

    /// Whether other charts read the key: a key below `global`, or a key that the parent chart reads.
    pub fn is_for_others(&self, path: &Path) -> bool {
        let is_below_global = matches!(path.segments(), [Segment::Key(first), _, ..] if first == "global");
        let in_global = is_below_global && !self.chart.takes(&path.to_string());
        in_global || self.read_by_parent.iter().any(|read| path.starts_with(read))
    }

    fn derive_topology(&self) -> Topology {
        // Sentinel requires replicas in every chart version.
        let replicated = self.chart.places(Setting::Topology, Topology::Replication).iter().all(|place| {
            let value = self.value(place.path);
            match place.form {
                Encoding::Architecture => value.and_then(Value::as_str) == Some("replication"),
                _ => condition::is_truthy(value),
            }
        });
        match (replicated, self.on("sentinel.enabled")) {
            (true, true) => Topology::Sentinel,
            (true, false) => Topology::Replication,
            (false, _) => Topology::Standalone,
        }
    }

    /// The effective value of a key: the written value or the default. `None` for null and for no value.
    pub fn value(&self, path: &str) -> Option<&Value> {
        match self.explicit_value(path) {
            Some(Value::Null) => None,
            Some(value) => Some(value),
            None => self.default(path),
        }
    }

    /// The value that a layer of the release sets for a key, by precedence.
    fn explicit_value(&self, path: &str) -> Option<&Value> {
        let layers = [&self.other_layers.over, &self.written, &self.other_layers.under];
        layers.into_iter().filter(|layer| !layer.is_empty()).find_map(|layer| explicit_value_in(layer, path))
    }

    /// The chart's default of a key.
    pub fn default(&self, path: &str) -> Option<&Value> {
        self.chart.key(path)?.default.filter(|value| **value != Value::Null)
    }

    /// Whether the templates' `if` takes the effective value for true.
    pub fn on(&self, path: &str) -> bool {
        condition::is_truthy(self.value(path))
    }

    /// The effective value if it is a non-empty text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.value(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// Whether the chart reads a key with these switches. Also true if the facts do not decide.
    pub fn is_read(&self, path: &str) -> bool {
        let read = self.chart.read(path, self.topology);
        matches!(read.verdict, Verdict::Read | Verdict::Unmeasured) && self.all_hold(read.terms) != Some(false)
    }

    /// The paths of the keys that express a setting in this version and topology.
    pub fn places(&self, setting: Setting) -> Places {
        self.chart.place_paths(setting, self.topology)
    }

    /// The keys above the values of the pods: `master`, `replica`. The pods of the primary are first.
    pub fn pod_keys(&self) -> impl DoubleEndedIterator<Item = &'static str> {
        self.places(Setting::Resources).into_iter().filter_map(|key| key.strip_suffix(".resources"))
    }

    /// The facts about a command or the key of an image, by [`Chart::facts_about`].
    pub fn facts_about(&self, family: FactFamily, subject: &str) -> Vec<&'static str> {
        self.chart.facts_about(family, subject, self.topology).iter().map(|fact| fact.path).collect()
    }

    /// Whether all terms of a catalogue condition hold. `None` if values do not decide it.
    pub fn all_hold(&self, terms: &[condition::Term]) -> Option<bool> {
        let mut known = true;
        for term in terms {
            match self.term_holds(term) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => known = false,
            }
        }
        known.then_some(true)
    }

    /// As [`Self::all_hold`], for a condition as text.
    pub fn holds(&self, written: &str) -> Option<bool> {
        self.all_hold(&condition::terms(written).collect::<Vec<_>>())
    }

    pub fn term_holds(&self, term: &condition::Term) -> Option<bool> {
        if let condition::Term::AnyOf(terms) = term {
            let mut all_known = true;
            for term in terms {
                match self.term_holds(term) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => all_known = false,
                }
            }
            return all_known.then_some(false);
        }
        if let condition::Term::Image { keys, legacy } = term {
            return Some(self.image_is(keys, *legacy));
        }
        let path = term.key()?;
        let explicit_value = self.explicit_value(path);
        if let Some(value) = explicit_value
            && *value != Value::Null
            && !matches!(term, condition::Term::NotDefault { .. })
        {
            return term.holds(Some(value), None);
        }
        let key = self.chart.key(path);
        // Children without a default decide whether their map is empty, and the map itself has no default.
        let of_children = key.is_some_and(|key| key.default.is_none() && key.declared);
        if of_children && explicit_value.is_none_or(|explicit_value| *explicit_value == Value::Null) {
            return None;
        }
        let default = key.and_then(|key| key.default).filter(|value| **value != Value::Null);
        let value = explicit_value.or(default).filter(|value| **value != Value::Null);
        term.holds(value, default)
    }

    /// Whether the chart does not recognize the image of these keys, or recognizes it as a legacy image.
    fn image_is(&self, [global, registry, repository]: &[&str; 3], legacy: bool) -> bool {
        let text = |key: &str| match self.value(key) {
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Some(Value::Int(number)) => Cow::Owned(number.to_string()),
            _ => Cow::Borrowed(""),
        };
        let registry = Some(text(global)).filter(|registry| !registry.is_empty()).unwrap_or_else(|| text(registry));
        let expected = if legacy { Recognition::Legacy } else { Recognition::Unrecognized };
        self.chart.recognition(&registry, &text(repository)) == expected
    }

    /// Whether the written value of a path repeats the chart's default.
    pub fn is_default(&self, path: &Path) -> bool {
        self.written.get_at(path).is_some_and(|value| repeats(&self.chart, path, value))
    }
}

/// The value that one layer sets for a key. Null if the layer sets a value above the key that is no map.
fn explicit_value_in<'v>(values: &'v Map, path: &str) -> Option<&'v Value> {
    if let Some(found) = values.nearest_at_text(path) {
        return match found {
            Nearest::Value(value) => Some(value),
            Nearest::NoMap => Some(&Value::Null),
            Nearest::Missing => None,
        };
    }
    values.get_at_text(path).or_else(|| {
        let mut above = chart::above(path);
        while let Some(path) = above {
            match values.get_at_text(path) {
                Some(Value::Map(_)) => return None,
                Some(_) => return Some(&Value::Null),
                None => above = chart::above(path),
            }
        }
        None
    })
}
