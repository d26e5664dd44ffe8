//! An effective diff is empty exactly where the real chart renders the same: real Helm, both majors, over what the
//! profiles write and over real values files, each with changes as people and programs make them.
//!
//! The charts are not here. `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each (`tools/oracle` says
//! how it is filled); without it, or without a Helm, the tests are ignored. `REDISGEN_MATRIX=full` takes all of it,
//! else a slice; `REDISGEN_VALUES` is a folder with files of other people. `FOUND.md` has the figures, and explains
//! where both disagree.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

mod mutate;
mod render;

use std::{
    collections::BTreeMap,
    env,
    fmt::Write,
    path::{Path as File, PathBuf},
    sync::{Mutex, PoisonError},
};

use libtest_mimic::Failed;
use mutate::{Dice, KINDS, Mutation};
use rayon::prelude::*;
use redisgen::{
    chart::{self, Chart},
    diff::{self, Mode},
    effective::EffectiveValues,
    source::Hints,
    yaml::{self, Map},
};
use semver::Version;
use crate::{
    Check,
    support::{Helm, compared, profiles},
};

/// What two comparisons of the same pair came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Nothing differs, and the same is rendered.
    Same,
    /// Something differs, and something else is rendered.
    Differ,
    /// Something differs, and the same is rendered.
    Alarm,
    /// Nothing differs, and something else is rendered.
    Missed,
    /// One of both is not rendered.
    Refused,
}

/// Values that a change is made in.
struct Base {
    name: String,
    chart: Chart,
    values: Map,
    /// The file that they stand in, where it is theirs alone.
    text: Option<String>,
}

/// One Helm after the other: each takes all cores.
static TURN: Mutex<()> = Mutex::new(());

pub fn checks() -> Vec<Check> {
    let charts = env::var_os("REDISGEN_CHARTS").map(PathBuf::from);
    let checks = Helm::both().into_iter().zip([3, 4]).map(|(helm, major)| {
        let name = format!("a_diff_is_empty_where_helm_{major}_renders_the_same");
        let ignored = charts.is_none() || helm.is_err();
        let charts = charts.clone();
        let check = move || {
            let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
            hold(&helm.unwrap(), &charts.unwrap())
        };
        Check::new(name, check).ignored_if(ignored)
    });
    checks.collect()
}

fn full() -> bool {
    env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

/// The last version of each major, and in full those at which keys have changed.
fn versions() -> Vec<Version> {
    let all: Vec<Version> = chart::version_numbers().collect();
    let mut chosen = vec![chart::oldest(), chart::newest()];
    for pair in all.windows(2) {
        if pair[0].major != pair[1].major {
            chosen.push(pair[0].clone());
        }
        if full() && chart::changes(&pair[0], &pair[1]).iter().any(|change| change.version == pair[1]) {
            chosen.push(pair[1].clone());
        }
    }
    chosen.sort();
    chosen.dedup();
    if full() { chosen } else { chosen.into_iter().step_by(4).collect() }
}

const PROFILES: [&str; 5] = ["production", "dev", "store", "aws-internal", "cache"];

fn bases() -> Vec<Base> {
    let mut bases = Vec::new();
    for (turn, version) in versions().into_iter().enumerate() {
        let chart = Chart::at(&version).unwrap();
        let named = PROFILES.iter().cycle().skip(turn).take(if full() { PROFILES.len() } else { 1 });
        for profile in named {
            let values = profiles::generated(profile, &chart);
            bases.push(Base { name: format!("{profile} {version}"), chart: chart.clone(), values, text: None });
        }
    }
    let ours = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus");
    let mut texts = compared::texts(&ours);
    texts.extend(env::var_os("REDISGEN_VALUES").into_iter().flat_map(|folder| compared::texts(File::new(&folder))));
    for (name, text) in texts {
        for side in compared::sides(&text, &Hints::default()) {
            let alone = yaml::read_values(&text).ok().as_ref() == Some(&side.written);
            let text = alone.then(|| text.clone());
            bases.push(Base {
                name: format!("{name} {}", side.chart.version()),
                chart: side.chart,
                values: side.written,
                text,
            });
        }
    }
    bases
}

type Found = BTreeMap<(Outcome, &'static str), Vec<String>>;

fn hold(helm: &Helm, charts: &File) -> Result<(), Failed> {
    let found: Vec<Found> =
        bases().par_iter().enumerate().map(|(seed, base)| look(base, seed as u64, helm, charts)).collect();
    let mut all = Found::new();
    for (key, told) in found.into_iter().flatten() {
        all.entry(key).or_default().extend(told);
    }
    println!("Helm {}", helm.major);
    for kind in KINDS {
        let mut line = format!("{kind:>24}:");
        for outcome in [Outcome::Same, Outcome::Differ, Outcome::Alarm, Outcome::Missed, Outcome::Refused] {
            write!(line, " {} {outcome:?}", all.get(&(outcome, kind)).map_or(0, Vec::len))?;
        }
        println!("{line}");
    }
    let of = |outcome: Outcome| all.iter().filter(move |((one, _), _)| *one == outcome).flat_map(|(_, told)| told);
    for outcome in [Outcome::Alarm, Outcome::Missed] {
        of(outcome).for_each(|told| println!("{outcome:?} {told}"));
    }
    let [same, differ, alarms, missed] =
        [Outcome::Same, Outcome::Differ, Outcome::Alarm, Outcome::Missed].map(|outcome| of(outcome).count());
    println!("{same} the same, {differ} differ, {alarms} false alarms, {missed} missed");
    if missed > 0 {
        return Err(format!("{missed} changes that render something else, and the diff is empty").into());
    }
    if same < 100 || differ < 50 || alarms * 10 > same + differ {
        return Err(format!("{same} the same, {differ} differ, {alarms} false alarms").into());
    }
    Ok(())
}

/// All changes of one base.
fn look(base: &Base, seed: u64, helm: &Helm, charts: &File) -> Found {
    let folder = charts.join(base.chart.version().to_string()).join("redis");
    let render = |text: &str| render::template(helm, &folder, text);
    let ground = Mode { helm: if helm.major == 3 { yaml::Helm::Three } else { yaml::Helm::Four }, raw: false };
    let values = mutate::with_password(&base.values, &base.chart);
    let written = |values: &Map| yaml::emit(values, &yaml::Notes::new());
    let text = base.text.clone().filter(|_| values == base.values).unwrap_or_else(|| written(&values));
    let mut found = Found::new();
    let Some(rendered) = render(&text) else {
        found.entry((Outcome::Refused, KINDS[0])).or_default().push(base.name.clone());
        return found;
    };
    // What is made up at each rendering tells nothing.
    let made_up = render(&text).as_ref() != Some(&rendered);
    let side = |values: &Map| EffectiveValues::of(values.clone(), &base.chart);
    let old = side(&values);
    for Mutation { kind, what, values } in mutate::all(&values, &base.chart, &mut Dice::new(seed)) {
        if made_up {
            found.entry((Outcome::Refused, kind)).or_default().push(base.name.clone());
            continue;
        }
        let empty = diff::diff(&old, &side(&values), ground).is_empty();
        let outcome = match render(&written(&values)) {
            None => Outcome::Refused,
            Some(other) => match (empty, other == rendered) {
                (true, true) => Outcome::Same,
                (false, false) => Outcome::Differ,
                (false, true) => Outcome::Alarm,
                (true, false) => Outcome::Missed,
            },
        };
        found.entry((outcome, kind)).or_default().push(format!("{}: {kind} {what}", base.name));
    }
    found
}
