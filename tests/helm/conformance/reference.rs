//! The scenario that redisgen must do better than a person did by hand, and what the profiles need beside themselves.

use std::{env, path::Path, process::Command};

use redisgen::chart::Topology;
use semver::Version;

use super::{
    manifests::{Manifests, Verdict, at, ensure, is},
    matrix::{self, Helm},
};

/// The flags of the scenario: what the team had wanted, with what the profiles do better asked for by name.
const FLAGS: &[&str] = &[
    "--cloud",
    "aws",
    "--internal-lb",
    "--sentinel",
    "--replicas",
    "1",
    "--quorum",
    "2",
    "--no-persistence",
    "--aof",
    "--save=",
    "--metrics",
    "--metrics-namespace",
    "monitoring",
    "--password-env",
    "REDIS_PASSWORD",
    // The team had them when they were served.
    "--images",
    "chart",
];

/// The values file that the team ended with, on chart 11.0.4.
const BY_HAND: &str = r#"
global: {redis: {password: "blablacar"}}
metrics: {enabled: true, serviceMonitor: {enabled: true, namespace: "monitoring"}}
master: {persistence: {enabled: false}, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}}}
slave:  {persistence: {enabled: false}, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}}}
sentinel: {enabled: true, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true", service.beta.kubernetes.io/aws-load-balancer-scheme: internal}}}
"#;

/// The same values, written by hand for chart 23.1.1.
const BY_HAND_TODAY: &str = r#"
global: {redis: {password: "blablacar"}}
metrics: {enabled: true, serviceMonitor: {enabled: true, namespace: "monitoring"}}
replica: {replicaCount: 2, persistence: {enabled: false}}
sentinel: {enabled: true, quorum: 2, service: {type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true", service.beta.kubernetes.io/aws-load-balancer-scheme: internal}}}
"#;

/// The failures of the scenario, none where both versions render the same manifests with every Helm. With
/// `REDISGEN_VERSIONS`, only a chosen version is rendered.
pub fn judge(charts: &Path, helms: &[Helm]) -> Vec<String> {
    let mut failures = Vec::new();
    let chosen = env::var("REDISGEN_VERSIONS").ok();
    for (version, by_hand) in [("11.0.4", BY_HAND), ("23.1.1", BY_HAND_TODAY)] {
        if chosen.as_ref().is_some_and(|chosen| !chosen.split(',').any(|one| one == version)) {
            continue;
        }
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

/// The options that a profile requires from the user.
pub fn needed(profile: &str) -> &'static [&'static str] {
    match profile {
        "metallb-internal" => &["--subnet", "private"],
        "kube-vip-internal" | "cilium-internal" => &["--static-address", "10.0.0.5"],
        "cloudscale-internal"
        | "huawei-internal"
        | "linode-internal"
        | "tencent-internal"
        | "upcloud-internal"
        | "yandex-internal" => &["--subnet", "0b8bd1f9-7e35-4f4f-9b0c-1d2f9c5a6e77"],
        _ => &[],
    }
}

/// The annotation that makes the load balancer of a cloud internal, and what its value holds.
/// Source: the documentation of each cloud, read apart from the tables of `src/cloud`.
const INTERNAL: [(&str, &str, &str); 23] = [
    ("alibaba", "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", "intranet"),
    ("aws", "service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
    ("azure", "service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ("baidu", "service.beta.kubernetes.io/cce-load-balancer-internal-vpc", "true"),
    ("cilium", "lbipam.cilium.io/ips", "10.0.0.5"),
    ("cloudscale", "k8s.cloudscale.ch/loadbalancer-vip-addresses", "0b8bd1f9"),
    ("digitalocean", "service.beta.kubernetes.io/do-loadbalancer-network", "INTERNAL"),
    ("gcp", "networking.gke.io/load-balancer-type", "Internal"),
    ("hetzner", "load-balancer.hetzner.cloud/disable-public-network", "true"),
    ("huawei", "kubernetes.io/elb.autocreate", "inner"),
    ("ibm", "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", "private"),
    ("kube-vip", "kube-vip.io/loadbalancerIPs", "10.0.0.5"),
    ("linode", "service.beta.kubernetes.io/linode-loadbalancer-frontend-subnet-id", "0b8bd1f9"),
    ("metallb", "metallb.io/address-pool", "private"),
    ("naver", "service.beta.kubernetes.io/ncloud-load-balancer-internal", "true"),
    ("oci", "service.beta.kubernetes.io/oci-load-balancer-internal", "true"),
    ("openstack", "service.beta.kubernetes.io/openstack-internal-load-balancer", "true"),
    ("ovh", "service.beta.kubernetes.io/openstack-internal-load-balancer", "true"),
    ("scaleway", "service.beta.kubernetes.io/scw-loadbalancer-private", "true"),
    ("stackit", "lb.stackit.cloud/internal-lb", "true"),
    ("tencent", "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid", "0b8bd1f9"),
    ("upcloud", "service.beta.kubernetes.io/upcloud-load-balancer-config", "0b8bd1f9"),
    ("yandex", "yandex.cloud/load-balancer-type", "internal"),
];

/// Every load balancer of an internal profile is internal, and other profiles have no load balancer.
pub fn reached(profile: &str, manifests: &Manifests) -> Verdict {
    let balancers: Vec<_> =
        manifests.all("Service").filter(|service| is(service, "spec.type", "LoadBalancer").is_ok()).collect();
    let Some(cloud) = profile.strip_suffix("-internal") else {
        return ensure(balancers.is_empty(), "a load balancer that nobody asked for");
    };
    let (_, key, text) = INTERNAL.iter().find(|(known, ..)| *known == cloud).ok_or("a profile that nobody knows")?;
    ensure(!balancers.is_empty(), "no load balancer")?;
    balancers.into_iter().try_for_each(|service| {
        let value =
            at(service, "metadata.annotations").and_then(|map| map.as_map()?.get(key)?.as_str()).unwrap_or_default();
        ensure(value.contains(text), format!("{key} is `{value}`"))
    })
}

/// 11.0.0 to 11.0.3 render no pod in standalone.
pub fn renders(topology: Topology, version: &Version) -> bool {
    topology != Topology::Standalone || *version < Version::new(11, 0, 0) || *version >= Version::new(11, 0, 4)
}

/// Is this the refusal of a whole profile that a version with broken pods deserves?
pub fn refused(stderr: &str) -> bool {
    stderr.contains("not supported by chart")
}
