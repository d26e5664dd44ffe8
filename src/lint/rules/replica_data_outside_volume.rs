//! See `replica_data_outside_volume.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{self, Setting},
    lint::{locate::locate, persistence, prelude::*, redis_conf},
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "replica-data-outside-volume",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "data folder of the replicas outside their volume",
    docs: include_str!("replica_data_outside_volume.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let Some(key) = subject.places(Setting::FixedDataMount).into_iter().next() else { return Vec::new() };
    outside(subject, key).into_iter().collect()
}

fn outside(subject: &Subject, key: &str) -> Option<Finding> {
    // The chart mounts the volume at the default of the key, whatever the key is set to.
    let (Value::String(mount), folder) = (subject.default(key)?, subject.text(key)?) else { return None };
    let pods = key.split('.').next()?;
    let directives = redis_conf::of_pods(subject, pods)?;
    if is_inside(folder, mount)
        || !redis_conf::in_effect(directives, &["dir"]).is_empty()
        || has_mount(subject, pods, folder)
    {
        return None;
    }
    let message = format!("the replicas save to `{folder}`, but the chart mounts their volume at `{mount}`");
    let volume = persistence::volume(subject, pods)?;
    let (label, severity) = if persistence::is_on_volume(subject, &volume) {
        ("the data of the replicas is not on their volume", Severity::Error)
    } else {
        ("this folder is in the image", Severity::Warning)
    };
    let above = chart::above(key)?;
    let finding = Finding::at(locate(subject, &[key]), message).labelled(label).severity(severity);
    Some(finding.help(format!("remove `{key}`; to choose a folder on the volume, set `{above}.subPath`")))
}

fn is_inside(folder: &str, mount: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    folder.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether an additional volume is mounted at the folder or above it. A template can render any mount.
fn has_mount(subject: &Subject, pods: &str, folder: &str) -> bool {
    match subject.value(&format!("{pods}.extraVolumeMounts")) {
        Some(Value::List(mounts)) => mounts.iter().any(|mount| match mount {
            Value::Map(mount) => mount
                .get("mountPath")
                .and_then(Value::as_str)
                .is_none_or(|path| path.contains("{{") || is_inside(folder, path.trim_end_matches('/'))),
            _ => true,
        }),
        Some(Value::String(text)) => !text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    fn severity(version: &str, text: &str) -> Option<Severity> {
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let found = check(&Subject::new(&document, Origin::default(), &chart).unwrap());
        found.first().and_then(|finding| finding.severity)
    }

    #[test]
    fn the_volume_moves_with_sentinel_only() {
        let path = "persistence:\n    path: /srv/redis\n";
        for version in ["14.8.11", "28.0.7"] {
            assert_eq!(severity(version, &format!("replica:\n  {path}")), Some(Severity::Error));
            assert_eq!(severity(version, &format!("replica:\n  {path}    enabled: false\n")), Some(Severity::Warning));
            assert_eq!(severity(version, &format!("sentinel:\n  enabled: true\nreplica:\n  {path}")), None);
            assert_eq!(severity(version, &format!("master:\n  {path}")), None);
        }
        assert_eq!(severity("13.0.2", &format!("slave:\n  {path}")), Some(Severity::Error));
    }

    #[test]
    fn a_folder_on_a_volume_is_fine() {
        for text in [
            "replica:\n  persistence:\n    path: /data/\n",
            "replica:\n  persistence:\n    path: /data/redis\n",
            "replica:\n  persistence:\n    path: /srv\n  extraVolumeMounts:\n    - name: srv\n      mountPath: /srv\n",
            "replica:\n  persistence:\n    path: /srv\n  configuration: dir /data\n",
        ] {
            assert_eq!(severity("28.0.7", text), None, "{text}");
        }
    }
}
