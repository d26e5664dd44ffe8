//! What a cluster answers about a release before its install: asked with `kubectl`, rendered with `helm`.
//!
//! Nothing is changed in the cluster. The rendered objects, which contain passwords, go through pipes only.

use std::{collections::BTreeSet, process::Command, time::Duration};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;

use super::process::{self, Output};
use crate::{
    escape::one_line,
    helm::{self, Release},
    preflight::{self, Check, Demand, Needs, Reference, Status},
    yaml::{Map, Notes, emit},
};

/// A cluster and the namespace of a release.
pub struct Cluster<'a> {
    pub context: Option<&'a str>,
    pub kubeconfig: Option<&'a str>,
    pub namespace: &'a str,
    /// The longest time for one question.
    pub limit: Duration,
}

/// The release to check.
pub struct Candidate<'a> {
    pub release: Release<'a>,
    /// The values as YAML.
    pub values: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    server_version: Option<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

#[derive(Deserialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

/// The annotations of a StorageClass that is the default of the cluster. Source: kubernetes.io, Storage Classes; the
/// second one is of Kubernetes before 1.6 and still read.
const DEFAULT_CLASS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// What the errors of Helm contain if the chart does not render with the values. Seen with Helm 3.21 and 4.2.
const OF_VALUES: [&str; 3] = ["execution error at", "template: ", "meet the specifications of the schema"];

/// The beginnings of errors of kubectl without a reply of the API server. Seen with kubectl 1.34.
const NO_ANSWER: [&str; 2] = ["The connection to the server", "Unable to connect to the server"];

/// The least time for helm, which may have to fetch the chart.
const LEAST_FOR_A_CHART: Duration = Duration::from_secs(120);

/// The field manager of Helm 4, whose objects a dry run must not call conflicts.
const MANAGER: &str = "helm";

impl Cluster<'_> {
    /// Asks the cluster whether it would accept a release.
    ///
    /// # Errors
    ///
    /// When kubectl or helm is missing, the cluster does not answer, or the chart does not render.
    pub fn check(&self, candidate: &Candidate) -> anyhow::Result<Vec<Check>> {
        let version = self.version()?;
        let apis = self.kubectl(&["api-versions"], "")?;
        if !apis.succeeded {
            bail!("`kubectl api-versions`: {}", one_line(apis.complaint()));
        }
        let apis: Vec<String> = apis.stdout.lines().map(str::to_owned).collect();
        let mut checks = vec![Check::new("kubernetes", Status::Ok, format!("the cluster has Kubernetes {version}"))];
        let exists = self.namespace(candidate, &mut checks)?;
        // The objects of a namespace that does not exist are checked in one that always does.
        let namespace = if exists { self.namespace } else { "default" };
        let render = helm::template(&Release { namespace, ..candidate.release.clone() }, &version, &apis)?;
        let mut helm = Command::new("helm");
        helm.args(render.words().skip(1));
        let limit = self.limit.max(LEAST_FOR_A_CHART);
        let output = process::run_with_input("helm", &mut helm, Some(candidate.values.clone()), limit)
            .map_err(|why| anyhow!("`--live`: {why}"))?;
        if !output.succeeded {
            let error = one_line(output.complaint()).into_owned();
            // Anything else is about the chart's address, and not about its values.
            if !OF_VALUES.iter().any(|text| output.stderr.contains(text)) {
                bail!("`helm template`: {error}");
            }
            checks.push(Check::new("render", Status::Refused, error));
            return Ok(checks);
        }
        let needs = Needs::of(&output.stdout).context("the output of `helm template`")?;
        self.classes(&needs, &mut checks)?;
        self.references(&needs, exists, &mut checks)?;
        self.namespaces(&needs, namespace, &mut checks)?;
        if exists {
            self.quota(&needs, &mut checks)?;
            self.pods(&needs, &mut checks)?;
        }
        self.dry_run(&output.stdout, &mut checks)?;
        Ok(checks)
    }

    fn version(&self) -> anyhow::Result<String> {
        let output = self.kubectl(&["version", "--output", "json"], "")?;
        let versions: Versions = serde_json::from_str(&output.stdout)
            .map_err(|_| anyhow!("`kubectl version`: {}", one_line(output.complaint())))?;
        match versions.server_version {
            Some(version) => Ok(version.git_version.trim_start_matches('v').to_owned()),
            None => bail!("`kubectl version`: {}", one_line(output.complaint())),
        }
    }

    /// Whether the namespace exists.
    fn namespace(&self, candidate: &Candidate, checks: &mut Vec<Check>) -> anyhow::Result<bool> {
        let namespace = self.namespace;
        let output = self.kubectl(&["get", "namespace", namespace, "--output", "name"], "")?;
        if output.succeeded {
            checks.push(Check::new("namespace", Status::Ok, format!("namespace {namespace} exists")));
            return Ok(true);
        }
        if !is_missing(&output) {
            checks.push(not_asked("namespace", &output));
            return Ok(true);
        }
        let next = "its quota and Pod Security level are not known: create it, and repeat this command";
        checks.push(match candidate.release.create_namespace {
            true => Check::new(
                "namespace",
                Status::Warning,
                format!("namespace {namespace} does not exist: `helm --create-namespace` creates it"),
            )
            .next(next),
            false => Check::new("namespace", Status::Refused, format!("namespace {namespace} does not exist"))
                .next(format!("`kubectl create namespace {namespace}` creates it")),
        });
        Ok(false)
    }

    fn classes(&self, needs: &Needs, checks: &mut Vec<Check>) -> anyhow::Result<()> {
        if !needs.storage_classes.is_empty() {
            match self.items("storageclass")? {
                Err(output) => checks.push(not_asked("storage-class", &output)),
                Ok(known) => {
                    for class in &needs.storage_classes {
                        checks.push(storage_class(class.as_deref(), &known));
                    }
                }
            }
        }
        if !needs.priority_classes.is_empty() {
            match self.items("priorityclass")? {
                Err(output) => checks.push(not_asked("priority-class", &output)),
                Ok(known) => {
                    let known: Vec<&str> = known.iter().map(|item| item.name.as_str()).collect();
                    checks.extend(needs.priority_classes.iter().map(|class| {
                        match known.contains(&class.as_str()) {
                            true => Check::new("priority-class", Status::Ok, format!("PriorityClass {class} exists")),
                            false => Check::new(
                                "priority-class",
                                Status::Refused,
                                format!("the cluster has no PriorityClass {class}"),
                            )
                            .next(format!("it has {}", list(&known))),
                        }
                    }));
                }
            }
        }
        Ok(())
    }

    /// The names of all objects of a kind, or the refusal of the cluster.
    fn items(&self, kind: &str) -> anyhow::Result<Result<Vec<Metadata>, Output>> {
        let output = self.kubectl(&["get", kind, "--output", "json"], "")?;
        if !output.succeeded {
            return Ok(Err(output));
        }
        let Items { items } =
            serde_json::from_str(&output.stdout).with_context(|| format!("the output of `kubectl get {kind}`"))?;
        Ok(Ok(items.into_iter().map(|item| item.metadata).collect()))
    }

    /// The objects that the pods need and the chart does not create. Only the names of keys are asked for.
    fn references(&self, needs: &Needs, exists: bool, checks: &mut Vec<Check>) -> anyhow::Result<()> {
        for (Reference { kind, name }, keys) in &needs.references {
            let id = match *kind {
                "Secret" => "secret",
                "ConfigMap" => "config-map",
                "PersistentVolumeClaim" => "claim",
                _ => "service-account",
            };
            let object = format!("{kind} {name}");
            let missing = |what: String| {
                Check::new(id, Status::Refused, what)
                    .of(&object)
                    .next("the pods wait for it: create it before the install")
            };
            let namespace = self.namespace;
            if !exists {
                checks.push(missing(format!("{object} must exist in namespace {namespace}")));
                continue;
            }
            let template = "go-template={{range $key, $_ := .data}}{{$key}}{{\"\\n\"}}{{end}}{{range $key, $_ := .binaryData}}{{$key}}{{\"\\n\"}}{{end}}";
            let output = self.kubectl(&["get", kind, name, "--namespace", namespace, "--output", template], "")?;
            if !output.succeeded {
                checks.push(match is_missing(&output) {
                    true => missing(format!("namespace {namespace} has no {object}")),
                    false => not_asked(id, &output).of(&object),
                });
                continue;
            }
            let known: BTreeSet<&str> = output.stdout.lines().collect();
            let lacking: Vec<&str> = keys.iter().map(String::as_str).filter(|key| !known.contains(key)).collect();
            checks.push(match lacking.is_empty() {
                true if keys.is_empty() => Check::new(id, Status::Ok, format!("{object} exists")).of(&object),
                true => Check::new(id, Status::Ok, format!("{object} has {}", list(&Vec::from_iter(keys)))).of(&object),
                false => {
                    let known: Vec<&str> = known.into_iter().collect();
                    let keys = if known.is_empty() { "no key".to_owned() } else { list(&known) };
                    missing(format!("{object} lacks the key {}, and has {keys}", list(&lacking)))
                }
            });
        }
        Ok(())
    }

    /// The other namespaces of objects, such as that of the monitors: Helm does not create them.
    fn namespaces(&self, needs: &Needs, rendered: &str, checks: &mut Vec<Check>) -> anyhow::Result<()> {
        for namespace in needs.namespaces.iter().filter(|name| *name != self.namespace && *name != rendered) {
            let output = self.kubectl(&["get", "namespace", namespace, "--output", "name"], "")?;
            checks.push(match (output.succeeded, is_missing(&output)) {
                (true, _) => Check::new("namespace", Status::Ok, format!("namespace {namespace} exists")),
                (false, true) => Check::new(
                    "namespace",
                    Status::Refused,
                    format!("namespace {namespace} does not exist: objects of the release belong there"),
                )
                .next(format!("`kubectl create namespace {namespace}` creates it")),
                (false, false) => not_asked("namespace", &output),
            });
        }
        Ok(())
    }

    fn quota(&self, needs: &Needs, checks: &mut Vec<Check>) -> anyhow::Result<()> {
        let output = self.kubectl(&["get", "resourcequota", "--namespace", self.namespace, "--output", "json"], "")?;
        if !output.succeeded {
            checks.push(not_asked("quota", &output));
            return Ok(());
        }
        let found = preflight::over_quota(&output.stdout, &Demand::of(&needs.objects))
            .context("the output of `kubectl get resourcequota`")?;
        if !found.is_empty() && self.is_installed(needs)? {
            checks.push(Check::new(
                "quota",
                Status::NotAsked,
                "the quota counts the pods of the installed release: it is not compared",
            ));
            return Ok(());
        }
        checks.extend(found);
        Ok(())
    }

    /// Whether a workload of the release exists.
    fn is_installed(&self, needs: &Needs) -> anyhow::Result<bool> {
        for object in &needs.objects {
            let text = |path: &str| object.get_at_text(path).and_then(crate::yaml::Value::as_str);
            if let (Some(kind @ ("StatefulSet" | "Deployment" | "DaemonSet")), Some(name)) =
                (text("kind"), text("metadata.name"))
            {
                let words = ["get", kind, name, "--namespace", self.namespace, "--output", "name"];
                if self.kubectl(&words, "")?.succeeded {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Asks for one pod of each workload: the API server accepts a workload whose pods it refuses later.
    fn pods(&self, needs: &Needs, checks: &mut Vec<Check>) -> anyhow::Result<()> {
        let pods = preflight::pods(&needs.objects);
        let mut refused = false;
        for pod in &pods {
            let output = self.kubectl(
                &["create", "--dry-run=server", "--namespace", self.namespace, "--filename", "-", "--output", "name"],
                &emit(pod, &Notes::new()),
            )?;
            if output.succeeded {
                continue;
            }
            refused = true;
            if has_no_answer(&output) {
                checks.push(not_asked("pods", &output));
                continue;
            }
            for refusal in preflight::refusals(&output.stderr) {
                // What an earlier question found has a better message.
                let is_known = |id: &str| checks.iter().any(|check| check.id == id && check.status == Status::Refused);
                if refusal.message.contains("PriorityClass") && is_known("priority-class")
                    || refusal.message.contains("exceeded quota") && is_known("quota")
                {
                    continue;
                }
                if let Some(next) = is_forbidden(&refusal.message) {
                    checks.push(Check::new("pods", Status::NotAsked, one_line(&refusal.message)).next(next));
                    continue;
                }
                let object = refusal.object.or_else(|| named(pod));
                checks.push(Check {
                    object,
                    field: refusal.field,
                    next: pod_help(&refusal.message),
                    ..Check::new("pods", Status::Refused, one_line(&refusal.message))
                });
            }
        }
        if !refused && !pods.is_empty() {
            checks.push(Check::new("pods", Status::Ok, "the cluster accepts a pod of each workload"));
        }
        Ok(())
    }

    /// Asks the API server to apply all objects, without a change.
    fn dry_run(&self, render: &str, checks: &mut Vec<Check>) -> anyhow::Result<()> {
        let words = [
            "apply",
            "--dry-run=server",
            "--server-side",
            "--force-conflicts",
            "--field-manager",
            MANAGER,
            "--filename",
            "-",
            "--output",
            "name",
        ];
        let output = self.kubectl(&words, render)?;
        for warning in preflight::warnings(&output.stderr) {
            // The check of the pods has the same violation.
            let is_told = warning.contains("PodSecurity")
                && checks.iter().any(|check| check.id == "pods" && check.message.contains("PodSecurity"));
            if !is_told {
                checks.push(Check::new("dry-run", Status::Warning, one_line(&warning)));
            }
        }
        if output.succeeded {
            let count = output.stdout.lines().count();
            checks.push(Check::new("dry-run", Status::Ok, format!("the cluster accepts all {count} objects")));
            return Ok(());
        }
        if has_no_answer(&output) {
            checks.push(not_asked("dry-run", &output));
            return Ok(());
        }
        let is_over_quota = checks.iter().any(|check| check.id == "quota" && check.status == Status::Refused);
        for refusal in preflight::refusals(&output.stderr) {
            if is_over_quota && refusal.message.contains("exceeded quota") {
                continue;
            }
            if let Some(next) = is_forbidden(&refusal.message) {
                checks.push(Check::new("dry-run", Status::NotAsked, one_line(&refusal.message)).next(next));
                continue;
            }
            let next = match &refusal.missing_kind {
                Some((version, kind)) => Some(missing_kind_help(version, kind)),
                None if refusal.message.contains("updates to statefulset spec") => {
                    Some("delete the StatefulSet first and keep its pods: `redisgen migrate` and `redisgen diff` print the steps".to_owned())
                }
                None => None,
            };
            checks.push(Check {
                object: refusal.object,
                field: refusal.field,
                next,
                ..Check::new("dry-run", Status::Refused, one_line(&refusal.message))
            });
        }
        Ok(())
    }

    fn kubectl(&self, words: &[&str], input: &str) -> anyhow::Result<Output> {
        let timeout = format!("--request-timeout={}s", self.limit.as_secs().max(1));
        let mut kubectl = Command::new("kubectl");
        kubectl.args(words).arg(timeout);
        for (flag, value) in [("--context", self.context), ("--kubeconfig", self.kubeconfig)] {
            kubectl.args(value.iter().flat_map(|value| [flag, value]));
        }
        let input = (!input.is_empty()).then(|| input.to_owned());
        // The limit of kubectl is for one request of several.
        let limit = self.limit + Duration::from_secs(5);
        process::run_with_input("kubectl", &mut kubectl, input, limit).map_err(|why| anyhow!("`--live`: {why}"))
    }
}

fn storage_class(class: Option<&str>, known: &[Metadata]) -> Check {
    let names: Vec<&str> = known.iter().map(|item| item.name.as_str()).collect();
    let of = |status, message: String| Check::new("storage-class", status, message);
    let is_default =
        |item: &&Metadata| DEFAULT_CLASS.iter().any(|key| item.annotations.get(*key).is_some_and(|on| on == "true"));
    match class {
        None => match known.iter().find(is_default) {
            Some(default) => of(Status::Ok, format!("the claims get the default StorageClass {}", default.name)),
            None => of(Status::Refused, "the cluster has no default StorageClass: the claims stay pending".to_owned())
                .next(format!("`--storage-class NAME`: the cluster has {}", list(&names))),
        },
        Some("") => {
            of(Status::Warning, "the claims have no StorageClass: they wait for volumes that exist already".to_owned())
        }
        Some(class) if names.contains(&class) => of(Status::Ok, format!("StorageClass {class} exists")),
        Some(class) => of(Status::Refused, format!("the cluster has no StorageClass {class}: the claims stay pending"))
            .next(format!("it has {}", list(&names))),
    }
}

/// `a, b and c`
fn list(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => "none".to_owned(),
        [only] => only.as_ref().to_owned(),
        [all @ .., last] => {
            format!("{} and {}", all.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "), last.as_ref())
        }
    }
}

fn is_missing(output: &Output) -> bool {
    output.stderr.contains("(NotFound)")
}

/// Whether a failed `kubectl` names no refusal: the connection broke, or it printed no error.
fn has_no_answer(output: &Output) -> bool {
    let is_broken = |line: &str| NO_ANSWER.iter().any(|start| line.trim_start_matches("error: ").starts_with(start));
    output.stderr.lines().any(is_broken) || preflight::refusals(&output.stderr).is_empty()
}

/// The next step for a refusal by missing rights, which is no answer.
fn is_forbidden(message: &str) -> Option<String> {
    let is_right =
        message.contains("is forbidden: User ") || message.contains(" cannot ") && message.contains(" in API group ");
    is_right.then(|| "ask with the rights of the install".to_owned())
}

fn not_asked(id: &'static str, output: &Output) -> Check {
    let refusal = preflight::refusals(&output.stderr).into_iter().next();
    let message = refusal.map_or_else(|| output.complaint().to_owned(), |refusal| refusal.message);
    Check::new(id, Status::NotAsked, one_line(&message))
}

fn missing_kind_help(version: &str, kind: &str) -> String {
    match version.starts_with("monitoring.coreos.com/") {
        true => {
            let option = if kind == "PrometheusRule" { "--alerts=false" } else { "--monitor none" };
            format!("install the Prometheus operator, or use `{option}`")
        }
        false => "`redisgen lint` finds such objects, and names the chart version with another API".to_owned(),
    }
}

fn pod_help(message: &str) -> Option<String> {
    let next = if message.contains("PodSecurity \"restricted") {
        "`--platform pod-security-restricted` sets what this level requires"
    } else if message.contains("exceeded quota") {
        "increase the quota, or lower resources or the number of replicas"
    } else {
        return None;
    };
    Some(next.to_owned())
}

fn named(object: &Map) -> Option<String> {
    let name = object.get_at_text("metadata.name")?.as_str()?;
    Some(format!("Pod {name}"))
}
