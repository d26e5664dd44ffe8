//! Options with the same text in a profile and on the command line, or with a bare number.

use std::fmt;

use serde::Deserialize;

/// The value in a profile.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ProfileValue {
    Whole(u64),
    Fraction(f64),
    Text(String),
}

impl fmt::Display for ProfileValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(n) => write!(f, "{n}"),
            Self::Fraction(n) => write!(f, "{n}"),
            Self::Text(s) => f.write_str(s),
        }
    }
}

/// Implements reading and writing of a type as text in profiles. The schema has other accepted types and an example.
macro_rules! as_text {
    ($number:literal: $($wish:ident $example:literal),* $(,)?) => {$(
        impl serde::Serialize for $wish {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $wish {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let written = $crate::intent::as_text::ProfileValue::deserialize(deserializer)?;
                written.to_string().parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $wish {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($wish).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": ["string", $number], "examples": [$example] })
            }
        }
    )*};
}
pub(super) use as_text;
