//! References to objects that the same render does not create.
//!
//! The references were found by rendering the chart. References that the user's values add, for example to a service
//! account, are not included.

use std::sync::LazyLock;

use super::{
    Chart, Topology,
    catalogue::{self, Decoded},
    condition::{self, Term},
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
    /// The terms of `condition`.
    pub terms: &'static [Term<'static>],
}

impl Chart {
    /// References to missing objects in this version and topology. Source: `dangling.tsv`.
    pub fn dangling(&self, topology: Topology) -> &'static [MissingObject] {
        self.lists_of(topology).dangling.get_or_init(|| {
            let rows = ROWS.holding(catalogue::names().all(), self.position());
            rows.filter(|(topologies, _)| topologies & topology.bit() != 0).map(|(_, object)| *object).collect()
        })
    }
}

/// The references of all versions, each with the bits of its topologies.
static ROWS: LazyLock<Decoded<(u8, MissingObject)>> = LazyLock::new(|| {
    Decoded::new(Section::Dangling, |entry, table| {
        let DanglingRow { by, topologies, condition } = table.row(entry);
        let (missing, terms) = (catalogue::names().name(entry.name), condition::kept(condition));
        (topologies, MissingObject { missing, by, condition, terms })
    })
});
