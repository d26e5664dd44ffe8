//! A file with known findings: only new findings count.
//!
//! A finding is known by its file, its rule and its message. Neither its place counts, because lines move, nor a chart
//! version in its message: after an upgrade of the chart only the new findings are new. Equal findings are counted. The
//! file contains no secret, because messages contain none.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::{CheckedFile, Diagnostic};

/// Increases with a change that gives older files another meaning.
const VERSION: u32 = 1;

/// The number of equal findings, by file, rule and message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    files: BTreeMap<String, Counts>,
}

type Counts = BTreeMap<(String, String), usize>;

/// The findings of a file compared with the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The findings that are not in the baseline, in the order of the text.
    pub new: Vec<Diagnostic>,
    /// The number of findings that are in the baseline.
    pub known: usize,
    /// The number of findings in the baseline that the file no longer has.
    pub gone: usize,
}

/// Why a text is not a baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    #[error(
        "found baseline version {found}: this redisgen reads version {VERSION}. Write the baseline again with `--update-baseline`, or use a newer redisgen"
    )]
    Version { found: u32 },
    /// The text is not JSON, or a field is unknown, missing or of another type; with line and column.
    #[error("{message}: write the baseline again with `--update-baseline`")]
    Shape { message: String },
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[allow(dead_code, reason = "`Head` reads it first, but it is also a field of the file")]
    version: u32,
    files: BTreeMap<String, Vec<Row>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    rule: String,
    message: String,
    count: usize,
}

impl Baseline {
    /// The baseline with all these findings.
    pub fn of(files: &[CheckedFile]) -> Self {
        let mut baseline = Self::default();
        for file in files.iter().filter(|file| !file.diagnostics.is_empty()) {
            let counts = baseline.files.entry(name(file.file)).or_default();
            for found in file.diagnostics {
                *counts.entry(identity(found)).or_default() += 1;
            }
        }
        baseline
    }

    /// Adds another baseline.
    pub fn join(&mut self, other: Self) {
        for (file, counts) in other.files {
            let known = self.files.entry(file).or_default();
            for (found, count) in counts {
                *known.entry(found).or_default() += count;
            }
        }
    }

    /// # Errors
    ///
    /// When a later redisgen or a person wrote the text.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let shape = |error: serde_json::Error| BaselineError::Shape { message: error.to_string() };
        let Head { version } = serde_json::from_str(text).map_err(shape)?;
        if version != VERSION {
            return Err(BaselineError::Version { found: version });
        }
        let File { version: _, files } = serde_json::from_str(text).map_err(shape)?;
        let mut baseline = Self::default();
        for (file, rows) in files {
            let counts = baseline.files.entry(name(&file)).or_default();
            for Row { rule, message, count } in rows {
                let known: &mut usize = counts.entry((rule, message)).or_default();
                *known = known.saturating_add(count);
            }
        }
        Ok(baseline)
    }

    /// The text of the file: one line for each finding, sorted, for a readable history.
    pub fn to_text(&self) -> String {
        let row = |((rule, message), count): (&(String, String), &usize)| {
            let row = Row { rule: rule.clone(), message: message.clone(), count: *count };
            format!("      {}", json(&row))
        };
        let file = |(file, counts): (&String, &Counts)| {
            let rows: Vec<String> = counts.iter().map(row).collect();
            format!("\n    {}: [\n{}\n    ]", json(file), rows.join(",\n"))
        };
        let files: Vec<String> = self.files.iter().map(file).collect();
        let end = if files.is_empty() { "" } else { "\n  " };
        format!("{{\n  \"version\": {VERSION},\n  \"files\": {{{}{end}}}\n}}\n", files.join(","))
    }

    /// Compares the findings of one file. Of equal findings, the first are the known ones.
    pub fn compare(&self, file: &str, found: Vec<Diagnostic>) -> Comparison {
        let mut counts = self.files.get(&name(file)).cloned().unwrap_or_default();
        let before = found.len();
        let mut new = found;
        new.retain(|found| match counts.get_mut(&identity(found)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        Comparison { known: before - new.len(), new, gone: sum(&counts) }
    }

    /// The files in the baseline.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The number of findings of this file in the baseline.
    pub fn count(&self, file: &str) -> usize {
        self.files.get(&name(file)).map_or(0, sum)
    }
}

/// Saturates: a file can contain any number.
fn sum(counts: &Counts) -> usize {
    counts.values().fold(0, |sum, count| sum.saturating_add(*count))
}

fn json(value: &impl Serialize) -> String {
    // Only strings and numbers are written, and these cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// The name of a file without the differences between machines: `./a.yaml` is `a.yaml`.
fn name(file: &str) -> String {
    let file = file.replace('\\', "/");
    let mut rest = file.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    rest.to_owned()
}

fn identity(found: &Diagnostic) -> (String, String) {
    (found.rule.to_owned(), without_versions(&found.message))
}

/// The message with `*` for chart versions. Text in backticks comes from the file and stays.
fn without_versions(message: &str) -> String {
    let quoted = message.split('`').enumerate();
    let parts = quoted.map(|(at, part)| if at % 2 == 1 { part.to_owned() } else { words_without(part) });
    parts.collect::<Vec<_>>().join("`")
}

fn words_without(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        match Version::parse(bare) {
            Ok(_) => word.replace(bare, "*"),
            Err(_) => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::{Finding, rules},
        yaml::Span,
    };

    fn found(rule: &str, message: &str) -> Diagnostic {
        rules::named(rule).unwrap().report(Finding::at(Span::default(), message))
    }

    fn of(file: &str, diagnostics: &[Diagnostic]) -> Baseline {
        Baseline::of(&[CheckedFile { file, text: "", document: None, chart: None, diagnostics }])
    }

    #[test]
    fn it_looks_like_this_and_is_read_again() {
        let diagnostics = [
            found("unknown-key", "unknown key `a \"b\"` (chart 23.1.1)"),
            found("null-value", "`x` is null"),
            found("null-value", "`x` is null"),
        ];
        let baseline = of("./redis/a.yaml", &diagnostics);
        let wanted = r#"{
  "version": 1,
  "files": {
    "redis/a.yaml": [
      {"rule":"null-value","message":"`x` is null","count":2},
      {"rule":"unknown-key","message":"unknown key `a \"b\"` (chart *)","count":1}
    ]
  }
}
"#;
        assert_eq!(baseline.to_text(), wanted);
        assert_eq!(Baseline::parse(wanted), Ok(baseline));
        let none = of("a.yaml", &[]);
        assert_eq!(none.to_text(), "{\n  \"version\": 1,\n  \"files\": {}\n}\n");
        assert_eq!(Baseline::parse(&none.to_text()), Ok(none));
    }

    #[test]
    fn only_new_findings_are_left() {
        let then = [found("null-value", "`x` is null"), found("unknown-key", "unknown key `y` (chart 18.6.1)")];
        let baseline = of("a.yaml", &then);
        let now = vec![
            found("null-value", "`x` is null"),
            found("unknown-key", "unknown key `y` (chart 23.1.1)"),
            found("null-value", "`x` is null"),
            found("dead-key", "`x` is null"),
        ];
        let Comparison { new, known, gone } = baseline.compare("./a.yaml", now.clone());
        assert_eq!((new, known, gone), (now[2..].to_vec(), 2, 0));
        let Comparison { new, known, gone } = baseline.compare("a.yaml", Vec::new());
        assert_eq!((new, known, gone), (Vec::new(), 0, 2));
        let Comparison { new, known, gone } = baseline.compare("b.yaml", then.to_vec());
        assert_eq!((new.len(), known, gone), (2, 0, 0));
        assert_eq!((baseline.files().collect::<Vec<_>>(), baseline.count("a.yaml")), (vec!["a.yaml"], 2));
    }

    #[test]
    fn a_file_may_say_any_number() {
        let row =
            |message: &str| format!(r#"{{"rule": "null-value", "message": "{message}", "count": {}}}"#, usize::MAX);
        let text = format!(r#"{{"version": 1, "files": {{"a": [{}, {}, {}]}}}}"#, row("x"), row("x"), row("y"));
        let baseline = Baseline::parse(&text).unwrap();
        assert_eq!((baseline.count("a"), baseline.compare("a", Vec::new()).gone), (usize::MAX, usize::MAX));
    }

    #[test]
    fn versions_go_and_what_is_quoted_stays() {
        let message = "`image.tag: 7.0.1` needs chart 14.0.0 or later: chart 11.0.4 has no such key (9.0, 1.2.3)";
        let wanted = "`image.tag: 7.0.1` needs chart * or later: chart * has no such key (9.0, *)";
        assert_eq!(without_versions(message), wanted);
    }

    #[test]
    fn what_is_none_says_where() {
        let message = |text: &str| Baseline::parse(text).unwrap_err().to_string();
        let later = message(r#"{"version": 2, "findings": []}"#);
        assert!(later.starts_with("found baseline version 2: "), "{later}");
        let field = message("{\"version\": 1, \"files\": {},\n \"more\": 1}");
        assert!(field.contains("unknown field `more`") && field.contains("line 2 column 7"), "{field}");
        let field =
            message(r#"{"version": 1, "files": {"a": [{"rule": "x", "message": "y", "count": 1, "line": 3}]}}"#);
        assert!(field.contains("unknown field `line`"), "{field}");
        assert!(message("{\"files\": {}}").contains("missing field `version`"));
        assert!(message("").contains("EOF"));
    }
}
