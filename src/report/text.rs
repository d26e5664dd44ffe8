//! For a person: each finding with the lines that it is about.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{CheckedFile, Color, View, place::Lines};
use crate::{
    escape::one_line,
    fold::{self, plain},
    lint::{Diagnostic, Mark, Severity},
    redact::Mask,
};

/// Marks that are not further apart, in lines, are shown in one piece.
const NEAR: usize = 4;

/// A mark over more lines is shown by its first line.
const TALL: usize = 4;

/// Wider lines are cut around their marks.
const WIDTH: usize = 140;

/// Source lines are cut to no less.
const NARROWEST: usize = 24;

/// The most bytes that one piece is made from: a finding in a line without end takes no longer than one in any other.
const MOST_BYTES: usize = 8192;

pub(super) fn part(judged: &CheckedFile, View { color, width }: View) -> String {
    if judged.diagnostics.is_empty() {
        return String::new();
    }
    let renderer = match color {
        Color::On => Renderer::styled(),
        Color::Off => Renderer::plain(),
    };
    let renderer = renderer.term_width(WIDTH);
    let (lines, mask) = (Lines::of(judged.text), Mask::of(judged.text));
    let mut report = String::new();
    for found in judged.diagnostics {
        let render = |renderer: &Renderer| renderer.render(&[group(judged, found, &lines, mask.as_ref())]);
        report.push_str(&match width {
            None => render(&renderer),
            Some(width) => narrow(render, &renderer, width),
        });
        report.push_str("\n\n");
    }
    report
}

/// A finding that is no wider than the terminal: its source lines are cut until the labels behind them fit too.
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

/// Whether a line shows the source, or what is marked in it.
fn is_source(line: &str) -> bool {
    line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|')
}

/// A finding with its prose folded: the message, the help and the notes. The source lines are cut already.
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

fn group<'a>(judged: &'a CheckedFile, found: &'a Diagnostic, lines: &Lines, mask: Option<&Mask>) -> Group<'a> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let file = one_line(judged.file);
    let mut group = level.primary_title(one_line(&found.message)).id(found.rule).elements([] as [Origin; 0]);
    match mask {
        Some(mask) if !found.marks.is_empty() => {
            for piece in pieces(&found.marks, lines) {
                let window = window(&piece, judged.text, lines);
                let snippet = snippet(&piece, &window, judged.text, lines, mask);
                if window.start == lines.start(piece.first) {
                    group = group.element(snippet.path(file.clone()));
                } else {
                    // Columns cannot be told from a line that is cut.
                    let (line, column) = lines.position(piece.place().start);
                    group = group.element(Origin::path(file.clone()).line(line).char_column(column)).element(snippet);
                }
            }
        }
        // Nobody knows where the secrets of such a text are: it is named, not shown.
        _ => {
            let place = lines.of_finding(found);
            group = group.element(Origin::path(file).line(place.line).char_column(place.column));
        }
    }
    group = group.elements(found.help.iter().map(|help| Level::HELP.message(one_line(help))));
    if let Some(fix) = &found.fix {
        group = group.element(Level::NOTE.message(super::offered(fix)));
    }
    group
}

/// Marks that are shown in one piece of the text.
struct Piece<'a> {
    /// Counted from 0.
    first: usize,
    last: usize,
    /// With whether it is the place of the finding, and its bytes as they are shown.
    marks: Vec<(bool, std::ops::Range<usize>, &'a str)>,
}

/// The marks of a finding in the order of the text, but the piece with its place first.
fn pieces<'a>(marks: &'a [Mark], lines: &Lines) -> Vec<Piece<'a>> {
    let mut order: Vec<(usize, &Mark)> = marks.iter().enumerate().collect();
    order.sort_by_key(|(at, mark)| (mark.span.start, *at));
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, mark) in order {
        let first = lines.line(mark.span.start);
        let mut end = mark.span.end.max(mark.span.start);
        // A span may end with the end of its line.
        let mut last = lines.line(end.saturating_sub(1).max(mark.span.start));
        if last - first >= TALL {
            last = first;
        }
        end = end.min(lines.end(last)).max(mark.span.start.min(lines.end(last)));
        let shown = (at == 0, mark.span.start.min(end)..end, mark.label.as_str());
        match pieces.last_mut() {
            Some(piece) if first <= piece.last + NEAR => {
                piece.last = piece.last.max(last);
                piece.marks.push(shown);
            }
            _ => pieces.push(Piece { first, last, marks: vec![shown] }),
        }
    }
    let place = pieces.iter().position(|piece| piece.marks.iter().any(|(place, ..)| *place)).unwrap_or_default();
    if let Some(ahead) = pieces.get_mut(..=place) {
        ahead.rotate_right(1);
    }
    pieces
}

impl Piece<'_> {
    /// The place of the finding, where it is in this piece; else the first mark.
    fn place(&self) -> std::ops::Range<usize> {
        let place = self.marks.iter().find(|(place, ..)| *place).or(self.marks.first());
        place.map(|(_, span, _)| span.clone()).unwrap_or_default()
    }
}

/// The lines of a piece or, where they are too long, what stands around its place.
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
    let shown = mask.cut(text, window.clone(), &mut places);
    let annotations = piece.marks.iter().filter(within).zip(places.chunks_exact(2)).map(|((place, _, label), span)| {
        let kind = if *place { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(span[0]..span[1]);
        if label.is_empty() { annotation } else { annotation.label(one_line(label)) }
    });
    let line = lines.line(window.start) + 1;
    Snippet::source(shown).line_start(line).annotations(annotations.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
