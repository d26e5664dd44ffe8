//! The scenario that redisgen must do better than a person did by hand, and what the profiles need beside themselves.

use std::{path::Path, process::Command};

use redisgen::chart::Topology;
use semver::Version;

use super::matrix;
use super::matrix::Helm;

/// The flags of the scenario: what the team had wanted, with what the profiles do better asked for by name.
const FLAGS: &[&str] = &[
    "--cloud", "aws", "--internal-lb", "--sentinel", "--replicas", "1", "--quorum", "2", "--no-persistence", "--aof",
    "--save=", "--metrics", "--metrics-namespace", "monitoring", "--password-env", "REDIS_PASSWORD",
];

/// The values file that the team ended with, on chart 11.0.4.
const BY_HAND: &str = r#"
global: {redis: {password: "blablacar"}}
metrics: {enabled: true, serviceMonitor: {enabled: true, namespace: "monitoring"}}
master: {persistence: {enabled: false}, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}}}
slave:  {persistence: {enabled: false}, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}}}
sentinel: {enabled: true, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}}}
"#;

/// The same said by hand in the keys of 23.1.1.
const BY_HAND_TODAY: &str = r#"
global: {redis: {password: "blablacar"}}
metrics: {enabled: true, serviceMonitor: {enabled: true, namespace: "monitoring"}}
replica: {replicaCount: 2, persistence: {enabled: false}}
sentinel: {enabled: true, quorum: 2, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}}}
"#;

/// The failures of the scenario, none where both versions render the same manifests with every Helm.
pub fn judge(charts: &Path, helms: &[Helm]) -> Vec<String> {
    let mut failures = Vec::new();
    for (version, by_hand) in [("11.0.4", BY_HAND), ("23.1.1", BY_HAND_TODAY)] {
        let output = Command::new(env!("CARGO_BIN_EXE_redisgen"))
            .args(["values", "--chart-version", version])
            .args(FLAGS)
            .env("REDIS_PASSWORD", "blablacar")
            .output()
            .unwrap();
        if !output.status.success() {
            failures.push(format!("{version}: {}", String::from_utf8_lossy(&output.stderr)));
            continue;
        }
        let chart = charts.join(version).join("redis");
        for helm in helms {
            let ours = matrix::template(helm, &chart, &output.stdout);
            let theirs = matrix::template(helm, &chart, by_hand.as_bytes());
            match (ours, theirs) {
                (Ok(ours), Ok(theirs)) if ours == theirs => {}
                (Ok(ours), Ok(theirs)) => failures.push(format!(
                    "reference scenario on {version}, Helm {}:\n{}",
                    helm.major,
                    similar::TextDiff::from_lines(&theirs, &ours).unified_diff().header("by hand", "redisgen")
                )),
                (ours, theirs) => failures.push(format!("reference scenario on {version}: {ours:?} {theirs:?}")),
            }
        }
    }
    failures
}

/// The names of the embedded profiles.
pub fn profiles() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

/// What a profile cannot know and needs to be told.
pub fn needed(profile: &str) -> &'static [&'static str] {
    match profile {
        "metallb-internal" => &["--subnet", "private"],
        "kube-vip-internal" | "cilium-internal" => &["--static-address", "10.0.0.5"],
        "cloudscale-internal" | "huawei-internal" | "linode-internal" | "tencent-internal" | "upcloud-internal" | "yandex-internal" => {
            &["--subnet", "0b8bd1f9-7e35-4f4f-9b0c-1d2f9c5a6e77"]
        }
        _ => &[],
    }
}

/// 11.0.0 to 11.0.3 render no pod in standalone.
pub fn renders(topology: Topology, version: &Version) -> bool {
    topology != Topology::Standalone || *version < Version::new(11, 0, 0) || *version >= Version::new(11, 0, 4)
}

/// Is this the refusal of a whole profile that a version with broken pods deserves?
pub fn refused(stderr: &str) -> bool {
    stderr.contains("cannot do it")
}
