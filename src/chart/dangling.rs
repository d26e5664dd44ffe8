//! What the objects of a chart version name, and the same render does not make.
//!
//! It knows what was found by rendering; what values name themselves, as an account of theirs, is not among it.

use super::{
    Chart, Topology, catalogue,
    pack::{DanglingRow, Section},
};

/// A name that nothing in the render answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dangling {
    /// The kind of what is missing: `ServiceAccount`.
    pub missing: &'static str,
    /// What names it: the key of a workload, or a kind of object.
    pub by: &'static str,
    /// The values with which it is so, in the words of `dangling.tsv`; empty with any.
    pub condition: &'static str,
}

impl Chart {
    /// What the objects of this version name in this topology though nothing makes it. Source: `dangling.tsv`.
    pub fn dangling(&self, topology: Topology) -> Vec<Dangling> {
        let table = catalogue::table(Section::Dangling);
        let entries = table.entries().filter(|entry| entry.holds(self.position()));
        let rows = entries.map(|entry| (catalogue::names().name(entry.name), table.row::<DanglingRow>(entry)));
        rows.filter(|(_, row)| row.topologies & topology.bit() != 0)
            .map(|(missing, DanglingRow { by, topologies: _, condition })| Dangling { missing, by, condition })
            .collect()
    }
}
