//! Error codes of Dataverse and Entra, in every form they arrive in.

use std::fmt;

/// The code an error answer carries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorCode {
    /// A Dataverse code, for example `0x80040220`.
    Dataverse(u32),
    /// An Entra code, for example `AADSTS7000215`.
    Entra(u32),
}

impl ErrorCode {
    /// Whether it says that a row does not exist, rather than what was to be done.
    pub(crate) fn is_of_a_row(self) -> bool {
        matches!(self, Self::Dataverse(0x8004_0217 | 0x8006_0891))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataverse(code) => write!(f, "0x{code:08x}"),
            Self::Entra(code) => write!(f, "AADSTS{code}"),
        }
    }
}

/// Reads a Dataverse code: hex with `0x`, or decimal as the SDKs print it (usually negative). The
/// Web API also sends empty codes, which say nothing.
pub(crate) fn dataverse_code(text: &str) -> Option<u32> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16).ok();
    }
    match text.parse::<i64>().ok()? {
        signed @ -0x8000_0000..0 => u32::try_from(signed + 0x1_0000_0000).ok(),
        unsigned => u32::try_from(unsigned).ok().filter(|code| *code != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_hex_as_decimal_and_as_nothing() {
        for text in ["0x80072322", "0X80072322", " -2147015902 ", "2147951394"] {
            assert_eq!(dataverse_code(text), Some(0x8007_2322), "{text}");
        }
        for text in [
            "",
            "0",
            "0x",
            "0x180072322",
            "none",
            "-2147483649",
            "4294967296",
        ] {
            assert_eq!(dataverse_code(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_shown_as_its_documentation_shows_it() {
        assert_eq!(ErrorCode::Dataverse(0x8004_0220).to_string(), "0x80040220");
        assert_eq!(ErrorCode::Entra(7_000_215).to_string(), "AADSTS7000215");
    }

    proptest::proptest! {
        #[test]
        fn every_code_is_read_back_in_every_form_and_no_text_makes_reading_one_panic(
            code in 1_u32..,
            text in ".{0,20}",
        ) {
            for form in [
                ErrorCode::Dataverse(code).to_string(),
                code.to_string(),
                (i64::from(code) - 0x1_0000_0000).to_string(),
            ] {
                let signed_enough = !form.starts_with('-') || code >= 0x8000_0000;
                proptest::prop_assert_eq!(dataverse_code(&form), signed_enough.then_some(code));
            }
            dataverse_code(&text);
        }
    }
}
