//! Conditions in the tables `reads.tsv`, `objects.tsv` and `fails.tsv`: when a key is read, an object is created, or
//! rendering fails.

use std::{borrow::Cow, fmt};

use crate::yaml::Value;

/// Terms of a condition in their written order. The condition is true if all terms are true.
pub fn terms(condition: &str) -> impl Iterator<Item = Term<'_>> {
    condition.split(" & ").filter(|term| !term.is_empty()).map(Term::read)
}

/// The terms of a condition of the catalogue, read once: a fact keeps them as long as the program runs.
pub(super) fn kept(condition: &'static str) -> &'static [Term<'static>] {
    if condition.is_empty() { &[] } else { terms(condition).collect::<Vec<_>>().leak() }
}

/// One term of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term<'a> {
    /// `key=a,b`: the value is one of these texts. A `*` at the end matches any ending.
    OneOf { key: &'a str, values: Vec<&'a str> },
    /// `key!=a,b`: the value is none of these texts. A `*` at the end matches any ending.
    NoneOf { key: &'a str, values: Vec<&'a str> },
    /// `key=""`: the value is not set, or is empty, zero or false.
    Empty { key: &'a str },
    /// `key!=""`
    NotEmpty { key: &'a str },
    /// `key!=default`: the value differs from the default.
    NotDefault { key: &'a str },
    /// `key:list`, `key:string` or `key:number`: the value has this type. An empty value does not count, because the
    /// templates skip it.
    OfKind { key: &'a str, kind: &'a str },
    /// `key<=2000`: the value is a number, and at most this one.
    AtMost { key: &'a str, most: i64 },
    /// `unrecognized(global,registry,repository)`: the chart does not recognize the image at these keys.
    ///
    /// `legacy(...)`: in addition, the image is from the catalogue that older images moved to.
    Image { keys: [&'a str; 3], legacy: bool },
    /// `a=true|b=true`: at least one of these terms is true.
    AnyOf(Vec<Term<'a>>),
    /// Condition about something other than one value: the cluster, an upgrade or a sum.
    NotFromValues(&'a str),
}

impl<'a> Term<'a> {
    fn read(term: &'a str) -> Self {
        if term.contains('|') {
            return Self::AnyOf(term.split('|').map(Self::read).collect());
        }
        let image = |function: &str| -> Option<[&'a str; 3]> {
            let keys = term.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')')?;
            keys.split(',').collect::<Vec<_>>().try_into().ok()
        };
        if let Some(keys) = image("unrecognized") {
            return Self::Image { keys, legacy: false };
        }
        if let Some(keys) = image("legacy") {
            return Self::Image { keys, legacy: true };
        }
        if let Some((key, most)) = term.split_once("<=")
            && let Ok(most) = most.parse()
        {
            return Self::AtMost { key, most };
        }
        if term.starts_with('@') || term.contains('<') || term.ends_with("=?") || term.contains("[]") {
            return Self::NotFromValues(term);
        }
        if let Some(key) = term.strip_suffix("!=\"\"") {
            return Self::NotEmpty { key };
        }
        if let Some(key) = term.strip_suffix("!=default") {
            return Self::NotDefault { key };
        }
        if let Some(key) = term.strip_suffix("=\"\"") {
            return Self::Empty { key };
        }
        if let Some((key, values)) = term.split_once("!=") {
            return Self::NoneOf { key, values: values.split(',').collect() };
        }
        if let Some((key, values)) = term.split_once('=') {
            return Self::OneOf { key, values: values.split(',').collect() };
        }
        match term.split_once(':') {
            Some((key, kind)) => Self::OfKind { key, kind },
            None => Self::NotFromValues(term),
        }
    }

    /// Key of the term. For a term with several terms or keys, see the cases.
    pub fn key(&self) -> Option<&'a str> {
        match self {
            Self::OneOf { key, .. }
            | Self::NoneOf { key, .. }
            | Self::Empty { key }
            | Self::NotEmpty { key }
            | Self::NotDefault { key }
            | Self::OfKind { key, .. }
            | Self::AtMost { key, .. } => Some(key),
            Self::AnyOf(terms) => terms.first()?.key(),
            Self::Image { keys: [.., repository], .. } => Some(repository),
            Self::NotFromValues(_) => None,
        }
    }

    /// All keys of the term.
    pub fn keys(&self) -> Vec<&'a str> {
        match self {
            Self::AnyOf(terms) => terms.iter().flat_map(Term::keys).collect(),
            Self::Image { keys, .. } => keys.to_vec(),
            term => term.key().into_iter().collect(),
        }
    }

    /// Whether one of the keys of the term is `wanted`.
    pub fn any_key(&self, wanted: &dyn Fn(&'a str) -> bool) -> bool {
        match self {
            Self::AnyOf(terms) => terms.iter().any(|term| term.any_key(wanted)),
            Self::Image { keys, .. } => keys.iter().any(|key| wanted(key)),
            term => term.key().is_some_and(wanted),
        }
    }

    /// Whether the term is about the key `path`. This includes terms that values alone cannot decide.
    pub fn names(&self, path: &str) -> bool {
        match self {
            Self::NotFromValues(term) => {
                let key = term.strip_prefix("count(").unwrap_or(term);
                key.strip_prefix(path).is_some_and(|rest| rest.starts_with(['=', '!', '<', ')', '[', ':']))
            }
            Self::AnyOf(terms) => terms.iter().any(|term| term.names(path)),
            Self::Image { keys, .. } => keys.contains(&path),
            _ => self.key() == Some(path),
        }
    }

    /// Whether the term is true for this value and this default of its key. `None` if the value alone cannot decide.
    pub fn holds(&self, value: Option<&Value>, default: Option<&Value>) -> Option<bool> {
        match self {
            Self::OneOf { values, .. } => is_one_of(value, values),
            Self::NoneOf { values, .. } => is_one_of(value, values).map(|is| !is),
            Self::Empty { .. } => Some(!is_truthy(value)),
            Self::NotEmpty { .. } => Some(is_truthy(value)),
            Self::NotDefault { .. } => Some(value != default),
            Self::OfKind { kind, .. } => Some(
                matches!(
                    (value, *kind),
                    (Some(Value::List(_)), "list")
                        | (Some(Value::String(_)), "string")
                        | (Some(Value::Map(_)), "map")
                        | (Some(Value::Int(_) | Value::Float(_)), "number")
                ) && is_truthy(value),
            ),
            // A template takes a missing value, and a text that is no number, for 0.
            Self::AtMost { most, .. } => Some(match value {
                Some(Value::Int(number)) => number <= most,
                Some(Value::Float(number)) => number.trunc() <= *most as f64,
                Some(Value::String(text)) => text.parse::<i64>().unwrap_or(0) <= *most,
                _ => 0 <= *most,
            }),
            // These terms need more than one value.
            Self::AnyOf(_) | Self::Image { .. } | Self::NotFromValues(_) => None,
        }
    }
}

impl Term<'_> {
    /// The setting that makes the term true, as the object of "requires": `metrics.enabled: true`.
    pub fn requirement(&self) -> String {
        match self {
            Self::OneOf { key, values } => match values[..] {
                [value] if !value.ends_with('*') => format!("`{key}: {value}`"),
                _ => format!("that {self}"),
            },
            Self::Empty { key } => format!("an empty `{key}`"),
            Self::NotEmpty { key } => format!("a value at `{key}`"),
            Self::AtMost { key, most } => format!("at most {most} at `{key}`"),
            Self::AnyOf(terms) => terms.iter().map(Term::requirement).collect::<Vec<_>>().join(" or "),
            Self::NoneOf { .. }
            | Self::NotDefault { .. }
            | Self::OfKind { .. }
            | Self::Image { .. }
            | Self::NotFromValues(_) => format!("that {self}"),
        }
    }
}

/// The condition as the end of a sentence: `... when `a.b` is true`.
impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf { key, values } => write!(f, "`{key}` is {}", join_values(values, " or ")),
            Self::NoneOf { key, values } => match values[..] {
                [_] => write!(f, "`{key}` is not {}", join_values(values, "")),
                _ => write!(f, "`{key}` is neither {}", join_values(values, " nor ")),
            },
            Self::Empty { key } => write!(f, "`{key}` is empty"),
            Self::NotEmpty { key } => write!(f, "`{key}` is not empty"),
            Self::NotDefault { key } => write!(f, "`{key}` is not its default"),
            Self::OfKind { key, kind } => {
                let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                write!(f, "`{key}` is {article} {kind}")
            }
            Self::AtMost { key, most } => write!(f, "`{key}` is at most {most}"),
            Self::Image { keys: [.., repository], .. } => {
                let image = repository.strip_suffix(".repository").unwrap_or(repository);
                write!(f, "`{image}` is an image that the chart does not list in its Chart.yaml")
            }
            Self::AnyOf(terms) => {
                for (at, term) in terms.iter().enumerate() {
                    write!(f, "{}{term}", if at > 0 { " or " } else { "" })?;
                }
                Ok(())
            }
            Self::NotFromValues(term) => f.write_str(&describe_cluster_term(term)),
        }
    }
}

fn join_values(values: &[&str], between: &str) -> String {
    let texts = values.iter().map(|value| match value.strip_suffix('*') {
        Some(beginning) => format!("`{beginning}...`"),
        None => (*value).to_owned(),
    });
    texts.collect::<Vec<_>>().join(between)
}

fn describe_cluster_term(term: &str) -> String {
    if let Some(version) = term.strip_prefix("@kube<") {
        return format!("the cluster is older than Kubernetes {version}");
    }
    if let Some(version) = term.strip_prefix("@kube=") {
        return format!("the cluster is as old as Kubernetes {version}");
    }
    if term == "@upgrade=true" {
        return "a release is upgraded".to_owned();
    }
    if let Some(key) = term.strip_suffix("=?") {
        return format!("`{key}` is a value that the chart does not know");
    }
    if let Some(key) = term.strip_suffix(")<nodes").and_then(|term| term.strip_prefix("count(")) {
        return format!("`{key}` has fewer items than there are nodes");
    }
    match term.strip_suffix("=\"\"") {
        Some(key) => format!("`{key}` is empty"),
        None => format!("`{term}`"),
    }
}

/// Whether Helm templates take the value for true in an `if`.
pub fn is_truthy(value: Option<&Value>) -> bool {
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

/// Whether the value is one of these words as text. `None` if a comparison as text is not possible.
fn is_one_of(value: Option<&Value>, words: &[&str]) -> Option<bool> {
    let text = scalar_text(value)?;
    Some(words.iter().any(|wanted| match wanted.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        // A missing value counts as false.
        None => text == *wanted || matches!(*wanted, "null" | "false") && value.is_none(),
    }))
}

/// Text of a scalar. `None` for values that templates do not compare with a word.
fn scalar_text(value: Option<&Value>) -> Option<Cow<'_, str>> {
    match value {
        None | Some(Value::Null) => Some(Cow::Borrowed("null")),
        Some(Value::Bool(on)) => Some(Cow::Borrowed(if *on { "true" } else { "false" })),
        Some(Value::Int(number)) => Some(Cow::Owned(number.to_string())),
        Some(Value::String(text)) => Some(Cow::Borrowed(text)),
        Some(Value::Float(_) | Value::List(_) | Value::Map(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Chart, Topology};

    #[test]
    fn every_condition_of_the_catalogue_is_read() {
        let text =
            "a.b=true & c=\"\" & d!=\"\" & e=A,B & @kube=1.20 & f:list & g!=default & count(h)<nodes & i=true|j!=\"\"";
        let read: Vec<_> = terms(text).collect();
        assert_eq!(read[0], Term::OneOf { key: "a.b", values: vec!["true"] });
        assert_eq!(read[1], Term::Empty { key: "c" });
        assert_eq!(read[2], Term::NotEmpty { key: "d" });
        assert_eq!(read[3], Term::OneOf { key: "e", values: vec!["A", "B"] });
        assert_eq!(read[4], Term::NotFromValues("@kube=1.20"));
        assert_eq!(read[5], Term::OfKind { key: "f", kind: "list" });
        assert_eq!(read[6], Term::NotDefault { key: "g" });
        assert_eq!(read[7], Term::NotFromValues("count(h)<nodes"));
        let image = terms("legacy(g,a.registry,a.repository)").next().unwrap();
        assert_eq!(image, Term::Image { keys: ["g", "a.registry", "a.repository"], legacy: true });
        assert_eq!((image.key(), image.keys().len()), (Some("a.repository"), 3));
        let either = vec![Term::OneOf { key: "i", values: vec!["true"] }, Term::NotEmpty { key: "j" }];
        assert_eq!(read[8], Term::AnyOf(either));
    }

    #[test]
    fn what_is_not_there_is_off() {
        let term = |text: &'static str| terms(text).next().unwrap();
        assert_eq!(term("a=false").holds(None, None), Some(true));
        assert_eq!(term("a=true").holds(None, None), Some(false));
        assert_eq!(term("a!=false").holds(None, None), Some(false));
        assert_eq!(term("a=x").holds(None, None), Some(false));
    }

    #[test]
    fn every_condition_is_said_in_words() {
        let describe = |text: &str| terms(text).map(|term| term.to_string()).collect::<Vec<_>>().join(" and ");
        assert_eq!(describe("a.b=true & c=\"\" & d!=\"\""), "`a.b` is true and `c` is empty and `d` is not empty");
        assert_eq!(describe("a=true|b=true"), "`a` is true or `b` is true");
        assert_eq!(
            describe("a=A,B & b=x/* & c!=default"),
            "`a` is A or B and `b` is `x/...` and `c` is not its default"
        );
        assert_eq!(
            describe("a:list & b=? & @upgrade=true"),
            "`a` is a list and `b` is a value that the chart does not know and a release is upgraded"
        );
        assert_eq!(
            describe("@kube<1.16 & count(a)<nodes"),
            "the cluster is older than Kubernetes 1.16 and `a` has fewer items than there are nodes"
        );
        for topology in Topology::ALL {
            for version in crate::chart::version_numbers() {
                let chart = Chart::at(&version).unwrap();
                for fail in chart.fails(topology) {
                    for term in terms(fail.condition) {
                        let text = term.to_string();
                        assert!(!text.contains(['@', '?', '<', '"']), "{}: {text}", fail.reason);
                    }
                }
            }
        }
    }

    #[test]
    fn a_term_holds_for_values_as_a_template_takes_them() {
        let few = terms("a<=2000").next().unwrap();
        assert_eq!(few, Term::AtMost { key: "a", most: 2000 });
        for (value, holds) in [(2000, true), (2001, false)] {
            assert_eq!(few.holds(Some(&Value::Int(value)), None), Some(holds));
            assert_eq!(few.holds(Some(&Value::from(value.to_string().as_str())), None), Some(holds));
        }
        assert_eq!((few.requirement().as_str(), few.key()), ("at most 2000 at `a`", Some("a")));
        let on = Term::OneOf { key: "a", values: vec!["true"] };
        assert_eq!(on.holds(Some(&Value::Bool(true)), None), Some(true));
        assert_eq!(on.holds(Some(&Value::Bool(false)), None), Some(false));
        assert_eq!(on.holds(None, None), Some(false));
        let legacy = Term::OneOf { key: "a", values: vec!["bitnamilegacy/*"] };
        assert_eq!(legacy.holds(Some(&Value::from("bitnamilegacy/redis")), None), Some(true));
        assert_eq!(legacy.holds(Some(&Value::from("bitnami/redis")), None), Some(false));
        let other = terms("a!=bitnami/*,none").next().unwrap();
        assert_eq!(other, Term::NoneOf { key: "a", values: vec!["bitnami/*", "none"] });
        assert_eq!(other.holds(Some(&Value::from("own/redis")), None), Some(true));
        assert_eq!(other.holds(Some(&Value::from("bitnami/redis")), None), Some(false));
        assert_eq!(other.to_string(), "`a` is neither `bitnami/...` nor none");
        let number = Term::OfKind { key: "a", kind: "number" };
        assert_eq!(number.holds(Some(&Value::Int(30001)), None), Some(true));
        assert_eq!(number.holds(Some(&Value::from("30001")), None), Some(false));
        assert_eq!(Term::NotFromValues("@upgrade=true").holds(None, None), None);
    }
}
