//! The directives of `redis.conf` in the values: in texts for all pods, and in texts and flags for some pods.

pub(super) mod directive;

use std::collections::HashSet;

use super::{Subject, replicas};
use crate::{
    effective::directives::{self, DirectiveSource},
    yaml::Span,
};
pub(super) use directive::Directive;

/// The directives for the pods below one key, see [`directives`](crate::effective::EffectiveValues::directives).
pub(super) fn of_pods<'a>(subject: &'a Subject, pods: &str) -> Option<&'a [Directive]> {
    let of_each = subject.directives.get_or_init(|| {
        let placed = |pods| Some(placed(subject, subject.directives(pods)?));
        subject.pod_keys().map(|pods| (pods, placed(pods))).collect()
    });
    let (_, directives) = of_each.iter().find(|(known, _)| *known == pods)?;
    directives.as_deref()
}

/// The directives for all pods; none if a ConfigMap outside the values has them.
pub(super) fn of_all(subject: &Subject) -> Option<Vec<Directive>> {
    Some(placed(subject, subject.directives_of_all()?))
}

/// The lines of the configuration text at this key.
pub(super) fn lines(subject: &Subject, key: &str) -> Vec<Directive> {
    placed(subject, subject.directive_lines(key))
}

/// The directives with these names that can be in effect, see [`directives::in_effect`].
pub(super) fn in_effect<'a>(directives: &'a [Directive], names: &[&str]) -> Vec<&'a Directive> {
    directives::in_effect(directives, names)
}

/// The directives that the file itself sets, in all texts and flags, each once; none if a ConfigMap outside the values has
/// the configuration.
pub(super) fn written<'a>(subject: &'a Subject) -> Vec<&'a Directive> {
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for pods in replicas::pod_keys(subject) {
        let written = of_pods(subject, pods).into_iter().flatten().filter(|directive| directive.span.is_some());
        for directive in written {
            if known.insert((directive.span, directive.arguments.as_str())) {
                found.push(directive);
            }
        }
    }
    found
}

/// Whether Redis loads modules, which can add directives and commands. Also true if the values do not decide.
pub(super) fn may_load_modules(subject: &Subject) -> bool {
    let includes = |directive: &Directive| ["loadmodule", "include"].contains(&directive.name.as_str());
    replicas::pod_keys(subject).iter().any(|pods| match of_pods(subject, pods) {
        Some(directives) => directives.iter().any(includes),
        None => true,
    })
}

/// The directives with their places. The lines of a text are next to each other, in its order.
fn placed(subject: &Subject, directives: Vec<directives::Directive>) -> Vec<Directive> {
    let mut text: Option<(String, Place)> = None;
    let mut found = Vec::with_capacity(directives.len());
    for directive in directives {
        let span = match &directive.source {
            DirectiveSource::Line(line) => {
                if text.as_ref().is_none_or(|(key, _)| *key != directive.key) {
                    text = Some((directive.key.clone(), Place::of(subject, &directive.key)));
                }
                text.as_mut().and_then(|(_, place)| place.line(subject, line))
            }
            DirectiveSource::Command(at) | DirectiveSource::Flag(at) => item(subject, &directive.key, *at),
        };
        found.push(Directive { directive, span });
    }
    found
}

fn item(subject: &Subject, key: &str, at: usize) -> Option<Span> {
    let entry = subject.entry(&format!("{key}[{at}]")).or_else(|| subject.entry(key))?;
    Some(entry.value)
}

/// The place of a text with several lines.
struct Place {
    whole: Option<Span>,
    /// The byte from which the next line is searched: lines are found in their order.
    from: usize,
}

impl Place {
    fn of(subject: &Subject, key: &str) -> Self {
        let whole = subject.entry(key).map(|entry| entry.value);
        Self { whole, from: whole.map_or(0, |whole| whole.start) }
    }

    /// The line in the text, if the file has it as Redis reads it, or else the whole text.
    fn line(&mut self, subject: &Subject, line: &str) -> Option<Span> {
        let whole = self.whole?;
        let rest = Span { start: self.from, ..whole };
        let mut start = self.from;
        for written in subject.document.source(rest).split_inclusive('\n') {
            let trimmed = written.trim();
            if trimmed == line {
                self.from = start + written.len();
                let start = start + (written.len() - written.trim_start().len());
                let (line, column) = subject.document.position(start);
                return Some(Span { start, end: start + trimmed.len(), line, column });
            }
            start += written.len();
        }
        // A text with escapes, for example, is not searched line by line.
        self.from = whole.end;
        Some(whole)
    }
}
