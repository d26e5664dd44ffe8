use super::{snapshots::Snapshots, *};
use crate::{
    chart::Chart,
    yaml::{Map, Notes, Value, emit, merge::Layers, read_values},
};

const SENTINEL: &str = "sentinel: {enabled: true}\n";

fn full_plan(from: &str, to: &str, old: &str, new: &str) -> Plan {
    let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
    let (from, to) = (chart(from), chart(to));
    let before = EffectiveValues::new(read_values(old).unwrap(), Layers::default(), &from);
    let after = EffectiveValues::new(read_values(new).unwrap(), Layers::default(), &to);
    let place = Target {
        release: "cache",
        namespace: "team",
        files: &["values.yaml"],
        write: Some(&CommandLine::new("redisgen migrate old.yaml > values.yaml")),
        chart_name: "redis",
        has_release: true,
        is_alone: true,
    };
    operations(&before, &after, place)
}

fn plan(from: &str, to: &str, old: &str, new: &str) -> Vec<RunbookStep> {
    full_plan(from, to, old, new).steps
}

fn commands(plan: &[RunbookStep]) -> String {
    plan.iter().flat_map(|operation| &operation.commands).map(|command| format!("{command}\n")).collect()
}

#[test]
fn replicas_are_upgraded_before_the_primary_where_the_snapshots_change() {
    let printed = commands(&plan("16.13.2", "23.1.1", "", ""));
    let hold = "--set master.updateStrategy.type=OnDelete --set master.updateStrategy.rollingUpdate=null";
    assert!(printed.contains(hold) && printed.contains("rollout status statefulset cache-redis-replicas"), "{printed}");
    assert!(printed.contains("delete pod cache-redis-master-0"), "{printed}");
    let sentinel = "sentinel: {enabled: true}\n";
    let printed = commands(&plan("16.13.2", "23.1.1", sentinel, sentinel));
    assert!(printed.contains("--set replica.updateStrategy.rollingUpdate.partition=1"), "{printed}");
    assert!(printed.contains("exec cache-redis-node-1 --container sentinel"), "{printed}");
    assert!(printed.contains("redis-cli -p 26379 sentinel failover mymaster"), "{printed}");
    // The new primary has every write.
    assert!(
        printed.find("client pause 5000 write").unwrap() < printed.rfind("sentinel failover").unwrap(),
        "{printed}"
    );
    let moved = "sentinel: {enabled: true, masterSet: shop, containerPorts: {sentinel: 26380}}\n";
    let printed = commands(&plan("16.13.2", "23.1.1", moved, moved));
    assert!(printed.contains("redis-cli -p 26380 sentinel failover shop"), "{printed}");
    let printed = commands(&plan("22.0.7", "23.1.1", "", ""));
    assert!(!printed.contains("OnDelete") && !printed.contains("delete statefulset"), "{printed}");
}

#[test]
fn the_data_of_a_primary_that_goes_is_copied() {
    let new = "sentinel: {enabled: true}\nslave: {persistence: {size: 20Gi, storageClass: fast}}\n";
    let printed = commands(&plan("10.9.0", "11.0.0", SENTINEL, new));
    for part in [
        r#""metadata":{"name":"redis-data-cache-redis-node-0"}"#,
        r#""dataSource":{"kind":"PersistentVolumeClaim","name":"redis-data-cache-redis-master-0"}"#,
        r#""storageClassName":"fast""#,
        r#""requests":{"storage":"20Gi"}"#,
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let printed = commands(&plan("13.0.2", "14.0.0", "", ""));
    assert!(!printed.contains("PersistentVolumeClaim"), "the primary keeps its claims: {printed}");
    assert!(printed.contains("delete statefulset cache-redis-master --cascade=foreground"), "{printed}");
}

/// The position of the first operation whose commands contain a text.
fn at(plan: &[RunbookStep], text: &str) -> usize {
    let has = |operation: &RunbookStep| operation.commands.iter().any(|command| command.contains(text));
    plan.iter().position(has).unwrap_or_else(|| panic!("no command with `{text}`: {}", commands(plan)))
}

#[test]
fn all_checks_come_before_anything_is_deleted() {
    for values in ["", SENTINEL] {
        let plan = plan("13.0.2", "23.1.1", values, values);
        let first_change = at(&plan, "delete statefulset");
        assert_eq!(at(&plan, "redisgen migrate old.yaml"), 0);
        for check in [
            "run pull-new-1 --image docker.io/bitnami/redis:8.2.1-debian-12-r0 --image-pull-policy Always",
            "run pull-old-1 --image docker.io/bitnami/redis:6.2.1-debian-10-r36",
            "--dry-run=server > /dev/null",
            "apply --dry-run=server --server-side --force-conflicts --filename -",
            "--rdb /tmp/before.rdb",
            "history cache",
        ] {
            assert!(at(&plan, check) < first_change, "{check}");
        }
        let dry_run = &plan[at(&plan, "apply --dry-run=server")];
        let refused = if values.is_empty() { "cache-redis-master" } else { "cache-redis-node" };
        assert_eq!(dry_run.refuses, [refused]);
        assert!(dry_run.why.contains(refused), "{}", dry_run.why);
    }
    let taken = plan("17.17.1", "23.1.1", "", "");
    assert!(taken[at(&taken, "apply --dry-run=server")].refuses.is_empty());
}

#[test]
fn images_that_can_be_pulled_are_not_checked() {
    let new = "image: {repository: bitnamilegacy/redis}\n";
    let plan = plan("13.0.2", "23.1.1", "image: {registry: mirror.test}\n", new);
    assert!(!commands(&plan).contains("run pull"), "{}", commands(&plan));
    let plan = self::plan("13.0.2", "23.1.1", "", new);
    let images = &plan[at(&plan, "run pull-old-1")];
    assert!(!images.commands.join("").contains("pull-new") && images.why.contains("rollback"), "{images:?}");
    assert!(!images.why.contains("new pods do not start"), "{}", images.why);
}

#[test]
fn the_first_pod_is_the_primary_before_the_snapshot_and_before_others_go() {
    for (from, change) in [("13.0.2", "delete statefulset"), ("17.17.1", "rollingUpdate.partition=1")] {
        let plan = plan(from, "23.1.1", SENTINEL, SENTINEL);
        let primary = at(&plan, "config set replica-priority 1");
        assert!(primary < at(&plan, "--rdb") && primary < at(&plan, change), "{from}: {}", commands(&plan));
    }
    let old = commands(&plan("10.9.0", "23.1.1", SENTINEL, SENTINEL));
    assert!(old.contains("exec cache-redis-master-0 --container sentinel"), "{old}");
    assert!(!commands(&plan("13.0.2", "23.1.1", "", "")).contains("replica-priority"));
}

#[test]
fn the_container_of_redis_has_the_name_of_its_version() {
    let named = "nameOverride: store\n";
    let container = |from: &str, to: &str, values: &str| {
        let plan = plan(from, to, values, values);
        let snapshot = &plan[at(&plan, "--rdb")];
        snapshot.commands[1].split_once("--container ").unwrap().1.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(container("10.5.6", "23.1.1", ""), "cache-redis");
    assert_eq!(container("13.0.2", "23.1.1", ""), "redis");
    assert_eq!(container("13.0.2", "23.1.1", named), "store");
    assert_eq!(container("17.17.1", "23.1.1", named), "redis");
}

#[test]
fn redis_with_tls_is_asked_with_tls() {
    let tls = "tls: {enabled: true, autoGenerated: true}\nsentinel: {enabled: true}\n";
    let printed = commands(&plan("17.17.1", "23.1.1", tls, tls));
    assert!(printed.contains(r#"redis-cli --tls --cert "$REDIS_TLS_CERT_FILE""#), "{printed}");
    assert!(printed.contains(r#"redis-cli --tls --cert "$REDIS_SENTINEL_TLS_CERT_FILE""#), "{printed}");
    assert!(!printed.contains("$REDIS_PORT"), "{printed}");
}

#[test]
fn data_that_is_only_in_memory_is_lost_and_can_be_loaded_again() {
    let values = |block: &str| format!("sentinel: {{enabled: true}}\n{block}: {{persistence: {{enabled: false}}}}\n");
    let old =
        "sentinel: {enabled: true}\nmaster: {persistence: {enabled: false}}\nslave: {persistence: {enabled: false}}\n";
    let replaced = plan("10.9.0", "23.1.1", old, &values("replica"));
    let upgrade = replaced.iter().find(|step| step.title.starts_with("upgrade to")).unwrap();
    assert!(upgrade.loses_data && upgrade.downtime && upgrade.why.contains("and is lost"), "{upgrade:?}");
    let load = at(&replaced, "replicaof 127.0.0.1 6400");
    assert!(load > at(&replaced, "--rdb") && replaced[load].title.contains("load the snapshot"));
    let deleted = plan("13.0.2", "23.1.1", &values("slave"), &values("replica"));
    let delete = &deleted[at(&deleted, "delete statefulset")];
    assert!(delete.loses_data && delete.why.contains("all data is lost"), "{delete:?}");
    assert!(!delete.why.contains("claims stay"), "{}", delete.why);
    assert!(!commands(&deleted).contains("persistentvolumeclaim"), "{}", commands(&deleted));
    // One node after the other, each copies the data from the others.
    let rolled = plan("17.17.1", "23.1.1", &values("replica"), &values("replica"));
    assert!(rolled.iter().all(|step| !step.loses_data), "{rolled:?}");
    let kept = plan("13.0.2", "23.1.1", SENTINEL, SENTINEL);
    assert!(kept.iter().all(|step| !step.loses_data) && !commands(&kept).contains("replicaof"), "{kept:?}");
}

#[test]
fn claims_grow_where_the_size_changes() {
    let sized = |size: &str| format!("replica: {{persistence: {{size: {size}}}}}\n");
    let plan = plan("17.17.1", "23.1.1", &sized("8Gi"), &sized("20Gi"));
    let grow = &plan[at(&plan, "patch persistentvolumeclaim")];
    assert_eq!(grow.commands.len(), 3, "{grow:?}");
    assert!(grow.commands[2].contains("redis-data-cache-redis-replicas-2 "), "{grow:?}");
    assert!(grow.commands[0].contains(r#"{"storage":"20Gi"}"#), "{grow:?}");
    let delete = &plan[at(&plan, "delete statefulset")];
    assert_eq!(delete.commands.len(), 1, "{delete:?}");
    assert!(delete.commands[0].ends_with("delete statefulset cache-redis-replicas --cascade=orphan"), "{delete:?}");
    assert!(!delete.downtime);
}

#[test]
fn every_claim_that_nobody_uses_is_named() {
    let printed = commands(&plan("13.0.2", "23.1.1", "cluster: {slaveCount: 3}\n", "replica: {replicaCount: 3}\n"));
    for pod in 0..3 {
        assert!(
            printed.contains(&format!("delete persistentvolumeclaim redis-data-cache-redis-slave-{pod}\n")),
            "{printed}"
        );
    }
    assert!(!printed.contains("redis-data-cache-redis-slave-3"), "{printed}");
}

#[test]
fn every_pod_is_checked_twice() {
    let plan = plan("13.0.2", "23.1.1", "", "");
    let check = plan[at(&plan, "for turn in 1 2")].commands.last().unwrap().clone();
    for component in ["master", "replica"] {
        assert!(check.contains(&format!("app.kubernetes.io/component={component},")), "{check}");
    }
    assert!(check.contains("exec \"$pod\""), "{check}");
}

#[test]
fn a_refused_upgrade_is_mended_for_each_helm() {
    let refused = full_plan("13.0.2", "23.1.1", "", "").refused;
    let of = |helm: Helm| refused.iter().find(|operation| operation.helm == Some(helm)).unwrap();
    assert_eq!(of(Helm::Four).commands.join("\n"), "helm --namespace team rollback cache \"$(cat cache.revision)\"");
    let three = of(Helm::Three).commands.join("\n");
    assert!(
        three.contains("delete statefulset cache-redis-master") && three.contains("upgrade cache oci://"),
        "{three}"
    );
    assert!(full_plan("17.17.1", "23.1.1", "", "").refused.is_empty());
    let memory = "master: {persistence: {enabled: false}}\n";
    let refused = full_plan("13.0.2", "23.1.1", memory, memory).refused;
    let load = refused.last().unwrap();
    assert!(load.helm == Some(Helm::Three) && load.title.contains("load the snapshot"), "{load:?}");
}

#[test]
fn the_way_back_restores_what_the_older_redis_cannot_read() {
    let back = |from: &str, values: &str| full_plan(from, "23.1.1", values, values).rollback;
    let printed = back("13.0.2", "");
    let order = [
        "delete statefulset cache-redis-master",
        "delete persistentvolumeclaim redis-data-cache-redis-master-0",
        "rollback cache",
        "cp before.rdb",
        "replicaof no one",
        "for turn in 1 2",
    ];
    let places: Vec<usize> = order.iter().map(|text| at(&printed, text)).collect();
    assert!(places.is_sorted(), "{places:?}: {}", commands(&printed));
    // The claims of the old replicas are as they were.
    assert!(!commands(&printed).contains("redis-data-cache-redis-slave"), "{}", commands(&printed));
    let printed = back("17.17.1", SENTINEL);
    for pod in 0..3 {
        at(&printed, &format!("delete persistentvolumeclaim redis-data-cache-redis-node-{pod}"));
    }
    assert!(commands(&printed).contains("scale statefulset cache-redis-node --replicas 1"));
    // Both run a Redis with the same format, and the sets can be changed in place.
    let printed = commands(&back("22.0.7", ""));
    assert!(printed.contains("rollback cache") && !printed.contains("delete"), "{printed}");
}

#[test]
fn a_controller_that_installs_the_chart_is_given_no_helm_command() {
    let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
    let (from, to) = (chart("13.0.2"), chart("23.1.1"));
    let (before, after) = (
        EffectiveValues::new(Map::new(), Layers::default(), &from),
        EffectiveValues::new(Map::new(), Layers::default(), &to),
    );
    let place = Target {
        release: "cache",
        namespace: "team",
        files: &["app.yaml"],
        write: None,
        chart_name: "redis",
        has_release: false,
        is_alone: false,
    };
    let Plan { steps, refused, rollback } = operations(&before, &after, place);
    assert!(!commands(&[steps, rollback].concat()).contains("helm "));
    assert!(refused.is_empty());
}

#[test]
fn values_end_no_word_of_a_command() {
    let bad = "x'; touch /tmp/y; '\nEND\ntouch /tmp/y";
    let values = |block: &str| {
        let mut values = read_values("sentinel: {enabled: true}\n").unwrap();
        for path in ["fullnameOverride", "sentinel.masterSet"] {
            values.insert_at(&path.parse().unwrap(), Value::from(bad)).unwrap();
        }
        for key in ["size", "storageClass"] {
            values.insert_at(&format!("{block}.persistence.{key}").parse().unwrap(), Value::from(bad)).unwrap();
        }
        emit(&values, &Notes::new())
    };
    let plans = [
        full_plan("10.9.0", "11.0.0", &values("slave"), &values("slave")),
        full_plan("13.0.2", "14.0.0", &values("slave"), &values("replica")),
        full_plan("16.13.2", "23.1.1", &values("replica"), &values("replica")),
    ]
    .map(|Plan { steps, refused, rollback }| [steps, refused, rollback].concat());
    for command in plans.iter().flatten().flat_map(|operation| &operation.commands) {
        let words = shlex::split(command).unwrap_or_else(|| panic!("a quote is open: {command}"));
        let inner = words.windows(2).filter(|pair| pair[0] == "-c").map(|pair| pair[1].trim_end_matches(';'));
        let inner: Vec<String> = inner
            .flat_map(|script| shlex::split(script).unwrap_or_else(|| panic!("a quote is open: {script}")))
            .collect();
        let is_run = |word: &String| word == "touch" || word == "touch;";
        assert!(!words.iter().chain(&inner).any(is_run), "{command}");
    }
}

fn titles(plan: &[RunbookStep]) -> Vec<&str> {
    plan.iter().map(|operation| operation.title.as_str()).collect()
}

#[test]
fn snapshots_of_the_newest_redis_have_formats_too() {
    let values = "auth: {existingSecret: s}\nsentinel: {enabled: true}\n";
    for (from, to) in [("25.5.3", "27.0.18"), ("27.0.18", "28.0.7"), ("23.1.1", "28.0.7")] {
        let up = plan(from, to, values, values);
        assert!(titles(&up).contains(&"upgrade the replicas first"), "{from} {to}");
        assert!(up.iter().any(|operation| operation.why.contains("does not start with this data")), "{from} {to}");
        let down = plan(to, from, values, values);
        assert!(titles(&down).contains(&"empty Redis, or load the data in another way"), "{to} {from}");
    }
    let same = plan("27.0.0", "27.0.18", values, values);
    assert!(!titles(&same).contains(&"upgrade the replicas first"));
}

#[test]
fn the_format_of_a_redis_that_nobody_knows_is_not_that_of_another() {
    let chart = |app: &str| {
        let files = [
            ("Chart.yaml", format!("name: redis\nversion: 99.0.0\nappVersion: {app}\n")),
            ("values.yaml", String::new()),
        ];
        let files: Vec<_> = files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into();
        Chart::imported(crate::chart::import::Imported::read(&files).unwrap())
    };
    let known = Chart::at(&"28.0.7".parse().unwrap()).unwrap();
    for app in ["8.12.0", "9.0.0"] {
        assert_eq!(Snapshots::between(&known, &chart(app)), Snapshots::PerhapsNewer, "{app}");
        assert_eq!(Snapshots::between(&chart(app), &known), Snapshots::PerhapsOlder, "{app}");
    }
    assert_eq!(Snapshots::between(&chart("8.12.0"), &chart("8.12.3")), Snapshots::Same);
    assert_eq!(Snapshots::between(&known, &chart("8.10.9")), Snapshots::Same);
}

#[test]
fn users_of_the_acl_that_move_into_a_secret_are_told_of() {
    let hash = "a".repeat(64);
    let values = format!(
        "auth: {{password: p, acl: {{enabled: true, sentinel: true, users: [{{username: app, password: {hash}}}]}}}}\n\
         sentinel: {{enabled: true}}\n"
    );
    let printed = plan("25.5.3", "28.0.7", &values, &values);
    let step = printed.iter().find(|operation| operation.title == "check the users of the ACL").unwrap();
    assert!(step.why.contains("`cache-redis-acl`"), "{}", step.why);
    assert!(step.why.contains("the password of `app` is a hash"), "{}", step.why);
    assert!(step.why.contains("the first user, `app`"), "{}", step.why);
    assert!(!titles(&plan("27.0.0", "28.0.7", &values, &values)).contains(&step.title.as_str()));
    assert!(!titles(&plan("25.5.3", "28.0.7", "", "")).contains(&step.title.as_str()));
}

#[test]
fn a_role_that_names_the_pods_and_an_autoscaler_are_told_of() {
    let values = "auth: {existingSecret: s}\nsentinel: {enabled: true, masterService: {enabled: true}}\n\
                  replica: {autoscaling: {enabled: true}}\n";
    let title = "keep the number of nodes fixed";
    assert!(titles(&plan("25.5.3", "28.0.7", values, values)).contains(&title));
    assert!(!titles(&plan("27.0.0", "28.0.7", values, values)).contains(&title));
}
