//! Facts by number, each made when it is first asked for: a run of the program asks for few of them.

use std::sync::OnceLock;

use crate::table::Table;

/// Facts by number. Memory for [`PART`] of them is reserved when the first of these is asked for: a short run does not
/// write the memory of thousands of facts.
#[derive(Debug)]
pub struct LazyFacts<T> {
    parts: Box<[OnceLock<Box<Part<T>>>]>,
}

/// The boxes keep a part small as long as few of its facts are made.
type Part<T> = [OnceLock<Box<T>>; PART];

const PART: usize = 32;

impl<T> LazyFacts<T> {
    /// Prepares for this number of facts, and makes none.
    pub fn new(count: usize) -> Self {
        Self { parts: (0..count.div_ceil(PART)).map(|_| OnceLock::new()).collect() }
    }

    /// The fact with a number, from 0. `make` makes it if it was not asked for before.
    ///
    /// # Panics
    ///
    /// Where the number is not below the count, rounded up to whole parts.
    pub fn get(&self, number: usize, make: impl FnOnce() -> T) -> &T {
        let part = self.parts[number / PART].get_or_init(|| Box::new([const { OnceLock::new() }; PART]));
        part[number % PART].get_or_init(|| Box::new(make()))
    }
}

/// The rows of a table, each understood when it is first asked for.
#[derive(Debug)]
pub struct LazyRows<const N: usize, T> {
    table: Table<N>,
    read: fn([&'static str; N]) -> Result<T, String>,
    rows: LazyFacts<T>,
}

impl<const N: usize, T> LazyRows<N, T> {
    pub fn new(table: Table<N>, read: fn([&'static str; N]) -> Result<T, String>) -> Self {
        Self { table, read, rows: LazyFacts::new(table.len()) }
    }

    /// The first cells of all rows, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        (0..self.table.len()).map(|number| self.table.key(number))
    }

    /// The row with a number among [`Self::keys`], from 0.
    ///
    /// # Panics
    ///
    /// As [`Table::understood`], and if there is no such row.
    pub fn at(&self, number: usize) -> &T {
        self.rows.get(number, || self.table.understood(number, self.read))
    }

    /// The rows with this first cell, in order.
    ///
    /// # Panics
    ///
    /// As [`Table::understood`].
    pub fn named(&self, key: &str) -> impl Iterator<Item = &T> {
        self.table.named(key).map(|number| self.at(number))
    }

    /// The rows with a first cell that is `wanted`, in order.
    ///
    /// # Panics
    ///
    /// As [`Table::understood`].
    pub fn such(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = &T> {
        let found = self.keys().enumerate().filter(move |(_, key)| wanted(key));
        found.map(|(number, _)| self.at(number))
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use super::*;
    use crate::table::Index;

    #[test]
    fn a_fact_is_made_once() {
        let facts = LazyFacts::new(40);
        let made = Cell::new(0);
        let fact = |number| facts.get(number, || made.replace(made.get() + 1) + number);
        assert_eq!([*fact(39), *fact(0), *fact(39)], [39, 1, 39]);
        assert_eq!(made.get(), 2);
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn a_number_without_a_fact_is_refused() {
        LazyFacts::new(32).get(32, || ());
    }

    #[test]
    fn only_rows_that_are_asked_for_are_understood() {
        const INDEX: Index<'_> = Index { rows: &[(7, 3), (17, 4)], ends: &[5, 9, 4, 10], sorted: &[0, 1] };
        const FRUIT: Table<2> = Table::new("fruit.tsv", "# a\tb\n\napple\tred\npear\tgreen\n", ["a", "b"], INDEX);
        let read = |[name, colour]: [&'static str; 2]| match colour {
            "red" => Ok(Rc::new(name)),
            _ => Err(format!("{colour} was understood")),
        };
        let lazy = LazyRows::new(FRUIT, read);
        assert_eq!(lazy.such(|key| key == "apple").collect::<Vec<_>>(), [&Rc::new("apple")]);
        let row = lazy.named("apple").next().unwrap();
        assert!(Rc::ptr_eq(row, lazy.at(0)));
    }
}
