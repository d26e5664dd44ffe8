//! Runs `redisgen migrate` on values files and manifests, with the other files of their folders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use redisgen::chart;
use serde_json::Value;

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

const OLD: &str = "cluster:\n  enabled: true # three nodes\n  slaveCount: 3\nusePassword: false\n";
const NEW: &str = "architecture: replication # three nodes\nreplica:\n  replicaCount: 3\nauth:\n  enabled: false\n";

/// Values with a key that a chart of 2021 does not have.
const TOO_NEW: &str = "replica:\n  replicaCount: 3\n  minReadySeconds: 10\narchitecture: replication\n";

const APPLICATION: &str = "\
# the cache of the backend
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cache}
spec:
  destination: {namespace: backend}
  source:
    repoURL: registry-1.docker.io/bitnamicharts
    chart: redis
    targetRevision: 13.0.2  # since 2021
    helm:
      KEY
VALUES  project: default
";

const RELEASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: backend}
spec:
  chart:
    spec:
      chart: redis
      version: '13.0.2'
      sourceRef: {kind: HelmRepository, name: bitnami}
  values:
VALUES  interval: 10m
";

const K3S: &str = "\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: cache, namespace: kube-system}
spec:
  chart: oci://registry-1.docker.io/bitnamicharts/redis
  version: 13.0.2
  valuesContent: |-
VALUES  targetNamespace: backend
";

const HELMFILE: &str = "\
releases:
  - name: cache
    chart: bitnami/redis
    version: ~13.0
    values:
      -
VALUES  - name: other
    chart: bitnami/postgresql
    version: 13.0.2
";

const CHART: &str = "\
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - name: postgresql
    version: 13.0.2
    repository: oci://registry-1.docker.io/bitnamicharts
  - name: redis # the cache
    version: 13.0.2
    repository: oci://registry-1.docker.io/bitnamicharts
";

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// A manifest with values, and what is to become of it with `--bump`.
fn manifest(text: &str, by: usize, version: (&str, &str)) -> (String, String) {
    let with = |values: &str| text.replace("VALUES", &indented(values, by));
    (with(OLD), with(NEW).replacen(version.0, version.1, 1))
}

fn manifests() -> Vec<(&'static str, String, String)> {
    let exact = ("13.0.2", "23.1.1");
    let named = |name, (old, new)| (name, old, new);
    vec![
        named("text.yaml", manifest(&APPLICATION.replace("KEY", "values: |"), 8, exact)),
        named("object.yaml", manifest(&APPLICATION.replace("KEY", "valuesObject:"), 8, exact)),
        named("flux.yaml", manifest(RELEASE, 4, exact)),
        named("k3s.yaml", manifest(K3S, 4, exact)),
        named("helmfile.yaml", manifest(HELMFILE, 8, ("~13.0", "~23.1"))),
    ]
}

/// The values of a chart around, at a key.
fn around(key: &str, values: &str) -> String {
    format!("name: app\n{key}:\n  enabled: true\n{}", indented(values, 2))
}

/// An empty folder of this test's own.
struct Folder(PathBuf);

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("migrate_command").join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn with(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.0.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn migrate(&self, args: &str) -> Ran {
        self.migrate_from(args, "")
    }

    fn migrate_from(&self, args: &str, stdin: &str) -> Ran {
        let args: Vec<&str> = ["migrate"].into_iter().chain(args.split_whitespace()).collect();
        self.run(&args, stdin)
    }

    fn run(&self, args: &[&str], stdin: &str) -> Ran {
        let mut command = Command::new(REDISGEN);
        command.current_dir(&self.0).env("REDISGEN_CONFIG_DIR", &self.0).env("REDISGEN_DATA_DIR", &self.0);
        command.args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The command closed the pipe and reported the error.
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

#[test]
fn a_manifest_is_carried_and_says_the_new_version() {
    for (name, old, new) in manifests() {
        let folder = Folder::new("manifest").with(name, &old);
        let ran = folder.migrate(&format!("{name} --to 23.1.1 --bump"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), new.as_str()), "{name}: {}", ran.err);
        // The lines are those of the file, and the names those of the release.
        let line = old.lines().position(|line| line.contains("usePassword")).unwrap() + 1;
        assert!(ran.err.contains(&format!("\n  :{line} usePassword \u{2192} auth.enabled")), "{name}: {}", ran.err);
        assert!(ran.err.contains(" exec cache-redis-master-0 "), "{name}: {}", ran.err);
        assert_eq!(folder.read(name), old);

        let piped = folder.migrate_from("- --to 23.1.1 --bump", &old);
        assert_eq!((piped.code, piped.out.as_str()), (Some(0), new.as_str()), "{name}: {}", piped.err);
        let ran = folder.migrate(&format!("{name} --to 23.1.1 --bump -i"));
        assert_eq!((ran.code, ran.out.as_str(), folder.read(name)), (Some(0), "", new.clone()), "{name}: {}", ran.err);
        let again = folder.migrate(&format!("{name} --to 23.1.1 --check"));
        assert_eq!((again.code, folder.read(name)), (Some(0), new), "{name}: {}", again.err);
    }
}

/// A migration leaves the keys of a parent chart alone, also where a version is named and no block is left.
#[test]
fn a_parent_chart_without_a_block_is_left_alone() {
    let text = "name: app\nimage: {repository: ghcr.io/example/app}\npersistence: {enabled: true}\n";
    let folder = Folder::new("no-block").with("Chart.yaml", CHART).with("values.yaml", text);
    let missing = "`values.yaml`: no key `redis` for the redis dependency of the parent chart";
    let ran = folder.migrate("values.yaml --from 13.0.2 --to 23.1.1 --in-place");
    let error = format!("error: {missing}. Use `--at PATH` for the path of the values\n");
    assert_eq!((ran.code, ran.out.as_str(), ran.err), (Some(2), "", error));
    let ran = folder.run(&["lint", "values.yaml", "--chart-version", "13.0.2"], "");
    let note = "note: `values.yaml`: not checked: no key `redis` for the redis dependency of the parent chart. \
                Use `--at PATH` for the path of the values\n";
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(ran.err.contains(note) && !ran.out.contains("unknown"), "{}{}", ran.err, ran.out);
    assert_eq!(folder.read("values.yaml"), text);
}

#[test]
fn without_bump_the_version_stays() {
    for (name, old, new) in manifests() {
        let ran = Folder::new("no-bump").with(name, &old).migrate(&format!("{name} --to 23.1.1"));
        let version =
            |text: &str| text.lines().find(|line| line.contains("3.0.2") || line.contains("~")).map(str::to_owned);
        assert_eq!(version(&ran.out), version(&old), "{name}");
        assert_eq!(ran.out.lines().count(), new.lines().count(), "{name}");
    }
}

#[test]
fn what_is_asked_of_a_manifest_is_answered() {
    for (name, old, new) in manifests() {
        let folder = Folder::new("asked").with(name, &old).with("new.yaml", &new);
        let check = |name: &str| folder.migrate(&format!("{name} --to 23.1.1 --check"));
        let ran = check(name);
        assert_eq!((ran.code, ran.out.as_str(), ran.err), (Some(1), "", format!("note: {name} would change\n")));
        let ran = check("new.yaml");
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), "note: new.yaml would not change\n"));

        let mut ran = folder.migrate(&format!("{name} --to 23.1.1 --bump --diff"));
        // What may be a password is not shown.
        ran.out = ran.out.replace("<redacted>", "false");
        let changed = |sign: &str, than: &str, by: &str| {
            let lines = than.lines().filter(|line| !by.lines().any(|other| other == *line));
            lines.map(|line| format!("{sign}{line}\n")).collect::<String>()
        };
        let signed = |sign: char| {
            let lines = ran.out.lines().skip(2).filter(|line| line.starts_with(sign));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{name}");
        assert_eq!(signed('-'), changed("-", &old, &new), "{name}");
        assert_eq!(signed('+'), changed("+", &new, &old), "{name}");

        let ran = folder.migrate(&format!("{name} --to 23.1.1 --output json"));
        let told: Value = serde_json::from_str(&ran.out).unwrap();
        let place = &told["places"][0];
        assert_eq!((ran.code, &place["from"], &place["to"]), (Some(0), &"13.0.2".into(), &"23.1.1".into()), "{name}");
        assert_eq!(place["summary"]["moved"], 3, "{name}");
        let ran = folder.migrate(&format!("{name} --to 23.1.1 --output markdown"));
        assert!(ran.code == Some(0) && ran.out.starts_with(&format!("**redisgen migrate** <code>{name}")), "{name}");
        assert_eq!(folder.read(name), old);
    }
}

#[test]
fn a_release_that_says_its_values_in_two_places_is_one() {
    let application = APPLICATION.replace("KEY\nVALUES", "values: |\n        cluster: {enabled: true}\n      valuesObject:\n        slave: {persistence: {enabled: false}}\n");
    let folder = Folder::new("two-places").with("app.yaml", &application);
    let ran = folder.migrate("app.yaml --to 23.1.1");
    let new =
        application.replace("cluster: {enabled: true}", "architecture: replication").replace("slave:", "replica:");
    assert_eq!((ran.code, ran.out), (Some(0), new), "{}", ran.err);
    let ran = folder.migrate("app.yaml --to 23.1.1 --keep-behaviour");
    assert_eq!(ran.out.matches("usePasswordFiles: false").count(), 1, "{}", ran.out);
}

#[test]
fn what_does_nothing_may_leave_nothing() {
    let text = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: a}\nspec:\n  chart: bitnami/redis\n  version: 13.0.2\n  ";
    let nothing = format!("{text}values:\n    x: 1\n---\n{text}valuesContent: |\n{}", indented(OLD, 4));
    let ran = Folder::new("nothing").with("k3s.yaml", &nothing).migrate("k3s.yaml --to 23.1.1 --bump");
    let text = text.replace("13.0.2", "23.1.1");
    let wanted = format!("{}\n---\n{text}valuesContent: |\n{}", text.trim_end(), indented(NEW, 4));
    assert_eq!((ran.code, ran.out), (Some(0), wanted), "{}", ran.err);
}

#[test]
fn a_version_stands_where_the_manifest_says() {
    let release = RELEASE.replace("VALUES", &indented(OLD, 4));
    let head = release.find("  chart:").unwrap()..release.find("  values:").unwrap();
    let mut of_source = release.clone();
    of_source.replace_range(head, "  chartRef: {kind: OCIRepository, name: redis}\n  targetNamespace: team\n");
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: redis}\nspec:\n  url: oci://registry-1.docker.io/bitnamicharts/redis\n  ref: {semver: ^13}\n---\n";
    let folder = Folder::new("of-source").with("flux.yaml", &format!("{source}{of_source}"));
    let ran = folder.migrate("flux.yaml --to 23.1.1 --bump");
    assert!(ran.out.starts_with(&source.replace("^13", "^23")), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains(" exec team-cache-redis-master-0 "), "{}", ran.err);

    // That of another chart is not ours.
    let other =
        RELEASE.replace("chart: redis", "chart: app").replace("VALUES", &format!("    cache:\n{}", indented(OLD, 6)));
    let folder = Folder::new("of-other").with("flux.yaml", &other);
    let ran = folder.migrate("flux.yaml --to 23.1.1 --bump --at cache --from 13");
    assert_eq!((ran.code, ran.out), (Some(0), other.replace(&indented(OLD, 6), &indented(NEW, 6))), "{}", ran.err);
    assert!(ran.err.contains(" exec cache-master-0 "), "{}", ran.err);
}

#[test]
fn what_is_no_yaml_in_a_manifest_is_not_carried() {
    let quoted = K3S.replace("|-\nVALUES", "\"usePassword: false\"\n");
    let ran = Folder::new("quoted").with("k3s.yaml", &quoted).migrate("k3s.yaml --to 23.1.1");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    let said = "error: k3s.yaml:7: found values in parameters, in quotes or between template expressions, which redisgen \
                cannot migrate: expected a map, or a block of text (`|`). Move the values there\n";
    assert_eq!(ran.err, said);
}

#[test]
fn the_chart_around_asks_for_the_new_version() {
    for (key, chart) in
        [("redis", CHART.to_owned()), ("sessions", CHART.replace(" # the cache", "\n    alias: sessions"))]
    {
        for at in [String::new(), format!("--at {key}")] {
            let folder = Folder::new("around").with("Chart.yaml", &chart).with("values.yaml", &around(key, OLD));
            let ran = folder.migrate(&format!("values.yaml --to 23.1.1 --bump {at}"));
            assert_eq!((ran.code, ran.out), (Some(0), around(key, NEW)), "{}", ran.err);
            assert!(
                ran.err.ends_with(
                    "\nnote: `Chart.yaml` requires `13.0.2`: `--in-place` changes the version to `23.1.1`\n"
                )
            );
            assert_eq!(folder.read("Chart.yaml"), chart);

            let ran = folder.migrate(&format!("values.yaml --to 23.1.1 -i --bump {at}"));
            assert_eq!((ran.code, folder.read("values.yaml")), (Some(0), around(key, NEW)), "{}", ran.err);
            let note = "\nnote: `Chart.yaml` now requires `23.1.1`: `helm dependency update` fetches the chart\n";
            assert!(ran.err.ends_with(note), "{}", ran.err);
            let (before, after) = chart.rsplit_once("13.0.2").unwrap();
            assert_eq!(folder.read("Chart.yaml"), format!("{before}23.1.1{after}"));
            // Nothing more is to be done.
            let again = folder.migrate(&format!("values.yaml --to 23.1.1 --bump --diff {at}"));
            assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{}", again.err);
        }
    }
}

#[test]
fn a_range_stays_one_where_it_means_the_version() {
    let newest = chart::newest_measured().to_string();
    let ranges = [
        ("~11.0", "23.1.1", "~23.1"),
        ("^17", "23.1.1", "^23"),
        ("^17.0.1", "23.1.1", "^23.1.1"),
        ("17.x.x", "23.1.1", "23.x.x"),
        ("\"18\"", "23.1.1", "\"23\""),
        ("'>=16 <18'", "23.1.1", "'23.1.1'"),
        // That means it already.
        ("\">=16\"", &newest, "\">=16\""),
        ("'*'", &newest, "'*'"),
        // These would mean another one.
        ("^17", "18.6.1", "18.6.1"),
        ("~17.0", "18.6.1", "18.6.1"),
        ("\">=16\"", "23.1.1", "\"23.1.1\""),
        ("'*'", "18.6.1", "'18.6.1'"),
    ];
    for (old, to, new) in ranges {
        let chart =
            |version: &str| CHART.replace("# the cache\n    version: 13.0.2", &format!("\n    version: {version}"));
        let folder = Folder::new("ranges").with("Chart.yaml", &chart(old)).with("values.yaml", &around("redis", OLD));
        let ran = folder.migrate(&format!("values.yaml --from 13.0.2 --to {to} -i --bump"));
        assert_eq!((ran.code, folder.read("Chart.yaml")), (Some(0), chart(new)), "{old} to {to}: {}", ran.err);
        assert_eq!(ran.err.contains("\nnote: "), old != new, "{old} to {to}: {}", ran.err);
    }
}

#[test]
fn only_the_dependency_that_is_carried_is_bumped() {
    let dependency = |more: &str, version: &str| format!("  - name: redis\n{more}    version: {version}\n");
    let other = dependency("    alias: other\n    repository: https://groundhog2k.github.io/helm-charts/\n", "1.0.0");
    let chart = |one: &str, two: &str| {
        let (one, two) = (dependency("", one), dependency("    alias: sessions\n", two));
        format!("apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n{one}{two}{other}")
    };
    let values = |one: &str, two: &str| format!("redis:\n{}sessions:\n{}", indented(one, 2), indented(two, 2));
    let lock = format!("dependencies:\n{}{}", dependency("", "13.0.2"), dependency("", "11.0.4"));
    let folder = |name| {
        let folder = Folder::new(name).with("Chart.yaml", &chart("^13", "~11.0")).with("Chart.lock", &lock);
        folder.with("values.yaml", &values(OLD, OLD)).with("envs/prod.yaml", &around("redis", OLD))
    };
    let one = folder("one-of-two");
    let ran = one.migrate("values.yaml --to 23.1.1 -i --bump --at redis");
    assert_eq!((ran.code, one.read("values.yaml")), (Some(0), values(NEW, OLD)), "{}", ran.err);
    assert_eq!(one.read("Chart.yaml"), chart("^23", "~11.0"));
    // The rest, by the part of the lock file that still holds; and the file of an environment, below.
    let ran = one.migrate("values.yaml --to 23.1.1 -i --bump");
    assert!(ran.err.contains("at redis): chart 23.1.1 (by Chart.yaml"), "{}", ran.err);
    assert!(ran.err.contains("at sessions): chart 11.0.4 (by the lock file"), "{}", ran.err);
    assert_eq!((one.read("values.yaml"), one.read("Chart.yaml")), (values(NEW, NEW), chart("^23", "~23.1")));
    let ran = one.migrate("values.yaml --to 23.1.1 -i --bump");
    let note = "note: `Chart.yaml` requires `^23` and `~23.1`, and the lock file has another version: `helm dependency update` fetches the chart\n";
    assert!(ran.err.ends_with(note), "{}", ran.err);

    let both = folder("two-files");
    let ran = both.migrate("envs/prod.yaml values.yaml --to 23.1.1 --diff --bump");
    assert_eq!(ran.out.matches("+++ ").count(), 3, "{}", ran.out);
    let ran = both.migrate("envs/prod.yaml values.yaml --to 23.1.1 -i --bump");
    assert_eq!((ran.code, both.read("envs/prod.yaml")), (Some(0), around("redis", NEW)), "{}", ran.err);
    assert_eq!((both.read("values.yaml"), both.read("Chart.yaml")), (values(NEW, NEW), chart("^23", "~23.1")));
    assert_eq!(ran.err.matches("note: ").count(), 1, "{}", ran.err);
}

#[test]
fn old_charts_ask_in_another_file() {
    let (chart, dependencies) = CHART.split_once("dependencies:").unwrap();
    let requirements = format!("dependencies:{dependencies}");
    let folder = Folder::new("requirements").with("Chart.yaml", chart).with("requirements.yaml", &requirements);
    let folder = folder.with("values.yaml", &around("redis", OLD));
    let ran = folder.migrate("values.yaml --to 23.1.1 -i --bump");
    assert_eq!((ran.code, folder.read("values.yaml")), (Some(0), around("redis", NEW)), "{}", ran.err);
    let (before, after) = requirements.rsplit_once("13.0.2").unwrap();
    assert_eq!(folder.read("requirements.yaml"), format!("{before}23.1.1{after}"));
    assert_eq!(folder.read("Chart.yaml"), chart);
    assert!(ran.err.contains("note: `requirements.yaml` now requires `23.1.1`"), "{}", ran.err);
}

#[test]
fn several_files_are_written_all_or_none() {
    let old = "# redisgen: chart redis 13.0.2\nusePassword: false\n";
    let new = "# redisgen: chart redis 23.1.1\nauth:\n  enabled: false\n";
    let newer = format!("# redisgen: chart redis 23.1.1\n{TOO_NEW}");
    let alias = "name: app\nx: &redis {name: redis, version: 13.0.2}\ndependencies:\n  - *redis\n";
    let files = [
        ("good.yaml", old),
        ("more.yaml", old),
        ("broken.yaml", "a: [\n"),
        ("newer.yaml", newer.as_str()),
        ("chart/Chart.yaml", CHART),
        ("chart/values.yaml", &around("redis", OLD)),
        ("alias/Chart.yaml", alias),
        ("alias/values.yaml", &around("redis", OLD)),
    ];
    let fresh = || files.iter().fold(Folder::new("all-or-none"), |folder, (name, text)| folder.with(name, text));
    let refused = |args: &str, why: &str| {
        let folder = fresh();
        let ran = folder.migrate(args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args}: {}", ran.err);
        assert!(ran.err.lines().last().unwrap().contains(why), "{args}: {}", ran.err);
        for (name, text) in files {
            assert_eq!(folder.read(name), text, "{args}: {name}");
        }
    };
    refused("good.yaml broken.yaml -i --to 23.1.1", "`broken.yaml`: 1:4");
    refused("good.yaml missing.yaml -i --to 23.1.1", "`missing.yaml`");
    refused("chart/values.yaml good.yaml broken.yaml -i --bump --to 23.1.1", "`broken.yaml`");
    refused("good.yaml newer.yaml -i --to 11.0.4", "`newer.yaml`: the older chart does not support all settings");
    refused(
        "good.yaml alias/values.yaml -i --bump --to 23.1.1",
        "`alias/Chart.yaml`: 4:3: `dependencies[0].version`: the value is an alias (`*`)",
    );

    let folder = fresh();
    let ran = folder.migrate("good.yaml more.yaml chart/values.yaml -i --bump --to 23.1.1");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!((folder.read("good.yaml").as_str(), folder.read("more.yaml").as_str()), (new, new));
    assert_eq!(folder.read("chart/values.yaml"), around("redis", NEW));
    assert!(folder.read("chart/Chart.yaml").contains("# the cache\n    version: 23.1.1\n"));
    assert_eq!(ran.err.matches("upgrade steps, in this order:").count(), 3);

    let folder = fresh();
    let ran = folder.migrate("good.yaml newer.yaml -i --allow-loss --to 11.0.4");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(folder.read("newer.yaml").contains("slave"));
    let ran = fresh().migrate("good.yaml newer.yaml --to 23.1.1 --check");
    assert_eq!(ran.err, "note: good.yaml would change\nnote: newer.yaml would not change\n");
}

/// The meaning of a layer depends on the layers below it.
#[test]
fn files_of_one_release_are_carried_together() {
    let base =
        "cluster:\n  enabled: true\n  slaveCount: 3\nsentinel:\n  enabled: true\nimage:\n  registry: mirror.test\n";
    let over = "image:\n  pullPolicy: Always\nsentinel:\n  service:\n    # for the old clients\n    redisNodePort: 31000\n    type: NodePort\n";
    let folder = Folder::new("together").with("base.yaml", base).with("prod.yaml", over);
    let ran = folder.migrate("base.yaml prod.yaml --layered -i --to 23.1.1 --from 13.0.2");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let new = "image:\n  pullPolicy: Always\nsentinel:\n  service:\n    nodePorts:\n      # for the old clients\n      redis: \"31000\"\n    type: NodePort\n";
    assert_eq!(folder.read("prod.yaml"), new);
    let base_then = folder.read("base.yaml");
    assert!(base_then.contains("allowInsecureImages: true") && base_then.contains("architecture: replication"));
    // The parts about the release are reported once for all files.
    assert_eq!(ran.err.matches("upgrade steps, in this order:").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("--values base.yaml --values prod.yaml"), "{}", ran.err);
    // The files are written already.
    assert!(!ran.err.contains("redisgen migrate"), "{}", ran.err);
    let again = folder.migrate("base.yaml prod.yaml --layered --check --to 23.1.1 --from 13.0.2");
    assert_eq!(again.code, Some(0), "{}", again.err);

    // The keys of all layers together decide the chart version.
    let folder = Folder::new("together").with("base.yaml", base).with("prod.yaml", over);
    let ran = folder.migrate("base.yaml prod.yaml --layered --output json --to 23.1.1");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let places = report["places"].as_array().unwrap();
    assert!(places.iter().all(|place| place["from"] == "13.0.2" && place["topology"] == "sentinel"), "{report}");
    let operations = |at: usize| places[at]["upgradeSteps"].as_array().unwrap().len();
    assert!(operations(0) == 0 && operations(1) > 3, "{report}");
    let old_defaults = folder.migrate("base.yaml prod.yaml --layered -i --keep-behaviour --to 23.1.1");
    assert_eq!(old_defaults.code, Some(0), "{}", old_defaults.err);
    assert!(folder.read("base.yaml").contains("networkPolicy:"));
    assert!(!folder.read("prod.yaml").contains("networkPolicy:"));

    let refused = |files: &[(&str, &str)], why: &str| {
        let folder = files.iter().fold(Folder::new("together"), |folder, (name, text)| folder.with(name, text));
        let ran = folder.migrate("base.yaml prod.yaml --layered -i --to 23.1.1");
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        assert!(ran.err.contains(why), "{}", ran.err);
        files.iter().for_each(|(name, text)| assert_eq!(folder.read(name), *text));
    };
    let said = |version: &str| format!("# redisgen: chart redis {version}\n{base}");
    refused(
        &[("base.yaml", &said("13.0.2")), ("prod.yaml", &said("12.7.4"))],
        "`base.yaml` is for chart 13.0.2 and `prod.yaml` for chart 12.7.4: set one version for both",
    );
    let twice = APPLICATION.replace("KEY", "valuesObject: {usePassword: false}\n      values: |");
    let twice = twice.replace("VALUES", &indented(OLD, 8));
    refused(&[("base.yaml", base), ("prod.yaml", &twice)], "`prod.yaml`: found 2 blocks of values");
}

/// The steps never upgrade with the old file.
#[test]
fn the_steps_name_the_file_that_holds_the_result() {
    let old = "cluster: {slaveCount: 3}\nsentinel: {enabled: true}\nexistingSecret: redis-auth\n";
    let application = APPLICATION.replace("KEY", "values: |").replace("VALUES", &indented(old, 8));
    let folder = Folder::new("result").with("my old.yaml", old).with("b.yaml", old).with("app.yaml", &application);
    let steps = |args: &[&str]| {
        let ran = folder.run(&[&["migrate", "--output", "json", "--to", "23.1.1"], args].concat(), "");
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
        let places = report["places"].as_array().unwrap();
        let plan = |of: &str| places.last().unwrap()[of].as_array().unwrap().clone();
        let all = [plan("upgradeSteps"), plan("afterRefusedUpgrade"), plan("rollback")].concat();
        let commands = all.iter().flat_map(|step| step["commands"].as_array().unwrap());
        commands.map(|command| command.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let with_values = |commands: &[String]| -> Vec<String> {
        let words = commands.iter().flat_map(|command| shlex::split(command).unwrap());
        let words: Vec<String> = words.collect();
        words.windows(2).filter(|pair| pair[0] == "--values").map(|pair| pair[1].clone()).collect()
    };
    let written = steps(&["my old.yaml", "--from", "13.0.2", "--keep-behaviour"]);
    let first = "redisgen migrate 'my old.yaml' --from 13.0.2 --to 23.1.1 --keep-behaviour > 'my old.23.1.1.yaml'";
    assert_eq!(written[0], first);
    let named = with_values(&written);
    assert!(named.len() > 3 && named.iter().all(|file| file == "my old.23.1.1.yaml"), "{named:?}");
    // What the first step writes is what this run would print.
    let shown = folder.run(&["migrate", "my old.yaml", "--from", "13.0.2", "--to", "23.1.1", "--keep-behaviour"], "");
    let words: Vec<String> = shlex::split(first.split(" > ").next().unwrap()).unwrap();
    let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    assert_eq!(folder.run(&words, "").out, shown.out);

    let together = steps(&["my old.yaml", "b.yaml", "--layered", "--from", "13.0.2"]);
    assert_eq!(together[0], "redisgen migrate --in-place 'my old.yaml' b.yaml --from 13.0.2 --to 23.1.1 --layered");
    assert!(with_values(&together).iter().all(|file| ["my old.yaml", "b.yaml"].contains(&file.as_str())));
    let application = steps(&["app.yaml", "--bump"]);
    assert_eq!(application[0], "redisgen migrate --in-place app.yaml --to 23.1.1 --bump");
    let piped = folder.run(&["migrate", "-", "--from", "13.0.2", "--to", "23.1.1", "--output", "text"], old);
    assert!(piped.out.contains("redisgen migrate - --from 13.0.2 --to 23.1.1 > values.23.1.1.yaml"), "{}", piped.out);

    let in_place = steps(&["b.yaml", "--from", "13.0.2", "--in-place"]);
    assert!(!in_place.iter().any(|command| command.contains("redisgen migrate")), "{in_place:?}");
    assert!(with_values(&in_place).iter().all(|file| file == "b.yaml"));
}

/// What keeps the last file from being written is known before the first is.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_leaves_the_others_as_they_are() {
    use std::os::unix::fs::PermissionsExt;
    let old = "# redisgen: chart redis 13.0.2\nusePassword: false\n";
    let folder = Folder::new("locked").with("good.yaml", old).with("locked/values.yaml", old);
    let locked = folder.0.join("locked");
    let mode = |mode| fs::set_permissions(&locked, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    // For the superuser nothing is locked.
    if fs::write(locked.join("new"), "").is_err() {
        let ran = folder.migrate("good.yaml locked/values.yaml -i --to 23.1.1");
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert_eq!((folder.read("good.yaml").as_str(), folder.read("locked/values.yaml").as_str()), (old, old));
    }
    mode(0o755);
}
