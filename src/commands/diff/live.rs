//! The values of an installed release, read with `helm`.

use std::process::{Command, Output};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;

use super::{LoadedFile, Run};
use crate::{chart::Requirement, source::Hints};

/// A revision of a release in the output of `helm history --output json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Revision {
    revision: u64,
    /// `deployed`, `superseded`, `failed`, `pending-upgrade`, ...
    status: String,
    /// `redis-18.6.1`
    chart: String,
}

/// The status of the installed revision.
const DEPLOYED: &str = "deployed";

impl Run {
    /// The values of the last deployed revision of a release, and a warning if a later revision is not deployed.
    ///
    /// # Errors
    ///
    /// If `helm` is missing, does not know the release, or lists no deployed revision.
    pub(super) fn live(&self, release: &str, namespace: Option<&str>) -> anyhow::Result<(LoadedFile, Option<String>)> {
        let history = self.helm(&["history", release, "--output", "json"], namespace)?;
        let history: Vec<Revision> =
            serde_json::from_str(&history).context("`helm history`: the output is not the JSON of a history")?;
        let (deployed, later) = deployed(history).map_err(|why| anyhow!("release `{release}`: {why}"))?;
        let revision = deployed.revision.to_string();
        let values = self.helm(&["get", "values", release, "--revision", &revision, "--output", "yaml"], namespace)?;
        let (name, warning) = match &later {
            None => (format!("the release {release}"), None),
            Some(later) => (
                format!("the release {release} (revision {revision})"),
                Some(format!(
                    "revision {} of `{release}` {}: compared with revision {revision}, which is deployed",
                    later.revision,
                    what_became_of(&later.status)
                )),
            ),
        };
        let mut hints = Hints { at: self.sides.at.clone(), ..self.hints(self.sides.from.as_ref()) };
        if hints.version.is_none() {
            hints.installed = version(&deployed.chart);
        }
        let mut loaded = self.read(name, &values, &hints, false)?;
        loaded.release = Some((release.to_owned(), namespace.map(str::to_owned)));
        Ok((loaded, warning))
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
            std::io::ErrorKind::NotFound => anyhow!("`--live` requires `helm` on the PATH"),
            _ => anyhow!("cannot run `helm`: {error}"),
        })?;
        if !status.success() {
            let message = String::from_utf8_lossy(&stderr);
            let message = message
                .lines()
                .find(|line| line.starts_with("Error"))
                .or_else(|| message.lines().next())
                .unwrap_or_default();
            let command = if args[0] == "get" { "get values" } else { args[0] };
            bail!("`helm {command}`: {}", message.trim_start_matches("Error: "));
        }
        String::from_utf8(stdout).context("the output of `helm` is not UTF-8")
    }
}

/// The last deployed revision, and the last revision if it is another one.
fn deployed(mut history: Vec<Revision>) -> Result<(Revision, Option<Revision>), String> {
    history.sort_by_key(|revision| revision.revision);
    let Some(last) = history.last().cloned() else { return Err("`helm history` lists no revision".to_owned()) };
    match history.into_iter().rev().find(|revision| revision.status == DEPLOYED) {
        Some(deployed) if deployed == last => Ok((deployed, None)),
        Some(deployed) => Ok((deployed, Some(last))),
        None => Err(format!(
            "no revision is deployed (revision {} {}). Use a file with the values instead of `--live`",
            last.revision,
            what_became_of(&last.status)
        )),
    }
}

/// The status of a revision as the end of a sentence.
fn what_became_of(status: &str) -> String {
    match status {
        "failed" => "failed".to_owned(),
        status if status.starts_with("pending") => format!("is pending (`{status}`)"),
        status => format!("is `{status}`"),
    }
}

/// The version in `redis-18.6.1`. `None` for another chart.
fn version(chart: &str) -> Option<Requirement> {
    chart.strip_prefix("redis-").filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The revision that is compared with, and the later one.
    fn chosen(history: &[(u64, &str)]) -> Result<(u64, Option<u64>), String> {
        let of = |(revision, status): &(u64, &str)| Revision {
            revision: *revision,
            status: (*status).to_owned(),
            chart: "redis-18.6.1".to_owned(),
        };
        let (deployed, later) = deployed(history.iter().map(of).collect())?;
        Ok((deployed.revision, later.map(|later| later.revision)))
    }

    #[test]
    fn the_last_deployed_revision_is_used() {
        assert_eq!(chosen(&[(1, "superseded"), (2, "deployed")]), Ok((2, None)));
        assert_eq!(chosen(&[(2, "deployed"), (3, "failed"), (1, "superseded")]), Ok((2, Some(3))));
        assert_eq!(chosen(&[(1, "deployed"), (2, "failed"), (3, "pending-upgrade")]), Ok((1, Some(3))));
        // Helm leaves more than one there after an upgrade that was killed.
        assert_eq!(chosen(&[(1, "deployed"), (2, "deployed")]), Ok((2, None)));
        let why = chosen(&[(1, "failed")]).unwrap_err();
        assert!(why.starts_with("no revision is deployed (revision 1 failed). "), "{why}");
        assert!(chosen(&[(1, "uninstalled")]).unwrap_err().contains("revision 1 is `uninstalled`"));
        assert!(chosen(&[(1, "pending-install")]).unwrap_err().contains("is pending (`pending-install`)"));
        assert!(chosen(&[]).is_err());
    }

    #[test]
    fn only_this_chart_has_a_version() {
        assert_eq!(version("redis-18.6.1").map(|version| version.to_string()).as_deref(), Some("18.6.1"));
        assert_eq!(version("redis-cluster-9.0.0"), None);
        assert_eq!(version("umbrella-1.0.0"), None);
    }
}
