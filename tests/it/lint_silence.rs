//! What the chart hands on as it is, lint does not judge: children of open maps, values of keys that are empty by
//! default, and what stands below `global`. Held for the last version of every major, over all keys of the catalogue.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use redisgen::{
    chart::{self, Chart, Key, Topology, Type, Verdict},
    lint::{Diagnostic, Group, Subject, lint, rules},
    source::Origin,
    yaml::{Document, Map, Notes, Value, emit, read_values},
};

fn last_of_every_major() -> Vec<Chart> {
    let versions: Vec<_> = chart::version_numbers().collect();
    let last = versions
        .iter()
        .enumerate()
        .filter(|(at, version)| versions.get(at + 1).is_none_or(|next| next.major != version.major));
    last.map(|(_, version)| Chart::at(version).unwrap()).collect()
}

/// What the rules of the structure group say of a value at this path, in a file that says nothing else. That a block
/// is not read here, or only behind a switch, is for `lint_oracle` to hold; what breaks a rendering, for `fails.tsv`
/// and `schemas.tsv`.
fn said(chart: &Chart, path: &str, value: Value) -> Vec<Diagnostic> {
    let mut values = Map::new();
    values.insert_at(&path.parse().unwrap(), value).unwrap();
    let text = emit(&values, &Notes::new());
    let document = Document::parse(&text).unwrap();
    let subject = Subject::new(&document, Origin::default(), chart).unwrap();
    let read = |topology: Topology| chart.read(path, topology);
    let always = read(subject.topology).verdict == Verdict::Read && read(subject.topology).switches.is_empty();
    let structure = |found: &Diagnostic| {
        rules::named(found.rule).unwrap().group == Group::Structure && found.rule != "render-failure"
    };
    lint(&subject).into_iter().filter(|found| structure(found) && (always || found.rule != "dead-key")).collect()
}

/// Whether the schema, if there is one, lets it through.
fn is_let_through(chart: &Chart, path: &str, value: &Value) -> bool {
    chart.schema(path).is_none_or(|accepts| accepts.takes(value))
}

/// Children that no chart knows, that another place of the chart has, that earlier and later versions have.
fn children() -> Value {
    let text = "nonsense: x\nslave: {enabled: true}\ncluster: {slaveCount: 2}\nenabld: 7\na.b/c: 'yes'\n\
                master: [x, {y: z}]\nsentinel: {masterService: {enabled: false}}\nusePassword: true\n";
    Value::Map(read_values(text).unwrap())
}

fn items() -> Value {
    Value::from(vec![Value::from("x"), children()])
}

/// Whether Kubernetes takes a list there, where the chart has an empty map: what is judged is only which of both.
fn takes_items(path: &str) -> bool {
    let rows = include_str!("../../src/lint/shapes.tsv").lines().filter(|line| !line.starts_with('#'));
    let endings = rows.filter_map(|row| row.split('\t').next()).map(|ending| format!(".{ending}"));
    endings.into_iter().any(|ending| format!(".{path}").ends_with(&ending))
}

/// The findings without those about the types of values: Kubernetes refuses a boolean in many open maps.
fn keys_said(chart: &Chart, path: &str, value: Value) -> Vec<Diagnostic> {
    let mut found = said(chart, path, value);
    found.retain(|found| found.rule != "refused-by-kubernetes");
    found
}

#[test]
fn children_of_open_maps_are_not_judged() {
    let mut seen = 0;
    for chart in last_of_every_major() {
        for key in chart.keys().filter(|key| key.open) {
            let value = if takes_items(key.path) { items() } else { children() };
            if !is_let_through(&chart, key.path, &value) {
                continue;
            }
            let found = keys_said(&chart, key.path, value);
            assert!(found.is_empty(), "{} {}: {found:#?}", chart.version(), key.path);
            seen += 1;
        }
    }
    assert!(seen > 500, "only {seen} maps were looked at");
}

/// Possible values of a key with an empty default.
fn free(key: &Key) -> Vec<Value> {
    match (key.default, key.kind) {
        (Some(Value::Map(map)), Type::Map) if map.is_empty() && takes_items(key.path) => vec![items(), Value::Null],
        (Some(Value::Map(map)), Type::Map) if map.is_empty() => vec![children(), Value::Null],
        (Some(Value::List(list)), Type::List) if list.is_empty() => vec![items(), Value::Null],
        (Some(Value::Null), _) if takes_items(key.path) => vec![items()],
        (Some(Value::Null), _) => vec![children(), items(), Value::from("x"), Value::Int(7)],
        _ => Vec::new(),
    }
}

#[test]
fn what_is_empty_by_default_takes_what_it_is_given() {
    let mut seen = 0;
    for chart in last_of_every_major() {
        // The templates of 10.x name the only child of the empty `global.redis`.
        for key in chart.keys().filter(|key| key.declared && !(chart.has_below(key.path) && key.kind == Type::Map)) {
            for value in free(&key).into_iter().filter(|value| is_let_through(&chart, key.path, value)) {
                let found = keys_said(&chart, key.path, value);
                assert!(found.is_empty(), "{} {}: {found:#?}", chart.version(), key.path);
                seen += 1;
            }
        }
    }
    assert!(seen > 1_000, "only {seen} values were looked at");
}

/// All charts of an umbrella share it. A near miss of a key that this chart reads, and a key in its own block, are meant
/// for this chart.
#[test]
fn what_other_charts_may_read_below_global_is_not_judged() {
    for chart in last_of_every_major() {
        for path in ["global.nonsense", "global.postgresql.auth", "global.domain"] {
            for value in [Value::from("x"), children()] {
                let found = said(&chart, path, value);
                assert!(found.is_empty(), "{} {path}: {found:#?}", chart.version());
            }
        }
    }
}
