//! For a person: each finding with the lines that it is about.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Color, Judged, mask::Mask, place::Lines};
use crate::{
    line::one_line,
    lint::{Diagnostic, Mark, Severity},
    yaml::Span,
};

/// Marks that are not further apart, in lines, are shown in one piece.
const NEAR: usize = 4;

/// A mark over more lines is shown by its first line.
const TALL: usize = 4;

/// Wider lines are cut around their marks.
const WIDTH: usize = 140;

/// Of longer lines, in bytes, only what is that near to their marks is looked at: each finding would take its time
/// with all of the line.
const LONG: usize = 1024;

/// Stands where the start of a line is not shown.
const CUT: char = '\u{2026}';

pub(super) fn part(judged: &Judged, color: Color) -> String {
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
        report.push_str(&renderer.render(&[group(judged, found, &lines, mask.as_ref())]));
        report.push_str("\n\n");
    }
    report
}

fn group<'a>(judged: &'a Judged, found: &'a Diagnostic, lines: &Lines, mask: Option<&Mask>) -> Group<'a> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let file = one_line(judged.file);
    let mut group = level.primary_title(one_line(&found.message)).id(found.rule).elements([] as [Origin; 0]);
    match mask {
        Some(mask) if !found.marks.is_empty() => {
            for piece in pieces(&found.marks, judged.text, lines) {
                let (snippet, whole) = snippet(&piece, judged.text, lines, mask);
                if whole {
                    group = group.element(snippet.path(file.clone()));
                    continue;
                }
                // Of a line that is not shown from its start on, the snippet does not know the column.
                let place = lines.place(piece.place());
                group = group.element(Origin::path(file.clone()).line(place.line).char_column(place.column));
                group = group.element(snippet);
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

impl Piece<'_> {
    /// Where the finding is, if that is here, else the first mark.
    fn place(&self) -> Span {
        let place = self.marks.iter().find(|(place, ..)| *place).or_else(|| self.marks.first());
        place.map_or_else(Span::default, |(_, at, _)| Span { start: at.start, end: at.end, ..Span::default() })
    }

    /// The bytes from the first mark to the end of the last.
    fn bytes(&self) -> std::ops::Range<usize> {
        let start = self.marks.iter().map(|(_, at, _)| at.start).min().unwrap_or_default();
        start..self.marks.iter().map(|(_, at, _)| at.end).max().unwrap_or_default()
    }
}

/// The byte itself, or that before it at which a character starts.
fn boundary(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The marks of a finding in the order of the text, but the piece with its place first.
fn pieces<'a>(marks: &'a [Mark], text: &str, lines: &Lines) -> Vec<Piece<'a>> {
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
        let start = mark.span.start.min(end);
        let end = boundary(text, end.min(start + LONG)).max(start);
        let shown = (at == 0, start..end, mark.label.as_str());
        match pieces.last_mut() {
            Some(piece) if first <= piece.last + NEAR && start <= piece.bytes().end + LONG => {
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

/// The lines of a piece, and whether they begin with the start of the first.
fn snippet<'a>(piece: &Piece<'a>, text: &str, lines: &Lines, mask: &Mask) -> (Snippet<'a, Annotation<'a>>, bool) {
    let mut places: Vec<usize> = piece.marks.iter().flat_map(|(_, span, _)| [span.start, span.end]).collect();
    let marked = piece.bytes();
    let (first, last) = (lines.start(piece.first), lines.end(piece.last));
    let start = boundary(text, first.max(marked.start.saturating_sub(LONG)));
    let end = boundary(text, last.min(marked.end + LONG));
    let mut shown = mask.cut(text, start..end, &mut places);
    if start > first {
        shown.insert(0, CUT);
        places.iter_mut().for_each(|place| *place += CUT.len_utf8());
    }
    let annotations = piece.marks.iter().zip(places.chunks_exact(2)).map(|((place, _, label), span)| {
        let kind = if *place { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(span[0]..span[1]);
        if label.is_empty() { annotation } else { annotation.label(one_line(label)) }
    });
    let snippet = Snippet::source(shown).line_start(piece.first + 1).annotations(annotations.collect::<Vec<_>>());
    (snippet, start == first)
}

#[cfg(test)]
mod tests;
