//! See `refused_by_kubernetes.md`: the help text, the web page and the test of this rule.

use std::sync::LazyLock;

use crate::{
    chart::{self, TextField, TextForm},
    kubernetes,
    lint::{
        keys::{settings, unused::is_unused},
        prelude::*,
        services::services,
    },
    table::table,
    yaml::{Path, Segment, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "refused-by-kubernetes",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "value that the chart renders and Kubernetes refuses",
    docs: include_str!("refused_by_kubernetes.md"),
    fix: FixAvailability::Safe,
    scope: Scope::Line,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// Endings of keys with names and address ranges.
static NAMES: LazyLock<Vec<[&str; 3]>> =
    LazyLock::new(|| table!("src/lint/names.tsv", ["ending", "form", "source"]).rows().collect());

fn check(subject: &Subject) -> Vec<Finding> {
    // The annotations of Services have a rule of their own.
    let annotations: Vec<&Path> =
        services(subject).flat_map(|service| service.all_annotations()).map(|annotation| &annotation.path).collect();
    let mut found = Vec::new();
    for entry in settings(subject) {
        let Some(value) = subject.value_of(entry) else { continue };
        let texts = texts(subject, entry, value);
        let names = names(entry, value);
        let port = node_port(entry, value);
        if texts.is_empty() && names.is_empty() && port.is_none()
            || is_unused(subject, entry)
            || is_refused_by_schema(subject, entry)
        {
            continue;
        }
        found.extend(
            texts.iter().filter(|path| !annotations.contains(path)).filter_map(|path| not_a_text(subject, path)),
        );
        found.extend(names.into_iter().map(|(path, message)| {
            let at = subject.entry(&path.to_string()).map_or(entry.value, |item| item.value);
            Finding::at(at, message).labelled("Kubernetes refuses the release")
        }));
        found.extend(port);
    }
    found
}

/// Helm already refuses such a value.
fn is_refused_by_schema(subject: &Subject, entry: &Entry) -> bool {
    let accepts = subject.chart.schema(&entry.text).zip(subject.value_of(entry));
    accepts.is_some_and(|(accepts, value)| !accepts.takes(value))
}

/// The places of booleans and numbers where Kubernetes expects a text.
fn texts(subject: &Subject, entry: &Entry, value: &Value) -> Vec<Path> {
    let field = |key: &str| subject.chart.text_field(key, subject.topology);
    let own = field(&entry.text);
    // A child of an open map that the chart does not declare.
    let of_map = || field(chart::above(&entry.text)?).filter(|above| above.form == TextForm::MapValues);
    let (field, form) = match own {
        Some(field) => (field, field.form),
        None => match of_map() {
            Some(field) => (field, TextForm::Whole),
            None => return Vec::new(),
        },
    };
    let is_refused = |value: &Value| is_refused(field, value);
    let mut found = Vec::new();
    let mut look = |path: Path, value: Option<&Value>| {
        if value.is_some_and(is_refused) {
            found.push(path);
        }
    };
    let below = |path: &Path, key: &str| {
        let mut path = path.clone();
        path.push(Segment::Key(key.to_owned()));
        path
    };
    let item = |at: usize| {
        let mut path = entry.path.clone();
        path.push(Segment::Index(at));
        path
    };
    match (form, value) {
        (TextForm::Whole, value) => look(entry.path.clone(), Some(value)),
        (TextForm::MapValues, Value::Map(map)) => {
            map.iter().for_each(|(key, value)| look(below(&entry.path, key), Some(value)));
        }
        (TextForm::ListItems, Value::List(items)) => {
            items.iter().enumerate().for_each(|(at, value)| look(item(at), Some(value)));
        }
        (TextForm::ItemValues, Value::List(items)) => {
            for (at, value) in items.iter().enumerate() {
                look(below(&item(at), "value"), value.as_map().and_then(|map| map.get("value")));
            }
        }
        (TextForm::Quantities, Value::Map(map)) => {
            for (kind, quantities) in map.iter() {
                for (name, quantity) in quantities.as_map().into_iter().flat_map(|map| map.iter()) {
                    look(below(&below(&entry.path, kind), name), Some(quantity));
                }
            }
        }
        _ => {}
    }
    found
}

fn is_refused(field: TextField, value: &Value) -> bool {
    match value {
        Value::Bool(_) => field.refuses_booleans,
        Value::Int(_) | Value::Float(_) => field.refuses_numbers,
        Value::Null | Value::String(_) | Value::List(_) | Value::Map(_) => false,
    }
}

fn not_a_text(subject: &Subject, path: &Path) -> Option<Finding> {
    let entry = subject.entry(&path.to_string())?;
    let value = subject.value_of(entry)?;
    let written = subject.document.source(entry.value);
    let message = format!("`{}` is a {}: expected a string", entry.text, value.kind());
    let finding =
        Finding::at(entry.value, message).labelled("Kubernetes refuses the release: it decodes a string here");
    let is_plain = match value {
        Value::Bool(on) => on.to_string() == written,
        Value::Int(number) => number.to_string() == written,
        _ => false,
    };
    if !is_plain {
        return Some(finding.help("put the value in quotes"));
    }
    let title = format!("set the value to `\"{written}\"`");
    let edits = vec![Edit::Set { path: path.clone(), value: written.to_owned().into() }];
    Some(finding.fix(Fix::new(Applicability::Safe, title, edits)))
}

/// What Kubernetes expects at a key: a form of [`NAMES`].
fn form(entry: &Entry) -> Option<&'static str> {
    let ends =
        |ending: &str| entry.text.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    NAMES.iter().find(|[ending, ..]| ends(ending)).map(|[_, form, _]| *form)
}

/// The finding about a node port outside the default range. An API server can have another range.
fn node_port(entry: &Entry, value: &Value) -> Option<Finding> {
    let port = match value {
        Value::Int(port) => *port,
        Value::String(text) => text.parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => return None,
    };
    // The chart leaves out a port of 0.
    if form(entry) != Some("node-port") || port == 0 || kubernetes::is_node_port(port) {
        return None;
    }
    let (first, last) = (kubernetes::NODE_PORTS.start(), kubernetes::NODE_PORTS.end());
    let finding = Finding::at(entry.value, format!("{port} is not a node port: expected {first} to {last}"))
        .severity(Severity::Warning)
        .labelled("Kubernetes refuses the Service")
        .help("only an API server with another `--service-node-port-range` accepts this port");
    Some(finding)
}

/// The names and ranges of a key that Kubernetes refuses, each with its place and the problem.
fn names(entry: &Entry, value: &Value) -> Vec<(Path, String)> {
    let Some(form) = form(entry) else { return Vec::new() };
    match (form, value) {
        ("ranges", Value::List(items)) => {
            let items = items.iter().enumerate().filter_map(|(at, item)| {
                let mut path = entry.path.clone();
                path.push(Segment::Index(at));
                Some((path, bad_range(item.as_str()?)?))
            });
            items.collect()
        }
        ("name" | "class", Value::String(name)) => {
            let fits = kubernetes::is_dns1123_subdomain(name) || form == "class" && name == "-";
            let is_known = !name.is_empty() && !is_filled_later(name);
            let message = || {
                let text = &entry.text;
                format!(
                    "`{name}` is not a valid name for `{text}`: expected `a-z`, `0-9`, `-` and `.`, with a letter or \
                     digit at both ends"
                )
            };
            if is_known && !fits { vec![(entry.path.clone(), message())] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// The problem of a range. The API server ignores blanks around a range, and a chart prints several ranges of one text.
fn bad_range(text: &str) -> Option<String> {
    if is_filled_later(text) {
        return None;
    }
    let ranges = text.split(',').map(str::trim);
    ranges.into_iter().find_map(|range| kubernetes::check_range(range).err()).map(|bad| bad.to_string())
}

/// Whether a template or another tool fills a part of the text.
fn is_filled_later(text: &str) -> bool {
    text.contains("{{") || text.contains("${") || text.contains("$(")
}
