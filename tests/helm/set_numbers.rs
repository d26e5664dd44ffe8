//! Law: what `values` and `command` make of a whole number of `--set` renders as Helm's own `--set` does.
//!
//! `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each version; without it, or without a Helm, the test
//! is ignored.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use libtest_mimic::Failed;
use redisgen::chart;
use regex::{Captures, Regex};
use semver::Version;
use tempfile::TempDir;

use crate::{Check, support::Helm};

pub fn checks() -> Vec<Check> {
    let charts = env::var("REDISGEN_CHARTS").ok();
    let checks = Helm::both().into_iter().zip([3, 4]).map(|(helm, major)| {
        let (charts, ready) = (charts.clone(), charts.is_some() && helm.is_ok());
        let law = move || whole_numbers(&helm.unwrap(), Path::new(&charts.unwrap()));
        Check::new(format!("whole_numbers_render_as_by_helm_{major}"), law).ignored_if(!ready)
    });
    checks.collect()
}

/// Keys that are printed into texts, keys of fields, and keys that no chart has.
///
/// Not known: keys that only charts between the searched versions of `numbers.tsv` print into a text, as
/// `replica.priorityClassName` in 17.1.2 and 18.0.1.
const KEYS: [&str; 14] = [
    "sentinel.failoverTimeout",
    "sentinel.downAfterMilliseconds",
    "sentinel.parallelSyncs",
    "image.tag",
    "replica.livenessProbe.timeoutSeconds",
    "replica.containerSecurityContext.runAsUser",
    "replica.podSecurityContext.fsGroup",
    "replica.terminationGracePeriodSeconds",
    "replica.resources.limits.cpu",
    "replica.nodeSelector.rack",
    "replica.tolerations[0].tolerationSeconds",
    "sentinel.getMasterTimeout",
    "sentinel.containerPorts.sentinel",
    "nothing.like.it",
];

const NUMBERS: [&str; 4] = ["999999", "1000000", "7200001", "-1234567"];

fn versions(charts: &Path) -> Vec<Version> {
    let there = |version: &Version| charts.join(version.to_string()).join("redis").is_dir();
    let all: Vec<Version> = chart::version_numbers().filter(there).collect();
    let step = if env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full") { 10 } else { 90 };
    all.into_iter().rev().step_by(step).collect()
}

/// The manifests with each number that is the whole value of a field written in full: to the reader of a manifest
/// `1e+06` is the same number there.
fn whole(manifests: &str) -> String {
    let number = Regex::new(r"(?m)^(\s*(?:- )*[\w./-]+: )(-?[\d.]+e\+\d+)$").unwrap();
    let written = number.replace_all(manifests, |found: &Captures| match found[2].parse::<f64>() {
        Ok(number) => format!("{}{number:.0}", &found[1]),
        Err(_) => found[0].to_owned(),
    });
    written.into_owned()
}

fn redisgen(args: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_redisgen")).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn whole_numbers(helm: &Helm, charts: &Path) -> Result<(), Failed> {
    let folder = TempDir::new()?;
    let write = |name: &str, text: &str| -> Result<String, Failed> {
        let file = folder.path().join(name);
        fs::write(&file, text)?;
        Ok(file.display().to_string())
    };
    let (mut rendered, mut quoted, mut given, mut wrong) = (0, 0, 0, BTreeSet::new());
    for (turn, version) in versions(charts).into_iter().enumerate() {
        let name = version.to_string();
        let chart = charts.join(&name).join("redis").display().to_string();
        let asked = ["--sentinel", "--existing-secret", "redis-auth", "--chart-version", &name];
        let values =
            |more: &[&str]| redisgen(&[&["values", "--quiet", "--comments", "none"], &asked[..], more].concat());
        let base = write("base.yaml", &values(&[])?)?;
        let template = |args: &[&str]| {
            let output = helm.run([&["template", "r", &chart, "--kube-version", "1.34.0"], args].concat());
            output.status.success().then(|| whole(&String::from_utf8(output.stdout).unwrap()))
        };
        for (at, key) in KEYS.iter().enumerate() {
            let number = NUMBERS[(at + turn) % NUMBERS.len()];
            let set = format!("{key}={number}");
            let helms = template(&["-f", &base, "--set", &set]);
            let text = values(&["--set", &set])?;
            let file = write("values.yaml", &text)?;
            let command = redisgen(
                &[&["command", "--quiet", "--output", "json", "--file", &file], &asked[..], &["--set", &set]].concat(),
            )?;
            let command: serde_json::Value = serde_json::from_str(&command)?;
            let argv = command["steps"].as_array().and_then(|steps| steps.last()).ok_or("no steps")?["argv"].clone();
            let argv: Vec<String> = serde_json::from_value(argv)?;
            let flags: Vec<&str> = argv
                .windows(2)
                .filter(|pair| pair[0] == "--set")
                .flat_map(|pair| [pair[0].as_str(), pair[1].as_str()])
                .collect();
            given += usize::from(!flags.is_empty());
            quoted += usize::from(text.contains(&format!("\"{number}\"")));
            let ours = template(&[&["-f", &file], &flags[..]].concat());
            rendered += usize::from(helms.is_some());
            if helms != ours {
                wrong.insert(format!("{name}: --set {set}: given {flags:?}\n{text}"));
            }
        }
    }
    println!("{rendered} rendered, {quoted} quoted, {given} given to helm");
    if !wrong.is_empty() {
        return Err(wrong.into_iter().collect::<Vec<_>>().join("\n").into());
    }
    if rendered < 40 || quoted < 5 || given < 1 {
        return Err(format!("too little was seen: {rendered} {quoted} {given}").into());
    }
    Ok(())
}
