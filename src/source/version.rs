//! Claims of the chart version of values, and their sources.

use std::fmt;

use semver::Version;

use crate::{
    chart::{self, Chart, Requirement},
    source::directive::Directive,
    yaml::{Comment, Document, Map},
};

use super::{head::changed_head, version_from_keys::MatchingVersions};

/// A chart version with the source that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionClaim {
    pub requirement: Requirement,
    pub by: ClaimSource,
}

/// The source of a chart version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimSource {
    /// `--chart-version`
    Caller,
    /// The directive `# redisgen: chart redis 18.6.1` or the head of a generated file, with its line.
    Comment {
        line: usize,
    },
    /// The manifest that contains the values, with the name of the field.
    Manifest {
        field: &'static str,
    },
    /// Another file of the repository that declares the release, with the name of the field.
    Declared {
        field: &'static str,
        file: String,
        line: usize,
    },
    LockFile,
    ChartFile,
    /// The installed release, as Helm reports it.
    Release,
    /// `redisgen.toml`
    Configuration,
    /// The keys of the values.
    Keys(MatchingVersions),
    /// The other side of a comparison, whose version fits the keys too.
    Other,
}

impl ClaimSource {
    /// The source in a few words, for the middle of a sentence.
    pub fn briefly(&self) -> &'static str {
        match self {
            Self::Caller => "by option",
            Self::Comment { .. } => "by its comment",
            Self::Manifest { .. } => "by the manifest",
            Self::Declared { .. } => "by its release",
            Self::LockFile => "by the lock file",
            Self::ChartFile => "by Chart.yaml",
            Self::Release => "by Helm",
            Self::Configuration => "by redisgen.toml",
            Self::Keys(versions) if versions.is_open() => "newest version, all keys fit",
            Self::Keys(_) => "by its keys",
            Self::Other => "by the other side",
        }
    }
}

impl fmt::Display for ClaimSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => f.write_str("`--chart-version`"),
            Self::Comment { line } => write!(f, "the comment in line {line}"),
            Self::Manifest { field } => write!(f, "`{field}` of the manifest"),
            Self::Declared { field, file, line } => write!(f, "`{field}` in `{file}`, line {line}"),
            Self::LockFile => f.write_str("the lock file next to the values"),
            Self::ChartFile => f.write_str("the Chart.yaml next to the values"),
            Self::Other => f.write_str("the other side"),
            Self::Release => f.write_str("Helm"),
            Self::Configuration => f.write_str("redisgen.toml"),
            Self::Keys(versions) => {
                if versions.is_open() {
                    return f.write_str("the keys, which fit every version: redisgen uses the newest version");
                }
                write!(f, "the keys: {versions}")?;
                let [since, until] = &versions.bound;
                if let Some(key) = since {
                    write!(f, "; no earlier version has `{key}`")?;
                }
                if let Some(key) = until {
                    write!(f, "; no later version has `{key}`")?;
                }
                Ok(())
            }
        }
    }
}

/// The chart versions that comments name, in the order of the text.
pub(super) fn of_comments(document: &Document) -> Vec<VersionClaim> {
    let comments = document.comments().iter();
    comments
        .filter_map(|comment| {
            let requirement = of_comment(comment)?;
            Some(VersionClaim { requirement, by: ClaimSource::Comment { line: comment.span.line } })
        })
        .collect()
}

/// The chart version in a directive or in the head of a generated file.
fn of_comment(comment: &Comment) -> Option<Requirement> {
    match Directive::of(&comment.text, comment.span) {
        Some(Ok(Directive::Chart(version))) => Some(version),
        Some(_) => None,
        None => comment.text.trim().strip_prefix("chart redis ")?.split_once(", application ")?.0.parse().ok(),
    }
}

/// What a comment with the chart version holds.
const MARKS: [&str; 4] = ["redisgen", "chart redis ", "--version", "--chart-version"];

/// Replaces the chart version in directives, in heads of generated files and in the commands of such heads.
pub fn update_version_comments(text: &str, from: &Chart, to: &Chart) -> String {
    let text = changed_head(text);
    if !MARKS.iter().any(|mark| text.contains(mark)) {
        return text;
    }
    let Ok(document) = Document::parse(&text) else { return text };
    let mut updated = text.clone();
    for comment in document.comments().iter().rev() {
        let comment_text = document.source(comment.span);
        if let Some(new) = updated_comment(comment, comment_text, from, to) {
            updated.replace_range(comment.span.start..comment.span.end, &new);
        }
    }
    updated
}

fn updated_comment(comment: &Comment, comment_text: &str, from: &Chart, to: &Chart) -> Option<String> {
    if let Some(Ok(Directive::Chart(old))) = Directive::of(&comment.text, comment.span) {
        let at = comment_text.rfind(&old.to_string())?;
        return Some(format!("{}{}{}", &comment_text[..at], to.version(), &comment_text[at + old.to_string().len()..]));
    }
    if of_comment(comment).is_some() {
        let released = chart::published(to.version()).and_then(|release| release.date);
        let released = released.map(|date| format!(", released {date}")).unwrap_or_default();
        return Some(format!("# chart redis {}, application {}{released}", to.version(), to.redis()));
    }
    // `redisgen values` with another version would write different values than this file has.
    if comment_text.contains("redisgen values ") {
        return None;
    }
    let mut new = comment_text.to_owned();
    for flag in ["--version", "--chart-version"] {
        let option = |version: &Version| format!("{flag} {version}");
        new = new.replace(&option(from.version()), &option(to.version()));
    }
    (new != comment_text).then_some(new)
}

/// The chart version that the keys of the values fit best.
pub fn of_keys(values: &Map) -> VersionClaim {
    let versions = MatchingVersions::of(values);
    // A version always parses as a requirement.
    let version = versions.newest();
    let requirement = version.to_string().parse().unwrap_or_else(|_| unreachable!("`{version}` is a version"));
    VersionClaim { requirement, by: ClaimSource::Keys(versions) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Span;

    #[test]
    fn comments_have_the_new_version_after_an_update() {
        let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
        let (from, to) = (chart("11.0.4"), chart("23.1.1"));
        let text = "# Generated by redisgen 1.2.3. To generate this file again:\n#   redisgen values --chart-version 11.0.4 --quiet\n# redisgen lint --chart-version 11.0.4\n# chart redis 11.0.4, application 6.0.8, released 2020-09-16\na: 1 # redisgen: chart redis ^11\n# since 11.0.4\n";
        let updated = update_version_comments(text, &from, &to);
        let head = "# Generated by redisgen 1.2.3, and changed since. The original file was generated by:\n#   redisgen values --chart-version 11.0.4 --quiet\n# redisgen lint --chart-version 23.1.1\n# chart redis 23.1.1, application 8";
        assert!(updated.starts_with(head), "{updated}");
        assert!(updated.ends_with("\na: 1 # redisgen: chart redis 23.1.1\n# since 11.0.4\n"), "{updated}");
    }

    #[test]
    fn comments_name_versions() {
        let comment = |text: &str| Comment { text: text.to_owned(), span: Span::default(), own_line: true };
        let version = |text: &str| of_comment(&comment(text)).map(|version| version.to_string());
        assert_eq!(version(" redisgen: chart redis 18.6.1").as_deref(), Some("18.6.1"));
        assert_eq!(version("redisgen:chart redis ^18 ").as_deref(), Some("^18"));
        assert_eq!(version(" chart redis 23.1.1, application 8.2.1, released 2026-02-12").as_deref(), Some("23.1.1"));
        assert_eq!(version(" chart redis 23.1.1 is what we want"), None);
        assert_eq!(version(" redisgen: chart redis one"), None);
    }
}
