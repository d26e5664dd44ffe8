//! What was measured of a chart on the spot: what it makes of each key, in the words of `reads.tsv`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Read, Topology, Verdict};

/// What an imported chart makes of its keys, by topology. What it does not name was not measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measured {
    keys: BTreeMap<String, [MeasuredRead; 3]>,
}

/// What the chart does with a key in one topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MeasuredRead(Verdict, &'static str);

impl<'de> Deserialize<'de> for MeasuredRead {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (verdict, switches) = <(Verdict, String)>::deserialize(from)?;
        Ok(Self(verdict, keep(switches)))
    }
}

impl MeasuredRead {
    pub fn new(verdict: Verdict, switches: &str) -> Self {
        Self(verdict, keep(switches.to_owned()))
    }
}

impl Measured {
    /// The topologies in the order of [`Topology::ALL`].
    pub fn new(keys: BTreeMap<String, [MeasuredRead; 3]>) -> Self {
        Self { keys }
    }

    pub fn read(&self, path: &str, topology: Topology) -> Option<Read> {
        let at = Topology::ALL.iter().position(|one| *one == topology)?;
        let MeasuredRead(verdict, switches) = self.keys.get(path)?[at];
        Some(Read { verdict, switches })
    }

    /// The best that happens to a key below this path.
    pub fn best_below(&self, path: &str, topology: Topology) -> Option<Read> {
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

/// Facts live as long as the program, as those of the catalogue do: it reads one imported chart or two.
fn keep(switches: String) -> &'static str {
    if switches.is_empty() { "" } else { switches.leak() }
}
