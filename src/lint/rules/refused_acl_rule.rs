//! See `refused_acl_rule.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        acl::{self, User},
        prelude::*,
        redis_conf,
        running::running,
    },
    redis::{
        Running,
        acl::{Refused, refused},
        directives::Program,
    },
    yaml::Span,
};

pub(super) static RULE: Rule = Rule {
    id: "refused-acl-rule",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "ACL user with a word that Redis or Sentinel refuses: it does not start",
    docs: include_str!("refused_acl_rule.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    if !on(Setting::Acl) {
        return Vec::new();
    }
    let users = acl::users(subject);
    let has_modules = redis_conf::may_load_modules(subject);
    let redis = running(subject, Program::Redis);
    let mut found: Vec<Finding> =
        users.iter().filter_map(|user| finding(user, Program::Redis, &redis, has_modules)).collect();
    // The chart writes the same words into the ACL file of Sentinel. Sentinel has few commands.
    if on(Setting::AclSentinel) && !acl::commands_of_sentinels(subject).is_empty() {
        let sentinel = running(subject, Program::Sentinel);
        let is_written = |user: &&User| user.has_password || on(Setting::AclSecret);
        for user in users.iter().filter(is_written) {
            let finding = finding(user, Program::Sentinel, &sentinel, false);
            found.extend(finding.filter(|finding| !found.iter().any(|other| other.marks[0] == finding.marks[0])));
        }
    }
    found
}

fn finding(user: &User, program: Program, running: &Running, has_modules: bool) -> Option<Finding> {
    let words: Vec<&str> = user.rules.iter().map(|(word, _)| word.as_str()).collect();
    // A tab or a line break is a part of a word.
    if words.iter().any(|word| word.contains(char::is_whitespace)) {
        return None;
    }
    let (word, reason) = refused(program, &words, running)?;
    let place: Span = user.rules.iter().find(|(one, _)| one == word)?.1;
    let may_be_of_module = word.contains('.') || matches!(reason, Refused::Category { .. });
    if has_modules && may_be_of_module {
        return None;
    }
    let runs = match program {
        Program::Redis => "Redis",
        Program::Sentinel => "Sentinel",
    };
    // A command with a dot is a command of a module in every version.
    let is_certain =
        running.is_measured() || word.contains('.') || matches!(reason, Refused::Rule | Refused::PatternAfterAll);
    let message = format!("ACL user `{}` has the word `{word}`: {runs} refuses the ACL and does not start", user.name);
    let finding = Finding::at(place, message);
    let finding = match (is_certain, program) {
        (true, _) => finding,
        // Every measured Sentinel has the same few commands.
        (false, Program::Sentinel) => finding.severity(Severity::Warning),
        (false, Program::Redis) => finding.severity(Severity::Info),
    };
    let did_you_mean = |finding: Finding, sign: &str, near: Option<String>| match near {
        Some(near) => finding.help(format!("did you mean `{sign}{near}`?")),
        None => finding,
    };
    let sign = &word[..1];
    Some(match (reason, program) {
        (Refused::Command { .. }, Program::Sentinel) => finding
            .labelled(format!("Sentinel has no command `{}`", &word[1..]))
            .help("name categories such as `+@read` instead of commands, or disable `auth.acl.sentinel`"),
        (Refused::Command { .. }, _) if word.contains('.') => finding
            .labelled(format!("`{}` is a command of a module, and Redis loads none", &word[1..]))
            .help("remove the word, or load the module"),
        (Refused::Command { near }, _) => {
            did_you_mean(finding.labelled(format!("Redis has no command `{}`", &word[1..])), sign, near)
        }
        (Refused::Category { near }, _) => {
            let labelled = finding.labelled(format!("Redis has no category `{}`", &word[1..]));
            did_you_mean(labelled, &format!("{sign}@"), near)
        }
        (Refused::PatternAfterAll, _) => {
            finding.labelled("a word before this word already allows everything").help(format!("remove `{word}`"))
        }
        (Refused::Rule, _) if word == "true" => finding
            .labelled("YAML reads `on` without quotes as `true`")
            .help("write `enabled: \"on\"`, or remove the key"),
        (Refused::Rule, _) => finding
            .labelled("Redis has no such rule")
            .help("begin a key pattern with `~`, a channel with `&`, and a command with `+` or `-`"),
    })
}
