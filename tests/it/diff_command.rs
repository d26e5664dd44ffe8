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

use crate::support::Helm;

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
        let values = json!({"architecture": "replication", "replica": {"replicaCount": 4}});
        let cluster = Cluster::with(vec![revision(1, "deployed", "redis-18.6.1", &values)]);
        fs::write(folder.join("kubeconfig"), cluster.kubeconfig()).unwrap();
        fs::write(folder.join("values.yaml"), "replica:\n  replicaCount: 5\n").unwrap();
        fs::create_dir(folder.join("bin")).unwrap();
        helm.link(&folder.join("bin").join("helm"));
        let live = |args: &[&str]| {
            let mut command = redisgen(&folder);
            command.args(["diff", "--live", "--release", "cache", "--namespace", "team"]).args(args);
            run(command.env("PATH", folder.join("bin")).env("KUBECONFIG", folder.join("kubeconfig")))
        };
        let (code, out, err) = live(&["values.yaml", "--output", "json"]);
        assert_eq!(code, Some(1), "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        let text = told.to_string();
        assert!(text.contains("replica.replicaCount") && text.contains("18.6.1"), "{out}");
        let (code, out, err) =
            live(&["--name-only", "--topology", "replication", "--replicas", "4", "--images", "chart"]);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
        let mut missing = redisgen(&folder);
        missing.args(["diff", "--live", "--release", "nothing", "values.yaml"]).env("PATH", folder.join("bin"));
        let (code, out, err) = run(missing.env("KUBECONFIG", folder.join("kubeconfig")));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("`helm history`: release: not found"), "{err}");
    }
}

/// Files with the expected exit code, standard output and standard error.
fn told(folder: &Path, files: &[(&str, &str)], args: &[&str]) -> (Option<i32>, String, String) {
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    run(redisgen(folder).arg("diff").args(args))
}

const MIRROR: &str = "# redisgen: chart redis 21.2.13
image:
  registry: mirror.example.com
global:
  security:
    allowInsecureImages: true
";

#[test]
fn a_side_that_does_not_render_is_told_in_every_format() {
    let folder = folder("refused");
    let refused = MIRROR.replace("true", "false");
    let files = [("a.yaml", MIRROR), ("b.yaml", refused.as_str())];
    let why = "the new side does not render with chart 21.2.13 (b.yaml:3): insecure image";
    for format in ["text", "unified", "json", "markdown", "stat", "name-only"] {
        let (code, out, err) = told(&folder, &files, &["a.yaml", "b.yaml", "--output", format]);
        assert_eq!(code, Some(1), "{format}: {err}");
        let is_said = match format {
            "json" => {
                let report: Value = serde_json::from_str(&out).unwrap();
                assert_eq!(report["summary"]["notRendered"], 1);
                let pair = &report["pairs"][0];
                assert!(pair["old"].get("renderErrors").is_none(), "{out}");
                assert_eq!(pair["new"]["renderErrors"][0]["line"], 3);
                pair["new"]["renderErrors"][0]["reason"].as_str().unwrap().contains("insecure image")
            }
            "markdown" => out.contains("**error**: the new side does not render with chart 21.2.13 (b.yaml&#58;3)"),
            "name-only" => out.is_empty() && err.contains(why),
            _ => out.contains(why),
        };
        assert!(is_said, "{format}: {out}{err}");
        assert!(!err.contains("no difference"), "{format}: {err}");
        // The other way round it is the old side.
        let (code, out, err) = told(&folder, &files, &["b.yaml", "a.yaml", "--output", format]);
        assert_eq!(code, Some(1), "{format}: {err}");
        assert!(format == "json" || format!("{out}{err}").contains("the old side does not render"), "{format}: {out}");
    }
    let (code, out, _) = told(&folder, &files, &["b.yaml", "b.yaml"]);
    assert_eq!(code, Some(1));
    let both = ["the old side", "the new side", "2 sides do not render"];
    assert!(both.iter().all(|side| out.contains(side)), "{out}");
    assert_eq!(told(&folder, &files, &["a.yaml", "b.yaml", "--exit-zero"]).0, Some(0));
    assert_eq!(told(&folder, &files, &["b.yaml", "b.yaml", "--raw"]).0, Some(0));
    // What the schema refuses does not render either.
    let wrong = "# redisgen: chart redis 23.1.1\narchitecture: replication\nauth:\n  enabled: \"yes\"\n";
    let (code, out, _) = told(&folder, &[("c.yaml", wrong)], &["--defaults", "c.yaml"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("(c.yaml:4): `auth.enabled` is a string"), "{out}");
}

#[test]
fn values_of_a_dependency_that_are_no_mapping_do_not_render() {
    let folder = folder("no-mapping");
    let chart = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - name: redis\n    version: 23.1.1\n    \
                 repository: oci://registry-1.docker.io/bitnamicharts\n";
    let files = [("Chart.yaml", chart), ("values.yaml", "redis:\n")];
    let (code, out, err) = told(&folder, &files, &["--defaults", "values.yaml"]);
    assert_eq!(code, Some(1), "{err}{out}");
    assert!(out.contains("`redis` is null: Helm takes a mapping there"), "{out}");
}

/// Argo CD with `values`, `valuesObject` and `parameters`, each where it is given.
fn several(values: &str, object: &str, parameters: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: redis\nspec:\n  source:\n    \
         chart: redis\n    repoURL: registry-1.docker.io/bitnamicharts\n    targetRevision: 23.1.1\n    helm:\n\
         {values}{object}{parameters}"
    )
}

#[test]
fn each_change_of_a_release_is_told_once() {
    let folder = folder("blocks");
    let diff = |old: &str, new: &str| told(&folder, &[("a.yaml", old), ("b.yaml", new)], &["a.yaml", "b.yaml"]);
    let values =
        "      values: |\n        replica:\n          replicaCount: 4\n        auth:\n          sentinel: false\n";
    let parameters = |count: &str| {
        format!("      parameters:\n        - name: replica.replicaCount\n          value: \"{count}\"\n")
    };
    let both = several(values, "", &parameters("5"));
    let (code, out, err) = diff(&both, &several(values, "", &parameters("6")));
    assert_eq!(code, Some(1), "{err}");
    assert!(out.contains("replicaCount  5 \u{2192} 6  :17 \u{2192} :17  starts or stops pods"), "{out}");
    assert_eq!(out.matches("replicaCount").count(), 1, "{out}");
    assert!(out.ends_with("\n1 change: 1 starts or stops pods\n"), "{out}");
    // What counts more hides the rest.
    assert_eq!(diff(&both, &several(&values.replace('4', "9"), "", &parameters("5"))).0, Some(0));
    // One block against two.
    assert_eq!(diff(&both, &several(&values.replace('4', "5"), "", "")).0, Some(0));
    // `values` is dropped where there is a `valuesObject`.
    let object = "      valuesObject:\n        metrics:\n          enabled: true\n";
    assert_eq!(diff(&several(values, object, ""), &several("", object, "")).0, Some(0));
    let object = "      valuesObject: {}\n";
    assert_eq!(diff(&several(values, object, ""), &several("", object, "")).0, Some(0));
    let object = "      valuesObject: null\n";
    assert_eq!(diff(&several(values, object, ""), &several("", object, &parameters("5"))).0, Some(1));

    let helmfile = |count: &str| {
        format!(
            "repositories:\n  - {{name: bitnami, url: https://charts.bitnami.com/bitnami}}\nreleases:\n  - name: cache\n    \
             chart: bitnami/redis\n    version: 23.1.1\n    values:\n      - replica: {{replicaCount: 2}}\n        \
             auth: {{sentinel: false}}\n      - replica:\n          replicaCount: {count}\n"
        )
    };
    let (code, out, _) = diff(&helmfile("4"), &helmfile("5"));
    assert_eq!(code, Some(1));
    assert!(out.contains("4 \u{2192} 5  :11 \u{2192} :11"), "{out}");
    assert!(out.ends_with("\n1 change: 1 starts or stops pods\n"), "{out}");
}

#[test]
fn paths_may_stand_before_the_files() {
    let folder = folder("paths");
    let new = "# redisgen: chart redis 23.1.1\nreplica: {replicaCount: 5}\nauth: {enabled: false}\n";
    let files = [("a.yaml", OLD), ("b.yaml", new)];
    for args in [
        ["--only", "replica", "--name-only", "a.yaml", "b.yaml"],
        ["--ignore", "auth", "a.yaml", "--name-only", "b.yaml"],
        ["a.yaml", "b.yaml", "--name-only", "--only", "replica"],
    ] {
        let (code, out, err) = told(&folder, &files, &args);
        assert_eq!((code, out.as_str()), (Some(1), "replica.replicaCount\n"), "{args:?}: {err}");
    }
    let twice = ["--only", "replica", "--only", "auth", "a.yaml", "b.yaml", "--ignore", "auth", "--ignore", "replica"];
    assert_eq!(told(&folder, &files, &twice).0, Some(0));
}

#[test]
fn what_a_template_takes_anyway_is_no_change() {
    let folder = folder("fallbacks");
    let diff = |version: &str, old: &str, new: &str| {
        let [old, new] = [old, new].map(|text| format!("# redisgen: chart redis {version}\n{text}"));
        let (code, out, err) = told(&folder, &[("a.yaml", &old), ("b.yaml", &new)], &["a.yaml", "b.yaml"]);
        (code, format!("{version}\n{old}{new}{out}{err}"))
    };
    let secret = "auth:\n  existingSecret: es\n";
    let policy = "networkPolicy:\n  enabled: true\n";
    let class = "master: {persistence: {storageClass: fast}}\nreplica: {persistence: {storageClass: fast}}\n";
    let global = "global: {storageClass: fast}\n";
    for (version, old, new) in [
        ("21.2.13", secret, "auth: {existingSecret: es, existingSecretPasswordKey: redis-password}\n"),
        ("23.1.1", secret, "auth: {existingSecret: es, existingSecretPasswordKey: redis-password}\n"),
        ("10.7.11", "existingSecret: es\n", "existingSecret: es\nexistingSecretPasswordKey: redis-password\n"),
        ("10.7.11", policy, "networkPolicy: {enabled: true, allowExternal: false}\n"),
        ("21.2.13", "", "global: {imageRegistry: docker.io}\n"),
        ("13.0.2", "", "global: {imageRegistry: docker.io}\n"),
        ("23.1.1", class, global),
        ("18.19.4", class, &format!("{class}{global}")),
        ("18.19.4", "auth: {password: x}\n", "global: {redis: {password: x}}\n"),
    ] {
        for (old, new) in [(old, new), (new, old)] {
            let (code, said) = diff(version, old, new);
            assert_eq!(code, Some(0), "{said}");
        }
    }
    for (old, new) in [
        (secret, "auth: {existingSecret: es, existingSecretPasswordKey: password}\n"),
        (class, "global: {storageClass: slow}\n"),
        ("master: {persistence: {storageClass: fast}}\n", global),
        ("", "global: {imageRegistry: mirror.example.com}\n"),
    ] {
        let (code, said) = diff("18.19.4", old, new);
        assert_eq!(code, Some(1), "{said}");
    }
}

#[test]
fn claims_are_told_of() {
    let folder = folder("claims");
    let of = |text: &str| format!("# redisgen: chart redis 23.1.1\n{text}");
    let diff = |new: &str, format: &str| {
        told(&folder, &[("a.yaml", &of("")), ("b.yaml", &of(new))], &["a.yaml", "b.yaml", "--output", format])
    };
    let size = "replica:\n  persistence:\n    size: 20Gi\nmaster:\n  persistence:\n    size: 20Gi\n";
    let (code, out, _) = diff(size, "text");
    assert_eq!(code, Some(1));
    let patch = "kubectl patch persistentvolumeclaim redis-data-RELEASE-redis-replicas-0 --patch \
                 '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"20Gi\"}}}}'";
    assert!(out.contains(patch) && out.contains("2 need the StatefulSet deleted first"), "{out}");
    let sentinel = format!("{size}sentinel:\n  enabled: true\n");
    for format in ["text", "json", "markdown"] {
        let (_, out, _) = diff(&sentinel, format);
        assert!(!out.contains("deleted first") && !out.contains("immutable"), "{out}");
        let claims = ["redis-data-RELEASE-redis-master-0", "redis-data-RELEASE-redis-replicas-0"];
        assert!(out.contains("existing volume claims stay") && claims.iter().all(|name| out.contains(name)), "{out}");
    }
    let (_, out, _) = diff("master: {service: {clusterIP: 10.0.0.9}}\n", "text");
    let of_service = ["delete the Service first", "1 needs the Service deleted first"];
    assert!(of_service.iter().all(|said| out.contains(said)), "{out}");
}

#[test]
fn lines_around_a_change_need_a_format_that_shows_them() {
    let folder = folder("context");
    let files = [("a.yaml", OLD), ("b.yaml", NEW)];
    let (code, out, err) = told(&folder, &files, &["-U", "0", "a.yaml", "b.yaml"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("requires `--output unified`"), "{err}");
    let (code, out, _) = told(&folder, &files, &["-U", "0", "a.yaml", "b.yaml", "--output", "unified"]);
    assert_eq!(code, Some(1));
    assert_eq!(out.lines().filter(|line| line.starts_with(' ')).count(), 0, "{out}");
}

/// The message if the last revision is not the deployed revision.
#[test]
fn what_failed_or_is_pending_is_not_what_is_installed() {
    for helm in Helm::both() {
        let helm = match helm {
            Ok(helm) => helm,
            Err(missing) => {
                println!("left out: {missing}");
                continue;
            }
        };
        let folder = folder(&format!("live-failed-{}", helm.major));
        fs::create_dir(folder.join("bin")).unwrap();
        helm.link(&folder.join("bin").join("helm"));
        let (old, new) = (json!({"replica": {"replicaCount": 4}}), json!({"replica": {"replicaCount": 5}}));
        fs::write(folder.join("values.yaml"), new.to_string()).unwrap();
        let live = |revisions: Vec<Value>| {
            fs::write(folder.join("kubeconfig"), Cluster::with(revisions).kubeconfig()).unwrap();
            let mut command = redisgen(&folder);
            command.args([
                "diff",
                "--live",
                "--release",
                "cache",
                "--namespace",
                "team",
                "values.yaml",
                "--output",
                "json",
            ]);
            run(command.env("PATH", folder.join("bin")).env("KUBECONFIG", folder.join("kubeconfig")))
        };
        let before = || {
            let superseded = revision(1, "superseded", "redis-17.0.0", &new);
            vec![superseded, revision(2, "deployed", "redis-18.6.1", &old)]
        };
        let statuses =
            [("failed", "revision 3 of `cache` failed"), ("pending-upgrade", "is pending (`pending-upgrade`)")];
        for (status, said) in statuses {
            let mut revisions = before();
            revisions.push(revision(3, status, "redis-23.1.1", &new));
            let (code, out, err) = live(revisions);
            assert_eq!(code, Some(1), "{err}");
            assert!(err.contains(said) && err.contains("compared with revision 2, which is deployed"), "{err}");
            let told: Value = serde_json::from_str(&out).unwrap();
            let side = &told["pairs"][0]["old"];
            assert_eq!((&side["name"], &side["chart"]), (&json!("the release cache (revision 2)"), &json!("18.6.1")));
        }
        let (code, out, err) = live(before());
        assert_eq!(code, Some(1), "{err}");
        assert!(!err.contains("warning") && out.contains("\"the release cache\""), "{err}{out}");
        let (code, out, err) = live(vec![revision(1, "failed", "redis-23.1.1", &new)]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("no revision is deployed (revision 1 failed)"), "{err}");
    }
}

/// As much of a cluster as `helm history` and `helm get` ask for: the Secrets in which Helm keeps the revisions of a
/// release.
struct Cluster {
    port: u16,
}

/// One revision of a release as Helm keeps it.
fn revision(number: u64, status: &str, chart: &str, config: &Value) -> Value {
    let (name, version) = chart.rsplit_once('-').unwrap();
    let at = "2026-01-01T00:00:00Z";
    let release = json!({
        "name": "cache", "namespace": "team", "version": number, "config": config, "manifest": "",
        "info": {"status": status, "first_deployed": at, "last_deployed": at},
        "chart": {"metadata": {"name": name, "version": version, "apiVersion": "v2", "appVersion": "7.2.3"}},
    });
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(release.to_string().as_bytes()).unwrap();
    // Helm writes it in base64, and so does Kubernetes.
    let data = base64(base64(&packed.finish().unwrap()).as_bytes());
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "data": {"release": data},
        "metadata": {
            "name": format!("sh.helm.release.v1.cache.v{number}"), "namespace": "team",
            "labels": {"name": "cache", "owner": "helm", "status": status, "version": number.to_string()},
        },
    })
}

impl Cluster {
    fn with(revisions: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let revisions = revisions.clone();
                thread::spawn(move || serve(stream, &revisions));
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
fn serve(stream: TcpStream, revisions: &[Value]) {
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
        // Labels are asked for as `status%3Ddeployed`.
        let has_status = |secret: &&Value| {
            let status = secret["metadata"]["labels"]["status"].as_str().unwrap();
            !path.contains("status%3D") || path.contains(&format!("status%3D{status}"))
        };
        let items: Vec<&Value> = revisions.iter().filter(has_status).filter(|_| !asks_for_others).collect();
        let named = |name: &str| revisions.iter().find(|secret| secret["metadata"]["name"] == name).cloned();
        let resource = path.split('?').next().unwrap_or_default();
        let one = resource.rsplit_once("/secrets/").and_then(|(_, name)| named(name));
        let body = match resource {
            "/version" => json!({"major": "1", "minor": "30", "gitVersion": "v1.30.0"}),
            path if path.ends_with("/secrets") => {
                json!({"apiVersion": "v1", "kind": "SecretList", "metadata": {"resourceVersion": "1"}, "items": items})
            }
            _ if one.is_some() => one.unwrap(),
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
