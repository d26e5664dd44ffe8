//! Steps after a refused upgrade, and the rollback of a finished upgrade.

use super::{
    Planner, RunbookStep,
    before::{images_are_gone, list},
    commands::SNAPSHOT,
    snapshots::redis_of,
};
use crate::{shell::CommandLine, yaml::Helm};

impl Planner<'_> {
    /// Steps after an upgrade that the API server refused.
    pub(super) fn refused(&self) -> Vec<RunbookStep> {
        let deletions = self.delete_sets();
        if deletions.is_empty() || !self.place.has_release || !self.place.is_alone {
            return Vec::new();
        }
        let downtime = deletions.iter().any(|deletion| deletion.downtime);
        let loses_data = deletions.iter().any(|deletion| deletion.loses_data);
        let mut forward: Vec<CommandLine> = deletions.into_iter().flat_map(|deletion| deletion.commands).collect();
        forward.push(self.helm_upgrade());
        let mut plan = vec![
            RunbookStep {
                title: "check the release after the refused upgrade".to_owned(),
                why: "Helm changes Services before StatefulSets: the Services already select the labels of the new \
                      pods, so they have no endpoints and clients reach nothing, although the old pods run"
                    .to_owned(),
                commands: vec![self.helm("history").arg(self.place.release), self.kubectl("get endpointslices")],
                downtime: true,
                ..RunbookStep::default()
            },
            RunbookStep {
                title: "with Helm 4, roll back".to_owned(),
                why: "the Services get their endpoints back at once".to_owned(),
                commands: vec![self.helm_rollback()],
                helm: Some(Helm::Four),
                ..RunbookStep::default()
            },
            RunbookStep {
                title: "with Helm 3, upgrade again".to_owned(),
                why: "Helm 3 cannot roll back here: it stops with `no ConfigMap with the name ... found`. Delete what \
                      the API server refused, and upgrade again"
                    .to_owned(),
                commands: forward,
                downtime,
                loses_data,
                helm: Some(Helm::Three),
                ..RunbookStep::default()
            },
        ];
        plan.extend(self.load_lost().map(|load| RunbookStep { helm: Some(Helm::Three), ..load }));
        plan
    }

    /// The rollback of a finished upgrade.
    pub(super) fn rollback(&self) -> Vec<RunbookStep> {
        let snapshots = self.snapshots();
        let unreadable = snapshots.may_be_newer();
        let kept = self.kept_sets();
        let mut plan = Vec::new();
        let deleted: Vec<String> =
            kept.iter().filter(|kept| unreadable || !kept.refused.is_empty()).map(|kept| kept.name.clone()).collect();
        if !deleted.is_empty() {
            let fields: Vec<&String> = kept.iter().flat_map(|kept| &kept.refused).collect();
            let why = match fields.is_empty() {
                true if snapshots.is_known() => {
                    "the older Redis does not start with the data of the newer Redis: all pods must stop first"
                        .to_owned()
                }
                true => "the older Redis may not start with the data of the newer Redis: all pods must stop first"
                    .to_owned(),
                false => format!(
                    "Kubernetes refuses `helm rollback` while the old object exists: the rollback changes {} in place",
                    list(&fields)
                ),
            };
            plan.push(RunbookStep {
                title: format!(
                    "delete the StatefulSet{} {}",
                    if deleted.len() == 1 { "" } else { "s" },
                    list(&deleted)
                ),
                why,
                commands: deleted
                    .iter()
                    .map(|name| self.kubectl("delete statefulset").arg(name).with("--cascade=foreground"))
                    .collect(),
                downtime: true,
                loses_data: !self.new.keeps_data(),
                ..RunbookStep::default()
            });
        }
        // The claims that the older pods would use. A release can have more pods after the upgrade than before.
        let claims = kept.iter().map(|kept| [self.old.claims(kept.old), self.new.claims(kept.new)]);
        let claims: Vec<String> =
            claims.flat_map(|sides| sides.into_iter().max_by_key(Vec::len).unwrap_or_default()).collect();
        let emptied = unreadable && !claims.is_empty();
        if emptied {
            plan.push(self.delete_claims(&claims));
        }
        plan.push(self.roll_back());
        if emptied || self.loses_data() || !(self.old.keeps_data() || deleted.is_empty()) {
            plan.extend(self.load(&self.old));
        }
        plan.push(self.check(&self.old));
        plan
    }

    fn delete_claims(&self, claims: &[String]) -> RunbookStep {
        let (old, new) = (redis_of(&self.old.values.chart), redis_of(&self.new.values.chart));
        let cannot = if self.snapshots().is_known() { "cannot" } else { "perhaps cannot" };
        RunbookStep {
            title: format!("delete the volume claims that {new} wrote"),
            why: format!("{old} {cannot} read the claims. The data comes from `{SNAPSHOT}`; later writes are lost"),
            commands: claims
                .iter()
                .map(|claim| self.kubectl("delete persistentvolumeclaim").arg(claim).with("--ignore-not-found"))
                .collect(),
            downtime: true,
            loses_data: true,
            ..RunbookStep::default()
        }
    }

    fn roll_back(&self) -> RunbookStep {
        let version = self.old.values.chart.version();
        let images = match images_are_gone(self.old.values) {
            true => "; its pods need the old images, which their registry no longer serves",
            false => "",
        };
        let is_helm = self.place.has_release && self.place.is_alone;
        let how = if is_helm { "with the values of the installed release" } else { "as you usually deploy the chart" };
        RunbookStep {
            title: format!("roll back to chart {version}"),
            why: format!("{how}{images}"),
            commands: if is_helm { vec![self.helm_rollback()] } else { Vec::new() },
            downtime: true,
            ..RunbookStep::default()
        }
    }

    fn helm_rollback(&self) -> CommandLine {
        let revision = CommandLine::new("cat").arg(&self.revision_file());
        self.helm("rollback").arg(self.place.release).output_of(&revision)
    }
}
