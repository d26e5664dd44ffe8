//! The effects of a changed `redis.conf` text, by the directives that differ.

use std::collections::BTreeSet;

use super::SideValue;
use crate::{
    chart::{Chart, Effect, Effects, Setting, Topology},
    table::{Table, table},
    yaml::Value,
};

/// Directives with the effect of a change.
const DIRECTIVES: Table<3> = table!("src/diff/directives.tsv", ["directive", "effect", "source"]);

/// The settings whose keys hold texts of redis.conf.
const TEXTS: [Setting; 2] = [Setting::RedisConf, Setting::RedisConfPods];

/// The effects of the directives that differ, if the key holds a `redis.conf` text.
pub(super) fn effects(chart: &Chart, old: &SideValue, new: &SideValue) -> Effects {
    let path = new.path.to_string();
    let is_text = |topology: Topology| {
        TEXTS.into_iter().flat_map(|setting| chart.places(setting, topology)).any(|place| place.path == path)
    };
    if !Topology::ALL.into_iter().any(is_text) {
        return Effects::default();
    }
    let (old, new) = (lines(old), lines(new));
    old.symmetric_difference(&new).filter_map(|(name, _)| effect(name)).collect()
}

/// The directives of a text: names in lower case, with their arguments.
fn lines(side: &SideValue) -> BTreeSet<(String, &str)> {
    let text = side.value.as_ref().and_then(Value::as_str).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let directives = lines.map(|line| line.split_once(char::is_whitespace).unwrap_or((line, "")));
    directives.map(|(name, arguments)| (name.to_ascii_lowercase(), arguments.trim())).collect()
}

fn effect(directive: &str) -> Option<Effect> {
    let [_, named, _] = DIRECTIVES.row(directive)?;
    Effect::ALL.into_iter().find(|effect| effect.to_string() == named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart, yaml::Path};

    #[test]
    fn each_row_names_an_effect_once() {
        let names: BTreeSet<_> = DIRECTIVES.rows().map(|[name, ..]| name).collect();
        assert_eq!(names.len(), DIRECTIVES.rows().count());
        for name in names {
            assert!(effect(name).is_some(), "{name}");
        }
    }

    #[test]
    fn only_changed_directives_have_effects() {
        let chart = Chart::at(&chart::newest()).unwrap();
        let side = |path: &str, text: &str| SideValue {
            path: path.parse::<Path>().unwrap(),
            value: Some(Value::from(text)),
            written: true,
        };
        let effects_of = |path: &str, old: &str, new: &str| -> Vec<Effect> {
            effects(&chart, &side(path, old), &side(path, new)).iter().collect()
        };
        let key = "commonConfiguration";
        assert_eq!(effects_of(key, "appendonly yes\nsave \"\"", "APPENDONLY   yes\n# why\nsave \"\""), []);
        assert_eq!(effects_of(key, "appendonly yes", "appendonly no\nrequirepass x"), [Effect::Data, Effect::Password]);
        assert_eq!(effects_of("master.configuration", "", "bind 0.0.0.0"), [Effect::Reach]);
        assert_eq!(effects_of("nameOverride", "save 1", "save 2"), []);
    }
}
