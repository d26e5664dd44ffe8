//! Files with findings that hold whatever can break a format.

use proptest::prelude::*;
use redisgen::{
    lint::{Applicability, Diagnostic, Fix, Mark, Severity},
    yaml::Span,
};

/// Pieces that end, escape or open something in one of the formats.
const HOSTILE: [&str; 34] = [
    "`",
    "``",
    "|",
    "\\|",
    "\\",
    "]]>",
    "<![CDATA[",
    "<b>",
    "&amp;",
    "&",
    "\"",
    "'",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{1b}[31m",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{ffff}",
    "\u{1f980}",
    "%",
    "%0A",
    "::error::",
    ",",
    "[a](b)",
    "{{ x }}",
    "{0}",
    "@all",
    "\n\n",
    "-->",
    "word ",
];

pub fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A span between two characters of the text.
fn span(text: &str, from: usize, to: usize) -> Span {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (from, to) = (places[from % places.len()], places[to % places.len()]);
    Span { start: from.min(to), end: from.max(to), line: 1, column: 1 }
}

fn diagnostic(text: String) -> impl Strategy<Value = Diagnostic> {
    let severity = prop::sample::select(&[Severity::Info, Severity::Warning, Severity::Error][..]);
    let rule = prop::sample::select(&["unknown-key", "unreadable"][..]);
    let marks = prop::collection::vec((any::<usize>(), any::<usize>(), hostile()), 0..4);
    let applicability = prop::sample::select(&[Applicability::Safe, Applicability::Unsafe][..]);
    let fix = prop::option::of((hostile(), applicability));
    let help = prop::collection::vec(hostile(), 0..3);
    (rule, severity, hostile(), marks, help, fix).prop_map(move |(rule, severity, message, marks, help, fix)| {
        Diagnostic {
            rule,
            severity,
            message,
            marks: marks.into_iter().map(|(from, to, label)| Mark { span: span(&text, from, to), label }).collect(),
            help,
            fix: fix.map(|(title, applicability)| Fix::new(applicability, title, Vec::new())),
            facts_of: None,
        }
    })
}

pub fn file() -> impl Strategy<Value = (String, String, Vec<Diagnostic>)> {
    let read =
        prop::collection::vec("[a-c]{1,2}: ['\"]?[a-zä🦀]{0,9}['\"]? ?(# x)?\r?\n", 0..6).prop_map(|it| it.concat());
    (hostile(), prop_oneof![read, hostile()])
        .prop_flat_map(|(file, text)| (Just(file), Just(text.clone()), prop::collection::vec(diagnostic(text), 0..4)))
}
