//! The upgrade steps of a migration, in order, as commands to copy into a shell; what a refused upgrade leaves; and
//! the way back.
//!
//! The plan knows what the chart makes with its own values and these: the names of workloads, Services, volume claims
//! and Secrets, what Kubernetes refuses to change, which Redis reads which data, and which images left their registry.
//! It does not know the cluster.

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

/// What a person does, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The upgrade.
    pub steps: Vec<RunbookStep>,
    /// What to do where the upgrade was refused because a step was left out.
    pub refused: Vec<RunbookStep>,
    /// What to do to get from a finished upgrade back to the older chart.
    pub rollback: Vec<RunbookStep>,
}

/// Something to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunbookStep {
    pub title: String,
    pub why: String,
    /// Each may go on over several lines.
    pub commands: Vec<CommandLine>,
    /// Whether clients cannot reach Redis meanwhile.
    pub downtime: bool,
    /// Whether data goes that only the snapshot holds.
    pub loses_data: bool,
    /// The objects that the API server is expected to refuse: the last command fails and names them.
    pub refuses: Vec<String>,
    /// The only Helm that this is for; none where it is for both.
    pub helm: Option<Helm>,
}

/// Which release is upgraded, and with which files.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub release: &'a str,
    pub namespace: &'a str,
    /// The files of the migrated values, in the order in which Helm takes them.
    pub files: &'a [&'a str],
    /// The command that writes them; none where they are written already.
    pub write: Option<&'a CommandLine>,
    /// What the chart is called there: `redis`, or the alias of a dependency.
    pub chart_name: &'a str,
    /// Whether Helm knows of the release: Argo CD renders the chart and keeps none.
    pub has_release: bool,
    /// Whether the chart is installed by itself, not as a dependency of another or by a controller.
    pub is_alone: bool,
}

/// What is to be done, in order.
pub fn operations(before: &EffectiveValues, after: &EffectiveValues, place: Target) -> Plan {
    let planner = Planner::new(before, after, place);
    Plan { steps: planner.steps(), refused: planner.refused(), rollback: planner.rollback() }
}

/// One side of the migration.
struct ChartSide<'a> {
    values: &'a EffectiveValues,
    names: Names,
    /// Sorted by name, which brings that of the primary before that of the replicas.
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
            values.text("nameOverride").as_deref(),
            values.text("fullnameOverride").as_deref(),
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
        plan
    }
}

/// The objects of this kind that a chart makes with these values.
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
