//! The steps that install a release, as arguments of helm and kubectl, in their order.
//!
//! This module runs, reads and writes nothing, and does not look into the values. The order is: check required objects
//! before any change, add the repository, create the namespace and the Secret, install or upgrade.

use std::str::FromStr;

use clap::ValueEnum;

mod json;
mod pull;
mod step;
mod validation;

pub use json::{STEPS_VERSION, steps_json};
pub use pull::{Remote, pull};
pub use step::{Argv, Stdin, Step, StepKind};
pub use validation::RELEASE_NAME_MAX;

use crate::yaml::Helm;

/// The registry of the charts, for Helm 3.8 and later. Source: README of `bitnami/redis`.
pub const OCI_REPOSITORY: &str = "oci://registry-1.docker.io/bitnamicharts";

/// The classic repository, with the same archives. Source: as above.
pub const CLASSIC_REPOSITORY: &str = "https://charts.bitnami.com/bitnami";

/// The usual name of the classic repository in all documentation.
pub const CLASSIC_NAME: &str = "bitnami";

/// The kind of dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// render without the cluster
    Client,
    /// render, and let the cluster check the objects
    Server,
}

/// The origin of the chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Repository {
    /// [`OCI_REPOSITORY`]
    #[default]
    Oci,
    /// [`CLASSIC_REPOSITORY`]. Helm prefers a folder `bitnami/redis` in the current folder, as in a clone of the charts
    /// (`LocateChart`). An `oci://` address never means such a folder.
    Classic,
    /// A folder of charts in another registry: `oci://registry.example.com/charts`, followed by the name of the chart.
    /// An address with the name of the chart at its end is the chart itself.
    OciAt(String),
    /// Another classic repository: `https://charts.example.com`
    ClassicAt(String),
    /// Path of a local chart: a folder or an archive.
    Path(String),
}

/// Parses `oci`, `classic`, an address or a path.
impl FromStr for Repository {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "oci" => Self::Oci,
            "classic" => Self::Classic,
            _ if text.starts_with("oci://") => Self::OciAt(validation::oci(text)?.to_owned()),
            _ if text.contains("://") => Self::ClassicAt(validation::http(text)?.to_owned()),
            _ => Self::Path(validation::chart_path(text)?.to_owned()),
        })
    }
}

/// The source of the values for Helm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    File(&'a str),
    /// The stdout of this command. It is a separate command, because a script in `sh` is the stdin of all its commands.
    Command(&'a [String]),
}

/// The source of a key of a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource<'a> {
    /// an environment variable
    Variable(&'a str),
    /// a whole file: a line feed at the end becomes part of the key
    File(&'a str),
}

/// A Secret to create if it is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretStep<'a> {
    pub name: &'a str,
    pub keys: Vec<(&'a str, KeySource<'a>)>,
}

/// An object that the release needs and no step creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prerequisite<'a> {
    /// The namespace of the ServiceMonitor, PodMonitor or rules; `--create-namespace` creates only the namespace of the
    /// release.
    MonitoringNamespace(&'a str),
    TlsSecret(&'a str),
    AclSecret(&'a str),
    PullSecret(&'a str),
}

/// A release to install.
#[derive(Debug, Clone)]
pub struct Release<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    pub create_namespace: bool,
    pub repository: Repository,
    /// Name of the chart: `redis`.
    pub chart: &'a str,
    /// The version of the chart; Helm does not read it for a path.
    pub version: &'a str,
    pub values: Values<'a>,
    /// Values for `--set` that a values file cannot express.
    pub set: Vec<String>,
    pub helm: Helm,
    /// Roll back after a failure; Helm also waits.
    pub atomic: bool,
    /// Wait until all objects are ready.
    pub wait: bool,
    /// Longest time to wait, as a Go duration.
    pub timeout: Option<&'a str>,
    /// A dry run, which creates neither namespace nor Secret.
    pub dry_run: Option<DryRun>,
    pub secret: Option<SecretStep<'a>>,
    pub needed: Vec<Prerequisite<'a>>,
}

/// An input that Helm, Kubernetes or kubectl refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("`{}` is not a valid {what}: {demand}", crate::escape::one_line(found))]
    Refused { what: &'static str, found: String, demand: &'static str },
    #[error("Secret `{secret}` has no key: expected the key that the chart reads")]
    NoKey { secret: String },
    #[error("Secret `{secret}` has the key `{key}` twice: keep one of them")]
    KeyTwice { secret: String, key: String },
    #[error(
        "keys `{first}` and `{second}` of Secret `{secret}` both come from a variable, and kubectl reads only one \
         value from stdin. Use a file for one of them"
    )]
    TwoVariables { secret: String, first: String, second: String },
    #[error("no command writes the values")]
    NoCommand,
}

/// Checks the name of a release and of a namespace.
///
/// # Errors
///
/// When Helm or Kubernetes refuses one of them.
pub fn check_names(release: Option<&str>, namespace: Option<&str>) -> Result<(), Error> {
    release.map(validation::release).transpose()?;
    namespace.map(validation::namespace).transpose()?;
    Ok(())
}

/// Parses a duration above zero, in the syntax of Helm: `90s`, `10m`, `1h30m`.
///
/// # Errors
///
/// If the text is not a duration, or not longer than zero.
pub fn time(text: &str) -> Result<std::time::Duration, Error> {
    validation::time(text)
}

/// The steps that install `release`. Each runs only after all earlier steps succeeded.
///
/// # Errors
///
/// When Helm, Kubernetes or kubectl refuses a name, an address, a path, a version or a duration.
pub fn steps(release: &Release) -> Result<Vec<Step>, Error> {
    let namespace = validation::namespace(release.namespace)?;
    let mut steps = Vec::new();
    for needed in &release.needed {
        let step = check(*needed, namespace)?;
        if release.dry_run != Some(DryRun::Client) && !is_made(*needed, release) {
            steps.push(step);
        }
    }
    if release.repository == Repository::Classic {
        steps.extend(classic_repository());
    }
    if let Some(secret) = &release.secret {
        let step = create_secret(secret, namespace)?;
        if release.dry_run.is_none() {
            if release.create_namespace {
                steps.push(create_namespace(namespace));
            }
            steps.push(step);
        }
    }
    steps.push(upgrade(release)?);
    Ok(steps)
}

/// The step that checks the installed release. `options` describe its values, with a flag in front of each value.
///
/// # Errors
///
/// When Helm or Kubernetes refuses a name.
pub fn verify(name: &str, namespace: &str, options: &[String]) -> Result<Step, Error> {
    let (name, namespace) = (validation::release(name)?, validation::namespace(namespace)?);
    let mut argv = Argv::new("redisgen verify").with(&[name]).line(&["--namespace", namespace]);
    argv = argv.line(&["--wait", START]);
    for word in options {
        argv = if word.starts_with("--") { argv.line(&[word]) } else { argv.with(&[word]) };
    }
    let why = format!("wait until release {name} runs, and check it");
    Ok(Step { kind: StepKind::Verify, why, argv, unless: None, stdin: None })
}

/// The longest time until a release runs.
const START: &str = "5m";

/// Whether a later step creates the object: a check would then fail a first install.
fn is_made(needed: Prerequisite, release: &Release) -> bool {
    match needed {
        Prerequisite::MonitoringNamespace(name) => release.create_namespace && name == release.namespace,
        Prerequisite::TlsSecret(name) | Prerequisite::AclSecret(name) | Prerequisite::PullSecret(name) => {
            release.secret.as_ref().is_some_and(|secret| secret.name == name)
        }
    }
}

fn check(needed: Prerequisite, namespace: &str) -> Result<Step, Error> {
    let (what, name) = match needed {
        Prerequisite::MonitoringNamespace(name) => {
            return Ok(Step {
                kind: StepKind::Check,
                why: format!(
                    "check that namespace {name} exists: the monitoring objects need it, and Helm does not create it"
                ),
                argv: Argv::new("kubectl get namespace").with(&[validation::namespace(name)?, "--output", "name"]),
                unless: None,
                stdin: None,
            });
        }
        Prerequisite::TlsSecret(name) => ("the certificate", name),
        Prerequisite::AclSecret(name) => ("the ACL users", name),
        Prerequisite::PullSecret(name) => ("the credentials of the image registry", name),
    };
    Ok(Step {
        kind: StepKind::Check,
        why: format!("check that Secret {name} exists: the pods need it for {what}"),
        argv: get_secret(validation::secret(name)?, namespace).with(&["--output", "name"]),
        unless: None,
        stdin: None,
    })
}

fn classic_repository() -> [Step; 2] {
    [
        Step {
            kind: StepKind::Repository,
            why: format!("add the repository {CLASSIC_NAME} to Helm, if it is missing"),
            argv: Argv::new("helm repo add").with(&[CLASSIC_NAME, CLASSIC_REPOSITORY]),
            unless: None,
            stdin: None,
        },
        Step {
            kind: StepKind::Repository,
            why: "update the index of the repository".to_owned(),
            argv: Argv::new("helm repo update").with(&[CLASSIC_NAME]),
            unless: None,
            stdin: None,
        },
    ]
}

fn create_namespace(namespace: &str) -> Step {
    Step {
        kind: StepKind::Namespace,
        why: format!("create namespace {namespace} if it is missing, for the Secret"),
        argv: Argv::new("kubectl create namespace").with(&[namespace]),
        unless: Some(Argv::new("kubectl get namespace").with(&[namespace])),
        stdin: None,
    }
}

/// A pipe carries the password from its variable, so no command line and no history contains it.
fn create_secret(secret: &SecretStep, namespace: &str) -> Result<Step, Error> {
    let name = validation::secret(secret.name)?;
    let mut argv = Argv::new("kubectl create secret generic").with(&[name]).line(&["--namespace", namespace]);
    let mut keys: Vec<&str> = Vec::new();
    let mut piped: Option<(&str, &str)> = None;
    for (key, source) in &secret.keys {
        let key = validation::key(key)?;
        if keys.contains(&key) {
            return Err(Error::KeyTwice { secret: name.to_owned(), key: key.to_owned() });
        }
        keys.push(key);
        let from = match *source {
            KeySource::File(path) => validation::key_file(key, path)?,
            KeySource::Variable(variable) => {
                if let Some((first, _)) = piped {
                    let (first, second) = (first.to_owned(), key.to_owned());
                    return Err(Error::TwoVariables { secret: name.to_owned(), first, second });
                }
                piped = Some((key, validation::variable(variable)?));
                validation::key_file(key, "/dev/stdin")?
            }
        };
        argv = argv.line(&[&format!("--from-file={from}")]);
    }
    if keys.is_empty() {
        return Err(Error::NoKey { secret: name.to_owned() });
    }
    let source =
        piped.map_or_else(String::new, |(key, variable)| format!(", with key {key} from the variable {variable}"));
    Ok(Step {
        kind: StepKind::Secret,
        why: format!("create Secret {name} if it is missing{source}"),
        argv,
        unless: Some(get_secret(name, namespace)),
        stdin: piped.map(|(_, variable)| Stdin::Variable(variable.to_owned())),
    })
}

fn get_secret(name: &str, namespace: &str) -> Argv {
    Argv::new("kubectl get secret").with(&[name, "--namespace", namespace])
}

/// The command that renders `release` for a Kubernetes version and its API versions, with the values on stdin.
///
/// # Errors
///
/// When Helm or Kubernetes refuses a name, an address, a path or a version.
pub fn template(release: &Release, kubernetes: &str, apis: &[String]) -> Result<Argv, Error> {
    let argv = chart_of(release, Argv::new("helm template"))?;
    let mut argv = argv.line(&["--kube-version", kubernetes]).line(&["-f", "-"]);
    if !apis.is_empty() {
        argv = argv.line(&["--api-versions", &apis.join(",")]);
    }
    for text in &release.set {
        argv = argv.line(&["--set", text]);
    }
    Ok(argv)
}

/// The command with the release, the chart and the namespace.
fn chart_of(release: &Release, argv: Argv) -> Result<Argv, Error> {
    let (chart, version) = (validation::chart(release.chart)?, validation::version(release.version)?);
    let (reference, repo) = reference(&release.repository, chart)?;
    let mut argv = argv.with(&[validation::release(release.name)?, &reference]);
    if let Some(repo) = repo {
        argv = argv.line(&["--repo", repo]);
    }
    if !matches!(release.repository, Repository::Path(_)) {
        argv = argv.line(&["--version", version]);
    }
    Ok(argv.line(&["--namespace", validation::namespace(release.namespace)?]))
}

fn upgrade(release: &Release) -> Result<Step, Error> {
    let Release { name, create_namespace, chart, version, values, set, helm, atomic, wait, timeout, dry_run, .. } =
        release;
    let mut argv = chart_of(release, Argv::new("helm upgrade --install"))?;
    if *create_namespace {
        argv = argv.line(&["--create-namespace"]);
    }
    let stdin = match values {
        Values::File(path) => {
            argv = argv.line(&["-f", &validation::values_file(path)?]);
            None
        }
        Values::Command([]) => return Err(Error::NoCommand),
        Values::Command(words) => {
            argv = argv.line(&["-f", "-"]);
            Some(Stdin::Command(Argv::from_words(words)))
        }
    };
    for text in set {
        argv = argv.line(&["--set", text]);
    }
    if *atomic {
        argv = argv.line(&[match helm {
            Helm::Three => "--atomic",
            Helm::Four => "--rollback-on-failure",
        }]);
    }
    if *wait {
        argv = argv.line(&["--wait"]);
    }
    if let Some(timeout) = timeout {
        argv = argv.line(&["--timeout", validation::timeout(timeout)?]);
    }
    // Helm 4 deprecates the flag without a value, and a separate value would be read as the name.
    let why = match dry_run {
        None => format!("install or upgrade release {name} with chart {chart} {version}"),
        Some(how) => {
            argv = argv.line(&[match how {
                DryRun::Client => "--dry-run=client",
                DryRun::Server => "--dry-run=server",
            }]);
            format!("render release {name} with chart {chart} {version}, without a change to the cluster")
        }
    };
    Ok(Step { kind: StepKind::Release, why, argv, unless: None, stdin })
}

/// The chart argument of Helm, and the address for `--repo`, which works without `helm repo add`.
fn reference<'a>(repository: &'a Repository, chart: &str) -> Result<(String, Option<&'a str>), Error> {
    Ok(match repository {
        Repository::Oci => (format!("{OCI_REPOSITORY}/{chart}"), None),
        Repository::Classic => (format!("{CLASSIC_NAME}/{chart}"), None),
        Repository::OciAt(address) => {
            let address = validation::oci(address)?.trim_end_matches('/');
            let is_chart = address.rsplit('/').next() == Some(chart);
            (if is_chart { address.to_owned() } else { format!("{address}/{chart}") }, None)
        }
        Repository::ClassicAt(address) => (chart.to_owned(), Some(validation::http(address)?)),
        Repository::Path(path) => (validation::chart_path(path)?.to_owned(), None),
    })
}

#[cfg(test)]
mod tests;
