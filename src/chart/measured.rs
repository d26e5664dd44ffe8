//! Use of keys that was measured on the user's machine, with the conditions of `reads.tsv`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{KeyUse, Topology, Verdict, condition};

/// Measured use of the keys of an imported chart, by topology. Missing keys were not measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measured {
    keys: BTreeMap<String, [MeasuredRead; 3]>,
}

/// Use of a key in one topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredRead(KeyUse);

impl Serialize for MeasuredRead {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.0.verdict, self.0.switches).serialize(to)
    }
}

impl<'de> Deserialize<'de> for MeasuredRead {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (verdict, switches) = <(Verdict, String)>::deserialize(from)?;
        Ok(Self::new(verdict, &switches))
    }
}

impl MeasuredRead {
    pub fn new(verdict: Verdict, switches: &str) -> Self {
        let switches = leak(switches.to_owned());
        Self(KeyUse { verdict, switches, terms: condition::kept(switches) })
    }
}

impl Measured {
    /// Builds the measurement. The array has the order of [`Topology::ALL`].
    pub fn new(keys: BTreeMap<String, [MeasuredRead; 3]>) -> Self {
        Self { keys }
    }

    pub fn read(&self, path: &str, topology: Topology) -> Option<KeyUse> {
        let at = Topology::ALL.iter().position(|one| *one == topology)?;
        Some(self.keys.get(path)?[at].0)
    }

    /// Best verdict of the keys below `path`.
    pub fn best_below(&self, path: &str, topology: Topology) -> Option<KeyUse> {
        let below = format!("{path}.");
        let names = self.keys.range(below.clone()..).map(|(name, _)| name).take_while(|name| name.starts_with(&below));
        names.filter_map(|name| self.read(name, topology)).min_by_key(|read| read.verdict as u8)
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Leaks a condition: facts live as long as the program, like those of the catalogue. A run reads at most a few
/// imported charts.
fn leak(switches: String) -> &'static str {
    if switches.is_empty() { "" } else { switches.leak() }
}
