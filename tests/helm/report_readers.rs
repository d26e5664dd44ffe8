//! Reports as other programs read them: SARIF by Microsoft's multitool, JUnit by the parser behind a widely used action
//! that publishes test results. `.ci/tools` installs both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};
use redisgen::{
    lint::{Diagnostic, CheckedFile, Rule, Severity, engine, rules},
    report::{Color, Format, render},
    source::Hints,
};
use serde_json::{Value, json};

use crate::{
    Check,
    support::{generated, helm::tools, pages},
};

/// How many reports with generated findings are read.
const GENERATED: usize = 256;

/// A file with its text and its findings.
type Case = (String, String, Vec<Diagnostic>);

/// The name of a check, the name of its tool, and where `.ci/tools` puts the program.
type NamedCheck = (&'static str, &'static str, fn(&Path), fn(&Path) -> PathBuf);

const CHECKS: [NamedCheck; 4] = [
    ("the multitool reads every log", "sarif-multitool", the_multitool_reads_every_log, multitool),
    ("the multitool finds what is not valid", "sarif-multitool", the_multitool_finds_what_is_not_valid, multitool),
    ("junitparser reads every finding", "junitparser", junitparser_reads_every_finding, junitparser),
    ("junitparser finds what is not valid", "junitparser", junitparser_finds_what_is_not_valid, junitparser),
];

pub fn checks() -> Vec<Check> {
    let checks = CHECKS.map(|(name, tool, check, program)| {
        let program = program(&tools().join(tool));
        if program.is_file() {
            return Check::panicking(name, move || check(&program));
        }
        let missing = format!("{tool} is not at {}; `.ci/tools` installs it", program.display());
        assert!(env::var_os("CI").is_none(), "{missing}");
        Check::missing(name, &missing)
    });
    checks.into()
}

fn multitool(folder: &Path) -> PathBuf {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    folder.join(format!("node_modules/@microsoft/sarif-multitool-{system}/Sarif.Multitool"))
}

fn junitparser(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// The findings of the page of a rule.
fn of_page(rule: &Rule) -> Vec<Case> {
    let texts = ["Bad", "Good"].into_iter().flat_map(|section| pages::examples(rule, section));
    let judged = texts.map(|text| {
        let found = engine::lint_text(&text, &Hints::default(), &pages::charts).diagnostics;
        ("charts/redis/values.yaml".to_owned(), text, found)
    });
    judged.collect()
}

/// The findings of the pages of all rules as one report, one report without files, and generated ones.
fn cases() -> Vec<Vec<Case>> {
    let of_pages = rules::all().iter().flat_map(|rule| of_page(rule)).collect();
    let mut runner =
        TestRunner::new(Config { rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..Config::default() });
    let reports = prop::collection::vec(generated::file(), 0..3);
    let generated = std::iter::repeat_with(|| reports.new_tree(&mut runner).unwrap().current());
    [of_pages, Vec::new()].into_iter().chain(generated.take(GENERATED)).collect()
}

fn rendered(format: Format, case: &[Case]) -> String {
    let judged: Vec<CheckedFile> = case
        .iter()
        .map(|(file, text, found)| CheckedFile { file, text, document: None, chart: Some("23.1.1".to_owned()), diagnostics: found })
        .collect();
    render(format, &judged, Color::Off)
}

/// A folder of a check's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report_readers").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the multitool says of a log: why it cannot read it, or else each error that it finds.
///
/// `validate` alone is not enough: of a log that it cannot read at all it says nothing, and succeeds.
fn wrong_log(multitool: &Path, folder: &Path, log: &Value) -> Vec<String> {
    fs::write(folder.join("log.sarif"), log.to_string()).unwrap();
    let run = |command: &str| -> Output {
        let args = [command, "log.sarif", "--log", "ForceOverwrite", "--output", "out.sarif"];
        Command::new(multitool).current_dir(folder).args(args).output().expect("an installed multitool starts")
    };
    let read = run("rewrite");
    if !read.status.success() {
        return vec![String::from_utf8_lossy(&read.stdout).into_owned()];
    }
    let checked = run("validate");
    if !checked.status.success() {
        return vec![String::from_utf8_lossy(&checked.stdout).into_owned()];
    }
    let out: Value = serde_json::from_slice(&fs::read(folder.join("out.sarif")).unwrap()).unwrap();
    let results = out["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    results.iter().filter(|result| result["level"] == "error").map(ToString::to_string).collect()
}

/// The runs of all reports are one log, since the start of the multitool takes longer than the work.
fn the_multitool_reads_every_log(multitool: &Path) {
    let reports: Vec<Value> =
        cases().iter().map(|case| serde_json::from_str(&rendered(Format::Sarif, case)).unwrap()).collect();
    let runs: Vec<&Value> = reports.iter().flat_map(|report| report["runs"].as_array().unwrap()).collect();
    assert!(runs.len() >= GENERATED, "{}", runs.len());
    let mut log = reports[0].clone();
    log["runs"] = json!(runs);
    assert_eq!(wrong_log(multitool, &folder("sarif"), &log), [""; 0]);
}

fn the_multitool_finds_what_is_not_valid(multitool: &Path) {
    let folder = folder("bad-sarif");
    // The log of one page is short: the multitool reads each of its mistakes.
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, &of_page(rules::all()[0]))).unwrap();
    let result = "/runs/0/results/0";
    let region = format!("{result}/locations/0/physicalLocation/region");
    for (at, key, value) in [
        (result, "level", json!("info")),
        (result, "unknown", json!(1)),
        (result, "message", Value::Null),
        (&region, "startLine", json!(0)),
        (&region, "startLine", json!("first")),
        ("", "version", json!("1.0.0")),
    ] {
        let mut log = log.clone();
        log.pointer_mut(at).unwrap()[key] = value.clone();
        assert!(!wrong_log(multitool, &folder, &log).is_empty(), "{at}/{key}: {value}");
    }
}

/// Prints of each suite: what it declares, what the parser counts, and its cases.
const READ: &str = "
import json, sys
from junitparser import JUnitXml

def counts(of):
    return [of.tests, of.failures, of.errors]

reports = []
for path in sys.argv[1:]:
    report = JUnitXml.fromfile(path)
    declared, suites = counts(report), []
    for suite in report:
        said = counts(suite)
        suite.update_statistics()
        cases = [[case.name, case.classname, [type(r).__name__ for r in case.result], case.system_out] for case in suite]
        suites.append({'name': suite.name, 'declared': said, 'counted': counts(suite), 'cases': cases})
    report.update_statistics()
    reports.append({'declared': declared, 'counted': counts(report), 'suites': suites})
json.dump(reports, sys.stdout)
";

fn parsed(python: &Path, folder: &Path, reports: &[String]) -> Result<Vec<Value>, String> {
    let mut files = Vec::new();
    for (at, report) in reports.iter().enumerate() {
        files.push(format!("{at}.xml"));
        fs::write(folder.join(&files[at]), report).unwrap();
    }
    let ran = Command::new(python).current_dir(folder).args(["-c", READ]).args(files).output().unwrap();
    match ran.status.success() {
        true => Ok(serde_json::from_slice(&ran.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&ran.stderr).into_owned()),
    }
}

fn junitparser_reads_every_finding(python: &Path) {
    let cases = cases();
    let reports: Vec<String> = cases.iter().map(|case| rendered(Format::Junit, case)).collect();
    let parsed = parsed(python, &folder("junit"), &reports).unwrap();
    assert_eq!(parsed.len(), cases.len());
    for (case, report) in cases.iter().zip(&parsed) {
        assert_eq!(report["declared"], report["counted"], "{report}");
        let suites = report["suites"].as_array().unwrap();
        assert_eq!(suites.len(), case.len());
        for ((_, _, found), suite) in case.iter().zip(suites) {
            assert_eq!(suite["declared"], suite["counted"], "{suite}");
            let failures = found.iter().filter(|found| found.severity > Severity::Info).count();
            assert_eq!(suite["declared"], json!([found.len().max(1), failures, 0]));
            for (found, read) in found.iter().zip(suite["cases"].as_array().unwrap()) {
                assert!(read[0].as_str().unwrap().starts_with(&format!("{}: ", found.rule)), "{read}");
                assert_eq!(read[1], suite["name"]);
                let is_failure = found.severity > Severity::Info;
                assert_eq!(read[2], if is_failure { json!(["Failure"]) } else { json!([]) }, "{read}");
                assert_eq!(read[3].is_null(), is_failure, "{read}");
            }
        }
    }
}

fn junitparser_finds_what_is_not_valid(python: &Path) {
    let folder = folder("bad-junit");
    // The parser counts itself what a report does not declare.
    let of_suite = |tests: &str| {
        format!(
            "<testsuites tests='1' failures='0' errors='0'>\
             <testsuite name='a' tests='{tests}' failures='0' errors='0'><testcase name='b'/></testsuite></testsuites>"
        )
    };
    for report in ["<testsuites>", "<report/>", "\u{1}", &of_suite("many")] {
        assert!(parsed(python, &folder, &[report.to_owned()]).is_err(), "{report}");
    }
    let is_right = |tests: &str| {
        let read = &parsed(python, &folder, &[of_suite(tests)]).unwrap()[0]["suites"][0];
        read["declared"] == read["counted"]
    };
    assert!(is_right("1") && !is_right("2"));
}
