//! Files made of real keys of real versions, with what people add to them.

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use redisgen::{
    chart::{Chart, Type, version_numbers},
    source::Hints,
    yaml::{Map, Notes, Path, Value, emit},
};

use super::{carried, migrated};

/// A value of the type of a key, or of another one.
fn value(kind: Type) -> BoxedStrategy<Value> {
    let right = match kind {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Int | Type::Float => (0_i64..70_000).prop_map(Value::from).boxed(),
        Type::List => prop::collection::vec("[a-z]{1,4}".prop_map(Value::from), 0..3).prop_map(Value::from).boxed(),
        Type::Map => prop::collection::vec(("[a-z./]{1,6}", "[a-z]{0,4}".prop_map(Value::from)), 0..3)
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
            .boxed(),
        Type::String | Type::Null => "[ -~]{0,8}".prop_map(Value::from).boxed(),
    };
    prop_oneof![8 => right, 1 => Just(Value::Null), 1 => "[a-z\n#:]{0,9}".prop_map(Value::from)].boxed()
}

/// Keys of one version, some of another, and some of none.
fn file() -> impl Strategy<Value = (String, usize, usize)> {
    let versions: Vec<_> = version_numbers().collect();
    let count = versions.len();
    let charts = (0..count, 0..count, 0..count);
    charts.prop_flat_map(move |(from, to, other)| {
        let mut keys: Vec<(String, Type)> = Vec::new();
        for (at, every) in [(from, 1), (other, 9)] {
            let chart = Chart::at(&versions[at]).unwrap();
            let mut own: Vec<_> = chart.keys().map(|key| (key.path.to_owned(), key.kind)).collect();
            own.sort_by(|(a, _), (b, _)| a.cmp(b));
            keys.extend(own.into_iter().step_by(every));
        }
        let chosen = prop::sample::subsequence(keys, 0..24);
        let valued = chosen
            .prop_flat_map(|keys| keys.into_iter().map(|(path, kind)| (Just(path), value(kind))).collect::<Vec<_>>());
        (valued, prop::collection::vec("[a-z]{1,5}(\\.[a-z]{1,5}){0,2}", 0..3), any::<bool>()).prop_map(
            move |(keys, strange, commented)| {
                let mut values = Map::new();
                for (path, value) in keys {
                    drop(values.insert_at(&path.parse().unwrap(), value));
                }
                for path in strange {
                    drop(values.insert_at(&path.parse().unwrap(), Value::from(true)));
                }
                (text(&values, commented), from, to)
            },
        )
    })
}

fn text(values: &Map, commented: bool) -> String {
    let mut notes = Notes::new();
    if commented {
        for key in values.keys() {
            notes.above(&Path::of([key]), &format!("about {key}"));
        }
    }
    emit(values, &notes)
}

/// Checks a migration: no panic, the result has the expected values, each value has an outcome, and a second migration
/// changes nothing.
#[test]
fn any_file_of_real_keys_is_carried() {
    // The same files each time: what fails once must fail again.
    let runs = std::env::var("REDISGEN_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(200);
    let config = Config { cases: runs, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let versions: Vec<_> = version_numbers().collect();
    let elsewhere = std::cell::Cell::new(0);
    let test = |(text, from, to): (String, usize, usize)| {
        migrated(&text, &Chart::at(&versions[from]).unwrap(), &Chart::at(&versions[to]).unwrap());
        let known = Hints { version: Some(versions[from].to_string().parse().unwrap()), ..Hints::default() };
        // A whole file takes longer than its values: the fuzzer asks it of each.
        if text.len().is_multiple_of(8) {
            elsewhere.set(elsewhere.get() + carried::elsewhere(&text, &known, &Chart::at(&versions[to]).unwrap()));
        }
        Ok(())
    };
    runner.run(&file(), test).unwrap();
    println!("{} files with values in other places", elsewhere.get());
    assert!(elsewhere.get() > usize::try_from(runs / 40).unwrap(), "{}", elsewhere.get());
}
