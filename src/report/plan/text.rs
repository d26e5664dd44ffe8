//! The overview for a person: a drawing and sections, in 80 columns or the width of the terminal.

use super::{
    COLUMNS, PlanReport, drawing,
    graph::Graph,
    sections::{self, Block, Entry},
};
use crate::{fold, report::Color};

pub(super) fn render(report: &PlanReport) -> String {
    let color = report.view.color;
    let width = report.view.width.unwrap_or(COLUMNS);
    let mut text = fold::text(&format!("{}\n", bold(&sections::title(report.overview), color)), width);
    for note in sections::notes(report) {
        text.push_str(&fold::text(&format!("{note}\n"), width));
    }
    // A narrower terminal has no place for the drawing, and the sections have the same facts.
    if width >= COLUMNS {
        text.push('\n');
        text.push_str(&drawing::render(&Graph::of(report.overview)));
    }
    for section in sections::of(report) {
        text.push_str(&format!("\n{}\n", bold(section.title, color)));
        for block in &section.blocks {
            text.push_str(&rendered(block, width));
        }
    }
    let code = report.overview.clients.code();
    for code in code.iter().filter(|code| report.clients.iter().any(|client| client == code.client)) {
        let way = match code.way {
            crate::overview::Way::Sentinel => "by Sentinel",
            crate::overview::Way::Plain => "without Sentinel",
        };
        text.push_str(&format!("\n{}\n{}", bold(&format!("{}, {way}", code.client), color), code.text));
    }
    text
}

fn bold(text: &str, color: Color) -> String {
    if color == Color::Off {
        return text.to_owned();
    }
    let style = anstyle::Style::new().bold();
    format!("{style}{text}{style:#}")
}

fn rendered(block: &Block, width: usize) -> String {
    match block {
        Block::Table { rows, .. } => table(rows, width),
        Block::Entries(entries) => entries.iter().map(|one| entry(one, width)).collect(),
        Block::Commands(commands) => commands.iter().map(|(purpose, script)| command(purpose, script, width)).collect(),
    }
}

fn entry(entry: &Entry, width: usize) -> String {
    let head = match entry.summary.is_empty() {
        true => format!("  {}\n", entry.name),
        false => format!("  {}: {}\n", entry.name, entry.summary),
    };
    let mut text = fold::hung(&head, width, 6);
    for fact in &entry.facts {
        text.push_str(&fold::hung(&format!("    {fact}\n"), width, 6));
    }
    text
}

/// The rows as aligned columns. The last column is folded.
fn table(rows: &[Vec<String>], width: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let longest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (column, cell) in row.iter().enumerate() {
            line.push_str(cell);
            if column + 1 < columns {
                let gap = longest(column).unwrap_or_default() - cell.chars().count() + 2;
                line.push_str(&" ".repeat(gap));
            }
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        text.push_str(&fold::text(&line, width));
    }
    text
}

fn command(purpose: &str, script: &str, width: usize) -> String {
    let script: String = script.lines().map(|line| format!("    {line}\n")).collect();
    fold::hung(&format!("  # {purpose}\n"), width, 4) + &fold::script(&script, width)
}
