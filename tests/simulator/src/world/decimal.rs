//! Exact decimal numbers: money keeps its four decimals, trailing zeros included.
//!
//! Never in here: floating point.

use std::cmp::Ordering;
use std::fmt;

/// The most decimals a column or a literal may have.
const MAX_SCALE: u32 = 12;
/// The most digits before the point; with [`MAX_SCALE`] everything fits 128 bits.
const MAX_WHOLE_DIGITS: usize = 22;

/// `units` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    pub(crate) const fn new(units: i128, scale: u32) -> Self {
        Self { units, scale }
    }

    /// Reads plain decimal text, without an exponent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let scale = u32::try_from(fraction.len()).ok()?;
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > MAX_WHOLE_DIGITS
            || scale > MAX_SCALE
            || digits.ends_with('.')
            || !plain(whole)
            || !plain(fraction)
        {
            return None;
        }
        let units: i128 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self::new(if negative { -units } else { units }, scale))
    }

    /// The same number with exactly `scale` decimals, rounded half away from zero.
    pub(crate) fn at_scale(self, scale: u32) -> Self {
        let units = match scale.checked_sub(self.scale) {
            Some(more) => self.units.saturating_mul(power(more)),
            None => {
                let divisor = power(self.scale.saturating_sub(scale));
                let half = (divisor / 2).saturating_mul(self.units.signum());
                self.units.saturating_add(half) / divisor.max(1)
            }
        };
        Self::new(units, scale)
    }
}

fn power(exponent: u32) -> i128 {
    10_i128.saturating_pow(exponent)
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let divisor = power(self.scale).unsigned_abs().max(1);
        let absolute = self.units.unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        write!(formatter, "{sign}{}", absolute / divisor)?;
        if self.scale == 0 {
            return Ok(());
        }
        let width = usize::try_from(self.scale).unwrap_or(0);
        write!(formatter, ".{:0width$}", absolute % divisor)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let aligned = |number: &Self| {
            number
                .units
                .saturating_mul(power(scale.saturating_sub(number.scale)))
        };
        aligned(self).cmp(&aligned(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_trailing_zeros() {
        for text in ["1500.0000", "-0.0500", "0", "922337203685477.5807"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_column_rounds_to_its_precision() {
        let at = |text, scale| Decimal::parse(text).unwrap().at_scale(scale).to_string();
        assert_eq!(at("1500", 4), "1500.0000");
        assert_eq!(at("0.00005", 4), "0.0001");
        assert_eq!(at("-0.00005", 4), "-0.0001");
        assert_eq!(at("1.23449", 4), "1.2345");
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in ["", "-", "1.", ".5", "1e3", "--1", "1.2.3", "0x1", "NaN"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_compare_by_value_whatever_their_scale() {
        assert_eq!(Decimal::parse("1.50"), Decimal::parse("1.5"));
        assert!(Decimal::parse("-2") < Decimal::parse("-1.9999"));
    }
}
