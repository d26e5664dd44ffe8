//! See `module_not_in_image.md`: the help text, the web page and the test of this rule.

use crate::lint::{images, locate::locate, prelude::*, redis_conf};

pub(super) static RULE: Rule = Rule {
    id: "module-not-in-image",
    group: Group::Images,
    severity: Severity::Error,
    summary: "module that is not in the configured image",
    docs: include_str!("module_not_in_image.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let Some(directives) = redis_conf::of_all(subject) else { return Vec::new() };
    let loads = |directive: &&redis_conf::Directive| directive.name == "loadmodule";
    let bitnamis = |directive: &&redis_conf::Directive| directive.arguments.trim_start().starts_with(BITNAMI);
    let Some(module) = directives.iter().filter(loads).find(bitnamis) else { return Vec::new() };
    let redis = subject.pulled().iter().find(|pulled| pulled.image.name() == REDIS && pulled.image.path == IMAGE);
    let Some(redis) = redis.filter(|pulled| images::is_foreign(&pulled.repository)) else { return Vec::new() };
    let path = module.arguments.split_ascii_whitespace().next().unwrap_or_default();
    let message = format!("`{path}` is not in the image `{}`: Redis does not start", redis.repository);
    let at = locate(subject, &[redis.key("repository"), module.key.clone()]);
    let finding = Finding::at(at, message).help(format!("set `{}` to lines without `loadmodule`", module.key));
    vec![match module.span {
        Some(span) => finding.mark(span, "loads the module"),
        None => finding.labelled(format!("the default of `{}` loads the module", module.key)),
    }]
}

/// Where Bitnami's images have everything.
const BITNAMI: &str = "/opt/bitnami/";
const REDIS: &str = "redis";
const IMAGE: &str = "image";
