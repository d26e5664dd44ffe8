//! `redisgen diff` as other programs call it, and as it calls others: with the real git, the real Helm and a cluster
//! that only knows one release.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

mod support;

use support::Helm;

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

const OLD: &str = "# redisgen: chart redis 23.1.1\narchitecture: replication\nreplica:\n  replicaCount: 3\n";

/// The same with another number, another order and a comment.
const NEW: &str = "# redisgen: chart redis 23.1.1\nreplica: # more\n  replicaCount: 5\narchitecture: \"replication\"\n";

/// The same as `OLD`, in effect.
const SAME: &str = "# redisgen: chart redis 23.1.1\n# nothing but defaults\nreplica: {replicaCount: 3.0}\n";

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff_command").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs to its end; the exit code, standard output and standard error.
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), text(&stdout), text(&stderr))
}

fn redisgen(folder: &Path) -> Command {
    let mut command = Command::new(REDISGEN);
    command.current_dir(folder).env("REDISGEN_CONFIG_DIR", folder).env("REDISGEN_DATA_DIR", folder);
    command
}

/// A repository with `values.yaml`, and git as it would be without anybody's configuration.
struct Repository(PathBuf);

impl Repository {
    fn new(name: &str, driver: &str) -> Self {
        let repository = Self(folder(name));
        repository.git(&["init", "--quiet"]);
        repository.git(&["config", "diff.redisgen.command", &format!("'{REDISGEN}' diff --git {driver}")]);
        repository.write(".gitattributes", "*.yaml diff=redisgen\n");
        repository.write("values.yaml", OLD);
        repository.commit();
        repository
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a step"]);
    }

    /// What git prints.
    fn git(&self, args: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(&self.0).args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        }
        git.env("GIT_PAGER", "cat").env("REDISGEN_CONFIG_DIR", &self.0).env("REDISGEN_DATA_DIR", &self.0);
        let (code, out, err) = run(&mut git);
        assert_eq!(code, Some(0), "git {args:?}: {err}{out}");
        out
    }
}

#[test]
fn git_shows_what_a_change_will_do() {
    let repository = Repository::new("git", "--name-only");
    repository.write("values.yaml", NEW);
    assert_eq!(repository.git(&["diff"]), "replica.replicaCount\n");
    repository.write("values.yaml", SAME);
    assert_eq!(repository.git(&["diff"]), "");
    repository.write("values.yaml", NEW);
    repository.commit();
    assert_eq!(repository.git(&["diff", "HEAD~1"]), "replica.replicaCount\n");
    assert!(repository.git(&["log", "-1", "--patch", "--ext-diff", "--format="]).contains("replica.replicaCount\n"));
    assert!(repository.git(&["show", "--ext-diff", "--format="]).contains("replica.replicaCount\n"));
}

#[test]
fn git_hands_over_files_that_come_go_move_and_are_no_values() {
    let repository = Repository::new("git-files", "--name-only");
    repository.write("more.yaml", "# redisgen: chart redis 23.1.1\nauth:\n  enabled: false\n");
    repository.write("broken.yaml", "a: [\n");
    repository.commit();
    assert!(repository.git(&["show", "--ext-diff", "--format="]).contains("auth.enabled\n"));
    repository.git(&["rm", "--quiet", "more.yaml"]);
    assert!(repository.git(&["diff", "HEAD"]).contains("auth.enabled\n"));
    repository.git(&["reset", "--quiet", "--hard"]);
    repository.git(&["mv", "values.yaml", "moved.yaml"]);
    repository.write("moved.yaml", &format!("{OLD}sentinel:\n  enabled: true\n"));
    repository.git(&["add", "--all"]);
    let moved = repository.git(&["diff", "--find-renames=10%", "HEAD"]);
    assert!(moved.contains("sentinel.enabled\n") && !moved.contains("replica.replicaCount"), "{moved}");
    repository.git(&["reset", "--quiet", "--hard"]);
    repository.write("broken.yaml", "a: ]\n");
    assert_eq!(repository.git(&["diff"]), "broken.yaml\n");
    repository.git(&["config", "diff.redisgen.command", &format!("'{REDISGEN}' diff --git")]);
    let broken = repository.git(&["diff"]);
    assert!(broken.contains("-a: [\n+a: ]\n"), "{broken}");
}

#[test]
fn git_takes_it_as_its_only_external_diff() {
    let repository = Repository::new("git-external", "");
    repository.write(".gitattributes", "");
    repository.write("values.yaml", NEW);
    let mut git = Command::new("git");
    git.current_dir(&repository.0).arg("diff").env("GIT_PAGER", "cat");
    git.env("GIT_EXTERNAL_DIFF", format!("'{REDISGEN}' diff --git --name-only"));
    let (code, out, err) = run(&mut git);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.ends_with("replica.replicaCount\n"), "{out}");
}

/// An object of Argo CD with values in it, as `kubectl diff` writes it.
fn application(values: &str) -> String {
    let values: String = values.lines().map(|line| format!("        {line}\n")).collect();
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: redis\nspec:\n  source:\n    \
         chart: redis\n    repoURL: registry-1.docker.io/bitnamicharts\n    targetRevision: 23.1.1\n    helm:\n      \
         values: |\n{values}"
    )
}

#[test]
fn folders_are_compared_file_by_file() {
    let folder = folder("kubectl");
    let write = |side: &str, name: &str, text: &str| {
        fs::create_dir_all(folder.join(side)).unwrap();
        fs::write(folder.join(side).join(name), text).unwrap();
    };
    write("LIVE", "argoproj.io.v1alpha1.Application.argocd.redis", &application(OLD));
    write("MERGED", "argoproj.io.v1alpha1.Application.argocd.redis", &application(SAME));
    write("LIVE", "v1.ConfigMap.default.other", "kind: ConfigMap\ndata:\n  a: b\n");
    write("MERGED", "v1.ConfigMap.default.other", "kind: ConfigMap\ndata:\n  a: b\n");
    let diff = || run(redisgen(&folder).args(["diff", "--name-only", "LIVE", "MERGED"]));
    assert_eq!(diff(), (Some(0), String::new(), String::new()));
    write("MERGED", "argoproj.io.v1alpha1.Application.argocd.redis", &application(NEW));
    assert_eq!(diff(), (Some(1), "replica.replicaCount\n".to_owned(), String::new()));
    write("MERGED", "v1.ConfigMap.default.other", "kind: ConfigMap\ndata:\n  a: c\n");
    let (code, out, _) = diff();
    assert_eq!(code, Some(1));
    assert_eq!(out, "replica.replicaCount\nMERGED/v1.ConfigMap.default.other\n");
    let (_, out, _) = run(redisgen(&folder).args(["diff", "LIVE", "MERGED"]));
    assert!(out.contains("-  a: b\n+  a: c\n"), "{out}");
}

#[test]
fn what_is_installed_comes_from_helm() {
    for helm in Helm::both() {
        let helm = match helm {
            Ok(helm) => helm,
            Err(missing) => {
                println!("left out: {missing}");
                continue;
            }
        };
        let folder = folder(&format!("live-{}", helm.major));
        let cluster =
            Cluster::with("redis-18.6.1", &json!({"architecture": "replication", "replica": {"replicaCount": 4}}));
        fs::write(folder.join("kubeconfig"), cluster.kubeconfig()).unwrap();
        fs::write(folder.join("values.yaml"), "replica:\n  replicaCount: 5\n").unwrap();
        fs::create_dir(folder.join("bin")).unwrap();
        helm.link(&folder.join("bin").join("helm"));
        let live = |args: &[&str]| {
            let mut command = redisgen(&folder);
            command.args(["diff", "--live", "cache", "--namespace", "team"]).args(args);
            run(command.env("PATH", folder.join("bin")).env("KUBECONFIG", folder.join("kubeconfig")))
        };
        let (code, out, err) = live(&["values.yaml", "--output", "json"]);
        assert_eq!(code, Some(1), "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        let text = told.to_string();
        assert!(text.contains("replica.replicaCount") && text.contains("18.6.1"), "{out}");
        let (code, out, err) = live(&["--name-only", "--topology", "replication", "--replicas", "4"]);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
        let mut missing = redisgen(&folder);
        missing.args(["diff", "--live", "nothing", "values.yaml"]).env("PATH", folder.join("bin"));
        let (code, out, err) = run(missing.env("KUBECONFIG", folder.join("kubeconfig")));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("`helm get values`: release: not found"), "{err}");
    }
}

/// As much of a cluster as `helm get` and `helm list` ask for: one Secret, in which Helm keeps a release.
struct Cluster {
    port: u16,
}

impl Cluster {
    fn with(chart: &str, config: &Value) -> Self {
        let (name, version) = chart.rsplit_once('-').unwrap();
        let release = json!({
            "name": "cache", "namespace": "team", "version": 1, "config": config, "manifest": "",
            "info": {"status": "deployed", "first_deployed": "2026-01-01T00:00:00Z", "last_deployed": "2026-01-01T00:00:00Z"},
            "chart": {"metadata": {"name": name, "version": version, "apiVersion": "v2", "appVersion": "7.2.3"}},
        });
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(release.to_string().as_bytes()).unwrap();
        // Helm writes it in base64, and so does Kubernetes.
        let data = base64(base64(&packed.finish().unwrap()).as_bytes());
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "data": {"release": data},
            "metadata": {
                "name": "sh.helm.release.v1.cache.v1", "namespace": "team",
                "labels": {"name": "cache", "owner": "helm", "status": "deployed", "version": "1"},
            },
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let secret = secret.clone();
                thread::spawn(move || serve(stream, &secret));
            }
        });
        Self { port }
    }

    fn kubeconfig(&self) -> String {
        let server = format!("http://127.0.0.1:{}", self.port);
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "a",
            "clusters": [{"name": "a", "cluster": {"server": server}}],
            "users": [{"name": "a", "user": {}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        })
        .to_string()
    }
}

/// Answers one connection until it is closed.
fn serve(stream: TcpStream, secret: &Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while line.trim() != "" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let asks_for_others = path.contains("name%3D") && !path.contains("name%3Dcache");
        let items = if asks_for_others { json!([]) } else { json!([secret]) };
        let body = match path.split('?').next().unwrap_or_default() {
            "/version" => json!({"major": "1", "minor": "30", "gitVersion": "v1.30.0"}),
            path if path.ends_with("/secrets") => {
                json!({"apiVersion": "v1", "kind": "SecretList", "metadata": {"resourceVersion": "1"}, "items": items})
            }
            _ => json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"}),
        };
        let status = if body["kind"] == "Status" { "404 Not Found" } else { "200 OK" };
        let body = body.to_string();
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at)) as usize & 63];
            text.push(if at > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
