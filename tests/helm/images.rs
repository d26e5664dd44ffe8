//! Compares the listed images with the images of real renders, for versions, topologies and switches.
//!
//! `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each version: then the real charts are rendered by the
//! real Helm, those of a slice of versions, or of all that are there with `REDISGEN_MATRIX=full`. `REDISGEN_UPDATE=1`
//! writes what was rendered of the slice to `rendered.tsv`. Without charts the lists are held against that file.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{
    collections::BTreeSet,
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
    chart::{self, Chart, Topology},
    effective::EffectiveValues,
    mirror::{self, ListedImage},
    yaml::{merge::Layers, read_values},
};
use semver::Version;
use tempfile::TempDir;

use crate::{Check, support::Helm};

pub fn checks() -> Vec<Check> {
    let charts = env::var_os("REDISGEN_CHARTS").map(PathBuf::from);
    let [helm, _] = Helm::both();
    let ready = charts.is_some() && helm.is_ok();
    let real = move || real_renders(&helm.unwrap(), &charts.unwrap());
    vec![
        Check::new("lists_are_those_that_were_rendered", recorded),
        Check::new("lists_are_those_of_the_real_render", real).ignored_if(!ready),
    ]
}

/// What is switched on, by name. Switches of other versions are no keys, and do nothing.
const SWITCHES: [(&str, &str); 9] = [
    ("none", ""),
    (
        "all",
        "metrics.enabled=true volumePermissions.enabled=true sysctl.enabled=true sysctlImage.enabled=true \
         sentinel.metrics.enabled=true metrics.sentinel.enabled=true sentinel.masterService.enabled=true",
    ),
    ("metrics", "metrics.enabled=true"),
    ("volumes", "volumePermissions.enabled=true"),
    (
        "volumes, none persistent",
        "volumePermissions.enabled=true metrics.enabled=true master.persistence.enabled=false \
         replica.persistence.enabled=false slave.persistence.enabled=false",
    ),
    ("volumes, the replicas alone persistent", "volumePermissions.enabled=true master.persistence.enabled=false"),
    ("sysctl", "sysctl.enabled=true sysctlImage.enabled=true"),
    ("exporters of Sentinel", "sentinel.metrics.enabled=true metrics.sentinel.enabled=true"),
    ("label", "sentinel.service.createMaster=true"),
];

/// What makes the label sidecar render where it is wanted.
const ALWAYS: &str = "serviceAccount.create=true rbac.create=true replica.automountServiceAccountToken=true \
                      auth.password=p password=p";

/// The versions that are rendered where not all are: the two ends, and those at which images change their keys, names
/// or conditions.
const SLICE: [&str; 14] = [
    "10.5.6", "11.0.4", "11.1.0", "12.7.6", "12.10.1", "14.0.0", "14.8.0", "17.13.1", "18.19.4", "20.13.4", "23.1.1",
    "24.1.2", "25.5.3", "28.0.7",
];

fn values(topology: Topology, switches: &str) -> String {
    let (replicated, sentinel) = match topology {
        Topology::Standalone => (false, false),
        Topology::Replication => (true, false),
        Topology::Sentinel => (true, true),
    };
    let architecture = if replicated { "replication" } else { "standalone" };
    let mut json = serde_json::json!({
        "architecture": architecture, "cluster": { "enabled": replicated }, "sentinel": { "enabled": sentinel },
    });
    for (key, value) in
        ALWAYS.split_whitespace().chain(switches.split_whitespace()).map(|set| set.split_once('=').unwrap())
    {
        let at = key.split('.').fold(&mut json, |at, part| &mut at[part]);
        *at = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    }
    json.to_string()
}

fn listed(version: &Version, values: &str) -> BTreeSet<String> {
    let chart = Chart::at(version).unwrap();
    let effective = EffectiveValues::new(read_values(values).unwrap(), Layers::default(), &chart);
    mirror::list(&effective).iter().map(ListedImage::reference).collect()
}

/// The images of a render, or why the chart does not render.
type Rendered = Result<BTreeSet<String>, String>;

/// The images of all pods of these manifests.
fn images(manifests: &str) -> BTreeSet<String> {
    let lines = manifests.lines().map(|line| line.trim_start().trim_start_matches("- "));
    let images = lines.filter_map(|line| line.strip_prefix("image: "));
    images.map(|image| image.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

struct Job {
    version: Version,
    topology: Topology,
    switches: usize,
}

impl Job {
    fn name(&self) -> String {
        format!("{}\t{}\t{}", self.version, self.topology, SWITCHES[self.switches].0)
    }

    fn values(&self) -> String {
        values(self.topology, SWITCHES[self.switches].1)
    }
}

fn jobs(versions: &[Version]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for version in versions {
        for topology in Topology::ALL {
            jobs.extend((0..SWITCHES.len()).map(|switches| Job { version: version.clone(), topology, switches }));
        }
    }
    jobs
}

fn slice() -> Vec<Version> {
    SLICE.map(|version| version.parse().unwrap()).to_vec()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/images/rendered.tsv")
}

/// Without charts: what is listed is what was rendered.
fn recorded() -> Result<(), Failed> {
    let text = fs::read_to_string(file())?;
    let rows: Vec<&str> = text.lines().filter(|row| !row.starts_with('#')).collect();
    let jobs = jobs(&slice());
    let mut wrong = Vec::new();
    let mut held = 0;
    for row in &rows {
        let (name, images) = row.rsplit_once('\t').unwrap();
        let job = jobs.iter().find(|job| job.name() == name).ok_or(format!("no case is called {name}"))?;
        let rendered: BTreeSet<String> = images.split(' ').map(str::to_owned).collect();
        let listed = listed(&job.version, &job.values());
        held += 1;
        if listed != rendered {
            wrong.push(format!("{name}:\n  listed {listed:?}\n  rendered {rendered:?}"));
        }
    }
    println!("{held} lists held");
    if held < 300 {
        return Err(format!("only {held} lists are recorded").into());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn real_renders(helm: &Helm, charts: &Path) -> Result<(), Failed> {
    let is_full = env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let versions = match is_full {
        true => chart::version_numbers().filter(|version| charts.join(version.to_string()).is_dir()).collect(),
        false => slice(),
    };
    // Of the other versions each topology is rendered with another set of switches.
    let turn = |job: &Job| versions.iter().position(|version| *version == job.version).unwrap_or_default();
    let is_wanted = |job: &Job| {
        slice().contains(&job.version) || job.switches == (turn(job) + job.topology as usize) % SWITCHES.len()
    };
    let jobs: Vec<Job> = jobs(&versions).into_iter().filter(is_wanted).collect();
    let folder = TempDir::new()?;
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Rendered)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for worker in 0..thread::available_parallelism().map_or(2, usize::from) {
            let (jobs, next, results) = (&jobs, &next, &results);
            let file = folder.path().join(format!("values-{worker}.yaml"));
            scope.spawn(move || {
                while let Some((at, job)) = {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    jobs.get(at).map(|job| (at, job))
                } {
                    let rendered = rendered(helm, charts, job, &file);
                    results.lock().unwrap().push((at, rendered));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(at, _)| *at);
    let (mut held, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut table = String::from(
        "# The images of real renders. Written by REDISGEN_UPDATE=1 with REDISGEN_CHARTS.\n\
         # version\ttopology\tswitches\timages\n",
    );
    for (at, rendered) in results {
        let job = &jobs[at];
        let Ok(rendered) = rendered else {
            refused += 1;
            continue;
        };
        held += 1;
        let listed = listed(&job.version, &job.values());
        if listed != rendered {
            wrong.push(format!("{}:\n  listed {listed:?}\n  rendered {rendered:?}", job.name()));
        }
        if rendered.is_empty() {
            continue;
        }
        let images: Vec<_> = rendered.into_iter().collect();
        let _ = writeln!(table, "{}\t{}", job.name(), images.join(" "));
    }
    println!("{held} renders of {} versions held, {refused} do not render, {} differ", versions.len(), wrong.len());
    if env::var_os("REDISGEN_UPDATE").is_some() && !is_full && wrong.is_empty() {
        fs::write(file(), table)?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn rendered(helm: &Helm, charts: &Path, job: &Job, file: &Path) -> Rendered {
    fs::write(file, job.values()).unwrap();
    let chart = charts.join(job.version.to_string()).join("redis").display().to_string();
    let kube = chart::kubernetes_today();
    let output = helm.run(["template", "r", &chart, "--kube-version", &kube, "-f", &file.display().to_string()]);
    match output.status.success() {
        true => Ok(images(&String::from_utf8_lossy(&output.stdout))),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
