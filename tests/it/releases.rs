//! The releases in repositories: each form, from the files of a whole repository to findings and fixes in them.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use redisgen::{
    source::repository::{Repository, Tree},
    yaml::{Map, Value},
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/releases")
}

/// The names of the cases.
fn cases() -> Vec<String> {
    let folders = fs::read_dir(data()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut names: Vec<String> = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert!(names.len() > 40, "{names:?}");
    names
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else if !["expected.json", "finding.json"].iter().any(|name| path.ends_with(name)) {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A copy of a case in a folder of its own, without what is expected of it.
fn folder(case: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    copy(&data().join(case), folder.path());
    folder
}

fn read(case: &str, name: &str) -> Option<Json> {
    let text = fs::read_to_string(data().join(case).join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{case}/{name}: {error}")))
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_redisgen")).current_dir(folder).args(args).output().unwrap()
}

fn json_of(folder: &Path, args: &[&str]) -> Json {
    let output = run(folder, args);
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}\n{said}"))
}

/// What `redisgen releases` lists, in the form of `expected.json`.
fn listed(folder: &Path) -> Vec<Json> {
    let found = json_of(folder, &["releases", "-o", "json"]);
    let release = |release: &Json| {
        let layers: Vec<_> = release["layers"].as_array().unwrap().iter().map(|layer| layer["file"].clone()).collect();
        json!({
            "id": release["id"], "chart": release["chart"], "version": release["chartVersion"],
            "namespace": release["namespace"], "form": release["form"], "layers": layers,
        })
    };
    let mut listed: Vec<Json> = found["releases"].as_array().unwrap().iter().map(release).collect();
    listed.sort_by_key(|release| release["id"].to_string());
    listed
}

#[test]
fn each_form_is_found_with_its_version_and_all_values() {
    let mut wrong = Vec::new();
    for case in cases() {
        let folder = folder(&case);
        let mut expected: Vec<Json> = serde_json::from_value(read(&case, "expected.json").unwrap()).unwrap();
        expected.sort_by_key(|release| release["id"].to_string());
        let mut found = listed(folder.path());
        for (found, expected) in found.iter_mut().zip(&expected) {
            // Only the keys decide the version of values that no file names it for.
            if expected["version"].is_null() {
                found["version"] = Json::Null;
            }
        }
        if found != expected {
            wrong.push(format!("{case}\nexpected {expected:#?}\nfound {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The rules about memory, which fire on each chart with its own sizes.
const SIZES: &str = "maxmemory-unset,preset-resources";

/// File, line and rule of each finding.
fn findings(folder: &Path, args: &[&str]) -> Vec<Json> {
    let report = json_of(folder, &[&["lint", "-o", "json", "--ignore", SIZES], args].concat());
    let of_file = |file: &Json| {
        let name = file["file"].clone();
        let findings = file["findings"].as_array().unwrap().clone();
        findings
            .into_iter()
            .map(move |finding| json!({ "file": name, "line": finding["line"], "rule": finding["rule"] }))
    };
    report["files"].as_array().unwrap().iter().flat_map(of_file).collect()
}

#[test]
fn a_finding_has_its_line_in_each_form_and_other_files_have_none() {
    let mut wrong = Vec::new();
    for case in cases() {
        let folder = folder(&case);
        let finding = read(&case, "finding.json").unwrap();
        let is_info = finding["severity"] == "info";
        let expected = json!({ "file": finding["file"], "line": finding["line"], "rule": finding["rule"] });
        let expected = if is_info { vec![] } else { vec![expected] };
        let found = findings(folder.path(), &["."]);
        if found != expected {
            wrong.push(format!("{case}\nexpected {expected:?}\nfound {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_fix_writes_into_each_form_and_changes_one_line() {
    let mut wrong = Vec::new();
    for case in cases() {
        let folder = folder(&case);
        let finding = read(&case, "finding.json").unwrap();
        if finding["severity"] == "info" || finding["fix"] == "none" {
            continue;
        }
        let path = folder.path().join(finding["file"].as_str().unwrap());
        let before = fs::read_to_string(&path).unwrap();
        let output = run(folder.path(), &["lint", "--fix", "--unsafe-fixes", "."]);
        let after = fs::read_to_string(&path).unwrap();
        let line = finding["line"].as_u64().unwrap() as usize - 1;
        let changed: Vec<usize> = (0..before.lines().count().max(after.lines().count()))
            .filter(|at| before.lines().nth(*at) != after.lines().nth(*at))
            .collect();
        let left = findings(folder.path(), &["--select", "unknown-key", "."]);
        if changed != [line] || !left.is_empty() {
            let said = String::from_utf8(output.stderr).unwrap();
            wrong.push(format!("{case}: lines {changed:?} instead of {line}, {left:?}\n{said}\n{after}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_id_of_a_release_takes_the_place_of_a_file() {
    let folder = folder("flux-overlays");
    let id = "overlays/staging/kustomization.yaml#redis";
    let other = "overlays/production/kustomization.yaml#redis";
    let finding = read("flux-overlays", "finding.json").unwrap();
    assert_eq!(
        findings(folder.path(), &[id]),
        [json!({
            "file": finding["file"], "line": finding["line"], "rule": finding["rule"],
        })]
    );
    assert_eq!(findings(folder.path(), &[other]), Vec::<Json>::new());
    let images = run(folder.path(), &["images", other]);
    assert!(images.status.success(), "{images:?}");
    let diff = run(folder.path(), &["diff", "--name-only", id, other]);
    assert!(diff.status.code().is_some_and(|code| code < 2), "{diff:?}");
    let migrated = run(folder.path(), &["migrate", id, "--to", "28.0.7", "-o", "json"]);
    assert!(migrated.status.code().is_some_and(|code| code < 2), "{migrated:?}");
    let missing = run(folder.path(), &["lint", "overlays/staging/kustomization.yaml#nothing"]);
    let said = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(said.contains("found no release `nothing`") && said.contains("it has `redis`"), "{said}");
}

/// The files of a case in memory.
struct Files(Vec<String>, BTreeMap<String, Arc<str>>);

impl Files {
    fn new(files: BTreeMap<String, Arc<str>>) -> Self {
        Self(files.keys().cloned().collect(), files)
    }

    fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, fs::read_to_string(&path).unwrap().into());
                }
            }
        }
        Self::new(files)
    }
}

impl Tree for Files {
    fn paths(&self) -> &[String] {
        &self.0
    }

    fn text(&self, path: &str) -> Option<Arc<str>> {
        self.1.get(path).cloned()
    }
}

fn as_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(on) => json!(on),
        Value::Int(number) => json!(number),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => json!(*number as i64),
        Value::Float(number) => json!(number),
        Value::String(text) => json!(text),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Map(map) => map_as_json(map),
    }
}

fn map_as_json(map: &Map) -> Json {
    Json::Object(map.iter().map(|(key, value)| (key.to_owned(), as_json(value))).collect())
}

/// Numbers without a fraction are equal, whatever their type.
fn plain(value: Json) -> Json {
    match value {
        Json::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => json!(float as i64),
            _ => Json::Number(number),
        },
        Json::Array(items) => items.into_iter().map(plain).collect(),
        Json::Object(map) => Json::Object(map.into_iter().map(|(key, value)| (key, plain(value))).collect()),
        other => other,
    }
}

/// Releases whose values differ from those of the tool. Flux merges a target path that other objects follow in its own
/// order, which is not that of its documentation: `findings` has a script.
const DIFFERENT: [&str; 2] = ["random/flux/14", "random/flux/17"];

/// The values that the tools themselves give to Helm: `tools/oracle/releases` wrote them.
#[test]
fn the_values_of_a_release_are_those_that_its_tool_gives_to_helm() {
    let text = fs::read_to_string(data().join("record.json")).unwrap();
    let record: Vec<Json> = serde_json::from_str(&text).unwrap();
    assert!(record.len() > 150);
    let (mut wrong, mut same) = (Vec::new(), 0);
    for row in &record {
        let case = row["case"].as_str().unwrap();
        let files = match row["files"].as_object() {
            Some(files) => {
                let file = |(name, text): (&String, &Json)| (name.clone(), text.as_str().unwrap().into());
                Files::new(files.iter().map(file).collect())
            }
            None => Files::of(folder(case).path()),
        };
        let repository = Repository::of(&files);
        let id = row["id"].as_str().unwrap();
        let release = repository.releases().iter().find(|release| release.id == id);
        let found = release.map(|release| map_as_json(&release.values()));
        let expected = plain(row["values"].clone());
        if found.as_ref() == Some(&expected) || DIFFERENT.contains(&case) {
            same += usize::from(found.as_ref() == Some(&expected));
        } else {
            wrong.push(format!("{case} {id}\nexpected {expected}\nfound    {}", found.unwrap_or_default()));
        }
    }
    println!("{same} of {} releases have the values of their tool", record.len());
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), record.len(), wrong.join("\n\n"));
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis}
spec:
  destination: {namespace: cache}
  sources:
    - repoURL: https://charts.bitnami.com/bitnami
      chart: redis
      targetRevision: 25.5.3
      helm:
        valueFiles:
          - $values/FILE
    - {repoURL: 'https://git.example.com/platform.git', targetRevision: main, ref: values}
";

/// A reference that leads out of the repository is not followed, also not through a link.
#[cfg(unix)]
#[test]
fn nothing_outside_of_the_repository_is_read() {
    let outer = TempDir::new().unwrap();
    write(
        outer.path(),
        &[
            ("secret.yaml", "auth: {pasword: x}\n"),
            ("repository/redisgen.toml", ""),
            (
                "repository/apps/a.yaml",
                &APPLICATION.replace("FILE", "../secret.yaml").replace("name: redis", "name: a"),
            ),
            ("repository/apps/b.yaml", &APPLICATION.replace("FILE", "link.yaml").replace("name: redis", "name: b")),
        ],
    );
    let root = outer.path().join("repository");
    std::os::unix::fs::symlink("../secret.yaml", root.join("link.yaml")).unwrap();
    let found = json_of(&root, &["releases", "-o", "json"]);
    for release in found["releases"].as_array().unwrap() {
        assert_eq!(release["layers"][0]["file"], Json::Null, "{release}");
        let why = release["layers"][0]["unknown"].as_str().unwrap();
        assert!(why.ends_with("is outside of the root, and redisgen does not read it"), "{why}");
    }
    assert_eq!(found["releases"].as_array().unwrap().len(), 2);
}

/// A loop of overlays, a file that is missing, half a template and text that is no YAML: the rest goes on.
#[test]
fn a_broken_file_does_not_hide_the_other_releases() {
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        &[
            ("redisgen.toml", ""),
            ("a/kustomization.yaml", "resources: [../b]\n"),
            ("b/kustomization.yaml", "resources: [../a, missing.yaml]\n"),
            (
                "half.yaml",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: {{ .x\nspec: redis\n",
            ),
            ("broken.yaml", "redis: [\n"),
            ("main.tf", "resource \"helm_release\" \"redis\" { chart = \n"),
            ("deploy.sh", "helm upgrade --install redis \"bitnami/redis --version 1\n"),
            ("apps/redis.yaml", &APPLICATION.replace("FILE", "missing.yaml")),
        ],
    );
    let found = listed(folder.path());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["id"], "apps/redis.yaml#redis");
    let output = run(folder.path(), &["lint", "."]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked"), "{said}");
}

/// A fix is made only where it is right for each release with these values.
#[test]
fn a_file_of_two_releases_is_checked_for_both() {
    let folder = TempDir::new().unwrap();
    let application = |name: &str, version: &str| {
        APPLICATION
            .replace("FILE", "values.yaml")
            .replace("name: redis", &format!("name: {name}"))
            .replace("25.5.3", version)
    };
    write(
        folder.path(),
        &[
            ("redisgen.toml", ""),
            ("old.yaml", &application("old", "15.7.6")),
            ("new.yaml", &application("new", "25.5.3")),
            // The key was renamed in 16.0.0.
            ("values.yaml", "auth: {existingSecret: redis-auth}\nmaster:\n  containerPort: 6379\n"),
        ],
    );
    let found = findings(folder.path(), &["--select", "renamed-key,not-yet-known-key", "values.yaml"]);
    assert_eq!(found, [json!({ "file": "values.yaml", "line": 3, "rule": "renamed-key" })]);
    run(folder.path(), &["lint", "--fix", "--unsafe-fixes", "values.yaml"]);
    let text = fs::read_to_string(folder.path().join("values.yaml")).unwrap();
    assert!(text.contains("containerPort: 6379"), "{text}");
}

/// The other charts that are called redis, and files with keys that every chart has.
#[test]
fn other_charts_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let release = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME}
spec:
  chart: {spec: {chart: redis, version: VERSION, sourceRef: {kind: HelmRepository, name: REPOSITORY}}}
  values: {persistence: {enabled: true}}
";
    let release = |name: &str, version: &str, repository: &str| {
        release.replace("NAME", name).replace("VERSION", version).replace("REPOSITORY", repository)
    };
    write(
        folder.path(),
        &[
            ("redisgen.toml", ""),
            ("publisher.yaml", &release("publisher", "0.16.2", "cloudpirates")),
            ("version.yaml", &release("version", "0.3.1", "mirror")),
            ("newer.yaml", &release("newer", "99.0.0", "mirror")),
            (
                "web/values.yaml",
                "image: {repository: web}\nserviceAccount: {create: true}\nmetrics: {enabled: true}\nservice: {port: 80}\n",
            ),
            (
                "nats/values.yaml",
                "config: {cluster: {enabled: true}}\npodDisruptionBudget: {enabled: true}\nservice: {enabled: true}\n",
            ),
        ],
    );
    let found = json_of(folder.path(), &["releases", "-o", "json"]);
    let ids: Vec<&str> = found["releases"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["newer.yaml#newer"]);
    let report = json_of(folder.path(), &["lint", "-o", "json", "publisher.yaml", "version.yaml", "web", "nats"]);
    assert_eq!(report["summary"]["filesChecked"], 0, "{report}");
}

/// Inputs that were read wrong once, each with its findings in `expected.txt`.
#[test]
fn inputs_that_were_read_wrong_have_their_findings() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/faults");
    let mut names: Vec<PathBuf> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort_unstable();
    let mut found = String::new();
    for path in names.iter().filter(|path| !path.ends_with("expected.txt")) {
        let folder = TempDir::new().unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            fs::create_dir(folder.path().join(name)).unwrap();
            copy(path, &folder.path().join(name));
        } else {
            fs::copy(path, folder.path().join(name)).unwrap();
        }
        // Of the images of older charts there is always something to say.
        let ignored = format!("image-catalogue-moved,redis-with-known-holes,floating-tag,{SIZES}");
        let args = ["lint", "-o", "concise", "--ignore", &ignored, name];
        let output = run(folder.path(), &args);
        found += &format!("## {name}: exit code {}\n", output.status.code().unwrap());
        found += &String::from_utf8(output.stdout).unwrap();
    }
    let expected = data.join("expected.txt");
    if std::env::var_os("REDISGEN_UPDATE").is_some() {
        fs::write(&expected, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&expected).unwrap());
}

/// The files after a run, which must be those before it.
fn unchanged(folder: &Path, files: &[(&str, &str)], args: &[&str]) -> Output {
    write(folder, files);
    let output = run(folder, args);
    for (name, text) in files {
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), *text, "{name} after {args:?}");
    }
    output
}

const FIX: [&str; 6] = ["lint", "--fix", "--unsafe-fixes", "--min-severity", "info", "."];

/// A condition of a template decides which lines count: no edit moves a line in or out.
#[test]
fn lines_between_template_expressions_are_not_changed() {
    let folder = TempDir::new().unwrap();
    let helmfile = "\
releases:
  - name: r
    chart: oci://registry-1.docker.io/bitnamicharts/redis
    version: 10.6.0
    values:
      - sentinel: {enabled: true}
        {{- if .Values.prod }}
        slave: {persistence: {enabled: false}}
        {{- else }}
        password: b
        {{- end }}
        cluster: {slaveCount: 3}
";
    let files = [("redisgen.toml", ""), ("helmfile.yaml", helmfile)];
    unchanged(folder.path(), &files, &FIX);
    let args = ["migrate", "helmfile.yaml#r", "--to", "28.0.7", "--in-place"];
    let output = unchanged(folder.path(), &files, &args);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

/// Values with a template expression are not migrated, and then nothing is written.
#[test]
fn values_with_an_expression_are_not_migrated() {
    let folder = TempDir::new().unwrap();
    let files = [
        ("redisgen.toml", ""),
        (
            "c/Chart.yaml",
            "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - {name: redis, version: 10.6.0, repository: 'https://charts.bitnami.com/bitnami', alias: queue}\n",
        ),
        ("c/values.yaml", "queue:\n  cluster: {enabled: false}\n  password: {{ pw }}\n"),
    ];
    let args = ["migrate", "c/Chart.yaml#queue", "--to", "28.0.7", "--in-place", "--bump"];
    let output = unchanged(folder.path(), &files, &args);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

/// A version that a variable sets belongs to others, too.
#[test]
fn a_version_that_a_variable_sets_is_not_replaced() {
    let folder = TempDir::new().unwrap();
    let release = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: redis}
spec:
  chart: {spec: {chart: redis, version: \"${REDIS_VERSION:=18.6.1}\", sourceRef: {kind: HelmRepository, name: bitnami}}}
  values:
    architecture: standalone
";
    let files = [("redisgen.toml", ""), ("redis.yaml", release)];
    let args = ["migrate", "redis.yaml", "--to", "28.0.7", "--bump", "--in-place"];
    let output = unchanged(folder.path(), &files, &args);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let found = json_of(folder.path(), &["releases", "-o", "json"]);
    assert_eq!(found["releases"][0]["chartVersion"], "18.6.1");
}

/// A value that overrides one of a lower layer repeats no default, and a word of `--set` keeps its name.
#[test]
fn an_override_of_a_lower_layer_stays() {
    let folder = TempDir::new().unwrap();
    let terraform = "\
resource \"helm_release\" \"t\" {
  chart   = \"oci://registry-1.docker.io/bitnamicharts/redis\"
  name    = \"t\"
  version = \"25.5.3\"
  values  = [file(\"base.yaml\"), file(\"prod.yaml\")]
  set {
    name  = \"master.persistence.enabled\"
    value = \"true\"
  }
}
";
    let base = "auth: {enabled: false}\n";
    let prod = "auth: {enabled: true} # must stay\nmetrics: {enabled: true}\n";
    write(folder.path(), &[("redisgen.toml", ""), ("main.tf", terraform), ("base.yaml", base), ("prod.yaml", prod)]);
    run(folder.path(), &FIX);
    let after = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(after("main.tf"), terraform);
    assert!(after("prod.yaml").contains("auth: {enabled: true} # must stay"), "{}", after("prod.yaml"));
}

/// A values file that only a release of another chart names is not of this chart.
#[test]
fn values_of_another_chart_are_not_checked() {
    let folder = TempDir::new().unwrap();
    let application = APPLICATION
        .replace("FILE", "values/redis.yaml")
        .replace("https://charts.bitnami.com/bitnami", "registry-1.docker.io/cloudpirates")
        .replace("25.5.3", "0.5.3");
    write(
        folder.path(),
        &[
            ("redisgen.toml", ""),
            ("app.yaml", &application),
            (
                "values/redis.yaml",
                "architecture: replication\nauth: {enabled: true}\nsentinel: {enabled: true, masterName: m}\nreplica: {count: 2}\n",
            ),
        ],
    );
    let report = json_of(folder.path(), &["lint", "-o", "json", "."]);
    assert_eq!(report["summary"]["filesChecked"], 0, "{report}");
}

/// No address and no expression of a reference shows a secret.
#[test]
fn the_list_of_releases_shows_no_secret() {
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        &[
            ("redisgen.toml", ""),
            (
                "main.tf",
                "resource \"helm_release\" \"t\" {\n  chart = \"oci://registry-1.docker.io/bitnamicharts/redis\"\n  name = \"t\"\n  version = \"25.5.3\"\n  values = [format(\"auth:\\n  password: %s\", \"hunter2secret\")]\n}\n",
            ),
            (
                "deploy.sh",
                "helm upgrade --install r oci://registry-1.docker.io/bitnamicharts/redis --version 25.5.3 -f https://user:hunter2secret@x.example.com/y.yaml -f https://x.example.com/y.yaml?token=hunter2secret\n",
            ),
        ],
    );
    for format in ["text", "json"] {
        let output = run(folder.path(), &["releases", "-o", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("main.tf#t") && !text.contains("hunter2"), "{text}");
    }
}

/// The place of a version is its own line, also in a text within another file.
#[test]
fn a_version_has_its_line_in_each_form() {
    let folder = TempDir::new().unwrap();
    let dependencies = "dependencies:\n  - name: postgresql\n    version: 1.0.0\n    repository: https://charts.bitnami.com/bitnami\n  - name: redis\n    repository: https://charts.bitnami.com/bitnami\n    version: 25.5.3\n";
    let release = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME}
spec:
  chart: {spec: {chart: redis, version: 24.1.2, sourceRef: {kind: HelmRepository, name: bitnami}}}
";
    let files = [
        ("redisgen.toml", ""),
        (
            "deploy.sh",
            "#!/bin/sh\nset -e\nhelm upgrade --install shell oci://registry-1.docker.io/bitnamicharts/redis \\\n  --version 25.5.3\n",
        ),
        (
            "main.tf",
            "locals {\n  v = \"25.5.3\"\n}\n\nresource \"helm_release\" \"t\" {\n  name    = \"tf\"\n  chart   = \"oci://registry-1.docker.io/bitnamicharts/redis\"\n  version = local.v\n}\n",
        ),
        ("chart/Chart.yaml", &format!("apiVersion: v2\nname: shop\nversion: 1.0.0\n{dependencies}")),
        ("old/Chart.yaml", "apiVersion: v1\nname: old\nversion: 1.0.0\n"),
        ("old/requirements.yaml", dependencies),
        ("a/release.yaml", &release.replace("NAME", "a")),
        (
            "a/kustomization.yaml",
            "resources: [release.yaml]\npatches:\n  - target: {kind: HelmRelease, name: a}\n    patch: |\n      - op: replace\n        path: /spec/chart/spec/version\n        value: 25.5.3\n",
        ),
        ("b/release.yaml", &release.replace("NAME", "b")),
        (
            "b/kustomization.yaml",
            "resources: [release.yaml]\npatches:\n  - target: {kind: HelmRelease, name: b}\n    path: patch.yaml\n",
        ),
        ("b/patch.yaml", "# newer\n- op: replace\n  path: /spec/chart/spec/version\n  value: 25.5.3\n"),
        ("c/release.yaml", &release.replace("NAME", "c")),
        (
            "c/kustomization.yaml",
            "resources: [release.yaml]\npatches:\n  - patch: |\n      apiVersion: helm.toolkit.fluxcd.io/v2\n      kind: HelmRelease\n      metadata: {name: c}\n      spec:\n        chart: {spec: {version: 25.5.3}}\n",
        ),
    ];
    write(folder.path(), &files);
    let found = json_of(folder.path(), &["releases", "-o", "json"]);
    let mut from: Vec<String> = found["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{}: {}", one["id"].as_str().unwrap(), one["versionFrom"].as_str().unwrap()))
        .collect();
    from.sort_unstable();
    assert_eq!(
        from,
        [
            "a/kustomization.yaml#a: `version` in `a/kustomization.yaml`, line 7",
            "b/kustomization.yaml#b: `version` in `b/patch.yaml`, line 4",
            "c/kustomization.yaml#c: `spec.chart.spec.version` in `c/kustomization.yaml`, line 8",
            "chart/Chart.yaml#redis: `version` in `chart/Chart.yaml`, line 10",
            "deploy.sh#shell: `--version` in `deploy.sh`, line 4",
            "main.tf#tf: `version` in `main.tf`, line 8",
            "old/Chart.yaml#redis: `version` in `old/requirements.yaml`, line 7",
        ]
    );
}

/// A file above a limit is not searched, and a note names the file and the limit.
#[test]
fn a_file_above_a_limit_has_a_note() {
    let folder = TempDir::new().unwrap();
    let resource =
        "resource \"helm_release\" \"t\" {\n  chart = \"oci://registry-1.docker.io/bitnamicharts/redis\"\n}\n";
    let items: String = (0..10_000).map(|at| format!("  k{at} = {at}\n")).collect();
    let comment = "# redis\n".repeat(200_000);
    write(
        folder.path(),
        &[
            ("redisgen.toml", ""),
            ("values.yaml", "architecture: standalone\n"),
            ("items.tf", &format!("{resource}locals {{\n{items}}}\n")),
            ("long.tf", &format!("{resource}{comment}")),
            ("long.sh", &format!("helm install r bitnami/redis\n{comment}")),
            ("other.sh", &format!("helm install n bitnami/nginx\n{}", comment.replace("redis", "nginx"))),
            ("huge.sh", &format!("helm install r bitnami/redis\n{}", comment.repeat(3))),
        ],
    );
    for args in [&["releases"][..], &["lint", "."]] {
        let output = run(folder.path(), args);
        let said = String::from_utf8(output.stderr).unwrap();
        let notes: Vec<&str> = said.lines().filter(|line| line.starts_with("note:")).collect();
        assert_eq!(
            notes,
            [
                "note: items.tf was not searched for releases: it has more than 10000 signs `=` and `:`",
                "note: long.sh was not searched for releases: it is larger than 1 MiB",
                "note: long.tf was not searched for releases: it is larger than 1 MiB",
                "note: huge.sh was not searched for releases: it is larger than 4 MiB",
            ],
            "{args:?}: {said}"
        );
        assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
    }
}

/// A password in `set_sensitive` is as readable in the file as one in `set`.
#[test]
fn a_literal_password_in_terraform_is_found_and_not_shown() {
    let folder = TempDir::new().unwrap();
    let release = "\
variable \"password\" { sensitive = true }
resource \"helm_release\" \"t\" {
  name    = \"t\"
  chart   = \"oci://registry-1.docker.io/bitnamicharts/redis\"
  version = \"25.5.3\"
  set_sensitive {
    name  = \"auth.password\"
    value = VALUE
  }
}
";
    let rules = ["--select", "plaintext-password", "main.tf"];
    write(folder.path(), &[("redisgen.toml", ""), ("main.tf", &release.replace("VALUE", "\"hunter2secret\""))]);
    let found = findings(folder.path(), &rules);
    assert_eq!(found, [json!({ "file": "main.tf", "line": 7, "rule": "plaintext-password" })]);
    let output = run(folder.path(), &[&["lint"], &rules[..]].concat());
    assert!(!String::from_utf8(output.stdout).unwrap().contains("hunter2"));
    write(folder.path(), &[("main.tf", &release.replace("VALUE", "var.password"))]);
    assert_eq!(findings(folder.path(), &rules), Vec::<Json>::new());
}

/// The messages of `migrate --bump --in-place` to 28.0.7.
fn bumped(folder: &Path, id: &str) -> String {
    let output = run(folder, &["migrate", id, "--to", "28.0.7", "--bump", "--in-place"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{said}");
    said
}

fn text_of(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Only the patch has the version of its release.
#[test]
fn the_version_of_a_patch_is_changed_and_that_of_the_base_is_not() {
    for case in ["flux-patch-inline", "flux-overlays"] {
        let folder = folder(case);
        let (base, overlay) = match case {
            "flux-overlays" => ("base/redis/release.yaml", "overlays/production/kustomization.yaml"),
            _ => ("base/release.yaml", "prod/kustomization.yaml"),
        };
        bumped(folder.path(), &format!("{overlay}#redis"));
        let base = text_of(folder.path(), base);
        assert!(!base.contains("28.0.7"), "{case}\n{base}");
        let overlay = text_of(folder.path(), overlay);
        assert!(overlay.contains("            version: 28.0.7\n"), "{case}\n{overlay}");
    }
    // A patch of operations has the version alone.
    let folder = folder("flux-patch-operations");
    let overlay = folder.path().join("prod/kustomization.yaml");
    let text = fs::read_to_string(&overlay).unwrap();
    let end = text.find("      - op: add").unwrap();
    fs::write(&overlay, &text[..end]).unwrap();
    bumped(folder.path(), "prod/kustomization.yaml#redis");
    assert_eq!(fs::read_to_string(&overlay).unwrap(), text[..end].replace("24.1.2", "28.0.7"));
    assert!(!text_of(folder.path(), "base/release.yaml").contains("28.0.7"));
}

/// The file with the version need not have values.
#[test]
fn the_version_in_a_file_without_values_is_changed() {
    let folder = TempDir::new().unwrap();
    let application = APPLICATION.replace("FILE", "values.yaml");
    let values = "architecture: standalone\n";
    write(folder.path(), &[("redisgen.toml", ""), ("app.yaml", &application), ("values.yaml", values)]);
    let said = bumped(folder.path(), "app.yaml#redis");
    assert!(said.contains("`app.yaml` has the new chart version"), "{said}");
    assert_eq!(text_of(folder.path(), "app.yaml"), application.replace("25.5.3", "28.0.7"));
    assert_eq!(text_of(folder.path(), "values.yaml"), values);
    // The values file alone is the whole release, too.
    write(folder.path(), &[("app.yaml", &application)]);
    bumped(folder.path(), "values.yaml");
    assert_eq!(text_of(folder.path(), "app.yaml"), application.replace("25.5.3", "28.0.7"));
}

#[test]
fn the_variable_with_the_version_is_changed() {
    let folder = folder("helmfile-variables");
    bumped(folder.path(), "helmfile.yaml.gotmpl#sessions");
    let environment = text_of(folder.path(), "envs/default.yaml");
    assert!(environment.contains("  version: 28.0.7\nqueue:\n  version: 25.5.3\n"), "{environment}");
    assert!(!text_of(folder.path(), "helmfile.yaml.gotmpl").contains("28.0.7"));
}

/// A version that no edit can change is named with its place.
#[test]
fn the_place_of_a_version_that_is_not_changed_is_named() {
    let folder = TempDir::new().unwrap();
    let script = "VERSION=25.5.3\nhelm upgrade --install redis oci://registry-1.docker.io/bitnamicharts/redis --version \"$VERSION\" -f values.yaml\n";
    let files = [("redisgen.toml", ""), ("deploy.sh", script), ("values.yaml", "architecture: standalone\n")];
    write(folder.path(), &files);
    let said = bumped(folder.path(), "deploy.sh#redis");
    let expected = "the chart version of `deploy.sh#redis` is in `deploy.sh`, line ";
    assert!(said.contains(expected) && said.contains("`--bump` cannot change"), "{said}");
    assert_eq!(text_of(folder.path(), "deploy.sh"), script);
}

/// The value of a variable counts like any other value.
#[test]
fn values_of_variables_are_checked() {
    let folder = folder("ansible-variables");
    let playbook = folder.path().join("playbooks/queue.yml");
    let text = fs::read_to_string(&playbook).unwrap().replace("mode: standalone", "mode: standalon");
    fs::write(&playbook, &text).unwrap();
    let found = findings(folder.path(), &["playbooks"]);
    assert_eq!(found, [json!({ "file": "playbooks/queue.yml", "line": 16, "rule": "value-out-of-set" })]);
    // A fix does not replace the variable.
    run(folder.path(), &["lint", "--fix", "--unsafe-fixes", "playbooks"]);
    assert_eq!(fs::read_to_string(&playbook).unwrap(), text);
}
