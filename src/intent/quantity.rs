//! Amounts: bytes of Redis, quantities of Kubernetes.

use std::{fmt, str::FromStr};

use super::as_text::as_text;

/// Why an amount could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAmount {
    #[error("`{text}` is not {what}: expected {expected}{}", .meant.as_ref().map(|it| format!(". Did you mean `{it}`?")).unwrap_or_default())]
    Malformed { text: String, what: &'static str, expected: &'static str, meant: Option<String> },
    /// An implausible amount.
    #[error("`{text}` means {amount}{why}: {}", instead(.meant))]
    Implausible { text: String, amount: String, why: String, meant: Vec<String> },
}

fn instead(meant: &[String]) -> String {
    match meant {
        [] => "expected a number and a unit, such as `512Mi`".to_owned(),
        meant => {
            let meant: Vec<_> = meant.iter().map(|meant| format!("`{meant}`")).collect();
            format!("is the unit missing? Use {}", meant.join(" or "))
        }
    }
}

/// The least plausible amount of memory or disk. An empty Redis 7 or 8 uses about 1 MiB (`INFO memory`, `used_memory`),
/// and volumes grow in larger steps. A smaller amount has a missing or wrong unit.
const LEAST_BYTES: u64 = 1 << 20;

/// The most CPU cores that one Redis uses. Redis executes commands in one thread, redis.conf advises against more than
/// 8 `io-threads`, and forked children and modules add a few. A larger number is in millicores.
const MOST_CORES: f64 = 32.0;

/// The largest bare number with a suggested unit: a larger number with a unit is implausible.
const MOST_SUGGESTED: u64 = 65_536;

/// Refuses less than [`LEAST_BYTES`] and suggests `units`.
fn plausible(text: &str, bytes: u64, units: &[&str]) -> Result<(), BadAmount> {
    if bytes >= LEAST_BYTES {
        return Ok(());
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let small = digits.parse::<f64>().is_ok_and(|number| number <= MOST_SUGGESTED as f64);
    let meant = if small { units.iter().map(|unit| format!("{digits}{unit}")).collect() } else { Vec::new() };
    let noun = if bytes == 1 { "byte" } else { "bytes" };
    let why = ", less than an empty Redis uses".to_owned();
    Err(BadAmount::Implausible { text: text.to_owned(), amount: format!("{bytes} {noun}"), why, meant })
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
        let bad = || BadAmount::Malformed {
            text: text.into(),
            what: "an amount of memory",
            expected: "a number and a unit, such as `256mb` or `1Gi`",
            meant: None,
        };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.to_ascii_lowercase();
        let factor = BYTE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?.1;
        let number: u64 = number.parse().map_err(|_| bad())?;
        match number.checked_mul(factor) {
            Some(bytes @ 1..) => plausible(text, bytes, &["mb", "gb"]).map(|()| Self(bytes)),
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
            Some(bytes) => plausible(text, bytes, &["Mi", "Gi"]).map(|()| Self(text.to_owned())),
            None => Err(BadAmount::Malformed {
                text: text.into(),
                what: "a quantity",
                expected: "a number and a unit of Kubernetes, such as `8Gi` or `512Mi`",
                meant: respelt(text),
            }),
        }
    }
}

/// The unit of Kubernetes for a unit of Redis, or for a unit in the wrong case.
fn respelt(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "k" | "kb" | "ki" | "kib" => "Ki",
        "m" | "mb" | "mi" | "mib" => "Mi",
        "g" | "gb" | "gi" | "gib" => "Gi",
        "t" | "tb" | "ti" | "tib" => "Ti",
        _ => return None,
    };
    let meant = format!("{number}{unit}");
    parse_quantity(&meant).is_some_and(|bytes| bytes >= LEAST_BYTES).then_some(meant)
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
        let bad = || BadAmount::Malformed {
            text: text.into(),
            what: "an amount of CPU",
            expected: "cores such as `2` or `0.5`, or millicores such as `500m`",
            meant: None,
        };
        let (number, unit) = text.strip_suffix('m').map_or((text, 1.0), |milli| (milli, 0.001));
        let plain = number.starts_with(|c: char| c.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_digit() || (b == b'.' && unit == 1.0))
            && !number.ends_with('.');
        // Kubernetes knows nothing finer than a millicore.
        let cores = number.parse::<f64>().ok().map(|number| number * unit).filter(|cores| plain && *cores >= 0.001);
        let cores = cores.ok_or_else(bad)?;
        if cores > MOST_CORES {
            let meant = if unit == 1.0 && !number.contains('.') { vec![format!("{number}m")] } else { Vec::new() };
            let why = format!(", and one Redis uses at most {MOST_CORES}");
            let amount = format!("{cores} CPU cores");
            return Err(match meant.is_empty() {
                true => BadAmount::Malformed {
                    text: text.to_owned(),
                    what: "an amount of CPU for one Redis",
                    expected: "at most 32 cores",
                    meant: None,
                },
                false => BadAmount::Implausible { text: text.to_owned(), amount, why, meant },
            });
        }
        Ok(Self(text.to_owned()))
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
            [("256mb", 256 << 20), ("1Gi", 1 << 30), ("1g", 1_000_000_000), ("2097152", 2 << 20), ("2GB", 2 << 30)]
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
        assert_eq!("1048576".parse::<Quantity>().map(|q| q.bytes()), Ok(1 << 20));
        for text in ["8gb", "Gi", "-1Gi", "1e3", ".5Gi", "0", "1.Gi"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
        assert!("500m".parse::<Cpu>().is_ok() && "0.5".parse::<Cpu>().is_ok());
        for text in ["", "m", "-1", "1e3", "0", "0m", "+5m", "1.", "0.5m", "0.0001"] {
            assert!(text.parse::<Cpu>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_forgotten_unit_is_asked_for() {
        fn refused<T: FromStr<Err = BadAmount> + fmt::Debug>(text: &str) -> String {
            text.parse::<T>().unwrap_err().to_string()
        }
        let empty = "less than an empty Redis uses: is the unit missing? Use";
        assert_eq!(refused::<Bytes>("10"), format!("`10` means 10 bytes, {empty} `10mb` or `10gb`"));
        assert_eq!(refused::<Bytes>("64k"), format!("`64k` means 64000 bytes, {empty} `64mb` or `64gb`"));
        assert_eq!(refused::<Quantity>("512"), format!("`512` means 512 bytes, {empty} `512Mi` or `512Gi`"));
        assert_eq!(refused::<Quantity>("1"), format!("`1` means 1 byte, {empty} `1Mi` or `1Gi`"));
        assert_eq!(
            refused::<Quantity>("900000"),
            "`900000` means 900000 bytes, less than an empty Redis uses: expected a number and a unit, such as `512Mi`"
        );
        assert_eq!(
            refused::<Cpu>("500"),
            "`500` means 500 CPU cores, and one Redis uses at most 32: is the unit missing? Use `500m`"
        );
        assert!(refused::<Cpu>("500000m").contains("expected at most 32 cores"));
        for (text, meant) in [("512m", "512Mi"), ("8gb", "8Gi"), ("1.5g", "1.5Gi")] {
            assert!(refused::<Quantity>(text).ends_with(&format!("Did you mean `{meant}`?")), "{text}");
        }
        for text in ["32", "250m", "0.25", "1000m"] {
            assert!(text.parse::<Cpu>().is_ok(), "{text}");
        }
    }
}
