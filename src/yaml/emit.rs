//! Writes new YAML files.
//!
//! A string is written plain only if every reader reads it as that string: Helm (YAML 1.1), newer YAML libraries and
//! PyYAML. Strings with several lines become literal blocks, all others are quoted. The same values and notes always
//! give the same text.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Map, Path, Segment, Value};

/// Comments above entries, and the spacing of the file.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    above: BTreeMap<Path, Vec<String>>,
    /// Whether an empty line separates the top-level entries.
    pub spaced: bool,
}

impl Notes {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends comment lines above the entry at `path`. Comments of the root path come first in the file.
    ///
    /// `text` has no `#`. Each of its lines becomes one comment line. A control character or line separator becomes
    /// `U+FFFD`: no text may end its comment.
    pub fn above(&mut self, path: &Path, text: &str) {
        self.above.entry(path.clone()).or_default().extend(comment_lines(text));
    }

    pub fn is_empty(&self) -> bool {
        self.above.is_empty()
    }

    fn lines(&self, path: &Path) -> &[String] {
        self.above.get(path).map_or(&[], Vec::as_slice)
    }
}

fn comment_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| {
        let line: String =
            line.chars().map(|c| if c != '\t' && is_unreadable(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
        format!("# {line}").trim_end().to_owned()
    })
}

/// Writes `map` as a YAML file, indented by two spaces for each level. An empty map without notes is `{}`.
pub fn emit(map: &Map, notes: &Notes) -> String {
    let mut emitter = Emitter { out: String::new(), path: Path::root(), notes };
    for line in notes.lines(&Path::root()) {
        emitter.out.push_str(line);
        emitter.out.push('\n');
    }
    if map.is_empty() {
        emitter.out.push_str("{}\n");
        return emitter.out;
    }
    if !emitter.out.is_empty() {
        // Without the empty line, readers would take the head for the comment of the first entry.
        emitter.out.push('\n');
    }
    emitter.entries(map, 0, true);
    emitter.out
}

struct Emitter<'a> {
    out: String,
    path: Path,
    notes: &'a Notes,
}

impl Emitter<'_> {
    /// Writes the entries of a block map. `fresh` is false if the first entry continues a line that starts with `- `.
    fn entries(&mut self, map: &Map, indent: usize, mut fresh: bool) {
        for (at, (key, value)) in map.iter().enumerate() {
            self.path.push(Segment::Key(key.to_owned()));
            if indent == 0 && at > 0 && self.notes.spaced {
                self.out.push('\n');
            }
            self.start(indent, fresh);
            fresh = true;
            let key_text = scalar(key);
            if key_text.chars().count() <= LONGEST_SIMPLE_KEY {
                self.out.push_str(&key_text);
                self.out.push(':');
            } else {
                self.out.push_str("? ");
                self.out.push_str(&key_text);
                self.out.push('\n');
                self.blanks(indent);
                self.out.push(':');
            }
            self.value(value, indent);
            self.path.pop();
        }
    }

    /// Writes the part of an entry after `key:`, up to the end of its last line.
    fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Map(map) if !map.is_empty() => {
                self.out.push('\n');
                self.entries(map, indent + 2, true);
            }
            Value::List(list) if !list.is_empty() => {
                self.out.push('\n');
                self.items(list, indent + 2, true);
            }
            value => {
                self.out.push(' ');
                self.leaf(value, indent + 2);
            }
        }
    }

    fn items(&mut self, list: &[Value], indent: usize, mut fresh: bool) {
        for (at, item) in list.iter().enumerate() {
            self.path.push(Segment::Index(at));
            self.start(indent, fresh);
            fresh = true;
            self.out.push_str("- ");
            match item {
                Value::Map(map) if !map.is_empty() => {
                    let fresh =
                        self.breaks_before_first(Segment::Key(map.keys().next().unwrap_or_default().to_owned()));
                    self.entries(map, indent + 2, fresh);
                }
                Value::List(list) if !list.is_empty() => {
                    let fresh = self.breaks_before_first(Segment::Index(0));
                    self.items(list, indent + 2, fresh);
                }
                leaf => self.leaf(leaf, indent + 2),
            }
            self.path.pop();
        }
    }

    /// Ends the line of a `- ` if the first entry of the item has its own comment, and returns whether it did.
    fn breaks_before_first(&mut self, first: Segment) -> bool {
        if self.notes.is_empty() {
            return false;
        }
        self.path.push(first);
        let has_comment = !self.notes.lines(&self.path).is_empty();
        self.path.pop();
        if has_comment {
            self.out.pop();
            self.out.push('\n');
        }
        has_comment
    }

    /// Writes the comments and the indentation of an entry.
    fn start(&mut self, indent: usize, fresh: bool) {
        if !fresh {
            return;
        }
        let notes = self.notes;
        for line in notes.lines(&self.path) {
            self.blanks(indent);
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.blanks(indent);
    }

    fn blanks(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn leaf(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(bool) => self.out.push_str(if *bool { "true" } else { "false" }),
            Value::Int(int) => self.out.push_str(&int.to_string()),
            Value::Float(float) => self.out.push_str(&number(*float)),
            Value::String(text) if is_safe_block(text) => self.block(text, indent),
            Value::String(text) => self.out.push_str(&scalar(text)),
            Value::List(_) => self.out.push_str("[]"),
            Value::Map(_) => self.out.push_str("{}"),
        }
        self.out.push('\n');
    }

    fn block(&mut self, text: &str, indent: usize) {
        self.out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
        for line in text.lines() {
            self.out.push('\n');
            if !line.is_empty() {
                self.blanks(indent);
                self.out.push_str(line);
            }
        }
    }
}

/// Maximum length of a key without `? `, in characters. The limit of YAML is 1024.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// Writes a string on one line, plain or quoted, for every reader to read the same string.
pub fn scalar(text: &str) -> String {
    if is_safe_plain(text) { text.to_owned() } else { double_quoted(text) }
}

/// Writes a number. Whole numbers have no point and no exponent, as long as all their digits are exact.
fn number(float: f64) -> String {
    if float.is_nan() {
        // Templates cannot receive NaN; Helm reports it.
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let negative_zero = float == 0.0 && float.is_sign_negative();
    if float.fract() == 0.0 && !negative_zero && float.abs() < 1e18 {
        return format!("{float:.0}");
    }
    // Readers of YAML 1.2 and PyYAML need a point in the number and a sign in the exponent.
    let text = format!("{float:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) => {
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{digits}{point}e{sign}{exponent}")
        }
    }
}

fn is_safe_plain(text: &str) -> bool {
    const TYPED: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./ @+=".contains(&b))
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !TYPED.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether every reader reads the text the same from a literal block: no lost spaces and no ambiguous indentation.
fn is_safe_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !body.is_empty()
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n'])
        && !text.chars().any(|c| !matches!(c, '\n' | '\t') && is_unreadable(c))
        && body.split('\n').all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'))
}

/// Whether some reader refuses the character, drops it, or takes it for the end of a line.
fn is_unreadable(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_unreadable(c) => {
                let code = u32::from(c);
                let width = if code < 0x100 { 2 } else { 4 };
                let kind = if code < 0x100 { 'x' } else { 'u' };
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\{kind}{code:0width$x}");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::{arbitrary, read_values};

    fn emit_text(text: &str) -> String {
        emit(&read_values(text).unwrap(), &Notes::new())
    }

    #[test]
    fn a_file_looks_like_one_written_by_hand() {
        let text = "\
architecture: replication
auth:
  enabled: true
  password: \"no\"
master:
  count: 3
  extraFlags:
    - --maxmemory-policy
    - allkeys-lru
  service:
    annotations:
      service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"
    ports: {}
  volumes:
    - name: data
      emptyDir: {}
    - - 1
      - - 2.5
        - a: null
        - []
  configuration: |-
    maxmemory 1gb

    appendonly no
";
        let text = text.replace("- --maxmemory-policy", "- \"--maxmemory-policy\"");
        assert_eq!(emit_text(&text), text);
    }

    #[test]
    fn strings_that_are_something_else_to_a_reader_are_quoted() {
        for (text, expected) in [
            ("redis", "redis"),
            ("5Gi", "\"5Gi\""),
            ("no", "\"no\""),
            ("", "\"\""),
            ("a: b", "\"a: b\""),
            ("/etc/redis", "/etc/redis"),
            ("a\u{85}\u{7f}\u{feff}\n\"\\", "\"a\\x85\\x7f\\ufeff\\n\\\"\\\\\""),
            ("\u{1f600}", "\"\u{1f600}\""),
        ] {
            assert_eq!(scalar(text), expected);
        }
    }

    #[test]
    fn numbers_keep_their_size() {
        for (float, expected) in [
            (1.0, "1"),
            (-0.5, "-0.5"),
            (1e17, "100000000000000000"),
            (1e21, "1.0e+21"),
            (1.5e-7, "1.5e-7"),
            (f64::INFINITY, ".inf"),
            (f64::NAN, ".nan"),
        ] {
            assert_eq!(number(float), expected);
        }
    }

    #[test]
    fn notes_stand_above_their_entries() {
        let mut notes = Notes::new();
        notes.spaced = true;
        notes.above(&Path::root(), "redisgen\n\nkeep");
        notes.above(&Path::of(["a"]), "one");
        notes.above(&Path::of(["b"]).index(0).key("c"), "two\rthree: 3");
        let values = read_values("a: 1\nb: [{c: 2}, 3]\nd: 4").unwrap();
        let expected = "\
# redisgen
#
# keep

# one
a: 1

b:
  -
    # two\u{fffd}three: 3
    c: 2
  - 3

d: 4
";
        assert_eq!(emit(&values, &notes), expected);
        assert_eq!(emit(&Map::new(), &Notes::new()), "{}\n");
    }

    #[test]
    fn a_key_too_long_for_yaml_is_written_in_the_other_way() {
        let key = "k".repeat(1025);
        let inner = Map::from_iter([("a".to_owned(), Value::Int(1))]);
        let values = Map::from_iter([(key.clone(), Value::Map(inner))]);
        let text = emit(&values, &Notes::new());
        assert_eq!(text, format!("? {key}\n:\n  a: 1\n"));
        assert_eq!(read_values(&text).unwrap(), values);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(tree in arbitrary::tree()) {
            let text = emit(&tree, &Notes::new());
            prop_assert_eq!(&read_values(&text).unwrap(), &tree, "{}", text);
        }

        #[test]
        fn a_reader_of_yaml_1_2_reads_the_same(tree in arbitrary::tree()) {
            let text = emit(&tree, &Notes::new());
            let other: serde_json::Value = serde_yaml::from_str(&text).unwrap();
            prop_assert_eq!(from_json(&other), Value::Map(tree), "{}", text);
        }

        #[test]
        fn writing_again_changes_nothing(tree in arbitrary::tree()) {
            let text = emit(&tree, &Notes::new());
            prop_assert_eq!(emit(&read_values(&text).unwrap(), &Notes::new()), text);
        }

        #[test]
        fn no_note_gets_out_of_its_comment(tree in arbitrary::tree(), text in arbitrary::text()) {
            let mut notes = Notes::new();
            note_everywhere(&tree, &Path::root(), &text, &mut notes);
            let text = emit(&tree, &notes);
            prop_assert_eq!(&read_values(&text).unwrap(), &tree, "{}", text);
        }
    }

    fn from_json(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(bool) => Value::Bool(*bool),
            serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap()),
            serde_json::Value::String(text) => Value::from(text.as_str()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(from_json).collect()),
            serde_json::Value::Object(map) => {
                Value::Map(map.iter().map(|(key, value)| (key.clone(), from_json(value))).collect())
            }
        }
    }

    fn note_everywhere(map: &Map, above: &Path, text: &str, notes: &mut Notes) {
        notes.above(above, text);
        for (key, value) in map.iter() {
            let path = above.key(key);
            notes.above(&path, &format!("{text}{key}"));
            match value {
                Value::Map(map) => note_everywhere(map, &path, text, notes),
                Value::List(items) => {
                    for (at, item) in items.iter().enumerate() {
                        notes.above(&path.index(at), text);
                        if let Value::Map(map) = item {
                            note_everywhere(map, &path.index(at), text, notes);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
