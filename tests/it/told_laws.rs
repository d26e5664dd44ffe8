//! The law of one judgement: `redisgen values` tells what `redisgen lint` finds in the file that it wrote, and nothing that
//! lint does not find. Random options, for profiles and versions of the chart; `REDISGEN_MATRIX=full` runs more.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use rayon::prelude::*;
use redisgen::{chart, profile::EMBEDDED};
use serde_json::Value as Json;

/// Options in groups: of each group one is taken, or none.
const GROUPS: &[&[&str]] = &[
    &["--sentinel", "--topology replication", "--topology standalone"],
    &["--persistence --size 10Gi", "--no-persistence", "--aof --persistence"],
    &["--memory 512Mi", "--memory 1Gi --maxmemory 600mb", "--maxmemory 100mb --eviction allkeys-lru"],
    &["--metrics", "--metrics --monitor service", "--monitor pod", "--alerts --namespace redis"],
    &["--existing-secret redis-auth", "--no-auth", "--password-env REDISGEN_LAW_PASSWORD"],
    &["--tls-secret redis-tls", "--tls-secret redis-tls --tls-auth-clients"],
    &["--images secure", "--images legacy", "--images chart", "--registry registry.example.com"],
    &["--replicas 1", "--replicas 4", "--replicas 3 --quorum 1"],
    &["--disruption-budget 0", "--disruption-budget 1", "--disruption-budget off"],
    &["--network-policy", "--network-policy --allow-external", "--no-network-policy"],
    &["--master-service", "--per-pod --pod-address 10.0.0.1,10.0.0.2,10.0.0.3", "--expose-replicas"],
    &[
        "--internal-lb --cloud aws",
        "--internal-lb --cloud aws --lb-controller aws-load-balancer-controller",
        "--internal-lb --cloud azure --idle-timeout 270",
        "--internal-lb --cloud gcp",
        "--internal-lb --cloud hetzner",
        "--public-lb --cloud aws --source-range 192.0.2.0/24",
        "--public-lb",
        "--node-port",
    ],
    &["--tcp-keepalive 60", "--tcp-keepalive 0"],
    &["--modules none"],
    &["--down-after 5s --failover-timeout 60s", "--down-after 30s"],
    &["--min-replicas-to-write 1 --min-replicas-max-lag 5", "--min-replicas-to-write 2"],
    &["--platform openshift", "--platform pod-security-restricted"],
    &["--arch amd64", "--arch arm64"],
    &["--set image.tag=latest", "--set auth.password=law", "--set master.count=2", "--set x.y=1"],
];

/// A sequence of numbers, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// Each profile alone at some versions, and random options.
fn wishes() -> Vec<Vec<String>> {
    let full = std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let versions: Vec<String> = chart::version_numbers().map(|version| version.to_string()).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let profiles: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut all = Vec::new();
    let mut numbers = Numbers(15);
    for profile in &profiles {
        all.push(words(&format!("--profile {profile}")));
        for _ in 0..if full { 20 } else { 1 } {
            all.push(words(&format!("--profile {profile} --chart-version {}", numbers.one_of(&versions))));
        }
    }
    for _ in 0..if full { 20_000 } else { 500 } {
        let mut wish = Vec::new();
        if numbers.below(3) == 0 {
            wish.extend(words(&format!("--profile {}", numbers.one_of(&profiles))));
        }
        if numbers.below(3) > 0 {
            wish.extend(words(&format!("--chart-version {}", numbers.one_of(&versions))));
        }
        for group in GROUPS {
            if numbers.below(4) == 0 {
                wish.extend(words(numbers.one_of(group)));
            }
        }
        all.push(wish);
    }
    all
}

fn redisgen(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    command.current_dir(folder).env("REDISGEN_LAW_PASSWORD", "Tr0ub4dor").env("NO_COLOR", "1");
    command
}

/// What lint finds: rule, whether it is more than info, message.
fn found(folder: &Path, file: &str) -> BTreeSet<(String, bool, String)> {
    let args = ["lint", "--min-severity", "info", "--output", "json", "--fail-on", "never", file];
    let run = redisgen(folder).args(args).output().unwrap();
    let report: Json = serde_json::from_slice(&run.stdout).unwrap();
    let findings = report["files"].as_array().unwrap().iter().flat_map(|file| file["findings"].as_array().unwrap());
    let text = |found: &Json, key: &str| found[key].as_str().unwrap().to_owned();
    let finding = |found: &Json| (text(found, "rule"), found["severity"] != "info", text(found, "message"));
    findings.map(finding).collect()
}

/// The differences between what `values` told and what lint finds. `None` if the options are refused.
fn differences(folder: &Path, number: usize, wish: &[String]) -> Option<Vec<String>> {
    let file = format!("{number}.yaml");
    let run = redisgen(folder).arg("values").args(wish).args(["--output-file", &file]).output().unwrap();
    if !run.status.success() {
        return None;
    }
    let told = String::from_utf8(run.stderr).unwrap();
    let found = found(folder, &file);
    fs::remove_file(folder.join(&file)).unwrap();
    let about = |(rule, _, message): &(String, bool, String), line: &str| {
        let words = line.split_once(": ").map_or(line, |(_, words)| words);
        words.starts_with(message.as_str()) && line.ends_with(&format!("[{rule}]"))
    };
    let mut wrong = Vec::new();
    for finding in found.iter().filter(|(_, is_serious, _)| *is_serious) {
        if !told.lines().any(|line| about(finding, line)) {
            wrong.push(format!("lint finds, and `values` is silent: {}: {}", finding.0, finding.2));
        }
    }
    // A line without a rule is about the options or the chart version, and not about the file.
    for line in told.lines().filter(|line| line.ends_with(']')) {
        if !found.iter().any(|finding| about(finding, line)) {
            wrong.push(format!("`values` tells, and lint does not find: {line}"));
        }
    }
    Some(wrong)
}

#[test]
fn values_tells_what_lint_finds() {
    let folder = tempfile::tempdir().unwrap();
    let wishes = wishes();
    let results: Vec<_> = wishes
        .par_iter()
        .enumerate()
        .filter_map(|(number, wish)| Some((wish, differences(folder.path(), number, wish)?)))
        .collect();
    println!("{} of {} options were accepted", results.len(), wishes.len());
    assert!(results.len() > wishes.len() / 5, "only {} options were accepted", results.len());
    let wrong: Vec<String> = results
        .iter()
        .flat_map(|(wish, wrong)| wrong.iter().map(move |wrong| format!("{}: {wrong}", wish.join(" "))))
        .collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn profiles_of_the_default_version_have_no_warnings() {
    let folder = tempfile::tempdir().unwrap();
    for (profile, _) in EMBEDDED {
        let file = format!("{profile}.yaml");
        let args = ["values", "--profile", profile, "--output-file", &file];
        if !redisgen(folder.path()).args(args).output().unwrap().status.success() {
            // The profile requires an option.
            continue;
        }
        let serious: Vec<_> =
            found(folder.path(), &file).into_iter().filter(|(_, is_serious, _)| *is_serious).collect();
        assert!(serious.is_empty(), "{profile}: {serious:?}");
    }
}
