//! Amounts as people write them: bytes of Redis, quantities of Kubernetes.

use std::{fmt, str::FromStr};

use super::as_text::as_text;

/// Why an amount could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}; expected {expected}")]
pub struct BadAmount {
    text: String,
    what: &'static str,
    expected: &'static str,
}

/// A number of bytes, written as redis.conf or Kubernetes writes it: `256mb`, `1gb`, `512Mi`, `1073741824`.
///
/// `k`, `m` and `g` alone are powers of 1000, `kb`, `mb`, `gb` and `Ki`, `Mi`, `Gi` powers of 1024, as in redis.conf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const BYTE_UNITS: [(&str, u64); 16] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1 << 10),
    ("ki", 1 << 10),
    ("kib", 1 << 10),
    ("m", 1_000_000),
    ("mb", 1 << 20),
    ("mi", 1 << 20),
    ("mib", 1 << 20),
    ("g", 1_000_000_000),
    ("gb", 1 << 30),
    ("gi", 1 << 30),
    ("gib", 1 << 30),
    ("tb", 1 << 40),
    ("ti", 1 << 40),
];

impl FromStr for Bytes {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadAmount {
            text: text.into(),
            what: "amount of memory",
            expected: "a number and a unit, as `256mb` or `1Gi`",
        };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.to_ascii_lowercase();
        let factor = BYTE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?.1;
        let number: u64 = number.parse().map_err(|_| bad())?;
        match number.checked_mul(factor) {
            Some(bytes @ 1..) => Ok(Self(bytes)),
            _ => Err(bad()),
        }
    }
}

/// As redis.conf writes it, in the largest unit that divides it.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in [("gb", 1u64 << 30), ("mb", 1 << 20), ("kb", 1 << 10)] {
            if self.0.is_multiple_of(size) {
                return write!(f, "{}{unit}", self.0 / size);
            }
        }
        write!(f, "{}", self.0)
    }
}

/// An amount of memory or disk as Kubernetes writes it: `8Gi`, `512Mi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity(String);

impl Quantity {
    /// The number of bytes.
    pub fn bytes(&self) -> u64 {
        parse_quantity(&self.0).unwrap_or(0)
    }

    /// `bytes` in whole mebibytes, rounded up.
    pub fn mebibytes(bytes: u64) -> Self {
        Self(format!("{}Mi", bytes.div_ceil(1 << 20)))
    }
}

fn parse_quantity(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1024f64.powi(2),
        "Gi" => 1024f64.powi(3),
        "Ti" => 1024f64.powi(4),
        "Pi" => 1024f64.powi(5),
        _ => return None,
    };
    if !number.starts_with(|c: char| c.is_ascii_digit()) || number.ends_with('.') {
        return None;
    }
    let bytes = number.parse::<f64>().ok()? * factor;
    (1.0..1e18).contains(&bytes).then_some(bytes as u64)
}

impl FromStr for Quantity {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parse_quantity(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(BadAmount {
                text: text.into(),
                what: "quantity",
                expected: "a number and a unit of Kubernetes, as `8Gi` or `512Mi`",
            }),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An amount of CPU as Kubernetes writes it: `2`, `0.5`, `500m`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu(String);

impl FromStr for Cpu {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadAmount {
            text: text.into(),
            what: "amount of CPU",
            expected: "cores as `2` or `0.5`, or millicores as `500m`",
        };
        let good = match text.strip_suffix('m') {
            Some(milli) => milli.parse::<u32>().is_ok_and(|m| m > 0) && !milli.starts_with('+'),
            None => {
                text.starts_with(|c: char| c.is_ascii_digit())
                    && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
                    && !text.ends_with('.')
                    && text.parse::<f64>().is_ok_and(|cores| cores > 0.0 && cores < 1e6)
            }
        };
        if good { Ok(Self(text.to_owned())) } else { Err(bad()) }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!("number": Bytes "256mb", Quantity "8Gi", Cpu "500m");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_redis_reads_them() {
        for (text, bytes) in
            [("256mb", 256 << 20), ("1Gi", 1 << 30), ("1g", 1_000_000_000), ("1024", 1024), ("2GB", 2 << 30)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "mb", "0", "-1mb", "1.5gb", "12 mb", "99999999999gb", "1x"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        assert_eq!(Bytes(256 << 20).to_string(), "256mb");
        assert_eq!(Bytes(1_000_000).to_string(), "1000000");
    }

    #[test]
    fn quantities_are_those_of_kubernetes() {
        assert_eq!("1.5Gi".parse::<Quantity>().map(|q| q.bytes()), Ok(3 << 29));
        for text in ["8gb", "Gi", "-1Gi", "1e3", ".5Gi", "0", "1.Gi"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
        assert!("500m".parse::<Cpu>().is_ok() && "0.5".parse::<Cpu>().is_ok());
        for text in ["", "m", "-1", "1e3", "0", "0m", "+5m", "1."] {
            assert!(text.parse::<Cpu>().is_err(), "{text}");
        }
    }
}
