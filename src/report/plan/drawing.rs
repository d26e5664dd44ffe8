//! The topology as a drawing of 80 columns: clients, Services, pods and volumes.
//!
//! Services that lead to one workload are left of it. Services that lead to several are below, and lead to their names.

use super::graph::{Graph, Node, ServiceNode};

/// The columns of the parts: names of clients, boxes of Services, the line between, boxes of workloads.
const SERVICE: usize = 14;
const SERVICE_WIDTH: usize = 30;
const LANE: usize = 46;
const WORKLOAD: usize = 49;
const WORKLOAD_WIDTH: usize = 31;

/// Characters of a drawing, which grows downwards.
#[derive(Default)]
struct Canvas {
    rows: Vec<Vec<char>>,
}

impl Canvas {
    fn put(&mut self, row: usize, column: usize, c: char) {
        while self.rows.len() <= row {
            self.rows.push(Vec::new());
        }
        let line = &mut self.rows[row];
        while line.len() <= column {
            line.push(' ');
        }
        line[column] = c;
    }

    fn text(&mut self, row: usize, column: usize, text: &str) {
        for (at, c) in text.chars().enumerate() {
            self.put(row, column + at, c);
        }
    }

    /// Draws a box, and returns its rows.
    fn boxed(&mut self, row: usize, column: usize, width: usize, node: &Node) -> usize {
        let inside = width - 4;
        let mut lines = wrapped(&node.title, inside);
        lines.extend(node.lines.iter().flat_map(|line| wrapped(line, inside)));
        let edge = "─".repeat(width - 2);
        self.text(row, column, &format!("┌{edge}┐"));
        for (at, line) in lines.iter().enumerate() {
            self.text(row + 1 + at, column, "│");
            self.text(row + 1 + at, column + 2, line);
            self.put(row + 1 + at, column + width - 1, '│');
        }
        self.text(row + 1 + lines.len(), column, &format!("└{edge}┘"));
        lines.len() + 2
    }

    fn finish(self) -> String {
        let mut text = String::new();
        for row in self.rows {
            text.push_str(row.into_iter().collect::<String>().trim_end());
            text.push('\n');
        }
        text
    }
}

/// A text in lines of at most `width` characters, broken at blanks, and inside of long words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let fits = |line: &String| line.chars().count() + 1 + word.len() <= width;
        if let Some(line) = lines.last_mut().filter(|line| fits(line)) {
            line.push(' ');
            line.extend(word);
            continue;
        }
        while word.len() > width {
            let rest = word.split_off(width);
            lines.push(word.into_iter().collect());
            word = rest;
        }
        lines.push(word.into_iter().collect());
    }
    lines
}

/// The drawing, with a newline at the end of each line.
pub(super) fn render(graph: &Graph) -> String {
    let mut canvas = Canvas::default();
    let mut row = 0;
    for (index, workload) in graph.workloads.iter().enumerate() {
        let services: Vec<&ServiceNode> = graph.services.iter().filter(|service| service.leads_to == [index]).collect();
        if graph.copies.iter().any(|(_, replica)| *replica == index) {
            canvas.text(row, WORKLOAD + 2, "│ replication");
            canvas.text(row + 1, WORKLOAD + 2, "v");
            row += 2;
        }
        let mut entries = Vec::new();
        let mut left = row;
        for service in services {
            let height = draw_service(&mut canvas, left, service);
            entries.push(left + 1);
            left += height;
        }
        let mut right = row + canvas.boxed(row, WORKLOAD, WORKLOAD_WIDTH, &workload.node);
        for volume in &workload.volumes {
            canvas.put(right - 1, WORKLOAD + 2, '┬');
            canvas.boxed(right, WORKLOAD, WORKLOAD_WIDTH, volume);
            canvas.put(right, WORKLOAD + 2, '┴');
            right += 2 + volume_rows(volume);
        }
        connect(&mut canvas, &entries, row + 1);
        row = left.max(right);
    }
    let several = graph.services.iter().filter(|service| service.leads_to.len() != 1);
    for service in several {
        let height = draw_service(&mut canvas, row, service);
        let to: Vec<&str> = service.leads_to.iter().map(|index| graph.workloads[*index].node.title.as_str()).collect();
        let to = if to.is_empty() { "no pod of the release".to_owned() } else { to.join(", ") };
        canvas.text(row + 1, SERVICE + SERVICE_WIDTH, "───>");
        let width = WORKLOAD + WORKLOAD_WIDTH - LANE - 3;
        let lines = wrapped(&to, width);
        for (at, line) in lines.iter().enumerate() {
            canvas.text(row + 1 + at, LANE + 3, line);
        }
        row += height.max(lines.len() + 1);
    }
    canvas.finish()
}

fn volume_rows(volume: &Node) -> usize {
    let inside = WORKLOAD_WIDTH - 4;
    wrapped(&volume.title, inside).len() + volume.lines.iter().map(|line| wrapped(line, inside).len()).sum::<usize>()
}

/// Draws the clients of a Service and its box, and returns the rows.
fn draw_service(canvas: &mut Canvas, row: usize, service: &ServiceNode) -> usize {
    let height = canvas.boxed(row, SERVICE, SERVICE_WIDTH, &service.node);
    let label = service.origin.short();
    canvas.text(row + 1, 0, label);
    for column in label.len() + 1..SERVICE - 1 {
        canvas.put(row + 1, column, '─');
    }
    canvas.put(row + 1, SERVICE - 1, '>');
    height
}

/// Connects the Services at these rows with the workload at a row, which is the first of them or above them.
fn connect(canvas: &mut Canvas, entries: &[usize], at: usize) {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return };
    for row in (*first).min(at)..=*last {
        canvas.put(row, LANE, '│');
    }
    for row in entries {
        canvas.text(*row, SERVICE + SERVICE_WIDTH, "──");
        let joint = match (row == first, row == last, *row == at) {
            (true, true, _) => '─',
            (true, false, _) => '┬',
            (false, true, _) => '┘',
            _ => '┤',
        };
        canvas.put(*row, LANE, joint);
    }
    canvas.text(at, LANE + 1, "─>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
