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
        (position, _) = action(text, start, &mut references);
    }
    references
}

/// Whether Helm cannot parse a text as a template: an action has no end, has no content, or begins with a sign that
/// begins no operand. A text that another tool fills first, with three braces, is none of these.
///
/// `is_repeated`: Helm evaluates the result again. A string with `{{` in an action then fails, too.
pub(super) fn is_invalid_template(text: &str, is_repeated: bool) -> bool {
    let mut position = 0;
    while let Some(start) = text[position..].find("{{").map(|start| position + start + 2) {
        let (end, is_closed) = action(text, start, &mut Vec::new());
        let inside = text[start..end].trim_end_matches("}}");
        let inside = inside.strip_prefix("- ").unwrap_or(inside).trim_start();
        let begins_operand = |c: char| c.is_alphanumeric() || "_.$\"`'(+-/{".contains(c);
        if !is_closed
            || !inside.starts_with(begins_operand)
            || is_repeated && inside.contains("{{") && !inside.starts_with(['{', '/'])
        {
            return true;
        }
        position = end;
    }
    false
}

/// Collects the references of one `{{ ... }}` with its inside at `start`. Returns its end, and whether the text has the
/// closing braces.
fn action<'t>(text: &'t str, start: usize, references: &mut Vec<(Range<usize>, ReferenceSource<'t>)>) -> (usize, bool) {
    const VALUES: &str = ".Values.";
    let mut position = start;
    while let Some(c) = text[position..].chars().next() {
        let rest = &text[position..];
        if rest.starts_with("}}") {
            return (position + 2, true);
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
    (position, false)
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
    fn a_text_with_braces_can_be_no_template() {
        // Rendered as `auth.password` of 22.0.7 (once) and 28.0.7 (again and again).
        for invalid in ["a{{b", "a{{}}", "a{{%x}}", "{{ \"}}", "{{ .Values.a }}{{"] {
            assert!(is_invalid_template(invalid, false) && is_invalid_template(invalid, true), "{invalid}");
        }
        for repeated in ["a{{ \"{{\" }}b", "{{`{{ x }}`}}"] {
            assert!(!is_invalid_template(repeated, false) && is_invalid_template(repeated, true), "{repeated}");
        }
        for valid in
            ["ab", "a}}b", "{{ .Values.zz }}x", "{{- .Values.zz -}}", "{{/* c */}}x", "{{'x'}}", "a{{1}}", "{{{x}}}"]
        {
            assert!(!is_invalid_template(valid, false) && !is_invalid_template(valid, true), "{valid}");
        }
    }

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
