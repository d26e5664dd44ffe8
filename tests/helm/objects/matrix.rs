//! Renders sets of values with real charts, and compares the objects with those of the model.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use libtest_mimic::Failed;
use redisgen::{
    chart::{self, Chart},
    effective::EffectiveValues,
    objects,
    yaml::{Map, merge::Layers},
};
use semver::Version;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{
    facts::{self, Facts, NAMESPACE, RELEASE},
    sets::{self, Set},
};
use crate::support::Helm;

/// The two ends of the catalogue, and versions between which objects change.
const SLICE: [&str; 12] = [
    "10.5.6", "11.0.4", "12.10.1", "14.0.0", "15.7.6", "17.17.1", "18.19.4", "19.6.4", "20.13.4", "23.1.1", "25.5.3",
    "28.0.7",
];

const RECORD: &str = "tests/data/objects/rendered.tsv";

const HEAD: &str = "\
# Digests of the objects that the real charts rendered, for each set of values and version; `-` where the chart did not render.
# Written by REDISGEN_CHARTS=charts REDISGEN_MATRIX=record cargo test --test helm objects::
";

/// Random sums of sets: the same for all versions, or others for each version.
const RANDOM: usize = 15;
const RANDOM_IN_FULL: usize = 60;

fn versions(matrix: &str) -> Vec<Version> {
    if let Ok(chosen) = env::var("REDISGEN_VERSIONS") {
        return chosen.split(',').map(|version| version.parse().unwrap()).collect();
    }
    match matrix {
        "full" => chart::measured_versions().collect(),
        "broad" => {
            let all: Vec<Version> = chart::measured_versions().collect();
            let minor = |version: &Version| (version.major, version.minor);
            let mut last: Vec<Version> =
                all.windows(2).filter(|pair| minor(&pair[0]) != minor(&pair[1])).map(|pair| pair[0].clone()).collect();
            last.push(chart::newest_measured());
            last
        }
        _ => SLICE.map(|version| version.parse().unwrap()).to_vec(),
    }
}

fn model(version: &Version, values: &Map) -> Facts {
    let chart = Chart::at(version).unwrap();
    let values = EffectiveValues::new(values.clone(), Layers::default(), &chart);
    facts::of_model(&objects::of(&values, RELEASE, NAMESPACE))
}

fn digest(facts: &Facts) -> String {
    let mut hash = Sha256::new();
    for fact in facts {
        hash.update(fact);
        hash.update("\n");
    }
    hash.finalize()[..4].iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The model says of each recorded set what was rendered.
pub fn recorded() -> Result<(), Failed> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORD)).unwrap();
    let rows: BTreeMap<&str, Vec<&str>> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(set, digests)| (set, digests.split('\t').collect()))
        .collect();
    assert_eq!(rows["# set"], SLICE, "the record is of the versions of the slice");
    let sets = sets::fixed(RANDOM, 0);
    assert_eq!(rows.len(), sets.len() + 1, "the record has a row for each set");
    let (mut held, mut wrong) = (0, Vec::new());
    for Set { name, values } in &sets {
        let digests = rows.get(name.as_str()).ok_or_else(|| format!("`{name}` is not recorded"))?;
        for (version, rendered) in SLICE.iter().zip(digests).filter(|(_, rendered)| **rendered != "-") {
            held += 1;
            if digest(&model(&version.parse().unwrap(), values)) != **rendered {
                wrong.push(format!("{version}, {name}: other objects than were rendered"));
            }
        }
    }
    println!("{held} renders held against the model");
    if wrong.is_empty() && held > 0 { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// What is before the error of Helm in a kept render.
const REFUSED: &str = "error: ";

/// One render: the facts, or why the chart does not render.
type Rendered = Result<Facts, String>;

struct Renderer<'a> {
    helm: &'a Helm,
    charts: &'a Path,
    kept: Option<PathBuf>,
    home: TempDir,
}

impl Renderer<'_> {
    fn render(&self, version: &Version, values: &Map) -> Rendered {
        let json = serde_json::Value::from(&redisgen::yaml::Value::from(values.clone())).to_string();
        let name = {
            let mut hash = Sha256::new();
            hash.update(json.as_bytes());
            format!("{version}-{:x}", u64::from_be_bytes(hash.finalize()[..8].try_into().unwrap()))
        };
        let kept = self.kept.as_ref().map(|folder| folder.join(&name));
        let text = match kept.as_ref().and_then(|path| fs::read_to_string(path).ok()) {
            Some(text) => text,
            None => self.printed(version, &name, &json),
        };
        if let Some(path) = kept {
            fs::write(path, &text).unwrap();
        }
        match text.strip_prefix(REFUSED) {
            Some(why) => Err(why.to_owned()),
            None => Ok(facts::of_render(&text).unwrap_or_else(|why| panic!("{version}: {why}: {json}"))),
        }
    }

    /// What Helm prints, or its error behind [`REFUSED`].
    fn printed(&self, version: &Version, name: &str, json: &str) -> String {
        let file = self.home.path().join(name);
        fs::write(&file, json).unwrap();
        let chart = self.charts.join(version.to_string()).join("redis");
        let mut command = self.helm.command(self.home.path());
        command.args(["template", RELEASE]).arg(chart).args(["--namespace", NAMESPACE, "--kube-version", "1.34.0"]);
        command.args(["-a", "monitoring.coreos.com/v1", "-f"]).arg(&file);
        let output = command.output().unwrap();
        fs::remove_file(&file).unwrap();
        match output.status.success() {
            true => String::from_utf8(output.stdout).unwrap(),
            false => format!("{REFUSED}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// What one version came to.
#[derive(Default)]
struct Outcome {
    equal: usize,
    refused: usize,
    different: usize,
    /// Each difference, with the version and set of each.
    differences: BTreeMap<String, Vec<String>>,
    /// The digest of each set.
    digests: BTreeMap<String, String>,
}

fn compared(renderer: &Renderer, version: &Version, sets: &[Set]) -> Outcome {
    let mut outcome = Outcome::default();
    for Set { name, values } in sets {
        let rendered = renderer.render(version, values);
        let digest = rendered.as_ref().map_or_else(|_| "-".to_owned(), digest);
        outcome.digests.insert(name.clone(), digest);
        let Ok(rendered) = rendered else {
            outcome.refused += 1;
            continue;
        };
        let model = model(version, values);
        if rendered == model {
            outcome.equal += 1;
            continue;
        }
        outcome.different += 1;
        let missing = rendered.difference(&model).map(|fact| format!("render: {fact}"));
        let invented = model.difference(&rendered).map(|fact| format!("model:  {fact}"));
        for difference in missing.chain(invented) {
            outcome.differences.entry(difference).or_default().push(format!("{version}, {name}"));
        }
    }
    outcome
}

/// The sets of a version: those of the record, and the profiles; or random sums of its own instead of the recorded ones.
fn sets_of(version: &Version, matrix: &str) -> Vec<Set> {
    let mut sets = match matrix {
        "full" | "broad" => {
            let seed = version.major << 32 | version.minor << 16 | version.patch;
            sets::fixed(RANDOM_IN_FULL, seed)
        }
        _ => sets::fixed(RANDOM, 0),
    };
    sets.extend(sets::profiles(&Chart::at(version).unwrap()));
    sets.extend(sets::files());
    sets
}

pub fn real_renders(helm: &Helm, charts: &Path) -> Result<(), Failed> {
    let matrix = env::var("REDISGEN_MATRIX").unwrap_or_default();
    let versions: Vec<Version> =
        versions(&matrix).into_iter().filter(|version| charts.join(version.to_string()).is_dir()).collect();
    let kept = env::var_os("REDISGEN_RENDERS").map(PathBuf::from);
    let renderer = Renderer { helm, charts, kept, home: tempfile::tempdir().unwrap() };
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(version) = versions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = compared(&renderer, version, &sets_of(version, &matrix));
                    outcomes.lock().unwrap().insert(version.clone(), outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    let sum = |count: fn(&Outcome) -> usize| outcomes.values().map(count).sum::<usize>();
    let (equal, different) = (sum(|outcome| outcome.equal), sum(|outcome| outcome.different));
    let refused = sum(|outcome| outcome.refused);
    println!(
        "{} versions: {equal} renders have the objects of the model, {different} have others, {refused} are refused",
        outcomes.len()
    );
    if matrix == "record" {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORD), record(&outcomes)).unwrap();
    }
    if different == 0 && equal > 0 { Ok(()) } else { Err(told(&outcomes).into()) }
}

/// A row for each set, with a column for each version.
fn record(outcomes: &BTreeMap<Version, Outcome>) -> String {
    let mut text = HEAD.to_owned();
    let versions: Vec<String> = outcomes.keys().map(Version::to_string).collect();
    writeln!(text, "# set\t{}", versions.join("\t")).unwrap();
    for Set { name, .. } in sets::fixed(RANDOM, 0) {
        let digests: Vec<&str> = outcomes.values().map(|outcome| outcome.digests[&name].as_str()).collect();
        writeln!(text, "{name}\t{}", digests.join("\t")).unwrap();
    }
    text
}

/// Each difference once, with how often it is there and two of the places.
fn told(outcomes: &BTreeMap<Version, Outcome>) -> String {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (difference, places) in outcomes.values().flat_map(|outcome| &outcome.differences) {
        all.entry(difference).or_default().extend(places.iter().map(String::as_str));
    }
    let mut text = String::new();
    for (difference, places) in all {
        let (first, last) = (places[0], places[places.len() - 1]);
        writeln!(text, "{difference}  [{} times: {first} ... {last}]", places.len()).unwrap();
    }
    text
}
