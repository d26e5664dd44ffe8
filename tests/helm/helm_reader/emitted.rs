//! Law: what we write, Helm reads as the same tree.

use std::sync::LazyLock;

use libtest_mimic::Failed;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use redisgen::yaml::{Map, Notes, Path, Value, emit, scalar};

use super::{
    arbitrary::{self, NASTY},
    oracle::Oracle,
};

const TREES: usize = 4000;

/// The same trees for both Helms, made once.
static MADE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut runner = TestRunner::deterministic();
    let strategy = arbitrary::tree();
    let tree = |_| strategy.new_tree(&mut runner).expect("a tree").current();
    (0..TREES).map(tree).map(Value::Map).collect()
});

pub fn trees(oracle: &Oracle) -> Result<(), Failed> {
    let mut trees = MADE.clone();
    // Half of them in a list, half below keys, so that both kinds of indentation are in it.
    let below_keys = trees.split_off(TREES / 2);
    let below_keys: Map = below_keys.into_iter().enumerate().map(|(at, tree)| (format!("t{at}"), tree)).collect();
    let values = Map::from_iter([("list".to_owned(), Value::from(trees)), ("map".to_owned(), Value::Map(below_keys))]);
    reads_back(oracle, "trees.yaml", &values, &Notes::new())
}

pub fn strings(oracle: &Oracle) -> Result<(), Failed> {
    let texts = || {
        NASTY.iter().copied().chain(TURNS.iter().copied()).map(str::to_owned).chain([
            long(500),
            long(1023),
            long(1024),
            long(1025),
            long(5000),
        ])
    };
    let as_values: Vec<Value> = texts().map(Value::String).collect();
    let as_keys: Map = texts().enumerate().map(|(at, key)| (key, Value::Int(at as i64))).collect();
    let as_parents: Map =
        texts().map(|key| (key, Value::Map(Map::from_iter([("a".to_owned(), Value::from(vec!["b"]))])))).collect();
    let in_lists: Vec<Value> =
        texts().map(|key| Value::Map(Map::from_iter([(key.clone(), Value::String(key))]))).collect();
    let below: Map = texts().enumerate().map(|(at, text)| (format!("v{at}"), Value::String(text))).collect();
    let mut values = as_keys.clone();
    values.insert("as values", Value::from(as_values));
    values.insert("as keys", Value::Map(as_keys));
    values.insert("as parents", Value::Map(as_parents));
    values.insert("in lists", Value::from(in_lists));
    values.insert("below", Value::Map(below));
    reads_back(oracle, "strings.yaml", &values, &Notes::new())?;

    // What a template gets, on one line.
    let lines: Vec<String> = texts().map(|text| format!("- {}\n", scalar(&text))).collect();
    let file = oracle.file("lines.yaml", &format!("lines:\n{}", lines.concat()));
    same(
        &oracle.values(&["-f", &file])?,
        &Map::from_iter([("lines".to_owned(), Value::List(texts().map(Value::String).collect()))]),
    )
}

pub fn numbers_and_comments(oracle: &Oracle) -> Result<(), Failed> {
    let mut values = Map::new();
    let mut notes = Notes::new();
    notes.spaced = true;
    for (at, float) in [
        0.0,
        -0.0,
        0.1,
        -0.1,
        1.5,
        1e3,
        1e15,
        1e16,
        1e17,
        1e18,
        1e19,
        1e20,
        1e21,
        1e22,
        1.5e300,
        -1.5e300,
        5e-324,
        1e-7,
        1e-5,
        0.0001,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        f64::EPSILON,
        123_456_789.125,
        9_007_199_254_740_993.0,
    ]
    .into_iter()
    .enumerate()
    {
        values.insert(format!("float{at}"), Value::Float(float));
    }
    for (at, int) in [0, 1, -1, 8, 1_000_000, 12_345_678_901, (1 << 53) + 1, i64::MAX, i64::MIN].into_iter().enumerate()
    {
        values.insert(format!("int{at}"), Value::Int(int));
    }
    // No text gets out of its comment.
    for (at, text) in NASTY.iter().enumerate() {
        let key = format!("noted{at}");
        values.insert(
            key.clone(),
            Value::from(vec![Value::Int(1), Value::Map(Map::from_iter([("a".to_owned(), Value::Null)]))]),
        );
        notes.above(&Path::root(), &format!("{text}out: 1"));
        notes.above(&Path::of([key.clone()]), &format!("{text}out: 1"));
        notes.above(&Path::of([key.clone()]).index(1), &format!("out: 1{text}"));
        notes.above(&Path::of([key]).index(1).key("a"), &format!("{text}\n{text}out: 1"));
    }
    reads_back(oracle, "numbers.yaml", &values, &notes)
}

fn long(length: usize) -> String {
    "ab ".chars().cycle().take(length - 1).chain(['c']).collect()
}

/// Strings of several lines in more shapes.
const TURNS: &[&str] = &[
    "a\n\n\nb",
    "a\n\n\nb\n",
    "a\n  \nb",
    "a\n\t\nb",
    "maxmemory 1gb\nappendonly no\n",
    "#!/bin/sh\nset -e\necho \"$1\"\n",
    "if x; then\n  y\nfi",
    "a:\n  - b\n  - c\n",
    "{\n  \"a\": 1\n}\n",
    "a\n#\nb",
    "a\n\n# b",
    "a\n- b\n? c\n: d",
    "é\n中\n",
    "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n",
    "x\n    deep\n  less\nnone",
    "a\n\u{1f600}\n",
    "a\n'b\n\"c",
];

fn reads_back(oracle: &Oracle, name: &str, values: &Map, notes: &Notes) -> Result<(), Failed> {
    let file = oracle.file(name, &emit(values, notes));
    same(&oracle.values(&["-f", &file])?, values)
}

/// Compares entry by entry, so that a failure names the smallest part that differs.
pub fn same(helm: &Map, ours: &Map) -> Result<(), Failed> {
    fn differs(helm: Option<&Value>, ours: Option<&Value>, path: &Path) -> Option<String> {
        if helm == ours {
            return None;
        }
        let within = match (helm, ours) {
            (Some(Value::Map(helm)), Some(Value::Map(ours))) => {
                helm.keys().chain(ours.keys()).find_map(|key| differs(helm.get(key), ours.get(key), &path.key(key)))
            }
            (Some(Value::List(helm)), Some(Value::List(ours))) => {
                let at = (0..helm.len().max(ours.len())).find(|at| helm.get(*at) != ours.get(*at))?;
                differs(helm.get(at), ours.get(at), &path.index(at))
            }
            _ => None,
        };
        Some(within.unwrap_or_else(|| format!("at `{path}`\n  Helm: {helm:?}\n  ours: {ours:?}")))
    }
    match differs(Some(&Value::Map(helm.clone())), Some(&Value::Map(ours.clone())), &Path::root()) {
        None => Ok(()),
        Some(difference) => Err(difference.into()),
    }
}
