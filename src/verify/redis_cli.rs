//! The output of `redis-cli --no-raw`, read back as replies.
//!
//! Inside of a pod, `redis-cli` asks. Source of the format: `cliFormatReplyTTY` in `src/redis-cli.c`. `INFO` is printed
//! as it is, for each format.

use super::resp::Reply;

/// The deepest lists in lists.
const MOST_DEPTH: usize = 8;

/// Reads the printed reply of one command. `None` if the text is no reply.
pub fn read(printed: &str, is_raw: bool) -> Option<Reply> {
    let printed = printed.trim_end_matches(['\r', '\n']);
    if let Some(error) = printed.strip_prefix("(error) ") {
        return Some(Reply::Error(error.to_owned()));
    }
    if is_raw {
        return Some(Reply::Text(printed.to_owned()));
    }
    let lines: Vec<&str> = printed.lines().collect();
    let (reply, used) = reply(&lines, 0, 0)?;
    (used == lines.len()).then_some(reply)
}

/// The reply that starts in the first line at this column, and the number of its lines.
fn reply(lines: &[&str], column: usize, depth: usize) -> Option<(Reply, usize)> {
    let first = lines.first()?.get(column..)?;
    if let Some(number) = first.strip_prefix("(integer) ") {
        return Some((Reply::Integer(number.parse().ok()?), 1));
    }
    if let Some(error) = first.strip_prefix("(error) ") {
        return Some((Reply::Error(error.to_owned()), 1));
    }
    match first {
        "(nil)" => return Some((Reply::Nil, 1)),
        "(empty array)" | "(empty list or set)" => return Some((Reply::List(Vec::new()), 1)),
        _ => {}
    }
    if first.starts_with('"') {
        return Some((Reply::Text(unquoted(first)?), 1));
    }
    match item_column(first) {
        Some(_) if depth < MOST_DEPTH => list(lines, column, depth),
        Some(_) => None,
        // A status has no quotes.
        None => Some((Reply::Text(first.to_owned()), 1)),
    }
}

/// `1) ...`, ` 2) ...`: each item starts after its number.
fn list(lines: &[&str], column: usize, depth: usize) -> Option<(Reply, usize)> {
    let mut items = Vec::new();
    let mut used = 0;
    while let Some(rest) = lines.get(used).and_then(|line| line.get(column..)) {
        // The first line of a list in a list has the number of the outer item before it; the other lines have blanks.
        let is_inside = used == 0 || lines[used].as_bytes()[..column].iter().all(|byte| *byte == b' ');
        let Some(width) = item_column(rest).filter(|_| is_inside) else { break };
        let number: usize = rest[..width].trim().trim_end_matches(')').parse().ok()?;
        if number != items.len() + 1 {
            break;
        }
        let (item, lines) = reply(&lines[used..], column + width, depth + 1)?;
        items.push(item);
        used += lines;
    }
    (!items.is_empty()).then_some((Reply::List(items), used))
}

/// The columns of the number of an item, with the blank after it.
fn item_column(text: &str) -> Option<usize> {
    let digits = text.trim_start_matches(' ');
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < digits.len() && rest.starts_with(") ")).then(|| text.len() - rest.len() + 2)
}

/// The text in quotes, with the escapes of `sdscatrepr`.
fn unquoted(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let mut bytes = Vec::with_capacity(inner.len());
    let mut at = 0;
    while at < inner.len() {
        if inner[at] != b'\\' {
            bytes.push(inner[at]);
            at += 1;
            continue;
        }
        let escaped = *inner.get(at + 1)?;
        at += 2;
        bytes.push(match escaped {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 7,
            b'b' => 8,
            b'x' => {
                let digits = std::str::from_utf8(inner.get(at..at + 2)?).ok()?;
                at += 2;
                u8::from_str_radix(digits, 16).ok()?
            }
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Reply {
        Reply::Text(text.to_owned())
    }

    #[test]
    fn one_value_is_one_line() {
        assert_eq!(read("OK\n", false), Some(text("OK")));
        assert_eq!(read("\"a\\n\\\"\\xc3\\xa9\"\n", false), Some(text("a\n\"\u{e9}")));
        assert_eq!(read("(integer) 2\n", false), Some(Reply::Integer(2)));
        assert_eq!(read("(nil)\n", false), Some(Reply::Nil));
        assert_eq!(read("(error) NOAUTH no\n\n", true), Some(Reply::Error("NOAUTH no".to_owned())));
        assert_eq!(read("# Server\r\nrun_id:1\r\n", true), Some(text("# Server\r\nrun_id:1")));
        assert_eq!(read("", false), None);
    }

    #[test]
    fn lists_are_read_by_their_columns() {
        let role = "1) \"master\"\n2) (integer) 14\n3) 1) 1) \"10.0.0.1\"\n      2) \"6379\"\n   2) 1) \"10.0.0.2\"\n      \
                    2) \"6379\"\n";
        let node = |address: &str| Reply::List(vec![text(address), text("6379")]);
        let replicas = Reply::List(vec![node("10.0.0.1"), node("10.0.0.2")]);
        assert_eq!(read(role, false), Some(Reply::List(vec![text("master"), Reply::Integer(14), replicas])));
        let no_replicas = "1) \"master\"\n2) (integer) 0\n3) (empty array)\n";
        assert_eq!(read(no_replicas, false).unwrap().items()[2], Reply::List(Vec::new()));
        let ten: String = (1..=10).map(|number| format!("{number:2}) \"{number}\"\n")).collect();
        assert_eq!(read(&ten, false).unwrap().items().len(), 10);
    }

    #[test]
    fn other_texts_are_no_list() {
        assert_eq!(read("1) \"a\"\n3) \"b\"\n", false), None);
        assert_eq!(read("1) \"a\"\nCould not connect\n", false), None);
        assert_eq!(read(&"1) ".repeat(100_000), false), None);
        assert_eq!(read("\u{e9}\u{e9}\n\u{e9}", false), None);
    }
}
