//! Defaults that the templates use for keys without a value, and keys that set the same thing.

use std::{collections::HashMap, sync::LazyLock};

use semver::Version;

use super::{Chart, Topology};
use crate::{
    table::{Table, optional, table},
    yaml::{Value, read_values},
};

const FALLBACKS: Table<5> = table!("src/chart/data/fallbacks.tsv", ["path", "topologies", "since", "until", "values"]);

const SLOTS: Table<5> = table!("src/chart/data/slots.tsv", ["path", "topologies", "since", "until", "order"]);

/// Group of keys that set the same thing. The first key with a non-empty value has precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrecedenceGroup {
    /// Key under which the group was measured; one of the keys in `order`.
    pub path: &'static str,
    /// Keys in order of precedence, separated by `,`.
    order: &'static str,
}

impl PrecedenceGroup {
    /// Keys in order of precedence.
    pub fn order(self) -> impl Iterator<Item = &'static str> {
        self.order.split(',')
    }
}

/// Row of either table.
struct Row {
    path: &'static str,
    topologies: &'static str,
    since: Version,
    /// First version without the row. `None` if it applies to the newest version.
    until: Option<Version>,
    cell: &'static str,
}

impl Row {
    fn holds(&self, version: &Version, topology: Topology) -> bool {
        let letter = match topology {
            Topology::Standalone => 's',
            Topology::Replication => 'r',
            Topology::Sentinel => 'n',
        };
        self.topologies.contains(letter)
            && self.since <= *version
            && self.until.as_ref().is_none_or(|until| version < until)
    }
}

fn rows(table: Table<5>) -> Vec<Row> {
    table.read(|[path, topologies, since, until, cell]| {
        let version = |text: &str| text.parse().map_err(|error: semver::Error| format!("`{text}`: {error}"));
        let until = optional(until).map(version).transpose()?;
        Ok(Row { path, topologies, since: version(since)?, until, cell })
    })
}

/// Row with its parsed values.
type Fallback = (Row, Vec<Value>);

static OF_KEYS: LazyLock<HashMap<&str, Vec<Fallback>>> = LazyLock::new(|| {
    let mut of_keys: HashMap<&str, Vec<Fallback>> = HashMap::new();
    for row in rows(FALLBACKS) {
        let values = read_values(&format!("a: {}", row.cell)).ok();
        let values = values.and_then(|mut values| values.remove("a"));
        if let Some(Value::List(values)) = values {
            of_keys.entry(row.path).or_default().push((row, values.into_vec()));
        }
    }
    of_keys
});

/// All rows, sorted by key.
fn rows_in_order() -> impl Iterator<Item = &'static Fallback> {
    let mut all: Vec<_> = OF_KEYS.values().flatten().collect();
    all.sort_by_key(|(row, _)| row.path);
    all.into_iter()
}

static ALL_SLOTS: LazyLock<Vec<Row>> = LazyLock::new(|| rows(SLOTS));

impl Chart {
    /// Whether the chart renders the same with this value of a key as without a value. Source: `fallbacks.tsv`,
    /// measured by rendering.
    pub fn falls_back_to(&self, path: &str, topology: Topology, value: &Value) -> bool {
        let Some(rows) = OF_KEYS.get(path) else { return false };
        let version = self.measured_version();
        let mut holding = rows.iter().filter(|(row, _)| row.holds(&version, topology));
        holding.any(|(_, values)| values.contains(value))
    }

    /// Values with which the chart renders the same as without a value, for each key.
    pub fn fallbacks(&self, topology: Topology) -> &'static [(&'static str, &'static [Value])] {
        self.lists_of(topology).fallbacks.get_or_init(|| {
            let version = self.measured_version();
            let rows = rows_in_order().filter(|(row, _)| row.holds(&version, topology));
            rows.map(|(row, values)| (row.path, values.as_slice())).collect()
        })
    }

    /// Groups of keys that set the same thing. Source: `slots.tsv`, measured by rendering.
    pub fn slots(&self, topology: Topology) -> &'static [PrecedenceGroup] {
        self.lists_of(topology).slots.get_or_init(|| {
            let version = self.measured_version();
            let holding = ALL_SLOTS.iter().filter(|row| row.holds(&version, topology));
            holding.map(|row| PrecedenceGroup { path: row.path, order: row.cell }).collect()
        })
    }

    /// Version that was measured for the facts of this chart.
    fn measured_version(&self) -> Version {
        super::release::facts_of(self.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::key_paths;

    fn chart(version: &str) -> Chart {
        Chart::at(&version.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_templates_have_words_of_their_own() {
        let is =
            |version: &str, path: &str, value: Value| chart(version).falls_back_to(path, Topology::Replication, &value);
        assert!(is("21.2.13", "auth.existingSecretPasswordKey", Value::from("redis-password")));
        assert!(!is("21.2.13", "auth.existingSecretPasswordKey", Value::from("other")));
        assert!(is("10.7.11", "existingSecretPasswordKey", Value::from("redis-password")));
        assert!(is("10.7.11", "networkPolicy.allowExternal", Value::Bool(false)));
        assert!(!is("10.7.11", "networkPolicy.allowExternal", Value::Bool(true)));
    }

    #[test]
    fn one_key_stands_for_another() {
        let order = |version: &str, path: &str| {
            let slots = chart(version).slots(Topology::Replication);
            let slot = slots.iter().find(|slot| slot.path == path);
            slot.map(|slot| slot.order().collect::<Vec<_>>()).unwrap_or_default()
        };
        assert_eq!(order("23.1.1", "image.registry"), ["global.imageRegistry", "image.registry"]);
        assert_eq!(
            order("13.0.2", "slave.persistence.storageClass"),
            ["global.storageClass", "slave.persistence.storageClass"]
        );
        assert_eq!(order("23.1.1", "auth.password"), ["global.redis.password", "auth.password"]);
    }

    #[test]
    fn each_row_is_read() {
        let known = key_paths();
        for (table, parsed) in [(FALLBACKS, rows(FALLBACKS)), (SLOTS, rows(SLOTS))] {
            let lines = table.rows().count();
            assert!(parsed.len() == lines && lines > 10, "{lines}");
            assert!(parsed.is_sorted_by(|a, b| (a.path, &a.since) <= (b.path, &b.since)));
            assert!(parsed.iter().all(|row| known.contains(&row.path)));
        }
        let slots = ALL_SLOTS.iter().flat_map(|row| row.cell.split(','));
        slots.for_each(|path| assert!(known.contains(&path), "{path}"));
        assert_eq!(OF_KEYS.values().flatten().count(), rows(FALLBACKS).len());
    }
}
