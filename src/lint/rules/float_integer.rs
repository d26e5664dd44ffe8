//! See `float_integer.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Exponent, LEAST_EXPONENT, Type},
    lint::{keys::settings, prelude::*},
    redact::is_secret_key,
    yaml::{Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "float-integer",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "large number that the chart prints as 1e+06",
    docs: include_str!("float_integer.md"),
    fix: FixAvailability::Safe,
    scope: Scope::Line,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    settings(subject).filter_map(|entry| finding_for(subject, entry)).collect()
}

fn finding_for(subject: &Subject, entry: &Entry) -> Option<Finding> {
    let Value::Int(number) = *subject.value_of(entry)? else { return None };
    // Another rule reports a number that YAML reads differently from its text.
    if number.unsigned_abs() < LEAST_EXPONENT || subject.document.source(entry.value) != number.to_string() {
        return None;
    }
    let Exponent { switches, quoted } = subject.chart.exponent(&entry.text, subject.topology)?;
    if subject.holds(switches) != Some(true) {
        return None;
    }
    let key = subject.chart.key(&entry.text)?;
    let finding = match is_secret_key(&entry.text) {
        true => Finding::at(entry.value, format!("the chart prints the number at `{}` with an exponent", entry.text)),
        false => Finding::at(entry.value, format!("the chart prints `{}` as {}", entry.text, printed(number))),
    };
    let finding = finding.labelled("Helm reads numbers in a values file as floating point");
    Some(match quoted || key.kind == Type::String {
        // Helm passes a text on unchanged.
        true => finding.help("put the number in quotes").fix(Fix::new(
            Applicability::Safe,
            "put the number in quotes",
            vec![Edit::Set { path: entry.path.clone(), value: Value::from(number.to_string()) }],
        )),
        false => {
            let set = format!("helm --set {}={number}", entry.text);
            finding.help(match is_secret_key(&entry.text) {
                true => "choose a smaller number".to_owned(),
                false => format!("set the number on the command line, where Helm keeps it whole (`{set}`), or choose a smaller number"),
            })
        }
    })
}

/// Formats a floating point number as a template of Helm does.
fn printed(number: i64) -> String {
    let written = format!("{:e}", number as f64);
    match written.split_once('e') {
        Some((digits, exponent)) => format!("{digits}e+{exponent:0>2}"),
        None => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_printed_as_helm_does() {
        // Rendered by Helm 3 and Helm 4 from these numbers.
        for (number, text) in [(1_000_000, "1e+06"), (1_234_567, "1.234567e+06"), (1_000_650_000, "1.00065e+09")] {
            assert_eq!(printed(number), text);
        }
    }
}
