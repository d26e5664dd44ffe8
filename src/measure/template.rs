//! Analysis of template texts: which values and templates they mention, and which functions give random results.
//!
//! This is not a full parser. It splits actions between `{{` and `}}` into words and strings, and tracks blocks only
//! to find the named template that a word belongs to. A missed word only makes a measurement slower. It never leads
//! to the conclusion that a key has no effect.

use std::collections::{BTreeMap, BTreeSet};

/// Word of an action, with its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word<'a> {
    /// Field, variable or function, with everything joined by dots: `$root.Values.a`, `genCA`.
    Name(&'a str),
    /// Content of a string.
    Text(&'a str),
    /// Punctuation such as `(`, `)` and `|`.
    Sign(char),
    /// End of an action.
    End,
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    word: Word<'a>,
    start: usize,
    end: usize,
}

/// Values and templates that a named template mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Paths below `.Values`.
    pub values: BTreeSet<String>,
    /// Strings that may be the name of another template, or the end of its file path.
    pub names: BTreeSet<String>,
    /// Whether the template passes on all values.
    pub all: bool,
}

/// Analyses the templates of one file, by name. The entry `file` is the file itself.
pub(super) fn looks(file: &str, text: &str) -> BTreeMap<String, Look> {
    let mut looks: BTreeMap<String, Look> = BTreeMap::new();
    // Open blocks: the template that the block interrupts for `define` and `block`, `None` for other blocks.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut current = file.to_owned();
    looks.entry(current.clone()).or_default();
    let mut is_first = true;
    let tokens = tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        let look = looks.entry(current.clone()).or_default();
        match token.word {
            Word::End => {
                is_first = true;
                continue;
            }
            Word::Name("if" | "with" | "range") if is_first => open.push(None),
            Word::Name("define" | "block") if is_first => {
                if let Some(Token { word: Word::Text(name), .. }) = tokens.get(at + 1) {
                    open.push(Some(std::mem::replace(&mut current, (*name).to_owned())));
                }
            }
            Word::Name("end") if is_first => {
                if let Some(Some(outer)) = open.pop() {
                    current = outer;
                }
            }
            Word::Name(name) => {
                if let Some(below) = values_below(name) {
                    if below.is_empty() {
                        // Templates of the library chart look values up by names that they receive as strings.
                        look.all |= !current.starts_with("common.");
                    } else {
                        look.values.insert(below.to_owned());
                    }
                }
            }
            // The name in a definition is not a path.
            Word::Text(_) if at > 0 && matches!(tokens[at - 1].word, Word::Name("define" | "block")) => {}
            Word::Text(text) => {
                look.names.insert(text.to_owned());
                let is_path = text.contains('.') && !text.contains([' ', '/', ':']);
                let is_section = file.ends_with("NOTES.txt") && text.chars().all(|c| c.is_ascii_alphabetic());
                if (is_path || is_section) && !text.is_empty() {
                    look.values.insert(text.to_owned());
                }
            }
            Word::Sign(_) => {}
        }
        is_first = is_first && token.word == Word::Sign('-');
    }
    looks
}

/// The path below `.Values` in a name; empty for all values. `None` if the name is not below `.Values`.
fn values_below(name: &str) -> Option<&str> {
    let at = name.find(".Values")?;
    let rest = &name[at + ".Values".len()..];
    match rest.strip_prefix('.') {
        Some(below) => Some(below),
        None => rest.is_empty().then_some(""),
    }
}

/// Functions with random results, and their constant replacements. An empty replacement keeps the arguments, because
/// the result may depend on them.
const RANDOM: [(&str, &str); 13] = [
    ("bcrypt", "print \"bcrypt\""),
    ("encryptAES", "print \"encrypted\""),
    ("genCA", ""),
    ("genCAWithKey", ""),
    ("genPrivateKey", "print \"key\""),
    ("genSelfSignedCert", ""),
    ("genSignedCert", ""),
    ("htpasswd", "print \"htpasswd\""),
    ("randAlpha", "print \"7\""),
    ("randAlphaNum", "print \"7\""),
    ("randAscii", "print \"7\""),
    ("randNumeric", "print \"7\""),
    ("uuidv4", "print \"uuid\""),
];

/// Replaces random results by constants. Two renderings then differ only because of their settings.
pub(super) fn without_random(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut until = 0;
    let tokens = tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        let Word::Name(name) = token.word else { continue };
        if name == "now" {
            output += &text[until..token.start];
            output += "(toDate \"2006-01-02\" \"2020-01-01\")";
            until = token.end;
        }
        let Some((_, instead)) = RANDOM.iter().find(|(function, _)| *function == name) else { continue };
        output += &text[until..token.start];
        if instead.is_empty() {
            // A certificate depends on its arguments.
            let end = arguments_end(&tokens[at + 1..]).unwrap_or(token.end);
            output += &format!("dict \"Key\" \"key\" \"Cert\" (print {})", text[token.end..end].trim());
            until = end;
        } else {
            output += instead;
            until = token.end;
        }
    }
    output + &text[until..]
}

/// End of the arguments of a function: before a `)`, a `|` or the end of the action that does not belong to them.
fn arguments_end(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0;
    let mut end = None;
    for token in tokens {
        match token.word {
            Word::Sign('(') => depth += 1,
            Word::Sign(')') if depth == 0 => break,
            Word::Sign(')') => depth -= 1,
            Word::Sign('|') if depth == 0 => break,
            Word::Sign('-') | Word::End => break,
            _ => {}
        }
        end = Some(token.end);
    }
    end
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{") {
        at += open + 2;
        let rest = text[at..].trim_start_matches('-').trim_start();
        if rest.starts_with("/*") {
            at = text[at..].find("*/").map_or(text.len(), |end| at + end + 2);
            continue;
        }
        at = action(text, at, &mut tokens);
    }
    tokens
}

/// Reads the words of one action, and returns the offset after it.
fn action<'a>(text: &'a str, mut at: usize, tokens: &mut Vec<Token<'a>>) -> usize {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$') || byte >= 0x80;
    while at < bytes.len() {
        let start = at;
        let word = match bytes[at] {
            b'}' if bytes.get(at + 1) == Some(&b'}') => {
                tokens.push(Token { word: Word::End, start, end: at + 2 });
                return at + 2;
            }
            quote @ (b'"' | b'`' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if quote != b'`' && bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = at.min(bytes.len());
                let content = text.get(start + 1..at).unwrap_or_default();
                at = (at + 1).min(bytes.len());
                Word::Text(content)
            }
            byte if is_name(byte) => {
                while at < bytes.len() && is_name(bytes[at]) {
                    at += 1;
                }
                Word::Name(&text[start..at])
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            byte => {
                at += 1;
                Word::Sign(char::from(byte))
            }
        };
        tokens.push(Token { word, start, end: at });
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_values_and_templates() {
        let text = "now {{- if .Values.a.b }}{{ include \"x.y\" (dict \"v\" $.Values.c \"w\" $root.Values) | quote }}\n\
                    {{/* .Values.no \"quote */}}{{ end }}{{ define \"x.y\" }}{{ with (.context.Values.d) }}{{ end }}{{ end }}\
                    {{ .Values.e }}";
        let looks = looks("f", text);
        let of = |name: &str| looks[name].values.iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(of("f"), ["a.b", "c", "e", "x.y"]);
        assert_eq!(of("x.y"), ["d"]);
        assert!(looks["f"].all && !looks["x.y"].all);
        assert!(looks["f"].names.contains("x.y"));
    }

    #[test]
    fn what_is_random_becomes_constant() {
        let made = |text: &str| without_random(text);
        assert_eq!(made("randAlphaNum now {{ x }}"), "randAlphaNum now {{ x }}");
        assert_eq!(made("{{ randAlphaNum 10 | quote }}"), "{{ print \"7\" 10 | quote }}");
        assert_eq!(made("{{ \"genCA\" }}{{/* genCA 1 */}}"), "{{ \"genCA\" }}{{/* genCA 1 */}}");
        assert_eq!(
            made("{{- $ca := genCA \"redis-ca\" 365 }}{{ (genSignedCert $cn nil (list a) 365 $ca).Cert }}"),
            "{{- $ca := dict \"Key\" \"key\" \"Cert\" (print \"redis-ca\" 365) }}\
             {{ (dict \"Key\" \"key\" \"Cert\" (print $cn nil (list a) 365 $ca)).Cert }}"
        );
        assert_eq!(made("{{ now | unixEpoch -}}"), "{{ (toDate \"2006-01-02\" \"2020-01-01\") | unixEpoch -}}");
    }
}
