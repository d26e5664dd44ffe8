//! What a comment says to redisgen: `# redisgen: ignore[RULE] REASON`, `# redisgen: chart redis VERSION`.

use crate::{
    chart::{Requirement, RequirementError},
    escape::quote_short,
    suggest::{is_long, near},
    yaml::Span,
};

/// What a comment begins with that is meant for us.
const PREFIX: &str = "redisgen";

const IGNORE: &str = "ignore";
const CHART: &str = "chart";

/// How each of them is written.
const FORMS: &str = "`# redisgen: ignore[RULE] REASON` or `# redisgen: chart redis VERSION`";

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive<'a> {
    /// The chart version that the file was written for.
    Chart(Requirement),
    /// The rules that are not asked here, each with its place in the comment.
    Ignore(Vec<Named<'a>>),
}

/// A word of a comment and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    pub id: &'a str,
    pub span: Span,
}

/// Why a comment says nothing, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    pub message: String,
    pub help: String,
}

impl Unclear {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

impl<'a> Directive<'a> {
    /// What the comment at `span` says, whose text is what follows its `#`; none where it is not meant for us.
    ///
    /// # Errors
    ///
    /// When it is, and says nothing that we know.
    pub fn of(text: &'a str, span: Span) -> Option<Result<Self, Unclear>> {
        let said = text.trim_start_matches('#').trim_start().strip_prefix(PREFIX)?;
        let Some(said) = said.trim_start().strip_prefix(':') else {
            // Of what has no colon, only this cannot be prose.
            let meant = said.trim_start().starts_with("ignore[");
            return meant.then(|| Err(Unclear::new("missing `:` after `redisgen`", format!("expected {FORMS}"))));
        };
        let said = said.trim();
        let word = &said[..said.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(said.len())];
        let rest = said[word.len()..].trim_start();
        Some(match word {
            IGNORE => ignored(rest, text, span).map(Self::Ignore),
            CHART => version(rest).map(Self::Chart),
            _ => Err(unknown(word)),
        })
    }
}

fn unknown(word: &str) -> Unclear {
    if word.is_empty() {
        return Unclear::new("missing directive after `redisgen:`", format!("expected {FORMS}"));
    }
    let message = format!("unknown directive `{}`", quote_short(word));
    match near(word, [IGNORE, CHART]) {
        Some(near) => Unclear::new(message, format!("did you mean `{near}`? expected {FORMS}")),
        None => Unclear::new(message, format!("expected {FORMS}")),
    }
}

fn ignored<'a>(rest: &'a str, text: &'a str, span: Span) -> Result<Vec<Named<'a>>, Unclear> {
    let list = "`redisgen rules` lists all rules";
    let Some(inside) = rest.strip_prefix('[') else {
        return Err(Unclear::new("`ignore` names no rule", format!("expected `ignore[RULE]`; {list}")));
    };
    let Some((inside, _reason)) = inside.split_once(']') else {
        return Err(Unclear::new("missing `]` after the rules to ignore", "expected `ignore[RULE, RULE] REASON`"));
    };
    let mut ids = Vec::new();
    // Each is found from the one before on: the whole comment may be long.
    let hash = '#'.len_utf8();
    let mut last = (text, Span { start: span.start + hash, column: span.column + 1, ..span });
    for id in inside.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let (before, at) = last;
        let skipped = id.as_ptr() as usize - before.as_ptr() as usize;
        let column = at.column + before[..skipped].chars().count();
        let start = at.start + skipped;
        last = (&before[skipped..], Span { start, end: start + id.len(), column, ..at });
        ids.push(Named { id, span: last.1 });
    }
    match ids.is_empty() {
        true => Err(Unclear::new("`ignore[]` names no rule", format!("expected `ignore[RULE]`; {list}"))),
        false => Ok(ids),
    }
}

fn version(rest: &str) -> Result<Requirement, Unclear> {
    let form = "expected `# redisgen: chart redis VERSION`";
    match rest.split_once(char::is_whitespace) {
        Some(("redis", version)) if !is_long(version) => {
            version.parse().map_err(|error: RequirementError| Unclear::new(error.to_string(), form))
        }
        _ => Err(Unclear::new("`chart` names no chart version", form)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<Directive<'_>, Unclear>> {
        Directive::of(text, Span { start: 10, end: 11 + text.len(), line: 3, column: 5 })
    }

    fn ids(text: &str) -> Vec<&str> {
        match read(text) {
            Some(Ok(Directive::Ignore(named))) => named.into_iter().map(|named| named.id).collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn message(text: &str) -> String {
        read(text).expect("a comment for us").expect_err("one that says nothing").message
    }

    #[test]
    fn rules_are_read_in_any_layout() {
        assert_eq!(ids(" redisgen: ignore[dead-key]"), ["dead-key"]);
        assert_eq!(
            ids("redisgen:ignore [ dead-key ,null-value, ] the parent reads it [sic]"),
            ["dead-key", "null-value"]
        );
        assert_eq!(ids("# redisgen: ignore[x]"), ["x"]);
    }

    #[test]
    fn each_rule_knows_its_place() {
        let text = " redisgen: ignore[ä, dead-key]";
        let Some(Ok(Directive::Ignore(named))) = read(text) else { panic!("no ignore") };
        let span = named[1].span;
        assert_eq!(&format!("{}#{text}", " ".repeat(10))[span.start..span.end], "dead-key");
        assert_eq!((span.line, span.column), (3, 5 + 1 + " redisgen: ignore[ä, ".chars().count()));
    }

    #[test]
    fn the_version_is_what_follows() {
        assert_eq!(read(" redisgen: chart redis 18.6.1 "), Some(Ok(Directive::Chart("18.6.1".parse().unwrap()))));
        assert_eq!(read("redisgen: chart redis >=16, <17"), Some(Ok(Directive::Chart(">=16, <17".parse().unwrap()))));
    }

    #[test]
    fn prose_is_not_meant_for_us() {
        for text in ["", " redisgen writes this", " by redisgen: x", " # redisgen: ignore[a]", " redisgenerator: x"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_says_nothing_is_told() {
        assert_eq!(message("redisgen: ignore"), "`ignore` names no rule");
        assert_eq!(message("redisgen: ignore dead-key"), "`ignore` names no rule");
        assert_eq!(message("redisgen: ignore[]"), "`ignore[]` names no rule");
        assert_eq!(message("redisgen: ignore[ , ]"), "`ignore[]` names no rule");
        assert_eq!(message("redisgen: ignore[dead-key"), "missing `]` after the rules to ignore");
        assert_eq!(message("redisgen ignore[dead-key]"), "missing `:` after `redisgen`");
        assert_eq!(message("redisgen: chart 18.6.1"), "`chart` names no chart version");
        assert_eq!(message("redisgen: chart redis"), "`chart` names no chart version");
        assert!(message("redisgen: chart redis one").starts_with("`one` is not a chart version"));
        assert_eq!(message("redisgen:"), "missing directive after `redisgen:`");
        let unknown = read("redisgen: ingore[dead-key]").expect("for us").expect_err("nothing");
        assert!(unknown.help.starts_with("did you mean `ignore`?"), "{unknown:?}");
    }
}
