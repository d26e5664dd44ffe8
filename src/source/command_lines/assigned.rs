//! The known values of variables.

use std::collections::BTreeMap;

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    pub text: String,
    /// Whether the value is the words of a list: `X=(a b)`.
    pub is_list: bool,
}

/// The variables of a text with one value.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    found: BTreeMap<String, Option<Assigned>>,
}

/// The most variables of one text.
const MOST: usize = 5_000;

impl Values {
    /// The value of a variable. `None` if the text sets none, or several.
    pub fn get(&self, name: &str) -> Option<&Assigned> {
        self.found.get(name)?.as_ref()
    }

    /// Adds a value. A second one makes the variable unknown.
    pub fn add(&mut self, name: &str, text: String, is_list: bool) {
        if self.found.len() >= MOST {
            return;
        }
        let assigned = Assigned { text, is_list };
        match self.found.get_mut(name) {
            Some(before) if before.as_ref() != Some(&assigned) => *before = None,
            Some(_) => {}
            None => {
                self.found.insert(name.to_owned(), Some(assigned));
            }
        }
    }

    /// Removes a variable, and gives what was known of it.
    pub fn take(&mut self, name: &str) -> Option<Option<Assigned>> {
        self.found.remove(name)
    }

    /// Sets again what was known of a variable.
    pub fn put(&mut self, name: &str, known: Option<Assigned>) {
        self.found.insert(name.to_owned(), known);
    }
}
