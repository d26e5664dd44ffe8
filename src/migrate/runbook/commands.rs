//! The commands of the runbook: kubectl, helm, and scripts in pods.

use super::{ChartSide, Planner};
use crate::{chart::Setting, helm::OCI_REPOSITORY, shell::CommandLine, yaml::Value};

/// Reads the password in the pod, from a file or the environment. No command of the runbook contains the password.
const AUTH: &str = r#"export REDISCLI_AUTH="${REDIS_PASSWORD:-$(cat "$REDIS_PASSWORD_FILE" 2>/dev/null)}""#;

/// The version of the cluster, as `--kube-version` takes it.
const KUBE_VERSION: &str = "kubectl get --raw /version | grep -o 'v[0-9][0-9.]*' | head -n 1";

/// The port of a second Redis in the pod, which serves a snapshot on the loopback address for a short time.
const SNAPSHOT_PORT: &str = "6400";

/// The file of the snapshot, in the folder of the user and in `/tmp` of a pod.
pub(super) const SNAPSHOT: &str = "before.rdb";

/// Arguments of `redis-cli` for TLS, with variables of the container.
macro_rules! tls_words {
    ($prefix:literal) => {
        concat!(
            "--tls --cert \"$",
            $prefix,
            "_CERT_FILE\" --key \"$",
            $prefix,
            "_KEY_FILE\" ${",
            $prefix,
            "_CA_FILE:+--cacert \"$",
            $prefix,
            "_CA_FILE\"}"
        )
    };
}

const REDIS_TLS: &str = tls_words!("REDIS_TLS");
const SENTINEL_TLS: &str = tls_words!("REDIS_SENTINEL_TLS");

impl Planner<'_> {
    pub(super) fn kubectl(&self, words: &'static str) -> CommandLine {
        CommandLine::new("kubectl --namespace").arg(self.place.namespace).with(words)
    }

    pub(super) fn helm(&self, words: &'static str) -> CommandLine {
        CommandLine::new("helm --namespace").arg(self.place.namespace).with(words)
    }

    /// Runs a script in a pod. `pod` is one word of a command line.
    pub(super) fn exec(&self, pod: &CommandLine, container: &str, script: &CommandLine) -> CommandLine {
        self.kubectl("exec").words_of(pod).with("--container").arg(container).with("-- sh -c").script(script)
    }

    /// Runs `redis-cli` with these words in the Redis container of a pod.
    pub(super) fn redis(&self, of: &ChartSide, pod: &str, words: &CommandLine) -> CommandLine {
        let script = CommandLine::new(AUTH).then(&of.redis_cli().words_of(words));
        self.exec(&CommandLine::word(pod), &of.redis_container(), &script)
    }

    /// Runs a script in each pod of each StatefulSet.
    pub(super) fn each_pod(&self, of: &ChartSide, script: &CommandLine) -> CommandLine {
        let selectors = of.sets.iter().filter_map(|set| set.field("selector"));
        let pods = selectors
            .map(|selector| self.kubectl("get pods --selector").arg(&of.names.fill(selector)).with("--output name"))
            .reduce(|one, other| one.then(&other))
            .unwrap_or_default();
        let pod = CommandLine::new("\"$pod\"");
        let script = self.exec(&pod, &of.redis_container(), &CommandLine::new(AUTH).then(script));
        let body = CommandLine::new("echo").words_of(&pod).then(&script);
        CommandLine::for_each("pod", &CommandLine::words_printed_by(&pods), &body)
    }

    /// Sends a command to Sentinel in a pod.
    pub(super) fn sentinel(&self, of: &ChartSide, pod: &str, words: &'static str) -> CommandLine {
        let text = |setting: Setting| {
            of.first_key(setting).and_then(|key| of.values.value(key)).map(printed).unwrap_or_default()
        };
        let mut cli = CommandLine::new("redis-cli");
        if of.has_tls() {
            cli = cli.with(SENTINEL_TLS);
        }
        let ask = cli
            .with("-p")
            .arg(&text(Setting::SentinelPort))
            .with("sentinel")
            .with(words)
            .arg(&text(Setting::SentinelSet));
        self.exec(&CommandLine::word(pod), "sentinel", &CommandLine::new(AUTH).then(&ask))
    }

    /// The upgrade with the migrated files.
    pub(super) fn helm_upgrade(&self) -> CommandLine {
        let upgrade = self.of_chart(self.helm("upgrade")).with("--reset-values");
        self.with_values(upgrade)
    }

    /// Lets the API server check the manifests of the upgrade without a change.
    pub(super) fn server_dry_run(&self) -> CommandLine {
        let template = self.with_values(self.of_chart(self.helm("template")));
        let template = template.with("--kube-version").output_of(&CommandLine::new(KUBE_VERSION));
        template.pipe(&self.kubectl("apply --dry-run=server --server-side --force-conflicts --filename -"))
    }

    fn of_chart(&self, helm: CommandLine) -> CommandLine {
        let version = self.new.values.chart.version().to_string();
        helm.arg(self.place.release).arg(&format!("{OCI_REPOSITORY}/redis")).with("--version").arg(&version)
    }

    fn with_values(&self, helm: CommandLine) -> CommandLine {
        self.place.files.iter().fold(helm, |helm, file| helm.with("--values").arg(file))
    }

    /// The file with the revision of the release before the upgrade.
    pub(super) fn revision_file(&self) -> String {
        format!("{}.revision", self.place.release)
    }
}

impl ChartSide<'_> {
    /// The name of the Redis container. Source: the rows `@redis-container` of `settings.tsv`.
    pub(super) fn redis_container(&self) -> String {
        let place = self.values.chart.places(Setting::RedisContainer, self.values.topology).iter().next();
        self.names.fill(place.map(|place| place.path).unwrap_or_default())
    }

    /// `redis-cli` on the port of Redis, as a script in its container writes it.
    fn redis_cli(&self) -> CommandLine {
        let cli = CommandLine::new("redis-cli");
        match self.has_tls() {
            true => cli.with(REDIS_TLS).with("-p \"$REDIS_TLS_PORT\""),
            false => cli.with("-p \"$REDIS_PORT\""),
        }
    }

    /// A script for the container of the primary: a second Redis serves the snapshot on the loopback of the pod, the
    /// primary copies it as a replica would, and its own replicas follow.
    ///
    /// With the append-only file on, Redis does not read a snapshot when it starts, so a file on the volume is not
    /// enough.
    pub(super) fn load_script(&self) -> CommandLine {
        let (redis, cli, server) = match self.has_tls() {
            true => (
                "cli \"$REDIS_TLS_PORT\"",
                CommandLine::new("redis-cli").with(REDIS_TLS),
                CommandLine::new("redis-server --port 0 --tls-port").with(SNAPSHOT_PORT).with(
                    "--tls-auth-clients no --tls-cert-file \"$REDIS_TLS_CERT_FILE\" --tls-key-file \
                     \"$REDIS_TLS_KEY_FILE\" --tls-ca-cert-file \"$REDIS_TLS_CA_FILE\"",
                ),
            ),
            false => (
                "cli \"$REDIS_PORT\"",
                CommandLine::new("redis-cli"),
                CommandLine::new("redis-server --port").with(SNAPSHOT_PORT),
            ),
        };
        let redis = || CommandLine::new(redis);
        let snapshot = || CommandLine::new("cli").with(SNAPSHOT_PORT);
        let answers = snapshot().with("ping | grep -q PONG");
        let is_copied = redis().with("info replication | grep -q master_link_status:up");
        CommandLine::lines(&[
            CommandLine::new(AUTH),
            CommandLine::new("cli() {").words_of(&cli).with("-p \"$@\"; }"),
            server.with("--dir /tmp --dbfilename").with(SNAPSHOT).with(
                "--save \"\" --appendonly no --requirepass \"$REDISCLI_AUTH\" --pidfile /tmp/snapshot.pid --daemonize yes",
            ),
            CommandLine::until(&answers, &CommandLine::new("sleep 2; kill -0 \"$(cat /tmp/snapshot.pid)\" || exit 1")),
            redis().with("replicaof 127.0.0.1").with(SNAPSHOT_PORT),
            CommandLine::until(&is_copied, &CommandLine::new("sleep 1")),
            redis().with("replicaof no one"),
            snapshot().with("shutdown nosave"),
            redis().with("dbsize"),
        ])
    }

    /// A script that prints the role, the replication link and the number of keys of a pod.
    pub(super) fn state_script(&self) -> CommandLine {
        let role = self.redis_cli().with("info replication | grep -E \"role:|connected_slaves:|master_link_status:\"");
        role.then(&self.redis_cli().with("dbsize"))
    }

    fn has_tls(&self) -> bool {
        self.first_key(Setting::Tls).is_some_and(|key| self.values.on(key))
    }

    /// The first key of a setting. If each kind of pod has its own key, the result is the key of the pods that have the
    /// data first: the primary, or all nodes with Sentinel.
    pub(super) fn first_key(&self, setting: Setting) -> Option<&'static str> {
        self.values.places(setting).first()
    }
}

/// Formats a name or a port as a template prints it.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}
