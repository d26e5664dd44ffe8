//! The variables that a text sets with a value that it holds itself.

use super::{
    assigned::Values,
    words::{self, Language},
};
use crate::yaml::{Document, Kind, Map, NodeId, Value};

impl Values {
    /// Adds the assignments of a script.
    pub fn add_script(&mut self, text: &str, language: Language) {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some((name, value)) = assignment(line, language) else { continue };
            if value.starts_with('(') && language == Language::Shell {
                let rest = &text[start + (value.as_ptr() as usize - line.as_ptr() as usize)..];
                let Some(end) = rest.find(')').filter(|end| *end < 8192) else { continue };
                self.add(name, rest[1..end].to_owned(), true);
                continue;
            }
            let text = match language {
                Language::Make => value.split(" #").next().unwrap_or(value).trim().to_owned(),
                Language::Batch => value.trim().trim_matches('"').to_owned(),
                Language::Shell | Language::PowerShell => match self.with_variables(value, name, language) {
                    Some(text) => text,
                    None => continue,
                },
            };
            self.add(name, text, false);
        }
    }

    /// A value with the variables of the lines before. A variable in its own value is the one of the environment.
    fn with_variables(&mut self, value: &str, name: &str, language: Language) -> Option<String> {
        let own = self.take(name);
        let text = words::value(value, language, self);
        if let Some(own) = own {
            self.put(name, own);
        }
        text
    }

    /// Adds the variables of a CI system or of a list of tasks: the scalars below `env`, `variables` and `vars`.
    pub fn add_document(&mut self, document: &Document) {
        for node in document.nodes() {
            let Kind::Map { entries, .. } = node.kind else { continue };
            for entry in entries {
                let Ok(Value::String(key)) = document.value(entry.key) else { continue };
                if ["env", "variables", "vars", "environment"].contains(&key.as_str()) {
                    self.add_map(document, entry.value);
                }
            }
        }
    }

    fn add_map(&mut self, document: &Document, node: NodeId) {
        match document.value(node) {
            Ok(Value::Map(map)) => {
                for (name, value) in map.iter() {
                    let value = value.as_map().and_then(|map| map.get("value")).unwrap_or(value);
                    self.add_value(name, value);
                }
            }
            // Azure Pipelines: `- name: x` and `value: y`.
            Ok(Value::List(items)) => {
                let pair = |map: &Map| Some((map.get("name")?.as_str()?.to_owned(), map.get("value")?.clone()));
                for (name, value) in items.iter().filter_map(|item| pair(item.as_map()?)) {
                    self.add_value(&name, &value);
                }
            }
            _ => {}
        }
    }

    fn add_value(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Bool(on) => on.to_string(),
            _ => return,
        };
        self.add(name, text, false);
    }
}

/// The name and the value of an assignment that a line holds.
fn assignment(line: &str, language: Language) -> Option<(&str, &str)> {
    let line = line.trim_end();
    let mut rest = line.trim_start();
    if language == Language::Batch {
        let (set, behind) = rest.split_once(' ')?;
        let (name, value) = behind.trim().trim_matches('"').split_once('=')?;
        return (set.eq_ignore_ascii_case("set") && is_name(name)).then_some((name, value));
    }
    if language == Language::PowerShell {
        let behind = rest.strip_prefix('$')?;
        let behind = behind.strip_prefix("env:").or_else(|| behind.strip_prefix("script:")).unwrap_or(behind);
        let (name, value) = behind.split_once('=')?;
        return is_name(name.trim()).then_some((name.trim(), value.trim()));
    }
    for word in ["export ", "readonly ", "local ", "declare ", "typeset ", "ENV ", "ARG ", "override "] {
        rest = rest.strip_prefix(word).map_or(rest, str::trim_start);
    }
    while rest.starts_with('-') {
        rest = rest.split_once(' ')?.1.trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, behind) = rest.split_at(end);
    if !is_name(name) {
        return None;
    }
    if language == Language::Make {
        let behind = behind.trim_start();
        let value = ["?=", ":=", "::=", "="].iter().find_map(|mark| behind.strip_prefix(mark))?;
        // A target has a colon, and a recipe a tab.
        return (!line.starts_with('\t')).then_some((name, value.trim()));
    }
    match behind.strip_prefix('=') {
        Some(value) => Some((name, value)),
        // `ENV X 1`
        None if line.trim_start().starts_with("ENV ") => Some((name, behind.trim())),
        None => None,
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
