//! Encrypted values as a report shows them: their text says nothing to a reader.

use crate::{
    encryption,
    yaml::{Map, Value},
};

/// A value with a word in the place of each encrypted text in it. `other` is the value on the other side: two texts that
/// are encrypted otherwise may be one value.
pub(super) fn veiled(value: &Value, other: Option<&Value>) -> Value {
    match value {
        Value::String(text) if encryption::of(text).is_some() => {
            let differs = other.is_some_and(|other| encryption::is_in(other) && other != value);
            Value::from(if differs { "<encrypted, may differ>" } else { "<encrypted>" })
        }
        Value::Map(map) => {
            let of_other = |key: &str| other.and_then(Value::as_map).and_then(|other| other.get(key));
            Value::Map(map.iter().map(|(key, value)| (key.to_owned(), veiled(value, of_other(key)))).collect::<Map>())
        }
        Value::List(items) => {
            let of_other = |at: usize| other.and_then(Value::as_list).and_then(|other| other.get(at));
            Value::List(items.iter().enumerate().map(|(at, value)| veiled(value, of_other(at))).collect())
        }
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_values;

    #[test]
    fn only_what_is_encrypted_is_veiled() {
        let read = |text: &str| Value::Map(read_values(text).unwrap());
        let (old, new) =
            (read("a: ENC[a,b]\nb: {c: ['ENC[x,y]']}\nd: 1\n"), read("a: ENC[a,c]\nb: {c: ['ENC[x,y]']}\n"));
        assert_eq!(veiled(&old, None), read("a: <encrypted>\nb: {c: [<encrypted>]}\nd: 1\n"));
        assert_eq!(veiled(&new, Some(&old)), read("a: <encrypted, may differ>\nb: {c: [<encrypted>]}\n"));
    }
}
