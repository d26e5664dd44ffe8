//! Quoting for POSIX shells.
//!
//! The quoting also covers features of interactive bash and zsh: brace expansion, history (`!`, `^`) and `=command`.

mod command_line;

pub use command_line::CommandLine;

use std::{borrow::Cow, mem};

/// Error for a word with a zero byte, which no command line can contain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an argument of the command contains a zero byte, which a command line cannot hold")]
pub struct ZeroByte;

/// Quotes `word` if a shell would change it. Not for the name of a program.
///
/// # Errors
///
/// If the word contains a zero byte.
pub fn quote(word: &str) -> Result<Cow<'_, str>, ZeroByte> {
    // After the program, `key=value` is an ordinary word and easier to read without quotes.
    if word.contains('=') && word.split('=').all(is_plain) { Ok(Cow::Borrowed(word)) } else { program(word) }
}

/// Joins words to a command line. The first word is the program.
///
/// # Errors
///
/// If a word contains a zero byte.
pub fn join<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<String, ZeroByte> {
    join_lines([words], " ")
}

/// Joins lines of words to one command, with `between` between the lines. The first word is the program.
///
/// # Errors
///
/// If a word contains a zero byte.
pub fn join_lines<'a, W>(lines: impl IntoIterator<Item = W>, between: &str) -> Result<String, ZeroByte>
where
    W: IntoIterator<Item = &'a str>,
{
    let mut is_program = true;
    let mut word = |word| {
        if mem::take(&mut is_program) { program(word) } else { quote(word) }
    };
    let mut joined = Vec::new();
    for words in lines {
        joined.push(words.into_iter().map(&mut word).collect::<Result<Vec<_>, _>>()?.join(" "));
    }
    Ok(joined.join(between))
}

fn program(word: &str) -> Result<Cow<'_, str>, ZeroByte> {
    shlex::try_quote(word).map_err(|_| ZeroByte)
}

fn is_plain(part: &str) -> bool {
    !part.is_empty() && program(part).is_ok_and(|quoted| quoted == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_needs_it() {
        for (word, quoted) in [
            ("redis", "redis"),
            ("oci://registry-1.docker.io/bitnamicharts/redis", "oci://registry-1.docker.io/bitnamicharts/redis"),
            ("--dry-run=client", "--dry-run=client"),
            ("--from-file=k=/dev/stdin", "--from-file=k=/dev/stdin"),
            ("--flag=", "'--flag='"),
            ("a=~", "'a=~'"),
            ("--$x=y", "'--$x=y'"),
            ("=ls", "'=ls'"),
            ("a b", "'a b'"),
            ("{a,b}", "'{a,b}'"),
            ("", "''"),
            ("it's", "\"it's\""),
        ] {
            assert_eq!(quote(word).unwrap(), quoted);
        }
    }

    #[test]
    fn a_program_is_no_assignment() {
        assert_eq!(join(["a=b", "a=b"]).unwrap(), "'a=b' a=b");
    }

    #[test]
    fn refuses_a_zero_byte() {
        assert_eq!(join(["a", "b\0"]), Err(ZeroByte));
        assert_eq!(join(["--a=\0"]), Err(ZeroByte));
    }
}
