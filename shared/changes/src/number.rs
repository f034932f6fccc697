//! Numbers as DynamoDB keeps them: decimal, with all digits, and never by way of a floating-point type.

/// DynamoDB's limits of a number:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const DIGITS_MAX: usize = 38;
const EXPONENTS: std::ops::RangeInclusive<i64> = -130..=125;

/// What a number must be.
pub(crate) const EXPECTED: &str =
    "expected a number of at most 38 significant digits, from 1E-130 to 9.99E+125";

/// A number in JSON's notation, written out as DynamoDB gives it back; `None` if it is beyond range.
pub(crate) fn written_out(json: &str) -> Option<String> {
    let (sign, unsigned) = match json.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", json),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let leading = i64::try_from(all.len() - digits.len()).ok()?;
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    // How many digits stand before the point; negative: how many zeros after it.
    let point = i64::try_from(whole.len())
        .ok()?
        .checked_sub(leading)?
        .checked_add(exponent.parse().ok()?)?;
    if digits.len() > DIGITS_MAX || !EXPONENTS.contains(&(point - 1)) {
        return None;
    }
    let zeros = |count: usize| "0".repeat(count);
    Some(match usize::try_from(point) {
        Err(_) | Ok(0) => {
            let after = usize::try_from(point.unsigned_abs()).ok()?;
            format!("{sign}0.{}{digits}", zeros(after))
        }
        Ok(before) => match digits.split_at_checked(before) {
            Some((whole, "")) => format!("{sign}{whole}"),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{digits}{}", zeros(before - digits.len())),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept_and_no_exponent() {
        for (json, expected) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("0e99999999999999999999", "0"),
            ("7", "7"),
            ("-120", "-120"),
            ("2.50", "2.5"),
            ("2.0", "2"),
            ("0.005", "0.005"),
            ("1e3", "1000"),
            ("1.25E+1", "12.5"),
            ("-125e-2", "-1.25"),
            ("125e-5", "0.00125"),
            ("922337203685477.5807", "922337203685477.5807"),
            (
                "12345678901234567890123456789012345678",
                "12345678901234567890123456789012345678",
            ),
        ] {
            assert_eq!(written_out(json).as_deref(), Some(expected), "{json}");
        }
        assert_eq!(written_out("9.9e125").map(|text| text.len()), Some(126));
        assert_eq!(written_out("1e-130").map(|text| text.len()), Some(132));
    }

    #[test]
    fn what_dynamodb_cannot_hold_is_refused() {
        for json in [
            "123456789012345678901234567890123456789",
            "1e126",
            "-1e126",
            "1e-131",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
            "1e-9223372036854775808",
        ] {
            assert_eq!(written_out(json), None, "{json}");
        }
    }
}
