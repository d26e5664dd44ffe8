//! Recognizes texts that become YAML only after a template engine renders them.

use crate::yaml::Span;

/// The first template expression in a text that is not YAML, with the kind of its engine.
pub(super) fn first(text: &str) -> Option<(&'static str, Span)> {
    let marks =
        [("%{", "}", "a Terraform template"), ("${", "}", "a Terraform template"), ("{{", "}}", "a Go template")];
    let mut first: Option<(usize, usize, &'static str)> = None;
    let mut start = 0;
    for line in text.split('\n') {
        for (open, close, kind) in marks {
            let Some((before, behind)) = line.split_once(open) else { continue };
            // An expression ends on its own line.
            let Some(end) = behind.find(close) else { continue };
            let at = start + before.len();
            if first.is_none_or(|(first, ..)| at < first) {
                first = Some((at, at + open.len() + end + close.len(), kind));
            }
        }
        if first.is_some() {
            break;
        }
        start += line.len() + 1;
    }
    let (start, end, kind) = first?;
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some((kind, Span { start, end, line, column }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_engines_are_distinguished() {
        let kind = |text: &str| first(text).map(|(kind, span)| (kind, span.line, span.column));
        assert_eq!(kind("a: {{ .Values.a }}\n"), Some(("a Go template", 1, 4)));
        assert_eq!(kind("a: 1\n  {{- if .b }}\n"), Some(("a Go template", 2, 3)));
        assert_eq!(kind("a: ${var.a}\n"), Some(("a Terraform template", 1, 4)));
        assert_eq!(kind("%{ if a ~}\n"), Some(("a Terraform template", 1, 1)));
        assert_eq!(kind("a: {b: {c: 1}}\n"), None);
        assert_eq!(kind("a: [\n"), None);
    }
}
