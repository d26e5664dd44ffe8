//! Whole processes compared with an empty program and with Helm, run in turns: `cargo bench --bench process`.
//!
//! `REDISGEN_CHARTS` names a folder with the chart in `23.1.1/redis`, for `helm template`. `REDISGEN_RUNS` is the
//! number of runs of each program. The bench prints figures and has no limits, because the speed of the machine is
//! not known.
#![allow(clippy::print_stdout, reason = "the figures are its product")]

use std::{env, fs, path::Path, process::Command};

#[path = "../tests/support/helm.rs"]
mod helm;
mod programs;

use programs::{Program, empty_program, in_turns, megabytes};

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");
const VALUES: &str = "redisgen values";
const RUNS: usize = 50;

fn main() {
    // `cargo test --all-targets` runs benches as tests, where they would only cost time.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runs = programs::runs(RUNS);
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut programs = vec![Program::new("empty program", Command::new(empty_program(scratch)))];
    programs.extend(redisgens(scratch));
    programs.extend(helms(scratch));
    in_turns(&mut programs, runs);
    print(&mut programs, runs);
}

fn redisgens(scratch: &Path) -> impl Iterator<Item = Program> {
    let calls: [(&str, &[&str]); 3] = [
        (VALUES, &["values", "--profile", "aws-internal"]),
        ("redisgen command", &["command", "--profile", "aws-internal"]),
        ("redisgen profiles list", &["profiles", "list"]),
    ];
    calls.into_iter().map(move |(name, args)| {
        let mut command = Command::new(REDISGEN);
        // The user's own profiles and charts must not affect the figures.
        command.args(args).current_dir(scratch).env("REDISGEN_CONFIG_DIR", scratch).env("REDISGEN_DATA_DIR", scratch);
        Program::new(name, command)
    })
}

/// `helm template` of the newest known chart, if Helm and the chart are available.
fn helms(scratch: &Path) -> Vec<Program> {
    let Some(charts) = env::var_os("REDISGEN_CHARTS") else {
        println!("without Helm: REDISGEN_CHARTS does not say where the charts are");
        return Vec::new();
    };
    let chart = Path::new(&charts).join(redisgen::chart::newest().to_string()).join("redis");
    if !chart.is_dir() {
        println!("without Helm: {} is not there", chart.display());
        return Vec::new();
    }
    let helms = helm::Helm::both().into_iter().filter_map(|helm| {
        let helm = helm.inspect_err(|missing| println!("without {missing}")).ok()?;
        let mut command = helm.command(&scratch.join("helm"));
        command.args(["template", "redis"]).arg(&chart);
        Some(Program::new(&format!("helm {} template", helm.major), command))
    });
    helms.collect()
}

fn print(programs: &mut [Program], runs: usize) {
    let medians: Vec<f64> = programs.iter().map(Program::median).collect();
    let of = |name: &str| programs.iter().position(|program| program.name == name).map_or(f64::NAN, |at| medians[at]);
    let (empty, values) = (medians[0], of(VALUES));
    println!(
        "\n{runs} runs of each, in turns; `redisgen values` and `redisgen command` with `--profile aws-internal`\n"
    );
    println!("{:24}{:>12}{:>16}{:>20}{:>14}", "", "median", "over empty", "to redisgen values", "peak memory");
    for (program, median) in programs.iter().zip(&medians) {
        println!(
            "{:24}{median:>9.2} ms{:>13.2} ms{:>19.2}x{:>11.1} MB",
            program.name,
            median - empty,
            median / values,
            megabytes(program.peak),
        );
    }
    let size = fs::metadata(REDISGEN).map_or(0, |file| file.len());
    println!("\nthe binary has {:.2} MB", megabytes(size));
}
