//! Compares the findings about unused keys with the real charts: each key is changed, and the manifests are compared.
//!
//! `verdicts.tsv` records it for the last version of every major, in values as people write them (`baselines.yaml`):
//! every leaf of the chart's own file, every other key of the catalogue, misspelt ones and ones of other versions.
//! `tools/oracle` (perturb) writes it with the real charts. A change that changes no manifest is dead; that lint says
//! so, or not, makes its precision and its recall.
//!
//! `REDISGEN_MATRIX=full` looks at all of it, else at a slice; `--nocapture` shows the figures and every miss.
//! `REDISGEN_RECORD=FOLDER` takes `verdicts.tsv` and `baselines.yaml` from another folder: cases that no row was made
//! from. The number of cases is only asserted for the record in the repository.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{collections::BTreeMap, fmt};

use crate::support::record;
use rayon::prelude::*;
use record::{Case, Record};
use redisgen::{
    chart::Chart,
    lint::{Entry, Rule, Subject, rules},
    source::Origin,
    yaml::{Document, Map, Notes, Path, emit},
};

/// The rules about keys that the chart does not read.
const SAYING: [&str; 6] =
    ["dead-key", "metrics-label-key", "not-yet-known-key", "removed-key", "renamed-key", "unknown-key"];

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Lint reports the key, and the chart does not read it.
    Caught,
    /// Lint reports nothing, and the chart reads the key.
    Silent,
    /// Lint reports the key, but the chart reads it.
    FalseAlarm,
    /// Lint reports nothing, but the chart does not read the key.
    Missed,
    /// Of a change that makes the rendering fail nothing is known; one that only the text after an install shows
    /// counts as neither; of what the chart would take anyway lint does not ask whether it is read, and below `global`
    /// a parent chart may mean others.
    Aside,
}

#[test]
fn lint_says_what_the_chart_does() {
    let record = Record::read();
    let full = std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let cases: Vec<Case> = record.cases(full);
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
    let known = |case: &Case| charts[case.version].takes(case.key);
    let tally =
        |wanted: &dyn Fn(&Case) -> bool| Tally::of(cases.iter().zip(&outcomes).filter(|(case, _)| wanted(case)));
    let all = tally(&|_| true);
    println!("keys of the chart: {}", tally(&known));
    println!("other keys: {}", tally(&|case| !known(case)));
    println!("all: {all}");

    for version in record.versions() {
        println!("{version}: {}", tally(&|case| case.version == version));
    }

    let is_own = std::env::var_os("REDISGEN_RECORD").is_none();
    assert!(!is_own || all.caught > 7_500 && all.silent > 1_500, "too little was looked at: {all}");
    assert_eq!(all.alarms, 0, "keys that are read and that lint says are not");
    assert!(all.recall() >= 99.0 && tally(&known).recall() >= 98.0, "keys that are not read and lint is silent on");
}

/// How many cases came out how.
#[derive(Default)]
struct Tally {
    caught: usize,
    silent: usize,
    alarms: usize,
    missed: usize,
    aside: usize,
}

impl Tally {
    fn of<'a>(outcomes: impl Iterator<Item = (&'a Case<'a>, &'a Outcome)>) -> Self {
        let mut tally = Self::default();
        for (_, outcome) in outcomes {
            *match outcome {
                Outcome::Caught => &mut tally.caught,
                Outcome::Silent => &mut tally.silent,
                Outcome::FalseAlarm => &mut tally.alarms,
                Outcome::Missed => &mut tally.missed,
                Outcome::Aside => &mut tally.aside,
            } += 1;
        }
        tally
    }

    /// Of what lint calls unread, how much is, in percent.
    fn precision(&self) -> f64 {
        100.0 * self.caught as f64 / (self.caught + self.alarms).max(1) as f64
    }

    /// Of what is not read, how much lint calls so, in percent.
    fn recall(&self) -> f64 {
        100.0 * self.caught as f64 / (self.caught + self.missed).max(1) as f64
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caught, silent, alarms, missed, aside } = self;
        write!(f, "precision {:.3} %, recall {:.3} % ", self.precision(), self.recall())?;
        write!(f, "({caught} caught, {silent} silent, {alarms} false alarms, {missed} missed, {aside} aside)")
    }
}

fn judge(case: &Case, chart: &Chart) -> Outcome {
    let value = record::value(case.value);
    let path: Path = case.key.parse().unwrap();
    let is_default = chart.key(case.key).and_then(|key| key.default).is_some_and(|default| *default == value);
    let is_for_all_charts = path.starts_with(&Path::of(["global"])) && !chart.takes(case.key);
    if matches!(case.verdict, 'f' | 'n') || is_default || is_for_all_charts {
        return Outcome::Aside;
    }
    match (says_unread(case, &path, chart), case.verdict) {
        (true, 's') => Outcome::Caught,
        (false, 's') => Outcome::Missed,
        (true, 'c') => Outcome::FalseAlarm,
        (false, 'c') => Outcome::Silent,
        (_, other) => panic!("`{other}` is no verdict"),
    }
}

/// Whether lint reports the changed key, or a block around it, as unread.
fn says_unread(case: &Case, path: &Path, chart: &Chart) -> bool {
    let text = emit(&case.changed(), &Notes::new());
    let document = Document::parse(&text).unwrap();
    let subject = Subject::new(&document, Origin::default(), chart).unwrap();
    let rules = SAYING.iter().map(|id| -> &Rule { rules::named(id).unwrap() });
    let findings: Vec<_> = rules.flat_map(|rule| rule.check_values(&subject)).collect();
    let is_marked = |entry: &Entry| findings.iter().any(|finding| finding.marks[0].span == entry.key);
    let said = |path: &Path| subject.entries.iter().any(|entry| path.starts_with(&entry.path) && is_marked(entry));
    // A block can be reported child by child: those that the change set, not those of the baseline.
    let mut change = Map::new();
    change.insert_at(path, record::value(case.value)).unwrap();
    let is_set = |entry: &&Entry| entry.path != *path && change.get_at(&entry.path).is_some();
    let mut below = subject.entries.iter().filter(|entry| entry.path.starts_with(path)).filter(is_set).peekable();
    said(path) || below.peek().is_some() && below.all(|entry| said(&entry.path))
}
