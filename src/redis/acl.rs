//! Commands, and the words of ACL rules, by the measured servers.

use std::{ops::RangeInclusive, sync::LazyLock};

use super::{Running, directives::Program, servers, span};
use crate::{
    lazy::LazyRows,
    suggest::near,
    table::{Table, table},
};

const WORDS: Table<4> = table!("src/redis/words.tsv", ["word", "kind", "first", "last"]);

/// What a word of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Command,
    Category,
    /// A whole rule of an ACL user, such as `allkeys`.
    Rule,
    /// The beginning of a rule, such as `~`.
    Prefix,
    /// A command that a rule in the ACL file of a Sentinel may name.
    SentinelCommand,
}

/// A word of the table, with the measured servers that know it.
type Row = (Kind, &'static str, RangeInclusive<usize>);

static ROWS: LazyLock<LazyRows<4, Row>> = LazyLock::new(|| LazyRows::new(WORDS, read));

fn read([word, kind, first, last]: [&'static str; 4]) -> Result<Row, String> {
    let kind = match kind {
        "command" => Kind::Command,
        "category" => Kind::Category,
        "rule" => Kind::Rule,
        "prefix" => Kind::Prefix,
        "sentinel-command" => Kind::SentinelCommand,
        _ => return Err(format!("`{kind}` is no kind of word")),
    };
    Ok((kind, word, span(servers(), first, last)?))
}

fn words(kind: Kind) -> impl Iterator<Item = &'static str> {
    ROWS.such(|_| true).filter(move |(of, ..)| *of == kind).map(|(_, word, _)| *word)
}

/// Whether a deciding server knows the word.
fn is_known(kind: Kind, word: &str, running: &Running) -> bool {
    let deciding = running.deciding().positions;
    let mut spans = ROWS.named(word).filter(|(of, ..)| *of == kind).map(|(.., span)| span);
    spans.any(|span| span.start() <= deciding.end() && deciding.start() <= span.end())
}

/// Whether Redis itself has the command, in any case of letters. Modules can add others.
pub fn is_command(name: &str, running: &Running) -> bool {
    is_known(Kind::Command, &name.to_lowercase(), running)
}

/// The command of Redis that was probably meant.
pub fn nearest_command(name: &str) -> Option<String> {
    nearest(Kind::Command, name)
}

fn nearest(kind: Kind, word: &str) -> Option<String> {
    /// All words by kind, each once.
    static SORTED: LazyLock<Vec<(Kind, &'static str)>> = LazyLock::new(|| {
        let mut words: Vec<_> = ROWS.such(|_| true).map(|(kind, word, _)| (*kind, *word)).collect();
        words.sort_unstable_by_key(|(kind, word)| (*word, *kind as u8));
        words.dedup();
        words
    });
    near(word, SORTED.iter().filter(|(of, _)| *of == kind).map(|(_, word)| *word))
}

/// A word of an ACL rule that Redis refuses. Redis then refuses the whole file, and does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// No such command. A module may have the command, if its name has a dot.
    Command {
        near: Option<String>,
    },
    Category {
        near: Option<String>,
    },
    /// Redis knows no such rule.
    Rule,
    /// A pattern after a rule that already allows all keys or channels.
    PatternAfterAll,
}

/// The first word of the rules of one user that all deciding servers refuse, with the reason.
///
/// The words are those that the chart writes after the name of the user. Source: `words.tsv`.
pub fn refused<'r>(program: Program, rules: &[&'r str], running: &Running) -> Option<(&'r str, Refused)> {
    let (mut all_keys, mut all_channels) = (false, false);
    for word in rules {
        if word.starts_with('(') {
            // A selector has rules of its own, which are not checked.
            return None;
        }
        match *word {
            "~*" | "allkeys" => all_keys = true,
            "&*" | "allchannels" => all_channels = true,
            "resetkeys" => all_keys = false,
            "resetchannels" => all_channels = false,
            "reset" => (all_keys, all_channels) = (false, false),
            _ if all_keys && word.starts_with(['~', '%']) || all_channels && word.starts_with('&') => {
                return Some((word, Refused::PatternAfterAll));
            }
            _ => {}
        }
        if let Some(refused) = refused_word(program, word, running) {
            return Some((word, refused));
        }
    }
    None
}

fn refused_word(program: Program, word: &str, running: &Running) -> Option<Refused> {
    if let Some(what) = word.strip_prefix(['+', '-']) {
        let what = what.to_lowercase();
        if let Some(category) = what.strip_prefix('@') {
            let is_known = is_known(Kind::Category, category, running);
            return (!is_known).then(|| Refused::Category { near: nearest(Kind::Category, category) });
        }
        let command = what.split('|').next().unwrap_or_default();
        let kind = match program {
            Program::Redis => Kind::Command,
            Program::Sentinel => Kind::SentinelCommand,
        };
        return (!is_known(kind, command, running)).then(|| Refused::Command { near: nearest(kind, command) });
    }
    let is_rule = is_known(Kind::Rule, &word.to_lowercase(), running);
    // A hash has 64 digits.
    if word.strip_prefix(['#', '!']).is_some_and(|hash| hash.len() != 64) {
        return Some(Refused::Rule);
    }
    let mut prefixes = words(Kind::Prefix);
    let has_prefix = prefixes.any(|prefix| word.starts_with(prefix) && is_known(Kind::Prefix, prefix, running));
    (!is_rule && !has_prefix).then_some(Refused::Rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(version: &str) -> Running {
        Running::Exactly(version.parse().unwrap())
    }

    fn first_refused(rules: &str, program: Program, version: &str) -> Option<String> {
        let rules: Vec<&str> = rules.split(' ').collect();
        refused(program, &rules, &exactly(version)).map(|(word, _)| word.to_owned())
    }

    /// Each line was run as an ACL file.
    #[test]
    fn rules_are_refused_as_servers_do() {
        for accepted in [
            "on ~* &* +@all",
            "ON ~a:* %R~b %RW~c &a:* allchannels +GET -@dangerous",
            "off allkeys resetkeys ~a nopass nocommands +config|get -config|get +select|0 +get|x",
            "on ~* &* +@read (+set ~b nosuch)",
            "on ~a:* ~* allkeys +vadd",
            "on resetpass sanitize-payload reset clearselectors ~",
        ] {
            assert_eq!(first_refused(accepted, Program::Redis, "8.2.1"), None, "{accepted}");
        }
        for (rules, word) in [
            ("true ~* +@all", "true"),
            ("on ~* +@foo", "+@foo"),
            ("on ~* +ft.search", "+ft.search"),
            ("on ~* +@all -json.set", "-json.set"),
            ("on app:* +@all", "app:*"),
            ("on ~* ~app:* +@all", "~app:*"),
            ("on ~* %R~app:* +@all", "%R~app:*"),
            ("on ~* &* &app:* +@all", "&app:*"),
            ("on ~* +get,+set", "+get,+set"),
            ("on ~* # note", "#"),
            ("on ~* +sentinel", "+sentinel"),
        ] {
            assert_eq!(first_refused(rules, Program::Redis, "8.2.1").as_deref(), Some(word), "{rules}");
        }
        assert_eq!(first_refused("on ~* +vadd", Program::Redis, "7.4.0").as_deref(), Some("+vadd"));
        // A version between a server without the command and one with the command.
        assert_eq!(first_refused("on ~* +vadd", Program::Redis, "7.9.0"), None);
    }

    #[test]
    fn sentinel_has_few_commands() {
        for accepted in ["on ~* &* +@read -@dangerous", "on +ping +publish +sentinel -client|no-evict"] {
            assert_eq!(first_refused(accepted, Program::Sentinel, "8.2.1"), None, "{accepted}");
        }
        for word in ["+get", "-set", "-debug", "+config|get", "-ft.search"] {
            assert_eq!(first_refused(word, Program::Sentinel, "8.2.1").as_deref(), Some(word));
        }
    }

    #[test]
    fn a_mistyped_command_has_a_near_one() {
        assert_eq!(nearest_command("flushdbb").as_deref(), Some("flushdb"));
    }
}
