//! What the commands cost, as ratios of programs that run in turns, each with its limit: `cargo bench --bench lint`.
//!
//! The rivals have their rows if they are there: `env $(tools/speed/rivals) cargo bench --bench lint`, and
//! `REDISGEN_CHARTS`, a folder with the chart in `23.1.1/redis`, for Helm. `REDISGEN_RUNS` is the number of runs of each
//! program. The bench prints figures and fails for none of them, because other load of the machine changes them.
#![allow(clippy::print_stdout, reason = "the figures are its product")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use granit_parser::Parser;
use rayon::prelude::*;
use redisgen::{chart, yaml::Document};

#[path = "../tests/support/helm.rs"]
mod helm;
mod programs;

use programs::{
    Program,
    large::{large_values, redisgen},
    rows::{Figure, Limit, Row},
};

const RUNS: usize = 7;

/// Environment variables with a folder. If one is set, this program does only that with the files of the folder.
const PARSE: &str = "REDISGEN_BENCH_PARSE";
const EVENTS: &str = "REDISGEN_BENCH_EVENTS";

const MANY: usize = 10_000;

/// How often the large file is read: a single file costs no more than the start of a process.
const COPIES: usize = 100;

/// Profiles whose values have the most common size.
const PROFILES: [&str; 4] = ["aws-internal", "cache", "dev", "gcp-internal"];

/// The chart version of the rows with Helm.
const CHART: &str = "23.1.1";

fn main() {
    if let Some(folder) = env::var_os(PARSE) {
        each_text(Path::new(&folder), |text| assert!(Document::parse(text).is_ok()));
        return;
    }
    if let Some(folder) = env::var_os(EVENTS) {
        each_text(Path::new(&folder), |text| assert!(Parser::new_from_str(text).all(|event| event.is_ok())));
        return;
    }
    // `cargo test --all-targets` runs benches as tests, where they would only cost time.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).expect("the target folder can be written");
    let files = Files::write(&scratch);
    let runs = programs::runs(RUNS);
    println!("{runs} runs of each in turns; small files have {} bytes on average\n", files.small);
    for row in files.rows() {
        let runs = if row.figure == Figure::Time && row.what.contains("start") { runs * 8 } else { runs };
        row.measure(runs);
    }
}

/// Finds and reads the files in the way of `lint`.
fn each_text(folder: &Path, work: impl Fn(&str) + Sync) {
    let walk = ignore::WalkBuilder::new(folder).require_git(false).sort_by_file_path(Path::cmp).build();
    let files: Vec<PathBuf> = walk.flatten().map(ignore::DirEntry::into_path).filter(|file| file.is_file()).collect();
    files.par_iter().for_each(|file| work(&fs::read_to_string(file).expect("a text")));
}

/// The files of the bench.
struct Files {
    scratch: PathBuf,
    /// Bytes of a small file on average.
    small: usize,
    one: PathBuf,
    clean: PathBuf,
    wrong: PathBuf,
    large: PathBuf,
    own: PathBuf,
    items: PathBuf,
    annotations: PathBuf,
    applications: PathBuf,
}

impl Files {
    fn write(scratch: &Path) -> Self {
        let texts = clean_values(scratch);
        let wrong: Vec<String> = texts.iter().map(|text| format!("{text}\nnonsense: 1\n")).collect();
        let write = |name: &str, text: &str| {
            let path = repository(scratch, name.trim_end_matches(".yaml")).join(name);
            fs::write(&path, text).expect("the target folder can be written");
            path
        };
        Self {
            scratch: repository(scratch, "here"),
            small: texts.iter().map(String::len).sum::<usize>() / texts.len(),
            one: write("one.yaml", &texts[0]),
            clean: filled(&repository(scratch, "clean"), MANY, &texts),
            wrong: filled(&repository(scratch, "wrong"), MANY, &wrong),
            large: filled(&repository(scratch, "large"), COPIES, &[large_values()]),
            own: write("own.yaml", &large_values()),
            items: write(
                "items.yaml",
                &grown("master:\n  extraEnvVars:\n", |at| {
                    format!("    - name: VAR_{at}\n      value: some value {at}\n")
                }),
            ),
            annotations: write(
                "annotations.yaml",
                &grown("master:\n  service:\n    type: LoadBalancer\n    annotations:\n", |at| {
                    format!("      service.beta.kubernetes.io/aws-x-{at}: value {at}\n")
                }),
            ),
            applications: write("applications.yaml", &(0..160).map(application).collect::<String>()),
        }
    }

    fn rows(&self) -> Vec<Row> {
        use Limit::{AtLeast, AtMost};
        let Self { clean, wrong, large, items, annotations, applications, own, .. } = self;
        let with = |name: &str, variable: &str, folder: &Path| {
            let mut command = Command::new(env::current_exe().expect("this program has a file"));
            command.env(variable, folder);
            Program::new(name, command)
        };
        let threads = |count: &str| {
            let mut command = self.redisgen(&["lint", "--fail-on", "never"]);
            command.arg(clean).env("RAYON_NUM_THREADS", count);
            Program::new(count, command)
        };
        let values = self.redisgen(&["values", "--profile", "aws-internal"]);
        let memory = |args: &[&str], of: u64| {
            let mut one = self.redisgen(args);
            one.arg(items);
            let mut to = self.redisgen(args);
            to.arg(&self.one);
            if args[0] == "diff" {
                one.arg(items);
                to.arg(&self.one);
            }
            let [one, to] = [("1 MB", one), ("small", to)].map(|(name, command)| Program::that_finds(name, command));
            Row {
                figure: Figure::BytesForByte(of),
                ..Row::new(&format!("memory of {} for a byte", args[0]), AtMost(60.0), one, to)
            }
        };
        let migrate = |file: &Path| {
            let mut command = self.redisgen(&["migrate", "--to", "25.5.3"]);
            command.arg(file);
            Program::that_finds("migrate", command)
        };
        let size = fs::metadata(items).map_or(1, |file| file.len());
        let mut rows = vec![
            Row::new(
                "lint of 10,000 files to the events of the parser",
                AtMost(4.0),
                self.lint(clean),
                with("events", EVENTS, clean),
            ),
            Row::new(
                "lint of 10,000 files to parsing them",
                AtMost(4.0),
                self.lint(clean),
                with("parse", PARSE, clean),
            ),
            Row::new("lint with findings to lint without", AtMost(2.0), self.lint(wrong), self.lint(clean)),
            Row::new(
                "lint of large files to the events of the parser",
                AtMost(2.7),
                self.lint(large),
                with("events", EVENTS, large),
            ),
            Row { figure: Figure::Wait, ..Row::new("one core to two cores", AtLeast(1.7), threads("1"), threads("2")) },
            Row::new(
                "start: values to /bin/true",
                AtMost(3.0),
                Program::new("values", values),
                Program::new("true", Command::new("/bin/true")),
            ),
            Row::new(
                "1 MB of annotations to 1 MB of list items",
                AtMost(2.0),
                self.lint(annotations),
                self.lint(items),
            ),
            Row::new("an Application migrated to linted", AtMost(5.0), migrate(applications), self.lint(applications)),
            memory(&["diff", "--chart-version", CHART], size),
            memory(&["migrate", "--from", "22.0.0", "--to", CHART], size),
        ];
        rows.extend(self.rivals(&self.one, own));
        rows
    }

    /// What others take for the same file.
    fn rivals(&self, one: &Path, own: &Path) -> Vec<Row> {
        use Limit::{AtLeast, AtMost};
        let mut rows = Vec::new();
        let mut row = |what: &str, least: f64, rival: Option<Program>| match rival {
            Some(rival) => rows.push(Row::new(what, AtLeast(least), rival, self.lint(one))),
            None => println!("without {what}: it is not there"),
        };
        let chart = env::var_os("REDISGEN_CHARTS").map(|charts| Path::new(&charts).join(CHART).join("redis"));
        let chart = chart.filter(|chart| chart.is_dir());
        for helm in helm::Helm::both().into_iter().flatten() {
            let program = chart.as_ref().map(|chart| {
                let mut command = helm.command(&self.scratch.join("helm"));
                command.arg("lint").arg(chart).arg("--values").arg(one);
                Program::new("helm lint", command)
            });
            row(&format!("start: Helm {} lint to lint", helm.version), 60.0, program);
        }
        let with_schema = chart.as_ref().zip(helm::Helm::both().into_iter().flatten().last());
        let with_schema = with_schema.and_then(|(chart, helm)| {
            let chart = self.with_schema(chart)?;
            let mut command = helm.command(&self.scratch.join("helm"));
            command.arg("lint").arg(chart).arg("--values").arg(one);
            Some(Program::new("helm lint", command))
        });
        row("start: Helm lint with a schema of helm-schema to lint", 60.0, with_schema);
        let checker = rival("REDISGEN_HELM_VALUES_CHECKER", "helm-values-checker").zip(chart.as_ref());
        row(
            "start: helm-values-checker to lint",
            18.0,
            checker.map(|(mut command, chart)| {
                command.args(["validate", "-f"]).arg(one).arg("--chart").arg(chart);
                Program::that_finds("helm-values-checker", command)
            }),
        );
        row(
            "start: yamllint to lint",
            32.0,
            rival("REDISGEN_YAMLLINT", "yamllint").map(|mut command| {
                command.args(["--config-data", "{extends: relaxed, rules: {line-length: disable}}"]).arg(one);
                Program::new("yamllint", command)
            }),
        );
        let new = own.with_file_name("new.yaml");
        let text = fs::read_to_string(own).expect("it was written").replace("replicaCount: 3", "replicaCount: 5");
        fs::write(&new, text.replace("\"\"", "''")).expect("the target folder can be written");
        match rival("REDISGEN_DYFF", "dyff") {
            Some(mut dyff) => {
                dyff.args(["between", "--omit-header"]).args([own, &new]);
                let mut diff = self.redisgen(&["diff", "--exit-zero"]);
                diff.args([own, &new]);
                let [diff, dyff] =
                    [("diff", diff), ("dyff", dyff)].map(|(name, command)| Program::that_finds(name, command));
                rows.push(Row::new("start: diff of two large files to dyff between", AtMost(0.5), diff, dyff));
            }
            None => println!("without dyff: it is not there"),
        }
        rows
    }

    /// A copy of the chart with the schema that helm-schema writes for it, which takes most of a minute.
    fn with_schema(&self, chart: &Path) -> Option<PathBuf> {
        let mut helm_schema = rival("REDISGEN_HELM_SCHEMA", "helm-schema")?;
        let copy = self.scratch.join("with-schema");
        let copied = Command::new("cp").arg("-r").arg(chart).arg(&copy).status();
        helm_schema.args(["--offline", "--no-k8s-schemas", "--compact", "-o"]).arg(self.scratch.join("schema.json"));
        let written = helm_schema.arg(&copy).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_there = copied.is_ok_and(|status| status.success()) && written.is_ok_and(|status| status.success());
        let schema = copy.join("values.schema.json");
        (is_there && fs::copy(self.scratch.join("schema.json"), schema).is_ok()).then_some(copy)
    }

    fn redisgen(&self, args: &[&str]) -> Command {
        let mut command = redisgen(&self.scratch);
        command.args(args);
        command
    }

    fn lint(&self, what: &Path) -> Program {
        let mut command = self.redisgen(&["lint", "--fail-on", "never"]);
        command.arg(what);
        Program::new("lint", command)
    }
}

/// A folder that is a repository of its own: a command about one file reads the manifests around it.
fn repository(scratch: &Path, name: &str) -> PathBuf {
    let folder = scratch.join(name);
    fs::create_dir_all(folder.join(".git")).expect("the target folder can be written");
    folder
}

/// A rival that the environment names, or that is on the PATH.
fn rival(variable: &str, name: &str) -> Option<Command> {
    let program = env::var_os(variable).unwrap_or_else(|| name.into());
    let is_there = Command::new(&program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    is_there.then(|| Command::new(program))
}

/// Small values files that redisgen writes, and in which it finds nothing.
fn clean_values(scratch: &Path) -> Vec<String> {
    let versions = chart::version_numbers().rev().step_by(20);
    let inputs = versions.flat_map(|version| PROFILES.map(|profile| (profile, version.to_string())));
    let file = scratch.join("tried.yaml");
    let mut texts = Vec::new();
    for (profile, version) in inputs {
        let output = redisgen(scratch).args(["values", "--profile", profile, "--chart-version", &version]).output();
        let output = output.expect("redisgen starts");
        if !output.status.success() || output.stdout.is_empty() {
            continue;
        }
        fs::write(&file, &output.stdout).expect("the target folder can be written");
        let linted = redisgen(scratch).args(["lint", "--fail-on", "info"]).arg(&file).stdout(Stdio::null()).status();
        if linted.expect("redisgen starts").success() {
            texts.push(String::from_utf8(output.stdout).expect("a text"));
        }
    }
    assert!(texts.len() > 10, "{} files without findings are too few", texts.len());
    texts
}

/// A text of 1 MB.
fn grown(head: &str, entry: impl Fn(usize) -> String) -> String {
    let mut text = format!("architecture: replication\n{head}");
    for at in 0.. {
        if text.len() >= 1_000_000 {
            break;
        }
        text += &entry(at);
    }
    text
}

fn application(at: usize) -> String {
    format!(
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: redis-{at}\n  namespace: argocd\nspec:\n  \
         project: default\n  source:\n    repoURL: registry-1.docker.io/bitnamicharts\n    chart: redis\n    targetRevision: 23.1.1\n    \
         helm:\n      valuesObject:\n        architecture: replication\n        replica:\n          replicaCount: 3\n"
    )
}

/// Creates a folder with `count` files, a hundred in each subfolder.
fn filled(folder: &Path, count: usize, texts: &[String]) -> PathBuf {
    for (at, text) in texts.iter().cycle().take(count).enumerate() {
        let below = folder.join(format!("{:03}", at / 100));
        fs::create_dir_all(&below).expect("the target folder can be written");
        fs::write(below.join(format!("{at}.yaml")), text).expect("the target folder can be written");
    }
    folder.to_owned()
}
