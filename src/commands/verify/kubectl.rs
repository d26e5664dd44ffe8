//! The pods of a release: `kubectl exec` runs `redis-cli` in them, so the password stays in the pod.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::{
    address::WRONG,
    process::{self, Output},
    progress::Rounds,
};
use crate::{
    escape::one_line,
    redact, shell,
    verify::{
        Release, Servers,
        cluster::{self, Cluster},
        nodes::{Answer, Login, NoAnswer, Nodes, Obstacle, Program, Question, Receiver, Talk},
        redis_cli,
    },
};

/// The line after each reply.
const END: &str = "redisgen:end-of-reply";

/// Programs that run at the same time.
const AT_ONCE: usize = 16;

/// The labels of the objects of a release. Source: the rows `@release-label` of `settings.tsv`.
const LABELS: [&str; 2] = ["app.kubernetes.io/instance", "release"];

/// The release and the cluster, as kubectl takes them.
#[derive(Debug, Clone)]
pub struct Target {
    pub release: String,
    pub namespace: Option<String>,
    pub context: Option<String>,
    pub kubeconfig: Option<String>,
}

/// The pods of a release.
pub struct Pods {
    target: Target,
    timeout: Duration,
    rounds: Rounds,
    /// The objects of the last round.
    cluster: Option<Cluster>,
    start: Instant,
}

impl Pods {
    pub fn new(target: Target, timeout: Duration, rounds: Rounds) -> Self {
        Self { target, timeout, rounds, cluster: None, start: Instant::now() }
    }

    fn look(&self) -> Result<Cluster, NoAnswer> {
        let mut found = None;
        for label in LABELS {
            let selector = format!("{label}={}", self.target.release);
            let words = ["get", "pods,services,endpoints", "--selector", &selector, "--output", "json"];
            let json = self.target.get(&words, self.timeout).map_err(refused)?;
            let cluster = Cluster::of(&json)
                .map_err(|_| refused("`kubectl get`: the output is not the JSON of a list".to_owned()))?;
            if !cluster.pods.is_empty() {
                found = Some((cluster, selector));
                break;
            }
        }
        let Some((mut cluster, selector)) = found else {
            let place = self
                .target
                .namespace
                .as_ref()
                .map_or_else(|| "the current namespace".to_owned(), |namespace| format!("namespace `{namespace}`"));
            let release = &self.target.release;
            return Err(refused(format!("found no pods of Redis of a release `{release}` in {place}")));
        };
        match &self.cluster {
            Some(before) => {
                cluster.monitors = before.monitors.clone();
                cluster.prometheuses = before.prometheuses.clone();
                cluster.namespace_labels = before.namespace_labels.clone();
            }
            None => self.look_at_monitors(&mut cluster, &selector),
        }
        Ok(cluster)
    }

    /// Lists the monitors of the release, and who selects them. They change less often than pods.
    fn look_at_monitors(&self, cluster: &mut Cluster, selector: &str) {
        let kinds = ["servicemonitors", "podmonitors"];
        let get = |words: Vec<&str>| self.target.get(&words, self.timeout);
        let (monitors, prometheuses) = thread::scope(|scope| {
            let monitors: Vec<_> = kinds
                .into_iter()
                .map(|kind| {
                    scope.spawn(move || {
                        get(vec!["get", kind, "--all-namespaces", "--selector", selector, "--output", "json"])
                    })
                })
                .collect();
            let prometheuses =
                scope.spawn(move || get(vec!["get", "prometheuses", "--all-namespaces", "--output", "json"]));
            let joined =
                |result: thread::Result<Result<String, String>>| result.unwrap_or_else(|_| Err("failed".to_owned()));
            (monitors.into_iter().map(|thread| joined(thread.join())).collect::<Vec<_>>(), joined(prometheuses.join()))
        });
        let unreadable = |_| "the output of kubectl is not the JSON of a list".to_owned();
        let lists: Vec<Result<Vec<cluster::Monitor>, String>> = monitors
            .into_iter()
            .map(|json| json.and_then(|json| cluster::monitors(&json).map_err(unreadable)))
            .collect();
        cluster.monitors = match lists.iter().any(Result::is_ok) {
            true => Ok(lists.into_iter().flatten().flatten().collect()),
            false => lists.into_iter().next().unwrap_or_else(|| Ok(Vec::new())),
        };
        cluster.prometheuses = prometheuses.and_then(|json| cluster::prometheuses(&json).map_err(unreadable));
        let of = cluster.monitors.as_ref().ok().and_then(|monitors| monitors.first()).map(|one| one.namespace.clone());
        if let Some(namespace) = of.filter(|namespace| !namespace.is_empty()) {
            let json = get(vec!["get", "namespace", &namespace, "--output", "json"]);
            cluster.namespace_labels = json.ok().and_then(|json| cluster::labels(&json));
        }
    }

    fn exec(&self, question: &Question) -> Answer {
        let Some(cluster) = &self.cluster else { return Err(silent("no pod was found")) };
        let (pod, container, host, port, program) = match &question.to {
            Receiver::Node(node) => {
                let Some((pod, container, port)) = cluster.container_of(node) else {
                    return Err(silent("the pod is gone"));
                };
                (pod, container, None, port, node.program)
            }
            Receiver::Entrance(entrance) => {
                let ready = cluster.pods.iter().find(|pod| pod.is_ready && pod.redis.is_some());
                let Some((pod, container)) = ready.and_then(|pod| Some((pod, pod.redis.as_ref()?.0.as_str()))) else {
                    return Err(silent("no pod is ready to ask from"));
                };
                (pod, container, Some(entrance.host.as_str()), entrance.port, Program::Redis)
            }
        };
        let script = script(question, host, port, program).map_err(|_| silent("a command has a zero byte"))?;
        let words = ["exec", &pod.name, "--container", container, "--", "sh", "-c", &script];
        let output = self.target.run(&words, self.timeout + question.patience).map_err(silent)?;
        replies(question, &output)
    }
}

impl Target {
    fn run(&self, words: &[&str], timeout: Duration) -> Result<Output, String> {
        let mut kubectl = Command::new("kubectl");
        for (flag, value) in
            [("--kubeconfig", &self.kubeconfig), ("--context", &self.context), ("--namespace", &self.namespace)]
        {
            // Flags of all commands come first: after `--`, they belong to the command in the pod.
            if let Some(value) =
                value.as_ref().filter(|_| flag != "--namespace" || !words.contains(&"--all-namespaces"))
            {
                kubectl.args([flag, value]);
            }
        }
        process::run("kubectl", kubectl.args(words), timeout)
    }

    /// The output of `kubectl get`, or its error in one line.
    fn get(&self, words: &[&str], timeout: Duration) -> Result<String, String> {
        let output = self.run(words, timeout)?;
        match output.succeeded {
            true => Ok(output.stdout),
            false => Err(format!("`kubectl get`: {}", complaint(&output))),
        }
    }
}

/// The first line of an error of kubectl.
fn complaint(output: &Output) -> String {
    redact::text(&one_line(output.complaint())).into_owned()
}

fn refused(why: impl Into<String>) -> NoAnswer {
    NoAnswer { obstacle: Obstacle::NotAllowed, why: why.into() }
}

fn silent(why: impl Into<String>) -> NoAnswer {
    NoAnswer { obstacle: Obstacle::Silent, why: why.into() }
}

/// The script that asks in the container. It reads the password there, from the environment or from a file.
fn script(question: &Question, host: Option<&str>, port: u16, program: Program) -> Result<String, shell::ZeroByte> {
    let password = match question.login {
        Login::Right => r#"REDISCLI_AUTH="${REDIS_PASSWORD:-$(cat "$REDIS_PASSWORD_FILE" 2>/dev/null)}"; export REDISCLI_AUTH; [ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH"#.to_owned(),
        Login::Wrong => format!("REDISCLI_AUTH={WRONG}; export REDISCLI_AUTH"),
        Login::Empty => "unset REDISCLI_AUTH".to_owned(),
    };
    let tls = match program {
        Program::Redis => "REDIS_TLS",
        Program::Sentinel => "REDIS_SENTINEL_TLS",
    };
    let host = host.map(|host| Ok(format!("-h {} ", shell::quote(host)?))).transpose()?.unwrap_or_default();
    let mut script = format!(
        "{password}\n\
         ask() {{ if [ \"${tls}_ENABLED\" = yes ]; then redis-cli --tls --cert \"${tls}_CERT_FILE\" --key \
         \"${tls}_KEY_FILE\" ${{{tls}_CA_FILE:+--cacert \"${tls}_CA_FILE\"}} \"$@\"; else redis-cli \"$@\"; fi; }}\n"
    );
    // `WAIT` is about the writes of its own connection.
    if question.commands.iter().any(|words| words.first().is_some_and(|word| word == "WAIT")) {
        let lines: Vec<String> = question.commands.iter().map(|words| as_line(words)).collect();
        let lines = shell::join(lines.iter().map(String::as_str))?;
        script.push_str(&format!(
            "printf '%s\\n' {lines} | ask {host}-p {port} --no-raw | while IFS= read -r line; do printf '%s\\n\\n%s\\n' \
             \"$line\" {END}; done\n"
        ));
        return Ok(script);
    }
    for words in &question.commands {
        let words = shell::join(words.iter().map(String::as_str))?;
        script.push_str(&format!("ask {host}-p {port} --no-raw {words} </dev/null; echo; echo {END}\n"));
    }
    Ok(script)
}

/// A command as a line of the standard input of `redis-cli`. Its replies are one line each.
fn as_line(words: &[String]) -> String {
    let quoted = |word: &String| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// The replies in the output of the script.
fn replies(question: &Question, output: &Output) -> Answer {
    let printed: Vec<&str> = output.stdout.split(&format!("{END}\n")).collect();
    let stderr = output.stderr.lines().map(str::trim);
    let auth = stderr
        .clone()
        .find_map(|line| line.strip_prefix("AUTH failed: ").or_else(|| line.strip_prefix("Warning: AUTH failed")));
    if printed.len() != question.commands.len() + 1 {
        let why = complaint(output);
        let is_refused = ["forbidden", "Forbidden", "Unauthorized"].iter().any(|word| why.contains(word));
        return Err(if is_refused {
            refused(format!("`kubectl exec`: {why}"))
        } else {
            silent(format!("`kubectl exec`: {why}"))
        });
    }
    let mut replies = Vec::new();
    for (words, text) in question.commands.iter().zip(printed) {
        let is_raw = words.first().is_some_and(|word| word == "INFO");
        match redis_cli::read(text.trim_start_matches('\n'), is_raw && !text.trim().is_empty()) {
            Some(reply) => replies.push(reply),
            None => {
                let mut lines = stderr.filter(|line| !line.is_empty() && !line.starts_with("AUTH failed"));
                let why = lines.next().unwrap_or("redis-cli prints no reply");
                return Err(silent(redact::text(&one_line(why)).into_owned()));
            }
        }
    }
    Ok(Talk { refused: auth.map(str::to_owned), replies })
}

impl Nodes for Pods {
    fn ask(&mut self, questions: &[Question]) -> Vec<Answer> {
        let this = &*self;
        let mut answers = Vec::with_capacity(questions.len());
        for some in questions.chunks(AT_ONCE) {
            answers.extend(thread::scope(|scope| {
                let running: Vec<_> = some.iter().map(|question| scope.spawn(move || this.exec(question))).collect();
                let joined = running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(silent("failed"))));
                joined.collect::<Vec<_>>()
            }));
        }
        answers
    }

    fn wait(&mut self, time: Duration) {
        thread::sleep(time);
    }

    fn clock(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Release for Pods {
    fn servers(&mut self) -> Result<Servers, NoAnswer> {
        let cluster = self.look()?;
        self.cluster = Some(cluster.clone());
        Ok(Servers {
            nodes: cluster.nodes(),
            entrances: cluster.entrances(),
            has_password: cluster.has_password(),
            discovers: false,
            cluster: Some(cluster),
        })
    }

    fn waits(&mut self, open: usize, waited: Duration) {
        self.rounds.waits(open, waited);
    }

    fn shows(&mut self, what: &str) {
        self.rounds.show(what);
    }
}
