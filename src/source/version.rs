//! Who says for which chart version values were written.

use std::fmt;

use semver::Version;

use crate::{
    chart::{self, Chart, Requirement},
    source::directive::Directive,
    yaml::{Comment, Document, Map},
};

use super::{head::changed_head, version_from_keys::MatchingVersions};

/// A chart version that somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionClaim {
    pub requirement: Requirement,
    pub by: ClaimSource,
}

/// Where a chart version was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimSource {
    /// `--chart-version`
    Caller,
    /// `# redisgen: chart redis 18.6.1`, or the head of a file that redisgen has written; with its line.
    Comment {
        line: usize,
    },
    /// The manifest that holds the values, by the name of the field.
    Manifest {
        field: &'static str,
    },
    LockFile,
    ChartFile,
    /// Helm, of a release that is installed.
    Release,
    /// `redisgen.toml`
    Configuration,
    /// The keys themselves.
    Keys(MatchingVersions),
    /// What it is held against: its keys fit that version too.
    Other,
}

impl ClaimSource {
    /// In the middle of a sentence, in few words.
    pub fn briefly(&self) -> &'static str {
        match self {
            Self::Caller => "by option",
            Self::Comment { .. } => "by its comment",
            Self::Manifest { .. } => "by the manifest",
            Self::LockFile => "by the lock file",
            Self::ChartFile => "by Chart.yaml",
            Self::Release => "by Helm",
            Self::Configuration => "by redisgen.toml",
            Self::Keys(era) if era.is_open() => "newest version, all keys fit",
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
            Self::LockFile => f.write_str("the lock file next to the values"),
            Self::ChartFile => f.write_str("the Chart.yaml next to the values"),
            Self::Other => f.write_str("the other side"),
            Self::Release => f.write_str("Helm"),
            Self::Configuration => f.write_str("redisgen.toml"),
            Self::Keys(era) => {
                if era.is_open() {
                    return f.write_str("the keys, which fit every version: redisgen uses the newest version");
                }
                write!(f, "the keys: {era}")?;
                let [since, until] = &era.bound;
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

/// What the comments say, the first first.
pub(super) fn of_comments(document: &Document) -> Vec<VersionClaim> {
    let comments = document.comments().iter();
    comments
        .filter_map(|comment| {
            let requirement = of_comment(comment)?;
            Some(VersionClaim { requirement, by: ClaimSource::Comment { line: comment.span.line } })
        })
        .collect()
}

/// The version in a comment: what it says to redisgen, or the head of a file that redisgen has written.
fn of_comment(comment: &Comment) -> Option<Requirement> {
    match Directive::of(&comment.text, comment.span) {
        Some(Ok(Directive::Chart(version))) => Some(version),
        Some(_) => None,
        None => comment.text.trim().strip_prefix("chart redis ")?.split_once(", application ")?.0.parse().ok(),
    }
}

/// The text with comments that say another chart version: where they said one, and in the commands of a head that
/// redisgen has written.
pub fn update_version_comments(text: &str, from: &Chart, to: &Chart) -> String {
    let text = changed_head(text);
    let Ok(document) = Document::parse(&text) else { return text };
    let mut update_version_comments = text.clone();
    for comment in document.comments().iter().rev() {
        let said = document.source(comment.span);
        if let Some(new) = retold_comment(comment, said, from, to) {
            update_version_comments.replace_range(comment.span.start..comment.span.end, &new);
        }
    }
    update_version_comments
}

fn retold_comment(comment: &Comment, said: &str, from: &Chart, to: &Chart) -> Option<String> {
    if let Some(Ok(Directive::Chart(old))) = Directive::of(&comment.text, comment.span) {
        let at = said.rfind(&old.to_string())?;
        return Some(format!("{}{}{}", &said[..at], to.version(), &said[at + old.to_string().len()..]));
    }
    if of_comment(comment).is_some() {
        let released = chart::published(to.version()).and_then(|release| release.date);
        let released = released.map(|date| format!(", released {date}")).unwrap_or_default();
        return Some(format!("# chart redis {}, application {}{released}", to.version(), to.redis()));
    }
    // With another version it writes other values than these.
    if said.contains("redisgen values ") {
        return None;
    }
    let mut new = said.to_owned();
    for flag in ["--version", "--chart-version"] {
        let whole = |version: &Version| format!("{flag} {version}");
        new = new.replace(&whole(from.version()), &whole(to.version()));
    }
    (new != said).then_some(new)
}

/// The version that keys alone tell.
pub fn of_keys(values: &Map) -> VersionClaim {
    let era = MatchingVersions::of(values);
    // The text of a version is a version.
    let version = era.newest();
    let requirement = version.to_string().parse().unwrap_or_else(|_| unreachable!("`{version}` is a version"));
    VersionClaim { requirement, by: ClaimSource::Keys(era) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Span;

    #[test]
    fn comments_tell_another_version_afterwards() {
        let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
        let (from, to) = (chart("11.0.4"), chart("23.1.1"));
        let text = "# Generated by redisgen 1.2.3. To generate this file again:\n#   redisgen values --chart-version 11.0.4 --quiet\n# redisgen lint --chart-version 11.0.4\n# chart redis 11.0.4, application 6.0.8, released 2020-09-16\na: 1 # redisgen: chart redis ^11\n# since 11.0.4\n";
        let told = update_version_comments(text, &from, &to);
        let head = "# Generated by redisgen 1.2.3, and changed since. The original file was generated by:\n#   redisgen values --chart-version 11.0.4 --quiet\n# redisgen lint --chart-version 23.1.1\n# chart redis 23.1.1, application 8";
        assert!(told.starts_with(head), "{told}");
        assert!(told.ends_with("\na: 1 # redisgen: chart redis 23.1.1\n# since 11.0.4\n"), "{told}");
    }

    #[test]
    fn comments_tell_versions() {
        let comment = |text: &str| Comment { text: text.to_owned(), span: Span::default(), own_line: true };
        let told = |text: &str| of_comment(&comment(text)).map(|told| told.to_string());
        assert_eq!(told(" redisgen: chart redis 18.6.1").as_deref(), Some("18.6.1"));
        assert_eq!(told("redisgen:chart redis ^18 ").as_deref(), Some("^18"));
        assert_eq!(told(" chart redis 23.1.1, application 8.2.1, released 2026-02-12").as_deref(), Some("23.1.1"));
        assert_eq!(told(" chart redis 23.1.1 is what we want"), None);
        assert_eq!(told(" redisgen: chart redis one"), None);
    }
}
