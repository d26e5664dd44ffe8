//! The upgrade steps: StatefulSets to delete first, replicas before the primary, and the upgrade itself.

use super::{
    Planner, RunbookStep, before::list, data::set_selector, has_sentinel, sets::RecreatedStatefulSet,
    snapshots::redis_of,
};
use crate::{
    chart::{self, Setting, Topology},
    shell::CommandLine,
};

impl Planner<'_> {
    pub(super) fn delete_sets(&self) -> Vec<RunbookStep> {
        let kept = self.kept_sets().into_iter().filter(|kept| !kept.refused.is_empty());
        kept.map(|kept| self.delete_set(&kept)).collect()
    }

    fn delete_set(&self, kept: &RecreatedStatefulSet) -> RunbookStep {
        let name = &kept.name;
        let mut why = format!("Kubernetes refuses to change {} in place; ", list(&kept.refused));
        let mut commands = Vec::new();
        if kept.loses_pods {
            why.push_str("the pods are deleted too, because the new StatefulSet does not select them");
            if has_sentinel(&self.old) {
                let pod = format!("{}-0", kept.name);
                why.push_str(&format!("; `{pod}` stops last, with every write"));
                commands.push(self.kubectl("scale statefulset").arg(name).with("--replicas 1"));
                commands.push(self.wait_for_others(&set_selector(&self.old, kept.old), &pod));
            }
            let claims = self.old.claims(kept.old);
            match claims.is_empty() {
                true => why.push_str("; without volumes, all data is lost with the pods"),
                false => why.push_str("; the volume claims stay, and the new pods use them"),
            }
        } else {
            why.push_str("the pods stay, and the new StatefulSet adopts them");
        }
        let cascade = if kept.loses_pods { "--cascade=foreground" } else { "--cascade=orphan" };
        commands.push(self.kubectl("delete statefulset").arg(name).with(cascade));
        RunbookStep {
            title: format!("delete the StatefulSet `{}`", kept.name),
            why,
            commands,
            downtime: kept.loses_pods,
            loses_data: kept.loses_pods && self.old.claims(kept.old).is_empty(),
            ..RunbookStep::default()
        }
    }

    pub(super) fn upgrade(&self) -> Vec<RunbookStep> {
        let loses_data = self.loses_data();
        if !self.place.is_alone {
            return vec![RunbookStep {
                title: "upgrade".to_owned(),
                why: "as usual: the chart is a dependency of another chart, or a controller installs it".to_owned(),
                downtime: !self.overlaps(),
                loses_data,
                ..RunbookStep::default()
            }];
        }
        let snapshots = self.snapshots();
        let (old, new) = (redis_of(&self.old.values.chart), redis_of(&self.new.values.chart));
        let mut plan = Vec::new();
        if snapshots.may_be_older() && self.old.keeps_data() {
            plan.push(RunbookStep {
                title: "empty Redis, or load the data in another way".to_owned(),
                why: match snapshots.is_known() {
                    true => {
                        format!("{new} does not start with data that {old} wrote, and cannot load its snapshots")
                    }
                    false => format!(
                        "{new} may not start with data that {old} wrote: whether their snapshots have the \
                         same format is not known"
                    ),
                },
                downtime: true,
                loses_data: true,
                ..RunbookStep::default()
            });
        }
        let staged = snapshots.may_be_newer() && self.overlaps() && self.new.values.topology != Topology::Standalone;
        if staged {
            plan.extend(self.replicas_first());
        }
        let mut why = match (staged, self.overlaps()) {
            (true, _) => "this upgrade removes the temporary update strategy",
            (false, true) => "pods are replaced one after the other",
            (false, false) => "all pods are replaced at once",
        }
        .to_owned();
        if loses_data {
            why.push_str(match self.old.keeps_data() {
                true => ". The new pods have no volumes, and start without the data",
                false => ". The data is only in the memory of the pods, and is lost",
            });
        }
        if snapshots.may_be_newer() && self.new.keeps_data() {
            why.push_str(&match snapshots.is_known() {
                true => {
                    format!(". After the upgrade, {old} does not start with this data: a rollback needs the snapshot")
                }
                false => {
                    format!(". After the upgrade, {old} may not start with this data: a rollback may need the snapshot")
                }
            });
        }
        let to = self.new.values.chart.version();
        plan.push(RunbookStep {
            title: format!("upgrade to chart {to}, Redis {}", self.new.values.chart.redis()),
            why,
            commands: vec![self.helm_upgrade()],
            downtime: !self.overlaps() || self.new.values.topology == Topology::Standalone,
            loses_data,
            ..RunbookStep::default()
        });
        plan
    }

    /// An older replica cannot read the snapshots of a newer primary, so the primary is the last to be upgraded.
    fn replicas_first(&self) -> Vec<RunbookStep> {
        let (old, new) = (redis_of(&self.old.values.chart), redis_of(&self.new.values.chart));
        let (Some(first), Some(last)) = (self.new.first_pod(), self.new.sets.last()) else { return Vec::new() };
        let last = self.new.name(last);
        let key = |setting: Setting| self.new.first_key(setting).unwrap_or_default();
        let (hold, turn) = match has_sentinel(&self.new) {
            true => {
                (vec![format!("{}=1", key(Setting::RolloutPartition))], self.hand_over(&first, &format!("{last}-1")))
            }
            false => {
                let key = key(Setting::RolloutStrategy);
                let above = chart::above(key).unwrap_or_default();
                (
                    vec![format!("{key}=OnDelete"), format!("{above}.rollingUpdate=null")],
                    RunbookStep {
                        title: "upgrade the primary".to_owned(),
                        why: "Redis cannot be reached until its pod has started again".to_owned(),
                        commands: vec![self.kubectl("delete pod").arg(&first)],
                        downtime: true,
                        loses_data: self.loses_data(),
                        ..RunbookStep::default()
                    },
                )
            }
        };
        let replicas = RunbookStep {
            title: "upgrade the replicas first".to_owned(),
            why: match self.snapshots().is_known() {
                true => format!(
                    "a replica with {old} cannot read the snapshots of a primary with {new}, because their format is \
                     newer. `{first}` keeps {old} for now"
                ),
                false => format!(
                    "a replica with {old} may not read the snapshots of a primary with {new}: their formats are not \
                     known. `{first}` keeps {old} for now"
                ),
            },
            commands: vec![
                hold.iter().fold(self.helm_upgrade(), |upgrade, set| upgrade.with("--set").arg(set)),
                self.kubectl("rollout status statefulset").arg(&last),
            ],
            ..RunbookStep::default()
        };
        vec![replicas, turn]
    }

    fn hand_over(&self, first: &str, to: &str) -> RunbookStep {
        // Sentinel does not wait for the last writes. A pause of writes lets the replicas receive all of them.
        let pause = self.redis(&self.new, first, &CommandLine::new("client pause 5000 write"));
        let failover = self.sentinel(&self.new, to, "failover");
        let role = self.redis(&self.new, first, &CommandLine::new("role"));
        let is_replica = role.pipe(&CommandLine::new("grep -q '^slave'"));
        let wait = CommandLine::until(&is_replica, &CommandLine::new("sleep 2"));
        RunbookStep {
            title: "make an upgraded node the primary".to_owned(),
            why: format!(
                "`{first}` is upgraded as a replica. It accepts no writes for five seconds, so the new \
                 primary has all of them; the last command waits until it is a replica"
            ),
            commands: vec![pause, failover, wait],
            ..RunbookStep::default()
        }
    }
}
