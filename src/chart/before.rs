//! What a default does that came with a new key, and what of the newer chart does as the older one did.
//!
//! A new key mostly comes with a default that changes nothing; of the others, the rows tell.

use semver::Version;

use super::{Topology, pack};
use crate::{
    table::{Table, optional, table},
    yaml::{Path, Segment, Value},
};

const TABLE: Table<7> =
    table!("src/chart/data/before.tsv", ["key", "value", "topologies", "older", "before", "effect", "source"]);

/// What is known of the default of a new key.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDefault {
    /// What changes, in the middle of a sentence; none where nothing does.
    pub effect: Option<&'static str>,
    /// With which setting the newer chart does what the older one did.
    pub before: Option<(Path, Value)>,
}

/// What is known of a default at a key that charts before did not have; `from` is the older chart. None where nothing is
/// known of it.
pub fn new_default(path: &Path, default: &Value, topology: Topology, from: &Version) -> Option<NewDefault> {
    let text = path.to_string();
    TABLE.rows().find_map(|[key, value, topologies, older, before, effect, _]| {
        let rest = text.strip_suffix(key)?;
        let is_key = rest.is_empty() || rest.ends_with('.');
        let is_value = value == "*" || read(value).as_ref() == Some(default);
        let is_here = pack::topology_bits(topologies)? & topology.bit() != 0;
        let is_older = older == "-" || older.parse().is_ok_and(|older: Version| *from < older);
        if !(is_key && is_value && is_here && is_older) {
            return None;
        }
        Some(NewDefault { effect: optional(effect), before: setting(path, before) })
    })
}

/// `key=JSON` beside the key; `=JSON` for the map that it stands in.
fn setting(path: &Path, before: &'static str) -> Option<(Path, Value)> {
    let (key, value) = before.split_once('=')?;
    let mut at = path.parent()?;
    if !key.is_empty() {
        at.push(Segment::Key(key.to_owned()));
    }
    Some((at, read(value)?))
}

fn read(json: &str) -> Option<Value> {
    serde_json::from_str::<serde_json::Value>(json).ok().map(Value::from)
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
            let is_default = |default: &Value| value == "*" || read(value).as_ref() == Some(default);
            assert!(keys.any(|known| known.default.as_ref().is_some_and(is_default)), "{key}: {value}");
            assert!(pack::topology_bits(topologies).is_some() && !source.is_empty(), "{row:?}");
            assert!(older == "-" || Chart::at(&older.parse().unwrap()).is_some(), "{row:?}");
            assert!(before == "-" || setting(&"a.b".parse().unwrap(), before).is_some(), "{row:?}");
        }
        assert!(rows > 30, "{rows}");
    }
}
