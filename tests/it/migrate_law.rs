//! What holds for every values file that `redisgen migrate` makes, for every pair of chart versions: no object names
//! what the same render does not make, no container runs another command than the chart gives it, and no limit is new or
//! lower without a line in the report. What the newer chart leaves dangling by itself is a row of `dangling.tsv`, and is
//! told.
//!
//! `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each version: then the real chart is rendered by the
//! real Helm, for the Kubernetes of `kubernetes.tsv`. Without it the facts of the catalogue are asked.
//! `REDISGEN_MATRIX=full` takes every pair of majors instead of a slice, `REDISGEN_VERSIONS=13.0.2:23.1.1,...` those
//! pairs.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

mod law;
mod render;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::profiles;
use redisgen::{
    chart::{self, Chart, Topology},
    effective::EffectiveValues,
    lint::engine,
    profile::EMBEDDED,
    source::Hints,
    yaml::{Map, Notes, emit, merge::Layers, read_values},
};
use render::Renderer;

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

/// Profiles that differ in more than the annotations of a load balancer.
const PROFILES: [&str; 6] = ["dev", "cache", "store", "ha", "production", "aws-internal"];

/// The findings that no file may have after the way, unless the newer chart has them with its own defaults.
const NEVER: [&str; 3] = ["missing-service-account", "start-script-replaced", "render-failure"];

fn is_full() -> bool {
    env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

fn chart(version: &str) -> Chart {
    Chart::at(&version.parse().unwrap()).unwrap()
}

/// The last version of each major; in a slice some of them.
fn majors() -> Vec<Chart> {
    let mut last: BTreeMap<u64, Chart> = BTreeMap::new();
    for version in chart::version_numbers() {
        last.insert(version.major, Chart::at(&version).unwrap());
    }
    let newest = last.keys().last().copied();
    let wanted = |major: &u64| is_full() || [10, 13, 17, 18, 20].contains(major) || Some(*major) == newest;
    last.into_iter().filter(|(major, _)| wanted(major)).map(|(_, chart)| chart).collect()
}

/// Versions where what is named or made changes, each with an older one that leads there.
const AROUND: [(&str, &str); 10] = [
    ("13.0.2", "14.0.0"),
    ("17.17.1", "18.6.3"),
    ("17.17.1", "18.7.1"),
    ("17.17.1", "18.8.2"),
    ("17.17.1", "18.8.3"),
    ("17.17.1", "18.9.1"),
    ("18.14.0", "19.5.5"),
    ("18.6.3", "23.1.1"),
    ("20.4.1", "20.5.0"),
    ("10.5.6", "11.0.4"),
];

/// Every pair of versions that is asked, the older one first.
fn pairs() -> Vec<(Chart, Chart)> {
    if let Ok(chosen) = env::var("REDISGEN_VERSIONS") {
        let pair = |pair: &str| pair.split_once(':').map(|(from, to)| (chart(from), chart(to)));
        return chosen.split(',').filter_map(pair).collect();
    }
    let majors = majors();
    let mut pairs: Vec<(Chart, Chart)> = Vec::new();
    for from in &majors {
        pairs.extend(majors.iter().filter(|to| to.version() > from.version()).map(|to| (from.clone(), to.clone())));
    }
    pairs.extend(AROUND.map(|(from, to)| (chart(from), chart(to))));
    pairs
}

/// A file for a chart version.
struct Case {
    name: String,
    text: String,
}

/// The smallest file of each topology, with and without what most releases turn on, and the profiles.
fn cases(from: &Chart, to: &Chart) -> Vec<Case> {
    let mut cases = Vec::new();
    for topology in Topology::ALL {
        let bare = bare(from, topology);
        cases.push(Case { name: topology.to_string(), text: bare.clone() });
        let policy = "metrics:\n  enabled: true\nnetworkPolicy:\n  enabled: true\nrbac:\n  create: true\n";
        cases.push(Case { name: format!("{topology} with metrics, a policy and roles"), text: bare + policy });
    }
    let all = is_full() && to.version() == &chart::newest();
    let few = if is_full() { &PROFILES[..] } else { &PROFILES[3..5] };
    for (name, _) in EMBEDDED.iter().filter(|(name, _)| all || few.contains(name)) {
        let text = emit(&profiles::generated(name, from), &Notes::new());
        cases.push(Case { name: (*name).to_owned(), text });
    }
    cases
}

/// The smallest file that makes this topology.
fn bare(chart: &Chart, topology: Topology) -> String {
    let replicated = topology != Topology::Standalone;
    let mut text = match chart.takes("architecture") {
        true => format!("architecture: {}\n", if replicated { "replication" } else { "standalone" }),
        false => format!("cluster:\n  enabled: {replicated}\n"),
    };
    if topology == Topology::Sentinel {
        text.push_str("sentinel:\n  enabled: true\n");
    }
    text
}

/// A migrated file with its report.
struct Carried {
    text: String,
    report: serde_json::Value,
}

fn carried(scratch: &Path, text: &str, from: &Chart, to: &Chart, more: &[&str]) -> Carried {
    let file = scratch.join("values.yaml");
    fs::write(&file, text).unwrap();
    let mut command = Command::new(REDISGEN);
    command.current_dir(scratch).env("REDISGEN_CONFIG_DIR", scratch).env("REDISGEN_DATA_DIR", scratch);
    command.args(["migrate", "values.yaml", "--in-place", "--output", "json"]);
    command.args(["--from", &from.version().to_string(), "--to", &to.version().to_string()]).args(more);
    let output = command.output().unwrap();
    let failed = output.status.code() == Some(2);
    assert!(!failed, "{} to {}: {}\n{text}", from.version(), to.version(), String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    Carried { text: fs::read_to_string(&file).unwrap(), report: report["places"][0].clone() }
}

impl Carried {
    /// Missing objects in the report, and the objects that refer to them.
    fn missing(&self) -> Vec<(String, String)> {
        let missing = self.report["missing"].as_array().unwrap();
        let text = |one: &serde_json::Value, field: &str| one[field].as_str().unwrap().to_owned();
        missing.iter().map(|one| (text(one, "kind"), class(&text(one, "by")).to_owned())).collect()
    }

    /// Whether the report has a new or lower limit.
    fn tells_limit(&self, resource: &str, now: &str) -> bool {
        let limits = self.report["limits"].as_array().unwrap();
        limits.iter().any(|limit| limit["resource"] == resource && limit["limit"] == now)
    }
}

/// Who names something: the kind of the object, or the pods, which the catalogue knows by the key of their workload.
fn class(by: &str) -> &str {
    if by.starts_with(char::is_uppercase) { by } else { "pods" }
}

const WAYS: [&[&str]; 2] = [&[], &["--keep-behaviour"]];

/// The ways that a case goes: both, or by turns one of them.
fn ways(turn: usize) -> &'static [&'static [&'static str]] {
    if is_full() { &WAYS } else { &WAYS[turn % 2..=turn % 2] }
}

fn scratch(name: &str) -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&scratch).unwrap();
    scratch
}

/// The law by the facts of the catalogue alone.
#[test]
fn nothing_is_named_that_the_facts_say_is_not_made() {
    let scratch = scratch("migrate_law_facts");
    let (mut asked, mut wrong) = (0, Vec::new());
    let pairs = pairs();
    for (pair, (from, to)) in pairs.iter().enumerate() {
        for (turn, case) in cases(from, to).into_iter().enumerate() {
            for way in ways(pair + turn) {
                asked += 1;
                let what = format!("{} {} to {} {way:?}", case.name, from.version(), to.version());
                let done = carried(&scratch, &case.text, from, to, way);
                wrong.extend(by_the_facts(&done, to).into_iter().map(|why| format!("{what}: {why}")));
            }
        }
    }
    println!("{asked} files were carried over {} pairs of versions", pairs.len());
    assert!(wrong.is_empty(), "{} of {asked}\n{}", wrong.len(), wrong.join("\n"));
}

fn by_the_facts(done: &Carried, to: &Chart) -> Vec<String> {
    let values = read_values(&done.text).unwrap();
    let after = EffectiveValues::new(values, Layers::default(), to);
    let roles = if after.on("rbac.create") { "rbac:\n  create: true\n" } else { "" };
    let own = EffectiveValues::new(read_values(&(bare(to, after.topology) + roles)).unwrap(), Layers::default(), to);
    let mut wrong = Vec::new();
    for dangling in after.missing_objects() {
        if !own.missing_objects().contains(&dangling) {
            wrong.push(format!("{dangling:?}, and not with the defaults of the chart"));
        }
        if !done.missing().iter().any(|(missing, by)| missing == dangling.missing && by == class(dangling.by)) {
            wrong.push(format!("{dangling:?} is not told"));
        }
    }
    let text = format!("# redisgen: chart redis {}\n{}", to.version(), done.text);
    let known = Hints { version: Some(to.version().to_string().parse().unwrap()), ..Hints::default() };
    let charts = |wanted: &chart::Requirement| match wanted.choose(&chart::version_numbers().collect::<Vec<_>>()) {
        Ok(chart::ChosenVersion::Known(version)) => Ok(Chart::at(&version).unwrap()),
        other => Err(format!("{other:?}")),
    };
    for found in engine::lint_text(&text, &known, &charts).diagnostics {
        let is_own = found.rule == "missing-service-account" && !own.missing_objects().is_empty();
        if NEVER.contains(&found.rule) && !is_own {
            wrong.push(format!("{}: {}", found.rule, found.message));
        }
    }
    wrong
}

/// The law by the real chart.
#[test]
fn nothing_is_named_that_helm_does_not_make() {
    let Some(renderer) = Renderer::find(&scratch("migrate_law")) else { return };
    let scratch = scratch("migrate_law_real");
    let (mut asked, mut wrong) = (0, Vec::new());
    let pairs = pairs();
    for (pair, (from, to)) in pairs.iter().enumerate() {
        for (turn, case) in cases(from, to).into_iter().enumerate() {
            let before = renderer.render(from, &case.text).unwrap_or_default();
            for way in ways(pair + turn) {
                asked += 1;
                let what = format!("{} {} to {} {way:?}", case.name, from.version(), to.version());
                let done = carried(&scratch, &case.text, from, to, way);
                let values = read_values(&done.text).unwrap();
                let after = match renderer.render(to, &done.text) {
                    Ok(after) => after,
                    Err(why) => {
                        wrong.push(format!("{what}: does not render: {why}"));
                        continue;
                    }
                };
                let own = renderer.own(to, &values);
                let mut found = law::dangling(&after, &values);
                found.retain(|one| !done.missing().contains(&(one.missing.clone(), one.class.clone())));
                wrong.extend(found.into_iter().map(|dangling| format!("{what}: {dangling}")));
                let others = law::commands(&after, &own, &values);
                wrong.extend(others.into_iter().map(|why| format!("{what}: {why}")));
                for limit in law::new_limits(&before, &after) {
                    if !done.tells_limit(&limit.resource, &limit.now) {
                        wrong.push(format!("{what}: {limit:?} is not told"));
                    }
                }
            }
        }
    }
    println!("{asked} files over {} pairs of versions, {} renders", pairs.len(), renderer.count());
    assert!(wrong.is_empty(), "{} of {asked}\n{}", wrong.len(), wrong.join("\n"));
}

/// What a chart leaves dangling with its own defaults is a row of `dangling.tsv`, and each row is true.
#[test]
fn what_defaults_leave_dangling_is_listed() {
    let Some(renderer) = Renderer::find(&scratch("migrate_law_own")) else { return };
    let mut versions: Vec<_> = AROUND.iter().flat_map(|(from, to)| [chart(from), chart(to)]).chain(majors()).collect();
    versions.extend(["11.0.2", "14.3.0", "18.8.1", "18.9.0", "19.5.2"].map(chart));
    if is_full() {
        let all: Vec<_> = chart::version_numbers().collect();
        let last = all.windows(2).filter(|pair| (pair[0].major, pair[0].minor) != (pair[1].major, pair[1].minor));
        versions.extend(last.map(|pair| Chart::at(&pair[0]).unwrap()));
    }
    versions.sort_by(|a, b| a.version().cmp(b.version()));
    versions.dedup_by(|a, b| a.version() == b.version());
    let (mut asked, mut wrong) = (0, Vec::new());
    for to in &versions {
        for topology in Topology::ALL {
            for more in ["", "metrics:\n  enabled: true\nrbac:\n  create: true\nnetworkPolicy:\n  enabled: true\n"] {
                let text = bare(to, topology) + more;
                let values = read_values(&text).unwrap();
                let Ok(made) = renderer.render(to, &text) else { continue };
                asked += 1;
                let found = law::dangling(&made, &values);
                let mut found: Vec<_> = found.into_iter().map(|one| (one.missing, one.class)).collect();
                let listed = EffectiveValues::new(values, Layers::default(), to).missing_objects();
                let mut listed: Vec<_> =
                    listed.iter().map(|one| (one.missing.to_owned(), class(one.by).to_owned())).collect();
                [&mut found, &mut listed].into_iter().for_each(|kinds| {
                    kinds.sort();
                    kinds.dedup();
                });
                if found != listed {
                    let all: Vec<String> = law::dangling(&made, &Map::new()).iter().map(ToString::to_string).collect();
                    wrong.push(format!(
                        "{} {topology}{}: found {all:?}, listed {listed:?}",
                        to.version(),
                        more.replace('\n', " ")
                    ));
                }
            }
        }
    }
    println!("{asked} renders of {} versions", versions.len());
    assert!(wrong.is_empty(), "{} of {asked}\n{}", wrong.len(), wrong.join("\n"));
}
