//! What values name that the chart renders as templates.

use std::ops::Range;

use crate::chart::{self, Chart, Helper};

/// What a template names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReferenceSource<'t> {
    /// `include "a.b" .`
    Helper(&'t str),
    /// `.Values.a.b`
    Key(&'t str),
}

impl ReferenceSource<'_> {
    /// Whether other versions have it, and this one has not.
    pub fn is_missing(&self, chart: &Chart) -> bool {
        match self {
            Self::Helper(name) => chart.helper(name) != Helper::Available,
            Self::Key(key) => {
                let was_there = chart::is_key_parent(key) || !chart::key_life(key).is_empty();
                was_there && !chart.takes(key) && !chart.has_below(key)
            }
        }
    }
}

/// What a text names in its templates, and where.
pub fn references_in(text: &str) -> Vec<(Range<usize>, ReferenceSource<'_>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|start| at + start + 2) {
        at = action(text, start, &mut found);
    }
    found
}

/// What one `{{ ... }}` names, whose inside begins at `start`; gives where it ends.
fn action<'t>(text: &'t str, start: usize, found: &mut Vec<(Range<usize>, ReferenceSource<'t>)>) -> usize {
    const VALUES: &str = ".Values.";
    let mut at = start;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("}}") {
            return at + 2;
        }
        if matches!(c, '"' | '`') {
            let end = at + 1 + closing(&text[at + 1..], c);
            let before = text[start..at].trim_end();
            if before.ends_with("include") || before.ends_with("template") {
                found.push((at + 1..end, ReferenceSource::Helper(&text[at + 1..end])));
            }
            at = (end + 1).min(text.len());
        } else if rest.starts_with(VALUES) {
            let begin = at + VALUES.len();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            let end = text[begin..].find(|c| !is_part(c)).map_or(text.len(), |end| begin + end);
            let key = text[begin..end].trim_end_matches('.');
            found.push((begin..begin + key.len(), ReferenceSource::Key(key)));
            at = end;
        } else {
            at += c.len_utf8();
        }
    }
    at
}

/// Where a string of Go ends, whose first quote is behind.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_action_names() {
        let names = |text| references_in(text).into_iter().map(|(_, what)| what).collect::<Vec<_>>();
        assert_eq!(
            names(r#"a {{ template "redis.fullname" . }}-{{- include `x.y` $ | quote }} {{ print "template" }}"#),
            [ReferenceSource::Helper("redis.fullname"), ReferenceSource::Helper("x.y")]
        );
        assert_eq!(
            names("{{ .Values.master.service.port }} {{ $.Values.a }} .Values.b {{ \"{{ .Values.c }}\" }}"),
            [ReferenceSource::Key("master.service.port"), ReferenceSource::Key("a")]
        );
        for broken in ["{{", "{{ \"a", "{{ .Values.", "{{ include \"", "}} {{ `", "{{ \"\\"] {
            drop(names(broken));
        }
    }
}
