//! What we read, merge, set and write, held against the real Helm 3 and 4.
//!
//! `chart/` prints the values that Helm gives to its templates, and what Helm's own reader makes of any text. A Helm
//! that is not installed makes its trials ignored ones, each with the reason in its name.

#[path = "../../src/yaml/arbitrary.rs"]
mod arbitrary;
mod documents;
mod emitted;
mod layers;
mod oracle;
mod scalars;
mod sets;

use std::sync::Arc;

use libtest_mimic::Failed;
use redisgen::yaml::{Map, Value};

use oracle::Oracle;

use crate::{Check, support::Helm};

type Proof = fn(&Oracle) -> Result<(), Failed>;

const PROOFS: [(&str, Proof); 10] = [
    ("generated trees are read back equal", emitted::trees),
    ("nasty strings are read back equal, as values and as keys", emitted::strings),
    ("numbers and comments are read back equal", emitted::numbers_and_comments),
    ("plain scalars are typed alike", scalars::plain),
    ("documents are read alike", documents::read_alike),
    ("files of several documents are read alike", documents::several),
    ("`--set` is read alike", sets::set),
    ("`--set-string` is read alike", sets::set_string),
    ("`--set` with an empty key is read alike", sets::empty_keys),
    ("layers and nulls over a chart's defaults come out alike", layers::over_defaults),
];

pub fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    for helm in Helm::both() {
        let helm = helm.map(|helm| Arc::new(Oracle::new(helm)));
        for (name, proof) in PROOFS {
            checks.push(match &helm {
                Ok(oracle) => {
                    let oracle = Arc::clone(oracle);
                    Check::new(format!("Helm {}: {name}", oracle.major()), move || proof(&oracle))
                }
                Err(missing) => Check::missing(name, missing),
            });
        }
    }
    checks
}
