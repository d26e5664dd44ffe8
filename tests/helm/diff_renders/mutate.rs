//! Changes as people and programs make them to values.

use redisgen::{
    chart::{Chart, Key},
    diff::{Mode, diff},
    effective::EffectiveValues,
    yaml::{Map, Path, Value},
};

/// What was done.
pub struct Mutation {
    pub kind: &'static str,
    /// Which key was meant.
    pub what: String,
    pub values: Map,
}

/// In the order in which they are done.
pub const KINDS: [&str; 12] = [
    "write anew",
    "drop a default",
    "add a default",
    "add an unknown key",
    "change a live leaf",
    "change a dead leaf",
    "null a key",
    "null a written key",
    "empty a map",
    "turn a list",
    "say a fallback",
    "say it by another key",
];

/// Numbers that look thrown, and are the same in each run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, sides: usize) -> usize {
        // Knuth, MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    /// Some of these, each once.
    fn some<T: Clone>(&mut self, all: &[T], count: usize) -> Vec<T> {
        let mut left: Vec<T> = all.to_vec();
        let take = |_| left.swap_remove(self.below(left.len()));
        (0..count.min(all.len())).map(take).collect()
    }
}

/// The values with a password of their own: one that is made up would be another in each rendering.
pub fn with_password(values: &Map, chart: &Chart) -> Map {
    let mut values = values.clone();
    let own = ["auth.password", "password"].into_iter().find(|path| chart.takes(path)).unwrap();
    let path = own.parse().unwrap();
    if values.get_at(&path).is_none_or(|said| matches!(said, Value::Null) || said.as_str() == Some("")) {
        // What is in the way makes the password another's.
        let _ = values.insert_at(&path, Value::from("battery-staple"));
    }
    values
}

/// Some changes of each kind.
pub fn all(values: &Map, chart: &Chart, dice: &mut Dice) -> Vec<Mutation> {
    let keys: Vec<Key> =
        chart.keys().filter(|key| key.declared && key.default.is_some() && !is_password(key.path)).collect();
    let mut found = vec![Mutation { kind: KINDS[0], what: String::new(), values: turned(values) }];
    let mut push = |kind: &'static str, what: String, values: Option<Map>| {
        found.extend(values.map(|values| Mutation { kind, what, values }));
    };
    let (mut written, mut maps) = (Vec::new(), Vec::new());
    paths(values, &Path::root(), &mut written, &mut maps);
    written.retain(|path| !is_password(&path.to_string()));

    let defaults: Vec<Path> = written
        .iter()
        .filter(|path| chart.key(&path.to_string()).and_then(|key| key.default) == values.get_at(path))
        .cloned()
        .collect();
    for path in dice.some(&defaults, 2) {
        let mut values = values.clone();
        values.remove_at(&path);
        push(KINDS[1], path.to_string(), Some(values));
    }
    let unsaid: Vec<&Key> = keys.iter().filter(|key| values.get_at_text(key.path).is_none() && !key.text).collect();
    for key in dice.some(&unsaid, 2) {
        push(KINDS[2], key.path.to_owned(), with(values, key.path, key.default.cloned().unwrap()));
    }
    for path in ["nonsense", "master.nonsense.deep", "auth.nonsense"] {
        push(KINDS[3], path.to_owned(), with(values, path, Value::from("x")));
    }
    // Each kind of leaf until there are enough.
    let side = |values: &Map| EffectiveValues::of(values.clone(), chart);
    let old = side(values);
    let (mut live, mut dead) = (0, 0);
    for key in dice.some(&keys, 40) {
        let said = values.get_at_text(key.path).or(key.default).cloned().unwrap();
        let Some(changed) = other(&said).and_then(|value| with(values, key.path, value)) else { continue };
        let is_dead = diff(&old, &side(&changed), Mode::default()).is_empty();
        let (kind, count) = if is_dead { (KINDS[5], &mut dead) } else { (KINDS[4], &mut live) };
        *count += 1;
        if *count <= 3 {
            push(kind, key.path.to_owned(), Some(changed));
        }
    }
    for key in dice.some(&keys, 3) {
        push(KINDS[6], key.path.to_owned(), with(values, key.path, Value::Null));
    }
    for path in dice.some(&written, 2) {
        push(KINDS[7], path.to_string(), with(values, &path.to_string(), Value::Null));
    }
    let topology = diff(&old, &old, Mode::default()).new.topology;
    let fallbacks: Vec<(&str, Value)> = chart
        .fallbacks(topology)
        .iter()
        .filter(|(path, _)| values.get_at_text(path).is_none() && !is_password(path))
        .flat_map(|(path, of_key)| of_key.iter().map(move |value| (*path, value.clone())))
        .collect();
    for (path, value) in dice.some(&fallbacks, 3) {
        // What has another default is compared with no value at all.
        let base = chart.key(path).and_then(|key| key.default);
        if base.is_none_or(|default| matches!(default, Value::Null) || default.as_str() == Some("")) {
            push(KINDS[10], path.to_owned(), with(values, path, value));
        }
    }
    for slot in chart.slots(topology) {
        let order: Vec<&str> = slot.order().collect();
        let of = |path: &str| values.get_at_text(path).or_else(|| chart.key(path)?.default).cloned();
        let said =
            order.iter().find_map(|path| of(path).filter(|value| value.as_str().is_some_and(|text| !text.is_empty())));
        if let Some(said) = said.filter(|_| values.get_at_text(order[0]).is_none()) {
            push(KINDS[11], slot.path.to_owned(), with(values, order[0], said));
        }
    }
    for path in dice.some(&maps, 1) {
        push(KINDS[8], path.to_string(), with(values, &path.to_string(), Value::Map(Map::new())));
    }
    let lists: Vec<Path> = written.into_iter().filter(|path| turned_list(values.get_at(path)).is_some()).collect();
    for path in dice.some(&lists, 1) {
        push(
            KINDS[9],
            path.to_string(),
            turned_list(values.get_at(&path)).and_then(|list| with(values, &path.to_string(), list)),
        );
    }
    found
}

fn is_password(path: &str) -> bool {
    path.ends_with("password")
}

/// None where something is in the way.
fn with(values: &Map, path: &str, value: Value) -> Option<Map> {
    let mut values = values.clone();
    values.insert_at(&path.parse().unwrap(), value).ok()?;
    Some(values)
}

/// The leaves, and the maps that have some.
fn paths(map: &Map, above: &Path, leaves: &mut Vec<Path>, maps: &mut Vec<Path>) {
    for (key, value) in map.iter() {
        let path = above.key(key);
        match value {
            Value::Map(below) if !below.is_empty() => {
                paths(below, &path, leaves, maps);
                maps.push(path);
            }
            _ => leaves.push(path),
        }
    }
}

/// The same with all keys in the other order.
fn turned(map: &Map) -> Map {
    let entries: Vec<_> = map.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let below = |value| match value {
        Value::Map(map) => Value::Map(turned(&map)),
        value => value,
    };
    entries.into_iter().rev().map(|(key, value)| (key, below(value))).collect()
}

fn turned_list(value: Option<&Value>) -> Option<Value> {
    let items = value?.as_list()?;
    let turned: Vec<Value> = items.iter().rev().cloned().collect();
    (turned != items).then_some(Value::from(turned))
}

/// Another value of the same kind, as little another as can be; none where the chart would take few.
fn other(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(on) => Some(Value::Bool(!on)),
        Value::Int(number) => Some(Value::Int(number + 1)),
        Value::String(text) if text.is_empty() => Some(Value::from("changed")),
        Value::String(text) => Some(Value::String(format!("{text}1"))),
        Value::List(items) if items.is_empty() => Some(Value::from(vec![Value::Map(entry("name"))])),
        Value::Map(map) if map.is_empty() => Some(Value::Map(entry("changed"))),
        _ => None,
    }
}

fn entry(key: &str) -> Map {
    [(key.to_owned(), Value::from("x"))].into_iter().collect()
}
