//! Reads the text of a `redisgen.toml`.

use std::ops::Range;

use clap::ValueEnum;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Config, ConfigError, Fault, FileRule, Globs, Lint};
use crate::{
    chart::Requirement,
    escape::{one_line, quote_short},
    lint::rules,
    suggest::near,
    yaml::Path,
};

const TOP: [&str; 4] = ["chart-version", "files", "lint", "rules"];
const FILES: [&str; 4] = ["at", "chart-version", "cloud", "glob"];
const LINT: [&str; 5] = ["chart-version", "cloud", "exclude", "fail-on", "include"];

type Value<'a> = Spanned<DeValue<'a>>;

impl Config {
    /// Reads the text of the file of this name.
    ///
    /// # Errors
    ///
    /// When the text is invalid, with the place.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let reader = Reader { text, file };
        let top = DeTable::parse(text).map_err(|error| {
            let place = error.span().unwrap_or_default();
            let fault = match error.message() {
                "duplicate key" => {
                    Fault::Duplicate { key: quote_short(reader.text.get(place.clone()).unwrap_or_default()) }
                }
                message => Fault::Toml(one_line(message.trim()).into_owned()),
            };
            reader.error(place, fault)
        })?;
        let mut config = Self::default();
        for (field, key, value) in entries(top.get_ref()) {
            match field {
                "chart-version" => config.chart_version = Some(reader.version(field, value)?),
                "files" => config.files = reader.files(value)?,
                "lint" => config.lint = reader.lint(value)?,
                "rules" => {
                    for (id, key, value) in entries(reader.table(field, value)?) {
                        let Some(rule) = rules::named(id) else {
                            let near = rules::nearest(id).map(str::to_owned);
                            return Err(reader.error(key, Fault::UnknownRule { id: quote_short(id), near }));
                        };
                        config.levels.set(rule.id, reader.word(id, value)?);
                    }
                }
                _ => return Err(reader.unknown(field, key, "of `redisgen.toml`", &TOP)),
            }
        }
        Ok(config)
    }
}

/// The entries of a table in the order of the text, each with the place of its key.
fn entries<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t str, Range<usize>, &'t Value<'a>)> {
    let mut entries: Vec<_> = table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
    entries.sort_by_key(|(_, key, _)| key.start);
    entries
}

struct Reader<'a> {
    text: &'a str,
    file: &'a str,
}

impl Reader<'_> {
    fn files(&self, value: &Value) -> Result<Vec<FileRule>, ConfigError> {
        let expected = "one `[[files]]` block or several, with their fields";
        let DeValue::Array(tables) = value.get_ref() else { return Err(self.misfit("files", value, expected)) };
        tables.iter().map(|table| self.file_rule(table)).collect()
    }

    fn file_rule(&self, value: &Value) -> Result<FileRule, ConfigError> {
        let (mut globs, mut chart_version, mut at, mut cloud) = (None, None, None, None);
        for (field, key, value) in entries(self.table("files", value)?) {
            match field {
                "glob" => globs = Some(self.globs(field, value)?),
                "chart-version" => chart_version = Some(self.version(field, value)?),
                "at" => {
                    let path = self.string(field, value, "the path of a key, such as \"redis\"")?.parse::<Path>();
                    at = Some(path.map_err(|error| self.error(value.span(), Fault::Path(error)))?);
                }
                "cloud" => cloud = Some(self.word(field, value)?),
                _ => return Err(self.unknown(field, key, "of `[[files]]`", &FILES)),
            }
        }
        let globs = globs.ok_or_else(|| self.error(value.span(), Fault::NoGlob))?;
        Ok(FileRule { globs, chart_version, at, cloud })
    }

    fn lint(&self, value: &Value) -> Result<Lint, ConfigError> {
        let mut lint = Lint::default();
        for (field, key, value) in entries(self.table("lint", value)?) {
            match field {
                "include" => lint.include = Some(self.globs(field, value)?),
                "exclude" => lint.exclude = self.globs(field, value)?,
                "fail-on" => lint.fail_on = Some(self.word(field, value)?),
                "chart-version" => lint.chart_version = Some(self.version(field, value)?),
                "cloud" => lint.cloud = Some(self.word(field, value)?),
                _ => return Err(self.unknown(field, key, "of `[lint]`", &LINT)),
            }
        }
        Ok(lint)
    }

    fn table<'t, 'a>(&self, field: &str, value: &'t Value<'a>) -> Result<&'t DeTable<'a>, ConfigError> {
        let head = if field == "files" { "[[files]]".to_owned() } else { format!("[{field}]") };
        let expected = || format!("`{head}` and its fields");
        value.get_ref().as_table().ok_or_else(|| self.misfit(field, value, &expected()))
    }

    fn globs(&self, field: &str, value: &Value) -> Result<Globs, ConfigError> {
        let expected = "a glob such as \"redis/*.yaml\", or a list of globs";
        let texts = match value.get_ref() {
            DeValue::Array(items) if items.is_empty() => return Err(self.misfit(field, value, expected)),
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        // One at a time, for the place of an invalid one.
        let check = |value: &Value| {
            let glob = self.string(field, value, expected)?;
            let wrong = |error| self.error(value.span(), Fault::Glob { field: field.to_owned(), error });
            Globs::new(&[&glob]).map_err(wrong).map(|_| glob)
        };
        let globs = texts.into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
        let wrong = |error| self.error(value.span(), Fault::Glob { field: field.to_owned(), error });
        Globs::new(&globs).map_err(wrong)
    }

    fn version(&self, field: &str, value: &Value) -> Result<Requirement, ConfigError> {
        let text = self.string(field, value, "a text in quotes, such as \"18.6.1\", \"18\" or \">=16, <17\"")?;
        text.parse().map_err(|error| self.error(value.span(), Fault::Version(error)))
    }

    /// The name of one variant.
    fn word<W: ValueEnum>(&self, field: &str, value: &Value) -> Result<W, ConfigError> {
        let possible = W::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let words: Vec<String> = possible.map(|word| word.get_name().to_owned()).collect();
        let expected = listed(&words);
        let text = self.string(field, value, &expected)?;
        W::from_str(&text, false).map_err(|_| {
            let near = near(&text, words.iter().map(String::as_str));
            let found = format!("`{}`", quote_short(&text));
            self.error(value.span(), Fault::Value { field: field.to_owned(), found, near, expected })
        })
    }

    fn string(&self, field: &str, value: &Value, expected: &str) -> Result<String, ConfigError> {
        let text = value.get_ref().as_str();
        text.map(str::to_owned).ok_or_else(|| self.misfit(field, value, expected))
    }

    fn misfit(&self, field: &str, value: &Value, expected: &str) -> ConfigError {
        let found = match value.get_ref() {
            DeValue::Array(items) if items.is_empty() => "an empty list".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
            _ => format!("`{}`", quote_short(self.text.get(value.span()).unwrap_or_default())),
        };
        let fault = Fault::Value { field: quote_short(field), found, near: None, expected: expected.to_owned() };
        self.error(value.span(), fault)
    }

    fn unknown(&self, field: &str, key: Range<usize>, of: &'static str, known: &[&str]) -> ConfigError {
        let near = near(field, known.iter().copied());
        self.error(key, Fault::UnknownField { field: quote_short(field), of, near, known: listed(known) })
    }

    fn error(&self, place: Range<usize>, fault: Fault) -> ConfigError {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().trim_start_matches('\u{feff}').chars().count() + 1;
        ConfigError { file: self.file.to_owned(), line, column, fault: Box::new(fault) }
    }
}

fn listed<W: AsRef<str>>(words: &[W]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => words.concat(),
    }
}
