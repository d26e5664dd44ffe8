//! Sums of quantities as Kubernetes writes them.

/// A sum of quantities in thousandths of the unit: of a core, or of a byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount(u128);

/// The suffixes of quantities, in thousandths. Source: kubernetes.io, Quantity.
const SUFFIXES: [(&str, u128); 12] = [
    ("m", 1),
    ("", 1000),
    ("k", 1_000_000),
    ("M", 1_000_000_000),
    ("G", 1_000_000_000_000),
    ("T", 1_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000),
    ("Ki", 1000 << 10),
    ("Mi", 1000 << 20),
    ("Gi", 1000 << 30),
    ("Ti", 1000 << 40),
    ("Pi", 1000 << 50),
];

impl Amount {
    /// Reads a quantity: `250m`, `1.5`, `8Gi`. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let factor = SUFFIXES.iter().find(|(name, _)| *name == suffix)?.1;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() > 15 || fraction.len() > 9 || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let digits = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u128>().ok() };
        let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
        let thousandths = digits(whole)?.checked_mul(factor)?.checked_add(digits(fraction)? * factor / scale)?;
        Some(Self(thousandths))
    }

    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(u128::from(count)))
    }

    /// The sum in cores: `750m`, `3`.
    pub fn cores(self) -> String {
        match self.0.is_multiple_of(1000) {
            true => (self.0 / 1000).to_string(),
            false => format!("{}m", self.0),
        }
    }

    /// The sum in the largest unit of bytes that divides it, or else in mebibytes with one digit: `24Gi`, `1.5Gi`.
    pub fn bytes(self) -> String {
        for (unit, size) in [("Ti", 1_u128 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] {
            // A short fraction is easier to read than a number of a smaller unit.
            let tenths = self.0 * 10 / 1000 / size;
            if self.0 >= 1000 * size && (self.0 * 10).is_multiple_of(1000 * size) {
                return match tenths.is_multiple_of(10) {
                    true => format!("{}{unit}", tenths / 10),
                    false => format!("{}.{}{unit}", tenths / 10, tenths % 10),
                };
            }
        }
        (self.0 / 1000).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_summed_in_the_largest_unit() {
        let amount = |text| Amount::parse(text).unwrap();
        assert_eq!(amount("250m").times(3).cores(), "750m");
        assert_eq!(amount("0.5").plus(amount("500m")).cores(), "1");
        assert_eq!(amount("8Gi").times(3).bytes(), "24Gi");
        assert_eq!(amount("512Mi").times(3).bytes(), "1.5Gi");
        assert_eq!(amount("192Mi").times(3).bytes(), "576Mi");
        assert_eq!(amount("1000").bytes(), "1000");
        assert_eq!(amount("1G").bytes(), "976562.5Ki");
        for text in ["", "Gi", "1x", "1.", "-1", "1e3", "9999999999999999"] {
            assert_eq!(Amount::parse(text).map(Amount::cores), (text == "1.").then(|| "1".to_owned()), "{text}");
        }
    }
}
