//! What a person sees at a terminal: folded lines, the summary last, colours, the pager, progress.
//!
//! `script` makes the terminal. Without it, as on Windows, there is nothing to see.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

const OLD: &str = "architecture: replication\nmaster:\n  service:\n    type: LoadBalancer\nreplica:\n  replicaCount: 2\nauth:\n  pasword: x\n";
const NEW: &str = "architecture: replication\nsentinel: {enabled: true, quorum: 1}\nmetrics: {enabled: true, serviceMonitor: {enabled: true, namepsace: x}}\n";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("old.yaml"), OLD).unwrap();
    fs::write(folder.path().join("new.yaml"), NEW).unwrap();
    folder
}

fn clean(command: &mut Command, folder: &Path) {
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LESS", "REDISGEN_PAGER", "REDISGEN_QUIET", "REDISGEN_COLOR"]
    {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("REDISGEN_DATA_DIR", folder.join("data"))
        .env("REDISGEN_CONFIG_DIR", folder.join("config"))
        .env("TERM", "xterm")
        .env("PAGER", "cat")
        .stdin(Stdio::null());
}

/// What a terminal of this size shows, with the codes that colour it.
fn shown(folder: &Path, (width, height): (usize, usize), args: &str, variables: &[(&str, &str)]) -> String {
    let line = format!("stty cols {width} rows {height}; {} {args}", env!("CARGO_BIN_EXE_redisgen"));
    let mut script = Command::new("script");
    clean(&mut script, folder);
    let output = script.args(["-qec", &line, "/dev/null"]).envs(variables.iter().copied()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n")
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// What a pipe gets: standard output, then standard error.
fn piped(folder: &Path, args: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    clean(&mut command, folder);
    let output = command.args(args.split(' ')).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

const REPORTS: [&str; 9] = [
    "lint old.yaml new.yaml",
    "diff old.yaml new.yaml",
    "migrate --from 17.0.0 --to 28.0.7 -o text old.yaml",
    "explain auth.password",
    "rules",
    "chart list",
    "profiles list",
    "values --profile aws-internal --chart-version 18 --comments none",
    "command --profile aws-internal --existing-secret redis-auth",
];

#[test]
fn no_line_is_wider_than_the_terminal() {
    let folder = folder();
    for args in REPORTS {
        for width in [80, 60] {
            let text = plain(&shown(folder.path(), (width, 1000), args, &[]));
            assert!(text.lines().count() > 3, "{args}: {text}");
            for line in text.lines().filter(|line| line.chars().count() > width) {
                // No shell takes a fold within quotes, and a fold changes no word and no annotation.
                let is_word = !line.trim().trim_end_matches('\\').trim_end().contains(' ');
                let is_whole = line.contains(['\'', '"']) || line.contains(".kubernetes.io/");
                assert!(is_word || is_whole, "{args} at {width}: {line}");
            }
        }
    }
}

#[test]
fn a_pipe_gets_whole_lines_without_colours() {
    let folder = folder();
    let text = piped(folder.path(), REPORTS[2]);
    assert!(text.lines().any(|line| line.chars().count() > 120) && !text.contains('\u{1b}'), "{text}");
}

/// The commands of the upgrade steps, each in one line.
fn commands(report: &str) -> Vec<String> {
    let (_, plan) = report.split_once("upgrade steps").unwrap();
    let mut joined = String::new();
    for line in plan.lines() {
        match joined.strip_suffix(" \\\n").map(str::to_owned) {
            Some(before) => joined = format!("{before} {}\n", line.trim_start()),
            None => joined += &format!("{line}\n"),
        }
    }
    let is_command = |line: &&str| line.starts_with("     ");
    joined.lines().filter(is_command).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_commands_of_a_plan_are_the_same_as_in_a_pipe() {
    let folder = folder();
    let whole = commands(&piped(folder.path(), REPORTS[2]));
    assert!(whole.len() > 10, "{whole:?}");
    for width in [80, 60] {
        let folded = commands(&plain(&shown(folder.path(), (width, 1000), REPORTS[2], &[])));
        assert_eq!(folded, whole, "at {width}");
    }
}

#[test]
fn the_summary_comes_last() {
    let folder = folder();
    let last = |args: &str, count: usize| {
        let text = plain(&shown(folder.path(), (80, 1000), args, &[]));
        let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    };
    assert!(last("lint old.yaml new.yaml", 3).starts_with("2 errors"), "{}", last("lint old.yaml new.yaml", 3));
    let migrate = "migrate --from 17.0.0 --to 28.0.7 old.yaml";
    assert!(last(migrate, 2).contains(" settings: ") && last(migrate, 1).starts_with("next: "), "{}", last(migrate, 2));
    assert!(last("diff old.yaml new.yaml", 3).contains(" changes: "), "{}", last("diff old.yaml new.yaml", 3));
    let values = last("values --profile aws-internal --chart-version 18 --maxmemory 100mb", 1);
    assert_eq!(values, "2 warnings, 3 notes: `redisgen explain RULE` explains an id in brackets");
}

#[test]
fn a_long_report_goes_through_the_pager() {
    let folder = folder();
    let paged = |size: (usize, usize), args: &str| {
        plain(&shown(folder.path(), size, args, &[("REDISGEN_PAGER", "sed s/^/page:/")])).contains("page:")
    };
    for args in ["lint old.yaml", "diff old.yaml new.yaml", REPORTS[2], "explain auth-off", "rules", "chart list"] {
        assert!(paged((80, 10), args), "{args}");
        assert!(!paged((80, 2000), args), "{args} fits on the screen");
        assert!(!paged((80, 10), &format!("{args} --no-pager")), "{args}");
        assert!(!paged((80, 10), &format!("{args} | cat")), "{args}");
    }
    assert!(!paged((80, 10), "lint -o json old.yaml | cat"));
}

#[test]
fn reports_are_coloured_as_the_person_wants() {
    let folder = folder();
    for args in [
        "lint old.yaml",
        "diff old.yaml new.yaml",
        REPORTS[2],
        "migrate --to 28.0.7 --from 17 --diff old.yaml",
        "rules",
    ] {
        let has_colour = |args: &str, variables: &[(&str, &str)]| {
            shown(folder.path(), (200, 1000), args, variables).contains("\u{1b}[1m")
        };
        let differs = args.contains("--diff");
        assert!(differs || has_colour(args, &[]), "{args}");
        assert!(!has_colour(args, &[("NO_COLOR", "1")]), "{args}");
        assert!(!has_colour(&format!("{args} --color never"), &[]), "{args}");
        assert!(!has_colour(&format!("{args} | cat"), &[]), "{args}");
        assert!(differs || has_colour(&format!("{args} | cat"), &[("CLICOLOR_FORCE", "1")]), "{args}");
    }
}

#[test]
fn a_file_has_no_colours() {
    let folder = folder();
    shown(folder.path(), (80, 24), "diff --color always old.yaml new.yaml --output-file diff.txt", &[]);
    let text = fs::read_to_string(folder.path().join("diff.txt")).unwrap();
    assert!(text.contains("changes") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn slow_work_shows_progress_and_erases_it() {
    let folder = folder();
    let helm = folder.path().join("helm");
    fs::write(&helm, "#!/bin/sh\nsleep 2\nexit 1\n").unwrap();
    fs::set_permissions(&helm, fs::Permissions::from_mode(0o755)).unwrap();
    let path =
        env::join_paths([folder.path().to_owned()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())));
    let path = path.unwrap().into_string().unwrap();
    let args = "diff --live --release cache new.yaml";
    let run = |args: &str| shown(folder.path(), (80, 24), args, &[("PATH", &path)]);
    let text = run(args);
    let (_, after) = text.rsplit_once("asking helm").unwrap_or_else(|| panic!("{text:?}"));
    assert!(after.contains("\u{1b}[2K"), "the progress is not erased: {text:?}");
    assert!(!run(&format!("{args} -q")).contains("asking helm"));
    assert!(!run(&format!("{args} 2>&1 | cat")).contains("asking helm"));
    // What is done in less than a second shows none.
    assert!(!shown(folder.path(), (80, 24), "lint old.yaml", &[]).contains("checking files"));
}

/// The short help of `values` fits in two screens, and each option in one line.
#[test]
fn the_short_help_of_values_fits_in_two_screens() {
    let folder = folder();
    let text = plain(&shown(folder.path(), (80, 40), "values -h", &[]));
    assert!(text.lines().count() <= 80, "{} lines", text.lines().count());
    for heading in ["Profiles:", "Output:", "Placement:"] {
        assert!(text.lines().any(|line| line == heading), "{heading}");
    }
    for line in text.lines().filter(|line| line.trim_start().starts_with("--") || line.trim_start().starts_with("-")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    // Each option takes one line: what is no option is a heading, empty, or around the list.
    let around = text.lines().filter(|line| line.starts_with("          ")).count();
    assert_eq!(around, 0, "{text}");
}

#[test]
fn no_option_of_values_is_listed_twice() {
    let folder = folder();
    for command in ["diff", "command", "images"] {
        let text = piped(folder.path(), &format!("{command} --help"));
        assert!(text.contains("redisgen values --help"), "{command}: {text}");
        assert!(!text.contains("--existing-secret <"), "{command}");
        assert!(text.contains("Examples:") && text.contains("Exit codes:"), "{command}");
    }
}
