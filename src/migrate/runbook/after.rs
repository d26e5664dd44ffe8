//! Steps after the upgrade: the check of the pods, and changes for clients.

use super::{ChartSide, Planner, RunbookStep, objects};
use crate::{chart::ObjectKind, shell::CommandLine};

impl Planner<'_> {
    pub(super) fn check(&self, of: &ChartSide) -> RunbookStep {
        let mut commands: Vec<CommandLine> =
            of.sets.iter().map(|set| self.kubectl("rollout status statefulset").arg(&of.name(set))).collect();
        let check = self.each_pod(of, &of.state_script()).then(&CommandLine::new("sleep 20"));
        commands.push(CommandLine::for_each("turn", &CommandLine::new("1 2"), &check));
        RunbookStep {
            title: "check every pod, twice".to_owned(),
            why:
                "one `role:master`, each other pod `master_link_status:up`, and as many keys in each pod as before; a \
                  link that breaks right after the start shows only the second time"
                    .to_owned(),
            commands,
            ..RunbookStep::default()
        }
    }

    /// Checks the migrated release as a whole.
    pub(super) fn verify(&self) -> RunbookStep {
        let version = self.new.values.chart.version().to_string();
        let command = CommandLine::new("redisgen verify").arg(self.place.release);
        let command =
            command.with("--namespace").arg(self.place.namespace).with("--wait 5m --chart-version").arg(&version);
        let files = self.place.files.iter().copied();
        RunbookStep {
            title: "check the release against the migrated values".to_owned(),
            why:
                "roles, passwords, Sentinels, configuration and writes; the check of every pod above needs no redisgen"
                    .to_owned(),
            commands: vec![files.fold(command, |command, file| command.with("--values").arg(file))],
            ..RunbookStep::default()
        }
    }

    pub(super) fn services(&self) -> Option<RunbookStep> {
        let of = |side: &ChartSide| -> Vec<(String, &'static str)> {
            let services = objects(side.values, ObjectKind::Service).into_iter();
            services
                .map(|service| (side.names.fill(service.name), service.field("ports").unwrap_or_default()))
                .collect()
        };
        let (old, new) = (of(&self.old), of(&self.new));
        let missing = |some: &[(String, &str)], others: &[(String, &str)]| -> Vec<String> {
            let is_there = |name: &String| others.iter().any(|(other, _)| other == name);
            some.iter().filter(|(name, _)| !is_there(name)).map(|(name, _)| format!("`{name}`")).collect()
        };
        let (gone, added) = (missing(&old, &new), missing(&new, &old));
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
        let mut why = Vec::new();
        if !gone.is_empty() {
            why.push(format!("removed: {}", gone.join(", ")));
        }
        if !added.is_empty() {
            why.push(format!("added: {}", added.join(", ")));
        }
        if !renamed.is_empty() {
            why.push(format!("ports with another name, which monitors and meshes select: {}", renamed.join(", ")));
        }
        (!why.is_empty()).then(|| RunbookStep {
            title: "point clients to the new Services".to_owned(),
            why: why.join("; "),
            commands: vec![self.kubectl("get services")],
            ..RunbookStep::default()
        })
    }

    pub(super) fn secrets(&self) -> Option<RunbookStep> {
        let of = |side: &ChartSide| -> Vec<(String, &'static str)> {
            let secrets = objects(side.values, ObjectKind::Secret).into_iter();
            secrets.map(|secret| (side.names.fill(secret.name), secret.field("keys").unwrap_or_default())).collect()
        };
        let (old, new) = (of(&self.old), of(&self.new));
        let gone: Vec<_> = old
            .iter()
            .filter(|secret| !new.contains(secret))
            .map(|(name, keys)| format!("`{name}` ({keys})"))
            .collect();
        (!gone.is_empty()).then(|| RunbookStep {
            title: "point clients to the Secret that holds the password now".to_owned(),
            why: format!("removed: {}", gone.join(", ")),
            commands: vec![self.kubectl("get secrets")],
            ..RunbookStep::default()
        })
    }
}
