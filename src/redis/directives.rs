//! Directives of `redis.conf` and of `sentinel.conf`, by the measured servers.

use std::{ops::RangeInclusive, sync::LazyLock};

use super::{
    Running,
    arguments::{Expected, Kind},
    servers, span,
};
use crate::{
    lazy::LazyRows,
    suggest::near,
    table::{Table, table},
};

const DIRECTIVES: Table<7> =
    table!("src/redis/directives.tsv", ["directive", "program", "first", "last", "kind", "arguments", "comment"]);

/// The program that reads a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Program {
    Redis,
    /// The options after the word `sentinel` of a line.
    Sentinel,
}

/// Measured answers about one directive, from one server to another.
#[derive(Debug)]
struct Answers {
    servers: RangeInclusive<usize>,
    kind: Kind,
    /// Whether the servers refuse a comment after the arguments.
    refuses_comment: bool,
}

/// A line that a server refuses, and with which it does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    /// Whether the running Redis is between two measured servers. Otherwise the refusal is the answer of other versions.
    pub is_certain: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No deciding server knows the directive. `near` is the directive that was probably meant, and `since` the first measured
    /// server that knows the directive, if there is one.
    Unknown { near: Option<String>, since: Option<String> },
    /// A quote without its end, or without a space after its end.
    Quotes,
    /// A number sign that was meant to begin a comment is an argument.
    Comment,
    /// The directive has this number of arguments, and expects one.
    NotOne(usize),
    /// An argument that the directive refuses.
    Argument { found: String, expected: Expected },
}

/// A directive of a program, with its answers.
type Row = (Program, &'static str, Answers);

static ROWS: LazyLock<LazyRows<7, Row>> = LazyLock::new(|| LazyRows::new(DIRECTIVES, read));

fn read([directive, program, first, last, kind, arguments, comment]: [&'static str; 7]) -> Result<Row, String> {
    let program = match program {
        "redis" => Program::Redis,
        "sentinel" => Program::Sentinel,
        _ => return Err(format!("`{program}` is no program")),
    };
    let refuses_comment = match comment {
        "refused" => true,
        "accepted" => false,
        _ => return Err(format!("a comment is `refused` or `accepted`, not `{comment}`")),
    };
    let (servers, kind) = (span(servers(), first, last)?, Kind::read(kind, arguments)?);
    Ok((program, directive, Answers { servers, kind, refuses_comment }))
}

/// The measured answers about a directive of a program. Empty for a directive that no server knows.
fn answers(program: Program, name: &str) -> Vec<&'static Answers> {
    ROWS.named(name).filter(|(of, ..)| *of == program).map(|(.., answers)| answers).collect()
}

/// Why a server refuses a directive with these arguments; `None` if one of the deciding servers accepts it.
///
/// `name` is in lower case. Source: `directives.tsv`.
pub fn refusal(program: Program, name: &str, arguments: &[String], running: &Running) -> Option<Refusal> {
    let deciding = running.deciding();
    let answers = answers(program, name);
    let at = |server| answers.iter().find(|answer| answer.servers.contains(&server));
    let mut reason = None;
    for server in deciding.positions {
        if let Some(answers) = at(server) {
            reason = Some(answers.refuses(arguments)?);
        }
    }
    let reason = reason.unwrap_or_else(|| unknown(program, name, &answers));
    Some(Refusal { reason, is_certain: deciding.is_certain })
}

fn unknown(program: Program, name: &str, answers: &[&Answers]) -> Reason {
    let first = answers.iter().map(|answer| *answer.servers.start()).min();
    let since = first.and_then(|first| servers().get(first)).map(ToString::to_string);
    // Sorted, because two names can be equally near.
    let near = if answers.is_empty() { near(name, names(program)) } else { None };
    Reason::Unknown { near, since }
}

impl Answers {
    fn refuses(&self, arguments: &[String]) -> Option<Reason> {
        if self.refuses_comment && self.has_comment(arguments) {
            return Some(Reason::Comment);
        }
        if !self.kind.is_single() {
            return None;
        }
        match arguments {
            [only] => {
                let expected = self.kind.refuses(only)?;
                Some(Reason::Argument { found: only.clone(), expected })
            }
            _ => Some(Reason::NotOne(arguments.len())),
        }
    }

    /// Whether a number sign was meant to begin a comment. With several arguments, a password hash or a new name of a
    /// command can begin with the sign too.
    fn has_comment(&self, arguments: &[String]) -> bool {
        let after_first = arguments.iter().enumerate().skip(1);
        match self.kind.is_single() {
            true => after_first.into_iter().any(|(_, argument)| argument.starts_with('#')),
            false => {
                after_first.into_iter().any(|(at, argument)| argument == "#" && (at > 1 || at + 1 < arguments.len()))
            }
        }
    }
}

/// All measured directives of a program, sorted.
pub fn names(program: Program) -> Vec<&'static str> {
    let rows = ROWS.such(|_| true).filter(|(of, ..)| *of == program);
    let mut names: Vec<_> = rows.map(|(_, name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::rows;

    fn refused(name: &str, arguments: &str, running: &Running) -> Option<Refusal> {
        let arguments = super::super::arguments::split(arguments).unwrap();
        refusal(Program::Redis, name, &arguments, running)
    }

    fn exactly(version: &str) -> Running {
        Running::Exactly(version.parse().unwrap())
    }

    fn is_unknown(program: Program, name: &str, running: &Running) -> bool {
        refusal(program, name, &[], running).is_some_and(|refusal| matches!(refusal.reason, Reason::Unknown { .. }))
    }

    /// Every server between two versions that were measured.
    fn versions(first: &str, last: &str) -> Vec<Running> {
        let servers = servers();
        let span = span(servers, first, last).unwrap();
        servers[span].iter().cloned().map(Running::Exactly).collect()
    }

    #[test]
    fn servers_know_the_directives_of_their_own_lists() {
        let text = include_str!("../../tests/data/redis/config_get.tsv");
        let mut unknown = std::collections::BTreeSet::new();
        for row in rows("config_get.tsv", text) {
            let [name, first, last] = row.fields().unwrap();
            if versions(first, last).iter().any(|running| is_unknown(Program::Redis, name, running)) {
                unknown.insert(name);
            }
            assert!(!is_unknown(Program::Redis, name, &Running::Unknown), "{name}");
        }
        // Redis before 7.0 takes this directive by `CONFIG SET` only.
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), ["watchdog-period"]);
    }

    #[test]
    fn servers_know_the_directives_of_their_own_files() {
        let text = include_str!("../../tests/data/redis/default_files.tsv");
        for row in rows("default_files.tsv", text) {
            let [name, program, first, last] = row.fields().unwrap();
            let program = if program == "redis" { Program::Redis } else { Program::Sentinel };
            for running in versions(first, last) {
                assert!(!is_unknown(program, name, &running), "{name} of {running:?}");
            }
        }
    }

    #[test]
    fn a_line_of_another_program_is_refused_for_its_reason() {
        let running = exactly("8.2.1");
        let reason = |name: &str, arguments: &str| refused(name, arguments, &running).map(|refusal| refusal.reason);
        for (name, arguments) in [
            ("maxmemory", "64mb"),
            ("maxmemory", "\"64MB\""),
            ("maxmemory-clients", "5%"),
            ("maxmemory-policy", "ALLKEYS-LRU"),
            ("appendonly", "yes"),
            ("enable-module-command", "local"),
            ("save", "900 1 300 10"),
            ("save", "\"\""),
            ("bind", "* -::*"),
            ("client-output-buffer-limit", "replica 256mb 64mb 60"),
            ("oom-score-adj-values", "0 200 800"),
            ("shutdown-on-sigterm", "save now"),
            ("notify-keyspace-events", "Ex"),
            ("tls-protocols", "\"TLSv1.2 TLSv1.3\""),
            ("requirepass", "a#b"),
            ("requirepass", "#secret"),
            ("slave-priority", "10"),
            ("loglevel", "nothing"),
            ("hz", "100"),
            ("tcp-keepalive", "0"),
            ("repl-backlog-size", "1mb"),
            ("unixsocketperm", "0755"),
            ("rename-command", "FLUSHDB \"\""),
            ("user", "app on >p ~* +@all"),
            ("user", "app on #0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef ~* +@all"),
            ("rename-command", "FLUSHDB #erase"),
            ("rename-command", "FLUSHDB \"#\""),
        ] {
            assert_eq!(reason(name, arguments), None, "{name} {arguments}");
        }
        for (name, arguments) in [("maxmemory", "64mb # cap"), ("save", "900 1 # often"), ("appendonly", "yes #")] {
            assert_eq!(reason(name, arguments), Some(Reason::Comment), "{name} {arguments}");
        }
        for (name, arguments) in [
            ("maxmemory", "64Mi"),
            ("maxmemory", "1.5gb"),
            ("maxmemory", "75%"),
            ("appendonly", "true"),
            ("maxmemory-policy", "lru"),
            ("port", "70000"),
            ("databases", "0"),
            ("hz", "fast"),
        ] {
            assert!(matches!(reason(name, arguments), Some(Reason::Argument { .. })), "{name} {arguments}");
        }
        assert_eq!(reason("appendonly", "yes no"), Some(Reason::NotOne(2)));
        let near = Some("maxmemory-policy".to_owned());
        assert_eq!(reason("maxmemory_policy", "allkeys-lru"), Some(Reason::Unknown { near, since: None }));
    }

    #[test]
    fn only_servers_on_both_sides_are_certain() {
        let certain = |running: &Running| refused("no-such-directive", "1", running).map(|refusal| refusal.is_certain);
        assert_eq!(certain(&exactly("6.2.7")), Some(true));
        assert_eq!(certain(&exactly("99.0.0")), Some(false));
        assert_eq!(certain(&Running::Unknown), Some(false));
        // 6.2 does not know the directive, and 7.0 does: a version between them may know it.
        assert!(refused("maxmemory-clients", "1gb", &exactly("6.2.16")).is_some());
        assert_eq!(refused("maxmemory-clients", "1gb", &exactly("6.9.0")), None);
        assert_eq!(refused("maxmemory-clients", "1gb", &Running::Unknown), None);
    }
}
