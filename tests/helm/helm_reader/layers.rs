//! Law: several `-f` over a chart's defaults come out as Helm brings them out, nulls and clashes included.

use libtest_mimic::Failed;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use redisgen::yaml::{List, Map, Notes, Value, emit, merge};

use super::{emitted::same, oracle::Oracle};

const CHARTS: usize = 24;

pub fn over_defaults(oracle: &Oracle) -> Result<(), Failed> {
    let mut runner = TestRunner::deterministic();
    for at in 0..CHARTS {
        let mut layer = || layer().new_tree(&mut runner).map(|tree| tree.current()).map_err(|why| why.to_string());
        let (defaults, layers) = (layer()?, [layer()?, layer()?, layer()?]);
        let chart = oracle.chart(&format!("layers{at}"), &emit(&defaults, &Notes::new()));
        let mut args = Vec::new();
        let mut values = Map::new();
        for (number, layer) in layers.into_iter().enumerate() {
            args.push("-f".to_owned());
            args.push(oracle.file(&format!("layer{at}-{number}.yaml"), &emit(&layer, &Notes::new())));
            merge::merge_into(&mut values, layer);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let helm = oracle.values_of(&chart, &args)?;
        same(&helm, &merge::effective_values_for(oracle.which(), values, &defaults))?;
    }
    Ok(())
}

/// Many entries of few names, so that layers meet: nulls, scalars, lists and maps below the same key.
fn layer() -> BoxedStrategy<Map> {
    let leaf = prop_oneof![
        4 => Just(Value::Null),
        2 => (0..5_i64).prop_map(Value::Int),
        1 => Just(Value::from("x")),
        1 => Just(Value::Map(Map::new())),
        1 => Just(Value::List(List::default())),
        1 => Just(Value::from(vec![Value::Null, Value::Map(Map::from_iter([("a".to_owned(), Value::Null)]))])),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        proptest::collection::vec(("[a-d]", inner), 0..4).prop_map(|entries| Value::Map(entries.into_iter().collect()))
    });
    proptest::collection::vec(("[a-f][a-f]", value), 0..40).prop_map(Map::from_iter).boxed()
}
