//! The protocol of Redis (RESP 2): commands are written, and replies are read within bounds of size and depth.
//!
//! Source: the page "Redis serialization protocol specification" of redis.io. This module opens no connection: the time
//! of a read is bounded by the stream.

use std::io::{self, BufRead, Read};

use crate::escape::one_line;

/// A reply of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A status or a text. Bytes that are no UTF-8 are replaced.
    Text(String),
    /// An error, with its code: `NOAUTH Authentication required.`
    Error(String),
    Integer(i64),
    Nil,
    List(Vec<Reply>),
}

/// Why a reply could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the server closed the connection")]
    Closed,
    /// The first bytes of something that is no reply, escaped.
    #[error("found `{0}`: expected a reply of Redis")]
    NotRedis(String),
    #[error("the reply is larger than {MOST_BYTES} bytes or {MOST_ITEMS} items")]
    TooLarge,
    #[error("the reply is nested deeper than {MOST_DEPTH} lists")]
    TooDeep,
}

/// The largest reply in bytes. `INFO` of a busy server has about 10,000.
const MOST_BYTES: u64 = 1 << 20;

/// The deepest lists in lists. `ROLE` has two.
const MOST_DEPTH: usize = 8;

/// The most items of one list. A list of Sentinel has about 40 for each server.
const MOST_ITEMS: i64 = 10_000;

/// The longest line, which is an error or a status.
const LONGEST_LINE: u64 = 4096;

/// The bytes of a command as a list of texts.
pub fn encode<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    bytes
}

/// Reads one reply.
///
/// # Errors
///
/// If the stream fails or ends, or if the reply is not of Redis, too large or too deep.
pub fn read(from: &mut impl BufRead) -> Result<Reply, ReadError> {
    let mut left = MOST_BYTES;
    reply(from, &mut left, 0)
}

fn reply(from: &mut impl BufRead, left: &mut u64, depth: usize) -> Result<Reply, ReadError> {
    let line = line(from, left)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Some((kind, rest)) = line.split_first() else { return Err(ReadError::NotRedis(String::new())) };
    let number = || text(rest).parse::<i64>().map_err(|_| not_redis(&line));
    match kind {
        b'+' => Ok(Reply::Text(text(rest))),
        b'-' => Ok(Reply::Error(text(rest))),
        b':' => Ok(Reply::Integer(number()?)),
        b'$' => match number()? {
            -1 => Ok(Reply::Nil),
            length => Ok(Reply::Text(text(&body(from, left, u64::try_from(length).map_err(|_| not_redis(&line))?)?))),
        },
        b'*' => match number()? {
            -1 => Ok(Reply::Nil),
            _ if depth >= MOST_DEPTH => Err(ReadError::TooDeep),
            length if length > MOST_ITEMS => Err(ReadError::TooLarge),
            length => {
                let mut items = Vec::new();
                // Each item takes bytes of the bound, so a large number alone reserves nothing.
                for _ in 0..u64::try_from(length).map_err(|_| not_redis(&line))? {
                    items.push(reply(from, left, depth + 1)?);
                }
                Ok(Reply::List(items))
            }
        },
        _ => Err(not_redis(&line)),
    }
}

/// A line without its end.
fn line(from: &mut impl BufRead, left: &mut u64) -> Result<Vec<u8>, ReadError> {
    let bound = (*left).min(LONGEST_LINE);
    // What is no reply may have no end of line, and more of it may never come.
    let start = from.fill_buf()?;
    if start.first().is_some_and(|kind| !b"+-:$*".contains(kind)) {
        return Err(not_redis(start));
    }
    let mut line = Vec::new();
    let read = from.take(bound).read_until(b'\n', &mut line)? as u64;
    *left -= read;
    match line.strip_suffix(b"\r\n") {
        Some(line) => Ok(line.to_vec()),
        None if line.is_empty() && bound > 0 => Err(ReadError::Closed),
        None if read == bound => Err(ReadError::TooLarge),
        None => Err(not_redis(&line)),
    }
}

/// The bytes of a text, and the end of line after it.
fn body(from: &mut impl BufRead, left: &mut u64, length: u64) -> Result<Vec<u8>, ReadError> {
    let with_end = length.saturating_add(2);
    if with_end > *left {
        return Err(ReadError::TooLarge);
    }
    *left -= with_end;
    let mut bytes = Vec::new();
    if from.take(with_end).read_to_end(&mut bytes)? as u64 != with_end {
        return Err(ReadError::Closed);
    }
    match bytes.strip_suffix(b"\r\n") {
        Some(text) => Ok(text.to_vec()),
        None => Err(not_redis(&bytes)),
    }
}

fn not_redis(found: &[u8]) -> ReadError {
    let found = String::from_utf8_lossy(&found[..found.len().min(200)]);
    let text: String = found.lines().next().unwrap_or_default().chars().take(40).collect();
    ReadError::NotRedis(one_line(text.trim_end()).into_owned())
}

impl Reply {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Error(text) => Some(text),
            _ => None,
        }
    }

    /// An integer, or a text that is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Whether the reply is an error with this code: `NOAUTH`.
    pub fn is_error(&self, code: &str) -> bool {
        self.error().is_some_and(|text| text.split(' ').next() == Some(code))
    }

    /// The value of a name in a list of names and values.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.items().chunks_exact(2).find(|pair| pair[0].text() == Some(name))?[1].text()
    }

    /// The reply in one line, cut after `longest` characters.
    pub fn shown(&self, longest: usize) -> String {
        let mut text = String::new();
        self.show(&mut text, longest);
        if text.chars().count() > longest {
            text = text.chars().take(longest).chain("...".chars()).collect();
        }
        text
    }

    fn show(&self, out: &mut String, longest: usize) {
        match self {
            Self::Text(text) if text.is_empty() => out.push_str("\"\""),
            Self::Text(text) | Self::Error(text) => {
                let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
                out.push_str(&one_line(&lines.collect::<Vec<_>>().join(", ")));
            }
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Nil => out.push_str("(nil)"),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if out.len() > longest.saturating_mul(4) {
                        return;
                    }
                    let is_list = matches!(item, Self::List(_));
                    out.push_str(if at > 0 { " " } else { "" });
                    out.push_str(if is_list { "[" } else { "" });
                    item.show(out, longest);
                    out.push_str(if is_list { "]" } else { "" });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(bytes: &[u8]) -> Result<Reply, String> {
        read(&mut &*bytes).map_err(|error| error.to_string())
    }

    fn text(text: &str) -> Reply {
        Reply::Text(text.to_owned())
    }

    #[test]
    fn a_command_is_a_list_of_texts() {
        assert_eq!(encode(["GET", "\u{e9}\n"].into_iter()), "*2\r\n$3\r\nGET\r\n$3\r\n\u{e9}\n\r\n".as_bytes());
    }

    #[test]
    fn each_kind_of_reply_is_read() {
        assert_eq!(read_of(b"+PONG\r\n"), Ok(text("PONG")));
        assert_eq!(read_of(b"-NOAUTH no\r\n"), Ok(Reply::Error("NOAUTH no".to_owned())));
        assert_eq!(read_of(b":-3\r\n"), Ok(Reply::Integer(-3)));
        assert_eq!(read_of(b"$5\r\na\r\nbc\r\n"), Ok(text("a\r\nbc")));
        assert_eq!(read_of(b"$0\r\n\r\n"), Ok(text("")));
        assert_eq!(read_of(b"$-1\r\n"), Ok(Reply::Nil));
        assert_eq!(read_of(b"*-1\r\n"), Ok(Reply::Nil));
        assert_eq!(read_of(b"$2\r\n\xff\xfe\r\n"), Ok(text("\u{fffd}\u{fffd}")));
        let nested = Reply::List(vec![text("a"), Reply::List(vec![Reply::Integer(1)]), Reply::List(Vec::new())]);
        assert_eq!(read_of(b"*3\r\n$1\r\na\r\n*1\r\n:1\r\n*0\r\n"), Ok(nested.clone()));
        assert_eq!(nested.shown(80), "a [1] []");
        assert_eq!(nested.shown(3), "a [...");
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        let refused = |bytes: &[u8]| read_of(bytes).unwrap_err();
        assert_eq!(
            refused(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "found `HTTP/1.1 400 Bad Request`: expected a reply of Redis"
        );
        assert!(refused(b"\x00\x1b[31m").starts_with("found `\\u{0}\\u{1b}[31m`"), "{}", refused(b"\x00\x1b[31m"));
        assert_eq!(refused(b""), "the server closed the connection");
        assert_eq!(refused(b"$5\r\nab"), "the server closed the connection");
        assert!(refused(b"$x\r\n").starts_with("found `$x`"));
        assert!(refused(b"$-7\r\n").starts_with("found `$-7`"));
        assert!(refused(b"*-7\r\n").starts_with("found `*-7`"));
        assert!(refused(b"$2\r\nabcd\r\n").starts_with("found `abcd`"));
    }

    #[test]
    fn endless_and_deep_replies_have_a_bound() {
        let mut endless = io::BufReader::new(io::repeat(b'+'));
        assert!(matches!(read(&mut endless), Err(ReadError::TooLarge)));
        let mut noise = io::BufReader::new(io::repeat(b'x'));
        assert!(matches!(read(&mut noise), Err(ReadError::NotRedis(_))));
        assert!(matches!(read(&mut &b"$99999999999\r\n"[..]), Err(ReadError::TooLarge)));
        assert!(matches!(read(&mut &b"$9223372036854775807\r\n"[..]), Err(ReadError::TooLarge)));
        let many = b"*9999999\r\n".iter().copied().chain(b":1\r\n".repeat(300_000)).collect::<Vec<_>>();
        assert!(matches!(read(&mut &*many), Err(ReadError::TooLarge)));
        assert!(matches!(read(&mut &*b"*1\r\n".repeat(100_000)), Err(ReadError::TooDeep)));
    }
}
