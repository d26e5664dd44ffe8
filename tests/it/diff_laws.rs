//! Laws of the diff, without a Helm: nothing differs from itself, both directions tell the same, and the change list
//! makes the one into the other.
//!
//! They are asked of every profile at every version (a slice of them, unless `REDISGEN_MATRIX=full`), of real values
//! files (`tests/data/corpus`, and those in the folder that `REDISGEN_VALUES` names), and of random edits.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::path::Path as File;

use proptest::{prelude::*, test_runner::RngSeed};
use rayon::prelude::*;
use redisgen::{
    chart::{self, Chart},
    diff::{Mode, diff_files},
    effective::EffectiveValues,
    profile::EMBEDDED,
    source::{self, Hints},
    yaml::{List, Map, Notes, Path, Segment, Value, emit, merge},
};
use semver::Version;

use crate::support::{compared, embedded, profiles, written};
use compared::{GROUNDS, charts, compared, files_compared, sides, texts};
use written::Written;

fn at(version: &Version) -> Chart {
    Chart::at(version).unwrap()
}

fn generated(profile: &str, chart: &Chart) -> EffectiveValues {
    EffectiveValues::of(profiles::generated(profile, chart), chart)
}

/// What does not hold for two sides, in a way to compare that is another from turn to turn.
fn broken(what: &str, turn: usize, old: &EffectiveValues, new: &EffectiveValues) -> Option<String> {
    let ground = GROUNDS[turn % GROUNDS.len()];
    compared(old, new, ground).err().map(|why| format!("{what}, {ground:?}: {why}"))
}

fn hold(broken: &[String], looks: usize, least: usize) {
    println!("{looks} pairs compared");
    assert!(broken.is_empty(), "{} in all\n{}", broken.len(), broken[..broken.len().min(5)].join("\n"));
    assert!(looks >= least, "only {looks} pairs were compared");
}

/// A profile against the defaults, the next profile, and itself at other versions: the one before, an older and the
/// newest.
#[test]
fn the_laws_hold_for_every_profile() {
    let versions: Vec<Version> = chart::version_numbers().collect();
    let full = std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let step = if full { 1 } else { 83 };
    let turns: Vec<(usize, usize)> = (0..EMBEDDED.len())
        .flat_map(|profile| (0..versions.len()).map(move |version| (profile, version)))
        .filter(|(profile, version)| (profile * 7 + version) % step == 0)
        .collect();
    let found: Vec<(usize, Vec<String>)> = turns
        .par_iter()
        .map(|(profile, version)| {
            let chart = at(&versions[*version]);
            let name = EMBEDDED[*profile].0;
            let new = generated(name, &chart);
            let other = EMBEDDED[(profile + version) % EMBEDDED.len()].0;
            let mut against = vec![
                ("the defaults".to_owned(), EffectiveValues::of(Map::new(), &chart)),
                (other.to_owned(), generated(other, &chart)),
            ];
            for before in [version.saturating_sub(1), version / 2, versions.len() - 1] {
                against.push((format!("itself at {}", versions[before]), generated(name, &at(&versions[before]))));
            }
            let told = |(turn, (what, old)): (usize, &(String, EffectiveValues))| {
                broken(&format!("{name} at {} and {what}", new.chart.version()), version + turn, old, &new)
            };
            (against.len(), against.iter().enumerate().filter_map(told).collect())
        })
        .collect();
    let looks = found.iter().map(|(looks, _)| looks).sum();
    let broken: Vec<String> = found.into_iter().flat_map(|(_, broken)| broken).collect();
    hold(&broken, looks, 900);
}

/// A file against the defaults, against the same values at other versions, and against all other files.
fn hold_for_files(folder: &File, least: usize) {
    let known = Hints::default();
    let held: Vec<(String, EffectiveValues)> = texts(folder)
        .into_iter()
        .flat_map(|(name, text)| sides(&text, &known).into_iter().map(move |side| (name.clone(), side)))
        .collect();
    let newest = at(&chart::newest());
    let others = ["10.5.6", "13.0.2", "14.8.11", "18.19.4"].map(|version| at(&version.parse().unwrap()));
    let found: Vec<(usize, Vec<String>)> = held
        .par_iter()
        .enumerate()
        .map(|(number, (name, side))| {
            let moved = |chart: &Chart| side.for_chart(chart);
            let mut against = vec![("the defaults".to_owned(), EffectiveValues::of(Map::new(), &side.chart))];
            for chart in others.iter().chain([&newest]) {
                against.push((format!("itself at {}", chart.version()), moved(chart)));
            }
            against.extend(held[number + 1..].iter().cloned());
            let told = |(turn, (what, new)): (usize, &(String, EffectiveValues))| {
                broken(&format!("{name} and {what}"), number + turn, side, new)
            };
            (against.len(), against.iter().enumerate().filter_map(told).collect())
        })
        .collect();
    let looks = found.iter().map(|(looks, _)| looks).sum();
    let broken: Vec<String> = found.into_iter().flat_map(|(_, broken)| broken).collect();
    hold(&broken, looks, least);
}

#[test]
fn the_laws_hold_for_files_of_ours() {
    hold_for_files(&File::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus"), 50);
}

#[test]
fn the_laws_hold_for_files_of_others() {
    match std::env::var_os("REDISGEN_VALUES") {
        Some(folder) => hold_for_files(File::new(&folder), 200),
        None => println!("REDISGEN_VALUES is not set"),
    }
}

/// A change of values: its path, or a path next to it, and its kind.
type Edit = (u16, u8, u8);

/// All paths of values, the maps too.
fn paths(map: &Map, above: &Path, found: &mut Vec<Path>) {
    for (key, value) in map.iter() {
        let path = above.key(key);
        if let Value::Map(below) = value {
            paths(below, &path, found);
        }
        found.push(path);
    }
}

/// Keys that are hard to write down.
const ODD_KEYS: [&str; 9] = ["a.b", "a[0]", "", "x\\y", "ä ö", "\"\"", "enabled", "service", "a\nb"];

fn odd(which: u8) -> Value {
    let deep =
        (0..40).fold(Value::from("deep"), |below, _| Value::Map([("d".to_owned(), below)].into_iter().collect()));
    let entry = |value: Value| {
        Value::Map([(ODD_KEYS[usize::from(which) % ODD_KEYS.len()].to_owned(), value)].into_iter().collect())
    };
    match which % 14 {
        0 => Value::Null,
        1 => Value::Map(Map::new()),
        2 => Value::List(List::default()),
        3 => Value::from(""),
        4 => Value::Bool(which.is_multiple_of(4)),
        5 => Value::Int(i64::from(which)),
        6 => Value::Float(0.5),
        7 => Value::from("text"),
        8 => Value::from(vec!["one", "two"]),
        9 => entry(Value::Null),
        10 => entry(Value::Map(Map::new())),
        11 => entry(Value::from("text")),
        12 => deep,
        _ => Value::from(vec![entry(Value::Int(1)), Value::Null]),
    }
}

/// The values after some edits.
fn edited(values: &Map, chart: &Chart, edits: &[Edit]) -> Map {
    let mut values = values.clone();
    for (which, what, value) in edits {
        let mut all = Vec::new();
        paths(&values, &Path::root(), &mut all);
        let key = |at: usize| chart::key_paths()[at % chart::key_paths().len()].parse::<Path>().unwrap();
        let own = |at: usize| if all.is_empty() { key(at) } else { all[at % all.len()].clone() };
        let at = usize::from(*which);
        // What is in the way of another key stays.
        let mut put = |path: Path, value: Value| drop(values.insert_at(&path, value));
        match what % 8 {
            0 => drop(values.remove_at(&own(at))),
            1 | 2 => put(own(at), odd(*value)),
            3 => put(key(at), odd(*value)),
            4 => put(key(at).parent().filter(|above| !above.is_root()).unwrap_or_else(|| key(at)), odd(*value)),
            5 => put(
                key(at),
                chart.key(&key(at).to_string()).and_then(|key| key.default).cloned().unwrap_or(Value::Null),
            ),
            6 => put(own(at).key(ODD_KEYS[usize::from(*value) % ODD_KEYS.len()]), odd(value.rotate_left(4))),
            _ => {
                let mut path = own(at);
                path.pop();
                path.push(Segment::Key(ODD_KEYS[usize::from(*value) % ODD_KEYS.len()].to_owned()));
                put(path, odd(value.rotate_left(4)));
            }
        }
    }
    values
}

proptest! {
    // The same values each time.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_laws_hold_for_random_edits(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        version in any::<Option<u16>>(),
        edits in proptest::collection::vec(any::<Edit>(), 0..8),
        around in proptest::collection::vec(any::<Edit>(), 0..3),
        raw in any::<bool>(),
    ) {
        let written = Written::of(&bytes);
        let known = written.known();
        // A text without readable values counts as empty values.
        let nothing = || EffectiveValues::of(Map::new(), &at(&chart::newest()));
        let old = sides(&written.text, &known).into_iter().next().unwrap_or_else(nothing);
        let mut siblings = old.other_layers.clone();
        merge::merge_into(&mut siblings.under, edited(&Map::new(), &old.chart, &around));
        let old = old.with(old.written.clone(), siblings, &old.chart);
        let chart = version.map_or_else(|| old.chart.clone(), any_chart);
        let new = old.with(edited(&old.written, &chart, &edits), old.other_layers.clone(), &chart);
        if let Err(why) = compared(&old, &new, Mode { helm: known.helm, raw }) {
            let (old_chart, new_chart) = (old.chart.version(), new.chart.version());
            prop_assert!(false, "{old_chart} and {new_chart}: {why}\n{:?}\n{:?}", old.written, new.written);
        }
    }
}

/// Values in a manifest or in a parent chart are no difference from the same in a file of their own, and are compared
/// with others by the same laws.
#[test]
fn the_laws_hold_for_values_in_other_places() {
    let versions: Vec<Version> = chart::version_numbers().collect();
    let (mut looks, mut broken) = (0, Vec::new());
    for (turn, (profile, _)) in EMBEDDED.iter().enumerate() {
        let version = &versions[turn * 37 % versions.len()];
        let known = Hints { version: Some(version.to_string().parse().unwrap()), ..Hints::default() };
        let text = emit(&profiles::generated(profile, &at(version)), &Notes::new());
        let other =
            emit(&profiles::generated(EMBEDDED[0].0, &at(&versions[turn * 11 % versions.len()])), &Notes::new());
        let all = embedded::embedded(&text, &known);
        assert_eq!(all.len(), 6, "{text}");
        for (number, place) in all.iter().enumerate() {
            let ground = GROUNDS[(turn + number) % GROUNDS.len()];
            let mut hold = |what: &str, old: &str, known: &Hints| {
                looks += 1;
                let held = files_compared((old, known), (&place.text, &place.known), ground);
                match held {
                    Ok(1) => {}
                    Ok(count) => broken.push(format!("{profile}, {}, {what}: {count} releases", place.kind)),
                    Err(why) => broken.push(format!("{profile}, {}, {what}, {ground:?}: {why}", place.kind)),
                }
            };
            hold("the same", &text, &known);
            hold("another", &other, &Hints::default());
            let read = |text: &str, known: &Hints| source::read(text, known, &charts).unwrap();
            let (flat, there) = (read(&text, &known), read(&place.text, &place.known));
            for pair in diff_files(&flat, &there, ground, &charts).unwrap() {
                if let Some(change) = pair.diff.changes.first() {
                    broken.push(format!("{profile}, {}: differs at `{}`", place.kind, change.path));
                }
            }
        }
    }
    hold(&broken, looks, 100);
}

fn any_chart(at: u16) -> Chart {
    let versions: Vec<Version> = chart::version_numbers().collect();
    self::at(&versions[usize::from(at) % versions.len()])
}
