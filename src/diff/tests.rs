//! Pairs of values, and what differs between them.

use super::*;
use crate::{
    chart::Chart,
    yaml::{Value, read_values},
};

fn side(text: &str, version: &str) -> EffectiveValues {
    EffectiveValues::of(read_values(text).unwrap(), &Chart::at(&version.parse().unwrap()).unwrap())
}

/// `~ path old new` for each change that does something, `. path` for each that does nothing.
fn changes_of(old: &EffectiveValues, new: &EffectiveValues) -> Vec<String> {
    let display = |side: &SideValue| match &side.value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(on)) => on.to_string(),
        Some(Value::Int(number)) => number.to_string(),
        Some(other) => format!("{other:?}"),
    };
    let diff = diff(old, new, Mode::default());
    check_laws(old, new, &diff);
    let of_values = diff.changes.iter().filter(|change| change.changed_by == ChangedBy::Values);
    of_values
        .map(|change| match change.has_effect() {
            true => format!("~ {} {} {}", change.path, display(&change.old), display(&change.new)),
            false => format!(". {}", change.path),
        })
        .collect()
}

/// What holds for any two sides.
fn check_laws(old: &EffectiveValues, new: &EffectiveValues, diff: &Diff) {
    let mut made = diff.old.values.clone();
    apply(&mut made, &diff.changes);
    assert_eq!(made, diff.new.values);
    let turned = super::diff(new, old, Mode::default()).reversed();
    assert_eq!(turned.changes, diff.changes);
    assert!(super::diff(old, old, Mode::default()).changes.is_empty());
}

fn same_chart(old: &str, new: &str) -> Vec<String> {
    changes_of(&side(old, "23.1.1"), &side(new, "23.1.1"))
}

const NONE: [&str; 0] = [];

#[test]
fn a_repeated_default_is_no_difference() {
    assert_eq!(same_chart("architecture: replication\nreplica: {replicaCount: 3}\n", ""), NONE);
    assert_eq!(same_chart("master: {nodeSelector: {}}\n", "master: {nodeSelector: null}\n"), [". master.nodeSelector"]);
    assert_eq!(same_chart("a: &x {replicaCount: 2}\nreplica: *x\n", "replica:\n  \"replicaCount\": 2.0\n"), [". a"]);
}

#[test]
fn a_change_has_both_values() {
    assert_eq!(same_chart("replica: {replicaCount: 2}\n", ""), ["~ replica.replicaCount 2 3"]);
    assert_eq!(
        same_chart("master: {service: {type: NodePort}}\n", "master: {service: {type: LoadBalancer}}\n"),
        ["~ master.service.type NodePort LoadBalancer"]
    );
    assert_eq!(
        same_chart("", "master: {service: {annotations: {a: b}}}\n"),
        ["~ master.service.annotations Map(Map { entries: {} }) Map(Map { entries: {\"a\": String(\"b\")} })"]
    );
}

#[test]
fn unused_keys_have_no_effect() {
    let sentinel = "sentinel: {enabled: true}\n";
    let found = same_chart(sentinel, &format!("{sentinel}master: {{service: {{type: LoadBalancer}}}}\n"));
    assert_eq!(found, [". master.service.type"]);
    assert_eq!(same_chart("", "metrics: {podLabels: {a: b}}\nfoo: 1\n"), [". metrics.podLabels", ". foo"]);
    assert_eq!(same_chart("", "metrics: {containerPorts: {http: 1}}\n"), [". metrics.containerPorts.http"]);
    let on = "metrics: {enabled: true}\n";
    assert_eq!(
        same_chart(on, "metrics: {enabled: true, containerPorts: {http: 1}}\n"),
        ["~ metrics.containerPorts.http 9121 1"]
    );
}

#[test]
fn a_renamed_key_is_one_key() {
    let old = side("cluster: {enabled: true, slaveCount: 2}\nslave: {service: {port: 7000}}\n", "13.0.2");
    let new = side("replica: {replicaCount: 2, service: {ports: {redis: 7000}}}\n", "23.1.1");
    assert_eq!(changes_of(&old, &new), NONE);
    let new = side("replica: {replicaCount: 3, service: {ports: {redis: 7000}}}\n", "23.1.1");
    assert_eq!(changes_of(&old, &new), ["~ replica.replicaCount 2 3"]);
    let same_file = old.for_chart(&new.chart);
    assert_eq!(
        changes_of(&old, &same_file),
        ["~ replica.replicaCount 2 3", "~ replica.service.ports.redis 7000 6379", ". cluster", ". slave.service.port"]
    );
}

#[test]
fn the_comments_of_a_text_reach_the_manifests() {
    let directives = "commonConfiguration: |-\n  appendonly yes\n  save \"\"\n";
    let found = same_chart("", directives);
    assert_eq!(found, ["~ commonConfiguration appendonly yes\nsave \"\" appendonly yes\nsave \"\""]);
    assert_eq!(same_chart(directives, directives), NONE);
}

#[test]
fn keys_that_a_parent_chart_reads_have_an_effect() {
    let parent =
        |text: &str| EffectiveValues { read_by_parent: vec!["enabled".parse().unwrap()], ..side(text, "23.1.1") };
    let (on, off) = (parent("enabled: true\n"), side("", "23.1.1"));
    assert_eq!(changes_of(&on, &off), ["~ enabled true -"]);
    assert_eq!(changes_of(&off, &on), ["~ enabled - true"]);
}

#[test]
fn a_key_in_a_block_that_the_chart_does_not_declare_is_found() {
    let found = |version: &str| changes_of(&side("", version), &side("global: {redis: {password: x}}\n", version));
    assert_eq!(found("10.9.0"), ["~ global.redis.password - x"]);
    assert_eq!(found("23.1.1"), ["~ global.redis.password  x"]);
    let nulls = changes_of(&side("", "13.0.2"), &side("persistence: {nonsense: x}\n", "13.0.2"));
    assert_eq!(nulls, [". persistence.nonsense"]);
}

#[test]
fn empty_values_can_reach_the_manifests() {
    let annotations = |text: &str| format!("master: {{service: {{annotations: {{a: b{text}}}}}}}\n");
    assert_eq!(same_chart(&annotations(""), &annotations(", c: \"\"")), ["~ master.service.annotations.c - "]);
    let sysctls = "~ master.podSecurityContext.sysctls List([]) -";
    assert_eq!(same_chart("", "master: {podSecurityContext: {sysctls: null}}\n"), [sysctls]);
    assert_eq!(same_chart("", "master: {nodeSelector: null}\n"), [". master.nodeSelector"]);
}

#[test]
fn a_null_block_enables_nothing() {
    let gone = "metrics: {enabled: true, serviceMonitor: null}\n";
    let found = same_chart(gone, &format!("{gone}foo: 1\n"));
    assert_eq!(found, [". foo"]);
    let auth = "auth: null\n";
    assert_eq!(same_chart(auth, "auth: null\nglobal: {redis: {password: x}}\n"), [". global.redis.password"]);
}

#[test]
fn different_forms_of_empty_defaults_are_no_change() {
    let of_chart = |old: &str, new: &str| {
        let found = diff(&side("", old), &side("", new), Mode::default());
        let live = found.with_effect().filter(|change| change.changed_by == ChangedBy::Chart);
        live.map(|change| change.path.to_string()).collect::<Vec<_>>()
    };
    let found = of_chart("13.0.2", "23.1.1");
    assert!(!found.contains(&"replica.persistence.selector".to_owned()), "{found:?}");
    assert!(found.contains(&"networkPolicy.enabled".to_owned()), "{found:?}");
}

#[test]
fn unmapped_keys_are_reported() {
    let old = side("cluster: {enabled: true}\nslave: {service: {labels: {a: b}}}\n", "13.0.2");
    let new = side("slave: {service: {labels: {a: b}}}\n", "23.1.1");
    let found = changes_of(&old, &new);
    assert!(found.iter().any(|line| line.starts_with("~ slave.service.labels")), "{found:?}");
}

#[test]
fn each_key_of_a_removed_block_is_reported() {
    let found = same_chart("", "master: null\n");
    assert!(found.iter().any(|line| line == "~ master.count 1 -"), "{found:?}");
    assert_eq!(same_chart("", "networkPolicy: {extraIngress: [1]}\n").len(), 1);
}
