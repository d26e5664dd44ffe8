//! References to objects that the same render does not create.
//!
//! The references were found by rendering the chart. References that the user's values add, for example to a service
//! account, are not included.

use super::{
    Chart, Topology, catalogue,
    pack::{DanglingRow, Section},
};

/// Reference to a missing object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingObject {
    /// Kind of the missing object: `ServiceAccount`.
    pub missing: &'static str,
    /// Referring object: the key of a workload, or the kind of an object.
    pub by: &'static str,
    /// Condition of the reference, in the syntax of `dangling.tsv`. Empty if the reference always exists.
    pub condition: &'static str,
}

impl Chart {
    /// References to missing objects in this version and topology. Source: `dangling.tsv`.
    pub fn dangling(&self, topology: Topology) -> Vec<MissingObject> {
        let table = catalogue::table(Section::Dangling);
        let entries = table.entries().filter(|entry| entry.holds(self.position()));
        let rows = entries.map(|entry| (catalogue::names().name(entry.name), table.row::<DanglingRow>(entry)));
        rows.filter(|(_, row)| row.topologies & topology.bit() != 0)
            .map(|(missing, DanglingRow { by, topologies: _, condition })| MissingObject { missing, by, condition })
            .collect()
    }
}
