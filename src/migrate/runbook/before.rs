//! Steps before the first change: the migrated file, the images, the installed release, the dry run and the snapshot.

use super::{Planner, RunbookStep, commands::SNAPSHOT};
use crate::{
    chart::Setting,
    effective::{
        EffectiveValues,
        images::{self, ImageSource, PulledImage},
    },
    shell::CommandLine,
};

impl Planner<'_> {
    pub(super) fn write_values(&self) -> Option<RunbookStep> {
        let command = self.place.write?;
        Some(RunbookStep {
            title: format!("write the migrated values to {}", list(self.place.files)),
            why: "the steps below use this file; the old file has keys that the newer chart does not read".to_owned(),
            commands: vec![command.clone()],
            ..RunbookStep::default()
        })
    }

    /// Checks that nodes can pull the images, before a step deletes anything.
    pub(super) fn images(&self) -> Option<RunbookStep> {
        let pulled = [self.new.values, self.old.values].map(images::pulled);
        let [new, old] = [images::unavailable(&pulled[0]), images::unavailable(&pulled[1])];
        let first = new.first().or(old.first())?;
        let mut why = format!("{} no longer serves the versioned images of the chart. ", first.registry);
        if !new.is_empty() {
            let keys: Vec<String> = new.iter().filter_map(|image| instead(image)).collect();
            why.push_str(&format!("New pods do not start on a node without these images. Set {}", keys.join(", ")));
            if let Some(switch) = self.switch() {
                why.push_str(&format!(", `{switch}: true`"));
            }
            if let Some(registry) = self.new.values.places(Setting::Registry).first() {
                why.push_str(&format!(", or `{registry}` to a registry that mirrors them"));
            }
            why.push_str(&format!(" in {}. ", list(self.place.files)));
        }
        if !old.is_empty() {
            let images: Vec<String> = old.iter().map(|image| format!("`{}`", image.address())).collect();
            why.push_str(&format!(
                "A rollback needs the old images: copy {} from a node or a registry that still has them. ",
                images.join(", ")
            ));
        }
        why.push_str("Each command pulls one image on one node");
        let pull = |side: &str, images: &[&PulledImage]| -> Vec<CommandLine> {
            let each = images.iter().enumerate().map(|(at, image)| {
                let pod = format!("pull-{side}-{}", at + 1);
                self.kubectl("run").arg(&pod).with("--image").arg(&image.address()).with(
                    "--image-pull-policy Always --restart Never --rm --attach --pod-running-timeout 2m --command -- true",
                )
            });
            each.collect()
        };
        let commands = [pull("new", &new), pull("old", &old)].concat();
        let title = "check that the images can be pulled".to_owned();
        Some(RunbookStep { title, why, commands, ..RunbookStep::default() })
    }

    /// The switch that the new chart requires for images from other repositories.
    fn switch(&self) -> Option<&'static str> {
        let is_off = |key: &&str| !self.new.values.on(key);
        self.new.values.places(Setting::AllowLegacyImages).into_iter().find(is_off)
    }

    pub(super) fn keep_release(&self) -> Option<RunbookStep> {
        const DEPLOYED: &str = "awk '$1 == \"revision:\" {r = $2} $1 == \"status:\" && $2 == \"deployed\" {print r}'";
        let of_release = |command: &'static str| self.helm(command).arg(self.place.release).with("--output yaml");
        let values = format!("{}.before.yaml", self.place.release);
        let deployed = CommandLine::new(DEPLOYED);
        self.place.has_release.then(|| RunbookStep {
            title: "save the values and the revision of the installed release".to_owned(),
            why: "the rollback uses the number of the revision; `helm rollback` alone does not undo this upgrade, see \
                  \"rollback\" below"
                .to_owned(),
            commands: vec![
                of_release("get values").to_file(&values),
                of_release("history").pipe(&deployed).to_file(&self.revision_file()),
            ],
            ..RunbookStep::default()
        })
    }

    pub(super) fn dry_run(&self) -> Option<RunbookStep> {
        if !self.place.is_alone {
            return None;
        }
        let refused: Vec<String> =
            self.kept_sets().into_iter().filter(|kept| !kept.refused.is_empty()).map(|kept| kept.name).collect();
        let mut why = "nothing is changed yet: the first command lets the chart check its values, the second lets the \
                       API server check the objects (`helm --dry-run=server` does not). "
            .to_owned();
        match refused.as_slice() {
            [] => why.push_str("Both must exit with 0"),
            names => why.push_str(&format!(
                "The first must exit with 0. The second must refuse {} and nothing else; a later step deletes {}",
                list(&names.iter().map(|name| format!("StatefulSet {name}")).collect::<Vec<_>>()),
                if names.len() == 1 { "it" } else { "them" }
            )),
        }
        let check = self.helm_upgrade().with("--dry-run=server > /dev/null");
        let mut commands = vec![check, self.server_dry_run()];
        if !self.place.has_release {
            commands.remove(0);
        }
        let title = "let the chart and the API server check the upgrade".to_owned();
        Some(RunbookStep { title, why, commands, refuses: refused, ..RunbookStep::default() })
    }

    pub(super) fn snapshot(&self) -> Option<RunbookStep> {
        let pod = self.old.first_pod()?;
        let path = format!("/tmp/{SNAPSHOT}");
        let from = format!("{pod}:{path}");
        Some(RunbookStep {
            title: "save a snapshot of the data from the primary".to_owned(),
            why: format!(
                "`{SNAPSHOT}` is the only copy that an older Redis reads after the upgrade; the first number is the \
                 number of keys. Writes after this moment are not in the snapshot"
            ),
            commands: vec![
                self.redis(&self.old, &pod, &CommandLine::new("dbsize")),
                self.redis(&self.old, &pod, &CommandLine::new("--rdb").arg(&path)),
                self.kubectl("cp").arg(&from).with(SNAPSHOT).with("--container").arg(&self.old.redis_container()),
            ],
            ..RunbookStep::default()
        })
    }
}

/// The key and the repository that holds the image now.
fn instead(image: &PulledImage) -> Option<String> {
    let ImageSource::MovedAway { to } = &image.from else { return None };
    Some(format!("`{}: {to}`", image.key("repository")))
}

/// Whether the registry no longer serves the images of these values.
pub(super) fn images_are_gone(of: &EffectiveValues) -> bool {
    !images::unavailable(&images::pulled(of)).is_empty()
}

/// Joins words for a sentence: `a`, `b` and `c`.
pub(super) fn list<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
