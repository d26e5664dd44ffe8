//! `redisgen migrate` of a copied `values.yaml`, compared with `redisgen lint` and an empty program, run in turns:
//! `cargo bench --bench migrate`.
//!
//! `REDISGEN_RUNS` is the number of runs of each program. The bench prints figures and has no limits.
#![allow(clippy::print_stdout, reason = "the figures are its product")]

use std::{env, fs, path::Path, process::Command};

use redisgen::chart::Chart;

mod programs;

use programs::{
    Program, empty_program, in_turns,
    large::{large_values_of, redisgen},
    print,
};

const RUNS: usize = 50;

/// A chart from before the keys were renamed, and a much newer one.
const WAY: [&str; 2] = ["13.0.2", "23.1.1"];

fn main() {
    // `cargo test --all-targets` runs benches as tests, where they would only cost time.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runs = programs::runs(RUNS);
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("migrate-bench");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).expect("the target folder can be written");
    let [from, to] = WAY;
    let chart = Chart::at(&from.parse().expect("a version")).expect("it is embedded");
    let text = large_values_of(&chart);
    let file = scratch.join("old.yaml");
    fs::write(&file, &text).expect("the target folder can be written");
    let mut migrate = redisgen(&scratch);
    migrate.arg("migrate").arg(&file).args(["--from", from, "--to", to]);
    let mut lint = redisgen(&scratch);
    lint.args(["lint", "--fail-on", "never", "--chart-version", from]).arg(&file);
    let mut programs = vec![
        Program::new("empty program", Command::new(empty_program(&scratch))),
        Program::that_finds("redisgen migrate", migrate),
        Program::new("redisgen lint", lint),
    ];
    in_turns(&mut programs, runs);
    print(
        &format!("one file of {} bytes, {from} to {to}, {runs} runs of each in turns", text.len()),
        "redisgen migrate",
        &mut programs,
    );
}
