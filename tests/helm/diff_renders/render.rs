//! What a real Helm makes of a values file.

use std::{io::Write, path::Path};

use crate::support::Helm;

/// The manifests; none where it refuses. The cluster is one of today: so the catalogue was measured.
pub fn template(helm: &Helm, chart: &Path, values: &str) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(values.as_bytes()).unwrap();
    let (chart, values) = (chart.display().to_string(), file.path().display().to_string());
    let output = helm.run(["template", "rel", &chart, "-n", "cache", "-f", &values, "--kube-version", "1.33.0"]);
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
