//! References to keys and helpers in values that the chart renders as templates.

use std::ops::Range;

use crate::chart::{self, Chart, Helper};

/// The target of a reference in a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReferenceSource<'t> {
    /// `include "a.b" .`
    Helper(&'t str),
    /// `.Values.a.b`
    Key(&'t str),
}

impl ReferenceSource<'_> {
    /// Whether another chart version has the target and this version does not.
    pub fn is_missing(&self, chart: &Chart) -> bool {
        match self {
            Self::Helper(name) => chart.helper(name) != Helper::Available,
            Self::Key(key) => {
                let existed_before = chart::is_key_parent(key) || !chart::key_life(key).is_empty();
                existed_before && !chart.takes(key) && !chart.has_below(key)
            }
        }
    }
}

/// The references in the templates of a text, with their positions.
pub fn references_in(text: &str) -> Vec<(Range<usize>, ReferenceSource<'_>)> {
    let mut references = Vec::new();
    let mut position = 0;
    while let Some(start) = text[position..].find("{{").map(|start| position + start + 2) {
        position = action(text, start, &mut references);
    }
    references
}

/// Collects the references of one `{{ ... }}` with its inside at `start`, and returns its end.
fn action<'t>(text: &'t str, start: usize, references: &mut Vec<(Range<usize>, ReferenceSource<'t>)>) -> usize {
    const VALUES: &str = ".Values.";
    let mut position = start;
    while let Some(c) = text[position..].chars().next() {
        let rest = &text[position..];
        if rest.starts_with("}}") {
            return position + 2;
        }
        if matches!(c, '"' | '`') {
            let end = position + 1 + closing(&text[position + 1..], c);
            let before = text[start..position].trim_end();
            if before.ends_with("include") || before.ends_with("template") {
                references.push((position + 1..end, ReferenceSource::Helper(&text[position + 1..end])));
            }
            position = (end + 1).min(text.len());
        } else if rest.starts_with(VALUES) {
            let begin = position + VALUES.len();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            let end = text[begin..].find(|c| !is_part(c)).map_or(text.len(), |end| begin + end);
            let key = text[begin..end].trim_end_matches('.');
            references.push((begin..begin + key.len(), ReferenceSource::Key(key)));
            position = end;
        } else {
            position += c.len_utf8();
        }
    }
    position
}

/// The end of a Go string that starts before `text`.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (position, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return position,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_refers_to_helpers_and_keys() {
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
