//! Laws over every profile and every chart version of the catalogue, without a Helm.
//!
//! The verdicts of the catalogue on which keys are read come from renders of the real chart (`tools/oracle`).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use crate::support::{keys, profiles};
use redisgen::{
    chart::{self, Chart, Setting},
    effective::EffectiveValues,
    intent::{Budget, Field, Intent, LayeredIntent, Origin},
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
                assert_ne!(values.get_at(&key.parse().unwrap()), default, "{at}: {key} repeats the default");
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

/// Where Kubernetes has removed the API of the budget, a preferred budget is left out, a requested one is warned of, and
/// one for a named version of Kubernetes is refused.
#[test]
fn a_budget_whose_api_is_gone_is_left_out_warned_of_or_refused() {
    let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
    let budgets = |plan: &plan::Plan| plan.decisions.iter().any(|decision| decision.setting == Setting::Budget);
    let warns = |plan: &plan::Plan, chart: &Chart| {
        plan.recommendations(chart, |_| true).iter().any(|answer| answer.is_warning && answer.rule == "api-gone")
    };
    let lay = |layer: Intent| {
        let mut options = profiles::options("ha").clone();
        options.lay(layer, &Origin::Flag);
        options
    };
    for version in ["10.7.4", "11.0.4", "13.0.2", "15.3.0"] {
        let chart = chart(version);
        let preferred = plan::resolve(profiles::options("ha"), None, &chart).unwrap();
        let yielded: Vec<_> = preferred.yielded.iter().map(|(field, _)| *field).collect();
        assert!(yielded.contains(&Field::DisruptionBudget) && !budgets(&preferred), "{version}: {yielded:?}");
        let budget = Intent { disruption_budget: Some(Budget::Pods(1)), ..Intent::default() };
        let requested = plan::resolve(&lay(budget.clone()), None, &chart).unwrap();
        assert!(budgets(&requested) && warns(&requested, &chart), "{version}");
        let today = Intent { kube_version: Some("1.34".into()), ..budget.clone() };
        let refusal = plan::resolve(&lay(today), None, &chart).unwrap_err();
        assert_eq!(refusal.options, [Field::DisruptionBudget, Field::KubeVersion], "{version}: {refusal}");
        let old = Intent { kube_version: Some("1.24".into()), ..budget };
        let old = plan::resolve(&lay(old), None, &chart).unwrap();
        assert!(budgets(&old) && !warns(&old, &chart), "{version}");
    }
    let newer = chart("15.3.1");
    let plan = plan::resolve(profiles::options("ha"), None, &newer).unwrap();
    assert!(budgets(&plan) && plan.yielded.is_empty());
    // This version creates an autoscaler in every release with replicas.
    let broken = chart("15.2.0");
    assert!(warns(&plan::resolve(profiles::options("ha"), None, &broken).unwrap(), &broken));
}

/// Where a chart version mounts the password file under another name than it reads, the plan uses no file.
#[test]
fn known_defects_are_avoided() {
    let of = |version: &str, intent: Intent| {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let mut options = LayeredIntent::default();
        options.lay(intent, &Origin::Flag);
        let plan = plan::resolve(&options, None, &chart).unwrap();
        values::render(&plan, &chart, &Map::new(), |_| false).values
    };
    let secret = Intent {
        existing_secret: Some("redis-auth".into()),
        existing_secret_key: Some("password-key".into()),
        ..Intent::default()
    };
    assert_eq!(of("20.10.0", secret.clone()).get_at_text("auth.usePasswordFiles"), Some(&false.into()));
    assert_eq!(of("20.11.3", secret.clone()).get_at_text("auth.usePasswordFiles"), None);
    let same = Intent { existing_secret_key: Some("redis-password".into()), ..secret };
    assert_eq!(of("20.10.0", same).get_at_text("auth.usePasswordFiles"), None);
    let metrics = Intent { metrics: Some(true), ..Intent::default() };
    assert!(of("18.11.0", metrics.clone()).get_at_text("networkPolicy.extraIngress").is_some());
    assert!(of("18.12.0", metrics).get_at_text("networkPolicy.extraIngress").is_none());
}
