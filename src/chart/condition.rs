//! What must hold before a key is read or a rendering fails, as `reads.tsv` and `fails.tsv` write it.

use crate::yaml::Value;

/// The terms of a condition, in the order in which they are written; the condition holds where all do.
pub fn terms(condition: &str) -> impl Iterator<Item = Term<'_>> {
    condition.split(" & ").filter(|term| !term.is_empty()).map(Term::read)
}

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term<'a> {
    /// `key=a,b`: the value is one of these, as text; `*` at the end stands for any ending.
    OneOf { key: &'a str, values: Vec<&'a str> },
    /// `key=""`: nothing is said there, or nothing of substance.
    Empty { key: &'a str },
    /// `key!=""`
    Filled { key: &'a str },
    /// `key!=default`
    NotDefault { key: &'a str },
    /// `key:list`, `key:string`: and not empty, which the templates do not look at
    OfKind { key: &'a str, kind: &'a str },
    /// About something else than one value: the cluster, an upgrade, a sum.
    Beyond(&'a str),
}

impl<'a> Term<'a> {
    fn read(term: &'a str) -> Self {
        if term.starts_with('@') || term.contains('<') || term.ends_with("=?") || term.contains("[]") {
            return Self::Beyond(term);
        }
        if let Some(key) = term.strip_suffix("!=\"\"") {
            return Self::Filled { key };
        }
        if let Some(key) = term.strip_suffix("!=default") {
            return Self::NotDefault { key };
        }
        if let Some(key) = term.strip_suffix("=\"\"") {
            return Self::Empty { key };
        }
        if let Some((key, values)) = term.split_once('=') {
            return Self::OneOf { key, values: values.split(',').collect() };
        }
        match term.split_once(':') {
            Some((key, kind)) => Self::OfKind { key, kind },
            None => Self::Beyond(term),
        }
    }

    /// The key that it is about.
    pub fn key(&self) -> Option<&'a str> {
        match self {
            Self::OneOf { key, .. }
            | Self::Empty { key }
            | Self::Filled { key }
            | Self::NotDefault { key }
            | Self::OfKind { key, .. } => Some(key),
            Self::Beyond(_) => None,
        }
    }

    /// Whether it holds for this value and this default of its key; none where values do not tell.
    pub fn holds(&self, value: Option<&Value>, default: Option<&Value>) -> Option<bool> {
        match self {
            Self::OneOf { values, .. } => {
                let text = plain(value)?;
                Some(values.iter().any(|wanted| match wanted.strip_suffix('*') {
                    Some(beginning) => text.starts_with(beginning),
                    None => text == *wanted || *wanted == "null" && value.is_none(),
                }))
            }
            Self::Empty { .. } => Some(!says_something(value)),
            Self::Filled { .. } => Some(says_something(value)),
            Self::NotDefault { .. } => Some(value != default),
            Self::OfKind { kind, .. } => Some(
                matches!(
                    (value, *kind),
                    (Some(Value::List(_)), "list") | (Some(Value::String(_)), "string") | (Some(Value::Map(_)), "map")
                ) && says_something(value),
            ),
            Self::Beyond(_) => None,
        }
    }
}

/// What the templates' `if` takes for true.
pub fn says_something(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => *on,
        Some(Value::Int(number)) => *number != 0,
        Some(Value::Float(number)) => *number != 0.0,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::List(list)) => !list.is_empty(),
        Some(Value::Map(map)) => !map.is_empty(),
    }
}

/// The text of a scalar; a text where the chart wants a switch is on when it is not empty, so it is not compared.
fn plain(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) => Some("null".to_owned()),
        Some(Value::Bool(on)) => Some(on.to_string()),
        Some(Value::Int(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Float(_) | Value::List(_) | Value::Map(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_of_the_catalogue_is_read() {
        let text = "a.b=true & c=\"\" & d!=\"\" & e=A,B & @kube=1.20 & f:list & g!=default & count(h)<nodes";
        let read: Vec<_> = terms(text).collect();
        assert_eq!(read[0], Term::OneOf { key: "a.b", values: vec!["true"] });
        assert_eq!(read[1], Term::Empty { key: "c" });
        assert_eq!(read[2], Term::Filled { key: "d" });
        assert_eq!(read[3], Term::OneOf { key: "e", values: vec!["A", "B"] });
        assert_eq!(read[4], Term::Beyond("@kube=1.20"));
        assert_eq!(read[5], Term::OfKind { key: "f", kind: "list" });
        assert_eq!(read[6], Term::NotDefault { key: "g" });
        assert_eq!(read[7], Term::Beyond("count(h)<nodes"));
    }

    #[test]
    fn a_term_holds_for_values_as_a_template_takes_them() {
        let on = Term::OneOf { key: "a", values: vec!["true"] };
        assert_eq!(on.holds(Some(&Value::Bool(true)), None), Some(true));
        assert_eq!(on.holds(Some(&Value::Bool(false)), None), Some(false));
        assert_eq!(on.holds(None, None), Some(false));
        let legacy = Term::OneOf { key: "a", values: vec!["bitnamilegacy/*"] };
        assert_eq!(legacy.holds(Some(&Value::from("bitnamilegacy/redis")), None), Some(true));
        assert_eq!(legacy.holds(Some(&Value::from("bitnami/redis")), None), Some(false));
        assert_eq!(Term::Beyond("@upgrade=true").holds(None, None), None);
    }
}
