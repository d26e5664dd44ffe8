//! The catalogue, held against every chart that was measured: each is read as `redisgen chart import` reads it.
//!
//! `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each version; without it the test is ignored.
//! `REDISGEN_VERSIONS=28.0.6,28.0.7` chooses versions.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use libtest_mimic::Failed;
use redisgen::{
    chart::{self, Chart, Key, Knowledge, Release, import::Imported},
    yaml::Value,
};

use crate::{Check, support::Helm};

pub fn checks() -> Vec<Check> {
    let charts = env::var_os("REDISGEN_CHARTS");
    let ignored = charts.is_none();
    let folder = PathBuf::from(charts.unwrap_or_default());
    let [helm, _] = Helm::both();
    let no_helm = helm.is_err();
    vec![
        Check::new("every_chart_says_what_the_catalogue_says", {
            let folder = folder.clone();
            move || every(&folder)
        })
        .ignored_if(ignored),
        Check::new("every_chart_is_known_by_its_templates", {
            let folder = folder.clone();
            move || known_again(&folder)
        })
        .ignored_if(ignored),
        Check::new("a_restored_chart_renders_as_the_published_one", move || restored(&folder, &helm.unwrap()))
            .ignored_if(ignored || no_helm || !is_chosen(RESTORED)),
    ]
}

/// Whether a version is looked at: each one, or those of `REDISGEN_VERSIONS`.
fn is_chosen(version: &str) -> bool {
    env::var("REDISGEN_VERSIONS").map_or(true, |chosen| chosen.split(',').any(|one| one == version))
}

/// The versions whose whole chart was measured.
fn measured() -> impl DoubleEndedIterator<Item = Release> {
    let measured = chart::versions().filter(|release| release.knowledge == Knowledge::Measured);
    measured.filter(|release| is_chosen(&release.version.to_string()))
}

/// The version of a public render.
const RESTORED: &str = "25.5.3";

/// The annotations of the pods in a public render of `oci://registry-1.docker.io/bitnamicharts/redis:25.5.3`.
///
/// Source: confighub/helm-expt, `recipes/bitnami/redis/25.5.3/revisions/standalone/r001/rendered/release-objects.yaml`.
const PUBLISHED: [&str; 5] = [
    "checksum/configmap: 95944ee35a19af37cefd156f19d93e157e578c1dc63ac01ce735ae93090b7580",
    "checksum/health: a2fc61ae99390643dac0673ed97203805136d4460b2319e7beff10546c1e1140",
    "checksum/scripts: b4230d7912970032380858b68faf87b6171144b993066fe53c7a324fadf43b36",
    "checksum/secret: 1b06207570b460c8397883d7d7fcfe0de24bd49091f591a96c1e555dce639d27",
    "image: registry-1.docker.io/bitnami/redis:latest",
];

/// The public render and one of the chart that `tools/oracle/restore-published` makes of a mirror have the same
/// checksums and the same image.
fn restored(charts: &Path, helm: &Helm) -> Result<(), Failed> {
    let chart = charts.join(RESTORED).join("redis");
    let chart = chart.to_string_lossy();
    let password = "auth.password=confighub-redis-password";
    let output = helm.run(["template", "redis", &chart, "--namespace", "redis", "--set", password]);
    let manifests = String::from_utf8(output.stdout)?;
    for line in PUBLISHED {
        if !manifests.lines().any(|rendered| rendered.trim() == line) {
            return Err(format!("no `{line}` in the render\n{}", String::from_utf8_lossy(&output.stderr)).into());
        }
    }
    Ok(())
}

/// Charts, with `REDISGEN_MATRIX=full` each of them, under a number that nobody knows, from a mirror that has renamed the
/// library chart: its facts are those of a measured version with the same templates, by the digest of `versions.tsv`.
fn known_again(charts: &Path) -> Result<(), Failed> {
    let table = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/chart/data/versions.tsv"))?;
    let rows = table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect::<Vec<_>>());
    let digests: BTreeMap<&str, &str> = rows.map(|row| (row[0], row[10])).collect();
    let mut wrong = Vec::new();
    let step = if env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full") { 1 } else { 10 };
    for release in measured().rev().step_by(step) {
        let version = release.version.to_string();
        let mut files = Vec::new();
        let folder = charts.join(&version).join("redis");
        if !folder.is_dir() {
            wrong.push(format!("{} is missing", folder.display()));
            continue;
        }
        read_all(&folder, "", &mut files);
        let own = |files: &[(String, Vec<u8>)]| Imported::read(files).map_err(|e| format!("{version}: {e}"));
        if own(&files)?.is_measured_chart() != Some(true) {
            wrong.push(format!("{version} is not known again"));
        }
        for (path, bytes) in &mut files {
            *path = path.replace("charts/common/", "charts/mirrored/");
            if path == "Chart.yaml" {
                let text = String::from_utf8_lossy(bytes);
                *bytes = text.replace(&format!("version: {version}"), "version: 9999.0.0-mirror.r3").into_bytes();
            }
        }
        match own(&files)?.knowledge() {
            Knowledge::Recognised { measured }
                if digests[measured.to_string().as_str()] == digests[version.as_str()] => {}
            other => wrong.push(format!("{version} is taken for {other:?}")),
        }
        for (_, bytes) in files.iter_mut().filter(|(path, _)| path == "templates/_helpers.tpl") {
            bytes.push(b'\n');
        }
        if let other @ Knowledge::Recognised { .. } = own(&files)?.knowledge() {
            wrong.push(format!("{version} with a changed template is taken for {other:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn read_all(folder: &Path, above: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{above}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read_all(&entry.path(), &format!("{path}/"), files);
        } else {
            files.push((path, fs::read(entry.path()).unwrap()));
        }
    }
}

fn every(charts: &Path) -> Result<(), Failed> {
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for release in measured() {
        for difference in differences(charts, &release) {
            wrong.entry(difference).or_default().push(release.version.to_string());
        }
    }
    let wrong: Vec<String> = wrong.iter().map(|(what, versions)| format!("{what} ({})", versions.join(" "))).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Of a text of which only some lines are known, the digest tells whether it is the same.
fn same_default(own: &Key<'_>, known: &Key<'_>) -> bool {
    match own.default {
        Some(Value::String(text)) => known.is_default_text(text) && (known.text || own.default == known.default),
        own => own == known.default,
    }
}

/// Keys, types, defaults and images in which the files of the chart and the catalogue are not one.
fn differences(charts: &Path, release: &Release) -> Vec<String> {
    let folder = charts.join(release.version.to_string()).join("redis");
    if !folder.is_dir() {
        return vec![format!("`{}` has no such chart", charts.display())];
    }
    // Its own number is embedded: it is read as if it were one that nobody knows.
    let chart_yaml = fs::read_to_string(folder.join("Chart.yaml")).unwrap();
    let unknown = chart_yaml.replace(&format!("version: {}", release.version), "version: 9999.0.0");
    let mut files = vec![("Chart.yaml".to_owned(), unknown.into_bytes())];
    for name in ["values.yaml", "values.schema.json"] {
        files.extend(fs::read(folder.join(name)).ok().map(|bytes| (name.to_owned(), bytes)));
    }
    let own = match Imported::read(&files) {
        Ok(imported) => Chart::imported(imported),
        Err(e) => return vec![e.to_string()],
    };
    let known = Chart::at(&release.version).unwrap();
    let mut differences = Vec::new();
    if own.app_version() != known.app_version() {
        differences.push(format!("Redis {}, known as {}", own.app_version(), known.app_version()));
    }
    for key in known.keys().filter(|key| key.declared) {
        match own.key(key.path).filter(|own| own.declared) {
            None => differences.push(format!("{} is not declared", key.path)),
            Some(own) if own.kind != key.kind || !same_default(&own, &key) => differences.push(format!(
                "{} is {:?} {:?}, known as {:?} {:?}",
                key.path, own.kind, own.default, key.kind, key.default
            )),
            Some(_) => {}
        }
    }
    let unknown = own.keys().filter(|key| key.declared && known.key(key.path).is_none_or(|known| !known.declared));
    differences.extend(unknown.map(|key| format!("{} is not known", key.path)));
    for path in own.keys().map(|key| key.path).chain(known.keys().map(|key| key.path)) {
        if own.schema(path) != known.schema(path) {
            differences.push(format!(
                "the schema of {path} is {:?}, known as {:?}",
                own.schema(path),
                known.schema(path)
            ));
        }
    }
    let sorted = |chart: &Chart| {
        let mut images = chart.images().to_vec();
        images.sort_by(|a, b| a.path.cmp(&b.path));
        images
    };
    if sorted(&own) != sorted(&known) {
        differences.push("the images are others".to_owned());
    }
    differences
}
