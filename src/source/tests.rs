//! Where values are found, and for which version.

use std::sync::Arc;

use super::*;
use crate::{
    chart::{self, Chart, ChosenVersion},
    lint::{
        Levels, Severity,
        engine::{self, FixOptions, LintResult},
    },
};

fn parts(text: &str, hints: &Hints) -> Vec<ValuesBlock> {
    match places(text, hints) {
        Ok(parts) => parts,
        other => panic!("{other:?} of\n{text}"),
    }
}

fn foreign(text: &str) -> String {
    match places(text, &Hints::default()) {
        Err(Unread::Foreign(what)) => what,
        other => panic!("{other:?} of\n{text}"),
    }
}

fn claimed_version(part: &ValuesBlock) -> Option<String> {
    part.claims.first().map(|claim| claim.requirement.to_string())
}

fn charts(expected: &Requirement) -> Result<Chart, String> {
    let known: Vec<_> = chart::version_numbers().collect();
    match expected.choose(&known).map_err(|error| error.to_string())? {
        ChosenVersion::Known(version)
        | ChosenVersion::Alike { measured: version, .. }
        | ChosenVersion::Unseen { nearest: version, .. }
        | ChosenVersion::Newer { nearest: version, .. } => Chart::at(&version).ok_or_else(|| version.to_string()),
    }
}

/// The chart version of the first values in a text.
fn resolved(text: &str, hints: &Hints) -> String {
    read(text, hints, &charts).expect("values").releases[0].release.chart.version().to_string()
}

fn lint(text: &str, hints: &Hints) -> LintResult {
    engine::lint_text(text, hints, &charts)
}

/// The rules with the stretches of the text that they point to.
fn findings<'a>(text: &'a str, hints: &Hints) -> Vec<(&'static str, &'a str)> {
    let result = lint(text, hints);
    // The images and the sizes of charts always have findings.
    const USUAL: [&str; 4] = ["image-catalogue-moved", "maxmemory-unset", "preset-resources", "redis-with-known-holes"];
    let all = result.diagnostics.iter().filter(|found| found.severity > Severity::Info);
    all.filter(|found| !USUAL.contains(&found.rule))
        .map(|found| (found.rule, &text[found.place().start..found.place().end]))
        .collect()
}

const APPLICATION: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: redis}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: redis
spec:
  destination: {namespace: backend}
  source:
    repoURL: registry-1.docker.io/bitnamicharts
    chart: redis
    targetRevision: 18.6.1
    helm:
      valuesObject:
        slave: # two
          priorityClassName: high
      values: |
        # ä
        architecture: replication

        usePassword: true # in the text
      parameters:
        - name: auth.existingSecret
          value: redis-auth
        - name: replica.replicaCuont
          value: '2'
";

#[test]
fn an_application_holds_values_in_three_ways() {
    let parts = parts(APPLICATION, &Hints::default());
    let [text, object, parameters] = parts.as_slice() else { panic!("{parts:?}") };
    for part in &parts {
        assert_eq!(claimed_version(part).as_deref(), Some("18.6.1"));
        let Origin { delivery, release, namespace, has_unread_values, .. } = &part.origin;
        assert_eq!(
            (*delivery, release.as_deref(), namespace.as_deref(), *has_unread_values),
            (Delivery::ArgoCd, Some("redis"), Some("backend"), false)
        );
    }
    assert!(text.values().contains_key("architecture") && object.values().contains_key("slave"));
    assert!(parameters.values().contains_key("auth") && object.origin.other_layers.over.contains_key("auth"));
    let findings = findings(APPLICATION, &Hints::default());
    assert_eq!(
        findings,
        [("renamed-key", "priorityClassName"), ("renamed-key", "usePassword"), ("unknown-key", "replica.replicaCuont")]
    );
}

#[test]
fn fixes_apply_to_the_whole_text() {
    let fix = |text: &str| {
        let expected = FixOptions { levels: &Levels::default(), min_severity: Severity::Warning, include_unsafe: true };
        engine::fix_text(text, &Hints::default(), &charts, expected).text
    };
    let fixed = fix(APPLICATION);
    let expected = APPLICATION
        .replace("        slave: # two\n", "        # two\n        replica:\n")
        .replace("        usePassword: true # in the text\n", "        auth:\n          enabled: true # in the text\n")
        .replace("replicaCuont", "replicaCount");
    assert_eq!(fixed, expected);
    assert_eq!(fix(&expected), expected);
}

#[test]
fn a_release_of_flux_finds_its_chart_in_the_same_text() {
    let text = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: bitnami-redis, namespace: backend}
spec:
  url: oci://registry-1.docker.io/bitnamicharts/redis
  ref: {tag: 20.6.0}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: backend}
spec:
  chartRef: {kind: OCIRepository, name: bitnami-redis}
  valuesFrom:
    - {kind: ConfigMap, name: more}
  values:
    auth: {existingSecret: redis-auth}
    master: {persistance: {enabled: false}}
";
    let parts = parts(text, &Hints::default());
    let [part] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(
        (claimed_version(part).as_deref(), part.origin.delivery, part.origin.has_unread_values),
        (Some("20.6.0"), Delivery::Flux, true)
    );
    assert_eq!(findings(text, &Hints::default()), [("unknown-key", "persistance")]);
}

#[test]
fn a_helmfile_and_a_chart_of_k3s() {
    let text = "\
environments:
  default: {}
---
repositories:
  - {name: bitnami, url: registry-1.docker.io/bitnamicharts, oci: true}
releases:
  - name: other
    chart: bitnami/postgresql
    values: [{replica: {}}]
  - name: redis
    chart: bitnami/redis
    version: ~18.6
    values:
      - base.yaml
      - slave: {priorityClassName: high}
";
    let parts = parts(text, &Hints::default());
    let [part] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(
        (claimed_version(part).as_deref(), part.origin.delivery, part.origin.has_unread_values),
        (Some("~18.6"), Delivery::Helmfile, true)
    );
    assert_eq!(findings(text, &Hints::default()), [("renamed-key", "priorityClassName")]);
    let text = "\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: redis, namespace: kube-system}
spec:
  chart: oci://registry-1.docker.io/bitnamicharts/redis
  version: 20.6.0
  valuesContent: |-
    auth:
      existingSecret: redis-auth
    replica:
      replicas: 2";
    assert_eq!(findings(text, &Hints::default()), [("unknown-key", "replicas")]);
}

fn chart_file(text: &str) -> ChartFile {
    ChartFile { chart: text.to_owned(), ..ChartFile::default() }
}

#[test]
fn a_parent_chart_sets_the_place_and_the_version() {
    let mut chart = chart_file(
        "name: app\ndependencies:\n  - {name: redis, alias: cache, version: 18.x, repository: 'oci://registry-1.docker.io/bitnamicharts', condition: 'cache.wanted, redis.enabled'}\n",
    );
    chart.lock = "dependencies:\n  - {name: redis, version: 18.6.1}\n".to_owned();
    chart.templates = "host: {{ .Values.cache.externalHost }} {{- .Values.cache.a.b }}\n".to_owned();
    let hints = Hints { chart: Some(Arc::new(chart)), ..Hints::default() };
    let text = "app: {}\ncache:\n  wanted: true\n  externalHost: x\n  a: {b: 1, c: 2}\n  auth: {existingSecret: s}\n  nonsense: 1\n";
    let parts = parts(text, &hints);
    let [part] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(
        (part.origin.at.to_string(), claimed_version(part).as_deref(), part.origin.parent_is_known),
        ("cache".into(), Some("18.6.1"), true)
    );
    assert_eq!(findings(text, &hints), [("unknown-key", "c"), ("unknown-key", "nonsense")]);
}

#[test]
fn a_parent_chart_without_a_block_has_no_values_of_ours() {
    let chart = |text: &str| Some(Arc::new(chart_file(text)));
    let one = chart("name: shop\ndependencies:\n  - {name: redis, alias: cache}\n");
    let two = chart("name: shop\ndependencies:\n  - {name: redis}\n  - {name: redis, alias: cache}\n");
    // A claim of a version makes the keys of the parent chart no values of the Redis chart.
    let hints = [
        Hints::default(),
        Hints { version: "18.6.1".parse().ok(), ..Hints::default() },
        Hints { configured: "18.6.1".parse().ok(), ..Hints::default() },
        Hints { installed: "18.6.1".parse().ok(), ..Hints::default() },
    ];
    let text = "image: {tag: v1}\nmetrics: {enabled: true}\nservice: {type: ClusterIP}\n";
    let own_claim = "# redisgen: chart redis 18.6.1\nimage: {tag: v1}\n";
    for known in hints {
        let why = |text: &str, chart| match places(text, &Hints { chart, ..known.clone() }) {
            Err(Unread::NoBlock(why)) => why,
            other => panic!("{other:?} of\n{text}"),
        };
        let expected = "no key `cache` for the redis dependency of the parent chart";
        for text in [text, own_claim, "", "redis: {auth: {existingSecret: s}}\n"] {
            assert_eq!(why(text, one.clone()), expected, "{text}");
        }
        assert_eq!(why(text, two.clone()), "no key `redis` or `cache` for the redis dependencies of the parent chart");
        // An empty block is one, a path that the caller names is taken, and so are values of no other chart.
        let at = |text: &str, at: Option<&str>| {
            let at = at.map(|at| at.parse().expect("a path"));
            parts(text, &Hints { chart: one.clone(), at, ..known.clone() })[0].origin.at.to_string()
        };
        assert_eq!(at("image: {tag: v1}\ncache:\n", None), "cache");
        assert_eq!(at("image: {tag: v1}\n", Some("image")), "image");
        assert_eq!(at("master: {count: 1}\nauth: {enabled: false}\n", None), "");
    }
}

#[test]
fn a_chart_in_a_chart_in_a_chart() {
    let inner = chart_file("name: inner\ndependencies:\n  - {name: redis, version: 18.6.1}\n");
    let mut outer = chart_file("name: outer\ndependencies:\n  - {name: inner, version: 1.0.0}\n");
    outer.charts.push(("inner".to_owned(), inner));
    let hints = Hints { chart: Some(Arc::new(outer)), ..Hints::default() };
    let text = "inner:\n  redis:\n    auth: {existingSecret: s}\n    slave: {priorityClassName: high}\n";
    let parts = parts(text, &hints);
    assert_eq!(parts[0].origin.at.to_string(), "inner.redis");
    assert_eq!(findings(text, &hints), [("renamed-key", "priorityClassName")]);
    // Without the charts, the shape tells.
    let alone = super::tests::parts(text, &Hints::default());
    assert_eq!(alone[0].origin.at.to_string(), "inner.redis");
}

#[test]
fn the_version_of_the_caller_has_precedence() {
    let text = "# redisgen: chart redis 18.6.1\nusePassword: true\n";
    let version = |hints: &Hints| resolved(text, hints);
    assert_eq!(version(&Hints::default()), "18.6.1");
    let caller = Hints { version: "12.10.1".parse().ok(), configured: "16".parse().ok(), ..Hints::default() };
    assert_eq!(version(&caller), "12.10.1");
    let configured = Hints { configured: "16".parse().ok(), ..Hints::default() };
    assert_eq!(version(&configured), "18.6.1");
    let text = "architecture: standalone\n";
    let version = resolved(text, &configured);
    assert_eq!(version, "16.13.2");
}

#[test]
fn other_contents_are_named() {
    assert_eq!(foreign("apiVersion: v1\nkind: Service\nspec: {}\n"), "a Kubernetes manifest, not values");
    let other = foreign("cluster: {nodes: 6}\nredis: {useAOFPersistence: 'yes'}\npersistence: {size: 8Gi}\n");
    assert!(other.contains("redis-cluster"), "{other}");
    assert!(
        foreign("primary: {replicaCount: 1}\nreplica: {replicaCount: 2}\nauth: {enabled: true}\n").contains("valkey")
    );
    assert_eq!(foreign("- 1\n- 2\n"), "a list, not values");
    let plain = foreign(
        "replicaCount: 1\nimage: {repository: nginx, tag: ''}\nservice: {type: ClusterIP, port: 80}\ningress: {enabled: false, hosts: []}\nautoscaling: {enabled: false}\n",
    );
    assert_eq!(plain, "this does not look like values of the redis chart");
    let workflow = foreign("name: ci\non: push\njobs: {test: {steps: []}}\n");
    assert_eq!(workflow, "this does not look like values of the redis chart");
}

#[test]
fn values_with_typos_are_recognized() {
    for text in ["auth: {enabled: true, pasword: x}\n", "metrics: {enabled: true, foo: 1, bar: 2}\n", "{}\n"] {
        assert_eq!(parts(text, &Hints::default()).len(), 1, "{text}");
    }
    foreign("auth: {jwt: x, users: []}\nmetrics: {port: 9090}\n");
    foreign("auth: {enabled: true, pasword: x}\ndatabase: {host: x}\nsmtp: {host: x}\n");
}

#[test]
fn templates_are_not_reported_as_invalid_yaml() {
    let kind = |text: &str| match places(text, &Hints::default()) {
        Err(Unread::Template { kind, .. }) => kind,
        other => panic!("{other:?} of\n{text}"),
    };
    assert_eq!(kind("auth:\n  {{- if .Values.a }}\n  enabled: true\n  {{- end }}\n"), "a Go template");
    assert_eq!(kind("auth:\n%{ if a }\n  enabled: true\n%{ endif }\n"), "a Terraform template");
    assert!(matches!(places("auth: [\n", &Hints::default()), Err(Unread::Broken(_))));
    // In quotes it is YAML.
    assert_eq!(parts("auth:\n  existingSecret: '{{ .Release.Name }}'\n", &Hints::default()).len(), 1);
}

#[test]
fn lines_of_a_block_scalar_have_exact_positions() {
    let text = "a: |\n\n  b: 1\n  c:\n    d: ü x\nlast: 1\n";
    let document = Document::parse(text).unwrap();
    let found = document.find(&Path::of(["a"])).unwrap();
    let inset = EmbeddedText::scalar(&document, found.value).unwrap();
    for (at, c) in inset.text.char_indices().filter(|(_, c)| *c != '\n') {
        let span = inset.outer(&document, Span { start: at, end: at + c.len_utf8(), line: 0, column: 0 });
        assert_eq!(document.source(span), c.to_string(), "{at}");
        assert_eq!((span.line, span.column), document.position(span.start));
    }
    assert_eq!(inset.put_back(text, &inset.text).as_deref(), Some(text));
    let changed = inset.text.replace("d: ü x", "e: 2\n\n  f: 3");
    assert_eq!(inset.put_back(text, &changed).unwrap(), "a: |\n\n  b: 1\n  c:\n    e: 2\n\n    f: 3\nlast: 1\n");
}

#[test]
fn a_block_scalar_keeps_its_line_endings() {
    for (text, expected) in [
        ("a: |-\n  b: 1\nlast: 1\n", "a: |-\n  c: 1\n  d: 2\nlast: 1\n"),
        ("a: |-\n  b: 1\n\n\nlast: 1\n", "a: |-\n  c: 1\n  d: 2\n\n\nlast: 1\n"),
        ("a: |-\n  b: 1", "a: |-\n  c: 1\n  d: 2"),
        ("a: |+\n  b: 1\n\nlast: 1\n", "a: |+\n  c: 1\n  d: 2\nlast: 1\n"),
        ("a: |-\r\n  b: 1\r\nlast: 1\r\n", "a: |-\r\n  c: 1\r\n  d: 2\r\nlast: 1\r\n"),
        ("a: |\r\n  b: 1\r\nlast: 1\r\n", "a: |\r\n  c: 1\r\n  d: 2\r\nlast: 1\r\n"),
    ] {
        let document = Document::parse(text).unwrap();
        let found = document.find(&Path::of(["a"])).unwrap();
        let inset = EmbeddedText::scalar(&document, found.value).unwrap();
        assert_eq!(inset.put_back(text, &inset.text).as_deref(), Some(text));
        for inner in ["c: 1\nd: 2", "c: 1\nd: 2\n"] {
            assert_eq!(inset.put_back(text, inner).as_deref(), Some(expected), "{text:?}");
        }
    }
}

#[test]
fn a_block_with_dotted_keys_is_recognized() {
    let text = "redis:\n  global.storageClass: fast\n";
    let parts = parts(text, &Hints::default());
    assert_eq!(parts[0].origin.at.to_string(), "redis");
    let result = lint(text, &Hints::default());
    let found = result.diagnostics.iter().find(|found| found.rule == "unknown-key").unwrap();
    assert_eq!(found.severity, Severity::Warning);
    assert!(found.fix.is_some(), "{found:?}");
    assert_eq!(
        foreign("postgresql:\n  global.storageClass: fast\n"),
        "this does not look like values of the redis chart"
    );
}

#[test]
fn a_parent_chart_keeps_its_own_keys() {
    let text = "redis:\n  architecture: standalone\n  auth:\n    existingSecret: a\n    pasword: x\n  master:\n    count: 1\n  externalEndpoint: \"\"\n";
    let result = lint(text, &Hints::default());
    let unknown: Vec<_> = result.diagnostics.iter().filter(|found| found.rule == "unknown-key").collect();
    assert_eq!(unknown.len(), 2, "{unknown:?}");
    assert!(unknown.iter().all(|found| found.fix.is_none() && found.severity == Severity::Info), "{unknown:?}");
}
