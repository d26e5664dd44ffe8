//! How a server splits a line of a configuration into arguments, and which arguments each kind of directive accepts.

use std::ops::RangeInclusive;

/// The arguments of a line; `None` for quotes that no server accepts.
///
/// Double quotes hold escapes, single quotes hold only an escaped quote, and a space must follow a closing quote. A number
/// sign in the middle of a line begins no comment.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = line.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Some(found);
        }
        let mut word = String::new();
        while let Some(c) = rest.next_if(|c| !c.is_whitespace()) {
            let quote = match c {
                '"' | '\'' => c,
                _ => {
                    word.push(c);
                    continue;
                }
            };
            loop {
                match rest.next()? {
                    '\\' if quote == '"' => word.push(rest.next()?),
                    '\\' if rest.next_if_eq(&'\'').is_some() => word.push('\''),
                    end if end == quote => break,
                    other => word.push(other),
                }
            }
            if rest.peek().is_some_and(|next| !next.is_whitespace()) {
                return None;
            }
        }
        found.push(word);
    }
}

/// What a directive accepts as its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    YesNo,
    /// One of these words, in any case.
    Words(Vec<&'static str>),
    /// One whole number. An open end was not found.
    Integer(RangeInclusive<i64>),
    /// One number of bytes, with or without a unit.
    Memory(RangeInclusive<i64>),
    /// As `Memory`, or a percentage.
    MemoryOrPercent(RangeInclusive<i64>),
    /// One argument of any form.
    One,
    /// Any number of arguments, which are not checked.
    Many,
}

impl Kind {
    /// Reads the columns `kind` and `arguments`.
    ///
    /// # Errors
    ///
    /// When there is no such kind, or when its arguments cannot be read.
    pub fn read(kind: &str, arguments: &'static str) -> Result<Self, String> {
        Ok(match kind {
            "yes-no" => Self::YesNo,
            "words" => Self::Words(arguments.split(',').collect()),
            "integer" => Self::Integer(range(arguments)?),
            "memory" => Self::Memory(range(arguments)?),
            "memory-or-percent" => Self::MemoryOrPercent(range(arguments)?),
            "one" => Self::One,
            "many" => Self::Many,
            _ => return Err(format!("`{kind}` is no kind of argument")),
        })
    }

    /// What the directive expects, for the middle of a sentence, if it refuses this single argument.
    pub fn refuses(&self, argument: &str) -> Option<Expected> {
        let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(argument));
        match self {
            Self::YesNo => (!is_one_of(&["yes", "no"])).then(|| Expected::form("`yes` or `no`")),
            Self::Words(words) => (!is_one_of(words)).then(|| {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                Expected { text: format!("one of {}", words.join(", ")), is_form: false }
            }),
            Self::Integer(range) => match argument.parse::<i64>() {
                Ok(number) if range.contains(&number) => None,
                Ok(_) => Some(Expected { text: format!("a whole number {}", ends(range)), is_form: false }),
                // A number in another notation, or one that is too large, is not decided here.
                Err(_) if argument.starts_with("0x") || is_large(argument) => None,
                Err(_) => Some(Expected::form("a whole number without a unit")),
            },
            Self::MemoryOrPercent(range) => match argument.strip_suffix('%') {
                Some(percent) if percent.parse::<u32>().is_ok() => None,
                _ => memory(
                    argument,
                    range,
                    "a whole number of bytes, with or without a unit such as `mb` or `gb`, or a percentage",
                ),
            },
            Self::Memory(range) => {
                memory(argument, range, "a whole number of bytes, with or without a unit such as `mb` or `gb`")
            }
            Self::One | Self::Many => None,
        }
    }

    /// Whether the directive accepts only one argument.
    pub fn is_single(&self) -> bool {
        *self != Self::Many
    }
}

/// What a directive expects instead of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub text: String,
    /// Whether the form is wrong, and not only the word or the size. No newer version is expected to accept the form.
    pub is_form: bool,
}

impl Expected {
    fn form(text: &str) -> Self {
        Self { text: text.to_owned(), is_form: true }
    }
}

fn range(text: &str) -> Result<RangeInclusive<i64>, String> {
    let (least, most) = text.split_once("..").ok_or_else(|| format!("`{text}` is not LEAST..MOST"))?;
    let end = |end: &str, open: i64| match end {
        "" => Ok(open),
        end => end.parse().map_err(|_| format!("`{end}` is no whole number")),
    };
    Ok(end(least, i64::MIN)?..=end(most, i64::MAX)?)
}

fn ends(range: &RangeInclusive<i64>) -> String {
    match (*range.start(), *range.end()) {
        (least, i64::MAX) => format!("of at least {least}"),
        (i64::MIN, most) => format!("of at most {most}"),
        (least, most) => format!("from {least} to {most}"),
    }
}

fn is_large(argument: &str) -> bool {
    let digits = argument.strip_prefix(['-', '+']).unwrap_or(argument);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The units of a number of bytes. Source: redis.conf, "Note on units"; each was tried.
const UNITS: [(&str, i64); 8] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1 << 10),
    ("m", 1_000_000),
    ("mb", 1 << 20),
    ("g", 1_000_000_000),
    ("gb", 1 << 30),
];

fn memory(argument: &str, range: &RangeInclusive<i64>, expected: &str) -> Option<Expected> {
    // A unit without digits is 0.
    if argument.starts_with(['-', '+'])
        || UNITS.iter().any(|(unit, _)| unit.eq_ignore_ascii_case(argument))
        || is_large(argument) && argument.parse::<i64>().is_err()
    {
        return None;
    }
    let (number, unit) = argument.split_at(argument.find(|c: char| !c.is_ascii_digit()).unwrap_or(argument.len()));
    let factor = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, factor)| factor);
    let (Ok(number), Some(factor)) = (number.parse::<i64>(), factor) else {
        return Some(Expected::form(expected));
    };
    let bytes = number.checked_mul(*factor)?;
    (!range.contains(&bytes)).then(|| Expected { text: format!("bytes {}", ends(range)), is_form: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_servers_do() {
        let split = |line: &str| split(line).map(|words| words.join("|"));
        assert_eq!(split("save 900 1"), Some("save|900|1".to_owned()));
        assert_eq!(split("  a \"b c\"  'd e' "), Some("a|b c|d e".to_owned()));
        assert_eq!(split("maxmemory 64mb # cap"), Some("maxmemory|64mb|#|cap".to_owned()));
        assert_eq!(split(r#"a "x\"y" 'it\'s'"#), Some(r#"a|x"y|it's"#.to_owned()));
        assert_eq!(split("save \"\""), Some("save|".to_owned()));
        assert_eq!((split("a \"b"), split("a 'b"), split("a \"b\"c")), (None, None, None));
    }

    #[test]
    fn units_are_those_of_redis() {
        let memory = Kind::Memory(i64::MIN..=i64::MAX);
        let refused = |text: &str| memory.refuses(text).is_some();
        assert!(["64mb", "64MB", "1g", "1GB", "0", "100", "5k", "7B", ""].iter().all(|text| !refused(text)));
        assert!(["64Mi", "1.5gb", "75%", "64 mb", "1tb", "yes"].iter().all(|text| refused(text)));
        let percent = Kind::MemoryOrPercent(i64::MIN..=i64::MAX);
        assert_eq!((percent.refuses("5%"), percent.refuses("x%").is_some()), (None, true));
    }

    #[test]
    fn numbers_have_ends() {
        let kind = Kind::read("integer", "1..1000").unwrap();
        assert_eq!((kind.refuses("1"), kind.refuses("1000")), (None, None));
        assert_eq!(kind.refuses("1001").unwrap().text, "a whole number from 1 to 1000");
        assert!(kind.refuses("10ms").unwrap().is_form && kind.refuses("1.5").is_some());
        assert_eq!(Kind::read("integer", "0..").unwrap().refuses("99999999999999999999"), None);
        assert_eq!(Kind::read("integer", "0..").unwrap().refuses("-1").unwrap().text, "a whole number of at least 0");
    }

    #[test]
    fn words_have_any_case() {
        let kind = Kind::read("words", "no,yes,local").unwrap();
        assert_eq!((kind.refuses("LOCAL"), kind.refuses("true").is_some()), (None, true));
        assert_eq!(Kind::YesNo.refuses("true").unwrap().text, "`yes` or `no`");
    }
}
