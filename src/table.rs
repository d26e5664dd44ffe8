//! Tables of facts: files with one row a line and tabs between the cells.
//!
//! A line that begins with `#` is a comment. The comment above the first row names the columns, with tabs between the
//! names. A blank line is no row. The build script reads the tables that it packs with the same code, so this file
//! names no other module of the crate.

use std::{fmt, str::FromStr};

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

/// A table of `N` columns that is part of the program. The build script finds its rows and cells: nothing is searched
/// when the program runs, and a row is understood when it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Table<const N: usize> {
    file: &'static str,
    text: &'static str,
    columns: [&'static str; N],
    index: Index<'static>,
}

/// Where the rows of a table and their cells are in its text.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a> {
    /// For each row: the position of its first byte, and its line, from 1.
    pub rows: &'a [(u32, u32)],
    /// For each cell of each row: the bytes from the start of the row to the end of the cell.
    pub ends: &'a [u16],
    /// The numbers of the rows, from 0, by their first cells. Equal ones are in order.
    pub sorted: &'a [u16],
}

/// Embeds a table: its path in the repository, and its columns.
macro_rules! table {
    ($file:literal, [$($column:literal),+ $(,)?]) => {
        $crate::table::Table::new(
            $file,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file)),
            [$($column),+],
            include!(concat!(env!("OUT_DIR"), "/", $file, ".rs")),
        )
    };
}
pub(crate) use table;

impl<const N: usize> Table<N> {
    /// Names the file, its text, its columns and its index. [`table!`] reads them.
    ///
    /// # Panics
    ///
    /// Where the rows of the index do not have `N` cells. For a constant, the build fails.
    pub const fn new(
        file: &'static str,
        text: &'static str,
        columns: [&'static str; N],
        index: Index<'static>,
    ) -> Self {
        assert!(index.ends.len() == index.rows.len() * N, "a row has more or fewer cells than the table has columns");
        Self { file, text, columns, index }
    }

    /// How many rows the table has.
    pub const fn len(self) -> usize {
        self.index.rows.len()
    }

    /// The rows in order, each split into its cells when it is reached.
    pub fn rows(self) -> impl Iterator<Item = [&'static str; N]> {
        (0..self.len()).map(move |number| self.cells(number))
    }

    /// The first row with this first cell. The others are not split.
    pub fn row(self, key: &str) -> Option<[&'static str; N]> {
        self.named(key).next().map(|number| self.cells(number))
    }

    /// The numbers of the rows with this first cell, from 0 and in order.
    pub fn named(self, key: &str) -> impl Iterator<Item = usize> {
        let sorted = self.index.sorted;
        let from = sorted.partition_point(|number| self.key(usize::from(*number)) < key);
        let numbers = sorted[from..].iter().map(|number| usize::from(*number));
        numbers.take_while(move |number| self.key(*number) == key)
    }

    /// The first cell of a row by its number, from 0.
    pub fn key(self, number: usize) -> &'static str {
        let (start, end) = (self.index.rows[number].0 as usize, usize::from(self.index.ends[number * N]));
        &self.text[start..start + end]
    }

    /// The cells of a row by its number, from 0.
    pub fn cells(self, number: usize) -> [&'static str; N] {
        debug_assert!(names_columns(self.text, &self.columns), "{}: the columns are {:?}", self.file, self.columns);
        let row = &self.text[self.index.rows[number].0 as usize..];
        let ends = &self.index.ends[number * N..(number + 1) * N];
        let mut start = 0;
        std::array::from_fn(|column| {
            let cell = &row[start..usize::from(ends[column])];
            start = usize::from(ends[column]) + 1;
            cell
        })
    }

    /// A row by its number, from 0, as `read` understands its cells.
    ///
    /// # Panics
    ///
    /// With file and line, where the row cannot be read. The tests read all rows of all tables.
    pub fn understood<T>(self, number: usize, read: impl Fn([&'static str; N]) -> Result<T, String>) -> T {
        read(self.cells(number)).unwrap_or_else(|message| {
            let line = self.index.rows[number].1 as usize;
            panic!("{}", BadRow { file: self.file, line, message })
        })
    }

    /// All rows, each as `read` understands its cells.
    ///
    /// # Panics
    ///
    /// As [`Self::understood`].
    pub fn read<T>(self, read: impl Fn([&'static str; N]) -> Result<T, String>) -> Vec<T> {
        (0..self.len()).map(|number| self.understood(number, &read)).collect()
    }
}

/// The parts of an [`Index`].
#[cfg_attr(not(test), allow(dead_code, reason = "tables are indexed when the crate is built, not at run time"))]
#[derive(Debug, Default)]
pub struct Indexed {
    pub rows: Vec<(u32, u32)>,
    pub ends: Vec<u16>,
    pub sorted: Vec<u16>,
}

/// Finds the rows of a text and their cells.
///
/// # Errors
///
/// Where a row has more or fewer cells than the first one, or where a number does not fit into an [`Index`].
#[cfg_attr(not(test), allow(dead_code, reason = "tables are indexed when the crate is built, not at run time"))]
pub fn indexed(file: &'static str, text: &str) -> Result<Indexed, BadRow> {
    let found: Vec<Row<'_>> = rows(file, text).collect();
    let mut indexed = Indexed::default();
    let mut columns = None;
    for row in &found {
        let too_long = |_| row.bad("the table is too long");
        let start = row.text.as_ptr() as usize - text.as_ptr() as usize;
        indexed.rows.push((u32::try_from(start).map_err(too_long)?, u32::try_from(row.line).map_err(too_long)?));
        let mut end = 0;
        let cells = row.text.split('\t').map(|cell| {
            end += cell.len() + 1;
            u16::try_from(end - 1).map_err(too_long)
        });
        let cells = cells.collect::<Result<Vec<u16>, BadRow>>()?;
        let expected = *columns.get_or_insert(cells.len());
        if cells.len() != expected {
            return Err(row.bad(format!("{} columns, expected {expected}", cells.len())));
        }
        indexed.ends.extend(cells);
    }
    let numbers = 0..u16::try_from(found.len()).map_err(|_| found[0].bad("the table has too many rows"))?;
    indexed.sorted = numbers.collect();
    indexed.sorted.sort_by_key(|number| found[usize::from(*number)].key());
    Ok(indexed)
}

/// An error in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    pub file: &'static str,
    /// From 1; 0 for the whole file.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// A line of a table, apart from comments.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub file: &'static str,
    /// From 1.
    pub line: usize,
    text: &'a str,
}

impl<'a> Row<'a> {
    /// The first cell.
    pub fn key(&self) -> &'a str {
        self.text.bytes().position(|byte| byte == b'\t').map_or(self.text, |end| &self.text[..end])
    }

    /// The cells.
    ///
    /// # Errors
    ///
    /// Where there are more or fewer than `N`.
    #[cfg_attr(not(test), allow(dead_code, reason = "only the build script splits rows"))]
    pub fn fields<const N: usize>(&self) -> Result<[&'a str; N], BadRow> {
        let mut cells = self.text.split('\t');
        let fields = [(); N].map(|()| cells.next());
        if fields.contains(&None) || cells.next().is_some() {
            return Err(self.bad(format!("{} columns instead of {N}", self.text.split('\t').count())));
        }
        Ok(fields.map(Option::unwrap_or_default))
    }

    pub fn bad(&self, message: impl Into<String>) -> BadRow {
        BadRow { file: self.file, line: self.line, message: message.into() }
    }
}

/// The rows of a text, which are not checked.
pub fn rows<'a>(file: &'static str, text: &'a str) -> impl Iterator<Item = Row<'a>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(move |(at, text)| Row { file, line: at + 1, text })
}

/// The rows of a text, all of them with these columns and no empty cell.
///
/// # Errors
///
/// Where a row is not so, or no comment above the rows names the columns.
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "tables are checked when the crate is built and tested, not at run time")
)]
pub fn checked<'a>(file: &'static str, text: &'a str, columns: &[&str]) -> Result<Vec<Row<'a>>, BadRow> {
    if !names_columns(text, columns) {
        let message = format!("the columns are {}", columns.join(", "));
        // The comment that comes nearest to their names.
        let line =
            comments_above(text).filter(|(_, comment)| comment.contains('\t')).last().map_or(1, |(at, _)| at + 1);
        return Err(BadRow { file, line, message });
    }
    let found: Vec<Row<'a>> = rows(file, text).collect();
    for row in &found {
        let cells: Vec<&str> = row.text.split('\t').collect();
        if cells.len() != columns.len() {
            let message = format!("{} columns, expected {}: {}", cells.len(), columns.len(), columns.join(", "));
            return Err(row.bad(message));
        }
        if let Some(at) = cells.iter().position(|cell| cell.is_empty() || cell.trim() != *cell) {
            return Err(row.bad(format!("column `{}` is empty or has blanks around it", columns[at])));
        }
    }
    Ok(found)
}

/// Whether a comment above the first row names the columns.
fn names_columns(text: &str, columns: &[&str]) -> bool {
    comments_above(text).any(|(_, comment)| comment.split('\t').eq(columns.iter().copied()))
}

/// The comments above the first row, each with the number of lines before it.
fn comments_above(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let above = text.lines().enumerate().take_while(|(_, line)| line.is_empty() || line.starts_with('#'));
    above.filter_map(|(at, line)| Some((at, line.strip_prefix('#')?.trim())))
}

/// A cell that names a value of an enum.
///
/// # Errors
///
/// Where no value has the name.
pub fn word<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    T::deserialize(text.into_deserializer()).map_err(|error: value::Error| error.to_string())
}

/// A cell that names several values of an enum, with a separator between them.
///
/// # Errors
///
/// As [`word`].
pub fn words<'de, T: Deserialize<'de>>(text: &'de str, separator: char) -> Result<Vec<T>, String> {
    text.split(separator).map(word).collect()
}

/// A cell that may be empty, written as `-`.
pub fn optional(text: &str) -> Option<&str> {
    (text != "-").then_some(text)
}

/// A cell with words between commas; `-` for none.
pub fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|word| *word != "-")
}

/// A cell that has to hold a text.
///
/// # Errors
///
/// Where the cell is empty.
pub fn filled(text: &str) -> Result<&str, String> {
    if text.trim().is_empty() { Err("empty cell".to_owned()) } else { Ok(text) }
}

/// A cell that holds something with a written form, such as a version.
///
/// # Errors
///
/// Where the cell holds something else.
pub fn parsed<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

/// A cell that holds a number.
///
/// # Errors
///
/// Where the cell holds no such number.
pub fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    const FRUIT: &str =
        "# What grows.\n# name\tcolour\tsource\n\n# trees\npear\tgreen\tb\napple\tred\ta\npear\tred\tc\n";

    fn fruit() -> Table<3> {
        let Indexed { rows, ends, sorted } = indexed("fruit.tsv", FRUIT).unwrap();
        let index = Index { rows: rows.leak(), ends: ends.leak(), sorted: sorted.leak() };
        Table::new("fruit.tsv", FRUIT, ["name", "colour", "source"], index)
    }

    #[test]
    fn rows_are_found_between_comments() {
        let rows = [["pear", "green", "b"], ["apple", "red", "a"], ["pear", "red", "c"]];
        assert_eq!(fruit().rows().collect::<Vec<_>>(), rows);
        assert_eq!(fruit().row("pear"), Some(["pear", "green", "b"]));
        assert_eq!(fruit().named("pear").collect::<Vec<_>>(), [0, 2]);
        assert_eq!(fruit().row("green"), None);
        assert_eq!(fruit().row("pe"), None);
        assert_eq!(fruit().row("pears"), None);
    }

    #[test]
    fn a_table_with_rows_of_two_lengths_has_no_index() {
        let bad = indexed("fruit.tsv", "# a\tb\n1\t2\n\n1\t2\t3\n").unwrap_err();
        assert_eq!(bad.to_string(), "fruit.tsv:4: 3 columns, expected 2");
    }

    #[test]
    #[should_panic(expected = "fruit.tsv:5: green is unripe")]
    fn a_row_that_cannot_be_read_is_named_with_its_line() {
        fruit().read(|[_, colour, _]| if colour == "green" { Err("green is unripe".to_owned()) } else { Ok(()) });
    }

    #[test]
    fn a_table_is_checked() {
        let bad = |text: &'static str| checked("t.tsv", text, &["a", "b"]).unwrap_err().to_string();
        assert_eq!(bad("1\t2\n"), "t.tsv:1: the columns are a, b");
        assert_eq!(bad("1\t2\n# a\tb\n"), "t.tsv:1: the columns are a, b");
        assert_eq!(bad("# Why.\n# a\tc\n1\t2\n"), "t.tsv:2: the columns are a, b");
        assert_eq!(bad("# a\tb\n1\n"), "t.tsv:2: 1 columns, expected 2: a, b");
        assert_eq!(bad("# a\tb\n1\t2\n\n1\t2\t3\n"), "t.tsv:4: 3 columns, expected 2: a, b");
        assert_eq!(bad("# a\tb\n1\t\n"), "t.tsv:2: column `b` is empty or has blanks around it");
        assert_eq!(bad("# a\tb\n 1\t2\n"), "t.tsv:2: column `a` is empty or has blanks around it");
        let rows = checked("t.tsv", "# Why.\n# a\tb\n# part\n1\t2\n", &["a", "b"]).unwrap();
        assert_eq!(rows[0].fields(), Ok(["1", "2"]));
        assert_eq!(rows[0].fields::<3>().unwrap_err().to_string(), "t.tsv:4: 2 columns instead of 3");
    }

    fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, extension, found);
            } else if path.extension().is_some_and(|known| known == extension) {
                found.push(path);
            }
        }
    }

    /// Each table of the crate has the form of a table, and is read here or by the build script.
    #[test]
    fn every_table_of_the_crate_is_checked_and_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (mut tables, mut sources) = (Vec::new(), Vec::new());
        files(&root.join("src"), "tsv", &mut tables);
        files(&root.join("src"), "rs", &mut sources);
        let mut code: String = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        code.retain(|c| !c.is_whitespace());
        let packed = fs::read_to_string(root.join("build/tables.rs")).unwrap();
        assert!(tables.len() > 30, "{tables:?}");
        for path in tables {
            let file = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            let file: &'static str = file.leak();
            let text = fs::read_to_string(&path).unwrap();
            let comments: Vec<&str> = comments_above(&text).map(|(_, comment)| comment).collect();
            let header = comments.iter().rfind(|line| line.contains('\t')).or(comments.last());
            let columns: Vec<&str> = header.unwrap_or_else(|| panic!("{file}: no header")).split('\t').collect();
            checked(file, &text, &columns).unwrap_or_else(|bad| panic!("{bad}"));
            let name = file.strip_prefix("src/chart/data/").map(|name| format!("\"{name}\""));
            let is_packed = name.is_some_and(|name| packed.contains(&name));
            let is_embedded = code.contains(&format!("table!(\"{file}\""));
            assert!(is_packed != is_embedded, "{file} is read with `table!`, or packed by `build/tables.rs`");
        }
    }
}
