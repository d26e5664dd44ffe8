//! Tables for a terminal: columns of text. The last column is folded at the width of the terminal.

use super::style;
use crate::fold;

/// Space between two columns.
const GAP: &str = "  ";

/// Smallest width of the last column. On a narrower terminal, the last column is below the others.
const NARROWEST: usize = 30;

/// Formats a table with its headings, if any. Without a width, no line is folded.
pub(super) fn table<const COLUMNS: usize>(
    heads: Option<[&str; COLUMNS]>,
    rows: &[[String; COLUMNS]],
    width: Option<usize>,
) -> String {
    let of_head = |column: usize| heads.map_or(0, |heads| heads[column].chars().count());
    let of_column = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| of_column(column).max(of_head(column)));
    let before: usize = widths.iter().take(COLUMNS.saturating_sub(1)).map(|width| width + GAP.len()).sum();
    let is_narrow = width.is_some_and(|width| before + widths[COLUMNS - 1].min(NARROWEST) > width);
    let line = |cells: [&str; COLUMNS]| {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            if at + 1 == COLUMNS && is_narrow {
                line.truncate(line.trim_end().len());
                line.push_str("\n    ");
            }
            line.push_str(cell);
            if at + 1 < COLUMNS {
                let wide = if is_narrow && at > 0 { 0 } else { widths[at] };
                line.push_str(&" ".repeat(wide.saturating_sub(cell.chars().count()) + GAP.len()));
            }
        }
        line
    };
    let mut table = String::new();
    if let Some(heads) = heads.filter(|_| !is_narrow) {
        table.push_str(&format!("{}\n", style::heading(&line(heads))));
    }
    for row in rows {
        let line = line(row.each_ref().map(String::as_str)) + "\n";
        table.push_str(&match width {
            None => line,
            Some(width) if is_narrow => fold::hung(&line, width, 4),
            Some(width) => fold::hung(&line, width, before),
        });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [[String; 3]; 2] {
        [["auth-off", "warning", "no password is required by Redis"], ["x", "error", "short"]]
            .map(|row| row.map(str::to_owned))
    }

    #[test]
    fn a_table_is_as_wide_as_its_cells() {
        let table = table(None, &rows(), None);
        assert_eq!(table, "auth-off  warning  no password is required by Redis\nx         error    short\n");
    }

    #[test]
    fn the_last_column_is_folded() {
        let table = table(None, &rows(), Some(50));
        let folded =
            "auth-off  warning  no password is required by\n                   Redis\nx         error    short\n";
        assert_eq!(table, folded);
    }

    #[test]
    fn the_last_column_comes_below_the_others_where_there_is_no_room() {
        let table = table(Some(["RULE", "SEVERITY", "TEXT"]), &rows(), Some(30));
        let below = "auth-off  warning\n    no password is required by\n    Redis\nx         error\n    short\n";
        assert_eq!(table, below);
    }
}
