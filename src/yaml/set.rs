//! Helm's `--set` and `--set-string`.
//!
//! Follows `pkg/strvals/parser.go`, also where Helm accepts odd texts silently: `a[0]` without a value makes an empty
//! list, and a value for an empty key is dropped. The Helm versions differ for an index without `]` (`a[0`): Helm 3
//! fails and Helm 4 ignores the text. Here it is an error.

use std::str::Chars;

use super::{MAX_DEPTH, Map, Value};

/// Highest list index that Helm accepts.
pub const MAX_INDEX: usize = 65_536;

/// Helm's limit for the number of dots in one key.
const MAX_DOTS: usize = 30;

/// Maximum number of nulls that one text may add to lists. Helm has no limit here, and would fill memory.
const MAX_FILL: usize = 16 * MAX_INDEX;

/// Reason why Helm refuses a text of `--set`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("`{0}` has no value: expected `{0}=value`")]
    NoValue(String),
    #[error("`{0}.` has no key after the dot: expected `{0}.key=value`")]
    NoKey(String),
    #[error("`[{0}]` is not an index: expected a number from 0 to {MAX_INDEX}")]
    Index(String),
    #[error("`[{0}` has no end: expected `]`")]
    OpenIndex(String),
    #[error("found `{0}` after `]`: expected `=`, `.` or `[`")]
    BehindIndex(String),
    #[error("`{key}` is already a {found}: expected a {expected}")]
    Clash { key: String, found: &'static str, expected: &'static str },
    #[error("found a `{{` without an end: expected `}}`, or `\\{{` for the character")]
    OpenList,
    #[error("found more than {MAX_DOTS} dots in one name, the most that Helm reads")]
    TooManyDots,
    #[error("found more than {MAX_DEPTH} lists and maps inside each other")]
    TooDeep,
    #[error("found indices for a list of more than {MAX_FILL} items")]
    TooLong,
}

/// Sets the values of `text` in `map`, as `--set` does.
///
/// `true`, `false` and `null` in any case, and whole numbers without a leading zero are typed. All other values are
/// strings.
///
/// # Errors
///
/// If Helm refuses the text. `map` is unchanged then.
pub fn set_into(text: &str, map: &mut Map) -> Result<(), Error> {
    run(text, map, false)
}

/// Sets the values of `text` in `map`, as `--set-string` does: every value is a string.
///
/// # Errors
///
/// As [`set_into`].
pub fn set_string_into(text: &str, map: &mut Map) -> Result<(), Error> {
    run(text, map, true)
}

/// Sets the values of several texts of `--set`, or of `--set-string` with `strings`.
///
/// # Errors
///
/// The first error of [`set_into`], with the index of its text. `map` is unchanged then.
pub fn set_all_into<'t>(
    texts: impl IntoIterator<Item = &'t str>,
    map: &mut Map,
    strings: bool,
) -> Result<(), (usize, Error)> {
    // The entries are copied once, and not for each text.
    let before = map.clone();
    for (at, text) in texts.into_iter().enumerate() {
        if let Err(error) = set_text(text, map, strings) {
            *map = before;
            return Err((at, error));
        }
    }
    Ok(())
}

fn run(text: &str, map: &mut Map, strings: bool) -> Result<(), Error> {
    set_all_into([text], map, strings).map_err(|(_, error)| error)
}

/// Sets the values of one text. After an error, `map` may have some of them.
fn set_text(text: &str, map: &mut Map, strings: bool) -> Result<(), Error> {
    let mut parser = Parser { rest: text.chars(), strings, filled: 0 };
    while parser.key(map, 0, 0)? == Next::More {}
    Ok(())
}

/// Whether the text may continue. Helm uses its error `EOF` for the end of the text.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    More,
    End,
}

struct Parser<'a> {
    rest: Chars<'a>,
    strings: bool,
    filled: usize,
}

impl Parser<'_> {
    fn key(&mut self, data: &mut Map, mut dots: usize, depth: usize) -> Result<Next, Error> {
        check_depth(depth)?;
        let (key, stop) = self.until(&['=', '[', ',', '.']);
        match stop {
            None if key.is_empty() => Ok(Next::End),
            None | Some(',') => Err(Error::NoValue(key)),
            Some('=') => {
                let (value, next) = self.value()?;
                set(data, key, value);
                Ok(next)
            }
            Some('[') => {
                let index = self.index()?;
                let mut list = match data.get_mut(&key) {
                    None => Vec::new(),
                    Some(Value::List(list)) => std::mem::take(list).into_vec(),
                    Some(other) => return Err(clash(key, other, "list")),
                };
                let next = self.item(&mut list, &index, dots, depth + 1)?;
                set(data, key, Value::from(list));
                Ok(next)
            }
            Some(_) => {
                dots += 1;
                if dots > MAX_DOTS {
                    return Err(Error::TooManyDots);
                }
                let mut inner = match data.get_mut(&key) {
                    None => Map::new(),
                    Some(Value::Map(map)) => std::mem::take(map),
                    Some(other) => return Err(clash(key, other, "map")),
                };
                let next = self.key(&mut inner, dots, depth + 1)?;
                if inner.is_empty() {
                    return if next == Next::More { Err(Error::NoKey(key)) } else { Ok(next) };
                }
                set(data, key, Value::Map(inner));
                Ok(next)
            }
        }
    }

    /// Reads the part after `]`. At the end of the text the list stays unchanged, even if a value was started.
    fn item(&mut self, list: &mut Vec<Value>, index: &str, dots: usize, depth: usize) -> Result<Next, Error> {
        check_depth(depth)?;
        let index_error = || Error::Index(index.to_owned());
        let at = go_integer(index).and_then(|at| usize::try_from(at).ok()).ok_or_else(index_error)?;
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return Err(Error::BehindIndex(text));
        }
        let value = match stop {
            None => return Ok(Next::End),
            Some('=') => self.value()?.0,
            Some('[') => {
                let nested = self.index()?;
                let mut inner = match list.get_mut(at) {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::List(list)) => std::mem::take(list).into_vec(),
                    Some(other) => return Err(clash(format!("[{at}]"), other, "list")),
                };
                let next = self.item(&mut inner, &nested, dots, depth + 1)?;
                if next == Next::End {
                    if let Some(place @ Value::List(_)) = list.get_mut(at) {
                        *place = Value::from(inner);
                    }
                    return Ok(next);
                }
                Value::from(inner)
            }
            Some(_) => {
                let mut inner = match list.get_mut(at) {
                    Some(Value::Map(map)) => std::mem::take(map),
                    _ => Map::new(),
                };
                let next = self.key(&mut inner, dots, depth + 1)?;
                if next == Next::End {
                    if let Some(place) = list.get_mut(at) {
                        *place = Value::Map(inner);
                    }
                    return Ok(next);
                }
                Value::Map(inner)
            }
        };
        if at > MAX_INDEX {
            return Err(index_error());
        }
        if list.len() <= at {
            self.filled += at + 1 - list.len();
            if self.filled > MAX_FILL {
                return Err(Error::TooLong);
            }
            list.resize(at + 1, Value::Null);
        }
        list[at] = value;
        Ok(Next::More)
    }

    fn index(&mut self) -> Result<String, Error> {
        match self.until(&[']']) {
            (index, Some(_)) => Ok(index),
            (index, None) => Err(Error::OpenIndex(index)),
        }
    }

    fn value(&mut self) -> Result<(Value, Next), Error> {
        match self.rest.clone().next() {
            None => Ok((Value::from(""), Next::End)),
            Some('{') => {
                self.rest.next();
                Ok((self.list()?, Next::More))
            }
            Some(_) => {
                let (text, _) = self.until(&[',']);
                Ok((self.typed(text), Next::More))
            }
        }
    }

    fn list(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            if stop.is_none() {
                return Err(Error::OpenList);
            }
            items.push(self.typed(text));
            if stop == Some('}') {
                if self.rest.clone().next() == Some(',') {
                    self.rest.next();
                }
                return Ok(Value::from(items));
            }
        }
    }

    /// Reads up to and including one of `stops`. A backslash makes the next character literal.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            if stops.contains(&c) {
                return (text, Some(c));
            }
            match if c == '\\' { self.rest.next() } else { Some(c) } {
                Some(c) => text.push(c),
                None => break,
            }
        }
        (text, None)
    }

    fn typed(&self, text: String) -> Value {
        if self.strings {
            return Value::String(text);
        }
        // Go's case folding maps U+017F (long s) to `s`, too.
        let word = text.replace('\u{17f}', "s").to_ascii_lowercase();
        match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "0" => Value::Int(0),
            _ if text.starts_with('0') => Value::String(text),
            _ => go_integer(&text).map_or(Value::String(text), Value::Int),
        }
    }
}

/// Sets a value. Helm drops the value of an empty key.
fn set(data: &mut Map, key: String, value: Value) {
    if !key.is_empty() {
        data.insert(key, value);
    }
}

fn clash(key: String, found: &Value, expected: &'static str) -> Error {
    Error::Clash { key, found: found.kind(), expected }
}

fn check_depth(depth: usize) -> Result<(), Error> {
    if depth < MAX_DEPTH { Ok(()) } else { Err(Error::TooDeep) }
}

/// Go's `ParseInt` with base 10, which accepts a sign and leading zeros.
fn go_integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::{arbitrary, read_values};

    fn set(text: &str) -> Map {
        let mut map = Map::new();
        set_into(text, &mut map).unwrap();
        map
    }

    fn values(text: &str) -> Map {
        read_values(text).unwrap()
    }

    #[test]
    fn helms_own_examples() {
        assert_eq!(set("a=b,outer.inner=value"), values("a: b\nouter: {inner: value}\n"));
        assert_eq!(set("name={a,b,c}"), values("name: [a, b, c]\n"));
        assert_eq!(set("servers[0].port=80,servers[0].host=example"), values("servers: [{port: 80, host: example}]\n"));
        assert_eq!(set(r"name=value1\,value2"), values("name: value1,value2\n"));
        assert_eq!(
            set(r"nodeSelector.kubernetes\.io/role=master"),
            values("nodeSelector: {kubernetes.io/role: master}\n")
        );
        assert_eq!(
            set("a=null,b=TRUE,c=-1,d=01,e=1.5,f="),
            values("a: null\nb: true\nc: -1\nd: '01'\ne: '1.5'\nf: ''\n")
        );
    }

    #[test]
    fn every_value_of_set_string_is_a_string() {
        let mut map = Map::new();
        set_string_into("a=1,b=true,c={null,2},d=null", &mut map).unwrap();
        assert_eq!(map, values("a: '1'\nb: 'true'\nc: ['null', '2']\nd: 'null'\n"));
    }

    #[test]
    fn a_refused_text_changes_nothing_and_says_why() {
        let base = values("a: {b: 1}\n");
        for (text, why) in [
            ("c=1,a", "`a` has no value: expected `a=value`"),
            ("c=1,a.b.c=2", "`b` is already a number: expected a map"),
            ("c=1,a[0]=2", "`a` is already a map: expected a list"),
            ("d[x]=2", "`[x]` is not an index: expected a number from 0 to 65536"),
            ("d[70000]=2", "`[70000]` is not an index: expected a number from 0 to 65536"),
            ("d[0", "`[0` has no end: expected `]`"),
            ("d[0]e=1", "found `e` after `]`: expected `=`, `.` or `[`"),
            ("d={1", "found a `{` without an end: expected `}`, or `\\{` for the character"),
            ("d.=1", "`d.` has no key after the dot: expected `d.key=value`"),
        ] {
            let mut map = base.clone();
            assert_eq!(set_into(text, &mut map).unwrap_err().to_string(), why);
            assert_eq!(map, base);
        }
    }

    #[test]
    fn no_text_makes_it_deep_or_large_without_end() {
        let mut map = Map::new();
        assert_eq!(set_into(&format!("a{}=1", "[0]".repeat(50_000)), &mut map), Err(Error::TooDeep));
        assert_eq!(set_into(&format!("{}=1", "a[0].".repeat(50_000)), &mut map), Err(Error::TooDeep));
        assert_eq!(set_into(&format!("{}=1", "a.".repeat(50_000)), &mut map), Err(Error::TooManyDots));
        assert_eq!(set_into(&format!("a{}=1", "[65536]".repeat(100)), &mut map), Err(Error::TooLong));
        assert!(map.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_set_or_refused(text in "[a-c=,.\\[\\]{}\\\\0-9 ]{0,20}", other in arbitrary::text()) {
            let mut map = Map::new();
            let _ = set_into(&text, &mut map);
            let _ = set_into(&other, &mut map);
            let _ = set_string_into(&text, &mut map);
        }
    }
}
