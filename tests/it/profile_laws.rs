//! Laws over every profile and every chart version of the catalogue, without a Helm.
//!
//! The verdicts of the catalogue on which keys are read come from renders of the real chart (`tools/oracle`).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use crate::support::{keys, profiles};
use redisgen::{
    chart::{self, Chart},
    effective::EffectiveValues,
    migrate, plan,
    profile::EMBEDDED,
    values,
    yaml::{self, Map, Notes, merge::Layers},
};

/// Checks every profile with every version: no option is refused, the chart reads every key in this topology, every value
/// differs from its default, no known failure applies, and the written values are read back.
///
/// Values that are those of the version before are not asked again, unless facts about the chart change.
/// `REDISGEN_MATRIX=full` asks them at every version.
#[test]
fn profiles_hold_for_every_version() {
    let full = std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let edges = profiles::edges();
    let mut seen = 0;
    for (name, _) in EMBEDDED {
        let options = profiles::options(name);
        let mut before = Map::new();
        for release in chart::versions() {
            let chart = Chart::at(&release.version).unwrap();
            let at = format!("{name} on {}", release.version);
            let plan = plan::resolve(options, None, &chart).unwrap_or_else(|refusal| panic!("{at}: {refusal}"));
            let values = values::render(&plan, &chart, &Map::new(), |_| false).values;
            if !full && values == before && !edges.contains(&release.version) {
                continue;
            }
            assert_eq!(keys::unread(&values, &chart, plan.topology), None, "{at}, {}", plan.topology);
            for key in keys::keys(&values, &chart) {
                seen += 1;
                let default = chart.key(&key).and_then(|key| key.default);
                assert_ne!(values.get_at(&key.parse().unwrap()), default.as_ref(), "{at}: {key} repeats the default");
            }
            let effective = EffectiveValues::new(values.clone(), Layers::default(), &chart);
            assert_eq!(migrate::incompatibilities(&effective), [], "{at}");
            let text = yaml::emit(&values, &Notes::new());
            assert_eq!(
                yaml::read_values(&text).unwrap_or_else(|error| panic!("{at}: {error}\n{text}")),
                values,
                "{at}"
            );
            before = values;
        }
    }
    assert!(seen > 50_000, "only {seen} keys were looked at");
}
