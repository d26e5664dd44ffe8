//! The commands: kubectl, helm, and what runs in a pod.

use std::borrow::Cow;

use super::{Planner, Side};
use crate::{shell, yaml::Value};

/// The address of the chart.
const CHART: &str = "oci://registry-1.docker.io/bitnamicharts/redis";

/// Where the pods keep their password, as a file or in the environment; the password itself is in no command.
const AUTH: &str = r#"export REDISCLI_AUTH="${REDIS_PASSWORD:-$(cat "$REDIS_PASSWORD_FILE" 2>/dev/null)}""#;

/// The version of the cluster, as `--kube-version` takes it.
const KUBE_VERSION: &str = r#""$(kubectl get --raw /version | grep -o 'v[0-9][0-9.]*' | head -n 1)""#;

/// The port on which a second Redis serves a snapshot for a moment, in the network of the pod alone.
const SNAPSHOT_PORT: &str = "6400";

/// The file of the snapshot, on the machine of the person and in `/tmp` of a pod.
pub(super) const SNAPSHOT: &str = "before.rdb";

impl Planner<'_> {
    pub(super) fn kubectl(&self, words: &str) -> String {
        format!("kubectl --namespace {} {words}", quoted(self.place.namespace))
    }

    pub(super) fn helm(&self, words: &str) -> String {
        format!("helm --namespace {} {words}", quoted(self.place.namespace))
    }

    /// Runs a script in a pod. `pod` is quoted already.
    pub(super) fn exec(&self, pod: &str, container: &str, script: &str) -> String {
        self.kubectl(&format!("exec {pod} --container {} -- sh -c {}", quoted(container), quoted(script)))
    }

    /// Runs `redis-cli` with these words in the Redis container of a pod.
    pub(super) fn redis(&self, of: &Side, pod: &str, words: &str) -> String {
        self.exec(&quoted(pod), &of.redis_container(), &format!("{AUTH}; {} {words}", of.redis_cli()))
    }

    /// Runs a script in each pod of each StatefulSet.
    pub(super) fn each_pod(&self, of: &Side, script: &str) -> String {
        let selectors = of.sets.iter().filter_map(|set| set.field("selector"));
        let pods: Vec<String> = selectors
            .map(|selector| {
                let selector = quoted(&of.names.fill(selector));
                self.kubectl(&format!("get pods --selector {selector} --output name"))
            })
            .collect();
        let script = self.exec("\"$pod\"", &of.redis_container(), &format!("{AUTH}; {script}"));
        format!("for pod in $({}); do echo \"$pod\"; {script}; done", pods.join("; "))
    }

    /// Asks Sentinel in a pod.
    pub(super) fn sentinel(&self, of: &Side, pod: &str, words: &[&str]) -> String {
        let said = |word: &str| of.first(word).and_then(|key| of.values.value(&key)).map(printed).unwrap_or_default();
        let tls = if of.has_tls() { tls_words("REDIS_SENTINEL_TLS") } else { String::new() };
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let script = format!(
            "{AUTH}; redis-cli{tls} -p {} sentinel {} {}",
            quoted(&said("sentinel-port")),
            words.join(" "),
            quoted(&said("sentinel-set"))
        );
        self.exec(&quoted(pod), "sentinel", &script)
    }

    /// The upgrade with the migrated files.
    pub(super) fn helm_upgrade(&self, more: &str) -> String {
        let release = quoted(self.place.release);
        let version = self.new.values.chart.version();
        let values = self.values_words();
        self.helm(&format!("upgrade {release} {CHART} --version {version} --reset-values{values}{more}"))
    }

    /// Asks the API server whether it takes what the upgrade would send.
    pub(super) fn server_dry_run(&self) -> String {
        let release = quoted(self.place.release);
        let version = self.new.values.chart.version();
        let values = self.values_words();
        let template =
            self.helm(&format!("template {release} {CHART} --version {version}{values} --kube-version {KUBE_VERSION}"));
        let apply = self.kubectl("apply --dry-run=server --server-side --force-conflicts --filename -");
        format!("{template} | {apply}")
    }

    fn values_words(&self) -> String {
        self.place.files.iter().map(|file| format!(" --values {}", quoted(file))).collect()
    }

    /// The file that keeps the number of the revision that was installed before.
    pub(super) fn revision_file(&self) -> String {
        quoted(&format!("{}.revision", self.place.release))
    }
}

impl Side<'_> {
    /// The container of Redis. Source: the rows `@redis-container` of `words.tsv`.
    pub(super) fn redis_container(&self) -> String {
        let place = self.values.chart.places("@redis-container", self.values.topology).into_iter().next();
        self.names.fill(&place.map(|place| place.path).unwrap_or_default())
    }

    /// `redis-cli` on the port of Redis, as a script in its container writes it.
    fn redis_cli(&self) -> String {
        match self.has_tls() {
            true => format!("redis-cli{} -p \"$REDIS_TLS_PORT\"", tls_words("REDIS_TLS")),
            false => "redis-cli -p \"$REDIS_PORT\"".to_owned(),
        }
    }

    /// A script for the container of the primary: a second Redis serves the snapshot on the loopback of the pod, the
    /// primary copies it as a replica would, and its own replicas follow.
    ///
    /// With the append-only file on, Redis does not read a snapshot when it starts, so a file on the volume is not
    /// enough.
    pub(super) fn load_script(&self) -> String {
        let (port, tls, server) = match self.has_tls() {
            true => (
                "$REDIS_TLS_PORT",
                tls_words("REDIS_TLS"),
                format!(
                    "--port 0 --tls-port {SNAPSHOT_PORT} --tls-auth-clients no --tls-cert-file \"$REDIS_TLS_CERT_FILE\" \
                     --tls-key-file \"$REDIS_TLS_KEY_FILE\" --tls-ca-cert-file \"$REDIS_TLS_CA_FILE\""
                ),
            ),
            false => ("$REDIS_PORT", String::new(), format!("--port {SNAPSHOT_PORT}")),
        };
        format!(
            r#"{AUTH}
cli() {{ redis-cli{tls} -p "$@"; }}
redis-server {server} --dir /tmp --dbfilename {SNAPSHOT} --save "" --appendonly no --requirepass "$REDISCLI_AUTH" --pidfile /tmp/snapshot.pid --daemonize yes
until cli {SNAPSHOT_PORT} ping | grep -q PONG; do sleep 2; kill -0 "$(cat /tmp/snapshot.pid)" || exit 1; done
cli "{port}" replicaof 127.0.0.1 {SNAPSHOT_PORT}
until cli "{port}" info replication | grep -q master_link_status:up; do sleep 1; done
cli "{port}" replicaof no one
cli {SNAPSHOT_PORT} shutdown nosave
cli "{port}" dbsize"#
        )
    }

    /// What a pod prints of its role, its link and its keys.
    pub(super) fn state_script(&self) -> String {
        let cli = self.redis_cli();
        format!("{cli} info replication | grep -E \"role:|connected_slaves:|master_link_status:\"; {cli} dbsize")
    }

    fn has_tls(&self) -> bool {
        self.first("tls").is_some_and(|key| self.values.on(&key))
    }

    /// The key that says a word; of a word that each kind of pod says for itself that of the pods which hold the data
    /// first: of the primary, or with Sentinel of all nodes.
    pub(super) fn first(&self, word: &str) -> Option<String> {
        self.values.places(word).into_iter().next()
    }
}

/// The words with which `redis-cli` speaks TLS, from the environment of the container.
fn tls_words(prefix: &str) -> String {
    format!(
        " --tls --cert \"${prefix}_CERT_FILE\" --key \"${prefix}_KEY_FILE\" ${{{prefix}_CA_FILE:+--cacert \
         \"${prefix}_CA_FILE\"}}"
    )
}

/// A name or a port, as a template prints it.
pub(super) fn printed(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

pub(super) fn quoted(word: &str) -> String {
    // A word with a zero byte is no name that Kubernetes takes, and is not run.
    shell::quote(word).map(Cow::into_owned).unwrap_or_default()
}
