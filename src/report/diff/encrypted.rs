//! Replaces encrypted values in reports, because a reader cannot use their ciphertext.

use std::borrow::Cow;

use crate::{
    encryption,
    yaml::{Map, Value},
};

/// Replaces each encrypted text in a value by a placeholder.
///
/// `other` is the value of the other side. Different ciphertexts may decrypt to the same value.
pub(super) fn mask_encrypted<'v>(value: &'v Value, other: Option<&Value>) -> Cow<'v, Value> {
    if encryption::is_in(value) { Cow::Owned(masked(value, other)) } else { Cow::Borrowed(value) }
}

fn masked(value: &Value, other: Option<&Value>) -> Value {
    match value {
        Value::String(text) if encryption::of(text).is_some() => {
            let differs = other.is_some_and(|other| encryption::is_in(other) && other != value);
            Value::from(if differs { "<encrypted, may differ>" } else { "<encrypted>" })
        }
        Value::Map(map) => {
            let of_other = |key: &str| other.and_then(Value::as_map).and_then(|other| other.get(key));
            Value::Map(map.iter().map(|(key, value)| (key.to_owned(), masked(value, of_other(key)))).collect::<Map>())
        }
        Value::List(items) => {
            let of_other = |at: usize| other.and_then(Value::as_list).and_then(|other| other.get(at));
            Value::List(items.iter().enumerate().map(|(at, value)| masked(value, of_other(at))).collect())
        }
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_values;

    #[test]
    fn only_encrypted_values_are_masked() {
        let read = |text: &str| Value::Map(read_values(text).unwrap());
        let (old, new) =
            (read("a: ENC[a,b]\nb: {c: ['ENC[x,y]']}\nd: 1\n"), read("a: ENC[a,c]\nb: {c: ['ENC[x,y]']}\n"));
        assert_eq!(*mask_encrypted(&old, None), read("a: <encrypted>\nb: {c: [<encrypted>]}\nd: 1\n"));
        assert_eq!(*mask_encrypted(&new, Some(&old)), read("a: <encrypted, may differ>\nb: {c: [<encrypted>]}\n"));
    }
}
