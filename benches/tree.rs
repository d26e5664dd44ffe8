//! A repository of 10,000 files, of which one in a hundred is of this chart, compared with a walk that only reads them, run
//! in turns: `cargo bench --bench tree`.
//!
//! `REDISGEN_RUNS` is the number of runs of each program. The bench prints figures and has no limits.
#![allow(clippy::print_stdout, reason = "the figures are its product")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use rayon::prelude::*;

mod programs;

use programs::{Program, in_turns, large::redisgen, print};

const RUNS: usize = 10;

/// Environment variable with a folder. If it is set, this program only reads the files in the folder.
const READ: &str = "REDISGEN_BENCH_READ";

const FILES: usize = 10_000;

fn main() {
    if let Some(folder) = env::var_os(READ) {
        read(Path::new(&folder));
        return;
    }
    // `cargo test --all-targets` runs benches as tests, where they would only cost time.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runs = programs::runs(RUNS);
    let tree = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tree");
    let _ = fs::remove_dir_all(&tree);
    fill(&tree);
    // The tree is a project of its own.
    fs::write(tree.join("redisgen.toml"), "").expect("the target folder can be written");
    let mut reading = Command::new(env::current_exe().expect("this program has a file"));
    reading.env(READ, &tree);
    let program = |name: &str, args: &[&str]| {
        let mut command = redisgen(&tree);
        command.args(args).arg(".");
        Program::new(name, command)
    };
    let mut programs = vec![
        program("redisgen lint", &["lint", "--fail-on", "never"]),
        program("redisgen releases", &["releases", "--output", "json"]),
        Program::new("only reading", reading),
    ];
    in_turns(&mut programs, runs);
    print(&format!("{FILES} files, {runs} runs of each in turns"), "redisgen lint", &mut programs);
}

/// Finds and reads the same files in the same way.
fn read(folder: &Path) {
    let walk = ignore::WalkBuilder::new(folder).require_git(false).sort_by_file_path(Path::cmp).build();
    let files: Vec<PathBuf> = walk.flatten().map(ignore::DirEntry::into_path).filter(|file| file.is_file()).collect();
    let bytes: usize = files.par_iter().map(|file| fs::read_to_string(file).expect("a text").len()).sum();
    assert!(bytes > FILES);
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: team, labels: {app.kubernetes.io/name: NAME}}
spec:
  replicas: 2
  selector: {matchLabels: {app.kubernetes.io/name: NAME}}
  template:
    metadata: {labels: {app.kubernetes.io/name: NAME}}
    spec:
      containers:
        - name: web
          image: registry.example.com/NAME:1.2.3
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
";

const VALUES: &str = "\
image:
  repository: registry.example.com/NAME
  tag: 1.2.3
replicaCount: 2
service:
  type: ClusterIP
  port: 8080
ingress:
  enabled: true
  hosts: [NAME.example.com]
resources:
  requests: {cpu: 100m, memory: 128Mi}
";

const RELEASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME, namespace: team}
spec:
  interval: 10m
  chart: {spec: {chart: CHART, version: VERSION, sourceRef: {kind: HelmRepository, name: bitnami}}}
  values:
    architecture: standalone
    auth:
      existingSecret: NAME
";

/// Of a hundred files, sixty are manifests, thirty values of other charts, nine other releases, and one is of this chart.
fn fill(tree: &Path) {
    for at in 0..FILES {
        let text = match at % 100 {
            0 => RELEASE.replace("CHART", "redis").replace("VERSION", "25.5.3"),
            1..10 => RELEASE.replace("CHART", "postgresql").replace("VERSION", "16.0.0"),
            10..40 => VALUES.to_owned(),
            _ => DEPLOYMENT.to_owned(),
        };
        let folder = tree.join(format!("team-{:03}", at / 100));
        fs::create_dir_all(&folder).expect("the target folder can be written");
        fs::write(folder.join(format!("app-{at}.yaml")), text.replace("NAME", &format!("app-{at}")))
            .expect("the target folder can be written");
    }
}
