//! Steps that keep the data: the choice of the primary, volume claims, and the snapshot of data in memory.

use serde_json::json;

use super::{ChartSide, Planner, RunbookStep, before::list, commands::SNAPSHOT, has_sentinel};
use crate::{
    chart::{Object, Setting},
    shell::CommandLine,
    yaml::Value,
};

impl Planner<'_> {
    /// Makes the first pod the primary. The first pod starts first after the upgrade, and the other pods copy its data.
    pub(super) fn first_is_primary(&self, of: &ChartSide) -> Option<RunbookStep> {
        let pod = of.first_pod().filter(|_| has_sentinel(of))?;
        let role = self.redis(of, &pod, &CommandLine::new("role"));
        // Sentinel prefers the lowest priority, and reads the priority every ten seconds.
        let prefer = self.redis(of, &pod, &CommandLine::new("config set replica-priority 1"));
        let turn = self.sentinel(of, &pod, "failover");
        let is_primary = role.pipe(&CommandLine::new("grep -q '^master'"));
        let pause = CommandLine::new("sleep 15");
        let body = prefer.then(&pause).then(&turn).then(&pause);
        Some(RunbookStep {
            title: format!("make `{pod}` the primary"),
            why: "with Sentinel, any pod can be the primary. The upgrade replaces this pod last, its snapshot is complete, \
                  and all pods use its data after a restart. The command skips the failover if the pod is already \
                  the primary; otherwise, writes during the failover can be lost"
                .to_owned(),
            commands: vec![CommandLine::until(&is_primary, &body)],
            ..RunbookStep::default()
        })
    }

    /// Copies the volume claims of a removed StatefulSet for a new one, if no other pod has the data.
    pub(super) fn copy_claims(&self) -> Option<RunbookStep> {
        if !(self.old.keeps_data() && self.new.keeps_data()) {
            return None;
        }
        let (gone, added) = (self.removed_sets(), self.added_sets());
        let has_primary = |some: &[&Object], all: &[Object]| some.first().is_some_and(|set| all.first() == Some(*set));
        if !(has_primary(&gone, &self.old.sets) && has_primary(&added, &self.new.sets)) {
            return None;
        }
        let (old, new) = (gone.first()?, added.first()?);
        let source = self.old.names.fill(old.claims(0).first()?);
        let target = self.new.names.fill(new.claims(0).first()?);
        let values = self.new.values;
        let of = |setting: Setting| self.new.first_key(setting).and_then(|key| values.value(key));
        let text = |setting: Setting| {
            of(setting).and_then(|value| value.as_str().map(str::to_owned)).filter(|text| !text.is_empty())
        };
        let modes = of(Setting::AccessModes).cloned().unwrap_or_else(|| Value::from(vec!["ReadWriteOnce"]));
        let mut claim = json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": target},
            "spec": {
                "accessModes": serde_json::Value::from(&modes),
                "dataSource": {"kind": "PersistentVolumeClaim", "name": source},
            },
        });
        if let Some(class) = text(Setting::StorageClass) {
            claim["spec"]["storageClassName"] = class.into();
        }
        if let Some(size) = text(Setting::Size) {
            claim["spec"]["resources"] = json!({"requests": {"storage": size}});
        }
        let apply = self.kubectl("apply --filename -");
        Some(RunbookStep {
            title: format!("give `{}` the data of `{}`", self.new.name(new), self.old.name(old)),
            why: format!(
                "the new pods get new, empty volume claims. The command creates `{target}` before that, as a copy of \
                 `{source}`. The storage class must be able to clone volumes (CSI), and the copy must be at least as large. Stop \
                 writing first: the copy does not have later writes"
            ),
            commands: vec![CommandLine::new("printf '%s'").arg(&claim.to_string()).pipe(&apply)],
            downtime: true,
            ..RunbookStep::default()
        })
    }

    /// Grows the existing volume claims, because a new claim template does not change their size.
    pub(super) fn grow_claims(&self) -> Option<RunbookStep> {
        let mut commands = Vec::new();
        for kept in self.kept_sets().into_iter().filter(|kept| kept.resized) {
            let Some(size) = self.new.size(kept.new) else { continue };
            let patch = json!({"spec": {"resources": {"requests": {"storage": size}}}}).to_string();
            let claims = self.old.claims(kept.old).into_iter();
            commands.extend(claims.map(|claim| {
                self.kubectl("patch persistentvolumeclaim").arg(&claim).with("--type merge --patch").arg(&patch)
            }));
        }
        (!commands.is_empty()).then(|| RunbookStep {
            title: "grow the volume claims".to_owned(),
            why: "existing claims keep their size, and only new claims get the new size. The storage class needs \
                  `allowVolumeExpansion: true`; a claim cannot become smaller"
                .to_owned(),
            commands,
            ..RunbookStep::default()
        })
    }

    /// Whether the new pods start without the data of the old pods.
    pub(super) fn loses_data(&self) -> bool {
        // Each new node copies the data from an older node.
        let handed_over = self.overlaps() && has_sentinel(&self.old);
        !(handed_over || self.old.keeps_data() && self.new.keeps_data())
    }

    pub(super) fn load_lost(&self) -> Option<RunbookStep> {
        self.loses_data().then(|| self.load(&self.new)).flatten()
    }

    /// Loads the snapshot into the pods of one side.
    pub(super) fn load(&self, of: &ChartSide) -> Option<RunbookStep> {
        let (pod, set) = (of.first_pod()?, of.sets.first()?);
        let name = of.name(set);
        let container = of.redis_container();
        let to = format!("{pod}:/tmp/{SNAPSHOT}");
        let mut commands = vec![
            self.kubectl("rollout status statefulset").arg(&name),
            self.kubectl("cp").with(SNAPSHOT).arg(&to).with("--container").arg(&container),
            self.exec(&CommandLine::word(&pod), &container, &of.load_script()),
        ];
        let mut why =
            "a second Redis in the pod of the primary serves the snapshot for a moment, and the primary copies \
                       it: for that time the container needs memory for the data twice"
                .to_owned();
        if has_sentinel(of) {
            // A primary that copies data reports itself as a replica, and Sentinel would choose another primary.
            let scale =
                |count: u16| self.kubectl("scale statefulset").arg(&name).with("--replicas").arg(&count.to_string());
            commands.insert(0, scale(1));
            commands.insert(1, self.wait_for_others(&set_selector(of, set), &pod));
            commands.push(scale(of.pods(set)));
            why.push_str(". The other nodes are stopped meanwhile, so Sentinel cannot choose one of them");
        }
        Some(RunbookStep {
            title: format!("load the snapshot `{SNAPSHOT}`, if you want the data"),
            why,
            commands,
            downtime: true,
            ..RunbookStep::default()
        })
    }

    /// Waits until a StatefulSet has no other pod than this one.
    pub(super) fn wait_for_others(&self, selector: &str, pod: &str) -> CommandLine {
        let others = format!("{selector},statefulset.kubernetes.io/pod-name!={pod}");
        self.kubectl("wait pods --selector").arg(&others).with("--for delete --timeout 5m")
    }

    pub(super) fn unused_claims(&self) -> Option<RunbookStep> {
        let claims: Vec<String> = self.removed_sets().iter().flat_map(|set| self.old.claims(set)).collect();
        (!claims.is_empty()).then(|| RunbookStep {
            title: "delete the unused volume claims when everything works".to_owned(),
            why: format!(
                "Helm keeps {}: the claims cost money, and have the data from before the upgrade",
                list(&claims)
            ),
            commands: claims.iter().map(|claim| self.kubectl("delete persistentvolumeclaim").arg(claim)).collect(),
            ..RunbookStep::default()
        })
    }
}

/// The label selector for the pods of a StatefulSet.
pub(super) fn set_selector(of: &ChartSide, set: &Object) -> String {
    of.names.fill(set.field("selector").unwrap_or_default())
}
