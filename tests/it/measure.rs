//! `chart import --measure` against what the catalogue knows.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

use redisgen::{
    chart::{Chart, Topology, Verdict, condition, import::Imported},
    commands::chart::{folder, measure},
};
use semver::Version;

use crate::support::Helm;

/// The versions that are measured, each with the one whose answers are tried.
const PAIRS: &str =
    "28.0.7=23.1.1 28.0.7=25.5.3 25.5.3=23.1.1 24.1.2=23.1.1 23.1.1=22.0.7 17.0.0=16.13.2 11.0.4=10.9.0";

#[test]
fn a_version_measured_on_the_spot_is_as_the_catalogue_has_it() {
    let Some(charts) = env::var_os("REDISGEN_CHARTS") else { return };
    let pairs = env::var("REDISGEN_MEASURE").unwrap_or_else(|_| PAIRS.to_owned());
    let major: u8 = env::var("REDISGEN_HELM").map_or(3, |major| major.parse().unwrap());
    let helm = Helm::both().into_iter().flatten().find(|helm| helm.major == major).unwrap();
    let mut bad = Vec::new();
    for pair in pairs.split_whitespace() {
        let (version, base) = pair.split_once('=').unwrap();
        let (version, base): (Version, Version) = (version.parse().unwrap(), base.parse().unwrap());
        let started = Instant::now();
        let files = folder::read(&Path::new(&charts).join(version.to_string()).join("redis")).unwrap();
        let own = Imported::read(&files).unwrap();
        let (base, embedded) = (Chart::at(&base).unwrap(), Chart::at(&version).unwrap());
        let own = Chart::imported(own);
        let measured = measure::measure(files, &own, &base, helm.path(), &mut io::stderr()).unwrap();
        let (mut all, mut same, mut verdicts) = (0, 0, 0);
        for key in embedded.keys().filter(|key| !key.declared || key.default.is_some()) {
            for topology in Topology::ALL {
                let known = embedded.read(key.path, topology);
                let Some(found) = measured.read(key.path, topology) else {
                    // A key that only this version has beside its values cannot be found.
                    println!("{version} {topology} {}: not asked; {:?} {}", key.path, known.verdict, known.switches);
                    continue;
                };
                all += 1;
                if found.verdict == known.verdict {
                    verdicts += 1;
                }
                let is_same = found.verdict == known.verdict
                    && (known.verdict != Verdict::Read || alike(known.switches, found.switches));
                if is_same {
                    same += 1;
                } else {
                    println!(
                        "{version} {topology} {}: catalogue {:?} {}; measured {:?} {}",
                        key.path, known.verdict, known.switches, found.verdict, found.switches
                    );
                }
            }
        }
        let share = |part: i32| f64::from(part) * 100.0 / f64::from(all);
        println!(
            "{version} by {}: {same} of {all} the same ({:.2} %), verdict {:.2} %, {:.0} s",
            base.version(),
            share(same),
            share(verdicts),
            started.elapsed().as_secs_f64()
        );
        if share(same) < 99.0 {
            bad.push(pair);
        }
    }
    assert!(bad.is_empty(), "{bad:?}");
}

/// Whether two conditions have the same terms.
fn alike(a: &str, b: &str) -> bool {
    let terms = |switches: &'static str| condition::terms(switches);
    let sorted = |switches: &str| {
        let mut terms: Vec<String> = terms(switches.to_owned().leak()).map(|term| format!("{term:?}")).collect();
        terms.sort();
        terms
    };
    sorted(a) == sorted(b)
}

/// The expected verdict and switches of each key of the test chart, by topology.
const OWN: [(&str, [&str; 3]); 17] = [
    ("plain", ["read"; 3]),
    ("dead", ["dead"; 3]),
    ("gate.enabled", ["read"; 3]),
    ("gate.text", ["read gate.enabled=true"; 3]),
    ("lock.enabled", ["read"; 3]),
    ("lock.text", ["read lock.enabled=true"; 3]),
    ("gates.text", ["read gate.enabled=true & lock.enabled=true"; 3]),
    ("onlySentinel", ["dead", "dead", "read"]),
    ("notStandalone", ["dead", "read", "read"]),
    ("wholeMap", ["read"; 3]),
    ("items", ["read"; 3]),
    ("templated", ["read"; 3]),
    ("encoded", ["read"; 3]),
    ("byName", ["read"; 3]),
    ("global.word", ["read"; 3]),
    ("size", ["error"; 3]),
    ("hint", ["notes"; 3]),
];

/// Keys that a topology does not read, or that are only read by the text after an install or by a failure. The search
/// for their effect goes through all setups, which takes a Helm most of its time.
const SEARCHED: [&str; 5] = ["dead", "onlySentinel", "notStandalone", "size", "hint"];

/// The newest Helm measures the whole chart, the other one a chart without the keys that take long.
/// `REDISGEN_MATRIX=full` has both measure the whole.
#[test]
fn a_small_chart_is_measured_by_each_helm() {
    let full = env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let helms: Vec<Helm> = Helm::both().into_iter().flatten().collect();
    for (at, helm) in helms.iter().enumerate() {
        let whole = full || at + 1 == helms.len();
        let home = Home::new();
        helm.link(&home.path().join("bin/helm"));
        let output = home.import(&if whole { chart() } else { without_long_searches(&home) });
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("\nmeasured: the use of "), "{said}");
        let kept = fs::read(home.path().join("data/charts/redis-99.0.1.json")).unwrap();
        let imported: Imported = serde_json::from_slice(&kept).unwrap();
        let chart = Chart::imported(imported);
        for (key, expected) in OWN.into_iter().filter(|(key, _)| whole || !SEARCHED.contains(key)) {
            for (topology, expected) in Topology::ALL.into_iter().zip(expected) {
                let read = chart.read(key, topology);
                let verdict = match read.verdict {
                    Verdict::Read => "read",
                    Verdict::Notes => "notes",
                    Verdict::Error => "error",
                    _ => "dead",
                };
                let found = format!("{verdict} {}", read.switches);
                assert_eq!(found.trim_end(), expected, "Helm {}, {topology}, {key}", helm.major);
            }
        }
        let listed = home.run(&["chart", "list", "99"]);
        assert!(String::from_utf8_lossy(&listed.stdout).contains("use of keys measured here"), "{listed:?}");
    }
}

/// The chart without the keys of `SEARCHED`, and without the parts of its templates that read them.
fn without_long_searches(home: &Home) -> PathBuf {
    home.chart(|path, text| {
        let mut kept = String::new();
        // A part that begins with a condition and reads such a key goes as a whole.
        let mut part = String::new();
        for line in text.split_inclusive('\n') {
            let is_own =
                path.starts_with("templates") || !SEARCHED.iter().any(|key| line.starts_with(&format!("{key}:")));
            part.push_str(if is_own { line } else { "" });
            let opens = part.matches("{{- if ").count() + part.matches("{{- with ").count();
            if part.matches("{{- end }}").count() >= opens {
                let goes = SEARCHED.iter().any(|key| part.contains(&format!(".Values.{key} ")));
                kept.push_str(if goes { "" } else { &part });
                part.clear();
            }
        }
        kept
    })
}

#[test]
fn without_helm_nothing_is_imported() {
    let home = Home::new();
    let output = home.import(&chart());
    home.refused(&output, "`--measure` requires `helm` on the PATH");
}

#[test]
fn a_chart_that_does_not_render_is_not_imported() {
    let Some(helm) = Helm::both().into_iter().flatten().next() else { return };
    let home = Home::new();
    helm.link(&home.path().join("bin/helm"));
    let broken = home.chart(|_, text| text.replace("size: small", "size: large"));
    let output = home.import(&broken);
    home.refused(&output, "the chart does not render in standalone with its own values: ");
    assert!(String::from_utf8_lossy(&output.stderr).contains("size must be small"), "{output:?}");
}

fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/measure/chart")
}

/// A folder with what is imported, and with the only programs on the PATH.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.path().join("bin")).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The chart with other texts, by the path of each file.
    fn chart(&self, text: impl Fn(&str, &str) -> String) -> PathBuf {
        let copy = self.path().join("redis");
        for (path, bytes) in folder::read(&chart()).unwrap() {
            let file = copy.join(&path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text(&path.replace('\\', "/"), &String::from_utf8(bytes).unwrap())).unwrap();
        }
        copy
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_redisgen"))
            .args(args)
            .env("REDISGEN_DATA_DIR", self.path().join("data"))
            .env("HOME", self.path())
            .env("PATH", self.path().join("bin"))
            .output()
            .unwrap()
    }

    fn import(&self, chart: &Path) -> Output {
        self.run(&["chart", "import", chart.to_str().unwrap(), "--measure"])
    }

    fn refused(&self, output: &Output, reason: &str) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.starts_with("error: ") && stderr.contains(reason), "{stderr}");
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty() && !self.path().join("data").exists());
    }
}
