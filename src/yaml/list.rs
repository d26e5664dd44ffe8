//! A list of values that is cheap to copy.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::Value;

/// Items of a list. A copy shares the items until one of the two changes.
#[derive(Clone, Default)]
pub struct List {
    /// `None` is an empty list.
    items: Option<Arc<Vec<Value>>>,
}

impl List {
    pub fn into_vec(self) -> Vec<Value> {
        self.items.map(Arc::unwrap_or_clone).unwrap_or_default()
    }

    /// The items of this list alone.
    pub fn to_mut(&mut self) -> &mut Vec<Value> {
        Arc::make_mut(self.items.get_or_insert_default())
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.items.as_deref().map(Vec::as_slice).unwrap_or_default()
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut [Value] {
        self.items.as_mut().map(|items| Arc::make_mut(items).as_mut_slice()).unwrap_or_default()
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.items, &other.items) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        is_same || **self == **other
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self { items: (!items.is_empty()).then(|| Arc::new(items)) }
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

impl IntoIterator for List {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_does_not_change_with_the_other() {
        let list: List = [1, 2].map(Value::Int).into_iter().collect();
        let mut copy = list.clone();
        assert_eq!(copy, list);
        copy[0] = Value::Null;
        copy.to_mut().push(Value::Null);
        assert_eq!(list.into_vec(), [1, 2].map(Value::Int));
        assert_eq!(copy.into_vec(), [Value::Null, Value::Int(2), Value::Null]);
        assert_eq!(List::default(), List::from(Vec::new()));
    }
}
