//! See `refused_rename.md`: the help text, the web page and the test of this rule.

use std::collections::{HashMap, HashSet};

use crate::{
    lint::{
        prelude::*,
        redis_conf::{self, Directive},
        replicas,
        running::running,
    },
    redis::{self, acl, arguments::split, directives::Program},
};

pub(super) static RULE: Rule = Rule {
    id: "refused-rename",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "command that is disabled twice or does not exist: Redis does not start",
    docs: include_str!("refused_rename.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let redis = running(subject, Program::Redis);
    let (mut found, mut places) = (Vec::new(), HashSet::new());
    for pods in replicas::pod_keys(subject) {
        let Some(directives) = redis_conf::of_pods(subject, pods) else { continue };
        // A line for all pods is reported once.
        found.extend(of_pods(directives, &redis).into_iter().filter(|finding| places.insert(finding.marks[0].span)));
    }
    found
}

fn of_pods(directives: &[Directive], redis: &redis::Running) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut renamed: HashMap<String, &Directive> = HashMap::new();
    for directive in directives.iter().filter(|directive| directive.name == "rename-command") {
        let Some([command, to]) = split(&directive.arguments).and_then(|words| <[String; 2]>::try_from(words).ok())
        else {
            continue;
        };
        let command = command.to_lowercase();
        if [&command, &to].iter().any(|word| word.contains("{{")) || to.to_lowercase() == command {
            continue;
        }
        if let Some(earlier) = renamed.get(&command) {
            found.extend(twice(&command.to_uppercase(), earlier, directive));
            continue;
        }
        if !acl::is_command(&command, redis) {
            found.extend(missing(&command, directive, redis));
        }
        renamed.insert(command, directive);
    }
    found
}

fn twice(command: &str, earlier: &Directive, later: &Directive) -> Option<Finding> {
    let message = format!("`{command}` is renamed or disabled twice: Redis does not start");
    let (at, other) = if later.span.is_some() { (later, earlier) } else { (earlier, later) };
    let finding = Finding::at(at.span?, message);
    Some(match other.span {
        Some(span) => finding.mark(span, "the other place"),
        None => finding
            .labelled(format!("the default of `{}` disables the command already", other.key))
            .help(format!("remove this line, or set `{}: []`", other.key)),
    })
}

fn missing(command: &str, directive: &Directive, redis: &redis::Running) -> Option<Finding> {
    let shown = command.to_uppercase();
    let finding = if command.contains('|') {
        let message = format!("`{shown}` is a subcommand, which cannot be renamed or disabled: Redis does not start");
        Finding::at(directive.span?, message).help("restrict the subcommand with ACL rules")
    } else if command.contains('.') {
        let message = format!("`{shown}` is a command of a module, which Redis loads later: Redis does not start");
        Finding::at(directive.span?, message).help("restrict the command with ACL rules")
    } else if redis.is_measured() {
        Finding::at(directive.span?, format!("Redis has no command `{shown}` to rename or disable, and does not start"))
    } else {
        let message = format!("the newest Redis that redisgen knows has no command `{shown}` to rename or disable");
        Finding::at(directive.span?, message).severity(Severity::Info)
    };
    Some(match acl::nearest_command(command).filter(|_| !command.contains(['|', '.'])) {
        Some(near) => finding.help(format!("did you mean `{}`?", near.to_uppercase())),
        None => finding,
    })
}
