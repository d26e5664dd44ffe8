//! What a person does around the upgrade, in order, as commands to paste.
//!
//! It knows what the chart makes with its own values and these: the names of workloads, Services, claims and Secrets,
//! what Kubernetes refuses to change, and which Redis reads whose data. It does not know the cluster.

use crate::{
    chart::{self, Chart, Names, Object, ObjectKind, Topology},
    effective::Effective,
    shell,
    yaml::{Map, Notes, Value, emit},
};

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub title: String,
    pub why: String,
    /// Each may go on over several lines.
    pub commands: Vec<String>,
    /// Whether Redis cannot be reached meanwhile.
    pub downtime: bool,
}

/// Who is upgraded.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub release: &'a str,
    pub namespace: &'a str,
    /// The files of the migrated values, in the order in which Helm takes them.
    pub files: &'a [&'a str],
    /// What the chart is called there: `redis`, or the alias of a dependency.
    pub chart_name: &'a str,
    /// Whether Helm knows of the release: Argo CD renders the chart and keeps none.
    pub has_release: bool,
    /// Whether the chart is installed by itself, not as a dependency of another or by a controller.
    pub is_alone: bool,
}

/// What is to be done, in order.
pub fn operations(before: &Effective, after: &Effective, place: Place) -> Vec<Operation> {
    Planner::new(before, after, place).plan()
}

struct Planner<'a> {
    before: &'a Effective<'a>,
    after: &'a Effective<'a>,
    place: Place<'a>,
    old: Names,
    new: Names,
    old_sets: Vec<Object>,
    new_sets: Vec<Object>,
}

/// Where the pods keep their password, as a file or in the environment; it never stands in a command.
const AUTH: &str = r#"REDISCLI_AUTH="${REDIS_PASSWORD:-$(cat "$REDIS_PASSWORD_FILE" 2>/dev/null)}" redis-cli"#;

impl<'a> Planner<'a> {
    fn new(before: &'a Effective<'a>, after: &'a Effective<'a>, place: Place<'a>) -> Self {
        let names = |of: &Effective| {
            let said = |path: &str| of.text(path);
            Names::new(
                of.chart,
                place.release,
                place.chart_name,
                said("nameOverride").as_deref(),
                said("fullnameOverride").as_deref(),
            )
        };
        let sets = |of: &Effective| objects(of, &[ObjectKind::StatefulSet]);
        Self {
            before,
            after,
            place,
            old: names(before),
            new: names(after),
            old_sets: sets(before),
            new_sets: sets(after),
        }
    }

    fn plan(&self) -> Vec<Operation> {
        let mut plan: Vec<Operation> = self.place.has_release.then(|| self.keep_values()).into_iter().collect();
        plan.extend(self.keep_data());
        plan.extend(self.claims());
        plan.extend(self.delete_sets());
        plan.extend(self.upgrade());
        plan.push(self.check());
        plan.extend(self.services());
        plan.extend(self.secrets());
        plan.extend(self.old_claims());
        plan
    }

    fn kubectl(&self, words: &str) -> String {
        format!("kubectl --namespace {} {words}", quoted(self.place.namespace))
    }

    fn helm(&self, words: &str) -> String {
        format!("helm --namespace {} {words}", quoted(self.place.namespace))
    }

    fn keep_values(&self) -> Operation {
        let release = quoted(self.place.release);
        Operation {
            title: "keep what is installed".to_owned(),
            why: "`helm rollback` needs the number of the revision, and you the values".to_owned(),
            commands: vec![
                self.helm(&format!("get values {release} --output yaml > {release}.before.yaml")),
                self.helm(&format!("history {release} --max 1")),
            ],
            downtime: false,
        }
    }

    /// The pod that surely holds the data before the upgrade.
    fn first_pod(&self, sets: &[Object], names: &Names) -> Option<String> {
        sets.first().map(|set| format!("{}-0", names.fill(set.name)))
    }

    /// What the values of the pods that hold the data first say: the primary's, or with Sentinel those of all nodes.
    fn of_primary(of: &Effective, word: &str) -> Option<String> {
        of.places(word).into_iter().next()
    }

    fn keeps_data(of: &Effective) -> bool {
        Self::of_primary(of, "persistence").is_some_and(|key| of.on(&key))
    }

    /// Runs `redis-cli` with these words in a pod, where the password is known.
    fn redis_cli(&self, pod: &str, container: &str, words: &[&str]) -> String {
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let script = quoted(&format!("{AUTH} {}", words.join(" ")));
        self.kubectl(&format!("exec {} --container {container} -- sh -c {script}", quoted(pod)))
    }

    fn keep_data(&self) -> Option<Operation> {
        let pod = self.first_pod(&self.old_sets, &self.old).filter(|_| Self::keeps_data(self.before))?;
        let mut why = "whatever goes wrong, this is the data".to_owned();
        if self.before.topology == Topology::Sentinel {
            why.push_str("; take it from the pod that is the primary now");
        }
        Some(Operation {
            title: "keep a snapshot of the data".to_owned(),
            why,
            commands: vec![
                self.redis_cli(&pod, "redis", &["--rdb", "/tmp/before.rdb"]),
                self.kubectl(&format!("cp {} before.rdb --container redis", quoted(&format!("{pod}:/tmp/before.rdb")))),
            ],
            downtime: false,
        })
    }

    /// The StatefulSets that are there before and after, as pairs.
    fn kept_sets(&self) -> impl Iterator<Item = (&Object, &Object)> {
        self.old_sets.iter().filter_map(|old| {
            let name = self.old.fill(old.name);
            Some((old, self.new_sets.iter().find(|new| self.new.fill(new.name) == name)?))
        })
    }

    fn gone_sets(&self) -> Vec<&Object> {
        let stays = |set: &&Object| !self.kept_sets().any(|(old, _)| old.name == set.name);
        self.old_sets.iter().filter(stays).collect()
    }

    fn new_sets(&self) -> Vec<&Object> {
        let was = |set: &&Object| !self.kept_sets().any(|(_, new)| new.name == set.name);
        self.new_sets.iter().filter(was).collect()
    }

    /// The claims of a new workload, filled from those of one that goes, where nobody else has the data.
    fn claims(&self) -> Option<Operation> {
        if !(Self::keeps_data(self.before) && Self::keeps_data(self.after)) {
            return None;
        }
        let (gone, new) = (self.gone_sets(), self.new_sets());
        // They are sorted by name, that of the primary before that of the replicas.
        let has_primary = |some: &[&Object], all: &[Object]| some.first().is_some_and(|set| all.first() == Some(*set));
        if !(has_primary(&gone, &self.old_sets) && has_primary(&new, &self.new_sets)) {
            return None;
        }
        let (old, new) = (gone.first()?, new.first()?);
        let of = |word: &str| Self::of_primary(self.after, word).and_then(|key| self.after.text(&key));
        let source = self.old.fill(old.claims(0).first()?);
        let target = self.new.fill(new.claims(0).first()?);
        // Written as YAML: what stands in the values ends neither its line nor the command.
        let mut manifest = Map::new();
        let mut say = |path: &str, value: Value| drop(path.parse().map(|path| manifest.insert_at(&path, value)));
        say("apiVersion", Value::from("v1"));
        say("kind", Value::from("PersistentVolumeClaim"));
        say("metadata.name", Value::from(target.as_str()));
        if let Some(class) = of("storage-class") {
            say("spec.storageClassName", Value::from(class));
        }
        let modes = Self::of_primary(self.after, "access-modes").and_then(|key| self.after.value(&key));
        say("spec.accessModes", modes.unwrap_or_else(|| Value::from(vec!["ReadWriteOnce"])));
        say("spec.dataSource.kind", Value::from("PersistentVolumeClaim"));
        say("spec.dataSource.name", Value::from(source.as_str()));
        if let Some(size) = of("size") {
            say("spec.resources.requests.storage", Value::from(size));
        }
        let manifest = format!("apply --filename - <<'END'\n{}END", emit(&manifest, &Notes::new()));
        Some(Operation {
            title: format!("give `{}` the data of `{}`", self.new.fill(new.name), self.old.fill(old.name)),
            why: format!(
                "its pods come with new, empty claims; `{target}` is made before them as a copy of `{source}`, which the \
                 storage class must be able to make (CSI cloning), and at least as large; stop writing first, what is \
                 written after it is not in the copy"
            ),
            commands: vec![self.kubectl(&manifest)],
            downtime: true,
        })
    }

    fn delete_sets(&self) -> Vec<Operation> {
        let refused = |(old, new): (&Object, &Object)| {
            let differences: Vec<_> =
                old.differences(new).into_iter().filter(|difference| difference.refused).collect();
            if differences.is_empty() {
                return None;
            }
            let name = self.old.fill(old.name);
            let fields: Vec<_> = differences.iter().map(|difference| format!("`{}`", difference.field)).collect();
            let selector = differences.iter().any(|difference| difference.field == "selector");
            let (how, why) = match selector {
                true => (
                    "",
                    "its pods go too, since the new one would not find them; the claims stay, and the new pods take them",
                ),
                false => (" --cascade=orphan", "its pods stay, and the new one takes them over"),
            };
            Some(Operation {
                title: format!("delete the StatefulSet `{name}`"),
                why: format!(
                    "Kubernetes refuses to change {} in place, and the upgrade would fail; {why}",
                    fields.join(", ")
                ),
                commands: vec![self.kubectl(&format!("delete statefulset {}{how}", quoted(&name)))],
                downtime: selector,
            })
        };
        self.kept_sets().filter_map(refused).collect()
    }

    /// Whether pods of the old and the new Redis speak to each other while they are replaced.
    fn overlaps(&self) -> bool {
        let refused = |(old, new): (&Object, &Object)| {
            old.differences(new).iter().any(|difference| difference.refused && difference.field == "selector")
        };
        self.gone_sets().is_empty() && self.new_sets().is_empty() && !self.kept_sets().any(refused)
    }

    fn upgrade(&self) -> Vec<Operation> {
        if !self.place.is_alone {
            return vec![Operation {
                title: "upgrade".to_owned(),
                why: "as you always do: the chart is a part of another one, or a controller installs it".to_owned(),
                commands: Vec::new(),
                downtime: !self.overlaps(),
            }];
        }
        let to = self.after.chart.version();
        let command = |more: &str| {
            let release = quoted(self.place.release);
            let values: String = self.place.files.iter().map(|file| format!(" --values {}", quoted(file))).collect();
            self.helm(&format!(
                "upgrade {release} oci://registry-1.docker.io/bitnamicharts/redis --version {to} --reset-values{values}{more}"
            ))
        };
        let formats = [self.before, self.after].map(|of| format_of(of.chart));
        let grows = matches!(formats, [Some(old), Some(new)] if old < new);
        let falls = matches!(formats, [Some(old), Some(new)] if old > new);
        let (old, new) = (self.before.chart.app_version(), self.after.chart.app_version());
        let mut plan = Vec::new();
        if falls {
            plan.push(Operation {
                title: "empty Redis, or fill it in another way".to_owned(),
                why: format!("Redis {new} does not start with data that Redis {old} has written"),
                commands: Vec::new(),
                downtime: true,
            });
        }
        let staged = grows && self.overlaps() && self.after.topology != Topology::Standalone;
        let held = |word: &str| Self::of_primary(self.after, word).unwrap_or_default();
        let hold = match self.after.topology {
            Topology::Sentinel => format!(" --set {}=1", held("rollout.partition")),
            _ => {
                let key = held("rollout.strategy");
                let above = chart::above(&key).unwrap_or_default();
                format!(" --set {key}=OnDelete --set {above}.rollingUpdate=null")
            }
        };
        let name = |set: Option<&Object>| self.new.fill(set.map(|set| set.name).unwrap_or_default());
        let (primary, set) = (name(self.new_sets.first()), name(self.new_sets.last()));
        if staged {
            let turn = match self.after.topology {
                Topology::Sentinel => {
                    let said = |word: &str| self.after.value(&held(word)).map(printed).unwrap_or_default();
                    let (port, name) = (said("sentinel-port"), said("sentinel-set"));
                    self.redis_cli(&format!("{set}-1"), "sentinel", &["-p", &port, "sentinel", "failover", &name])
                }
                _ => self.kubectl(&format!("delete pod {}", quoted(&format!("{primary}-0")))),
            };
            plan.push(Operation {
                title: "upgrade the replicas first".to_owned(),
                why: format!(
                    "a replica with Redis {old} cannot read what a primary with Redis {new} sends: its snapshots have a newer format"
                ),
                commands: vec![command(&hold), self.kubectl(&format!("rollout status statefulset {}", quoted(&set)))],
                downtime: false,
            });
            let (title, why) = match self.after.topology {
                Topology::Sentinel => (
                    "make an upgraded node the primary, if `-0` is it",
                    "the last node is upgraded when it is a replica",
                ),
                _ => ("upgrade the primary", "it is gone for as long as its pod takes to start"),
            };
            plan.push(Operation {
                title: title.to_owned(),
                why: why.to_owned(),
                commands: vec![turn],
                downtime: self.after.topology != Topology::Sentinel,
            });
        }
        let why = match (staged, self.overlaps()) {
            (true, _) => "with nothing held back any more",
            (false, true) => "pods are replaced one after the other",
            (false, false) => "pods are replaced all at once",
        };
        plan.push(Operation {
            title: format!("upgrade to chart {to}, Redis {new}"),
            why: why.to_owned(),
            commands: vec![command("")],
            downtime: !self.overlaps() || self.after.topology == Topology::Standalone,
        });
        plan
    }

    fn check(&self) -> Operation {
        let mut commands: Vec<String> = self
            .new_sets
            .iter()
            .map(|set| self.kubectl(&format!("rollout status statefulset {}", quoted(&self.new.fill(set.name)))))
            .collect();
        if let Some(pod) = self.first_pod(&self.new_sets, &self.new) {
            commands.push(self.redis_cli(&pod, "redis", &["info", "replication"]));
            commands.push(self.redis_cli(&pod, "redis", &["dbsize"]));
        }
        Operation {
            title: "look whether all is there".to_owned(),
            why: "as many replicas as before, and as many keys".to_owned(),
            commands,
            downtime: false,
        }
    }

    fn services(&self) -> Option<Operation> {
        let names = |of: &Effective, names: &Names| -> Vec<(String, String)> {
            let services = objects(of, &[ObjectKind::Service]).into_iter();
            services
                .map(|service| (names.fill(service.name), service.field("ports").unwrap_or_default().to_owned()))
                .collect()
        };
        let (old, new) = (names(self.before, &self.old), names(self.after, &self.new));
        let gone: Vec<_> = old
            .iter()
            .filter(|(name, _)| !new.iter().any(|(other, _)| other == name))
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let come: Vec<_> = new
            .iter()
            .filter(|(name, _)| !old.iter().any(|(other, _)| other == name))
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let ports = |ports: &str| {
            ports.split(',').filter_map(|port| Some(port.split(':').next()?.to_owned())).collect::<Vec<_>>().join(", ")
        };
        let renamed: Vec<_> = old
            .iter()
            .filter_map(|(name, was)| {
                let (_, is) = new.iter().find(|(other, is)| other == name && ports(is) != ports(was))?;
                Some(format!("`{name}` ({} \u{2192} {})", ports(was), ports(is)))
            })
            .collect();
        if gone.is_empty() && come.is_empty() && renamed.is_empty() {
            return None;
        }
        let mut why = Vec::new();
        if !gone.is_empty() {
            why.push(format!("{} is gone", gone.join(", ")));
        }
        if !come.is_empty() {
            why.push(format!("{} is new", come.join(", ")));
        }
        if !renamed.is_empty() {
            why.push(format!("ports are called otherwise, which monitors and meshes look at: {}", renamed.join(", ")));
        }
        Some(Operation {
            title: "point clients to the Services that there are now".to_owned(),
            why: why.join("; "),
            commands: vec![self.kubectl("get services")],
            downtime: false,
        })
    }

    fn secrets(&self) -> Option<Operation> {
        let of = |of: &Effective, names: &Names| -> Vec<(String, String)> {
            let secrets = objects(of, &[ObjectKind::Secret]).into_iter();
            secrets
                .map(|secret| (names.fill(secret.name), secret.field("keys").unwrap_or_default().to_owned()))
                .collect()
        };
        let (old, new) = (of(self.before, &self.old), of(self.after, &self.new));
        let gone: Vec<_> = old
            .iter()
            .filter(|secret| !new.contains(secret))
            .map(|(name, keys)| format!("`{name}` ({keys})"))
            .collect();
        (!gone.is_empty()).then(|| Operation {
            title: "point who reads the password to where it is now".to_owned(),
            why: format!("{} is not there any more", gone.join(", ")),
            commands: vec![self.kubectl("get secrets")],
            downtime: false,
        })
    }

    fn old_claims(&self) -> Option<Operation> {
        if !Self::keeps_data(self.before) {
            return None;
        }
        let gone = self.gone_sets();
        let claims: Vec<String> =
            gone.iter().flat_map(|set| set.claims(0)).map(|claim| self.old.fill(&claim)).collect();
        (!claims.is_empty()).then(|| Operation {
            title: "delete claims that nobody uses any more, once all is well".to_owned(),
            why: "Helm leaves them, and they cost; one for each pod that there was".to_owned(),
            commands: claims
                .iter()
                .map(|claim| self.kubectl(&format!("delete persistentvolumeclaim {}", quoted(claim))))
                .collect(),
            downtime: false,
        })
    }
}

/// The objects of these kinds that a chart makes with these values.
fn objects(of: &Effective, kinds: &[ObjectKind]) -> Vec<Object> {
    let all = of.chart.objects(of.topology).into_iter();
    all.filter(|object| kinds.contains(&object.kind) && (object.when.is_empty() || of.holds(object.when) == Some(true)))
        .collect()
}

fn format_of(chart: &Chart) -> Option<u16> {
    chart::rdb_format(&chart.app_version().parse().ok()?)
}

/// A name or a port, as a template prints it.
fn printed(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

fn quoted(word: &str) -> String {
    // What holds a zero byte is no name of Kubernetes', and is not run.
    shell::quote(word).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{merge::Layers, read_values};

    fn plan(from: &str, to: &str, old: &str, new: &str) -> Vec<Operation> {
        let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
        let (from, to) = (chart(from), chart(to));
        let before = Effective::new(read_values(old).unwrap(), Layers::default(), &from);
        let after = Effective::new(read_values(new).unwrap(), Layers::default(), &to);
        let place = Place {
            release: "cache",
            namespace: "team",
            files: &["values.yaml"],
            chart_name: "redis",
            has_release: true,
            is_alone: true,
        };
        operations(&before, &after, place)
    }

    fn commands(plan: &[Operation]) -> String {
        plan.iter().flat_map(|operation| &operation.commands).map(|command| format!("{command}\n")).collect()
    }

    #[test]
    fn replicas_are_upgraded_before_the_primary_where_the_snapshots_change() {
        let told = commands(&plan("16.13.2", "23.1.1", "", ""));
        let hold = "--set master.updateStrategy.type=OnDelete --set master.updateStrategy.rollingUpdate=null";
        assert!(told.contains(hold) && told.contains("rollout status statefulset cache-redis-replicas"), "{told}");
        assert!(told.contains("delete pod cache-redis-master-0"), "{told}");
        let sentinel = "sentinel: {enabled: true}\n";
        let told = commands(&plan("16.13.2", "23.1.1", sentinel, sentinel));
        assert!(told.contains("--set replica.updateStrategy.rollingUpdate.partition=1"), "{told}");
        assert!(told.contains("exec cache-redis-node-1 --container sentinel"), "{told}");
        assert!(told.contains("redis-cli -p 26379 sentinel failover mymaster"), "{told}");
        let moved = "sentinel: {enabled: true, masterSet: shop, containerPorts: {sentinel: 26380}}\n";
        let told = commands(&plan("16.13.2", "23.1.1", moved, moved));
        assert!(told.contains("redis-cli -p 26380 sentinel failover shop"), "{told}");
        let told = commands(&plan("22.0.7", "23.1.1", "", ""));
        assert!(!told.contains("OnDelete") && !told.contains("delete statefulset"), "{told}");
    }

    #[test]
    fn the_data_of_a_primary_that_goes_is_copied() {
        let old = "sentinel: {enabled: true}\n";
        let new = "sentinel: {enabled: true}\nslave: {persistence: {size: 20Gi, storageClass: fast}}\n";
        let told = commands(&plan("10.9.0", "11.0.0", old, new));
        for line in
            ["name: redis-data-cache-redis-node-0", "name: redis-data-cache-redis-master-0", "storageClassName: fast"]
        {
            assert!(told.contains(line), "{line}: {told}");
        }
        let told = commands(&plan("13.0.2", "14.0.0", "", ""));
        assert!(!told.contains("PersistentVolumeClaim\n"), "the primary keeps its claims: {told}");
        assert!(told.contains("delete statefulset cache-redis-master"), "{told}");
        assert!(told.contains("delete persistentvolumeclaim redis-data-cache-redis-slave-0"), "{told}");
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
            plan("10.9.0", "11.0.0", &values("slave"), &values("slave")),
            plan("13.0.2", "14.0.0", &values("slave"), &values("replica")),
            plan("16.13.2", "23.1.1", &values("replica"), &values("replica")),
        ];
        for command in plans.iter().flatten().flat_map(|operation| &operation.commands) {
            let script = command.split("<<'END'").next().unwrap();
            let words = shlex::split(script).unwrap_or_else(|| panic!("a quote is open: {command}"));
            assert!(!words.iter().any(|word| word == "touch" || word == "touch;"), "{command}");
            if let Some((_, document)) = command.split_once("<<'END'\n") {
                assert_eq!(
                    document.lines().position(|line| line == "END"),
                    Some(document.lines().count() - 1),
                    "{command}"
                );
            }
        }
    }
}
