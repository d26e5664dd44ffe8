//! The possible values of keys whose value is not known: encrypted values, and placeholders that another tool fills.

use std::collections::BTreeMap;

use crate::{
    chart::{Chart, Setting, Topology, Type, condition},
    encryption, placeholder,
    yaml::{Map, Path, Segment, Value},
};

/// The number of combinations that are tried. They cover two keys of up to four possible values completely.
const TRIES: usize = 16;

/// The keys without a known value, with the possible values of each.
#[derive(Debug, Clone, Default)]
pub struct UnknownValues {
    values: BTreeMap<Path, Vec<Value>>,
    /// The keys that decide the topology. All their combinations are tried, because most keys depend on the topology.
    deciding: Vec<Path>,
}

impl UnknownValues {
    /// Collects the encrypted values and the placeholders of these layers.
    pub fn of<'v>(values: impl IntoIterator<Item = &'v Map>, chart: &Chart) -> Self {
        let mut encrypted = Self::default();
        // Most values are all known, and their paths are not needed.
        for map in values.into_iter().filter(|map| map.iter().any(|(_, value)| holds_unknown(value))) {
            encrypted.collect(map, &mut Path::root());
        }
        if encrypted.is_empty() {
            return encrypted;
        }
        let words = words(chart);
        for (path, values) in &mut encrypted.values {
            *values = possible_values(path, values.first(), chart, &words);
        }
        let places = Topology::ALL.into_iter().flat_map(|topology| chart.places(Setting::Topology, topology));
        let deciding = places.map(|place| place.path).chain(["sentinel.enabled"]);
        let deciding = deciding.filter_map(|text| text.parse().ok()).filter(|path| encrypted.values.contains_key(path));
        encrypted.deciding = deciding.collect();
        encrypted.deciding.sort_unstable();
        encrypted.deciding.dedup();
        encrypted
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn contains(&self, path: &Path) -> bool {
        self.values.contains_key(path)
    }

    /// Replaces the encrypted values by possible ones, once per combination.
    pub fn combinations<'s>(&'s self, values: &'s Map) -> impl Iterator<Item = Map> + 's {
        (0..TRIES).map(|number| {
            let mut values = values.clone();
            for (at, (path, possible_values)) in self.values.iter().enumerate() {
                let Some(value) = values.get_at_mut(path) else { continue };
                let choice = match self.deciding.iter().position(|deciding| deciding == path) {
                    Some(0) => number % 4,
                    Some(_) => number / 4,
                    // The choices are scattered, because two keys must not change in step.
                    None => (number + 1).wrapping_mul(2 * at + 1).wrapping_mul(0x9e37_79b9) >> 7,
                };
                if let Some(choice) = choice.checked_rem(possible_values.len()) {
                    *value = possible_values[choice].clone();
                }
            }
            values
        })
    }

    fn collect(&mut self, map: &Map, path: &mut Path) {
        for (key, value) in map.iter() {
            path.push(Segment::Key(key.to_owned()));
            self.value(value, path);
            path.pop();
        }
    }

    fn value(&mut self, value: &Value, path: &mut Path) {
        match value {
            Value::Map(map) => self.collect(map, path),
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    path.push(Segment::Index(at));
                    self.value(item, path);
                    path.pop();
                }
            }
            Value::String(text) if is_unknown(text) => {
                self.values.entry(path.clone()).or_default().push(value.clone());
            }
            _ => {}
        }
    }
}

fn holds_unknown(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.iter().any(|(_, value)| holds_unknown(value)),
        Value::List(items) => items.iter().any(holds_unknown),
        Value::String(text) => is_unknown(text),
        _ => false,
    }
}

/// Whether a text is encrypted, or a placeholder without a default.
fn is_unknown(text: &str) -> bool {
    encryption::of(text).is_some() || placeholder::of(text).is_some_and(|placeholder| placeholder.default.is_none())
}

/// The possible values of such a key, of the type that SOPS records or else of the type of the key.
fn possible_values(
    path: &Path,
    encrypted: Option<&Value>,
    chart: &Chart,
    words: &BTreeMap<String, Vec<String>>,
) -> Vec<Value> {
    let text = path.to_string();
    let sops_type = encrypted.and_then(Value::as_str).and_then(|text| text.trim_end_matches(']').rsplit_once(",type:"));
    let kind = match sops_type.map(|(_, kind)| kind) {
        Some("bool") => Type::Bool,
        Some("int") => Type::Int,
        Some("float") => Type::Float,
        Some("str") => Type::String,
        _ => chart.key(&text).map_or(Type::String, |key| key.kind),
    };
    // A user can encrypt a whole block as text.
    let block = match chart.key(&text).map(|key| key.kind) {
        Some(Type::Map) => Some(Value::Map(Map::new())),
        Some(Type::List) => Some(Value::from(vec!["supposed"])),
        _ => None,
    };
    let words_of_key = words.get(&text).cloned().unwrap_or_default();
    match kind {
        Type::Bool => vec![true.into(), false.into()],
        Type::Int | Type::Float => {
            let words_of_key = words_of_key.iter().filter_map(|word| word.parse().ok()).map(Value::Int);
            words_of_key.chain([Value::Int(1), Value::Int(3), Value::Int(100_003)]).collect()
        }
        // No tool encrypts an empty text.
        _ => {
            let texts = words_of_key.into_iter().map(Value::from).chain(["supposed", "or-supposed"].map(Value::from));
            block.into_iter().chain(texts).collect()
        }
    }
}

/// The words that a condition of the chart compares with a key, by key.
fn words(chart: &Chart) -> BTreeMap<String, Vec<String>> {
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |key: &str, word: &str| {
        let of_key = words.entry(key.to_owned()).or_default();
        let word = word.trim_end_matches('*').to_owned();
        if !word.is_empty() && !of_key.contains(&word) {
            of_key.push(word);
        }
    };
    for topology in Topology::ALL {
        for key in chart.keys() {
            for term in chart.read(key.path, topology).terms {
                if let condition::Term::OneOf { key, values } | condition::Term::NoneOf { key, values } = term {
                    values.iter().for_each(|word| add(key, word));
                }
            }
        }
        for place in chart.places(Setting::Topology, topology) {
            ["standalone", "replication"].iter().for_each(|word| add(place.path, word));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_values;

    #[test]
    fn an_encrypted_topology_can_be_any_topology() {
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        let text = "architecture: ENC[AES256_GCM,data:a,type:str]\nsentinel: {enabled: 'ENC[AES256_GCM,data:a,type:bool]'}\na: 1\n";
        let values = read_values(text).unwrap();
        let unknown = UnknownValues::of([&values], &chart);
        let supposed: Vec<_> = unknown.combinations(&values).collect();
        for (architecture, sentinel) in
            [("replication", true), ("replication", false), ("standalone", true), ("standalone", false)]
        {
            let is_it = |values: &Map| {
                values.get("architecture") == Some(&architecture.into())
                    && values.get_at(&Path::of(["sentinel", "enabled"])) == Some(&sentinel.into())
                    && values.get("a") == Some(&Value::Int(1))
            };
            assert!(supposed.iter().any(is_it), "{architecture} {sentinel}");
        }
        assert!(UnknownValues::of([&Map::new()], &chart).is_empty());
    }
}
