//! Encrypted files are left alone: nothing changes them, and nothing is concluded from what is encrypted.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use redisgen::{
    chart::{self, Chart, Requirement},
    lint::engine::{self, LintResult},
    source::Hints,
};
use tempfile::TempDir;

const SOPS: &str = "\
# redisgen: chart redis 13.0.2
cluster:
  enabled: false
usePassword: true
password: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
sops:
  age:
    - recipient: age1exampleexampleexample
      enc: AAAA
  lastmodified: \"2026-01-01T00:00:00Z\"
  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  encrypted_regex: ^(password)$
  version: 3.9.0
";

/// A value that is encrypted, without the block of SOPS.
const VALUE: &str = "# redisgen: chart redis 13.0.2\npassword: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\n";

const VAULT: &str = "$ANSIBLE_VAULT;1.1;AES256\n62313365396662343061393464336163383764373764613633653634306231386433626436623361\n6134333665353966363534333632666535333761666131620a663537646436643839616531643561\n";

const INLINE_VAULT: &str = "\
# redisgen: chart redis 13.0.2
usePassword: true
password: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  62313365396662343061393464336163383764373764613633653634306231386433626436623361
";

const SEALED: &str = "\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: redis-auth
spec:
  encryptedData:
    password: AgBy3i4OJSWK
";

const FLUX: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache
spec:
  chart:
    spec:
      chart: redis
      version: 13.0.2
      sourceRef:
        kind: HelmRepository
        name: bitnami
  values:
    usePassword: true
    password: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
sops:
  lastmodified: \"2026-01-01T00:00:00Z\"
  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  encrypted_regex: ^(password)$
  version: 3.9.0
";

/// An Application whose block of values is encrypted as a whole.
const ARGO: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: cache
spec:
  source:
    repoURL: https://charts.bitnami.com/bitnami
    chart: redis
    targetRevision: 13.0.2
    helm:
      values: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
sops:
  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  version: 3.9.0
";

const CLEAR: &str = "# redisgen: chart redis 13.0.2\nusePassword: false\n";

/// Every kind, with the command that decrypts it.
const KINDS: [(&str, &str, &str); 8] = [
    ("sops.yaml", SOPS, "`sops --decrypt --in-place sops.yaml`"),
    ("value.yaml", VALUE, "`sops --decrypt --in-place value.yaml`"),
    ("vault.yaml", VAULT, "`ansible-vault decrypt vault.yaml`"),
    ("inline.yaml", INLINE_VAULT, "`ansible-vault encrypt_string --name password`"),
    ("crypt.yaml", "\0GITCRYPT\0\u{1}\u{2}", "`git-crypt unlock`"),
    ("sealed.yaml", SEALED, "`kubeseal --format yaml < secret.yaml > sealed.yaml`"),
    ("flux.yaml", FLUX, "`sops --decrypt --in-place flux.yaml`"),
    ("argo.yaml", ARGO, "`sops --decrypt --in-place argo.yaml`"),
];

/// A folder with the files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let mut bytes = text.as_bytes().to_vec();
        if text.starts_with('\0') {
            // No text in UTF-8, as what git-crypt writes is none.
            bytes.extend([0xff, 0xfe, 0x00]);
        }
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    command.current_dir(folder).env("REDISGEN_DATA_DIR", "/nobody").env("REDISGEN_CONFIG_DIR", "/nobody");
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    found.sort();
    found
}

/// The command is refused with one error, which has these words, and changes nothing.
fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let before = contents(folder);
    let output = run(folder, args);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
    assert!(output.stdout.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(told.matches("error:").count(), 1, "{args:?}: {told}");
    for word in words {
        assert!(told.contains(word), "{args:?} without {word}: {told}");
    }
    assert!(!told.contains("AAAA") && !told.contains("6231336"), "{told}");
    assert_eq!(contents(folder), before, "{args:?}");
}

#[test]
fn no_encrypted_file_is_migrated_or_fixed() {
    for (name, text, way) in KINDS {
        let folder = folder(&[(name, text)]);
        for args in [
            vec!["migrate", name, "--to", "23"],
            vec!["migrate", name, "--to", "23", "--in-place"],
            vec!["migrate", name, "--to", "23", "--diff"],
            vec!["lint", "--fix", name],
            vec!["lint", "--fix", "--unsafe-fixes", name],
            vec!["lint", "--fix", "--diff", name],
        ] {
            refused(folder.path(), &args, &[name, way, "Nothing was written"]);
        }
    }
}

#[test]
fn one_encrypted_file_of_several_stops_all() {
    let folder = folder(&[("a.yaml", CLEAR), ("secrets.yaml", SOPS)]);
    refused(folder.path(), &["migrate", "a.yaml", "secrets.yaml", "--to", "23", "--in-place"], &["`secrets.yaml`"]);
    refused(
        folder.path(),
        &["migrate", "a.yaml", "secrets.yaml", "--layered", "--to", "23", "--in-place"],
        &["`secrets.yaml`"],
    );
    refused(folder.path(), &["lint", "--fix", "."], &["`secrets.yaml`", "--exclude"]);
    let output = run(folder.path(), &["lint", "--fix", ".", "--exclude", "secrets.yaml"]);
    assert_ne!(output.status.code(), Some(2));
}

#[test]
fn an_encrypted_file_of_something_else_does_not_stop_a_folder() {
    let other = "apiVersion: v1\nkind: Secret\ndata:\n  a: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\n  version: 3.9.0\n";
    let crypt = "\0GITCRYPT\0\u{1}";
    let folder =
        folder(&[("a.yaml", CLEAR), ("b.yaml", other), ("c.yaml", VAULT), ("d.yaml", crypt), ("e.yaml", SEALED)]);
    for args in [vec!["lint", "."], vec!["lint", "--fix", "."]] {
        let output = run(folder.path(), &args);
        assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(fs::read(folder.path().join("c.yaml")).unwrap(), VAULT.as_bytes());
}

#[test]
fn standard_input_is_refused_too() {
    for args in [vec!["lint", "--fix", "-"], vec!["migrate", "-", "--to", "23"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
        let command = command.args(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(SOPS.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn encrypted_values_go_into_no_other_file() {
    let folder = folder(&[("sops.yaml", SOPS)]);
    refused(folder.path(), &["values", "--profile", "dev", "--values", "sops.yaml"], &["sops.yaml", "SOPS"]);
}

/// Rules and lines of what is found.
fn found(text: &str, version: &str) -> Vec<(&'static str, usize)> {
    let chart = Chart::at(&version.parse().unwrap()).unwrap();
    let known = Hints { version: Some(version.parse().unwrap()), ..Hints::default() };
    let charts = |_: &Requirement| Ok(chart.clone());
    let LintResult { diagnostics, refused, .. } = engine::lint_text(text, &known, &charts);
    assert!(refused.is_empty(), "{refused:?}");
    assert!(diagnostics.iter().all(|found| found.fix.is_none()), "no fix is offered: {diagnostics:?}");
    diagnostics.iter().map(|found| (found.rule, found.place().line)).collect()
}

#[test]
fn no_rule_judges_an_encrypted_value() {
    // The encrypted text of each value would cause a finding.
    let text = "\
architecture: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
auth:
  enabled: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:bool]
  password: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
replica:
  replicaCount: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:int]
  persistence:
    enabled: false
master:
  containerSecurityContext: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  service:
    type: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
    loadBalancerIP: 10.0.0.1
  resourcesPreset: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
image:
  pullPolicy: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  tag: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
sops:
  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  version: 3.9.0
";
    for chart in chart::version_numbers().filter(|version| version.major > 13).step_by(90) {
        let found = found(text, &chart.to_string());
        let of_values = found.iter().filter(|(rule, line)| {
            let encrypted = text.lines().nth(line - 1).unwrap().contains("ENC[");
            encrypted && *rule != "unknown-key" && *rule != "not-yet-known-key"
        });
        assert_eq!(of_values.count(), 0, "{chart}: {found:?}");
        assert!(!found.iter().any(|(rule, _)| *rule == "dead-key"), "{chart}: the topology is not known: {found:?}");
        assert!(!found.iter().any(|(_, line)| *line >= 18), "{chart}: the block of SOPS is judged: {found:?}");
    }
}

#[test]
fn what_is_in_clear_is_judged() {
    let text = "\
auth:
  password: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  pasword: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
master:
  persistance:
    enabled: false
  kind: Statefulset
sops:
  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
  version: 3.9.0
";
    let found = found(text, "23.1.1");
    for wanted in [("unknown-key", 3), ("unknown-key", 5), ("value-out-of-set", 7)] {
        assert!(found.contains(&wanted), "{wanted:?}: {found:?}");
    }
    let inline = self::found(INLINE_VAULT, "13.0.2");
    assert!(!inline.iter().any(|(rule, _)| *rule == "plaintext-password"), "{inline:?}");
}

#[test]
fn two_encrypted_values_are_compared_without_their_content() {
    let other =
        SOPS.replace("data:AAAA", "data:BBBB").replace("cluster:\n  enabled: false", "cluster:\n  enabled: true");
    let folder = folder(&[("old.yaml", SOPS), ("new.yaml", &other), ("vault.yaml", VAULT)]);
    for format in ["text", "json", "markdown", "unified", "stat", "name-only"] {
        for secrets in [None, Some("--show-secrets").filter(|_| format == "text")] {
            let args = ["diff", "old.yaml", "new.yaml", "--output", format].into_iter().chain(secrets);
            let output = run(folder.path(), &args.collect::<Vec<_>>());
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(1), "{format}: {text}");
            assert!(!text.contains("ENC[") && !text.contains("BBBB"), "{format}: {text}");
            assert!(!text.contains("mac"), "{format}: the block of SOPS is no value: {text}");
            assert!(text.contains("password"), "{format}: {text}");
        }
    }
    let same = run(folder.path(), &["diff", "old.yaml", "old.yaml"]);
    assert_eq!(same.status.code(), Some(0));
    refused(folder.path(), &["diff", "old.yaml", "vault.yaml"], &["`vault.yaml`", "Ansible Vault", "decrypt"]);
}

#[test]
fn an_encrypted_topology_leaves_a_change_in_effect() {
    let text = |count: usize| {
        format!(
            "# redisgen: chart redis 23.1.1\narchitecture: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\nreplica:\n  replicaCount: {count}\nsops:\n  mac: ENC[AES256_GCM,data:AAAA]\n"
        )
    };
    let folder = folder(&[("old.yaml", &text(2)), ("new.yaml", &text(3))]);
    let output = run(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("replicaCount") && told.contains("topology unknown"), "{told}");
}
