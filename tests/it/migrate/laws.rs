//! What holds for every pair of versions: a slice of the majors always, all of them with `REDISGEN_MATRIX=full`.

use std::{collections::BTreeMap, env};

use redisgen::{
    chart::{self, Chart},
    diff::{self, Change, ChangedBy, Mode, SideValue},
    effective::EffectiveValues,
    profile::EMBEDDED,
    yaml::{Map, Notes, Value, emit, read_values},
};

use super::{charts, migrated, template};
use crate::support::{Helm, profiles::generated};

fn is_full() -> bool {
    env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

/// The last version of each major; in a slice some of them.
pub fn majors() -> Vec<Chart> {
    let mut last: BTreeMap<u64, Chart> = BTreeMap::new();
    for version in chart::version_numbers() {
        last.insert(version.major, Chart::at(&version).unwrap());
    }
    let full = is_full();
    let majors: Vec<u64> = last.keys().copied().collect();
    let wanted = |major: &u64| full || [0, 1, 3, 4, 8].contains(&majors.iter().position(|at| at == major).unwrap());
    let newest = majors.last().copied();
    last.into_iter().filter(|(major, _)| wanted(major) || Some(*major) == newest).map(|(_, chart)| chart).collect()
}

/// Why migrated values may differ from newly generated values. None if they must be equal.
fn explained(change: &Change, of_chart: &[String]) -> Option<&'static str> {
    let path = change.path.to_string();
    let with = |keys: &[&str]| keys.iter().any(|key| path == *key || path.starts_with(&format!("{key}.")));
    if of_chart.contains(&path) {
        return Some("a default that the chart changed, which the report tells and --keep-behaviour says");
    }
    if with(&[
        "sentinel.masterService",
        "sentinel.service",
        "rbac.create",
        "replica.automountServiceAccountToken",
        "kubectl.image",
    ]) {
        return Some("a Service that follows the primary, which the older chart cannot make, or makes by another key");
    }
    if with(&["global.security.allowInsecureImages"]) {
        return Some("a switch that the older chart needs for the frozen images, and the newer one does not");
    }
    if with(&["pdb", "replica.pdb", "master.pdb"]) {
        return Some("a disruption budget, whose API Kubernetes has removed in the older chart");
    }
    if with(&["replica.affinity", "replica.spreadConstraints", "replica.topologySpreadConstraints"]) {
        return Some("pods kept apart, by what the older chart takes and by the newer one's own means");
    }
    // Only the lines of modules, and all else word for word.
    let text = |said: &SideValue| said.value.as_ref().and_then(Value::as_str).map(str::to_owned);
    if let (Some(old), Some(new)) = (text(&change.old), text(&change.new)) {
        let others: Vec<&str> = new.lines().filter(|line| !line.starts_with("loadmodule ")).collect();
        if others == old.lines().collect::<Vec<_>>() && others.len() < new.lines().count() {
            return Some("modules that the newer chart loads, and a redis.conf that was written without them");
        }
    }
    None
}

/// Law 6: values that were generated for one version and carried to another mean there what those do that are generated
/// for it; what differs is explained, key by key.
#[test]
fn generated_values_mean_the_same_after_the_way() {
    let charts = majors();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut pairs, mut same) = (0, 0);
    for (profile, _) in EMBEDDED {
        for from in &charts {
            let old = generated(profile, from);
            let text = emit(&old, &Notes::new());
            for to in charts.iter().filter(|to| to.version() > from.version()) {
                pairs += 1;
                let carried = read_values(&migrated(&text, from, to).text).unwrap();
                let side = |values: &Map, chart: &Chart| EffectiveValues::of(values.clone(), chart);
                let under = diff::diff(&side(&old, from), &side(&carried, to), Mode::default());
                let of_chart = under.with_effect().filter(|change| change.changed_by == ChangedBy::Chart);
                let of_chart: Vec<_> = of_chart.map(|change| change.path.to_string()).collect();
                let anew = generated(profile, to);
                let found = diff::diff(&side(&carried, to), &side(&anew, to), Mode::default());
                same += usize::from(found.is_empty());
                for change in found.with_effect() {
                    let why = explained(change, &of_chart)
                        .unwrap_or_else(|| panic!("{profile}, {} to {}: {change:?}", from.version(), to.version()));
                    *reasons.entry(why).or_default() += 1;
                }
            }
        }
    }
    println!("{pairs} pairs, {same} the same in effect");
    for (why, count) in &reasons {
        println!("{count:5} keys: {why}");
    }
    assert!(same * 10 > pairs, "{same} of {pairs}");
}

/// The same, asked of Helm: where redisgen finds no difference in effect, the manifests are the same to the byte.
#[test]
fn helm_makes_the_same_manifests() {
    let Some((folder, scratch)) = charts("migrate") else { return };
    let charts = majors();
    let (mut renders, mut pairs) = (0, 0);
    for helm in Helm::both().into_iter().flatten() {
        for (profile, _) in EMBEDDED.iter().step_by(if is_full() { 1 } else { 9 }) {
            for from in &charts {
                let text = emit(&generated(profile, from), &Notes::new());
                for to in charts.iter().filter(|to| to.version() > from.version()) {
                    let carried = migrated(&text, from, to).text;
                    let side = |values: Map| EffectiveValues::of(values, to);
                    let anew = generated(profile, to);
                    let found = diff::diff(&side(read_values(&carried).unwrap()), &side(anew.clone()), Mode::default());
                    if !found.is_empty() {
                        continue;
                    }
                    pairs += 1;
                    let password = if to.takes("auth.password") { "auth.password=x" } else { "password=x" };
                    let render = |text: &str| {
                        let chart = folder.join(to.version().to_string()).join("redis");
                        template(&helm, &chart, &scratch, text, &["--set", password]).unwrap()
                    };
                    let (a, b) = (render(&carried), render(&emit(&anew, &Notes::new())));
                    renders += 2;
                    assert!(a == b, "helm {}, {profile}, {} to {}", helm.major, from.version(), to.version());
                }
            }
        }
    }
    println!("{pairs} pairs are the same with Helm, {renders} renders");
    assert!(pairs > 0);
}
