//! Compares the impact of changes in a diff with the manifests of the real charts.
//!
//! The answers of the chart are those that lint is held against (`tests/data/lint_oracle`): what changing each key does to
//! the manifests, in values as people write them. A change that changes a manifest must be one that does something, and
//! any other must not; `MISSED.md` says where it is otherwise, and why.
//!
//! `REDISGEN_MATRIX=full` looks at all of it, else at a slice; `--nocapture` shows the figures and what is wrong.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{collections::BTreeMap, fmt};

use crate::support::record;
use rayon::prelude::*;
use record::{Case, Record};
use redisgen::{
    chart::{self, Chart, Verdict},
    diff::{self, Mode},
    effective::EffectiveValues,
    yaml::Map,
};

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// A manifest changes, and the diff reports an impact.
    Live,
    /// No manifest changes, and the diff reports no impact.
    Idle,
    /// The diff reports an impact, but no manifest changes.
    FalseAlarm,
    /// A manifest changes, but the diff reports no impact.
    Missed,
    /// Of a change that makes the rendering fail nothing is known; neither of a key that can only do that: where a
    /// manifest changes, another fails.
    Aside,
}

#[test]
fn a_change_is_live_where_it_changes_a_manifest() {
    let record = Record::read();
    let cases: Vec<Case> = record.cases(full());
    let charts: BTreeMap<&str, Chart> =
        record.versions().map(|version| (version, Chart::at(&version.parse().unwrap()).unwrap())).collect();
    let outcomes: Vec<Outcome> = cases.par_iter().map(|case| judge(case, &charts[case.version])).collect();

    let mut wrong = BTreeMap::<(Outcome, &str, &str), Vec<String>>::new();
    for (case, outcome) in cases.iter().zip(&outcomes) {
        if matches!(outcome, Outcome::FalseAlarm | Outcome::Missed) {
            let place = format!("{} {} {}", case.version, case.topology, case.baseline);
            wrong.entry((*outcome, case.key, case.value)).or_default().push(place);
        }
    }
    for ((outcome, key, value), places) in &wrong {
        println!("{outcome:?} {key}: {value} in {} ({})", places.len(), places.join(", "));
    }
    let tally = Tally::of(&outcomes);
    println!("{tally}");

    assert!(tally.live > 1_500 && tally.idle > 7_500, "too little was looked at: {tally}");
    assert_eq!(tally.missed, 0, "changes that do something, and the diff says nothing of them");
    assert!(tally.alarms * 100 < tally.idle, "changes that do nothing, and the diff says that they do");
}

/// A diff between two chart versions reports each key that the older chart reads.
#[test]
fn what_an_older_chart_reads_is_told_against_a_newer_one() {
    let record = Record::read();
    let newest = Chart::at(&chart::newest()).unwrap();
    let cases = record.cases(full()).into_iter().filter(|case| case.verdict == 'c');
    let cases = cases.filter(|case| case.version != newest.version().to_string());
    let cases: Vec<Case> = cases.step_by(if full() { 1 } else { 3 }).collect();
    let against = EffectiveValues::of(Map::new(), &newest);
    let told = |case: &Case, values: Map| {
        let side = EffectiveValues::of(values, &Chart::at(&case.version.parse().unwrap()).unwrap());
        diff::diff(&side, &against, Mode::default()).changes
    };
    // The cases of a baseline share the comparison without a changed key.
    let mut of_baselines = BTreeMap::<(&str, *const Map), Vec<&Case>>::new();
    for case in &cases {
        of_baselines.entry((case.version, std::ptr::from_ref(case.values))).or_default().push(case);
    }
    let of_baselines: Vec<Vec<&Case>> = of_baselines.into_values().collect();
    let forgotten: Vec<&Case> = of_baselines
        .par_iter()
        .flat_map_iter(|cases| {
            let unchanged = told(cases[0], cases[0].values.clone());
            cases.iter().copied().filter(move |case| told(case, case.changed()) == unchanged)
        })
        .collect();
    let mut keys = BTreeMap::<(&str, &str), usize>::new();
    for case in &forgotten {
        *keys.entry((case.key, case.value)).or_default() += 1;
    }
    println!("{} keys told, {} forgotten: {keys:?}", cases.len() - forgotten.len(), forgotten.len());
    assert!(cases.len() > 600, "only {} keys were looked at", cases.len());
    assert!(forgotten.is_empty(), "{keys:?}");
}

fn full() -> bool {
    std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

/// How many cases came out how.
#[derive(Default)]
struct Tally {
    live: usize,
    idle: usize,
    alarms: usize,
    missed: usize,
    aside: usize,
}

impl Tally {
    fn of(outcomes: &[Outcome]) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes {
            *match outcome {
                Outcome::Live => &mut tally.live,
                Outcome::Idle => &mut tally.idle,
                Outcome::FalseAlarm => &mut tally.alarms,
                Outcome::Missed => &mut tally.missed,
                Outcome::Aside => &mut tally.aside,
            } += 1;
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { live, idle, alarms, missed, aside } = self;
        write!(f, "{live} live, {idle} idle, {alarms} false alarms, {missed} missed, {aside} aside")
    }
}

fn judge(case: &Case, chart: &Chart) -> Outcome {
    let side = |values| EffectiveValues::of(values, chart);
    let found = diff::diff(&side(case.values.clone()), &side(case.changed()), Mode::default());
    let only_fails = chart.read(case.key, case.topology).verdict == Verdict::Error;
    match (found.is_empty(), case.verdict) {
        (_, 'f') => Outcome::Aside,
        (true, 'c') if only_fails => Outcome::Aside,
        (false, 'c') => Outcome::Live,
        (true, 'c') => Outcome::Missed,
        (true, 'n' | 's') => Outcome::Idle,
        (false, 'n' | 's') => Outcome::FalseAlarm,
        (_, other) => panic!("`{other}` is no verdict"),
    }
}
