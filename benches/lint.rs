//! `redisgen lint` compared with parsing alone, `helm lint` and yamllint, run in turns: `cargo bench --bench lint`.
//!
//! `REDISGEN_CHARTS` names a folder with the chart in `23.1.1/redis`, for `helm lint`. `REDISGEN_YAMLLINT` names a
//! yamllint that is not on the PATH. `REDISGEN_RUNS` is the number of runs of each program. The bench prints figures
//! and has no limits, because the speed of the machine is not known.
#![allow(clippy::print_stdout, reason = "the figures are its product")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use rayon::prelude::*;
use redisgen::{chart, yaml::Document};

#[path = "../tests/support/helm.rs"]
mod helm;
mod programs;

use programs::{
    Program, empty_program, in_turns,
    large::{large_values, redisgen},
    print,
};

const RUNS: usize = 10;

/// Environment variable with a folder. If it is set, this program only parses the files in the folder.
const PARSE: &str = "REDISGEN_BENCH_PARSE";

const MANY: usize = 10_000;
const FEW: usize = 1_000;

/// Profiles whose values have the most common size.
const PROFILES: [&str; 4] = ["aws-internal", "cache", "dev", "gcp-internal"];

fn main() {
    if let Some(folder) = env::var_os(PARSE) {
        parse(Path::new(&folder));
        return;
    }
    // `cargo test --all-targets` runs benches as tests, where they would only cost time.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runs = programs::runs(RUNS);
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).expect("the target folder can be written");
    let large = scratch.join("large.yaml");
    fs::write(&large, large_values()).expect("the target folder can be written");
    let texts = small_values(&scratch);
    let wrong: Vec<String> = texts.iter().map(|text| format!("{text}\nnonsense: 1\n")).collect();
    let folders = [("clean", MANY, &texts), ("clean", FEW, &texts), ("wrong", MANY, &wrong), ("wrong", FEW, &wrong)]
        .map(|(name, count, texts)| filled(&scratch.join(format!("{name}-{count}")), count, texts));
    let size = texts.iter().map(String::len).sum::<usize>() / texts.len();

    let mut programs =
        vec![Program::new("empty program", Command::new(empty_program(&scratch))), lint("redisgen lint", &large)];
    programs.extend(helm(&scratch, &large));
    programs.extend(yamllint(&large));
    in_turns(&mut programs, runs * 5);
    print(
        &format!("one file of {} bytes, {} runs of each in turns", large_values().len(), runs * 5),
        "redisgen lint",
        &mut programs,
    );

    let [clean, few_clean, wrong, few_wrong] = &folders;
    let mut many = vec![lint("redisgen lint", clean), parsing(clean)];
    in_turns(&mut many, runs);
    many.extend(yamllint(clean));
    // yamllint takes minutes.
    if let Some(yamllint) = many.get_mut(2) {
        yamllint.run();
    }
    print(
        &format!("{MANY} files of {size} bytes, {runs} runs of each in turns, yamllint once"),
        "redisgen lint",
        &mut many,
    );

    let mut peaks = vec![
        lint("1,000 without findings", few_clean),
        lint("10,000 without findings", clean),
        lint("1,000 with findings", few_wrong),
        lint("10,000 with findings", wrong),
    ];
    in_turns(&mut peaks, 1);
    print("memory", "redisgen lint", &mut peaks);
}

/// The work of `parsing alone`: finds and reads the same files in the same way.
fn parse(folder: &Path) {
    let walk = ignore::WalkBuilder::new(folder).require_git(false).sort_by_file_path(Path::cmp).build();
    let files: Vec<PathBuf> = walk.flatten().map(ignore::DirEntry::into_path).filter(|file| file.is_file()).collect();
    let read = |file: &PathBuf| Document::parse(&fs::read_to_string(file).expect("a text")).is_ok();
    assert!(files.par_iter().all(read));
}

/// Small values files that redisgen writes.
fn small_values(scratch: &Path) -> Vec<String> {
    let versions = chart::version_numbers().rev().step_by(40);
    let inputs: Vec<_> = versions.flat_map(|version| PROFILES.map(|profile| (profile, version.to_string()))).collect();
    let texts = inputs.iter().filter_map(|(profile, version)| {
        let mut command = redisgen(scratch);
        let output = command.args(["values", "--profile", profile, "--chart-version", version]).output().ok()?;
        String::from_utf8(output.stdout).ok().filter(|text| output.status.success() && !text.is_empty())
    });
    texts.collect()
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

fn lint(name: &str, what: &Path) -> Program {
    let mut command = redisgen(what.parent().unwrap_or(what));
    command.args(["lint", "--fail-on", "never"]).arg(what);
    Program::new(name, command)
}

fn parsing(folder: &Path) -> Program {
    let mut command = Command::new(env::current_exe().expect("this program has a file"));
    command.env(PARSE, folder);
    Program::new("parsing alone", command)
}

/// `helm lint` of the newest known chart with these values, if Helm and the chart are available.
fn helm(scratch: &Path, values: &Path) -> Vec<Program> {
    let Some(charts) = env::var_os("REDISGEN_CHARTS") else {
        println!("without Helm: REDISGEN_CHARTS does not say where the charts are");
        return Vec::new();
    };
    let chart = Path::new(&charts).join(chart::newest().to_string()).join("redis");
    let helms = helm::Helm::both().into_iter().filter_map(|helm| {
        let helm = helm.inspect_err(|missing| println!("without {missing}")).ok()?;
        let mut command = helm.command(&scratch.join("helm"));
        command.arg("lint").arg(&chart).arg("--values").arg(values);
        Some(Program::new(&format!("helm {} lint", helm.major), command))
    });
    helms.collect()
}

fn yamllint(what: &Path) -> Option<Program> {
    let yamllint = env::var_os("REDISGEN_YAMLLINT").unwrap_or_else(|| "yamllint".into());
    if Command::new(&yamllint).arg("--version").output().is_err() {
        println!("without yamllint: it is not there");
        return None;
    }
    let mut command = Command::new(yamllint);
    command.args(["--config-data", "{extends: relaxed, rules: {line-length: disable}}"]).arg(what);
    Some(Program::new("yamllint", command))
}
