//! A rule is data, a function and a page.

use serde::{Deserialize, Serialize};

use super::{Diagnostic, Finding, Fix, Severity, Subject};
use crate::{
    redact,
    source::directive::InvalidDirective,
    yaml::{Error, Span},
};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Whether the chart reads the keys of the file, and accepts their values.
    Structure,
    /// Whether clients can reach Redis, and only the intended clients.
    Access,
    Availability,
    Security,
    Monitoring,
    Images,
    /// Comments that redisgen reads.
    Comments,
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Structure => "structure",
            Self::Access => "access",
            Self::Availability => "availability",
            Self::Security => "security",
            Self::Monitoring => "monitoring",
            Self::Images => "images",
            Self::Comments => "comments",
        })
    }
}

/// One kind of mistake in values. The engine treats findings by these fields alone, and never by the id of their rule.
pub struct Rule {
    /// A name for the mistake, in kebab-case: also the name of the file, the page and the ignore comment.
    pub id: &'static str,
    pub group: Group,
    /// The severity of a finding that sets none itself.
    pub severity: Severity,
    /// One line.
    pub summary: &'static str,
    /// The page, in Markdown.
    pub docs: &'static str,
    pub fix: FixAvailability,
    pub scope: Scope,
    pub facts: Facts,
    pub target: Target,
    pub in_subchart: InSubchart,
    pub in_migration: InMigration,
    pub check: Check,
}

impl Rule {
    /// The fields that few rules set, for `..Rule::DEFAULTS`. Every rule sets the fields that are empty here.
    pub(super) const DEFAULTS: Self = Self {
        id: "",
        group: Group::Structure,
        severity: Severity::Error,
        summary: "",
        docs: "",
        fix: FixAvailability::None,
        scope: Scope::Release,
        facts: Facts::Stable,
        target: Target::Value,
        in_subchart: InSubchart::Unchanged,
        in_migration: InMigration::Listed,
        check: Check::Values(|_| Vec::new()),
    };

    /// The diagnostic for a finding of this rule, without secrets in its texts.
    pub(super) fn report(&self, finding: Finding) -> Diagnostic {
        let Finding { message, mut marks, help, fix, severity } = finding;
        // Messages name keys, and a key can contain a secret too.
        let shown = |text: &str| redact::quoted(text).into_owned();
        marks.iter_mut().for_each(|mark| mark.label = shown(&mark.label));
        let (message, help) = (shown(&message), help.iter().map(|help| shown(help)).collect());
        let fix = fix.map(|fix| Fix { title: shown(&fix.title), ..fix });
        let severity = severity.unwrap_or(self.severity);
        Diagnostic { rule: self.id, severity, message, marks, help, fix, facts_of: None }
    }

    /// The findings in the values of one release; none for a rule that checks something else.
    pub fn check_values(&self, subject: &Subject) -> Vec<Finding> {
        match self.check {
            Check::Values(check) => check(subject),
            Check::Syntax(_) | Check::Template(_) | Check::Directive(_) | Check::UnusedIgnore(_) => Vec::new(),
        }
    }
}

/// Where `migrate` shows an error that the new chart version adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InMigration {
    /// In the list of new errors.
    Listed,
    /// In a section of the report that has the same facts.
    OwnSection,
}

/// Which fixes the findings of a rule have. The section *Fix* of the page has the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAvailability {
    /// No finding has a fix.
    None,
    /// Every fix is safe.
    Safe,
    /// Every fix is unsafe.
    Unsafe,
    /// Safe or unsafe, depending on the finding.
    Either,
}

impl std::fmt::Display for FixAvailability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Either => "safe or unsafe",
        })
    }
}

/// Which values a finding depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The value in its own line: the finding holds for any other values of the release.
    Line,
    /// Other values of the release too. If redisgen did not read all of them, the finding is only info.
    Release,
}

/// Which facts of the chart version a finding uses. If these facts are assumed from another version, the finding is at
/// most a warning, and its fix is unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// Facts that are the same in all chart versions: nothing is assumed.
    Stable,
    /// The keys of the chart version and their defaults.
    Keys,
    /// How the templates of the chart version use the values.
    Templates,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A value: an encrypted value has no finding.
    Value,
    /// A key, for any value: the key of an encrypted value can have a finding.
    Key,
    /// A key, or a block of keys with the same problem. Two chart versions can report one problem at different keys,
    /// one of them above the other.
    Block,
}

/// What happens to a finding in the values of a subchart, if redisgen did not read the parent chart.
#[derive(Debug, Clone, Copy)]
pub enum InSubchart {
    Unchanged,
    /// A parent chart may read the key: the finding gets at most this severity.
    AtMost(fn(&Subject, &Diagnostic) -> Severity),
}

/// What a rule checks, and the function that does it.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The values of one release.
    Values(fn(&Subject) -> Vec<Finding>),
    /// The text of a file or block that is not YAML, with the error of the parser.
    Syntax(fn(&str, &Error) -> Finding),
    /// A file that is a template of this kind, with the place of its first mark.
    Template(fn(&str, Span) -> Finding),
    /// A `redisgen:` comment that cannot be read.
    Directive(fn(Span, &InvalidDirective) -> Finding),
    /// The id of a rule in an ignore comment, if that rule has no finding there.
    UnusedIgnore(fn(Span, &str) -> Finding),
}
