//! A kubectl whose pods are servers on the loopback address.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
};

use serde_json::{Value, json};

use super::{
    Run, path_with,
    servers::{PASSWORD, Release, Server},
};

/// `get` prints a file, and `exec` runs the script with the variables of the pod.
const SCRIPT: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$FOLDER/calls"
if [ -s "$FOLDER/error" ]; then cat "$FOLDER/error" >&2; exit 1; fi
while [ "${1#--}" != "$1" ]; do shift 2; done
command=$1
what=$2
shift 2
case $command in
get)
    case $what in
    pods*) cat "$FOLDER/objects.json" ;;
    servicemonitors) cat "$FOLDER/monitors.json" ;;
    prometheuses) cat "$FOLDER/prometheuses.json" ;;
    namespace) echo '{"metadata": {"name": "monitoring"}}' ;;
    *) echo "error: the server doesn't have a resource type \"$what\"" >&2; exit 1 ;;
    esac
    ;;
exec)
    while [ "$1" != -- ]; do shift; done
    shift
    REDIS_PASSWORD=$(cat "$FOLDER/password")
    export REDIS_PASSWORD
    exec "$@"
    ;;
esac
"#;

/// A Service has no name on this machine: a `redis-cli` that knows the Service asks its node.
const REDIS_CLI: &str = r#"#!/bin/sh
if [ "$1" = -h ]; then
    shift 4
    set -- -h 127.0.0.1 -p "$(cat "$FOLDER/service")" "$@"
fi
PATH=${PATH#*:} exec redis-cli "$@"
"#;

pub struct Kubectl {
    folder: tempfile::TempDir,
}

impl Kubectl {
    pub fn new(release: &Release) -> Self {
        let kubectl = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in [("kubectl", SCRIPT), ("redis-cli", REDIS_CLI)] {
            let path = kubectl.at(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let pods = release.redis.iter().zip(&release.sentinels).enumerate().map(|(at, (redis, sentinel))| pod(at, redis, sentinel));
        let mut items: Vec<Value> = pods.collect();
        let service = |name: &str, spec: Value, status: Value| {
            json!({"kind": "Service", "metadata": {"name": name, "labels": {"app": "redis"}, "annotations":
                {"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}}, "spec": spec, "status": status})
        };
        let ports = json!([{"name": "tcp-redis", "port": 6379}]);
        items.push(service(
            "cache-redis-master",
            json!({"type": "LoadBalancer", "clusterIP": "10.0.0.7", "ports": ports, "selector": {"isMaster": "true"}}),
            json!({"loadBalancer": {"ingress": [{"ip": "10.1.2.3"}]}}),
        ));
        items.push(service(
            "cache-redis-headless",
            json!({"type": "ClusterIP", "clusterIP": "None", "ports": ports, "selector": {"x": "y"}}),
            json!({}),
        ));
        for name in ["cache-redis-master", "cache-redis-headless"] {
            items.push(json!({"kind": "Endpoints", "metadata": {"name": name}, "subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]}));
        }
        kubectl.write("objects.json", &json!({"kind": "List", "items": items}));
        let labels = json!({"release": "main"});
        kubectl.write("monitors.json", &json!({"items": [{"kind": "ServiceMonitor",
            "metadata": {"name": "cache-redis", "namespace": "monitoring", "labels": labels},
            "spec": {"selector": {"matchLabels": {"app": "redis"}}}}]}));
        kubectl.write("prometheuses.json", &json!({"items": [{"metadata": {"name": "main", "namespace": "monitoring"},
            "spec": {"serviceMonitorSelector": {"matchLabels": {"release": "main"}}}}]}));
        // Only the labels of the monitor are changed by a test.
        let selectors = fs::read_to_string(kubectl.at("prometheuses.json")).unwrap();
        fs::write(kubectl.at("prometheuses.json"), selectors.replace("\"release\": \"main\"", "\"release\":\"main\"")).unwrap();
        fs::write(kubectl.at("password"), PASSWORD).unwrap();
        kubectl.point_service_to(&release.redis[0]);
        kubectl.fail("");
        kubectl
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, value: &Value) {
        fs::write(self.at(name), serde_json::to_string_pretty(value).unwrap()).unwrap();
    }

    /// Every call so far, one a line.
    pub fn calls(&self) -> PathBuf {
        self.at("calls")
    }

    pub fn point_service_to(&self, server: &Server) {
        fs::write(self.at("service"), server.port.to_string()).unwrap();
    }

    /// Lets every call fail with this error. None fails with an empty one.
    pub fn fail(&self, error: &str) {
        fs::write(self.at("error"), error).unwrap();
    }

    /// Replaces a text in all objects.
    pub fn replace(&self, old: &str, new: &str) {
        let mut count = 0;
        for name in ["objects.json", "monitors.json", "prometheuses.json"] {
            let text = fs::read_to_string(self.at(name)).unwrap();
            count += text.matches(old).count();
            fs::write(self.at(name), text.replace(old, new)).unwrap();
        }
        assert!(count > 0, "`{old}` is in no object");
    }

    pub fn verify(&self, args: &[&str], more: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
        command.args(["verify", "--output", "json"]).args(args).args(more);
        command.env("PATH", path_with(self.folder.path())).env("FOLDER", self.folder.path());
        Run::of(command.output().unwrap())
    }
}

fn pod(at: usize, redis: &Server, sentinel: &Server) -> Value {
    json!({
        "kind": "Pod",
        "metadata": {"name": format!("cache-redis-node-{at}")},
        "spec": {"containers": [
            {"name": "redis", "env": [{"name": "REDIS_PASSWORD"}], "ports": [{"name": "redis", "containerPort": redis.port}]},
            {"name": "sentinel", "ports": [{"name": "redis-sentinel", "containerPort": sentinel.port}]},
        ]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    })
}
