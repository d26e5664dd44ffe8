//! Kubernetes version that is assumed if the user names none.

use semver::Version;

use super::catalogue;

/// Current Kubernetes version in the form of Helm's `--kube-version`: `1.34`.
///
/// Charts select the API version of an object by the version of the cluster. Without a cluster, Helm assumes its own
/// version, which may be years old. Every render without a cluster therefore uses this version.
///
/// Source: `kubernetes.tsv`, the API server of `tools/cluster`.
pub fn kubernetes_today() -> String {
    let (major, minor) = catalogue::kubernetes_row().version;
    format!("{major}.{minor}")
}

/// Version of Kubernetes in a text: `1.34`, `v1.34.1`. `None` for any other text.
pub fn parse_kubernetes(text: &str) -> Option<Version> {
    let text = text.trim_start_matches('v');
    let padded = if text.matches('.').count() == 1 { format!("{text}.0") } else { text.to_owned() };
    Version::parse(&padded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests run against the API server of this version.
    #[test]
    fn it_is_the_version_of_the_cluster_of_the_tests() {
        let module = include_str!("../../tools/cluster/kube/go.mod");
        let built = module.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"));
        let built = built.expect("a line that names the version");
        assert!(built.starts_with(&format!("{}.", kubernetes_today())), "{built}");
    }
}
