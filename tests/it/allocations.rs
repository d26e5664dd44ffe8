//! What a further file costs, counted in allocations: a figure that no load of the machine changes.
//!
//! What is the same for a chart version is made once for a process, what is the same for a release once for a release.
//! A rule that breaks this and builds a table for each file allocates at least once for each row. The bounds in
//! `tests/data/allocations.tsv` are a little above what is counted, and a table of the keys of a chart does not fit below
//! them. After a change that saves allocations, or that needs a few more for a reason, `REDISGEN_UPDATE=1` writes them
//! anew. A rule that needs hundreds more has to keep what it makes.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{collections::BTreeMap, env, fs, path::Path};

use allocation_counter::measure;
use redisgen::{
    chart::Chart,
    lint::{Severity, engine},
    migrate::{Destination, MigrateOptions, migrate_file},
    plan,
    profile::{self, Embedded},
    source::{self, Hints},
    values,
    yaml::{self, Map, Notes},
};

/// A version whose values have no finding but remarks.
const VERSION: &str = "25.5.3";

/// How far a bound is above the count. A table of the keys of a chart has more rows.
const SLACK: u64 = 400;

fn chart() -> Chart {
    Chart::at(&VERSION.parse().unwrap()).unwrap()
}

/// What `redisgen values --profile aws-internal` writes, without comments.
fn small_file() -> String {
    let options = profile::resolve(&["aws-internal".to_owned()], &Embedded).unwrap();
    let plan = plan::resolve(&options, None, &chart()).unwrap();
    let rendered = values::render(&plan, &chart(), &Map::new(), |_| false);
    yaml::emit(&rendered.values, &Notes::new())
}

/// The number of findings, without remarks.
fn lint(text: &str) -> usize {
    let known = Hints { version: Some(VERSION.parse().unwrap()), ..Hints::default() };
    let found = engine::lint_text(text, &known, &|_| Ok(chart())).diagnostics;
    found.iter().filter(|found| found.severity > Severity::Info).count()
}

fn migrate(text: &str) {
    let to = chart();
    let options = MigrateOptions {
        to: &to,
        keep_behaviour: false,
        keep_unused: false,
        bump: true,
        release: None,
        namespace: None,
    };
    let charts = |_: &_| Ok(Chart::at(&"23.1.1".parse().unwrap()).unwrap());
    let file = source::read(text, &Hints::default(), &charts).unwrap();
    migrate_file(&file, options, &Destination::default(), &charts).unwrap();
}

/// The allocations of a second run, after the first has made what is kept.
fn count(run: impl Fn()) -> u64 {
    run();
    measure(run).count_total
}

/// The allocations for one of the further entries of a text, which has as many as it is asked for.
fn count_each(text: impl Fn(usize) -> String, work: impl Fn(&str)) -> u64 {
    const FEW: usize = 10;
    const MANY: usize = 60;
    let [few, many] = [FEW, MANY].map(|entries| {
        let text = text(entries);
        count(|| work(&text))
    });
    many.saturating_sub(few) / (MANY - FEW) as u64
}

/// A text with entries, of which each has its number where `entry` has `NUMBER`.
fn grown(head: &str, entry: &str) -> impl Fn(usize) -> String {
    move |count| {
        let entries = (0..count).map(|at| entry.replace("NUMBER", &at.to_string()));
        head.to_owned() + &entries.collect::<String>()
    }
}

const APPLICATION: &str = "---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: redis-NUMBER
  namespace: argocd
spec:
  project: default
  source:
    repoURL: registry-1.docker.io/bitnamicharts
    chart: redis
    targetRevision: 23.1.1
    helm:
      valuesObject:
        architecture: replication
        replica:
          replicaCount: 3
";

fn counts() -> BTreeMap<&'static str, u64> {
    let small = small_file();
    assert_eq!(lint(&small), 0, "{small}");
    let unknown = grown(&small, "unknownKeyNUMBER: value\n");
    assert_eq!(lint(&unknown(20)), 20);
    let linted = |text: &str| {
        lint(text);
    };
    let items = grown("master:\n  extraEnvVars:\n", "    - name: VAR_NUMBER\n      value: some value NUMBER\n");
    let annotations = grown("commonAnnotations:\n", "  example.com/annotation-NUMBER: value NUMBER\n");
    let of_service = grown(
        "master:\n  service:\n    type: LoadBalancer\n    annotations:\n",
        "      service.beta.kubernetes.io/aws-x-NUMBER: value NUMBER\n",
    );
    let applications = grown("", APPLICATION);
    BTreeMap::from([
        ("lint of a small file", count(|| linted(&small))),
        ("lint of an unknown key", count_each(unknown, linted)),
        ("lint of an item of a list", count_each(items, linted)),
        ("lint of an annotation", count_each(annotations, linted)),
        ("lint of an annotation of a Service", count_each(of_service, linted)),
        ("lint of an Application", count_each(&applications, linted)),
        ("migrate of an Application", count_each(&applications, migrate)),
    ])
}

#[test]
fn nothing_is_made_again_for_a_further_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/allocations.tsv");
    let counts = counts();
    if env::var_os("REDISGEN_UPDATE").is_some() {
        let rows = counts.iter().map(|(what, count)| format!("{what}\t{}\n", count + (count / 20 + 20).min(SLACK)));
        fs::write(&path, format!("# what\tmost allocations\n{}", rows.collect::<String>())).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let bounds: BTreeMap<&str, u64> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t').map(|(what, most)| (what, most.parse().unwrap())))
        .collect();
    assert!(counts.keys().eq(bounds.keys()), "{counts:?}\n{bounds:?}");
    for (what, count) in counts {
        let most = bounds[what];
        println!("{what}: {count} allocations of at most {most}");
        assert!(count <= most, "{what}: {count} allocations, expected at most {most}: is a table made again?");
    }
}

/// What a careless rule builds for each file is found by the bounds.
#[test]
fn a_table_of_the_keys_does_not_fit_below_a_bound() {
    let table = count(|| drop(chart().keys().map(|key| key.path.to_string()).collect::<Vec<_>>()));
    assert!(table > SLACK, "{table} allocations are no more than {SLACK}");
}
