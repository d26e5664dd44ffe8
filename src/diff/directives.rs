//! What a changed text of redis.conf does, by the directives that differ.

use std::collections::BTreeSet;

use super::SideValue;
use crate::{
    chart::{Chart, Effect, Effects, Setting, Topology},
    table::{Table, table},
    yaml::Value,
};

/// Directives with what a change of them does.
const DIRECTIVES: Table<3> = table!("src/diff/directives.tsv", ["directive", "effect", "source"]);

/// The settings whose keys hold texts of redis.conf.
const TEXTS: [Setting; 2] = [Setting::RedisConf, Setting::RedisConfPods];

/// What follows from the directives that differ, where both sides are, or could be, a text of redis.conf.
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

/// Names in lower case, with their arguments.
fn lines(said: &SideValue) -> BTreeSet<(String, &str)> {
    let text = said.value.as_ref().and_then(Value::as_str).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parted = lines.map(|line| line.split_once(char::is_whitespace).unwrap_or((line, "")));
    parted.map(|(name, arguments)| (name.to_ascii_lowercase(), arguments.trim())).collect()
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
    fn only_what_differs_counts() {
        let chart = Chart::at(&chart::newest()).unwrap();
        let said = |path: &str, text: &str| SideValue {
            path: path.parse::<Path>().unwrap(),
            value: Some(Value::from(text)),
            written: true,
        };
        let told = |path: &str, old: &str, new: &str| -> Vec<Effect> {
            effects(&chart, &said(path, old), &said(path, new)).iter().collect()
        };
        let key = "commonConfiguration";
        assert_eq!(told(key, "appendonly yes\nsave \"\"", "APPENDONLY   yes\n# why\nsave \"\""), []);
        assert_eq!(told(key, "appendonly yes", "appendonly no\nrequirepass x"), [Effect::Data, Effect::Password]);
        assert_eq!(told("master.configuration", "", "bind 0.0.0.0"), [Effect::Reach]);
        assert_eq!(told("nameOverride", "save 1", "save 2"), []);
    }
}
