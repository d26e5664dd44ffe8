//! `redisgen verify` against real Redis and Sentinel: the healthy release is all `ok`, and each fault is told as what
//! it is.
//!
//! A script replaces kubectl: it answers `get` with the objects of a release, and `exec` runs the script of redisgen with
//! the variables of a pod.
#![allow(clippy::unwrap_used)] // as in the tests of the standard harness

mod pods;
mod servers;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::Check;
use pods::Kubectl;
use servers::{PASSWORD, Release, Server, TlsServer, program, until};

type NamedCheck = (&'static str, fn());

const CHECKS: [NamedCheck; 15] = [
    ("a healthy release is all ok", a_healthy_release_is_all_ok),
    ("one Sentinel knows all servers", one_sentinel_knows_all_servers),
    ("values are held against the servers", values_are_held_against_the_servers),
    ("a wrong password is refused", a_wrong_password_is_refused),
    ("a Redis without a password is wrong", a_redis_without_a_password_is_wrong),
    ("a Sentinel without a password is a note", a_sentinel_without_a_password_is_a_note),
    ("a replica of another primary is wrong", a_replica_of_another_primary_is_wrong),
    ("two primaries are wrong", two_primaries_are_wrong),
    ("two dead Sentinels are too many", two_dead_sentinels_are_too_many),
    ("a stopped Sentinel is in TILT", a_stopped_sentinel_is_in_tilt),
    ("a full memory refuses writes", a_full_memory_refuses_writes),
    ("a read-only address leads to a replica", a_read_only_address_leads_to_a_replica),
    ("TLS has the right name", tls_has_the_right_name),
    ("a failover loses nothing", a_failover_loses_nothing),
    ("kubectl asks in the pods", kubectl_asks_in_the_pods),
];

pub fn checks() -> Vec<Check> {
    let missing = ["redis-server", "redis-cli", "openssl"].into_iter().find_map(|name| program(name).err());
    let check = |(name, check): NamedCheck| match &missing {
        None => Check::panicking(name, check),
        Some(missing) => Check::missing(name, missing),
    };
    CHECKS.map(check).into()
}

/// A run of redisgen.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    fn of(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let run = Self { code: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) };
        assert!(!run.stdout.contains(PASSWORD) && !run.stderr.contains(PASSWORD), "{}{}", run.stdout, run.stderr);
        run
    }

    /// The verdicts as `STATUS CHECK: MESSAGE`, without the nodes.
    fn verdicts(&self) -> Vec<String> {
        let report: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let verdicts = report["verdicts"].as_array().unwrap().iter();
        verdicts.map(|v| format!("{} {}: {}", text(&v["status"]), text(&v["check"]), text(&v["message"]))).collect()
    }

    /// Exit code 1, and a verdict with each of these texts that is wrong.
    fn is_wrong(&self, texts: &[&str]) {
        let verdicts = self.verdicts();
        for text in texts {
            let is_found = verdicts.iter().any(|verdict| verdict.starts_with("wrong ") && verdict.contains(text));
            assert!(is_found, "`{text}` is not wrong in\n{}", verdicts.join("\n"));
        }
        assert_eq!(self.code, 1);
    }

    /// Exit code 0, and no verdict that is wrong or a note.
    fn is_healthy(&self) {
        let verdicts = self.verdicts();
        let is_fine = |verdict: &&String| verdict.starts_with("ok ") || verdict.starts_with("not-asked ");
        assert!(verdicts.iter().all(|verdict| is_fine(&verdict)), "{}", verdicts.join("\n"));
        assert_eq!(self.code, 0);
    }
}

fn command(settle: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    command.args(["verify", "--output", "json", "--settle", settle]).env("SECRET", PASSWORD);
    command
}

/// Runs with all addresses of a release, and the right password.
fn verify(release: &Release, settle: &str, more: &[&str]) -> Run {
    let mut command = command(settle);
    command.args(release.flags()).args(["--password-env", "SECRET"]).args(more);
    Run::of(command.output().unwrap())
}

fn a_healthy_release_is_all_ok() {
    let release = Release::start(true, "");
    let run = verify(&release, "15s", &[]);
    run.is_healthy();
    let verdicts = run.verdicts().join("\n");
    for text in [
        "ok nodes: 3 Redis and 3 Sentinel answer",
        "ok password: refuses no password and a wrong one, takes the right one",
        "ok roles: is the only primary, 2 replicas follow",
        "ok sentinels: all 3 have the same primary",
        "ok sentinels: 3 of 3 Sentinels live, and a failover needs 2",
        "ok writes: takes writes, 2 replicas have them, 2 were read",
        "ok writes: is a replica, and refuses writes",
    ] {
        assert!(verdicts.contains(text), "{text} is not in\n{verdicts}");
    }
    // Only keys of its own, which expire.
    let keys = release.redis[0].ask(&["KEYS", "*"]);
    let keys: Vec<&str> = keys.lines().filter(|line| !line.starts_with(['+', '*', '$'])).collect();
    assert!(!keys.is_empty());
    for key in keys {
        assert!(key.starts_with("redisgen:verify:"), "{key}");
        let ttl = release.redis[0].ask(&["TTL", key]);
        // A key that is gone meanwhile has expired.
        let seconds: Vec<i64> = ttl.lines().filter_map(|line| line.strip_prefix(':')?.parse().ok()).collect();
        assert!(seconds.iter().any(|seconds| *seconds > 0 || *seconds == -2), "{key}: {ttl}");
    }
}

fn one_sentinel_knows_all_servers() {
    let release = Release::start(true, "");
    let mut command = command("15s");
    command.args(["--sentinel-address", &release.sentinels[0].address(), "--password-env", "SECRET"]);
    let run = Run::of(command.output().unwrap());
    run.is_healthy();
    let verdicts = run.verdicts().join("\n");
    assert!(verdicts.contains("3 Redis and 3 Sentinel answer"), "{verdicts}");
}

const VALUES: &str = "\
architecture: replication
sentinel: {enabled: true, quorum: 2}
replica: {replicaCount: 3, persistence: {enabled: false}}
auth: {password: p4ss'w\"ord with blanks}
image: {tag: VERSION-debian-12-r0}
commonConfiguration: |-
  appendonly no
  save \"\"
  maxmemory 200mb
  maxmemory-policy allkeys-lru
  tcp-keepalive 60
";

fn values_are_held_against_the_servers() {
    let conf = "appendonly no\nmaxmemory 209715200\nmaxmemory-policy allkeys-lru\ntcp-keepalive 60";
    let release = Release::start(true, conf);
    let info = release.redis[0].ask(&["INFO", "server"]);
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap();
    let file = |name: &str, values: &str| {
        let path = release.folder.path().join(name);
        fs::write(&path, values).unwrap();
        path.display().to_string()
    };
    let values = VALUES.replace("VERSION", version);
    let wanted = file("right.yaml", &values);
    let right = verify(&release, "15s", &["--chart-version", "23.1.1", "-f", &wanted]);
    right.is_healthy();
    let verdicts = right.verdicts().join("\n");
    for text in [
        "ok settings: as the values want on 3 nodes: appendonly, save, maxmemory, maxmemory-policy, tcp-keepalive",
        "ok persistence: keeps its data only in memory, as the values want",
        "ok tls: no TLS, as the values want",
        &format!("ok version: Redis {version}, as the values want"),
    ] {
        assert!(verdicts.contains(text), "{text} is not in\n{verdicts}");
    }
    let other = values
        .replace(version, "5.0.7")
        .replace("200mb", "1gb")
        .replace("appendonly no", "appendonly yes")
        .replace("quorum: 2", "quorum: 3")
        .replace("replicaCount: 3", "replicaCount: 5")
        + "tls: {enabled: true}\n";
    let wanted = file("other.yaml", &other);
    // With TLS in the values, the connection would have TLS.
    let other = file("other.yaml", &other.replace("tls: {enabled: true}\n", ""));
    assert_eq!(wanted, other);
    verify(&release, "0s", &["--chart-version", "23.1.1", "-f", &other]).is_wrong(&[
        "maxmemory is 209715200: the values want 1gb",
        "appendonly is no: the values want yes",
        "keeps its data only in memory: the values want to save it",
        "the quorum is 2: the values want 3",
        "the number of its replicas is 2: the values want 4",
        "knows 2 other Sentinels: the values want 4",
        "the values want 5.0.7",
    ]);
    let open = file("open.yaml", &values.replace("auth: {", "auth: {enabled: false, "));
    verify(&release, "0s", &["--chart-version", "23.1.1", "-f", &open])
        .is_wrong(&["asks for a password, and the values want none"]);
}

fn a_wrong_password_is_refused() {
    let release = Release::start(true, "");
    let mut other = command("0s");
    other.args(release.flags()).args(["--password-env", "OTHER"]).env("OTHER", "another");
    let run = Run::of(other.output().unwrap());
    run.is_wrong(&["password: refuses the password"]);
    assert!(run.stdout.contains("WRONGPASS") && !run.stdout.contains("another"), "{}", run.stdout);
    // Without a password, nothing can be asked.
    let mut none = command("0s");
    let run = Run::of(none.args(release.flags()).output().unwrap());
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("asks for a password. Use `--password-env`"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

fn a_redis_without_a_password_is_wrong() {
    let release = Release::start(true, "");
    release.redis[1].ask(&["CONFIG", "SET", "requirepass", ""]);
    verify(&release, "0s", &[]).is_wrong(&["password: asks for no password, although there is one"]);
}

fn a_sentinel_without_a_password_is_a_note() {
    let release = Release::start(true, "");
    for sentinel in &release.sentinels {
        sentinel.ask(&["CONFIG", "SET", "requirepass", ""]);
        sentinel.ask(&["ACL", "SETUSER", "default", "nopass"]);
    }
    let run = verify(&release, "15s", &[]);
    let verdicts = run.verdicts();
    assert_eq!(verdicts.iter().filter(|v| *v == "note password: asks for no password").count(), 3, "{verdicts:?}");
    assert_eq!(run.code, 0, "{verdicts:?}");
}

fn a_replica_of_another_primary_is_wrong() {
    let (release, other) = (Release::start(false, ""), Release::start(false, ""));
    let port = other.redis[0].port.to_string();
    release.redis[2].ask(&["REPLICAOF", "127.0.0.1", &port]);
    until("it follows the other one", || {
        release.redis[2].ask(&["INFO", "replication"]).contains("master_link_status:up")
    });
    let follows = format!("follows 127.0.0.1:{port}, which is not the primary of this release");
    verify(&release, "1s", &[]).is_wrong(&[&follows]);
}

fn two_primaries_are_wrong() {
    let release = Release::start(false, "");
    release.redis[1].ask(&["REPLICAOF", "NO", "ONE"]);
    let start = Instant::now();
    let run = verify(&release, "2s", &[]);
    run.is_wrong(&["2 nodes have the role of the primary"]);
    // No verdict before the answer was asked for again.
    assert!(start.elapsed() >= Duration::from_secs(2));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(report["summary"]["askedAgain"].as_u64().unwrap() >= 2);
    // It settles in the time that it has: the same split, mended after a second.
    let mended = std::thread::scope(|scope| {
        let run = scope.spawn(|| verify(&release, "20s", &[]));
        std::thread::sleep(Duration::from_secs(1));
        let port = release.redis[0].port.to_string();
        release.redis[1].ask(&["REPLICAOF", "127.0.0.1", &port]);
        run.join().unwrap()
    });
    mended.is_healthy();
}

fn two_dead_sentinels_are_too_many() {
    let mut release = Release::start(true, "");
    release.sentinels[1].kill();
    release.sentinels[2].kill();
    // At once, the last Sentinel still counts three: it is not believed.
    let quorum = release.sentinels[0].ask(&["SENTINEL", "CKQUORUM", "mymaster"]);
    assert!(quorum.contains("+OK 3 usable Sentinels"), "{quorum}");
    verify(&release, "0s", &[])
        .is_wrong(&["1 of 3 Sentinels live, and a failover needs 2", "does not answer: connection refused"]);
    until("it notices", || release.sentinels[0].ask(&["SENTINEL", "CKQUORUM", "mymaster"]).contains("-NOQUORUM"));
    verify(&release, "0s", &[]).is_wrong(&["no failover is possible", "does not reach the Sentinel 127.0.0.1"]);
}

fn a_stopped_sentinel_is_in_tilt() {
    let release = Release::start(true, "");
    release.sentinels[2].signal("-STOP");
    let stopped = verify(&release, "0s", &["--timeout", "1s"]);
    std::thread::sleep(Duration::from_secs(2));
    release.sentinels[2].signal("-CONT");
    stopped.is_wrong(&["nodes: does not answer: no answer in time"]);
    until("it is in TILT", || release.sentinels[2].ask(&["INFO", "sentinel"]).contains("sentinel_tilt:1"));
    verify(&release, "0s", &[]).is_wrong(&["sentinels: is in TILT"]);
}

fn a_full_memory_refuses_writes() {
    let release = Release::start(true, "");
    release.redis[0].ask(&["CONFIG", "SET", "maxmemory", "1"]);
    verify(&release, "0s", &[])
        .is_wrong(&["refuses writes: maxmemory (1 bytes) is full, and the policy is noeviction"]);
}

fn a_read_only_address_leads_to_a_replica() {
    let release = Release::start(false, "");
    let mut one = command("0s");
    let address = release.redis[1].address();
    one.args(["--address", &address, "--password-env", "SECRET"]);
    let run = Run::of(one.output().unwrap());
    run.is_wrong(&[&format!("writes: no address takes writes: {address} leads to a replica")]);
    assert!(run.stdout.contains("READONLY You can't write against a read only replica"), "{}", run.stdout);
}

fn tls_has_the_right_name() {
    let tls = TlsServer::start();
    let at = |name: &str| tls.folder.path().join(name).display().to_string();
    let run = |more: &[&str]| {
        let mut command = command("0s");
        command.args(["--address", &tls.server.address(), "--password-env", "SECRET"]).args(more);
        Run::of(command.output().unwrap())
    };
    let right = run(&["--ca-file", &at("ca.crt"), "--server-name", "right.test"]);
    right.is_healthy();
    assert!(right.verdicts().contains(&"ok tls: 1 Redis with TLS only".to_owned()), "{:?}", right.verdicts());
    run(&["--ca-file", &at("ca.crt"), "--server-name", "wrong.test"])
        .is_wrong(&["tls: the certificate is not valid for the name wrong.test: it is for DnsName(\"right.test\")"]);
    run(&["--tls", "--server-name", "right.test"]).is_wrong(&["tls: the certificate is of an unknown issuer"]);
    let plain = run(&[]);
    assert_eq!(plain.code, 2, "{}", plain.stdout);
    assert_eq!(plain.stderr.lines().count(), 1, "{}", plain.stderr);
    let plain = Release::start(false, "");
    let mut command = command("0s");
    command.args(["--address", &plain.redis[0].address(), "--password-env", "SECRET", "--ca-file", &at("ca.crt")]);
    let refused = Run::of(command.args(["--timeout", "1s"]).output().unwrap());
    assert!(refused.stderr.contains("the port may have no TLS"), "{}{}", refused.stdout, refused.stderr);
    assert_eq!(refused.code, 2);
}

fn a_failover_loses_nothing() {
    let release = Release::start(true, "");
    let asked = verify(&release, "15s", &["--failover"]);
    assert_eq!(asked.code, 2);
    assert!(asked.stderr.contains("use `--yes` to confirm"), "{}", asked.stderr);
    let run = verify(&release, "15s", &["--failover", "--yes"]);
    run.is_healthy();
    let verdicts = run.verdicts().join("\n");
    for text in ["became the primary; the longest time without a write was", "was the primary, and follows", "nothing is lost"] {
        assert!(verdicts.contains(text), "{text} is not in\n{verdicts}");
    }
    let role = |server: &Server| server.ask(&["ROLE"]).contains("slave");
    assert!(role(&release.redis[0]));
    // With something wrong, nothing is changed.
    release.redis[0].ask(&["CONFIG", "SET", "requirepass", ""]);
    let run = verify(&release, "0s", &["--failover", "--yes"]);
    assert!(run.verdicts().join("\n").contains("failover: something is wrong: nothing was changed"));
    assert!(role(&release.redis[0]));
}

fn kubectl_asks_in_the_pods() {
    let release = Release::start(true, "");
    let kubectl = Kubectl::new(&release);
    let run = |more: &[&str]| kubectl.verify(&["cache", "-n", "backend", "--settle", "0s"], more);
    let healthy = run(&[]);
    healthy.is_healthy();
    let verdicts = healthy.verdicts().join("\n");
    for text in [
        "ok pods: 3 of 3 pods are ready, 2 Services",
        "ok password: refuses no password and a wrong one",
        "ok sentinels: 3 of 3 Sentinels live",
        "ok writes: takes writes, 2 replicas have them, 2 were read",
        "ok writes: the Service leads to the primary",
        "ok addresses: 10.1.2.3 is private",
        "ok monitor: the Prometheus monitoring/main selects it",
    ] {
        assert!(verdicts.contains(text), "{text} is not in\n{verdicts}");
    }
    // The password stays in the pods.
    assert!(!fs::read_to_string(kubectl.calls()).unwrap().contains(PASSWORD));
    kubectl.point_service_to(&release.redis[1]);
    run(&[]).is_wrong(&["writes: the Service leads to a replica: it must lead to the primary"]);
    kubectl.point_service_to(&release.redis[0]);
    kubectl.replace("10.1.2.3", "52.1.2.3");
    run(&[]).is_wrong(&["addresses: 52.1.2.3 is public: an internal load balancer is wanted"]);
    kubectl.replace("52.1.2.3", "10.1.2.3");
    kubectl.replace("\"release\": \"main\"", "\"release\": \"other\"");
    run(&[]).is_wrong(&["monitor: no Prometheus selects it"]);
    kubectl.replace("\"release\": \"other\"", "\"release\": \"main\"");
    kubectl.replace("\"status\": \"True\"", "\"status\": \"False\"");
    run(&[]).is_wrong(&["pods: is not ready"]);
    kubectl.replace("\"status\": \"False\"", "\"status\": \"True\"");
    release.redis[1].ask(&["CONFIG", "SET", "requirepass", ""]);
    run(&[]).is_wrong(&["password: asks for no password, although there is one"]);
    refusals(&kubectl);
}

/// What kubectl cannot answer: one line, and exit code 2.
fn refusals(kubectl: &Kubectl) {
    for (error, expected) in [
        ("error: current-context is not set", "current-context is not set"),
        ("Error from server (Forbidden): pods is forbidden: User \"x\" cannot list resource", "pods is forbidden"),
        ("error: context \"nope\" does not exist", "context \"nope\" does not exist"),
    ] {
        kubectl.fail(error);
        let run = kubectl.verify(&["cache", "-n", "backend"], &[]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1), "{}", run.stderr);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    kubectl.fail("");
    kubectl.replace("\"kind\": \"Pod\"", "\"kind\": \"Other\"");
    let run = kubectl.verify(&["cache", "-n", "backend"], &[]);
    assert!(run.stderr.contains("no pods of Redis of a release `cache` in namespace `backend`"), "{}", run.stderr);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1));
}

/// Where programs of a test lie, before the others.
fn path_with(folder: &Path) -> std::ffi::OsString {
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([folder.to_owned()].into_iter().chain(std::env::split_paths(&others))).unwrap()
}
