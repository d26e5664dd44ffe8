//! Runs the cases over versions, topologies and both Helms, and keeps the record of what was proven.

use std::{
    collections::{BTreeMap, HashSet},
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::SystemTime,
};

use redisgen::{
    chart::{self, Chart, Topology},
    lint::{Severity, engine},
    source::Hints,
    yaml::{self, Map, Value},
};
use libtest_mimic::Failed;
use semver::Version;
use sha2::{Digest, Sha256};

use super::{
    cases::{self, Case},
    manifests::{Manifests, NAMESPACE, RELEASE},
    reference,
};
use crate::support::keys;
pub use crate::support::Helm;

const TOPOLOGIES: [(Topology, &str); 3] =
    [(Topology::Standalone, "standalone"), (Topology::Replication, "replication"), (Topology::Sentinel, "sentinel")];

/// The last version of every major, every version at which a key was renamed, the first of all, and that of the
/// reference scenario.
fn versions() -> Vec<Version> {
    let all: Vec<Version> = chart::measured_versions().collect();
    let mut chosen: Vec<Version> = vec![chart::oldest(), Version::new(11, 0, 4)];
    chosen.extend(all.windows(2).filter(|pair| pair[0].major != pair[1].major).map(|pair| pair[0].clone()));
    chosen.push(chart::newest_measured());
    for pair in all.windows(2) {
        if !chart::changes(&pair[0], &pair[1]).is_empty() {
            chosen.push(pair[1].clone());
        }
    }
    chosen.sort();
    chosen.dedup();
    chosen
}

/// The last version of every minor.
fn broad() -> Vec<Version> {
    let all: Vec<Version> = chart::measured_versions().collect();
    let minor = |version: &Version| (version.major, version.minor);
    let mut last: Vec<Version> =
        all.windows(2).filter(|pair| minor(&pair[0]) != minor(&pair[1])).map(|pair| pair[0].clone()).collect();
    last.push(chart::newest_measured());
    last
}

/// A sample of versions: the oldest and newest, both eras of keys, and the version of the reference scenario.
fn slice() -> Vec<Version> {
    ["10.5.6", "11.0.4", "13.0.2", "14.0.0", "18.19.4", "20.13.4", "23.1.1", "24.1.2", "25.5.3", "28.0.7"]
        .map(|v| v.parse().unwrap())
        .to_vec()
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    run: usize,
    passed: usize,
    refused: usize,
    failed: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.run += other.run;
        self.passed += other.passed;
        self.refused += other.refused;
        self.failed += other.failed;
    }
}

/// Flags with keys of the chart instead of options.
const OVERLAYS: [&str; 3] = ["--values", "--set", "--set-string"];

/// Flags without an effect on manifests: they choose the chart, name the release, or format the file.
const UNSEEN: [&str; 17] = [
    "chart-version",
    "check",
    "color",
    "comments",
    "diff",
    "help",
    "kube-version",
    "namespace",
    "output",
    "output-file",
    "profile",
    "profile-dir",
    "quiet",
    "release",
    "strict",
    "password-file",
    "password-stdin",
];

/// The flags of `redisgen values` that no case gives.
fn unproven() -> Vec<String> {
    let cases = cases::cases();
    let command = redisgen::cli::command();
    let values = command.find_subcommand("values").unwrap();
    let given = |long: &str| {
        cases.iter().flat_map(|case| case.args).any(|arg| {
            let name = arg.trim_start_matches("--").split('=').next().unwrap();
            name == long || name.strip_prefix("no-") == Some(long)
        })
    };
    let topologies = ["topology", "sentinel", "no-sentinel", "access"];
    values
        .get_arguments()
        .filter_map(|arg| arg.get_long())
        .filter(|long| !UNSEEN.contains(long) && !topologies.contains(long) && !given(long))
        .map(str::to_owned)
        .collect()
}

struct Job {
    version: Version,
    topology: Topology,
    name: &'static str,
}

/// What one job came to: the count, the failures, and the digest of what was generated.
struct Done {
    by_case: BTreeMap<String, Count>,
    failures: Vec<String>,
    digest: String,
}

pub fn every_flag_has_a_case() -> Result<(), Failed> {
    let unproven = unproven();
    if unproven.is_empty() { Ok(()) } else { Err(format!("no case gives {}", unproven.join(", ")).into()) }
}

pub fn run() -> Result<(), Failed> {
    let Some(charts) = env::var_os("REDISGEN_CHARTS").map(PathBuf::from) else { return unchanged() };
    let matrix = env::var("REDISGEN_MATRIX").unwrap_or_default();
    let versions = match env::var("REDISGEN_VERSIONS") {
        Ok(chosen) => chosen.split(',').map(|version| version.parse().unwrap()).collect(),
        Err(_) if matches!(matrix.as_str(), "full" | "record") => versions(),
        Err(_) if matrix == "broad" => broad(),
        Err(_) => slice(),
    };
    let helms: Vec<Helm> = Helm::both()
        .into_iter()
        .filter_map(|helm| helm.map_err(|missing| println!("skipped: {missing}")).ok())
        .collect();
    let mut failures = reference::judge(&charts, &helms);
    if env::var_os("REDISGEN_VERSIONS").is_none() {
        println!("reference scenario: {}", if failures.is_empty() { "the same manifests" } else { "FAILED" });
    }
    let jobs = jobs(&versions);
    let results = work(&jobs, |job| prove(job, &charts, &helms));
    let mut by_case: BTreeMap<(String, &str), Count> = BTreeMap::new();
    let mut total = Count::default();
    for (job, done) in jobs.iter().zip(&results) {
        failures.extend(done.failures.iter().cloned());
        for (case, count) in &done.by_case {
            by_case.entry((case.clone(), job.name)).or_default().add(*count);
            total.add(*count);
        }
    }
    for failure in &failures {
        println!("FAILED {failure}");
    }
    if matrix == "record" && failures.is_empty() {
        record(&jobs, &results, &by_case, &helms);
    }
    println!(
        "{} renders by {} Helms over {} versions, {} wishes refused as they should be",
        total.run,
        helms.len(),
        versions.len(),
        total.refused
    );
    println!("{} passed, {} failed", total.passed + total.refused, failures.len());
    if failures.is_empty() { Ok(()) } else { Err(format!("{} failures", failures.len()).into()) }
}

/// The versions that are looked at in all topologies without charts.
const WHOLE: [Version; 4] =
    [Version::new(10, 5, 6), Version::new(14, 0, 0), Version::new(23, 1, 1), Version::new(28, 0, 7)];

/// Without charts: what is generated is what was proven. Each version is looked at, those of `WHOLE` in all topologies and
/// the others in one, by turns; all of it with `REDISGEN_MATRIX=full`.
fn unchanged() -> Result<(), Failed> {
    let full = env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let file = folder().join("proven.tsv");
    let proven = fs::read_to_string(&file).unwrap_or_default();
    let mut rows: Vec<(Job, &str)> = proven
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (version, name, digest) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
            let (topology, name) = TOPOLOGIES.into_iter().find(|(_, known)| *known == name)?;
            Some((Job { version, topology, name }, digest))
        })
        .collect();
    let mut versions: Vec<Version> = rows.iter().map(|(job, _)| job.version.clone()).collect();
    versions.dedup();
    let turn = |job: &Job| versions.iter().position(|version| *version == job.version).unwrap() % TOPOLOGIES.len();
    rows.retain(|(job, _)| full || WHOLE.contains(&job.version) || TOPOLOGIES[turn(job)].0 == job.topology);
    assert!(versions.is_empty() || rows.len() > versions.len(), "no version of `WHOLE` is recorded");
    println!("REDISGEN_CHARTS is not set: holding what is generated against what was proven");
    let (jobs, digests): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let found = work(&jobs, |job| {
        let (generated, digest) = generate(job);
        let made = generated.iter().filter(|(.., output)| output.status.success());
        let failures = made.filter_map(|(name, case, output)| {
            Some(format!("{} {} {name}: {}", job.version, job.name, look(job, case.as_ref(), output).1?))
        });
        Done { by_case: BTreeMap::new(), failures: failures.collect(), digest }
    });
    let mut changed = 0;
    for ((job, digest), done) in jobs.iter().zip(&digests).zip(&found) {
        if done.digest != **digest || !done.failures.is_empty() {
            changed += 1;
        }
        done.failures.iter().for_each(|failure| println!("FAILED {failure}"));
        if done.digest != **digest {
            println!("FAILED {} {}: the values are not those that were proven", job.version, job.name);
        }
    }
    if changed > 0 {
        println!("prove them: REDISGEN_CHARTS=DIR REDISGEN_MATRIX=record cargo test --test helm conformance::");
    }
    if jobs.is_empty() {
        println!("FAILED nothing is recorded in {}", file.display());
        changed += 1;
    }
    println!("{} passed, {changed} failed", jobs.len().saturating_sub(changed));
    if changed == 0 { Ok(()) } else { Err(format!("{changed} records do not hold").into()) }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/conformance")
}

fn jobs(versions: &[Version]) -> Vec<Job> {
    let pair = |version: &Version| TOPOLOGIES.map(|(topology, name)| Job { version: version.clone(), topology, name });
    versions.iter().flat_map(pair).collect()
}

/// Runs the jobs on all cores; the results come in the order of the jobs.
fn work<T: Send>(jobs: &[Job], job: impl Fn(&Job) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<T>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((at, one)) = {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    jobs.get(at).map(|job| (at, job))
                } {
                    let result = job(one);
                    done.lock().unwrap()[at] = Some(result);
                    if env::var_os("REDISGEN_PROGRESS").is_some() {
                        println!("{}/{} {} {}", at + 1, jobs.len(), one.version, one.name);
                    }
                }
            });
        }
    });
    done.into_inner().unwrap().into_iter().map(|result| result.unwrap()).collect()
}

fn redisgen(job: &Job, args: &[&str]) -> Output {
    let version = job.version.to_string();
    let mut all = vec!["values", "--comments", "none", "--chart-version", &version];
    if !args.contains(&"--profile") {
        all.extend(["--topology", job.name]);
    }
    // What is proven of a chart is proven with its own images, but for the cases that are about images.
    let is_about_images = ["--images", "--registry"].iter().any(|flag| args.contains(flag));
    if !is_about_images {
        all.extend(["--images", "chart"]);
    }
    all.extend(args);
    Command::new(env!("CARGO_BIN_EXE_redisgen"))
        .args(all)
        .env("REDISGEN_TEST_PASSWORD", "no: 1")
        .env("REDISGEN_TEST_BRACES", "s3cret{{{#")
        .env("REDISGEN_CONFIG_DIR", "/nonexistent")
        .env("REDISGEN_DATA_DIR", "/nonexistent")
        .output()
        .unwrap()
}

/// The flags of every case of a job: the shared ones, and the profiles once for each version.
fn asked(job: &Job) -> Vec<(String, Vec<String>, Option<Case>)> {
    let mut asked: Vec<(String, Vec<String>, Option<Case>)> = cases::cases()
        .into_iter()
        .map(|case| (case.name.to_owned(), case.args.iter().map(ToString::to_string).collect(), Some(case)))
        .collect();
    if job.topology == Topology::Sentinel {
        for profile in reference::profiles() {
            let mut args = vec!["--profile".to_owned(), profile.clone()];
            args.extend(reference::needed(&profile).iter().map(ToString::to_string));
            asked.push((format!("profile {profile}"), args, None));
        }
    }
    asked
}

type Generated = (String, Option<Case>, Output);

fn generate(job: &Job) -> (Vec<Generated>, String) {
    let mut hash = Sha256::new();
    let mut generated = Vec::new();
    for (name, args, case) in asked(job) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = redisgen(job, &args);
        hash.update(format!("{name}\n{:?}\n", output.status.code()));
        hash.update(&output.stdout);
        generated.push((name, case, output));
    }
    let digest = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    (generated, digest)
}

fn prove(job: &Job, charts: &Path, helms: &[Helm]) -> Done {
    let (generated, digest) = generate(job);
    let chart = charts.join(job.version.to_string()).join("redis");
    let mut done = Done { by_case: BTreeMap::new(), failures: Vec::new(), digest };
    for (name, case, output) in generated {
        let name = name.trim_start_matches("profile ").to_owned();
        let (count, failures) = judge(job, &name, case.as_ref(), &output, &chart, helms);
        done.by_case.insert(name, count);
        done.failures.extend(failures);
    }
    done
}

fn judge(
    job: &Job,
    name: &str,
    case: Option<&Case>,
    output: &Output,
    chart: &Path,
    helms: &[Helm],
) -> (Count, Vec<String>) {
    let at = format!("{} {} {name}", job.version, job.name);
    let mut count = Count::default();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let can =
        case.is_none_or(|case| case.can(job.topology, &job.version) && reference::renders(job.topology, &job.version));
    match output.status.code() {
        Some(0) if can => {}
        Some(2) if !can => {
            count.refused = 1;
            return (count, Vec::new());
        }
        Some(2) if case.is_none() && reference::refused(&stderr) => {
            count.refused = 1;
            return (count, Vec::new());
        }
        Some(0) => return (count, vec![format!("{at}: should be refused")]),
        code => return (count, vec![format!("{at}: exit {code:?}: {stderr}")]),
    }
    let mut failures = Vec::new();
    let (topology, unread) = look(job, case, output);
    failures.extend(unread.map(|unread| format!("{at}: {unread}")));
    for helm in helms {
        count.run += 1;
        let proof = Proof::of(&at, helm, &output.stdout);
        if proof.is_known() {
            count.passed += 1;
            continue;
        }
        let verdict = template(helm, chart, &output.stdout).and_then(|text| {
            let manifests = Manifests::parse(&text, topology, &job.version)?;
            case.map_or_else(|| reference::reached(name, &manifests), |case| (case.judge)(&manifests))
        });
        match verdict {
            Ok(()) => {
                count.passed += 1;
                proof.keep();
            }
            Err(why) => {
                count.failed += 1;
                failures.push(format!("{at} Helm {}: {why}\n{}", helm.major, String::from_utf8_lossy(&output.stdout)));
            }
        }
    }
    (count, failures)
}

/// That these values passed this case with this Helm. What is proven once is not rendered again: the proofs of earlier
/// runs lie in `target/conformance-proofs`; delete it when a case judges otherwise than before.
struct Proof(String);

impl Proof {
    fn of(at: &str, helm: &Helm, values: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(format!("{at}\n{}\n", helm.version)).chain_update(values).finalize();
        Self(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn known() -> &'static Mutex<HashSet<String>> {
        static KNOWN: OnceLock<Mutex<HashSet<String>>> = OnceLock::new();
        KNOWN.get_or_init(|| {
            let text = fs::read_to_string(Self::file()).unwrap_or_default();
            Mutex::new(text.lines().map(str::to_owned).collect())
        })
    }

    fn file() -> PathBuf {
        env::var_os("REDISGEN_PROOFS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/conformance-proofs"), PathBuf::from)
    }

    fn is_known(&self) -> bool {
        Self::known().lock().unwrap().contains(&self.0)
    }

    fn keep(self) {
        let mut known = Self::known().lock().unwrap();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(Self::file()).unwrap();
        writeln!(file, "{}", self.0).unwrap();
        known.insert(self.0);
    }
}

/// The topology of generated values, and the first key with an error of lint or without an effect: lint must accept the
/// output of redisgen.
fn look(job: &Job, case: Option<&Case>, output: &Output) -> (Topology, Option<String>) {
    let values = yaml::read_values(&String::from_utf8_lossy(&output.stdout)).unwrap();
    let chart = Chart::at(&job.version).unwrap();
    let topology = topology_of(&values, &chart);
    // What is laid over by hand may be dead; that is the person's own affair.
    let by_hand = case.is_some_and(|case| case.args.iter().any(|arg| OVERLAYS.contains(arg)));
    let wrong = || keys::unread(&values, &chart, topology).or_else(|| mistake(job, output, &chart));
    (topology, (!by_hand).then(wrong).flatten())
}

/// The first error of lint, in the sample of versions. An error that `values` printed is no mistake.
fn mistake(job: &Job, output: &Output, chart: &Chart) -> Option<String> {
    if !slice().contains(&job.version) {
        return None;
    }
    let known = Hints { version: Some(job.version.to_string().parse().unwrap()), ..Hints::default() };
    let verdict = engine::lint_text(&String::from_utf8_lossy(&output.stdout), &known, &|_| Ok(chart.clone()));
    let printed = String::from_utf8_lossy(&output.stderr);
    let mut errors = verdict.diagnostics.into_iter().filter(|found| found.severity == Severity::Error);
    let error = errors.find(|found| !printed.contains(&format!("[{}]", found.rule)))?;
    Some(format!("lint: {}: {}", error.rule, error.message))
}

/// The topology that values ask for, over the defaults of their chart.
fn topology_of(values: &Map, chart: &Chart) -> Topology {
    let says = |key: &str| {
        let said = values.get_at(&key.parse().unwrap());
        said.or_else(|| chart.key(key).and_then(|key| key.default)).cloned()
    };
    let standalone =
        says("architecture") == Some(Value::from("standalone")) || says("cluster.enabled") == Some(Value::Bool(false));
    match says("sentinel.enabled") {
        Some(Value::Bool(true)) => Topology::Sentinel,
        _ if standalone => Topology::Standalone,
        _ => Topology::Replication,
    }
}

/// What `helm template` makes of the values.
pub fn template(helm: &Helm, chart: &Path, values: &[u8]) -> Result<String, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(values).unwrap();
    let (chart, values) = (chart.display().to_string(), file.path().display().to_string());
    let kube = chart::kubernetes_today();
    let output =
        helm.run(["template", RELEASE, &chart, "--namespace", NAMESPACE, "--kube-version", &kube, "-f", &values]);
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("helm template: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn record(jobs: &[Job], results: &[Done], by_case: &BTreeMap<(String, &str), Count>, helms: &[Helm]) {
    let mut proven = String::from(
        "# Digests of what is generated, case by case, for each version and topology that was proven against the real chart.\n\
         # Written by REDISGEN_MATRIX=record; PROVEN.md sums the proof up.\n\
         # version\ttopology\tdigest\n",
    );
    for (job, done) in jobs.iter().zip(results) {
        proven += &format!("{}\t{}\t{}\n", job.version, job.name, done.digest);
    }
    fs::write(folder().join("proven.tsv"), proven).unwrap();
    let versions: Vec<_> =
        jobs.iter().filter(|job| job.topology == Topology::Sentinel).map(|job| job.version.to_string()).collect();
    let helm: Vec<_> = helms.iter().map(|helm| helm.version.clone()).collect();
    let mut table = format!(
        "# What was proven\n\nOn {}, by `REDISGEN_MATRIX=record cargo test --test helm conformance::`, with Helm {} and the chart as it was published,\n\
         versions {}.\n\n\
         A cell is *passed/run*, each run a `helm template` whose manifests were judged, and behind `-` how many wishes were refused\n\
         because that chart cannot fulfil them. A profile chooses its own topology and stands under Sentinel.\n\n\
         | wish | standalone | replication | sentinel |\n|---|---|---|---|\n",
        today(),
        helm.join(" and "),
        versions.join(", ")
    );
    let names: std::collections::BTreeSet<_> = by_case.keys().map(|(name, _)| name.clone()).collect();
    for name in names {
        let cells = TOPOLOGIES.map(|(_, topology)| match by_case.get(&(name.clone(), topology)) {
            None => String::new(),
            Some(count) if count.refused > 0 => format!("{}/{} - {}", count.passed, count.run, count.refused),
            Some(count) => format!("{}/{}", count.passed, count.run),
        });
        table += &format!("| {name} | {} |\n", cells.join(" | "));
    }
    let mut total = Count::default();
    by_case.values().for_each(|count| total.add(*count));
    table += &format!(
        "\nIn all {} run, {} passed, {} failed, {} refused.\n",
        total.run, total.passed, total.failed, total.refused
    );
    fs::write(folder().join("PROVEN.md"), table).unwrap();
}

/// The date of today in UTC, as `YYYY-MM-DD`.
fn today() -> String {
    let days = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    // Days to a civil date (Howard Hinnant, chrono-compatible algorithms).
    let z = days as i64 + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    format!("{:04}-{month:02}-{day:02}", yoe + era * 400 + i64::from(month <= 2))
}
