//! Type that Helm gives to a plain scalar without a tag.
//!
//! Helm reads through `sigs.k8s.io/yaml` 1.6 and `go.yaml.in/yaml/v2` (`resolve.go`). This is YAML 1.1 with
//! deviations: `yes`, `on` and `y` are booleans, `0777` is 511, `1_000` is 1000, and `12:30:45` and dates are
//! strings.

/// Scalar with its type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Integer above the range of [`Scalar::Int`]. Helm refuses such a number as a key.
    Unsigned(u64),
    Float(f64),
    String(&'a str),
    /// `<<`, the key that merges another map into its own map.
    Merge,
}

/// Types `text` as Helm does.
pub(super) fn resolve(text: &str) -> Scalar<'_> {
    // Only texts that start with one of these bytes can be something else than a string.
    let may_have_type = |byte: &u8| b"~nNyYtToOfF.+-<".contains(byte) || byte.is_ascii_digit();
    if !text.as_bytes().first().is_none_or(may_have_type) {
        return Scalar::String(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        "<<" => Scalar::Merge,
        _ => number(text).unwrap_or(Scalar::String(text)),
    }
}

fn number(text: &str) -> Option<Scalar<'static>> {
    match text.as_bytes().first()? {
        // Here Go allows `_` only between digits.
        b'.' => has_go_underscores(text).then(|| float(&text.replace('_', "")))?.map(Scalar::Float),
        b'+' | b'-' | b'0'..=b'9' => {
            // Here go-yaml drops every `_`, at any position.
            let text = &text.replace('_', "");
            integer(text).or_else(|| float(text).map(Scalar::Float)).or_else(|| signed_binary(text))
        }
        _ => None,
    }
}

/// Go's `ParseInt`, then `ParseUint`, both with base 0.
fn integer(text: &str) -> Option<Scalar<'static>> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (Some('-'), &text[1..]),
        b'+' => (Some('+'), &text[1..]),
        _ => (None, text),
    };
    let size = magnitude(digits)?;
    match sign {
        Some('-') if size == i64::MIN.unsigned_abs() => Some(Scalar::Int(i64::MIN)),
        Some('-') => i64::try_from(size).ok().map(|size| Scalar::Int(-size)),
        Some(_) => i64::try_from(size).ok().map(Scalar::Int),
        None => Some(i64::try_from(size).map_or(Scalar::Unsigned(size), Scalar::Int)),
    }
}

fn magnitude(digits: &str) -> Option<u64> {
    let bytes = digits.as_bytes();
    let (radix, digits) = match (bytes.first()?, bytes.get(1)) {
        (b'0', Some(b'x' | b'X')) => (16, &digits[2..]),
        (b'0', Some(b'b' | b'B')) => (2, &digits[2..]),
        (b'0', Some(b'o' | b'O')) => (8, &digits[2..]),
        (b'0', Some(_)) => (8, &digits[1..]),
        _ => (10, digits),
    };
    // `from_str_radix` would accept a sign here.
    let all_digits = digits.bytes().all(|b| char::from(b).is_digit(radix));
    if all_digits { u64::from_str_radix(digits, radix).ok() } else { None }
}

/// Parses a float by go-yaml's pattern. A number above the range of a float gives `None`.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return None;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse::<f64>().ok().filter(|float| float.is_finite())
}

/// Parses `0b` followed by a sign, which go-yaml tries last.
fn signed_binary(text: &str) -> Option<Scalar<'static>> {
    let (negative, digits) = match text.strip_prefix("0b") {
        Some(digits) => match digits.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        },
        None => (true, text.strip_prefix("-0b")?),
    };
    if digits.is_empty() || !digits.bytes().all(|b| matches!(b, b'0' | b'1')) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, 2).ok()?);
    i64::try_from(if negative { -size } else { size }).ok().map(Scalar::Int)
}

/// Whether every `_` is between two digits.
fn has_go_underscores(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    bytes.iter().enumerate().all(|(at, b)| *b != b'_' || (digit(at.checked_sub(1)) && digit(Some(at + 1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_look_like_strings_are_typed() {
        for text in ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"] {
            assert_eq!(resolve(text), Scalar::Bool(true), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(text), Scalar::Null, "{text}");
        }
        assert_eq!(resolve("<<"), Scalar::Merge);
    }

    #[test]
    fn other_spellings_stay_strings() {
        for text in [
            "yEs",
            "tRue",
            "nULL",
            "oN",
            "none",
            "nil",
            "nan",
            "inf",
            "12:30:45",
            "190:20:30",
            "2001-01-01",
            "1.2.3",
            "0x",
            "0xg",
            "08x",
            "0o8",
            "1e",
            "1e+",
            "e3",
            ".",
            "..",
            "-",
            "+",
            "--1",
            "+-1",
            "-.",
            "._5",
            ".5_",
            ".5__2",
            "1e400",
            "-1e400",
            "1 000",
            "0b2",
            "-0b",
            "0b",
            "5Gi",
            "100m",
            "=",
            "_1",
            "0x1.8p1",
            ".e5",
        ] {
            assert_eq!(resolve(text), Scalar::String(text), "{text}");
        }
    }

    #[test]
    fn integers_of_every_base() {
        for (text, int) in [
            ("0", 0),
            ("-0", 0),
            ("+1", 1),
            ("-1", -1),
            ("0777", 511),
            ("0o777", 511),
            ("0O17", 15),
            ("021", 17),
            ("0x1F", 31),
            ("0X1f", 31),
            ("-0x1f", -31),
            ("0b101", 5),
            ("-0b101", -5),
            ("0b-101", -5),
            ("1_000", 1000),
            ("1__0_", 10),
            ("-_1", -1),
            ("0_7", 7),
            ("00", 0),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(resolve(text), Scalar::Int(int), "{text}");
        }
        assert_eq!(resolve("18446744073709551615"), Scalar::Unsigned(u64::MAX));
    }

    #[test]
    fn floats() {
        for (text, float) in [
            ("1.", 1.0),
            (".5", 0.5),
            ("-.5", -0.5),
            ("3.10", 3.1),
            ("1e3", 1000.0),
            ("1E-3", 0.001),
            ("08", 8.0),
            ("09.5", 9.5),
            (".5_2", 0.52),
            ("1_0.5", 10.5),
            ("1e1_0", 1e10),
            ("18446744073709551616", 18446744073709551616.0),
            ("+9223372036854775808", 9223372036854775808.0),
        ] {
            assert_eq!(resolve(text), Scalar::Float(float), "{text}");
        }
    }
}
