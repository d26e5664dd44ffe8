//! The values of one release as their chart takes them: what is written, over the chart's defaults.
//!
//! It knows what each setting does for itself: nothing, in this topology or behind a switch that is off; or something.
//! It knows no text and no place.

mod dangling;
mod defaults;
mod failing;
pub mod images;
mod key_status;
mod names;
mod unknown;

use crate::{
    chart::{self, Chart, Encoding, FactFamily, Recognition, Setting, Topology, condition},
    yaml::{Helm, Map, Path, Value, merge::Layers},
};
pub use defaults::{defaults, repeats};
pub use failing::Refusal;
pub use key_status::{KeyStatus, NoEffect};
pub use names::{ReferenceSource, references_in};
pub use unknown::Unknown;

/// The values of one release, and the chart that takes them.
#[derive(Debug, Clone)]
pub struct EffectiveValues {
    pub chart: Chart,
    /// The values as written, without the chart's defaults.
    pub written: Map,
    /// What other values of the same release say, that stand with these.
    pub around: Layers,
    /// Paths of the values that others than the chart read, such as the condition of a dependency.
    pub read_by_parent: Vec<Path>,
    /// Where the values are in their text: empty for a text of its own.
    pub at: Path,
    /// The major version of Helm that reads the values.
    pub helm: Helm,
    pub topology: Topology,
}

impl EffectiveValues {
    /// Values in a text of their own, which the chart alone reads.
    pub fn new(written: Map, around: Layers, chart: &Chart) -> Self {
        let (at, helm) = (Path::root(), Helm::default());
        let chart = chart.clone();
        let mut values =
            Self { chart, written, around, read_by_parent: Vec::new(), at, helm, topology: Topology::Standalone };
        values.topology = values.told_topology();
        values
    }

    /// Values without siblings, in a text of their own.
    pub fn of(written: Map, chart: &Chart) -> Self {
        Self::new(written, Layers::default(), chart)
    }

    /// Other values in the same place, for the same readers.
    #[must_use]
    pub fn with(&self, written: Map, around: Layers, chart: &Chart) -> Self {
        let (read_by_parent, at) = (self.read_by_parent.clone(), self.at.clone());
        Self { read_by_parent, at, helm: self.helm, ..Self::new(written, around, chart) }
    }

    /// The same values for another chart.
    #[must_use]
    pub fn for_chart(&self, chart: &Chart) -> Self {
        self.with(self.written.clone(), self.around.clone(), chart)
    }

    /// Whether a key, with what is below, is read by others than the chart: by every chart, or by a parent.
    pub fn is_for_others(&self, path: &Path) -> bool {
        let global = Path::of(["global"]);
        let in_global = path.starts_with(&global) && *path != global && !self.chart.takes(&path.to_string());
        in_global || self.read_by_parent.iter().any(|read| path.starts_with(read))
    }

    fn told_topology(&self) -> Topology {
        // Sentinel only comes with replicas, in each version that has it.
        let replicated = self.chart.places(Setting::Topology, Topology::Replication).iter().all(|place| {
            let value = self.value(&place.path);
            match place.form {
                Encoding::Architecture => value.as_ref().and_then(Value::as_str) == Some("replication"),
                _ => condition::is_truthy(value.as_ref()),
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
        [&self.around.over, &self.written, &self.around.under].into_iter().find_map(|layer| said_in(layer, path))
    }

    /// The chart's own value at this path.
    pub fn default(&self, path: &str) -> Option<Value> {
        self.chart.key(path)?.default.filter(|value| *value != Value::Null)
    }

    /// Whether the templates' `if` takes the value at this path for true.
    pub fn on(&self, path: &str) -> bool {
        condition::is_truthy(self.value(path).as_ref())
    }

    /// The text at this path; none where there is none or it is empty.
    pub fn text(&self, path: &str) -> Option<String> {
        self.value(path)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The paths of the keys that express a setting in this version and topology.
    pub fn places(&self, setting: Setting) -> Vec<String> {
        self.chart.places(setting, self.topology).into_iter().map(|place| place.path).collect()
    }

    /// The facts about a command or the key of an image, by [`Chart::facts_about`].
    pub fn facts_about(&self, family: FactFamily, subject: &str) -> Vec<String> {
        self.chart.facts_about(family, subject, self.topology).into_iter().map(|fact| fact.path).collect()
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
        if let condition::Term::Image { keys, legacy } = term {
            return Some(self.image_is(keys, *legacy));
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

    /// Whether the chart takes the image that these keys name for one that it does not list.
    fn image_is(&self, [global, registry, repository]: &[&str; 3], legacy: bool) -> bool {
        let text = |key: &str| match self.value(key) {
            Some(Value::String(text)) => text,
            Some(Value::Int(number)) => number.to_string(),
            _ => String::new(),
        };
        let registry = Some(text(global)).filter(|registry| !registry.is_empty()).unwrap_or_else(|| text(registry));
        let wanted = if legacy { Recognition::Legacy } else { Recognition::Unrecognized };
        self.chart.recognition(&registry, &text(repository)) == wanted
    }

    /// Whether what is written at a path says what the chart takes where nothing is said.
    pub fn is_default(&self, path: &Path) -> bool {
        self.written.get_at(path).is_some_and(|value| repeats(&self.chart, path, value))
    }
}

/// What values say at this path; with something above it that is no map they say that there is nothing.
fn said_in<'v>(values: &'v Map, path: &str) -> Option<&'v Value> {
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
