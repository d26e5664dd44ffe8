//! Text that another tool replaces later: placeholders in values, and templates around values.
//!
//! A template is masked: a word of the same length replaces each expression, and all positions stay the same. A masked
//! text gets its expressions back before it is written.

use std::sync::Arc;

use crate::yaml::{Map, Value, read_values};

/// The first character of a masked expression. It is of the private use area, which no values use.
const MASK: char = '\u{e000}';

/// The first byte of [`MASK`].
const MASK_START: u8 = 0xee;

/// The words of a masked text, with their expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// Each word with its expression.
    words: Vec<(String, String)>,
    /// Whether expressions decide which lines there are.
    pub has_branches: bool,
    /// Whether an expression that is a line of its own may add values.
    pub adds_values: bool,
}

/// A text without its templates.
#[derive(Debug, Clone)]
pub struct Masked {
    pub text: String,
    pub mask: Arc<Mask>,
}

/// The marks of an expression, by engine.
const EXPRESSIONS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// First words of expressions that write nothing themselves.
const CONTROL: [&str; 12] =
    ["if", "else", "end", "range", "with", "define", "elif", "for", "endif", "endfor", "set", "block"];

/// Masks the template expressions of a text. `None` if the text has none.
pub fn mask(text: &str) -> Option<Masked> {
    if !EXPRESSIONS.iter().any(|(open, _)| text.contains(open)) {
        return None;
    }
    let mut mask = Mask::default();
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let first = EXPRESSIONS.iter().filter_map(|(open, close)| Some((rest.find(open)?, *open, *close))).min();
        let Some((start, open, close)) = first else { break };
        // A `#` that begins a comment, and `{#` of a flow map, are no expression.
        let Some(length) = rest[start + open.len()..].find(close) else { break };
        let mut end = start + open.len() + length + close.len();
        // `{{{x}}}`: the braces belong together.
        while rest[end..].starts_with('}') && close == "}}" {
            end += 1;
        }
        masked.push_str(&rest[..start]);
        let expression = &rest[start..end];
        let line_start = masked.rfind('\n').map_or(0, |at| at + 1);
        let behind = rest[end..].split('\n').next().unwrap_or_default();
        let is_alone = masked[line_start..].trim().is_empty()
            && (behind.trim().is_empty() || EXPRESSIONS.iter().any(|(open, _)| behind.trim_start().starts_with(open)))
            || masked[line_start..].trim_start().starts_with(['#', MASK]) && behind.trim().is_empty();
        let word = expression.trim_start_matches(['{', '%', '#', '-', ' ', '~']);
        let word = word.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_control =
            CONTROL.contains(&word) || open == "{#" || expression[2..].trim_start_matches('-').starts_with("/*");
        if is_control {
            mask.has_branches |= !word.is_empty();
        } else if is_alone {
            mask.adds_values = true;
        }
        for (at, line) in expression.split('\n').enumerate() {
            if at > 0 {
                masked.push('\n');
            }
            let comment = is_alone || is_control || at > 0;
            mask.push(line, comment, &mut masked);
        }
        rest = &rest[end..];
    }
    masked.push_str(rest);
    (!mask.words.is_empty()).then(|| Masked { text: masked, mask: Arc::new(mask) })
}

/// Masks the interpolations and the directives of a Terraform template. `None` if the text has none.
pub fn mask_terraform(text: &str) -> Option<Masked> {
    let mut mask = Mask::default();
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = first_interpolation(rest) {
        let Some(end) = end_of_interpolation(&rest[start..]).map(|length| start + length) else { break };
        masked.push_str(&rest[..start]);
        let expression = &rest[start..end];
        let line_start = masked.rfind('\n').map_or(0, |at| at + 1);
        let (before, behind) = (&masked[line_start..], rest[end..].split('\n').next().unwrap_or_default().trim());
        let is_control = expression.starts_with('%');
        let is_alone = (before.trim().is_empty() || before.trim_start().starts_with(['#', MASK]))
            && (behind.is_empty() || behind.starts_with("${") || behind.starts_with("%{"));
        if is_control {
            mask.has_branches = true;
        } else if is_alone {
            mask.adds_values = true;
        }
        for (at, line) in expression.split('\n').enumerate() {
            if at > 0 {
                masked.push('\n');
            }
            let comment = (is_alone || at > 0) && line.len() > '#'.len_utf8() + MASK.len_utf8();
            mask.push(line, comment, &mut masked);
        }
        rest = &rest[end..];
    }
    masked.push_str(rest);
    (!mask.words.is_empty()).then(|| Masked { text: masked, mask: Arc::new(mask) })
}

/// The start of the first `${` or `%{`. A second `$` or `%` in front makes it a text.
fn first_interpolation(text: &str) -> Option<usize> {
    let marks = text.match_indices('{').filter_map(|(at, _)| {
        let before = &text[..at];
        let mark = before.chars().next_back().filter(|mark| ['$', '%'].contains(mark))?;
        (!before[..at - 1].ends_with(mark)).then(|| at - 1)
    });
    marks.into_iter().next()
}

/// The length of the interpolation that a text begins with: braces and quotes belong in pairs.
fn end_of_interpolation(text: &str) -> Option<usize> {
    let (mut depth, mut in_quotes, mut is_escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_quotes => is_escaped = true,
            '"' => in_quotes = !in_quotes,
            '{' if !in_quotes => depth += 1,
            '}' if !in_quotes => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

impl Mask {
    /// Whether the original text comes back. A piece without room for a word is lost.
    pub fn is_complete(&self) -> bool {
        self.words.iter().all(|(word, _)| !word.is_empty())
    }

    /// Writes a word for a piece of an expression, of the same number of bytes.
    fn push(&mut self, piece: &str, comment: bool, masked: &mut String) {
        let prefix = if comment { "#" } else { "" };
        let Some(room) = piece.len().checked_sub(prefix.len() + MASK.len_utf8() + 1) else {
            // Too short for a word: only blanks and single braces are.
            masked.push_str(&" ".repeat(piece.len()));
            if !piece.trim().is_empty() {
                self.words.push((String::new(), piece.to_owned()));
            }
            return;
        };
        let number = self.words.len().to_string();
        let number =
            if number.len() > room + 1 { "-".repeat(room + 1) } else { format!("{number:_<width$}", width = room + 1) };
        let word = format!("{prefix}{MASK}{number}");
        masked.push_str(&word);
        self.words.push((word, piece.to_owned()));
    }

    /// Whether a masked text has an expression on a line of its own, such as `{{ if .x }}`: an edit could move lines in
    /// or out of the condition.
    pub fn has_lines_in(&self, masked: &str) -> bool {
        self.words.iter().any(|(word, _)| word.starts_with('#') && masked.contains(word.as_str()))
    }

    /// Whether an edited text still has all expressions of the text before.
    pub fn is_kept(&self, before: &str, after: &str) -> bool {
        let words = self.words.iter().map(|(word, _)| word.as_str()).filter(|word| !word.is_empty());
        words.filter(|word| before.contains(word)).all(|word| after.contains(word))
    }

    /// Puts the original text into values of a masked text.
    pub fn unmask_values(&self, values: &mut Map) {
        values.iter_mut().for_each(|(_, value)| self.unmask_value(value));
    }

    fn unmask_value(&self, value: &mut Value) {
        match value {
            Value::Map(map) => self.unmask_values(map),
            Value::List(items) => items.iter_mut().for_each(|item| self.unmask_value(item)),
            Value::String(text) if text.contains(MASK) => *text = self.unmask(text),
            _ => {}
        }
    }

    /// The original text of a masked text, also after edits.
    pub fn unmask(&self, masked: &str) -> String {
        let mut text = String::with_capacity(masked.len());
        let mut rest = masked;
        for (word, original) in &self.words {
            let Some(at) = rest.find(word.as_str()).filter(|_| !word.is_empty()) else { continue };
            text.push_str(&rest[..at]);
            text.push_str(original);
            rest = &rest[at + word.len()..];
        }
        // An edit may move a word in front of others.
        let mut rest = rest.to_owned();
        if rest.contains(MASK) || text.contains(MASK) {
            // A longer word may begin with a shorter one.
            let mut words: Vec<_> = self.words.iter().filter(|(word, _)| !word.is_empty()).collect();
            words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
            for (word, original) in words {
                text = text.replace(word.as_str(), original);
                rest = rest.replace(word.as_str(), original);
            }
        }
        text + &rest
    }
}

/// Words of expressions that the chart evaluates itself.
const HELM_OBJECTS: [&str; 6] = [".Values", ".Release", ".Chart", ".Capabilities", ".Template", "include "];

/// A value that another tool writes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder<'a> {
    /// The value that counts if nothing is set: `small` in `${PRESET:-small}`.
    pub default: Option<&'a str>,
}

/// The bytes without which a text has no placeholder, apart from its beginning.
const IS_MARK: [bool; 256] = {
    let marks = [b'$', b'#', b'<', b'{', b'[', b'%', b'@', MASK_START];
    let (mut is_mark, mut at) = ([false; 256], 0);
    while at < marks.len() {
        is_mark[marks[at] as usize] = true;
        at += 1;
    }
    is_mark
};

/// The placeholder in a text, if it has one.
pub fn of(text: &str) -> Option<Placeholder<'_>> {
    let trimmed = text.trim();
    // Most values have none of these marks.
    if !trimmed.bytes().any(|byte| IS_MARK[usize::from(byte)])
        && !["__", "ref+"].iter().any(|start| trimmed.starts_with(start))
    {
        return None;
    }
    let unknown = Some(Placeholder { default: None });
    // A text of several lines has its own language, such as redis.conf or a script.
    if trimmed.contains('\n') && !trimmed.contains(MASK) {
        return None;
    }
    if trimmed.contains(MASK) || trimmed.starts_with("ref+") && trimmed.contains("://") {
        return unknown;
    }
    if let Some(inside) = between(trimmed, "${", "}") {
        // Only a variable that is the whole text has a default that is the whole value.
        let is_whole = trimmed.starts_with("${") && trimmed.ends_with('}') && trimmed.matches("${").count() == 1;
        let default = [":-", ":=", "-", "="].iter().find_map(|mark| {
            let (name, default) = inside.split_once(mark)?;
            (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then_some(default)
        });
        return Some(Placeholder { default: default.filter(|_| is_whole) });
    }
    let parts = [("#{", "}#"), ("<path:", ">")];
    if parts.iter().any(|(open, close)| between(trimmed, open, close).is_some_and(|inside| !inside.is_empty())) {
        return unknown;
    }
    // The chart has templates of its own, and Prometheus has templates within texts.
    if HELM_OBJECTS.iter().any(|object| trimmed.contains(object)) {
        return None;
    }
    let wholes = [("{{", "}}"), ("[[", "]]"), ("$(", ")"), ("<%", "%>")];
    if wholes.iter().any(|(open, close)| trimmed.starts_with(open) && trimmed.ends_with(close)) {
        return unknown;
    }
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    let wrapped = |open: &str, close: &str| {
        trimmed.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(is_name)
    };
    // `<x>`, `__X__`, `%X%`, `@X@`, `$X`
    let is_wrapped = wrapped("<", ">") || wrapped("__", "__") || wrapped("%", "%") || wrapped("@", "@");
    let is_variable = trimmed.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    if is_wrapped || is_variable { unknown } else { None }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, behind) = text.split_once(open)?;
    Some(behind.split_once(close)?.0)
}

/// Whether a value holds a masked expression.
pub fn has_masked(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.iter().any(|(_, value)| has_masked(value)),
        Value::List(items) => items.iter().any(has_masked),
        Value::String(text) => text.contains(MASK),
        _ => false,
    }
}

/// Replaces each placeholder that has a default by the default, as the type that Helm reads.
pub fn with_defaults(values: &mut Map) {
    if values.iter().any(|(_, value)| has_default(value)) {
        values.iter_mut().for_each(|(_, value)| with_default(value));
    }
}

fn has_default(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.iter().any(|(_, value)| has_default(value)),
        Value::List(items) => items.iter().any(has_default),
        Value::String(text) => of(text).is_some_and(|placeholder| placeholder.default.is_some()),
        _ => false,
    }
}

fn with_default(value: &mut Value) {
    match value {
        Value::Map(map) => map.iter_mut().for_each(|(_, value)| with_default(value)),
        Value::List(items) => items.iter_mut().for_each(with_default),
        Value::String(text) => {
            if let Some(Placeholder { default: Some(default) }) = of(text) {
                let plain = read_values(&format!("value: {default}")).ok();
                *value = plain.and_then(|mut map| map.remove("value")).unwrap_or_else(|| default.into());
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Document;

    #[test]
    fn placeholders_are_recognized_with_their_defaults() {
        assert_eq!(MASK.to_string().as_bytes()[0], MASK_START);
        let default = |text| of(text).map(|placeholder| placeholder.default);
        for text in
            ["${X}", "a-${X}", "{{ x }}", "#{X}#", "<x>", "__X__", "<path:a#b>", "ref+vault://a#b", "$(X)", "$X"]
        {
            assert_eq!(default(text), Some(None), "{text}");
        }
        assert_eq!(default("${X:-y}"), Some(Some("y")));
        assert_eq!(default("${X:=y}"), Some(Some("y")));
        assert_eq!(default("${X:-}"), Some(Some("")));
        assert_eq!(default("a-${X:-y}"), Some(None));
        for text in ["x", "", "a$b", "$", "a < b > c", "__", "<>", "100%", "a@b", "$2a$10$x"] {
            assert_eq!(default(text), None, "{text}");
        }
    }

    #[test]
    fn a_masked_template_is_yaml_of_the_same_length() {
        let text = "{{- if .a }}\na: {{ .b }}\nb: \"{{ c }}-x\" # {{ d }}\nc:\n  {{- toYaml .c | nindent 2 }}\n{{ end }}\nd: {{ requiredEnv\n  \"X\" }}\n";
        let Masked { text: masked, mask } = mask(text).unwrap();
        assert_eq!(masked.len(), text.len());
        let document = Document::parse(&masked).unwrap_or_else(|error| panic!("{error:?}\n{masked}"));
        let keys: Vec<String> = document.values(Default::default()).unwrap().keys().map(str::to_owned).collect();
        assert_eq!(keys, ["a", "b", "c", "d"], "{masked}");
        assert_eq!(mask.unmask(&masked), text);
        assert!(mask.has_branches && mask.adds_values);
        assert_eq!(super::mask("a: {b: {c: 1}}\n").map(|masked| masked.text), None);
    }

    #[test]
    fn a_line_without_room_for_a_word_does_not_come_back() {
        let text = "a: {{ x\n}}\nb: 1\n";
        let Masked { text: masked, mask } = mask(text).unwrap();
        assert_eq!(masked.len(), text.len());
        assert!(!mask.is_complete());
        assert_ne!(mask.unmask(&masked), text);
    }

    #[test]
    fn a_masked_terraform_template_is_yaml_of_the_same_length() {
        let text = "a: ${var.a ? \"}\" : \"b\"}\n%{ if var.b ~}\nb: \"${c[\"x\"]}-x\"\n%{ else ~}\nb: 1\n%{ endif ~}\n${indent(2, local.more)}\nd: $${D:-1}\n";
        let Masked { text: masked, mask } = mask_terraform(text).unwrap();
        assert_eq!(masked.len(), text.len());
        let document =
            Document::parse(&masked).unwrap_or_else(|error| panic!("{error:?}\n{masked}")).without_duplicates();
        let keys: Vec<String> = document.values(Default::default()).unwrap().keys().map(str::to_owned).collect();
        assert_eq!(keys, ["a", "b", "d"], "{masked}");
        assert_eq!(mask.unmask(&masked), text);
        assert!(mask.has_branches && mask.adds_values);
        assert!(masked.contains("$${D:-1}"), "{masked}");
        assert!(mask_terraform("a: $${b} %%{c}\n").is_none() && mask_terraform("a: ${b\n").is_none());
    }
}
