//! `redisgen chart import` with charts that are fine and with archives that mean no good.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output},
};

use flate2::{Compression, write::GzEncoder};
use redisgen::chart::{newest, newest_measured};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

const CHART_YAML: &[u8] = b"name: redis\nversion: 99.0.1\nappVersion: 8.4.0\n";
const VALUES_YAML: &[u8] = b"architecture: replication\nmetrics:\n  enabled: true\nsentinel: {enabled: false}\nreplica: {replicaCount: 3}\nnovelty: 1\n";

/// An archive of members that may be anything.
struct Tgz(Builder<GzEncoder<Vec<u8>>>);

impl Tgz {
    fn new() -> Self {
        Self(Builder::new(GzEncoder::new(Vec::new(), Compression::fast())))
    }

    /// The files of a chart that is fine.
    fn chart() -> Self {
        Self::new().file("redis/Chart.yaml", CHART_YAML).file("redis/values.yaml", VALUES_YAML)
    }

    fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(name.as_bytes(), EntryType::Regular, content.len() as u64, content)
    }

    /// The name is written as it is, for the tar crate would refuse to write most of these.
    fn member(mut self, name: &[u8], kind: EntryType, size: u64, content: &[u8]) -> Self {
        let mut header = if kind == EntryType::GNULongName { Header::new_gnu() } else { Header::new_old() };
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(size);
        if kind == EntryType::Symlink || kind == EntryType::Link {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap().finish().unwrap()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A folder of its own for each test, with `data` for what is kept.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_redisgen"))
            .args(args)
            .current_dir(self.path())
            .env("REDISGEN_DATA_DIR", self.path().join("data"))
            .output()
            .unwrap()
    }

    fn import(&self, archive: &[u8]) -> Output {
        fs::write(self.path().join("chart.tgz"), archive).unwrap();
        self.run(&["chart", "import", "chart.tgz"])
    }

    /// Holds that this run was refused for this reason and wrote nothing; `name` is what it was asked to import.
    fn refused(&self, output: &Output, name: &str, reason: &str) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr.trim_end(), format!("error: `{name}` was not imported: {reason}"));
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        assert!(!self.path().join("data").exists(), "something was written");
    }
}

fn refused(archive: &[u8], reason: &str) {
    let home = Home::new();
    home.refused(&home.import(archive), "chart.tgz", reason);
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_archive_is_imported_and_listed() {
    let home = Home::new();
    let measured = newest_measured();
    let archive = Tgz::chart().file("redis/charts/common/Chart.yaml", b"name: common").bytes();
    let said = stdout(&home.import(&archive));
    assert!(
        said.starts_with(&format!(
            "imported chart 99.0.1, Redis 8.4.0\n1 key new, compared with chart {measured}:\n  novelty\n"
        )),
        "{said}"
    );
    assert!(
        said.contains(&format!("\n1 key with another default, compared with chart {measured}:\n  metrics.enabled\n")),
        "{said}"
    );
    assert!(said.contains(&format!("\nassumed from chart {measured}: ")), "{said}");
    let listed = stdout(&home.run(&["chart", "list", "99"]));
    assert_eq!(
        listed,
        format!(
            "VERSION     APP       PUBLISHED   LINE       KNOWN\n\
             99.0.1      8.4.0     -           -          imported; use of keys assumed from {measured}\n"
        )
    );
    assert_eq!(stdout(&home.run(&["chart", "list"])).lines().nth(1), listed.lines().nth(1));
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&home.run(&["chart", "list", "--output", "json"]))).unwrap();
    assert_eq!(
        (&json["charts"][0]["known"], &json["charts"][0]["assumed"]),
        (&"imported".into(), &measured.to_string().into())
    );
    let keys_only = json["charts"].as_array().unwrap().iter().find(|chart| chart["known"] == "keys-only").unwrap();
    assert_eq!((&keys_only["version"], &keys_only["assumed"]), (&"28.3.0".into(), &"28.0.7".into()));
    let kept: Vec<_> = fs::read_dir(home.path().join("data/charts")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(kept, ["redis-99.0.1.json"]);
    let again = stdout(&home.import(&archive));
    assert!(again.starts_with("imported chart 99.0.1 again, "), "{again}");
}

#[test]
fn an_imported_version_is_used_like_an_embedded_one() {
    let home = Home::new();
    let values = |wanted: &str| home.run(&["values", "--set", "novelty=2", "--chart-version", wanted]);
    let newest = newest();
    let warning = format!(
        "warning: chart version 99.0.0 is newer than {newest}, the newest known version: using the facts of chart \
         {newest}; import the chart with `redisgen chart import CHART.tgz`"
    );
    let before = values("99.0.0");
    assert_eq!(String::from_utf8_lossy(&before.stderr).lines().next(), Some(warning.as_str()));
    let strict = home.run(&["values", "--chart-version", "99.0.0", "--strict"]);
    assert_eq!(strict.status.code(), Some(2));
    for wanted in ["99", ">=99", "99.x"] {
        let none = values(wanted);
        assert_eq!(none.status.code(), Some(2));
        let said = String::from_utf8_lossy(&none.stderr).into_owned();
        assert!(said.starts_with(&format!("error: no known chart version matches `{wanted}`")), "{said}");
    }
    stdout(&home.import(&Tgz::chart().bytes()));
    for wanted in ["99", "99.0.1", ">=99"] {
        let after = values(wanted);
        assert!(!String::from_utf8_lossy(&after.stderr).contains("warning: chart version"));
        stdout(&after);
    }
    let newer = values("99.1.0");
    assert!(String::from_utf8_lossy(&newer.stderr).contains("using the facts of chart 99.0.1"));
}

#[test]
fn a_folder_is_imported() {
    let home = Home::new();
    let chart = home.path().join("redis");
    fs::create_dir(&chart).unwrap();
    fs::write(chart.join("Chart.yaml"), CHART_YAML).unwrap();
    fs::write(chart.join("values.yaml"), VALUES_YAML).unwrap();
    // A loop of folders is never walked.
    #[cfg(unix)]
    std::os::unix::fs::symlink(&chart, chart.join("loop")).unwrap();
    assert!(stdout(&home.run(&["chart", "import", "redis"])).starts_with("imported chart 99.0.1, "));
}

#[test]
fn a_version_that_is_known_stays_as_it_is() {
    let home = Home::new();
    let known = b"name: redis\nversion: 18.6.1\n";
    let archive = Tgz::new().file("redis/Chart.yaml", known).file("redis/values.yaml", b"a: 1").bytes();
    let said = stdout(&home.import(&archive));
    assert_eq!(said, "chart 18.6.1 is already known and measured: nothing was imported\n");
    assert!(!home.path().join("data").exists());
}

/// A chart with a template, a library chart, and the annotation that the template reads.
fn whole_chart() -> Tgz {
    let annotated = [CHART_YAML, b"annotations: {fips: 'true'}\n"].concat();
    Tgz::new()
        .file("redis/Chart.yaml", &annotated)
        .file("redis/values.yaml", VALUES_YAML)
        .file("redis/templates/service.yaml", b"a: {{ .Chart.Annotations.fips }}\n")
        .file("redis/charts/common/templates/_names.tpl", b"names\n")
}

#[test]
fn why_facts_are_assumed_is_said() {
    let report = |tgz: Tgz| stdout(&Home::new().import(&tgz.bytes()));
    let said = report(whole_chart());
    assert!(said.contains(&format!("\nassumed from chart {}: ", newest_measured())), "{said}");
    assert!(
        said.contains(
            "\nnot measured: no measured version has the same templates. Use `--measure` to measure the chart\n"
        ),
        "{said}"
    );
    assert!(said.contains("\nto use it: `--chart-version 99.0.1`, or `chart-version = \"99.0.1\"` in "), "{said}");
    assert!(report(Tgz::chart()).contains("\nnot measured: the chart has no templates\n"));
    let without_library = report(Tgz::chart().file("redis/templates/a.yaml", b"a: 1"));
    assert!(without_library.contains("run `helm dependency build`"), "{without_library}");
}

/// Gives what is kept of the imported chart the templates of a measured version, by the digest of the catalogue.
fn give_templates_of(home: &Home, version: &str) {
    let table = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/chart/data/versions.tsv")).unwrap();
    let row = table.lines().find(|line| line.starts_with(&format!("{version}\t"))).unwrap();
    let digest = u64::from_str_radix(row.split('\t').nth(10).unwrap(), 16).unwrap();
    let kept = home.path().join("data/charts/redis-99.0.1.json");
    let mut json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&kept).unwrap()).unwrap();
    assert!(json["templates"].is_u64(), "{json}");
    json["templates"] = digest.into();
    fs::write(kept, json.to_string()).unwrap();
}

#[test]
fn a_chart_with_measured_templates_is_known_as_measured() {
    let home = Home::new();
    stdout(&home.import(&whole_chart().bytes()));
    give_templates_of(&home, "28.0.7");
    assert_eq!(
        stdout(&home.run(&["chart", "list", "99"])).lines().nth(1),
        Some(
            "99.0.1      8.4.0     -           -          imported; measured, as 28.0.7, which has the same templates"
        )
    );
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&home.run(&["chart", "list", "99", "--output", "json"]))).unwrap();
    let (known, facts, assumed) =
        (&json["charts"][0]["known"], &json["charts"][0]["factsOf"], &json["charts"][0]["assumed"]);
    assert_eq!((known, facts, assumed), (&"measured".into(), &"28.0.7".into(), &serde_json::Value::Null));
    let values = home.run(&["values", "--chart-version", "99.0.1", "--existing-secret", "s"]);
    let head = "# imported chart: own keys and defaults, facts of chart 28.0.7, which has the same templates\n";
    assert!(stdout(&values).contains(head), "{}", stdout(&values));
    assert!(!String::from_utf8_lossy(&values.stderr).contains("99.0.1"));
    let explained = home.run(&["explain", "novelty", "--chart-version", "99.0.1", "--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&explained)).unwrap();
    assert_eq!(json["assumed"], serde_json::Value::Null);
}

#[test]
fn the_archive_of_the_library_chart_is_read() {
    let library =
        Tgz::new().file("common/Chart.yaml", b"name: common\n").file("common/templates/_names.tpl", b"names\n");
    let kept = |tgz: Tgz| {
        let home = Home::new();
        stdout(&home.import(&tgz.bytes()));
        fs::read_to_string(home.path().join("data/charts/redis-99.0.1.json")).unwrap()
    };
    let packed = |name: &str, bytes: &[u8]| {
        let annotated = [CHART_YAML, b"annotations: {fips: 'true'}\n"].concat();
        Tgz::new()
            .file("redis/Chart.yaml", &annotated)
            .file("redis/values.yaml", VALUES_YAML)
            .file("redis/templates/service.yaml", b"a: {{ .Chart.Annotations.fips }}\n")
            .file(name, bytes)
    };
    let library = library.bytes();
    assert_eq!(kept(packed("redis/charts/common-2.41.0.tgz", &library)), kept(whole_chart()));
    let hostile = Tgz::new().member(b"common/x", EntryType::Symlink, 0, b"").bytes();
    refused(
        &packed("redis/charts/common.tgz", &hostile).bytes(),
        "member `charts/common.tgz` is an unreadable archive: member `common/x` is a link: expected only \
         files and folders",
    );
    // One limit for all that is unpacked.
    let large = vec![b'#'; 5 << 20];
    let bomb = (0..6).fold(Tgz::new(), |tgz, at| tgz.file(&format!("common/{at}"), &large)).bytes();
    let bombs = (0..2).fold(Tgz::chart(), |tgz, at| tgz.file(&format!("redis/charts/{at}.tgz"), &bomb));
    refused(
        &bombs.bytes(),
        "member `charts/1.tgz` is an unreadable archive: found more than 50 MB after unpacking: too much for a chart",
    );
}

#[test]
fn a_folder_is_known_like_its_archive() {
    let (home, other) = (Home::new(), Home::new());
    stdout(&home.import(&whole_chart().bytes()));
    let chart = other.path().join("redis");
    for (path, text) in [
        ("Chart.yaml", [CHART_YAML, b"annotations: {fips: 'true'}\n"].concat()),
        ("values.yaml", VALUES_YAML.to_vec()),
        ("templates/service.yaml", b"a: {{ .Chart.Annotations.fips }}\n".to_vec()),
        ("charts/common/templates/_names.tpl", b"names\n".to_vec()),
    ] {
        fs::create_dir_all(chart.join(path).parent().unwrap()).unwrap();
        fs::write(chart.join(path), text).unwrap();
    }
    stdout(&other.run(&["chart", "import", "redis"]));
    let kept = |home: &Home| fs::read_to_string(home.path().join("data/charts/redis-99.0.1.json")).unwrap();
    assert_eq!(kept(&home), kept(&other));
}

#[test]
fn another_chart_with_the_number_of_a_measured_one_is_told() {
    let home = Home::new();
    let import = |version: &str| {
        let chart = format!("name: redis\nversion: {version}\n");
        let tgz = Tgz::new()
            .file("redis/Chart.yaml", chart.as_bytes())
            .file("redis/values.yaml", VALUES_YAML)
            .file("redis/templates/a.yaml", b"a: 1");
        home.import(&tgz.bytes())
    };
    for (version, whose) in [("18.6.1", ""), ("23.1.1", " of git")] {
        let output = import(version);
        assert!(stdout(&output).ends_with("nothing was imported\n"));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let warning =
            format!("warning: the templates of this chart {version} differ from the measured templates{whose}: ");
        assert!(stderr.starts_with(&warning), "{stderr}");
    }
}

#[test]
fn imported_versions_are_removed() {
    let home = Home::new();
    let refused = |versions: &[&str], errors: &[&str]| {
        let output = home.run(&[&["chart", "remove"], versions].concat());
        let errors: String = errors.iter().map(|error| format!("error: {error}\n")).collect();
        assert_eq!(String::from_utf8_lossy(&output.stderr), errors);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    };
    refused(&["99.0.1"], &["chart 99.0.1 was not imported, and neither was any other version"]);
    let embedded = "is built in, and only imported versions can be removed";
    refused(&["28.0.7"], &[&format!("chart 28.0.7 {embedded}")]);
    stdout(&home.import(&Tgz::chart().bytes()));
    // All or none.
    refused(
        &["99.0.1", "98.0.0", "28.3.0"],
        &[&format!("chart 28.3.0 {embedded}"), "chart 98.0.0 was not imported: imported versions are 99.0.1"],
    );
    assert_eq!(stdout(&home.run(&["chart", "list", "99"])).lines().count(), 2);
    assert_eq!(stdout(&home.run(&["chart", "remove", "99.0.1"])), "removed chart 99.0.1\n");
    assert_eq!(fs::read_dir(home.path().join("data/charts")).unwrap().count(), 0);
    refused(&["99.0.1"], &["chart 99.0.1 was not imported, and neither was any other version"]);
    for wanted in ["99", "latest", "../x"] {
        let output = home.run(&["chart", "remove", wanted]);
        assert_eq!(output.status.code(), Some(2), "{wanted}");
    }
    // A broken file is no reason to keep it.
    fs::write(home.path().join("data/charts/redis-99.0.1.json"), "{").unwrap();
    stdout(&home.run(&["chart", "remove", "99.0.1"]));
}

#[test]
fn a_version_of_a_mirror_keeps_the_columns() {
    let home = Home::new();
    let chart = b"name: redis\nversion: 28.0.7-mirror.r3\nappVersion: 8.10.1\n";
    stdout(&home.import(&Tgz::new().file("redis/Chart.yaml", chart).file("redis/values.yaml", VALUES_YAML).bytes()));
    let listed = stdout(&home.run(&["chart", "list"]));
    let at = listed.find("KNOWN").unwrap();
    for line in listed.lines().filter(|line| line.starts_with("28.0")) {
        assert!(line[..at].ends_with("  ") && !line[at..].starts_with(' '), "{line}");
    }
    // It is neither the newest nor one that the beginning of a version means.
    let values = stdout(&home.run(&["values", "--chart-version", "28.0", "--existing-secret", "s"]));
    assert!(values.contains("# chart redis 28.0.7, "), "{values}");
}

#[test]
fn an_import_changes_nothing_that_does_not_name_it() {
    let home = Home::new();
    let chart = b"name: redis\nversion: 28.9.9\nappVersion: 9.9.9\n";
    let archive = Tgz::new().file("redis/Chart.yaml", chart).file("redis/values.yaml", VALUES_YAML).bytes();
    let commands: [&[&str]; 7] = [
        &["values"],
        &["values", "--chart-version", "28"],
        &["values", "--chart-version", ">=28"],
        &["command"],
        &["values", "--chart-version", "28.3"],
        &["explain", "auth.enabled"],
        &["lint", "values.yaml"],
    ];
    fs::write(home.path().join("values.yaml"), "architecture: replication\nauth: {existingSecret: s}\n").unwrap();
    let run = || commands.map(|command| (home.run(command).stdout, home.run(command).stderr));
    let before = run();
    stdout(&home.import(&archive));
    assert_eq!(run(), before);
    assert!(stdout(&home.run(&["values", "--chart-version", "28.9.9"])).contains("# chart redis 28.9.9"));
}

#[test]
fn the_chart_version_of_a_project_is_the_default() {
    let home = Home::new();
    let config = |text: &str| fs::write(home.path().join("redisgen.toml"), text).unwrap();
    let version = |args: &[&str]| {
        let out = stdout(&home.run(args));
        let head = out.lines().find_map(|line| line.strip_prefix("# chart redis ")).unwrap_or(&out).to_owned();
        head.split(',').next().unwrap().to_owned()
    };
    let with_secret = ["values", "--existing-secret", "s"];
    config("chart-version = \"25.5.3\"\n");
    assert_eq!(version(&with_secret), "25.5.3");
    assert!(stdout(&home.run(&["values"])).contains("--chart-version 25.5.3\n"));
    assert!(stdout(&home.run(&["command", "--existing-secret", "s"])).contains("--version 25.5.3"));
    let below = home.path().join("deep/er");
    fs::create_dir_all(&below).unwrap();
    // A flag and a profile win.
    assert_eq!(version(&[&with_secret[..], &["--chart-version", "18.6.1"]].concat()), "18.6.1");
    fs::write(home.path().join("own.yaml"), "description: own\nchart-version: 22.0.7\n").unwrap();
    assert_eq!(version(&[&with_secret[..], &["--profile", "./own.yaml"]].concat()), "22.0.7");
    // The keys of a file decide the version if nothing else does.
    fs::write(home.path().join("values.yaml"), "architecture: replication\nauth: {existingSecret: s}\n").unwrap();
    let told = stdout(&home.run(&["lint", "values.yaml", "--explain-version"]));
    assert!(told.starts_with("`values.yaml`: chart redis 25.5.3\n  from redisgen.toml\n"), "{told}");
    fs::write(home.path().join("told.yaml"), "# redisgen: chart redis 18.6.1\narchitecture: standalone\n").unwrap();
    assert!(stdout(&home.run(&["lint", "told.yaml", "--explain-version"])).contains("chart redis 18.6.1\n"));
    // Values of another chart stay what they are.
    fs::write(home.path().join("other.yaml"), "replicaCount: 1\nweb: {port: 80}\n").unwrap();
    assert!(!stdout(&home.run(&["lint", "other.yaml", "--explain-version"])).contains("chart redis"));
    let migrated = home.run(&["migrate", "told.yaml"]);
    assert!(String::from_utf8_lossy(&migrated.stderr).contains("25.5.3"), "{migrated:?}");
    assert!(stdout(&migrated).starts_with("# redisgen: chart redis 25.5.3\n"));
    fs::remove_file(home.path().join("redisgen.toml")).unwrap();
    let migrated = home.run(&["migrate", "told.yaml"]);
    assert_eq!(
        String::from_utf8_lossy(&migrated.stderr),
        "error: missing `--to <VERSION>`: expected the new chart version, also possible as `chart-version` in redisgen.toml\n"
    );
    assert_eq!(migrated.status.code(), Some(2));
}

#[test]
fn a_colleague_without_the_import_hears_of_it() {
    let (home, colleague) = (Home::new(), Home::new());
    let all: [&[&str]; 3] = [&["values"], &["command"], &["migrate", "values.yaml"]];
    for home in [&home, &colleague] {
        fs::write(home.path().join("redisgen.toml"), "chart-version = \"99.0.1\"\n").unwrap();
        fs::write(home.path().join("values.yaml"), "# redisgen: chart redis 22.0.7\nauth: {existingSecret: s}\n")
            .unwrap();
    }
    stdout(&home.import(&Tgz::chart().bytes()));
    for args in all {
        assert_ne!(home.run(args).status.code(), Some(2), "{args:?}");
        let output = colleague.run(&[args, &["--quiet"]].concat());
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "error: `chart-version` in redisgen.toml: unknown chart version 99.0.1. Import the chart: \
             `redisgen chart import 99.0.1`\n"
        );
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    }
    // A flag allows assumed facts.
    let guessed = colleague.run(&["values", "--chart-version", "99.0.1"]);
    assert!(String::from_utf8_lossy(&guessed.stderr).starts_with("warning: chart version 99.0.1 is newer "));
    fs::write(colleague.path().join("redisgen.toml"), "chart-version = \"99\"\n").unwrap();
    let output = colleague.run(&["values"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.starts_with("error: `chart-version` in redisgen.toml: no known chart version matches `99`"),
        "{stderr}"
    );
}

#[test]
fn lint_is_soft_where_facts_are_borrowed() {
    let home = Home::new();
    let newest = newest();
    let values = "auth: {existingSecret: s}\nnovelty: 1\nmaster: {service: {novelty: 1}}\ncommonConfiguration: maxmemory 100mb\n";
    fs::write(home.path().join("values.yaml"), values).unwrap();
    let lint = |args: &[&str]| home.run(&[&["lint", "values.yaml"], args].concat());
    let unknown = lint(&["--chart-version", "99.0.1"]);
    assert_eq!(unknown.status.code(), Some(0));
    let report = String::from_utf8_lossy(&unknown.stdout).into_owned();
    assert!(report.contains("warning[unknown-key]") && !report.contains("error"), "{report}");
    assert!(report.contains(&format!("unknown key `novelty` (chart {newest})")), "{report}");
    let borrowed = format!("chart 99.0.1 is not known: this finding uses facts of chart {newest}");
    assert!(report.contains(&borrowed), "{report}");
    let talk = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(talk.contains(&format!("using the facts of chart {newest}")), "{talk}");
    assert!(talk.contains("2 findings depend on facts of another chart version"), "{talk}");
    // Who asks for it gets it.
    assert_eq!(lint(&["--chart-version", "99.0.1", "--fail-on", "warning"]).status.code(), Some(1));
    assert_eq!(lint(&["--chart-version", "99.0.1", "--fail-on", "error"]).status.code(), Some(0));
    let config = home.path().join("redisgen.toml");
    fs::write(&config, "[rules]\nunknown-key = \"error\"\n").unwrap();
    assert_eq!(lint(&["--chart-version", "99.0.1"]).status.code(), Some(1));
    fs::write(&config, "[lint]\nfail-on = \"warning\"\n").unwrap();
    assert_eq!(lint(&["--chart-version", "99.0.1"]).status.code(), Some(1));
    fs::remove_file(&config).unwrap();
    // A version with a known number alone has assumed facts.
    for version in ["26.0.0", "26.1.3"] {
        let output = lint(&["--chart-version", version]);
        assert_eq!(output.status.code(), Some(0), "{version}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("error"), "{version}");
    }
    // What is known is judged as ever.
    for version in ["28.0.7", "27.0.9"] {
        let output = lint(&["--chart-version", version]);
        assert_eq!(output.status.code(), Some(1), "{version}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("error[unknown-key]"), "{version}");
    }
    // Of an imported chart the keys are known, and what its templates do is not.
    stdout(&home.import(&Tgz::chart().bytes()));
    let output = lint(&["--chart-version", "99.0.1"]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(report.contains("error[unknown-key]: unknown key `auth` (chart 99.0.1)"), "{report}");
    assert!(!report.contains("unknown key `novelty`"), "{report}");
    fs::write(home.path().join("values.yaml"), "auth: {existingSecret: s}\nsentinel: {quorum: 3}\nnovelty: 1\n")
        .unwrap();
    let json = lint(&["--chart-version", "28.3.0", "--output", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let found = json["files"][0]["findings"].as_array().unwrap();
    let dead = found.iter().find(|found| found["rule"] == "dead-key").unwrap();
    let stranger = found.iter().find(|found| found["rule"] == "unknown-key").unwrap();
    assert_eq!((&dead["factsOf"], &stranger["factsOf"]), (&"28.0.7".into(), &serde_json::Value::Null));
    assert_eq!((&dead["severity"], &stranger["severity"]), (&"warning".into(), &"error".into()));
}

#[test]
fn no_fix_of_a_borrowed_finding_is_safe() {
    let home = Home::new();
    let values = "auth: {existingSecret: s}\nslave: {podLabels: {a: b}}\nsentinel: {enabled: true, externalAccess: {service: {loadBalancerIP: [10.0.0.1]}}}\n";
    fs::write(home.path().join("values.yaml"), values).unwrap();
    let fix = |version: &str| home.run(&["lint", "values.yaml", "--chart-version", version, "--fix", "--diff"]);
    assert!(String::from_utf8_lossy(&fix("28.0.7").stdout).contains("+"));
    let output = fix("99.0.1");
    assert_eq!(
        (output.stdout.len(), output.status.code()),
        (0, Some(0)),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn a_broken_file_of_the_data_folder_hides_no_other_version() {
    let home = Home::new();
    stdout(&home.import(&Tgz::chart().bytes()));
    let kept = home.path().join("data/charts");
    fs::write(kept.join("redis-98.0.0.json"), "{").unwrap();
    fs::write(kept.join("notes.txt"), "").unwrap();
    let output = home.run(&["chart", "list", "99"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("import the chart again"));
    assert!(stdout(&output).contains("\n99.0.1 "));
}

#[test]
fn members_outside_of_the_chart_are_refused() {
    for name in [
        "../values.yaml",
        "redis/../../values.yaml",
        "redis/..",
        "/etc/cron.d/redis",
        r"redis\..\..\values.yaml",
        "C:/values.yaml",
    ] {
        let reason = format!("member `{}` has a path outside of the chart", name.escape_debug());
        refused(&Tgz::chart().file(name, b"a: 1").bytes(), &reason);
    }
}

#[test]
fn links_and_devices_are_refused() {
    let kinds = [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::new(b'V'), "of an unknown kind"),
    ];
    for (kind, what) in kinds {
        // Wherever it lies and whatever it is called.
        for name in ["redis/values.yaml", "redis/templates/deeper/x"] {
            let archive = Tgz::chart().member(name.as_bytes(), kind, 0, b"").bytes();
            refused(&archive, &format!("member `{name}` is {what}: expected only files and folders"));
        }
    }
}

#[test]
fn large_members_and_bombs_are_refused() {
    let large = vec![b'#'; 6 << 20];
    let reason = "member `redis/values.yaml` is larger than 5 MB: too large for a chart";
    refused(&Tgz::new().file("redis/values.yaml", &large).bytes(), reason);
    // The size that is claimed counts before anything of it is read.
    let claimed = Tgz::new().member(b"redis/values.yaml", EntryType::Regular, 7 << 30, b"a: 1").bytes();
    refused(&claimed, reason);
    let bomb = (0..12).fold(Tgz::chart(), |tgz, at| tgz.file(&format!("redis/{at}"), &large[..5 << 20]));
    refused(&bomb.bytes(), "found more than 50 MB after unpacking: too much for a chart");
    // A name without an end.
    let name = vec![b'a'; 60 << 20];
    let named = Tgz::new().member(b"././@LongLink", EntryType::GNULongName, name.len() as u64, &name);
    refused(&named.file("x", b"").bytes(), "found more than 50 MB after unpacking: too much for a chart");
    let many = (0..10_001).fold(Tgz::chart(), |tgz, at| tgz.file(&format!("redis/{at}"), b""));
    refused(&many.bytes(), "found more than 10000 members: too many for a chart");
}

#[test]
fn what_is_no_archive_is_refused() {
    refused(b"", "not a gzip archive: expected a `.tgz` of `helm pull`");
    refused(b"name: redis\n", "not a gzip archive: expected a `.tgz` of `helm pull`");
    refused(&gzip(b""), "missing `Chart.yaml`: expected a Helm chart");
    let reason = |archive: &[u8]| {
        let home = Home::new();
        let output = home.import(archive);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("not a complete tar archive: "), "{stderr}");
        assert!(!home.path().join("data").exists());
    };
    reason(&gzip(&[b'x'; 4096]));
    // An archive in an archive is one too many.
    reason(&gzip(&Tgz::chart().bytes()));
    reason(&[0x1f, 0x8b]);
    let whole = Tgz::chart().bytes();
    reason(&whole[..whole.len() / 2]);
}

#[test]
fn what_is_no_redis_chart_is_refused() {
    let values = || Tgz::new().file("redis/values.yaml", VALUES_YAML);
    refused(&values().bytes(), "missing `Chart.yaml`: expected a Helm chart");
    refused(&Tgz::new().file("redis/Chart.yaml", CHART_YAML).bytes(), "missing `values.yaml`: expected a Helm chart");
    for name in ["valkey", "redis-cluster", "mysql", "Redis"] {
        refused(
            &values().file("redis/Chart.yaml", format!("name: {name}\nversion: 1.0.0").as_bytes()).bytes(),
            &format!("found the chart `{name}`: expected the chart `redis`"),
        );
    }
    refused(
        &values().file("redis/Chart.yaml", b"name: redis\nversion: '24'").bytes(),
        "the version `24` of the chart is not a semantic version such as `24.0.1`",
    );
    refused(
        &values().file("redis/Chart.yaml", b"name: redis\nversion: 10.5.0").bytes(),
        "chart version 10.5.0 is older than 10.5.6, the oldest known version",
    );
    let chart = || Tgz::new().file("redis/Chart.yaml", CHART_YAML);
    refused(&chart().file("redis/values.yaml", b"\xff\xfe").bytes(), "`values.yaml` is not UTF-8 text");
    // Only the files of the chart itself count, not those of other charts in the archive.
    let nested = Tgz::new().file("redis/a/Chart.yaml", CHART_YAML).file("redis/a/values.yaml", VALUES_YAML);
    refused(&nested.bytes(), "missing `Chart.yaml`: expected a Helm chart");
    let flat = Tgz::new().file("Chart.yaml", CHART_YAML);
    refused(&flat.bytes(), "missing `Chart.yaml`: expected a Helm chart");
    refused(
        &chart().file("other/values.yaml", VALUES_YAML).bytes(),
        "found the top folders `redis` and `other`: expected one chart",
    );
    refused(&Tgz::chart().file("redis/./values.yaml", b"").bytes(), "member `redis/./values.yaml` exists twice");
    refused(
        &Tgz::chart().member(b"redis/\xff", EntryType::Regular, 0, b"").bytes(),
        r"member `redis/\xff` has a name that is not UTF-8",
    );
    refused(
        &Tgz::chart().file("redis/\x1b[2Jx/..", b"").bytes(),
        r"member `redis/\u{1b}[2Jx/..` has a path outside of the chart",
    );
}

#[test]
fn values_that_are_no_map_are_refused() {
    for values in ["- a\n", "text", "a: [1\n", "a: 1\n b: 2\n", "a: !!binary x\n\tb: 1"] {
        let home = Home::new();
        let archive = Tgz::new().file("redis/Chart.yaml", CHART_YAML).file("redis/values.yaml", values.as_bytes());
        let output = home.import(&archive.bytes());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{values:?}: {stderr}");
        assert!(stderr.contains("cannot read `values.yaml`: "), "{values:?}: {stderr}");
        assert!(!home.path().join("data").exists());
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let home = Home::new();
    let output = home.run(&["chart", "import", "nowhere"]);
    home.refused(&output, "nowhere", "file not found");
    fs::create_dir(home.path().join("empty")).unwrap();
    let output = home.run(&["chart", "import", "empty"]);
    home.refused(&output, "empty", "missing `Chart.yaml`: expected a Helm chart");
}

#[cfg(unix)]
#[test]
fn folders_with_links_and_devices_are_refused() {
    use std::os::unix::fs::symlink;

    let home = Home::new();
    let chart = home.path().join("redis");
    fs::create_dir(&chart).unwrap();
    symlink("/etc/passwd", chart.join("Chart.yaml")).unwrap();
    let output = home.run(&["chart", "import", "redis"]);
    home.refused(&output, "redis", "`Chart.yaml` is a link, possibly to a file outside of the chart: expected a file");
    fs::remove_file(chart.join("Chart.yaml")).unwrap();
    fs::create_dir(chart.join("Chart.yaml")).unwrap();
    let output = home.run(&["chart", "import", "redis"]);
    home.refused(&output, "redis", "`Chart.yaml` is not a file");
    let output = home.run(&["chart", "import", "/dev/zero"]);
    home.refused(&output, "/dev/zero", "neither a file nor a folder");
    symlink("b", home.path().join("a")).unwrap();
    symlink("a", home.path().join("b")).unwrap();
    let output = home.run(&["chart", "import", "a"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let home = Home::new();
    fs::write(home.path().join("data"), "in the way").unwrap();
    let output = home.import(&Tgz::chart().bytes());
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("cannot create the folder"), "{stderr}");
    assert_eq!(fs::read_to_string(home.path().join("data")).unwrap(), "in the way");
}
