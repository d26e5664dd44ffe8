//! Reports for people: each finding with its source lines.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{CheckedFile, Color, View, place::Lines};
use crate::{
    escape::one_line,
    fold::{self, plain},
    lint::{Diagnostic, Mark, Severity},
    redact::Mask,
};

/// Marks that are at most this number of lines apart share one snippet.
const NEAR: usize = 4;

/// A mark over more lines than this is shown by its first line.
const TALL: usize = 4;

/// Source lines are cut around their marks at this width.
const WIDTH: usize = 140;

/// The least width that source lines are cut to.
const NARROWEST: usize = 24;

/// The most bytes of a snippet, which limits the time for a finding in a very long line.
const MOST_BYTES: usize = 8192;

pub(super) fn part(checked: &CheckedFile, View { color, width }: View) -> String {
    if checked.diagnostics.is_empty() {
        return String::new();
    }
    let renderer = match color {
        Color::On => Renderer::styled(),
        Color::Off => Renderer::plain(),
    };
    let renderer = renderer.term_width(WIDTH);
    let lines = Lines::of(checked.text);
    let mask = match checked.document {
        Some(document) => Some(Mask::of_ranges(document, &windows(checked, &lines))),
        None => Mask::of(checked.text),
    };
    let mut report = String::new();
    for diagnostic in checked.diagnostics {
        let render = |renderer: &Renderer| renderer.render(&[group(checked, diagnostic, &lines, mask.as_ref())]);
        report.push_str(&match width {
            None => render(&renderer),
            Some(width) => narrow(render, &renderer, width),
        });
        report.push_str("\n\n");
    }
    report
}

/// The bytes of the text that the report shows.
fn windows(checked: &CheckedFile, lines: &Lines) -> Vec<std::ops::Range<usize>> {
    let pieces = checked.diagnostics.iter().flat_map(|found| pieces(&found.marks, lines));
    pieces.map(|piece| window(&piece, checked.text, lines)).collect()
}

/// Renders a finding that fits the terminal, by cutting its source lines until their labels fit too.
fn narrow(render: impl Fn(&Renderer) -> String, renderer: &Renderer, width: usize) -> String {
    let mut room = width.min(WIDTH);
    loop {
        let finding = folded(&render(&renderer.clone().term_width(room)), width);
        let sources = finding.lines().map(plain).filter(|line| is_source(line));
        let widest = sources.map(|line| line.chars().count()).max().unwrap_or_default();
        let cut = room.saturating_sub(widest.saturating_sub(width));
        if widest <= width || cut < NARROWEST {
            return finding;
        }
        room = cut;
    }
}

/// Whether a line shows source text or a mark below it.
fn is_source(line: &str) -> bool {
    line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|')
}

/// Folds the prose of a finding: its message, help and notes. The source lines are already cut.
fn folded(finding: &str, width: usize) -> String {
    let mut text = String::with_capacity(finding.len());
    let mut is_message = true;
    for line in finding.split_inclusive('\n') {
        let plain = plain(line);
        let note = plain.find("= ").filter(|at| plain[..*at].trim().is_empty());
        match note {
            // The arrow to the place ends the message.
            _ if is_message && plain.trim_start().starts_with("-->") => {
                is_message = false;
                text.push_str(line);
            }
            _ if is_message => text.push_str(&fold::hung(line, width, 2)),
            Some(at) => text.push_str(&fold::hung(line, width, at + 2)),
            None => text.push_str(line),
        }
    }
    text
}

fn group<'a>(checked: &'a CheckedFile, diagnostic: &'a Diagnostic, lines: &Lines, mask: Option<&Mask>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let file = one_line(checked.file);
    let mut group = level.primary_title(one_line(&diagnostic.message)).id(diagnostic.rule).elements([] as [Origin; 0]);
    match mask {
        Some(mask) if !diagnostic.marks.is_empty() => {
            for piece in pieces(&diagnostic.marks, lines) {
                let window = window(&piece, checked.text, lines);
                let snippet = snippet(&piece, &window, checked.text, lines, mask);
                if window.start == lines.start(piece.first) {
                    group = group.element(snippet.path(file.clone()));
                } else {
                    // A cut line has no column numbers, therefore the position is set explicitly.
                    let (line, column) = lines.position(piece.place().start);
                    group = group.element(Origin::path(file.clone()).line(line).char_column(column)).element(snippet);
                }
            }
        }
        // The secrets of an unreadable text are unknown, therefore only its place is shown.
        _ => {
            let place = lines.of_finding(diagnostic);
            group = group.element(Origin::path(file).line(place.line).char_column(place.column));
        }
    }
    group = group.elements(diagnostic.help.iter().map(|help| Level::HELP.message(one_line(help))));
    if let Some(fix) = &diagnostic.fix {
        group = group.element(Level::NOTE.message(super::fix_line(fix)));
    }
    group
}

/// The marks of one snippet.
struct Piece<'a> {
    /// The first line, counted from 0.
    first: usize,
    last: usize,
    /// For each mark: whether it is the place of the finding, its bytes, and its label.
    marks: Vec<(bool, std::ops::Range<usize>, &'a str)>,
}

/// Groups the marks of a finding into snippets in the order of the text, with the place of the finding first.
fn pieces<'a>(marks: &'a [Mark], lines: &Lines) -> Vec<Piece<'a>> {
    let mut order: Vec<(usize, &Mark)> = marks.iter().enumerate().collect();
    order.sort_by_key(|(at, mark)| (mark.span.start, *at));
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, mark) in order {
        let first = lines.line(mark.span.start);
        let mut end = mark.span.end.max(mark.span.start);
        // A span may end with the newline of its line.
        let mut last = lines.line(end.saturating_sub(1).max(mark.span.start));
        if last - first >= TALL {
            last = first;
        }
        end = end.min(lines.end(last)).max(mark.span.start.min(lines.end(last)));
        let labelled = (at == 0, mark.span.start.min(end)..end, mark.label.as_str());
        match pieces.last_mut() {
            Some(piece) if first <= piece.last + NEAR => {
                piece.last = piece.last.max(last);
                piece.marks.push(labelled);
            }
            _ => pieces.push(Piece { first, last, marks: vec![labelled] }),
        }
    }
    let place = pieces.iter().position(|piece| piece.marks.iter().any(|(place, ..)| *place)).unwrap_or_default();
    if let Some(leading) = pieces.get_mut(..=place) {
        leading.rotate_right(1);
    }
    pieces
}

impl Piece<'_> {
    /// The place of the finding if this snippet contains it, else the first mark.
    fn place(&self) -> std::ops::Range<usize> {
        let place = self.marks.iter().find(|(place, ..)| *place).or(self.marks.first());
        place.map(|(_, span, _)| span.clone()).unwrap_or_default()
    }
}

/// The bytes of a snippet, cut around its place if its lines are too long.
fn window(piece: &Piece, text: &str, lines: &Lines) -> std::ops::Range<usize> {
    let all = lines.start(piece.first)..lines.end(piece.last);
    if all.len() <= MOST_BYTES {
        return all;
    }
    let place = piece.place().start;
    let mut start = place.saturating_sub(MOST_BYTES / 2).max(all.start);
    let mut end = (place + MOST_BYTES / 2).min(all.end);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end
}

fn snippet<'a>(
    piece: &Piece<'a>,
    window: &std::ops::Range<usize>,
    text: &str,
    lines: &Lines,
    mask: &Mask,
) -> Snippet<'a, Annotation<'a>> {
    let within =
        |(_, span, _): &&(bool, std::ops::Range<usize>, &str)| window.start <= span.start && span.start <= window.end;
    let mut places: Vec<usize> = Vec::new();
    for (_, span, _) in piece.marks.iter().filter(within) {
        places.extend([span.start, span.end.min(window.end)]);
    }
    let source = mask.cut(text, window.clone(), &mut places);
    let annotations = piece.marks.iter().filter(within).zip(places.chunks_exact(2)).map(|((place, _, label), span)| {
        let kind = if *place { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(span[0]..span[1]);
        if label.is_empty() { annotation } else { annotation.label(one_line(label)) }
    });
    let line = lines.line(window.start) + 1;
    Snippet::source(source).line_start(line).annotations(annotations.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
