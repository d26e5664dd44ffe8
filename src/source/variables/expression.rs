//! Expressions of templates that are the name of one variable.

/// An expression that is the name of one variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// The keys of the variable, outermost first.
    pub name: Vec<String>,
    /// The value if nothing sets the variable.
    pub default: Option<String>,
}

/// Filters that do not change a text.
const NEUTRAL: [&str; 5] = ["quote", "squote", "toString", "string", "trim"];

impl Expression {
    /// Reads the inner text of an expression. `pattern` is the start of the names, or `*` for names without a start.
    pub fn of(inside: &str, pattern: &str) -> Option<Self> {
        let inside = inside.trim().trim_start_matches('-').trim_end_matches('-').trim();
        let mut parts = inside.split('|').map(str::trim);
        let reference = parts.next()?;
        let mut default = None;
        let mut name = match (pattern, reference.strip_prefix(pattern)) {
            ("*", _) => keys(reference)?,
            (_, Some("")) => Vec::new(),
            (_, Some(rest)) => keys(rest.strip_prefix('.')?)?,
            (_, None) => return None,
        };
        for filter in parts {
            let (word, argument) = filter.split_at(filter.find([' ', '(']).unwrap_or(filter.len()));
            match word {
                "default" | "d" => default = Some(quoted(argument.trim().trim_start_matches('('))?.0),
                // helmfile: `.Values | get "redis.version" "25.5.3"`
                "get" if name.is_empty() => {
                    let (path, rest) = quoted(argument)?;
                    name = keys(&path)?;
                    default = quoted(rest).map(|(default, _)| default);
                }
                _ if NEUTRAL.contains(&word) && argument.is_empty() => {}
                _ => return None,
            }
        }
        (!name.is_empty()).then_some(Self { name, default })
    }
}

/// The keys of a name: `a.b` and `a['b']`.
fn keys(name: &str) -> Option<Vec<String>> {
    let plain = name.replace("['", ".").replace("']", "").replace("[\"", ".").replace("\"]", "");
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let keys: Vec<String> = plain.split('.').map(str::to_owned).collect();
    keys.iter().all(|key| is_key(key)).then_some(keys)
}

/// The text in quotes at the start of a text, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| ['"', '\'', '`'].contains(c))?;
    let (inside, rest) = text[1..].split_once(quote)?;
    Some((inside.to_owned(), rest))
}

/// The inner text of the only expression of a text. `None` if the text has more.
pub(super) fn only_expression(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.contains("{{")).then_some(inside)
}

/// Replaces each expression whose value is known. `known` takes the inner text of an expression.
pub(in crate::source) fn substitute(text: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find("{{") {
        let Some(end) = rest[start..].find("}}").map(|length| start + length) else { break };
        filled.push_str(&rest[..start]);
        match known(&rest[start + 2..end]) {
            Some(value) => filled.push_str(&value),
            None => filled.push_str(&rest[start..end + 2]),
        }
        rest = &rest[end + 2..];
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_defaults_are_read_and_other_expressions_are_not() {
        let read =
            |text, pattern| Expression::of(text, pattern).map(|Expression { name, default }| (name.join("/"), default));
        let plain = |name: &str| Some((name.to_owned(), None));
        let with = |name: &str, default: &str| Some((name.to_owned(), Some(default.to_owned())));
        assert_eq!(read(" .Values.redis.version ", ".Values"), plain("redis/version"));
        assert_eq!(read("- .Values.redis.version | quote -", ".Values"), plain("redis/version"));
        assert_eq!(read(" .Values | get \"redis.version\" \"25.5.3\" ", ".Values"), with("redis/version", "25.5.3"));
        assert_eq!(read(" redis['version'] | default('25.5.3', true) ", "*"), with("redis/version", "25.5.3"));
        for text in [" .Values.x | upper ", " printf \"%s\" .Values.x ", " .Valuesx ", " .Values ", " .Values.a b "] {
            assert_eq!(read(text, ".Values"), None, "{text}");
        }
        for text in [" lookup('env', 'X') ", " a if b else c ", " a ~ b ", " .x ", ""] {
            assert_eq!(read(text, "*"), None, "{text}");
        }
    }

    #[test]
    fn only_known_expressions_are_replaced() {
        let known = |inside: &str| (inside.trim() == "a").then(|| "1".to_owned());
        assert_eq!(substitute("{{ a }}-{{ b }}-{{a}}{{", &known), "1-{{ b }}-1{{");
        assert_eq!(only_expression(" {{ a }} "), Some(" a "));
        assert_eq!(only_expression("{{ a }}{{ b }}"), None);
    }
}
