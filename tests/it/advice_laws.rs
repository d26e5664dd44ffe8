//! Laws of what is recommended, without a Helm: an option in a note is one that the chart version accepts, a number in a
//! note is the number in the file, and a key in the help of lint is a key of the chart.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::collections::{BTreeMap, BTreeSet};

use crate::support::profiles;
use redisgen::{
    chart::{self, Chart, Topology},
    intent::{Intent, LayeredIntent, Origin},
    lint::{engine, rules},
    plan::{self, Plan},
    profile::{self, EMBEDDED},
    source::Hints,
    values,
    yaml::{self, Map, Notes, Path},
};
use regex::Regex;
use semver::Version;
use serde_json::{Value as Json, json};

/// The versions with changed settings, and the versions before and after them; all versions with `REDISGEN_MATRIX=full`.
fn versions() -> Vec<Version> {
    let all: Vec<Version> = chart::version_numbers().collect();
    if std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full") {
        return all;
    }
    let words = include_str!("../../src/chart/data/settings.tsv");
    let edges: BTreeSet<Version> = words.split(['\t', '\n']).filter_map(|cell| cell.parse().ok()).collect();
    let near = |at: usize| edges.contains(&all[at]) || all.get(at + 1).is_some_and(|next| edges.contains(next));
    let last = all.len() - 1;
    (0..all.len()).filter(|at| near(*at) || *at == last).map(|at| all[at].clone()).collect()
}

fn lay(options: &LayeredIntent, over: Json) -> LayeredIntent {
    let mut options = options.clone();
    options.lay(serde_json::from_value::<Intent>(over).unwrap(), &Origin::Flag);
    options
}

/// What people ask for: each profile, and each topology reached in each way, with what notes are about.
fn asked() -> Vec<(String, LayeredIntent)> {
    let mut all: Vec<_> =
        EMBEDDED.iter().map(|(name, _)| (format!("profile {name}"), profiles::options(name).clone())).collect();
    let reaching = [
        json!({}),
        json!({ "access": "node-port", "redis-node-port": 30379 }),
        json!({ "access": "public-lb" }),
        json!({ "access": "public-lb", "cloud": "aws" }),
        json!({ "access": "public-lb", "cloud": "hetzner" }),
        json!({ "access": "public-lb", "cloud": "aws", "source-ranges": ["10.0.0.0/8"] }),
        json!({ "access": "internal-lb", "cloud": "aws", "lb-controller": "aws-load-balancer-controller" }),
        json!({ "access": "internal-lb", "cloud": "azure", "idle-timeout": 270 }),
        json!({ "access": "internal-lb", "cloud": "azure", "idle-timeout": 600, "tcp-keepalive": 120 }),
        json!({ "access": "internal-lb", "cloud": "azure", "tcp-keepalive": 0 }),
        json!({ "access": "internal-lb", "cloud": "gcp", "tcp-keepalive": 900 }),
        json!({ "access": "internal-lb", "cloud": "aws", "idle-timeout": 90, "tcp-keepalive": 30 }),
        json!({ "access": "internal-lb", "cloud": "digitalocean" }),
    ];
    let with = [
        json!({}),
        json!({ "memory": "512Mi", "metrics": true, "monitor": "service", "persistence": false }),
        json!({ "master-service": true, "disruption-budget": 0, "registry": "registry.example.com" }),
        json!({ "replicas": 1, "existing-secret": "redis-auth", "images": "legacy", "alerts": true }),
    ];
    for topology in Topology::ALL {
        for reached in &reaching {
            for with in &with {
                let options = lay(&LayeredIntent::default(), json!({ "topology": topology }));
                let options = lay(&lay(&options, reached.clone()), with.clone());
                all.push((format!("{topology} {reached} {with}"), options));
            }
        }
    }
    all
}

/// What somebody gives who follows a recommendation of an option without a value.
fn sample(field: &str, intent: &Intent) -> Option<Json> {
    Some(match field {
        "aof" | "expose-replicas" | "master-service" | "per-pod" => json!(true),
        "tls-secret" | "existing-secret" | "acl-secret" => json!("redis-secret"),
        "source-ranges" => json!(["192.0.2.0/24"]),
        "metrics-labels" => json!(["release=prometheus"]),
        "registry" => json!("registry.example.com"),
        "memory" => json!("1Gi"),
        "maxmemory" => json!((intent.memory.as_ref()?.bytes() / 2).to_string()),
        _ => return None,
    })
}

/// The field that a word in backticks names, as profiles do, and the value that it gives.
fn field(word: &str, fields: &BTreeSet<String>) -> Option<(String, Option<String>)> {
    let (name, value) = word.split_once(": ").map_or((word, None), |(name, value)| (name, Some(value.to_owned())));
    let name = match name {
        "source-range" | "metrics-label" | "pod-address" => {
            format!("{name}{}", if name.ends_with('s') { "es" } else { "s" })
        }
        name => name.to_owned(),
    };
    fields.contains(&name).then_some((name, value))
}

fn fields() -> BTreeSet<String> {
    let schema = serde_json::to_value(profile::schema()).unwrap();
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The plans that there are, with the chart of each; of the versions each `turns`th, another one for each that is asked.
fn plans(turns: usize, mut look: impl FnMut(&str, &LayeredIntent, &Plan, &Chart)) {
    let (versions, full) = (versions(), std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full"));
    for (number, (name, options)) in asked().into_iter().enumerate() {
        let turns = if full { 1 } else { turns };
        for version in versions.iter().rev().skip(number % turns).step_by(turns) {
            let chart = Chart::at(version).unwrap();
            if let Ok(plan) = plan::resolve(&options, None, &chart) {
                look(&format!("{name} on {version}"), &options, &plan, &chart);
            }
        }
    }
}

#[test]
fn what_is_recommended_is_accepted() {
    let fields = fields();
    let later = Regex::new(r"Chart (\d+\.\d+\.\d+) or later accepts `([^`]*)`").unwrap();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    plans(24, |at, options, plan, chart| {
        let taken = |word: &str, chart: &Chart| {
            let (field, value) = field(word, &fields)?;
            let value = value.map(Json::from).or_else(|| sample(&field, &options.intent));
            let value = value.unwrap_or_else(|| panic!("{at}: no example for `{word}`"));
            let value = value.as_str().and_then(|text| text.parse::<u32>().ok()).map_or(value.clone(), Json::from);
            let value = if field == "maxmemory" { json!(value.to_string().trim_matches('"')) } else { value };
            let mut options = lay(options, json!({ (field.clone()): value }));
            if field == "per-pod" {
                let nodes = options.intent.replicas.unwrap_or(2) + 1;
                let addresses: Vec<_> = (0..nodes).map(|pod| format!("192.0.2.{pod}")).collect();
                options = lay(&options, json!({ "pod-addresses": addresses }));
            }
            Some((field, plan::resolve(&options, None, chart)))
        };
        for note in plan.recommendations(chart, |_| true) {
            let promised = later.captures(&note.text);
            for word in note.text.split('`').skip(1).step_by(2) {
                let Some((field, now)) = taken(word, chart) else { continue };
                *seen.entry(field).or_default() += 1;
                match &promised {
                    Some(promised) if promised[2] == *word => {
                        assert!(now.is_err(), "{at}: `{word}` is accepted already: {}", note.text);
                        let then = Chart::at(&promised[1].parse().unwrap()).unwrap();
                        let (_, then) = taken(word, &then).unwrap();
                        assert!(then.is_ok(), "{at}: {}: {}", note.text, then.unwrap_err());
                    }
                    _ => assert!(now.is_ok(), "{at}: {}: {}", note.text, now.unwrap_err()),
                }
            }
        }
    });
    println!("{seen:?}");
    for field in ["master-service", "per-pod", "source-ranges", "tls-secret", "replicas"] {
        assert!(seen.contains_key(field), "no note recommended `{field}`");
    }
}

/// Keys of the chart in backticks: alone, or with a value behind a colon. `spec.` is a field of an object.
fn keys(text: &str) -> Vec<&str> {
    let dotted = |word: &&str| {
        let path = word.split(": ").next().unwrap_or_default();
        let mut parts = path.split('.');
        path.contains('.')
            && !path.starts_with("spec.")
            && parts.all(|part| {
                part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(char::is_alphanumeric)
            })
    };
    let words = text.split('`').skip(1).step_by(2).filter(dotted);
    words.map(|word| word.split(": ").next().unwrap_or_default()).collect()
}

/// Whether the text sets this path, or something below or above it.
fn is_written(path: &str, values: &Map) -> bool {
    path.parse::<Path>().is_ok_and(|path| values.get_at(&path).is_some())
}

#[test]
fn a_key_in_the_help_of_lint_is_one_that_the_chart_takes() {
    let versions: Vec<Version> = versions().into_iter().step_by(5).collect();
    let mut texts: BTreeSet<String> = BTreeSet::new();
    for (_, options) in asked().iter().step_by(3) {
        for version in versions.iter().step_by(7) {
            let chart = Chart::at(version).unwrap();
            if let Ok(plan) = plan::resolve(options, None, &chart) {
                texts.insert(yaml::emit(&values::render(&plan, &chart, &Map::new(), |_| false).values, &Notes::new()));
            }
        }
    }
    for rule in rules::all() {
        texts.extend(rule.docs.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()));
    }
    let texts: Vec<String> = texts.into_iter().collect();
    let mut seen = 0;
    for (number, text) in texts.iter().enumerate() {
        let Ok(written) = yaml::read_values(text) else { continue };
        for version in versions.iter().skip(number % 3).step_by(3) {
            let chart = Chart::at(version).unwrap();
            let known = Hints { version: Some(version.to_string().parse().unwrap()), ..Hints::default() };
            for found in engine::lint_text(text, &known, &|_| Ok(chart.clone())).diagnostics {
                let at = |key: &str| format!("{version}: {} [{}]: {key}\n{text}", found.help.join("; "), found.rule);
                for key in found.help.iter().flat_map(|help| keys(help)) {
                    seen += 1;
                    assert!(chart.takes(key) || is_written(key, &written), "{}", at(key));
                }
            }
        }
    }
    println!("{seen} keys in {} texts", texts.len());
    assert!(seen > 1_000, "only {seen} keys were seen");
}

#[test]
fn values_are_quoted_where_the_number_is_printed() {
    let quoted = |version: &str, path: &str| {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        chart.exponent(path, Topology::Sentinel).map(|printed| printed.quoted)
    };
    assert_eq!(quoted("18.19.4", "sentinel.failoverTimeout"), Some(true));
    // The schema takes a number only.
    assert_eq!(quoted("23.1.1", "sentinel.failoverTimeout"), Some(false));
    // Kubernetes takes a number only.
    assert_eq!(quoted("18.19.4", "replica.containerSecurityContext.runAsUser"), Some(false));
    assert_eq!(quoted("23.1.1", "image.tag"), Some(true));
    assert_eq!(quoted("23.1.1", "replica.replicaCount"), None);
}
