//! Tables of facts: files with one row a line and tabs between the cells.
//!
//! A line that begins with `#` is a comment. The comment above the first row names the columns, with tabs between the
//! names. A blank line is no row. The build script reads the tables that it packs with the same code, so this file
//! names no other module of the crate.

use std::{collections::HashMap, fmt, str::FromStr, sync::OnceLock};

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

/// A table of `N` columns that is part of the program. Nothing is read before a row is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Table<const N: usize> {
    file: &'static str,
    text: &'static str,
    columns: [&'static str; N],
}

/// Embeds a table: its path in the repository, and its columns.
macro_rules! table {
    ($file:literal, [$($column:literal),+ $(,)?]) => {
        $crate::table::Table::new(
            $file,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file)),
            [$($column),+],
        )
    };
}
pub(crate) use table;

impl<const N: usize> Table<N> {
    /// Names the file, its text and its columns. [`table!`] reads the text.
    pub const fn new(file: &'static str, text: &'static str, columns: [&'static str; N]) -> Self {
        Self { file, text, columns }
    }

    /// The rows in order, each split into its cells when it is reached.
    pub fn rows(self) -> impl Iterator<Item = [&'static str; N]> {
        self.lines().map(Row::embedded)
    }

    /// The row with this first cell. The others are not split.
    pub fn row(self, key: &str) -> Option<[&'static str; N]> {
        self.lines().find(|row| row.key() == key).map(Row::embedded)
    }

    /// All rows, each as `read` understands its cells.
    ///
    /// # Panics
    ///
    /// With file and line, where a row cannot be read. The tests read all rows of all tables.
    pub fn read<T>(self, read: impl Fn([&'static str; N]) -> Result<T, String>) -> Vec<T> {
        self.lines().map(|row| row.understood(&read)).collect()
    }

    fn lines(self) -> impl Iterator<Item = Row<'static>> {
        debug_assert!(names_columns(self.text, &self.columns), "{}: the columns are {:?}", self.file, self.columns);
        rows(self.file, self.text)
    }
}

/// The rows of a table, each understood when it is first asked for, since nearly all rows never are.
#[derive(Debug)]
pub struct LazyRows<const N: usize, T> {
    read: fn([&'static str; N]) -> Result<T, String>,
    /// The box keeps a row small that is not understood yet.
    rows: Vec<(Row<'static>, OnceLock<Box<T>>)>,
    /// The positions of the rows with each first cell, once they are asked for.
    positions: OnceLock<HashMap<&'static str, Vec<usize>>>,
}

impl<const N: usize, T> LazyRows<N, T> {
    /// Finds where the rows begin, and understands none.
    pub fn new(table: Table<N>, read: fn([&'static str; N]) -> Result<T, String>) -> Self {
        let rows = table.lines().map(|row| (row, OnceLock::new())).collect();
        Self { read, rows, positions: OnceLock::new() }
    }

    /// The first cells of all rows, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|(row, _)| row.key())
    }

    /// The row at a position among [`Self::keys`].
    ///
    /// # Panics
    ///
    /// As [`Table::read`], and if there is no such row.
    pub fn at(&self, position: usize) -> &T {
        let (row, understood) = &self.rows[position];
        understood.get_or_init(|| Box::new(row.understood(self.read)))
    }

    /// The rows with this first cell, in order.
    ///
    /// # Panics
    ///
    /// As [`Table::read`].
    pub fn named(&self, key: &str) -> impl Iterator<Item = &T> {
        let positions = self.positions.get_or_init(|| {
            let mut positions: HashMap<_, Vec<usize>> = HashMap::with_capacity(self.rows.len());
            self.keys().enumerate().for_each(|(position, key)| positions.entry(key).or_default().push(position));
            positions
        });
        positions.get(key).into_iter().flatten().map(|position| self.at(*position))
    }

    /// The rows with a first cell that is `wanted`, in order.
    ///
    /// # Panics
    ///
    /// As [`Table::read`].
    pub fn such(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = &T> {
        let found = self.keys().enumerate().filter(move |(_, key)| wanted(key));
        found.map(|(position, _)| self.at(position))
    }
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

impl Row<'static> {
    fn embedded<const N: usize>(self) -> [&'static str; N] {
        self.understood(Ok)
    }

    fn understood<const N: usize, T>(self, read: impl Fn([&'static str; N]) -> Result<T, String>) -> T {
        let understood = self.fields().and_then(|cells| read(cells).map_err(|why| self.bad(why)));
        understood.unwrap_or_else(|bad| panic!("{bad}"))
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

    const FRUIT: Table<3> = Table::new(
        "fruit.tsv",
        "# What grows.\n# name\tcolour\tsource\n\n# trees\napple\tred\ta\npear\tgreen\tb\n",
        ["name", "colour", "source"],
    );

    #[test]
    fn rows_are_found_between_comments() {
        assert_eq!(FRUIT.rows().collect::<Vec<_>>(), [["apple", "red", "a"], ["pear", "green", "b"]]);
        assert_eq!(FRUIT.row("pear"), Some(["pear", "green", "b"]));
        assert_eq!(FRUIT.row("green"), None);
        assert_eq!(FRUIT.row("pe"), None);
    }

    #[test]
    fn only_rows_that_are_asked_for_are_understood() {
        let read = |[name, colour, _]: [&'static str; 3]| match colour {
            "red" => Ok(name),
            _ => Err(format!("{colour} was understood")),
        };
        let lazy = LazyRows::new(FRUIT, read);
        assert_eq!(lazy.such(|key| key == "apple").collect::<Vec<_>>(), [&"apple"]);
    }

    #[test]
    #[should_panic(expected = "fruit.tsv:6: green is unripe")]
    fn a_row_that_cannot_be_read_is_named_with_its_line() {
        FRUIT.read(|[_, colour, _]| if colour == "green" { Err("green is unripe".to_owned()) } else { Ok(()) });
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
