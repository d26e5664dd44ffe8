//! Directives for redisgen in comments: `# redisgen: ignore[RULE] REASON`, `# redisgen: chart redis VERSION`.

use crate::{
    chart::{Requirement, RequirementError},
    escape::quote_short,
    suggest::{is_long, near},
    yaml::Span,
};

/// The first word of a comment with a directive.
const PREFIX: &str = "redisgen";

const IGNORE: &str = "ignore";
const CHART: &str = "chart";

/// The forms of the directives, for messages.
const FORMS: &str = "`# redisgen: ignore[RULE] REASON` or `# redisgen: chart redis VERSION`";

/// A directive in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive<'a> {
    /// The chart version of the file.
    Chart(Requirement),
    /// The rules that are ignored, each with its position in the comment.
    Ignore(Vec<RuleReference<'a>>),
}

/// A rule in a directive, with its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleReference<'a> {
    pub id: &'a str,
    pub span: Span,
}

/// Why a directive is invalid, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDirective {
    pub message: String,
    pub help: String,
}

impl InvalidDirective {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

impl<'a> Directive<'a> {
    /// Parses the directive of the comment at `span`, where `text` follows the first `#`. `None` for other comments.
    ///
    /// # Errors
    ///
    /// If the comment starts like a directive and is not a valid one.
    pub fn of(text: &'a str, span: Span) -> Option<Result<Self, InvalidDirective>> {
        let after_prefix = text.trim_start_matches('#').trim_start().strip_prefix(PREFIX)?;
        let Some(directive) = after_prefix.trim_start().strip_prefix(':') else {
            // Without a colon, only `ignore[` cannot be prose.
            let is_directive = after_prefix.trim_start().starts_with("ignore[");
            return is_directive
                .then(|| Err(InvalidDirective::new("missing `:` after `redisgen`", format!("expected {FORMS}"))));
        };
        let directive = directive.trim();
        let word = &directive
            [..directive.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(directive.len())];
        let rest = directive[word.len()..].trim_start();
        Some(match word {
            IGNORE => ignored(rest, text, span).map(Self::Ignore),
            CHART => version(rest).map(Self::Chart),
            _ => Err(unknown(word)),
        })
    }
}

fn unknown(word: &str) -> InvalidDirective {
    if word.is_empty() {
        return InvalidDirective::new("missing directive after `redisgen:`", format!("expected {FORMS}"));
    }
    let message = format!("unknown directive `{}`", quote_short(word));
    match near(word, [IGNORE, CHART]) {
        Some(near) => InvalidDirective::new(message, format!("did you mean `{near}`? expected {FORMS}")),
        None => InvalidDirective::new(message, format!("expected {FORMS}")),
    }
}

fn ignored<'a>(rest: &'a str, text: &'a str, span: Span) -> Result<Vec<RuleReference<'a>>, InvalidDirective> {
    let list = "`redisgen rules` lists all rules";
    let Some(inside) = rest.strip_prefix('[') else {
        return Err(InvalidDirective::new("`ignore` names no rule", format!("expected `ignore[RULE]`; {list}")));
    };
    let Some((inside, _reason)) = inside.split_once(']') else {
        return Err(InvalidDirective::new(
            "missing `]` after the rules to ignore",
            "expected `ignore[RULE, RULE] REASON`",
        ));
    };
    let mut ids = Vec::new();
    // Each search starts at the previous rule, because a comment may be long.
    let hash = '#'.len_utf8();
    let mut last = (text, Span { start: span.start + hash, column: span.column + 1, ..span });
    for id in inside.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let (before, at) = last;
        let skipped = id.as_ptr() as usize - before.as_ptr() as usize;
        let column = at.column + before[..skipped].chars().count();
        let start = at.start + skipped;
        last = (&before[skipped..], Span { start, end: start + id.len(), column, ..at });
        ids.push(RuleReference { id, span: last.1 });
    }
    match ids.is_empty() {
        true => Err(InvalidDirective::new("`ignore[]` names no rule", format!("expected `ignore[RULE]`; {list}"))),
        false => Ok(ids),
    }
}

fn version(rest: &str) -> Result<Requirement, InvalidDirective> {
    let form = "expected `# redisgen: chart redis VERSION`";
    match rest.split_once(char::is_whitespace) {
        Some(("redis", version)) if !is_long(version) => {
            version.parse().map_err(|error: RequirementError| InvalidDirective::new(error.to_string(), form))
        }
        _ => Err(InvalidDirective::new("`chart` names no chart version", form)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<Directive<'_>, InvalidDirective>> {
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
    fn each_rule_has_its_position() {
        let text = " redisgen: ignore[ä, dead-key]";
        let Some(Ok(Directive::Ignore(named))) = read(text) else { panic!("no ignore") };
        let span = named[1].span;
        assert_eq!(&format!("{}#{text}", " ".repeat(10))[span.start..span.end], "dead-key");
        assert_eq!((span.line, span.column), (3, 5 + 1 + " redisgen: ignore[ä, ".chars().count()));
    }

    #[test]
    fn a_chart_directive_has_a_version() {
        assert_eq!(read(" redisgen: chart redis 18.6.1 "), Some(Ok(Directive::Chart("18.6.1".parse().unwrap()))));
        assert_eq!(read("redisgen: chart redis >=16, <17"), Some(Ok(Directive::Chart(">=16, <17".parse().unwrap()))));
    }

    #[test]
    fn prose_is_no_directive() {
        for text in ["", " redisgen writes this", " by redisgen: x", " # redisgen: ignore[a]", " redisgenerator: x"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn invalid_directives_are_reported() {
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
