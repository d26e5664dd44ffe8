//! The values of an installed release, as `helm` tells them.

use std::process::{Command, Output};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;

use super::{Held, Run, Text};
use crate::{
    chart::Requirement,
    source::{By, Known, Told},
};

/// One line of `helm list --output json`.
#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    /// `redis-18.6.1`
    chart: String,
}

impl Run {
    /// What a release was installed with.
    ///
    /// # Errors
    ///
    /// There is no `helm`, or it knows no such release.
    pub(super) fn live(&self, release: &str, namespace: Option<&str>) -> anyhow::Result<Held> {
        let values = self.helm(&["get", "values", release, "--output", "yaml"], namespace)?;
        let name = format!("the release {release}");
        let mut known = Known { at: self.sides.at.clone(), ..self.known(self.sides.from_version.as_ref()) };
        let mut told = None;
        if known.version.is_none() {
            let filter = format!("^{}$", release.replace('.', "\\."));
            let listed = self.helm(&["list", "--filter", &filter, "--output", "json"], namespace)?;
            let listed: Vec<Listed> = serde_json::from_str(&listed).context("what `helm list` says is no JSON")?;
            told = listed.iter().find(|listed| listed.name == release).and_then(|listed| version(&listed.chart));
            // Whoever names a release of the chart knows what it is.
            known.configured = known.configured.or_else(|| told.clone());
        }
        let mut held = Held::read(Text { name, text: values, known, at_hand: false })?;
        if let Some(requirement) = told {
            held.tell(&Told { requirement, by: By::Release });
        }
        Ok(held)
    }

    fn helm(&self, args: &[&str], namespace: Option<&str>) -> anyhow::Result<String> {
        let mut helm = Command::new("helm");
        helm.args(args);
        if let Some(namespace) = namespace {
            helm.args(["--namespace", namespace]);
        }
        if let Some(context) = &self.sides.kube_context {
            helm.args(["--kube-context", context]);
        }
        let Output { status, stdout, stderr } = helm.output().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => anyhow!("`--live` asks `helm`, which is not on the PATH"),
            _ => anyhow!("cannot run `helm`: {error}"),
        })?;
        if !status.success() {
            let said = String::from_utf8_lossy(&stderr);
            let said =
                said.lines().find(|line| line.starts_with("Error")).or_else(|| said.lines().next()).unwrap_or_default();
            bail!("`helm {} {}`: {}", args[0], args[1], said.trim_start_matches("Error: "));
        }
        String::from_utf8(stdout).context("what `helm` says is no text in UTF-8")
    }
}

/// The version in `redis-18.6.1`; none for another chart.
fn version(chart: &str) -> Option<Requirement> {
    chart.strip_prefix("redis-").filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_this_chart_the_version_is_taken() {
        assert_eq!(version("redis-18.6.1").map(|version| version.to_string()).as_deref(), Some("18.6.1"));
        assert_eq!(version("redis-cluster-9.0.0"), None);
        assert_eq!(version("umbrella-1.0.0"), None);
    }
}
