//! Files carried, and what becomes of their keys.

use super::*;
use crate::{
    chart::Requirement,
    source::{self, Hints},
    yaml::{merge::Layers, read_values},
};

fn chart(version: &str) -> Chart {
    Chart::at(&version.parse().unwrap()).unwrap()
}

fn migrated(text: &str, from: &str, to: &str) -> Migrated {
    let release = EffectiveValues::of(read_values(text).unwrap(), &chart(from));
    let migrated = migrate(&Document::parse(text).unwrap(), &release, &chart(to), false);
    let now = read_values(&migrated.text).unwrap();
    assert!(settings::are_equivalent(&now, &migrated.values()), "{}\n{:?}", migrated.text, migrated.migrations);
    migrated
}

fn outcome<'a>(migrated: &'a Migrated, path: &str) -> &'a Outcome {
    let path: Path = path.parse().unwrap();
    &migrated.migrations.iter().find(|migration| migration.path == path).unwrap().outcome
}

const OLD: &str = "\
# the cache of the backend
cluster:
  enabled: true # three nodes
  slaveCount: 3

usePassword: true
# from the vault
existingSecret: redis-auth

slave:
  # as much as the master
  resources:
    limits: {memory: 1Gi}
  service:
    port: 7000
    annotations:
      a: b # why
master:
  disableCommands: []
";

#[test]
fn a_block_goes_as_a_whole() {
    let new = migrated(OLD, "13.0.1", "23.1.1");
    assert!(
        new.text.contains(
            "replica:\n  replicaCount: 3\n  # as much as the master\n  resources:\n    limits: {memory: 1Gi}\n"
        ),
        "{}",
        new.text
    );
    assert!(new.text.contains("      a: b # why\n"), "{}", new.text);
    assert!(new.text.contains("architecture: replication # three nodes\n"), "{}", new.text);
    assert!(new.text.contains("  # from the vault\n  existingSecret: redis-auth\n"), "{}", new.text);
    assert!(new.text.contains("master:\n  disableCommands: []\n"), "{}", new.text);
    assert!(!new.has_losses(), "{:?}", new.migrations);
}

#[test]
fn the_same_version_changes_no_byte() {
    for version in ["11.0.4", "13.0.1", "23.1.1"] {
        assert_eq!(migrated(OLD, version, version).text, OLD);
    }
}

#[test]
fn what_did_nothing_goes_and_is_told() {
    let text = "replica:\n  replicaCount: 2\nmaster:\n  foo: 1\n  service:\n    port: 1\nsentinel:\n  port: 3\n";
    let new = migrated(text, "13.0.1", "23.1.1");
    assert_eq!(*outcome(&new, "replica.replicaCount"), Outcome::Activated);
    assert_eq!(*outcome(&new, "master.foo"), Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey)));
    assert!(matches!(outcome(&new, "master.service.port"), Outcome::Moved { .. }));
    assert_eq!(*outcome(&new, "sentinel.port"), Outcome::Dropped(Dropped::WouldActivate));
    assert_eq!(new.text, "replica:\n  replicaCount: 2\nmaster:\n  service:\n    ports:\n      redis: 1\n");
}

#[test]
fn a_misspelt_key_is_told_with_the_one_that_was_meant() {
    let text = "metrics:\n  serviceMonitor:\n    namepsace: a\nsentinel:\n  quorm: 2\nslave.resources: {}\nfoo: 1\nmaster:\n  persistance:\n    enabled: false\n";
    let new = migrated(text, "11.0.4", "23.1.1");
    let meant = |path: &str| {
        let path: Path = path.parse().unwrap();
        let migration = new.migrations.iter().find(|migration| migration.path == path).unwrap();
        assert_eq!(migration.outcome, Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey)));
        migration.suggestion.as_ref().map(ToString::to_string)
    };
    assert_eq!(meant("metrics.serviceMonitor.namepsace").as_deref(), Some("metrics.serviceMonitor.namespace"));
    assert_eq!(meant("sentinel.quorm").as_deref(), Some("sentinel.quorum"));
    assert_eq!(meant("master.persistance").as_deref(), Some("master.persistence"));
    assert_eq!(meant(r"slave\.resources").as_deref(), Some("slave.resources"));
    assert_eq!(meant("foo"), None);
}

#[test]
fn comments_in_a_value_live_where_its_labels_change() {
    let text = "\
slave:
  affinity:
    podAntiAffinity: # one on each node
      requiredDuringSchedulingIgnoredDuringExecution:
        # as the scheduler wants it
        - topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              app: redis # the chart
              role: slave
cluster: {enabled: true}
";
    let new = migrated(text, "13.0.1", "23.1.1");
    let wanted = text
        .replace("slave:\n", "replica:\n")
        .replace("app: redis", "app.kubernetes.io/name: redis")
        .replace("role: slave", "app.kubernetes.io/component: replica")
        .replace("cluster: {enabled: true}", "architecture: replication");
    assert_eq!(new.text, wanted);
}

#[test]
fn blocks_in_which_nothing_is_left_go() {
    let text = "\
slave:
  statefulset:
# why
    volumeClaimTemplates:
# and why
      annotations:
        a: b
master: {count: 1}
";
    let new = migrated(text, "20.7.2", "23.1.1");
    assert_eq!(new.text, "# why\n# and why\nmaster: {count: 1}\n", "{:?}", new.migrations);
    assert_eq!(new.removed_blocks, [Path::of(["slave", "statefulset"])]);
}

#[test]
fn documents_are_read_as_helm_reads_them() {
    let two = migrated("usePassword: false\n---\ncluster: {enabled: true}\n", "13.0.1", "23.1.1");
    assert_eq!(two.text, "auth:\n  enabled: false\n---\narchitecture: replication\n");
    // What the second document overrules would count again.
    let text = "slave: false\n---\nslave:\n  x: 1\nusePassword: false\n";
    let over = migrated(text, "13.0.1", "23.1.1");
    assert_eq!(over.text, text, "{:?}", over.migrations);
    assert!(
        over.migrations.iter().all(|migration| matches!(migration.outcome, Outcome::Refused(_))),
        "{:?}",
        over.migrations
    );
    // Settings of the second document are removed before they can collide with settings of the first document.
    let text = "sentinel: {x: 1}\narchitecture: replication\n---\nsentinel: {x: 2}\ncluster: 1\n";
    let new = migrated(text, "23.1.1", "10.5.6");
    assert_eq!(
        new.text, "sentinel: {x: 1}\ncluster:\n  enabled: true\n---\nsentinel: {x: 2}\n",
        "{:?}",
        new.migrations
    );
}

#[test]
fn what_has_no_place_is_lost_and_told() {
    let new = migrated("master:\n  service:\n    labels: {a: b}\n", "13.0.1", "23.1.1");
    let Outcome::Unsupported(Unsupported::Gone(Some(step))) = outcome(&new, "master.service.labels") else {
        panic!("{:?}", new.migrations)
    };
    assert!(note(step.old).is_some());
    assert!(new.has_losses());
    let new = migrated("sentinel:\n  extraEnvVars: []\nextraVolumes: []\n", "13.0.1", "23.1.1");
    assert!(!new.has_losses(), "{:?}", new.migrations);
}

#[test]
fn a_key_that_became_several_is_said_at_each() {
    let new = migrated(
        "podDisruptionBudget:\n  enabled: true # at most one\n  maxUnavailable: 1\ncluster: {enabled: true}\n",
        "13.0.1",
        "23.1.1",
    );
    let values = read_values(&new.text).unwrap();
    for path in ["master.pdb.maxUnavailable", "replica.pdb.maxUnavailable"] {
        assert_eq!(values.get_at_text(path), Some(&Value::Int(1)), "{}", new.text);
    }
}

#[test]
fn two_keys_that_become_one_must_agree() {
    let text = |a: bool, b: bool| {
        format!(
            "sentinel:\n  enabled: true\n  metrics:\n    enabled: true\n    serviceMonitor:\n      enabled: {a}\nmetrics:\n  enabled: true\n  serviceMonitor:\n    enabled: {b}\n"
        )
    };
    let path = "sentinel.metrics.serviceMonitor.enabled";
    assert!(matches!(
        outcome(&migrated(&text(true, true), "13.0.1", "14.0.0"), path),
        Outcome::Dropped(Dropped::AlreadySet { .. })
    ));
    assert!(matches!(
        outcome(&migrated(&text(false, true), "13.0.1", "14.0.0"), path),
        Outcome::Unsupported(Unsupported::Overruled { .. })
    ));
}

#[test]
fn every_removed_key_has_a_note() {
    for change in crate::chart::changes(&crate::chart::oldest(), &crate::chart::newest()) {
        let removed = change.kind == crate::chart::ChangeKind::Removed
            || change.transform == crate::chart::Transform::StartProgram;
        assert_eq!(removed, note(change.old).is_some(), "{}", change.old);
    }
}

#[test]
fn anchors_are_carried_or_refused_with_a_reason() {
    let text = "slave: &node\n  resources: {limits: {memory: 1Gi}}\nmaster: *node\ncluster: {enabled: true}\n";
    let new = migrated(text, "13.0.1", "23.1.1");
    assert!(new.text.contains("replica: &node"), "{}", new.text);
    // A setting without effect stays if its anchor is used, and settings with its aliases still move.
    let text = "x-common: &c {a: b} # all\nq: &d\n  z: *c\nw: *d\nslave:\n  podLabels: *c\ncluster: {enabled: true}\n";
    let new = migrated(text, "13.0.1", "23.1.1");
    assert_eq!(
        new.text, "x-common: &c {a: b} # all\nreplica:\n  podLabels: *c\narchitecture: replication\n",
        "{:?}",
        new.migrations
    );
    assert_eq!(*outcome(&new, "x-common"), Outcome::KeptForAnchor(Dropped::NoEffect(NoEffect::UnknownKey)));
    assert_eq!(*outcome(&new, "q"), Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey)));
    assert!(!new.has_losses(), "{:?}", new.migrations);
    let text = "x: &a {port: 7000}\nslave:\n  service:\n    <<: *a\ncluster: {enabled: true}\n";
    let release = EffectiveValues::of(read_values(text).unwrap(), &chart("13.0.1"));
    let new = migrate(&Document::parse(text).unwrap(), &release, &chart("23.1.1"), false);
    assert!(read_values(&new.text).is_ok());
    assert!(matches!(outcome(&new, "slave.service.port"), Outcome::Refused(_)), "{}\n{:?}", new.text, new.migrations);
}

#[test]
fn a_switch_is_turned_on_for_what_was_rendered_before() {
    let mirror = migrated("image: {registry: mirror.test}\n", "18.6.1", "23.1.1");
    let path: Path = "global.security.allowInsecureImages".parse().unwrap();
    assert_eq!(mirror.required_switches.iter().map(|need| &need.path).collect::<Vec<_>>(), [&path]);
    assert!(!mirror.has_losses());
    // Without certificates neither chart renders: others made by the chart were never asked for.
    let tls = migrated("tls: {enabled: true}\n", "13.0.1", "23.1.1");
    assert_eq!((tls.text.as_str(), tls.required_switches.as_slice()), ("tls: {enabled: true}\n", [].as_slice()));
    let after = EffectiveValues::new(read_values(&tls.text).unwrap(), Layers::default(), &tls.to);
    assert!(
        incompatibilities(&after)
            .iter()
            .any(|why| matches!(why, Incompatibility::Fail(fail) if fail.reason == "tls-no-secret"))
    );
}

/// The rules of the new errors in the report of a file.
fn new_errors(text: &str, from: &str, to: &str) -> Vec<&'static str> {
    let hints = Hints { version: from.parse().ok(), ..Hints::default() };
    let charts = |_: &Requirement| Ok(chart(from));
    let file = source::read(text, &hints, &charts).unwrap();
    let to = chart(to);
    let options = MigrateOptions {
        to: &to,
        keep_behaviour: false,
        keep_unused: false,
        bump: false,
        release: None,
        namespace: None,
    };
    let migrated = migrate_file(&file, options, &Destination::default(), &charts).unwrap();
    migrated.places.iter().flat_map(|place| &place.errors).map(|error| error.rule).collect()
}

#[test]
fn what_only_the_new_redis_refuses_is_an_error() {
    let conf = |line: &str| format!("architecture: standalone\ncommonConfiguration: |-\n  {line}\n");
    // Redis 6.2 knows this directive, and no newer Redis does.
    assert_eq!(new_errors(&conf("gopher-enabled no"), "16.13.2", "23.1.1"), ["unknown-directive"]);
    assert_eq!(new_errors(&conf("maxmemory 64mb"), "16.13.2", "23.1.1"), [""; 0]);
    // Both refuse these lines.
    for line in ["maxmemory 64Mi", "maxmemoryy 64mb", "rename-command GET"] {
        assert_eq!(new_errors(&conf(line), "20.6.0", "23.1.1"), [""; 0], "{line}");
    }
    // The key has another name in the new chart, and the line is the same.
    let old = "cluster: {enabled: false}\nconfigmap: |-\n  gopher-enabled no\n";
    assert_eq!(new_errors(old, "13.0.2", "23.1.1"), ["unknown-directive"]);
    let ignored = "architecture: standalone\n# redisgen: ignore[unknown-directive] our own build\ncommonConfiguration: |-\n  gopher-enabled no\n";
    assert_eq!(new_errors(ignored, "16.13.2", "23.1.1"), [""; 0]);
}

#[test]
fn a_password_that_is_no_template_does_not_render() {
    let rendered = |password: &str, version: &str| {
        let text = format!("auth: {{password: '{password}'}}\n");
        let values = EffectiveValues::of(read_values(&text).unwrap(), &chart(version));
        !incompatibilities(&values).iter().any(|why| matches!(why, Incompatibility::Password { .. }))
    };
    assert!(rendered("a{{b", "21.0.1") && !rendered("a{{b", "21.0.2") && !rendered("a{{b", "28.0.7"));
    let escaped = "a{{ \"{{\" }}b";
    assert!(rendered(escaped, "23.0.1") && !rendered(escaped, "23.0.2"));
}
