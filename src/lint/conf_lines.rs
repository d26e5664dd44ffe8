//! The lines of `redis.conf` and of `sentinel.conf` in a file, as the measured servers answer them.

pub(super) mod refused_line;

use super::{
    Subject,
    redis_conf::{self, Directive},
    running::running,
};
use crate::{
    chart::Setting,
    redis::{
        Running,
        arguments::split,
        directives::{self, Program, Reason, Refusal},
    },
};
pub(super) use refused_line::RefusedLine;

/// The refused lines of the file, in all its texts.
pub(super) fn refused<'a>(subject: &'a Subject) -> &'a [RefusedLine] {
    subject.refused_lines.get_or_init(|| find_refused(subject))
}

fn find_refused(subject: &Subject) -> Vec<RefusedLine> {
    let redis = running(subject, Program::Redis);
    let has_modules = redis_conf::may_load_modules(subject);
    let lines = redis_conf::written(subject).into_iter();
    let mut found: Vec<_> = lines.filter_map(|line| refused_line(line, Program::Redis, &redis, has_modules)).collect();
    let sentinel = running(subject, Program::Sentinel);
    for key in subject.places(Setting::SentinelConf) {
        for line in redis_conf::lines(subject, key).iter().filter(|line| line.span.is_some()) {
            found.extend(refused_line(line, Program::Sentinel, &sentinel, false));
        }
    }
    found
}

fn refused_line(directive: &Directive, program: Program, running: &Running, has_modules: bool) -> Option<RefusedLine> {
    // A template, or a variable of the start script, can become any text.
    if ["{{", "$"].iter().any(|mark| directive.arguments.contains(mark) || directive.name.contains(mark)) {
        return None;
    }
    // The prefix of a module.
    if directive.name.contains('.') {
        return None;
    }
    let runs = match program {
        Program::Redis => "Redis",
        Program::Sentinel => "Sentinel",
    };
    // A shell reads the quotes of a flag first.
    if directive.is_flag() && directive.arguments.contains(['"', '\'', '\\']) {
        return None;
    }
    let Some(mut arguments) = split(&directive.arguments) else {
        let refusal = Refusal { reason: Reason::Quotes, is_certain: true };
        let name = directive.name.clone();
        return Some(RefusedLine { directive: directive.clone(), name, program: runs, refusal, has_modules });
    };
    let mut name = directive.name.clone();
    let mut asked = Program::Redis;
    if program == Program::Sentinel && name == "sentinel" {
        if arguments.is_empty() {
            return None;
        }
        asked = Program::Sentinel;
        name = arguments.remove(0).to_lowercase();
    }
    let refusal = directives::refusal(asked, &name, &arguments, running)?;
    let name = if asked == Program::Sentinel { format!("sentinel {name}") } else { name };
    Some(RefusedLine { directive: directive.clone(), name, program: runs, refusal, has_modules })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, lint, source::Origin, yaml::Document};

    /// The findings about the configuration: `RULE SEVERITY`, at a chart version.
    fn found(version: &str, text: &str) -> Vec<String> {
        let rules = [
            "unknown-directive",
            "refused-directive",
            "refused-rename",
            "refused-acl-rule",
            "cluster-mode-with-replicas",
            "no-node-to-promote",
        ];
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let subject = Subject::new(&document, Origin::default(), &chart).unwrap();
        let found = lint::lint(&subject).into_iter().filter(|found| rules.contains(&found.rule));
        found.map(|found| format!("{} {}", found.rule, found.severity)).collect()
    }

    fn in_conf(version: &str, line: &str) -> Vec<String> {
        let lines = line.replace('\n', "\n  ");
        found(version, &format!("architecture: standalone\ncommonConfiguration: |-\n  {lines}\n"))
    }

    #[test]
    fn an_unknown_directive_is_an_error_only_between_measured_servers() {
        assert_eq!(in_conf("23.1.1", "no-such-directive 1"), ["unknown-directive error"]);
        assert_eq!(in_conf("16.8.9", "no-such-directive 1"), ["unknown-directive error"]);
        // The tag of this chart moves, and no measured server is as new.
        assert_eq!(in_conf("28.0.7", "no-such-directive 1"), ["unknown-directive info"]);
        let modules = "loadmodule /m.so\nno-such-directive 1";
        assert_eq!(in_conf("23.1.1", modules), ["unknown-directive info"]);
        assert_eq!(in_conf("23.1.1", "search-threads 4\nsearch.threads 4").len(), 1);
        let image = "image:\n  repository: valkey/valkey\n  tag: 9.1.2\narchitecture: standalone\n";
        let text = format!("{image}commonConfiguration: no-such-directive 1\n");
        assert_eq!(found("23.1.1", &text), ["unknown-directive info"]);
    }

    #[test]
    fn lines_of_templates_and_of_others_are_not_checked() {
        assert_eq!(in_conf("23.1.1", "maxmemory {{ .Values.max }}"), Vec::<String>::new());
        assert_eq!(in_conf("23.1.1", "{{- if .Values.x }}\nmaxmemory 64Mi\n{{- end }}"), Vec::<String>::new());
        let elsewhere = "existingConfigmap: mine\ncommonConfiguration: maxmemory 64Mi\n";
        assert_eq!(found("23.1.1", elsewhere), Vec::<String>::new());
    }

    #[test]
    fn the_form_of_an_argument_is_wrong_in_every_version() {
        for line in ["maxmemory 64mb # cap", "maxmemory 64Mi", "maxmemory 1.5gb", "maxmemory 75%", "appendonly true"] {
            assert_eq!(in_conf("23.1.1", line), ["refused-directive error"], "{line}");
            assert_eq!(in_conf("28.0.7", line), ["refused-directive warning"], "{line}");
        }
        assert_eq!(in_conf("28.0.7", "maxmemory-policy lru"), ["refused-directive info"]);
        // Redis 8.2 does not know the policy, and 8.6 does.
        let policy = "architecture: standalone\ncommonConfiguration: maxmemory-policy allkeys-lrm\n";
        assert_eq!(found("23.1.1", policy), ["refused-directive error"]);
        let newer = format!("image: {{repository: redis, tag: 8.4.0}}\n{policy}");
        assert_eq!(found("23.1.1", &newer), Vec::<String>::new());
    }

    #[test]
    fn a_command_is_disabled_once() {
        let rename = "appendonly yes\nrename-command FLUSHDB \"\"";
        assert_eq!(in_conf("23.1.1", rename), ["refused-rename error"]);
        assert_eq!(in_conf("28.0.7", rename), ["refused-rename error"]);
        let none = format!("master: {{disableCommands: []}}\n{}", "commonConfiguration: rename-command FLUSHDB \"\"\n");
        assert_eq!(found("23.1.1", &format!("architecture: standalone\n{none}")), Vec::<String>::new());
        let missing = "architecture: standalone\nmaster: {disableCommands: [NOSUCH]}\n";
        assert_eq!(found("23.1.1", missing), ["refused-rename error"]);
        assert_eq!(found("28.0.7", missing), ["refused-rename info"]);
        // Both kinds of pods have the line, and it is one line.
        assert_eq!(found("23.1.1", "commonConfiguration: rename-command FLUSHALL x\n"), ["refused-rename error"]);
    }

    #[test]
    fn acl_users_have_only_words_that_redis_knows() {
        let user = |version: &str, more: &str, user: &str| {
            found(version, &format!("auth:\n  acl:\n    enabled: true\n    users: [{{username: a, {user}}}]\n{more}"))
        };
        assert_eq!(user("23.1.1", "", "enabled: on"), ["refused-acl-rule error"]);
        assert_eq!(user("23.1.1", "", "enabled: off"), Vec::<String>::new());
        assert_eq!(user("23.1.1", "", "enabled: \"on\", commands: \"+@read -keys\""), Vec::<String>::new());
        assert_eq!(user("23.1.1", "", "commands: +@foo"), ["refused-acl-rule error"]);
        assert_eq!(user("28.0.7", "", "commands: +nosuch"), ["refused-acl-rule info"]);
        let plain = "commonConfiguration: appendonly yes\n";
        for command in ["+ft.search", "+@all -json.set"] {
            assert_eq!(user("28.0.7", plain, &format!("commands: {command}")), ["refused-acl-rule error"]);
            // The default configuration of this chart loads these modules.
            assert_eq!(user("28.0.7", "", &format!("commands: {command}")), Vec::<String>::new());
        }
        let other = "existingConfigmap: mine\n";
        assert_eq!(user("28.0.7", other, "commands: +ft.search"), Vec::<String>::new());
    }

    #[test]
    fn cluster_mode_and_priorities_depend_on_the_topology() {
        let cluster = "commonConfiguration: cluster-enabled yes\n";
        assert_eq!(found("23.1.1", cluster), ["cluster-mode-with-replicas error"]);
        assert_eq!(found("23.1.1", &format!("{cluster}replica: {{replicaCount: 0}}\n")), Vec::<String>::new());
        assert_eq!(found("23.1.1", &format!("{cluster}architecture: standalone\n")), Vec::<String>::new());
        let priority = "commonConfiguration: slave-priority 0\n";
        assert_eq!(found("23.1.1", priority), Vec::<String>::new());
        let sentinel = "sentinel: {enabled: true}\n";
        assert_eq!(found("23.1.1", &format!("{priority}{sentinel}")), ["no-node-to-promote error"]);
    }
}
