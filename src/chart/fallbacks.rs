//! Defaults that the templates use for keys without a value, and keys that set the same thing.

use std::sync::LazyLock;

use semver::Version;

use super::{Chart, Topology};
use crate::{
    lazy::LazyRows,
    table::{Table, optional, parsed, table},
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

fn row([path, topologies, since, until, cell]: [&'static str; 5]) -> Result<Row, String> {
    let until = optional(until).map(parsed).transpose()?;
    Ok(Row { path, topologies, since: parsed(since)?, until, cell })
}

/// Row with its parsed values.
type Fallback = (Row, Vec<Value>);

fn fallback(cells: [&'static str; 5]) -> Result<Fallback, String> {
    let row = row(cells)?;
    let mut values = read_values(&format!("a: {}", row.cell)).map_err(|error| format!("`{}`: {error}", row.cell))?;
    match values.remove("a") {
        Some(Value::List(values)) => Ok((row, values.into_vec())),
        _ => Err(format!("`{}` is no list", row.cell)),
    }
}

static ALL_FALLBACKS: LazyLock<LazyRows<5, Fallback>> = LazyLock::new(|| LazyRows::new(FALLBACKS, fallback));

static ALL_SLOTS: LazyLock<Vec<Row>> = LazyLock::new(|| SLOTS.read(row));

impl Chart {
    /// Whether the chart renders the same with this value of a key as without a value. Source: `fallbacks.tsv`,
    /// measured by rendering.
    pub fn falls_back_to(&self, path: &str, topology: Topology, value: &Value) -> bool {
        let mut rows = ALL_FALLBACKS.named(path).peekable();
        if rows.peek().is_none() {
            return false;
        }
        let version = self.measured_version();
        let mut holding = rows.filter(|(row, _)| row.holds(&version, topology));
        holding.any(|(_, values)| values.contains(value))
    }

    /// Values with which the chart renders the same as without a value, for each key.
    pub fn fallbacks(&self, topology: Topology) -> &'static [(&'static str, &'static [Value])] {
        self.lists_of(topology).fallbacks.get_or_init(|| {
            let version = self.measured_version();
            let rows = ALL_FALLBACKS.such(|_| true).filter(|(row, _)| row.holds(&version, topology));
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
        for (table, parsed) in [(FALLBACKS, FALLBACKS.read(row)), (SLOTS, SLOTS.read(row))] {
            let lines = table.rows().count();
            assert!(parsed.len() == lines && lines > 10, "{lines}");
            assert!(parsed.is_sorted_by(|a, b| (a.path, &a.since) <= (b.path, &b.since)));
            assert!(parsed.iter().all(|row| known.contains(&row.path)));
        }
        let slots = ALL_SLOTS.iter().flat_map(|row| row.cell.split(','));
        slots.for_each(|path| assert!(known.contains(&path), "{path}"));
        assert_eq!(ALL_FALLBACKS.such(|_| true).count(), FALLBACKS.len());
    }
}
