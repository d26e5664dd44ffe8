//! Findings of lint for generated values, which the user sees before the install.

use crate::{
    chart::Chart,
    lint::{Diagnostic, Severity, Subject, lint, rules},
    source::Origin,
    yaml::{Document, Map, Notes, emit},
};

/// The findings that a person should act on, but those whose rules are in `noted` already. `overlay` is what the person
/// set in keys of the chart.
pub(super) fn of_values(
    tree: &Map,
    origin: Origin,
    chart: &Chart,
    overlay: &Map,
    is_for_production: bool,
    noted: &[&str],
) -> Vec<Diagnostic> {
    let text = emit(tree, &Notes::new());
    // Generated values are readable; if not, Helm reports the error.
    let Ok(document) = Document::parse(&text) else { return Vec::new() };
    let Ok(subject) = Subject::new(&document, origin, chart) else { return Vec::new() };
    let mut found = lint(&subject);
    found.retain(|found| {
        let from_overlay = || {
            let at = subject.entries.iter().rev().find(|entry| {
                let span = found.place();
                entry.key.start == span.start || entry.value.start == span.start
            });
            at.is_some_and(|entry| overlay.get_at(&entry.path).is_some())
        };
        // In production, an image with a moving tag is a warning.
        let is_floating = found.rule == rules::CHART_FLOATING_IMAGE.id;
        let is_warning = found.severity > Severity::Info || is_floating && is_for_production;
        // A password in the file is no news to a user who set the option.
        let is_password = found.rule == rules::PLAINTEXT_PASSWORD.id;
        is_warning && !noted.contains(&found.rule) && (!is_password || from_overlay())
    });
    found
}
