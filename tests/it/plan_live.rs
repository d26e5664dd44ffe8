//! `redisgen plan --live` with a `kubectl` and a `helm` that answer what the test wants.
//!
//! `tests/cluster/live` asks a real API server.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

/// What a healthy cluster answers. A case replaces some of it, by the beginning of the command.
const HEALTHY: &[(&str, &str)] = &[
    ("version", r#"echo '{"serverVersion": {"gitVersion": "v1.34.4-eks-1"}}'"#),
    ("api-versions", "echo apps/v1"),
    ("get namespace", "echo namespace/cache"),
    (
        "get storageclass",
        r#"echo '{"items": [{"metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}]}'"#,
    ),
    ("get Secret", "echo redis-password"),
    ("get resourcequota", r#"echo '{"items": []}'"#),
    ("create --dry-run=server", "cat > /dev/null; echo pod/redis-node-check"),
    ("apply --dry-run=server", "cat > applied; echo statefulset/redis-node"),
];

/// What helm renders: it must get the values from standard input, and the version of the cluster.
const HELM: &str = r#"cat > values; echo "$@" > words
cat <<'END'
kind: StatefulSet
metadata: {name: redis-node, namespace: cache}
spec:
  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 8Gi}}}}]
  template:
    spec:
      containers:
        - name: redis
          env: [{name: P, valueFrom: {secretKeyRef: {name: auth, key: redis-password}}}]
END"#;

/// The programs of one case.
struct World(PathBuf);

impl World {
    fn new(name: &str, answers: &[(&str, &str)], helm: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plan_live").join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(folder.join("bin")).unwrap();
        let world = Self(folder);
        let mut kubectl = String::from("case \"$*\" in\n");
        for (command, answer) in answers.iter().chain(HEALTHY) {
            kubectl.push_str(&format!("    '{command}'*) {answer} ;;\n"));
        }
        kubectl.push_str("    *) echo \"error: unexpected: $*\" >&2; exit 1 ;;\nesac\n");
        world.program("kubectl", &kubectl);
        world.program("helm", helm);
        world
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.0.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The exit code, the checks that are not ok, and standard error.
    fn plan(&self, more: &[&str]) -> (Option<i32>, Vec<Value>, String) {
        let mut command = Command::new(REDISGEN);
        command.current_dir(&self.0).env("PATH", self.0.join("bin"));
        command.env("REDISGEN_CONFIG_DIR", &self.0).env("REDISGEN_DATA_DIR", &self.0);
        command.args(["plan", "--profile", "ha", "--existing-secret", "auth", "--namespace", "cache", "--live"]);
        let Output { status, stdout, stderr } = command.args(["--output", "json"]).args(more).output().unwrap();
        let checks = match serde_json::from_slice::<Value>(&stdout) {
            Ok(answer) => answer["live"].as_array().unwrap().clone(),
            Err(_) => Vec::new(),
        };
        let not_ok = checks.into_iter().filter(|check| check["status"] != "ok").collect();
        (status.code(), not_ok, String::from_utf8(stderr).unwrap())
    }
}

#[test]
fn a_cluster_that_accepts_everything_gives_0() {
    let world = World::new("healthy", &[], HELM);
    let (code, found, err) = world.plan(&["--repo", "./charts/redis"]);
    assert_eq!((code, found.as_slice()), (Some(0), [].as_slice()), "{err}");
    let read = |file: &str| fs::read_to_string(world.0.join(file)).unwrap();
    // The version of the cluster, its APIs, and the chart of `--repo` reach helm, and the values are those of the options.
    assert!(read("words").contains("--kube-version 1.34.4-eks-1") && read("words").contains("--api-versions apps/v1"));
    assert!(read("words").contains("template redis ./charts/redis") && read("words").contains("--namespace cache"));
    assert!(read("values").contains("existingSecret: auth"), "{}", read("values"));
    assert!(read("applied").contains("kind: StatefulSet"), "{}", read("applied"));
}

#[test]
fn each_refusal_names_its_object_and_gives_1() {
    let cases = [
        (
            "secret",
            ("get Secret", "echo 'Error from server (NotFound): secrets \"auth\" not found' >&2; exit 1"),
            "has no Secret auth",
        ),
        ("key", ("get Secret", "echo other"), "lacks the key redis-password"),
        ("class", ("get storageclass", r#"echo '{"items": []}'"#), "no default StorageClass"),
        (
            "quota",
            (
                "get resourcequota",
                r#"case "$*" in *) echo '{"items": [{"metadata": {"name": "q"}, "status": {"hard": {"pods": "0"}}}]}' ;; esac"#,
            ),
            "pods: 1 wanted, 0 free",
        ),
        (
            "apply",
            (
                "apply --dry-run=server",
                "cat > /dev/null; echo 'The StatefulSet \"redis-node\" is invalid: spec: Forbidden: no' >&2; exit 1",
            ),
            "Forbidden: no",
        ),
        (
            "pod",
            (
                "create --dry-run=server",
                "cat > /dev/null; echo 'Error from server (Forbidden): pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": a' >&2; exit 1",
            ),
            "violates PodSecurity",
        ),
    ];
    for (name, answer, expected) in cases {
        // A release that is installed is not compared with the quota.
        let absent = ("get StatefulSet", "exit 1");
        let (code, found, err) = World::new(name, &[answer, absent], HELM).plan(&[]);
        assert_eq!(code, Some(1), "{name}: {err}");
        let refused: Vec<_> = found.iter().filter(|check| check["status"] == "refused").collect();
        assert_eq!(refused.len(), 1, "{name}: {found:?}");
        assert!(refused[0]["message"].as_str().unwrap().contains(expected), "{name}: {refused:?}");
    }
}

#[test]
fn a_question_without_an_answer_gives_2() {
    let forbidden = "cat > /dev/null; echo 'Error from server (Forbidden): statefulsets.apps \"redis-node\" is forbidden: \
                     User \"a\" cannot patch resource \"statefulsets\" in API group \"apps\"' >&2; exit 1";
    let (code, found, err) = World::new("forbidden", &[("apply --dry-run=server", forbidden)], HELM).plan(&[]);
    assert_eq!((code, found.len()), (Some(2), 1), "{found:?} {err}");
    assert_eq!(found[0]["status"], "not-asked");
    // A kubectl that fails without a refusal is no answer, and no acceptance either.
    let broken = "cat > /dev/null; echo 'Unable to connect to the server: EOF' >&2; exit 1";
    let silent = "cat > /dev/null; exit 1";
    for (name, command, id, script) in [
        ("apply-broken", "apply --dry-run=server", "dry-run", broken),
        ("apply-silent", "apply --dry-run=server", "dry-run", silent),
        ("pod-broken", "create --dry-run=server", "pods", broken),
        ("pod-silent", "create --dry-run=server", "pods", silent),
    ] {
        let (code, found, err) = World::new(name, &[(command, script)], HELM).plan(&[]);
        assert_eq!((code, found.len()), (Some(2), 1), "{name}: {found:?} {err}");
        assert_eq!((&found[0]["id"], &found[0]["status"]), (&json!(id), &json!("not-asked")), "{name}");
    }
    let one_line = |name: &str, answers: &[(&str, &str)], helm: &str, expected: &str| {
        let start = Instant::now();
        let (code, _, err) = World::new(name, answers, helm).plan(&["--timeout", "1s"]);
        assert_eq!((code, err.lines().count()), (Some(2), 1), "{name}: {err}");
        assert!(err.contains(expected), "{name}: {err}");
        assert!(start.elapsed() < Duration::from_secs(60), "{name}: the time limit does not work");
    };
    one_line(
        "down",
        &[("version", "echo 'The connection to the server 10.0.0.1:6443 was refused' >&2; exit 1")],
        HELM,
        "was refused",
    );
    one_line("no-apis", &[("api-versions", "echo 'error: no apis' >&2; exit 1")], HELM, "no apis");
    one_line("hangs", &[("version", "exec sleep 600")], HELM, "does not end within");
    one_line("flood", &[("version", "exec cat /dev/zero")], HELM, "prints more than");
    one_line("no-json", &[("get storageclass", "echo hello")], HELM, "kubectl get storageclass");
    one_line("no-chart", &[], "echo 'Error: chart \"redis\" not found' >&2; exit 1", "not found");
    one_line("no-yaml", &[], "cat > /dev/null; echo '{'", "helm template");
}

#[test]
fn a_missing_program_is_named() {
    for (program, expected) in [("kubectl", "`kubectl` on the PATH"), ("helm", "`helm` on the PATH")] {
        let world = World::new(&format!("no-{program}"), &[], HELM);
        fs::remove_file(world.0.join("bin").join(program)).unwrap();
        let (code, _, err) = world.plan(&[]);
        assert_eq!((code, err.lines().count()), (Some(2), 1), "{err}");
        assert!(err.contains(expected), "{err}");
    }
}

#[test]
fn values_that_do_not_render_are_a_refusal() {
    let fails = "echo 'Error: execution error at (redis/templates/NOTES.txt:1:1): no password' >&2; exit 1";
    let (code, found, err) = World::new("render", &[], fails).plan(&[]);
    assert_eq!((code, found.len()), (Some(1), 1), "{found:?} {err}");
    assert!(found[0]["message"].as_str().unwrap().contains("no password"), "{found:?}");
}
