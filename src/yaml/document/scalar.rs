//! Type of a scalar in Helm: from its tag, its style and its text.

use std::borrow::Cow;

use super::{Document, Kind, NodeId, Style};
use crate::yaml::{
    Error,
    resolve::{Scalar, resolve},
};

pub(super) enum Typed<'a> {
    Plain(Scalar<'a>),
    Binary(String),
}

impl Document {
    /// Key as the string that Helm makes of it.
    pub(in crate::yaml) fn key_text(&self, key: NodeId) -> Result<Cow<'_, str>, Error> {
        let node = self.target(key);
        match self.node(node).kind {
            Kind::Scalar { .. } => match self.scalar(node)? {
                Typed::Binary(text) => Ok(text.into()),
                Typed::Plain(Scalar::String(text)) => Ok(text.into()),
                Typed::Plain(Scalar::Merge) => Ok("<<".into()),
                Typed::Plain(Scalar::Bool(bool)) => Ok(bool.to_string().into()),
                Typed::Plain(Scalar::Int(int)) => Ok(int.to_string().into()),
                Typed::Plain(Scalar::Float(float)) => Ok(float_key(float).into()),
                Typed::Plain(Scalar::Unsigned(number)) => Err(self.error(
                    key,
                    format!("found the key `{number}`: Helm refuses a number of this size; put it in quotes"),
                )),
                Typed::Plain(Scalar::Null) => Err(self.error(key, "found null as a key: put the key in quotes")),
            },
            Kind::Map { flow: true, .. }
                if self.text.get(..self.node(node).span.start).is_some_and(|t| t.ends_with('{')) =>
            {
                Err(self.error(key, "found `{{`: Helm evaluates no templates in values files. Put the value in quotes"))
            }
            _ => Err(self.error(key, "found a list or map as a key: expected a string")),
        }
    }

    pub(in crate::yaml) fn is_merge(&self, key: NodeId) -> bool {
        let node = self.node(key);
        let Kind::Scalar { text, style } = node.kind else {
            return false;
        };
        text == "<<"
            && match node.tag {
                None => style == Style::Plain,
                Some(tag) => matches!(tag, "!" | "tag:yaml.org,2002:merge"),
            }
    }

    pub(super) fn scalar(&self, id: NodeId) -> Result<Typed<'_>, Error> {
        let node = self.node(id);
        let Kind::Scalar { text, style } = node.kind else {
            return Ok(Typed::Plain(Scalar::Null));
        };
        let Some(tag) = node.tag else {
            return Ok(Typed::Plain(match (style, resolve(text)) {
                // Of the words of YAML 1.1 for booleans, YAML 1.2 has only these two.
                (Style::Plain, Scalar::Bool(_)) if self.core_scalars && !is_core_bool(text) => Scalar::String(text),
                (Style::Plain, scalar) => scalar,
                _ => Scalar::String(text),
            }));
        };
        let misfit = |kind: &str| {
            self.error(id, format!("found a value that is not a `!!{kind}`: correct the value, or remove the tag"))
        };
        let resolved = match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("binary") => return base64(text).map(Typed::Binary).ok_or_else(|| misfit("binary")),
            Some(kind @ ("bool" | "int" | "float" | "null")) => {
                let resolved = match (kind, resolve(text)) {
                    // go-yaml converts only integers to floats.
                    ("float", Scalar::Int(int)) => Scalar::Float(int as f64),
                    (_, resolved) => resolved,
                };
                let fits = matches!(
                    (kind, resolved),
                    ("bool", Scalar::Bool(_))
                        | ("int", Scalar::Int(_) | Scalar::Unsigned(_))
                        | ("float", Scalar::Float(_))
                        | ("null", Scalar::Null)
                );
                if !fits {
                    return Err(misfit(kind));
                }
                resolved
            }
            // Helm validates the date and passes on the text.
            Some("timestamp") => {
                return Err(self.error(id, "found the tag `!!timestamp`: remove the tag, since Helm has no dates"));
            }
            // A tag that go-yaml does not know makes a string.
            _ => Scalar::String(text),
        };
        Ok(Typed::Plain(resolved))
    }

    pub(super) fn error(&self, node: NodeId, message: impl std::fmt::Display) -> Error {
        let span = self.node(node).span;
        Error::new(span.line, span.column, message)
    }
}

/// Formats a float key as Go does: with the digits of a 32-bit float (`%g`).
/// Whether a word is a boolean by YAML 1.2.
fn is_core_bool(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn float_key(float: f64) -> String {
    let float = float as f32;
    if float.is_nan() {
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{float:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => format!("{float}"),
    }
}

/// Decodes Go's standard base64, with padding and with line ends ignored. A byte that is not UTF-8 becomes U+FFFD, as
/// in Go's JSON.
fn base64(text: &str) -> Option<String> {
    let symbols: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    if !symbols.len().is_multiple_of(4) {
        return None;
    }
    let padding = symbols.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for symbol in &symbols[..symbols.len() - padding] {
        let six = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    Some(text)
}
