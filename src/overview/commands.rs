//! Commands that try a release, for a shell with kubectl.
//!
//! A password never is a word of a command line: kubectl reads it from its Secret, and a pipe passes it to redis-cli.

use serde::Serialize;

use super::{
    clients::{Clients, Endpoint},
    reach::{Access, Reach},
};
use crate::{objects::Objects, shell};

/// The folder of the certificates in the pods. Source: the StatefulSets of every version with TLS.
const CERTIFICATES: &str = "/opt/bitnami/redis/certs";

/// The script that runs redis-cli in a pod, with the password of standard input. The words after it are redis-cli's.
const WITH_PASSWORD: &str = "REDISCLI_AUTH=$(cat) exec \"$0\" \"$@\"";

/// A command, or several in a pipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// What it does: `write through the primary`.
    pub purpose: String,
    pub script: String,
}

pub(super) fn of(clients: &Clients, objects: &Objects, reach: &[Reach]) -> Vec<Command> {
    // Names from values can contain a zero byte, which no command can.
    try_of(clients, objects, reach).unwrap_or_default()
}

fn try_of(clients: &Clients, objects: &Objects, reach: &[Reach]) -> Result<Vec<Command>, shell::ZeroByte> {
    let mut commands = Vec::new();
    let Some(workload) = objects.workloads.iter().find(|workload| workload.pods.fewest() != Some(0)) else {
        return Ok(commands);
    };
    let Some(container) = workload.containers.iter().find(|container| !container.is_init) else { return Ok(commands) };
    let is_stateful = workload.object.kind == "StatefulSet";
    let pod = match is_stateful {
        true => format!("{}-0", workload.object.name),
        false => format!("{}/{}", workload.object.kind.to_lowercase(), workload.object.name),
    };
    let namespace = objects.namespace.as_str();
    let exec = ["kubectl", "exec", "--namespace", namespace, "--container", container.name.as_str(), pod.as_str()];
    let secret = clients.auth.secret.as_deref().zip(clients.auth.key.as_deref());
    let in_pod = |endpoint: &Endpoint, words: &[&str], needs_password: bool| {
        let port = endpoint.port.to_string();
        let mut cli = vec!["redis-cli", "-h", endpoint.host.as_str(), "-p", port.as_str()];
        let files = clients
            .tls
            .as_ref()
            .map(|tls| [&tls.ca, &tls.certificate, &tls.private_key].map(|file| format!("{CERTIFICATES}/{file}")));
        if let (Some(tls), Some([ca, certificate, key])) = (&clients.tls, &files) {
            cli.extend(["--tls", "--cacert", ca]);
            if tls.requires_client_certificate {
                cli.extend(["--cert", certificate, "--key", key]);
            }
        }
        cli.extend(words);
        match secret.filter(|_| needs_password) {
            Some((secret, key)) => {
                let read = shell::join(read_secret(namespace, secret, key).iter().map(String::as_str))?;
                let mut words = exec.to_vec();
                words.splice(2..2, ["--stdin"]);
                words.extend(["--", "sh", "-c", WITH_PASSWORD]);
                words.extend(cli);
                Ok(format!("{read} |\n  {}", shell::join(words)?))
            }
            None => shell::join(exec.into_iter().chain(["--"]).chain(cli)),
        }
    };
    if let Some((secret, key)) = secret {
        let script = shell::join(read_secret(namespace, secret, key).iter().map(String::as_str))?;
        commands.push(Command { purpose: "read the password".to_owned(), script });
    }
    if let Some(sentinel) = &clients.sentinel {
        let words = ["SENTINEL", "get-master-addr-by-name", sentinel.master_set.as_str()];
        let script = in_pod(&sentinel.endpoint, &words, sentinel.needs_password)?;
        commands.push(Command { purpose: "ask Sentinel for the primary".to_owned(), script });
    }
    if let Some(primary) = &clients.primary {
        let script = in_pod(primary, &["SET", "redisgen:try", "1", "EX", "60"], true)?;
        commands.push(Command { purpose: "write to the primary".to_owned(), script });
        let local = format!("{0}:{0}", primary.port);
        let service = format!("service/{}", primary.service);
        let script = shell::join(["kubectl", "port-forward", "--namespace", namespace, &service, &local])?;
        commands.push(Command { purpose: "reach the primary from this computer".to_owned(), script });
    }
    for Reach { service, .. } in reach.iter().filter(|reach| reach.access > Access::Cluster) {
        let wide = ["kubectl", "get", "service", service, "--namespace", namespace, "--output", "wide"];
        commands.push(Command { purpose: format!("show the address of `{service}`"), script: shell::join(wide)? });
    }
    if let Some(reads) = &clients.reads {
        let script = in_pod(reads, &["ROLE"], true)?;
        commands.push(Command { purpose: format!("ask a node behind `{}` for its role", reads.service), script });
    }
    Ok(commands)
}

/// The words of the command that prints the password.
fn read_secret(namespace: &str, secret: &str, key: &str) -> Vec<String> {
    // A key of a Secret has letters, digits, `-`, `_` and `.` only, and a template can contain no other as a text.
    let key: String = key.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let template = format!("go-template={{{{index .data \"{key}\" | base64decode}}}}");
    ["kubectl", "get", "secret", secret, "--namespace", namespace, "--output", &template].map(str::to_owned).to_vec()
}
