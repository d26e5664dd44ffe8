//! Law: a plain scalar has the type that Helm gives to it, as a value and as a key.

use libtest_mimic::Failed;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{arbitrary::NASTY, documents::disagreements, oracle::Oracle};

const SCALARS: usize = 3000;

/// Letters of which numbers, booleans and their near misses are made.
const SHAPES: [&str; 6] = [
    "[-+]?[0-9_]{1,6}",
    "[-+]?0[xXoObB]?[-+0-9a-fA-F_]{0,6}",
    "[-+]?[0-9_]{0,4}\\.[0-9_]{0,4}([eE][-+]?[0-9_]{0,3})?",
    "[-+]?[0-9]{1,20}([eE][-+]?[0-9]{1,4})?",
    "[0-9]{1,4}[-:][0-9]{1,2}[-:][0-9]{1,2}([tT ][0-9:.]{1,8}Z?)?",
    "[yYnNoOeEsStTrRuUfFaAlL~.i]{1,5}",
];

pub fn plain(oracle: &Oracle) -> Result<(), Failed> {
    let mut runner = TestRunner::deterministic();
    let mut scalars: Vec<String> = NASTY.iter().map(|&text| text.to_owned()).collect();
    for shape in SHAPES {
        let shape = proptest::string::string_regex(shape).map_err(|why| why.to_string())?;
        for _ in 0..SCALARS / SHAPES.len() {
            scalars.push(shape.new_tree(&mut runner).map_err(|why| why.to_string())?.current());
        }
    }
    let texts: Vec<String> = scalars
        .iter()
        .flat_map(|scalar| [format!("v: {scalar}\n"), format!("m:\n  {scalar}: 1\n"), format!("m: [{scalar}, a]\n")])
        .collect();
    disagreements(oracle, "scalars.yaml", &texts)
}
