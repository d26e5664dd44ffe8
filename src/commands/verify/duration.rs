//! Durations of flags: `500ms`, `15s`, `2m`.

use std::{fmt, str::FromStr, time::Duration};

/// A duration as the user wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Duration);

/// The units with their milliseconds.
const UNITS: [(&str, u64); 3] = [("ms", 1), ("s", 1000), ("m", 60_000)];

/// The longest time, one day.
const MOST: u64 = 24 * 60 * 60 * 1000;

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let milliseconds = factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor));
        match milliseconds.filter(|milliseconds| *milliseconds <= MOST) {
            Some(milliseconds) => Ok(Self(Duration::from_millis(milliseconds))),
            None => Err("expected a time such as `500ms`, `15s` or `2m`, at most one day".to_owned()),
        }
    }
}

/// In the largest unit that divides it.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis() as u64;
        let (unit, factor) =
            UNITS.iter().rev().find(|(_, factor)| milliseconds.is_multiple_of(*factor)).unwrap_or(&UNITS[0]);
        write!(f, "{}{unit}", milliseconds / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        let read = |text: &str| text.parse::<Time>().map(|time| time.0);
        assert_eq!(read("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(read("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(read("0s"), Ok(Duration::ZERO));
        assert!(["", "5", "s", "1h", "-1s", "1.5s", "9999999999m"].iter().all(|text| read(text).is_err()));
        assert_eq!(Time(Duration::from_secs(90)).to_string(), "90s");
        assert_eq!("120s".parse::<Time>().unwrap().to_string(), "2m");
    }
}
