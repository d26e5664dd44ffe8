//! Which Kubernetes is assumed where nobody names one.

use super::catalogue;

/// The Kubernetes version of today, as `--kube-version` of Helm takes it: `1.34`.
///
/// Charts choose the API of an object by the version of the cluster, and a Helm that asks no cluster assumes its own,
/// which may be years old. So each render that asks no cluster names this version.
///
/// Source: `kubernetes.tsv`, the API server of `tools/cluster`.
pub fn kubernetes_today() -> String {
    let (major, minor) = catalogue::kubernetes_row().version;
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests run against the API server of that version.
    #[test]
    fn it_is_the_version_of_the_cluster_of_the_tests() {
        let module = include_str!("../../tools/cluster/kube/go.mod");
        let built = module.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"));
        let built = built.expect("a line that names the version");
        assert!(built.starts_with(&format!("{}.", kubernetes_today())), "{built}");
    }
}
