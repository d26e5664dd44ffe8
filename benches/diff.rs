//! `redisgen diff` compared with `dyff between` and `diff -u`, run in turns: `cargo bench --bench diff`.
//!
//! `REDISGEN_DYFF` names a dyff (`go install github.com/homeport/dyff/cmd/dyff@latest`) that is not on the PATH.
//! `REDISGEN_RUNS` is the number of runs of each program. The bench prints figures and has no limits.
#![allow(clippy::print_stdout, reason = "the figures are its product")]

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

mod programs;

use programs::{
    Program, empty_program, in_turns,
    large::{large_values, redisgen},
    print,
};

const RUNS: usize = 50;

fn main() {
    // `cargo test --all-targets` runs benches as tests, where they would only cost time.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runs = programs::runs(RUNS);
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).expect("the target folder can be written");
    let old = large_values();
    // The new file has a changed value and other quotes, as after an edit by a user and a formatter.
    let new = old.replace("replicaCount: 3", "replicaCount: 5").replace("\"\"", "''");
    assert_ne!(old, new);
    let files = ["old.yaml", "new.yaml"].map(|name| scratch.join(name));
    for (file, text) in files.iter().zip([&old, &new]) {
        fs::write(file, text).expect("the target folder can be written");
    }
    let mut programs = vec![Program::new("empty program", Command::new(empty_program(&scratch)))];
    for (name, args) in [
        ("redisgen diff", &[][..]),
        ("redisgen diff -o unified", &["--output", "unified"][..]),
        ("redisgen diff 13 -> 23", &["--from", "13.0.1", "--to", "23.1.1"][..]),
    ] {
        let mut command = redisgen(&scratch);
        command.args(["diff", "--exit-zero"]).args(args).args(&files);
        programs.push(Program::new(name, command));
    }
    programs.extend(other("dyff between", env::var_os("REDISGEN_DYFF"), "dyff", &["between", "--omit-header"], &files));
    programs.extend(other("diff -u", None, "diff", &["-u"], &files));
    in_turns(&mut programs, runs);
    print(&format!("two files of {} bytes, {runs} runs of each in turns", old.len()), "redisgen diff", &mut programs);
}

fn other(name: &str, named: Option<OsString>, program: &str, args: &[&str], files: &[PathBuf]) -> Option<Program> {
    let program = named.unwrap_or_else(|| program.into());
    if Command::new(&program).arg("--help").output().is_err() {
        println!("without {name}: it is not there");
        return None;
    }
    let mut command = Command::new(program);
    command.args(args).args(files);
    Some(Program::that_finds(name, command))
}
