//! The calls of a Tiltfile that install charts: `helm_resource`, `helm_remote` and `helm`.
//! See <https://github.com/tilt-dev/tilt-extensions>.

use std::collections::BTreeMap;

use super::{
    Outer, PlacedCall, TILT,
    helm::{self, Alias, Call, Command, Set},
    words::Word,
};

/// The functions, the longest name first.
const FUNCTIONS: [&str; 4] = ["helm_resource", "helm_remote", "helm_repo", "helm"];

/// The longest call that is read in bytes.
const LONGEST: usize = 16 * 1024;

/// An argument of a call.
#[derive(Debug, Clone)]
enum Argument {
    Text(Word),
    List(Vec<Word>),
    Unknown,
}

type Arguments = Vec<(Option<String>, Argument)>;

/// Reads the calls of a text.
pub(super) fn read(text: &str, calls: &mut Vec<PlacedCall>, outer: Outer) {
    let variables = variables(text);
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let start = line_start;
        line_start += line.len();
        let code = line.split('#').next().unwrap_or(line);
        let Some(at) = code.find("helm") else { continue };
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '\'' || c == '"') || calls.len() > 1_000 {
            continue;
        }
        let Some(name) =
            FUNCTIONS.iter().find(|name| code[at..].strip_prefix(**name).is_some_and(|rest| rest.starts_with('(')))
        else {
            continue;
        };
        let mut end = (start + at + LONGEST).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut reader = Reader { text: &text[..end], at: start + at + name.len() + 1, variables: &variables };
        let Some(arguments) = reader.arguments() else { continue };
        let (from, to) = (start + at, reader.at);
        let Some(call) = call(name, &arguments, from..to) else { continue };
        let words = arguments.iter().flat_map(|(_, argument)| match argument {
            Argument::Text(word) => std::slice::from_ref(word),
            Argument::List(words) => words,
            Argument::Unknown => &[],
        });
        let places = words.map(|word| (word.place.start, outer(word.place.start, word.place.end))).collect();
        calls.push(PlacedCall { form: TILT, call, span: outer(from, to), places, folder: None });
    }
}

fn call(function: &str, arguments: &Arguments, place: std::ops::Range<usize>) -> Option<Call> {
    let named = |name: &str| arguments.iter().find(|(key, _)| key.as_deref() == Some(name)).map(|(_, value)| value);
    let plain = |at: usize| arguments.iter().filter(|(key, _)| key.is_none()).nth(at).map(|(_, value)| value);
    let text = |argument: Option<&Argument>| match argument {
        Some(Argument::Text(word)) => Some(word.clone()),
        _ => None,
    };
    let list = |name: &str| match named(name) {
        Some(Argument::List(words)) => words.clone(),
        Some(Argument::Text(word)) => vec![word.clone()],
        Some(Argument::Unknown) => vec![Word { text: "${value}".to_owned(), place: place.clone() }],
        None => Vec::new(),
    };
    let word = |text: &str| Word { text: text.to_owned(), place: place.clone() };
    match function {
        "helm_repo" => {
            let (name, address) = (text(plain(0).or(named("name")))?, text(plain(1).or(named("url")))?);
            Some(Call::Repository(Alias { name: name.text, address: address.text }))
        }
        "helm_resource" => {
            let release = text(named("release_name")).or_else(|| text(plain(0).or(named("name"))))?;
            let mut words = vec![word("upgrade"), release, text(plain(1).or(named("chart")))?];
            if let Some(namespace) = text(named("namespace")) {
                words.extend([word("--namespace"), namespace]);
            }
            words.extend(list("flags"));
            helm::call(&words)
        }
        _ => {
            let chart = text(plain(0).or(named(if function == "helm" { "pathname" } else { "chart" })))?;
            let chart = match text(named("repo_name")).filter(|_| named("repo_url").is_none()) {
                Some(repository) => Word { text: format!("{}/{}", repository.text, chart.text), ..chart },
                None => chart,
            };
            // `helm` reads a folder.
            let folder = Word { text: format!("./{}", chart.text.trim_start_matches("./")), ..chart.clone() };
            let chart = if function == "helm" && !chart.text.starts_with('/') { folder } else { chart };
            Some(Call::Release(Box::new(Command {
                release: text(named("release_name").or(named("name"))).or_else(|| {
                    let is_remote = function == "helm_remote";
                    is_remote.then(|| text(plain(0))).flatten()
                }),
                chart: Some(chart),
                version: text(named("version")),
                repository: text(named("repo_url")),
                namespace: text(named("namespace")),
                files: list("values"),
                sets: list("set").into_iter().map(|word| (Set::Plain, word)).collect(),
            })))
        }
    }
}

/// The texts that lines assign to variables.
fn variables(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in text.lines().take(10_000) {
        let Some((name, value)) = line.split_once('=') else { continue };
        let name = name.trim_end();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let none = BTreeMap::new();
        let mut reader = Reader { text: value, at: 0, variables: &none };
        if is_name && let Some(Argument::Text(word)) = reader.value() {
            found.insert(name.to_owned(), word.text);
        }
    }
    found
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    variables: &'a BTreeMap<String, String>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let mut length = rest.len() - trimmed.len();
            if trimmed.starts_with('#') {
                length += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("\\\n") {
                length += 2;
            }
            if length == 0 {
                return;
            }
            self.at += length;
        }
    }

    fn eat(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let is_there = self.rest().starts_with(mark);
        self.at += if is_there { mark.len_utf8() } else { 0 };
        is_there
    }

    /// The arguments up to the closing bracket. `None` if there is none.
    fn arguments(&mut self) -> Option<Arguments> {
        let mut found = Vec::new();
        loop {
            if self.eat(')') {
                return Some(found);
            }
            let before = self.at;
            let name: String = self.rest().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            self.at += name.len();
            let is_named = !name.is_empty() && self.eat('=') && !self.rest().starts_with('=');
            if !is_named {
                self.at = before;
            }
            let value = self.value()?;
            found.push((is_named.then_some(name), value));
            if !self.eat(',') && !self.rest().starts_with(')') {
                return None;
            }
        }
    }

    /// One value, up to the comma or the bracket behind it.
    fn value(&mut self) -> Option<Argument> {
        self.skip_blanks();
        let start = self.at;
        let first = if self.rest().starts_with('[') {
            self.at += 1;
            let mut words = Vec::new();
            loop {
                if self.eat(']') {
                    break Argument::List(words);
                }
                let item = self.at;
                match self.value()? {
                    Argument::Text(word) => words.push(word),
                    _ => words.push(Word { text: "${value}".to_owned(), place: item..self.at }),
                }
                if !self.eat(',') && !self.rest().starts_with(']') {
                    return None;
                }
            }
        } else if let Some(text) = self.string()? {
            Argument::Text(Word { text, place: start..self.at })
        } else {
            let name: String = self.rest().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            self.at += name.len();
            match self.variables.get(&name) {
                Some(text) => Argument::Text(Word { text: text.clone(), place: start..self.at }),
                None => Argument::Unknown,
            }
        };
        self.skip_blanks();
        if self.rest().is_empty() || self.rest().starts_with([',', ')', ']']) {
            return Some(first);
        }
        // The rest of an expression.
        let has_more = self.rest().starts_with('+');
        let more = has_more.then(|| {
            self.at += 1;
            self.value()
        });
        match (first, more) {
            (Argument::Text(word), Some(more)) => {
                let behind = match more? {
                    Argument::Text(word) => word.text,
                    _ => "${value}".to_owned(),
                };
                Some(Argument::Text(Word { text: word.text + &behind, place: start..self.at }))
            }
            (Argument::List(mut words), Some(more)) => {
                match more? {
                    Argument::List(others) => words.extend(others),
                    _ => words.push(Word { text: "${value}".to_owned(), place: start..self.at }),
                }
                Some(Argument::List(words))
            }
            _ => {
                self.skip_expression()?;
                Some(Argument::Unknown)
            }
        }
    }

    /// A text in quotes. `Some(None)` if there is none here.
    #[allow(clippy::option_option, reason = "an open quote ends the call")]
    fn string(&mut self) -> Option<Option<String>> {
        let marks = ["\"\"\"", "'''", "\"", "'"];
        let Some(mark) = marks.iter().find(|mark| self.rest().starts_with(**mark)) else { return Some(None) };
        let inside = &self.rest()[mark.len()..];
        let end = inside.find(mark)?;
        let text = inside[..end].to_owned();
        self.at += mark.len() * 2 + end;
        Some(Some(text))
    }

    /// Skips to the comma or the bracket that ends a value.
    fn skip_expression(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            if self.string()?.is_some() {
                continue;
            }
            let c = self.rest().chars().next()?;
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => return Some(()),
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => return Some(()),
                _ => {}
            }
            self.at += c.len_utf8();
        }
    }
}
