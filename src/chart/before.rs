//! Effect of the defaults that newer chart versions add with their new keys, and the settings that keep the older
//! behaviour.
//!
//! Most new keys have a default that changes nothing. The table has the defaults of new keys that were looked at.

use std::sync::LazyLock;

use semver::Version;

use super::{Topology, pack};
use crate::{
    table::{Table, optional, parsed, table},
    yaml::{Path, Segment, Value},
};

const TABLE: Table<7> =
    table!("src/chart/data/before.tsv", ["key", "value", "topologies", "older", "before", "effect", "source"]);

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.read(Row::read));

/// A row of the table, decoded.
struct Row {
    /// End of the path.
    key: &'static str,
    /// `None` for any default.
    value: Option<Value>,
    topologies: u8,
    /// `None` for any older version.
    older: Option<Version>,
    before: &'static str,
    effect: Option<&'static str>,
}

impl Row {
    fn read([key, value, topologies, older, before, effect, _]: [&'static str; 7]) -> Result<Self, String> {
        Ok(Self {
            key,
            value: (value != "*").then(|| parse_json(value)).transpose()?,
            topologies: pack::topologies(topologies)?,
            older: optional(older).map(parsed).transpose()?,
            before,
            effect: optional(effect),
        })
    }

    fn is_about(&self, path: &str, default: &Value, topology: Topology, from: &Version) -> bool {
        path.strip_suffix(self.key).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            && self.value.as_ref().is_none_or(|value| value == default)
            && self.topologies & topology.bit() != 0
            && self.older.as_ref().is_none_or(|older| from < older)
    }
}

/// Effect of the default of a new key.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDefault {
    /// The change, for the middle of a sentence. `None` if the default changes nothing.
    pub effect: Option<&'static str>,
    /// Setting with which the newer chart behaves like the older one.
    pub before: Option<(Path, Value)>,
}

/// Effect of the default of a key that older charts do not have. `from` is the older chart version. `None` if the
/// effect is not known.
pub fn new_default(path: &Path, default: &Value, topology: Topology, from: &Version) -> Option<NewDefault> {
    let text = path.to_string();
    let row = ROWS.iter().find(|row| row.is_about(&text, default, topology, from))?;
    Some(NewDefault { effect: row.effect, before: setting(path, row.before) })
}

/// Parses `key=JSON` for a sibling of the key at `path`, or `=JSON` for the parent of that key.
fn setting(path: &Path, before: &'static str) -> Option<(Path, Value)> {
    let (key, value) = before.split_once('=')?;
    let mut at = path.parent()?;
    if !key.is_empty() {
        at.push(Segment::Key(key.to_owned()));
    }
    Some((at, parse_json(value).ok()?))
}

fn parse_json(json: &str) -> Result<Value, String> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| format!("`{json}`: {error}"))?;
    Ok(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Chart, newest};

    fn of(path: &str, default: Value, topology: Topology, from: &str) -> Option<NewDefault> {
        new_default(&path.parse().unwrap(), &default, topology, &from.parse().unwrap())
    }

    #[test]
    fn a_default_is_known_by_the_end_of_its_key() {
        let egress =
            of("networkPolicy.allowExternalEgress", Value::from(true), Topology::Replication, "17.0.0").unwrap();
        let path: Path = "networkPolicy.allowExternalEgress".parse().unwrap();
        assert_eq!(egress.before, Some((path, Value::from(false))));
        assert!(egress.effect.is_some());
        let alone = of("networkPolicy.allowExternalEgress", Value::from(true), Topology::Standalone, "17.0.0").unwrap();
        assert_eq!(alone.effect, None);
        let links = of("replica.enableServiceLinks", Value::from(true), Topology::Sentinel, "18.0.0").unwrap();
        assert_eq!((links.effect, links.before), (None, None));
        let profile = of(
            "master.containerSecurityContext.seccompProfile.type",
            Value::from("RuntimeDefault"),
            Topology::Standalone,
            "13.0.2",
        );
        let at: Path = "master.containerSecurityContext.seccompProfile".parse().unwrap();
        assert_eq!(profile.unwrap().before, Some((at, Value::Null)));
        assert_eq!(of("master.automountServiceAccountToken", Value::from(false), Topology::Standalone, "18.7.0"), None);
    }

    #[test]
    fn every_row_is_about_a_key_of_the_newest_chart() {
        let chart = Chart::at(&newest()).unwrap();
        let mut rows = 0;
        for row in TABLE.rows() {
            let [key, value, topologies, older, before, _, source] = row;
            rows += 1;
            let mut keys = chart.keys().filter(|known| known.path == key || known.path.ends_with(&format!(".{key}")));
            let is_default = |default: &Value| value == "*" || parse_json(value).as_ref() == Ok(default);
            assert!(keys.any(|known| known.default.is_some_and(is_default)), "{key}: {value}");
            assert!(pack::topologies(topologies).is_ok() && !source.is_empty(), "{row:?}");
            assert!(older == "-" || Chart::at(&older.parse().unwrap()).is_some(), "{row:?}");
            assert!(before == "-" || setting(&"a.b".parse().unwrap(), before).is_some(), "{row:?}");
        }
        assert!(rows > 30, "{rows}");
    }
}
