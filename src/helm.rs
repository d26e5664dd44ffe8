//! The helm command, as argv: what has to run, in which order, for a release to be there.
//!
//! Nothing is run, read or written here, and nothing is known of what the values say. The order is: look for what must
//! be there already, so that nothing is changed when it is not; make the repository known; make the namespace and the
//! Secret; install or upgrade.

use std::str::FromStr;

use clap::ValueEnum;

mod json;
mod pull;
mod rules;
mod step;

pub use json::{STEPS_VERSION, steps_json};
pub use pull::{Remote, pull};
pub use rules::RELEASE_NAME_MAX;
pub use step::{Argv, Stdin, Step, StepKind};

use crate::yaml::Helm;

/// The registry that the charts are published to; Helm 3 reads one since 3.8. Source: README of `bitnami/redis`.
pub const OCI_REPOSITORY: &str = "oci://registry-1.docker.io/bitnamicharts";

/// The classic repository; its index names the same archives. Source: as above.
pub const CLASSIC_REPOSITORY: &str = "https://charts.bitnami.com/bitnami";

/// The name under which the classic repository is added, as all documentation does.
pub const CLASSIC_NAME: &str = "bitnami";

/// How far a release is tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// render, and ask the cluster nothing
    Client,
    /// render, and let the cluster judge
    Server,
}

/// Where the chart comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Repository {
    /// [`OCI_REPOSITORY`]
    #[default]
    Oci,
    /// [`CLASSIC_REPOSITORY`]. A folder `bitnami/redis` in the current folder, as in a clone of the charts, comes first
    /// for Helm (`LocateChart`); an address with `oci://` has no such namesake.
    Classic,
    /// A folder of charts in another registry: `oci://registry.example.com/charts`, the chart's name follows. An
    /// address that ends in the chart's name is the chart itself.
    OciAt(String),
    /// Another classic repository: `https://charts.example.com`
    ClassicAt(String),
    /// A chart on this machine: the path of a folder or an archive.
    Path(String),
}

/// Reads `oci`, `classic`, an address or a path.
impl FromStr for Repository {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "oci" => Self::Oci,
            "classic" => Self::Classic,
            _ if text.starts_with("oci://") => Self::OciAt(rules::oci(text)?.to_owned()),
            _ if text.contains("://") => Self::ClassicAt(rules::http(text)?.to_owned()),
            _ => Self::Path(rules::chart_path(text)?.to_owned()),
        })
    }
}

/// Where Helm reads the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    File(&'a str),
    /// The stdout of this command. A command of its own, because a script that is piped into `sh` is the stdin of all
    /// that it runs.
    Command(&'a [String]),
}

/// Where a key of a Secret comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource<'a> {
    /// an environment variable
    Variable(&'a str),
    /// a file, to the last byte: a line end at its end becomes part of the key
    File(&'a str),
}

/// A Secret that is made where it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretStep<'a> {
    pub name: &'a str,
    pub keys: Vec<(&'a str, KeySource<'a>)>,
}

/// What the release needs and nobody makes on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed<'a> {
    /// The namespace of the ServiceMonitor, PodMonitor or rules; `--create-namespace` makes only the release's own.
    MonitoringNamespace(&'a str),
    TlsSecret(&'a str),
    AclSecret(&'a str),
    PullSecret(&'a str),
}

/// A release as it should be.
#[derive(Debug, Clone)]
pub struct Release<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    pub create_namespace: bool,
    pub repository: Repository,
    /// The chart's name, `redis`.
    pub chart: &'a str,
    /// The chart's version; Helm does not ask for it where the chart is a path.
    pub version: &'a str,
    pub values: Values<'a>,
    /// What Helm is told by `--set`, as a values file cannot say it.
    pub set: Vec<String>,
    pub helm: Helm,
    /// Undo what has failed; makes Helm wait.
    pub atomic: bool,
    /// Wait until all is ready.
    pub wait: bool,
    /// How long to wait, as a Go duration.
    pub timeout: Option<&'a str>,
    /// Try it out: neither namespace nor Secret is made.
    pub dry_run: Option<DryRun>,
    pub secret: Option<SecretStep<'a>>,
    pub needed: Vec<Needed<'a>>,
}

/// What Helm, Kubernetes or kubectl would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("`{}` cannot be the {what}: {demand}", crate::line::one_line(found))]
    Refused { what: &'static str, found: String, demand: &'static str },
    #[error("Secret `{secret}` has no key; a Secret for Redis needs the one that the chart reads")]
    NoKey { secret: String },
    #[error("Secret `{secret}` has the key `{key}` twice; a key is there once")]
    KeyTwice { secret: String, key: String },
    #[error(
        "keys `{first}` and `{second}` of Secret `{secret}` both come from a variable; kubectl reads one from stdin, \
         name a file for the other"
    )]
    TwoVariables { secret: String, first: String, second: String },
    #[error("no command is given that writes the values")]
    NoCommand,
}

/// Whether Helm takes a name for a release, and Kubernetes one for a namespace.
///
/// # Errors
///
/// When one of them would be refused.
pub fn check_names(release: Option<&str>, namespace: Option<&str>) -> Result<(), Error> {
    release.map(rules::release).transpose()?;
    namespace.map(rules::namespace).transpose()?;
    Ok(())
}

/// A time longer than zero, as Helm writes it: `90s`, `10m`, `1h30m`.
///
/// # Errors
///
/// Anything else.
pub fn time(text: &str) -> Result<std::time::Duration, Error> {
    rules::time(text)
}

/// The steps that bring `release` about, each to be run only when those before it have succeeded.
///
/// # Errors
///
/// When Helm, Kubernetes or kubectl would refuse a name, an address, a path, a version or a time.
pub fn steps(release: &Release) -> Result<Vec<Step>, Error> {
    let namespace = rules::namespace(release.namespace)?;
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

/// Whether a later step makes it, so that looking for it first would stop a first install.
fn is_made(needed: Needed, release: &Release) -> bool {
    match needed {
        Needed::MonitoringNamespace(name) => release.create_namespace && name == release.namespace,
        Needed::TlsSecret(name) | Needed::AclSecret(name) | Needed::PullSecret(name) => {
            release.secret.as_ref().is_some_and(|secret| secret.name == name)
        }
    }
}

fn check(needed: Needed, namespace: &str) -> Result<Step, Error> {
    let (what, name) = match needed {
        Needed::MonitoringNamespace(name) => {
            return Ok(Step {
                kind: StepKind::Check,
                why: format!("look for namespace {name}: the metrics objects go there, and Helm does not make it"),
                argv: Argv::new("kubectl get namespace").with(&[rules::namespace(name)?, "--output", "name"]),
                unless: None,
                stdin: None,
            });
        }
        Needed::TlsSecret(name) => ("the certificate", name),
        Needed::AclSecret(name) => ("the ACL users", name),
        Needed::PullSecret(name) => ("the credentials of the image registry", name),
    };
    Ok(Step {
        kind: StepKind::Check,
        why: format!("look for Secret {name}: it holds {what}, and the pods do not start without it"),
        argv: get_secret(rules::secret(name)?, namespace).with(&["--output", "name"]),
        unless: None,
        stdin: None,
    })
}

fn classic_repository() -> [Step; 2] {
    [
        Step {
            kind: StepKind::Repository,
            why: format!("make the repository {CLASSIC_NAME} known to Helm, which may be done already"),
            argv: Argv::new("helm repo add").with(&[CLASSIC_NAME, CLASSIC_REPOSITORY]),
            unless: None,
            stdin: None,
        },
        Step {
            kind: StepKind::Repository,
            why: "fetch its index, which may be older than the chart version".to_owned(),
            argv: Argv::new("helm repo update").with(&[CLASSIC_NAME]),
            unless: None,
            stdin: None,
        },
    ]
}

fn create_namespace(namespace: &str) -> Step {
    Step {
        kind: StepKind::Namespace,
        why: format!("make namespace {namespace} where it is missing: the Secret has to be there before the release"),
        argv: Argv::new("kubectl create namespace").with(&[namespace]),
        unless: Some(Argv::new("kubectl get namespace").with(&[namespace])),
        stdin: None,
    }
}

/// The password goes from the variable through a pipe: it stands neither on a command line nor in the history.
fn create_secret(secret: &SecretStep, namespace: &str) -> Result<Step, Error> {
    let name = rules::secret(secret.name)?;
    let mut argv = Argv::new("kubectl create secret generic").with(&[name]).line(&["--namespace", namespace]);
    let mut keys: Vec<&str> = Vec::new();
    let mut piped: Option<(&str, &str)> = None;
    for (key, source) in &secret.keys {
        let key = rules::key(key)?;
        if keys.contains(&key) {
            return Err(Error::KeyTwice { secret: name.to_owned(), key: key.to_owned() });
        }
        keys.push(key);
        let from = match *source {
            KeySource::File(path) => rules::key_file(key, path)?,
            KeySource::Variable(variable) => {
                if let Some((first, _)) = piped {
                    let (first, second) = (first.to_owned(), key.to_owned());
                    return Err(Error::TwoVariables { secret: name.to_owned(), first, second });
                }
                piped = Some((key, rules::variable(variable)?));
                rules::key_file(key, "/dev/stdin")?
            }
        };
        argv = argv.line(&[&format!("--from-file={from}")]);
    }
    if keys.is_empty() {
        return Err(Error::NoKey { secret: name.to_owned() });
    }
    let source = piped.map_or_else(String::new, |(key, variable)| format!(", {key} from the variable {variable}"));
    Ok(Step {
        kind: StepKind::Secret,
        why: format!("make Secret {name} where it is missing{source}"),
        argv,
        unless: Some(get_secret(name, namespace)),
        stdin: piped.map(|(_, variable)| Stdin::Variable(variable.to_owned())),
    })
}

fn get_secret(name: &str, namespace: &str) -> Argv {
    Argv::new("kubectl get secret").with(&[name, "--namespace", namespace])
}

fn upgrade(release: &Release) -> Result<Step, Error> {
    let Release {
        name,
        namespace,
        create_namespace,
        repository,
        chart,
        version,
        values,
        set,
        helm,
        atomic,
        wait,
        timeout,
        dry_run,
        secret: _,
        needed: _,
    } = release;
    let (chart, version) = (rules::chart(chart)?, rules::version(version)?);
    let (reference, repo) = reference(repository, chart)?;
    let mut argv = Argv::new("helm upgrade --install").with(&[rules::release(name)?, &reference]);
    if let Some(repo) = repo {
        argv = argv.line(&["--repo", repo]);
    }
    if !matches!(repository, Repository::Path(_)) {
        argv = argv.line(&["--version", version]);
    }
    argv = argv.line(&["--namespace", namespace]);
    if *create_namespace {
        argv = argv.line(&["--create-namespace"]);
    }
    let stdin = match values {
        Values::File(path) => {
            argv = argv.line(&["-f", &rules::values_file(path)?]);
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
        argv = argv.line(&["--timeout", rules::timeout(timeout)?]);
    }
    // Bare, the flag is deprecated in Helm 4; as a word of its own the value would be taken for the name.
    let why = match dry_run {
        None => format!("install release {name} of chart {chart} {version}, or upgrade it"),
        Some(how) => {
            argv = argv.line(&[match how {
                DryRun::Client => "--dry-run=client",
                DryRun::Server => "--dry-run=server",
            }]);
            format!("show what release {name} of chart {chart} {version} would be, and change nothing")
        }
    };
    Ok(Step { kind: StepKind::Release, why, argv, unless: None, stdin })
}

/// The chart as Helm is told it, and the address for `--repo`, which needs no `helm repo add` and no name.
fn reference<'a>(repository: &'a Repository, chart: &str) -> Result<(String, Option<&'a str>), Error> {
    Ok(match repository {
        Repository::Oci => (format!("{OCI_REPOSITORY}/{chart}"), None),
        Repository::Classic => (format!("{CLASSIC_NAME}/{chart}"), None),
        Repository::OciAt(address) => {
            let address = rules::oci(address)?.trim_end_matches('/');
            let is_chart = address.rsplit('/').next() == Some(chart);
            (if is_chart { address.to_owned() } else { format!("{address}/{chart}") }, None)
        }
        Repository::ClassicAt(address) => (chart.to_owned(), Some(rules::http(address)?)),
        Repository::Path(path) => (rules::chart_path(path)?.to_owned(), None),
    })
}

#[cfg(test)]
mod tests;
