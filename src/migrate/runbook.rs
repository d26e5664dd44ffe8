//! The upgrade steps of a migration, in order, as commands to copy into a shell; what a refused upgrade leaves; and
//! the way back.
//!
//! The plan uses the objects that both charts render with the values: their names, and the fields that Kubernetes refuses
//! to change. The plan also uses the snapshot formats of both versions of Redis, and the images that registries no longer
//! serve. The plan knows nothing about the cluster.

mod after;
mod before;
mod commands;
mod data;
mod recovery;
mod sets;
mod snapshots;
mod upgrade;
mod users;

use crate::{
    chart::{Names, Object, ObjectKind, Topology},
    effective::EffectiveValues,
    shell::CommandLine,
    yaml::Helm,
};

/// The steps of an upgrade, its recovery and its rollback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps of the upgrade.
    pub steps: Vec<RunbookStep>,
    /// Steps after an upgrade that the API server refused, because a step was left out.
    pub refused: Vec<RunbookStep>,
    /// Steps from a finished upgrade back to the older chart.
    pub rollback: Vec<RunbookStep>,
}

/// A step of the runbook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunbookStep {
    pub title: String,
    pub why: String,
    /// Commands for a shell; one command can have several lines.
    pub commands: Vec<CommandLine>,
    /// Whether clients cannot reach Redis during the step.
    pub downtime: bool,
    /// Whether the step deletes data that only the snapshot has.
    pub loses_data: bool,
    /// Objects that the API server is expected to refuse: the last command fails with their names.
    pub refuses: Vec<String>,
    /// The version of Helm that the step is for. `None` for both versions.
    pub helm: Option<Helm>,
}

/// The release to upgrade, with its files.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub release: &'a str,
    pub namespace: &'a str,
    /// The files with the migrated values, in the order of Helm's `--values`.
    pub files: &'a [&'a str],
    /// The command that writes the files. `None` if the files exist.
    pub write: Option<&'a CommandLine>,
    /// The name of the chart in the release: `redis`, or the alias of a dependency.
    pub chart_name: &'a str,
    /// Whether Helm stores the release. Argo CD renders the chart and stores no release.
    pub has_release: bool,
    /// Whether the user installs the chart directly, not as a dependency or with a controller.
    pub is_alone: bool,
}

/// Plans the upgrade, the recovery and the rollback of a release.
pub fn operations(before: &EffectiveValues, after: &EffectiveValues, place: Target) -> Plan {
    let planner = Planner::new(before, after, place);
    Plan { steps: planner.steps(), refused: planner.refused(), rollback: planner.rollback() }
}

/// One side of the migration.
struct ChartSide<'a> {
    values: &'a EffectiveValues,
    names: Names,
    /// The StatefulSets, sorted by name: the StatefulSet of the primary comes first.
    sets: Vec<Object>,
}

struct Planner<'a> {
    old: ChartSide<'a>,
    new: ChartSide<'a>,
    place: Target<'a>,
}

impl<'a> ChartSide<'a> {
    fn new(values: &'a EffectiveValues, place: &Target) -> Self {
        let names = Names::new(
            &values.chart,
            place.release,
            place.chart_name,
            values.text("nameOverride"),
            values.text("fullnameOverride"),
        );
        Self { values, names, sets: objects(values, ObjectKind::StatefulSet) }
    }
}

impl<'a> Planner<'a> {
    fn new(before: &'a EffectiveValues, after: &'a EffectiveValues, place: Target<'a>) -> Self {
        Self { old: ChartSide::new(before, &place), new: ChartSide::new(after, &place), place }
    }

    fn steps(&self) -> Vec<RunbookStep> {
        let mut plan = Vec::new();
        plan.extend(self.write_values());
        plan.extend(self.images());
        plan.extend(self.keep_release());
        plan.extend(self.dry_run());
        plan.extend(self.first_is_primary(&self.old));
        plan.extend(self.snapshot());
        plan.extend(self.copy_claims());
        plan.extend(self.grow_claims());
        plan.extend(self.delete_sets());
        plan.extend(self.acl_users());
        plan.extend(self.primary_label());
        plan.extend(self.upgrade());
        plan.extend(self.load_lost());
        plan.push(self.check(&self.new));
        plan.extend(self.services());
        plan.extend(self.secrets());
        plan.extend(self.unused_claims());
        plan.push(self.verify());
        plan
    }
}

/// The objects of one kind that the chart makes with these values.
fn objects(of: &EffectiveValues, kind: ObjectKind) -> Vec<Object> {
    let all = of.chart.objects(of.topology).into_iter();
    all.filter(|object| object.kind == kind && (object.when.is_empty() || of.holds(object.when) == Some(true)))
        .collect()
}

fn has_sentinel(of: &ChartSide) -> bool {
    of.values.topology == Topology::Sentinel
}

#[cfg(test)]
mod tests;
