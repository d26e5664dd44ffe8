//! Durations of Sentinel, in milliseconds.

use std::{fmt, str::FromStr};

use super::{as_text::as_text, quantity::BadAmount};

/// A time in milliseconds, written as `10s`, `500ms`, `3m`, or as a number of milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milliseconds(pub u32);

/// The units with their milliseconds, largest first.
const UNITS: [(&str, u32); 3] = [("m", 60_000), ("s", 1000), ("ms", 1)];

/// The shortest plausible time: a Sentinel sends one PING per second. Source: `sentinel.c`, `SENTINEL_PING_PERIOD`.
/// A shorter time has a missing unit.
const LEAST: u32 = 1000;

/// The longest plausible time, one day: a longer time is in another unit.
const MOST: u32 = 24 * 60 * 60 * 1000;

impl FromStr for Milliseconds {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadAmount::Malformed {
            text: text.to_owned(),
            what: "a time",
            expected: "seconds such as `10s`, or milliseconds such as `10000`, at most one day",
            meant: None,
        };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = if unit.is_empty() { "ms" } else { unit };
        let factor = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?.1;
        let number: u32 = number.parse().map_err(|_| bad())?;
        match number.checked_mul(factor).filter(|milliseconds| *milliseconds <= MOST) {
            Some(milliseconds @ LEAST..) => Ok(Self(milliseconds)),
            Some(milliseconds) => Err(BadAmount::Implausible {
                text: text.to_owned(),
                amount: format!("{milliseconds} ms"),
                why: ", and a Sentinel sends one PING per second".to_owned(),
                meant: if number == 0 { vec!["1s".to_owned()] } else { vec![format!("{number}s")] },
            }),
            None => Err(bad()),
        }
    }
}

/// In the largest unit that divides it.
impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS.iter().find(|(_, factor)| self.0.is_multiple_of(*factor)).unwrap_or(&UNITS[2]);
        write!(f, "{}{unit}", self.0 / factor)
    }
}

as_text!("integer": Milliseconds "10s");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_or_are_milliseconds() {
        for (text, milliseconds) in
            [("10s", 10_000), ("10000", 10_000), ("1500ms", 1500), ("3m", 180_000), ("1000", 1000)]
        {
            assert_eq!(text.parse(), Ok(Milliseconds(milliseconds)), "{text}");
        }
        for text in ["", "s", "-1s", "1.5s", "10 s", "1h", "2000m", "99999999999"] {
            assert!(matches!(text.parse::<Milliseconds>(), Err(BadAmount::Malformed { .. })), "{text}");
        }
        for text in ["10s", "1500ms", "3m"] {
            assert_eq!(text.parse::<Milliseconds>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_time_without_its_unit_is_refused() {
        let refused = "10".parse::<Milliseconds>().unwrap_err().to_string();
        assert_eq!(
            refused,
            "`10` means 10 ms, and a Sentinel sends one PING per second: is the unit missing? Use `10s`"
        );
    }
}
